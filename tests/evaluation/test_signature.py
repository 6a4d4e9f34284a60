"""The signature: its form is what people paste into papers, so it never changes by accident."""

from typing import Any

import numpy as np
import pytest

from briefbench import __version__
from briefbench.evaluation.bootstrap import Clusters
from briefbench.evaluation.signature import Signature, resampling

PARTS: dict[str, Any] = {
    "data": "0123456789abcdef" * 4,
    "split": "weeks/test",
    "task": "stance",
    "metric": "macro_f1",
    "labels": 4,
    "resampling": "bca,cluster_week,10000,seed12345",
}


def signature(**changes: Any) -> str:
    return str(Signature(**{**PARTS, **changes}))


def test_the_printed_form_is_the_documented_one() -> None:
    assert signature(version="0.1") == (
        "briefbench:0.1|data:0123456789ab|split:weeks/test|task:stance|metric:macro_f1"
        "|labels:4|ci:bca,cluster_week,10000,seed12345"
    )


def test_a_score_over_no_labels_names_none() -> None:
    found = signature(version="0.1", task="span", metric="token_f1", labels=0)
    assert found.endswith("|task:span|metric:token_f1|ci:bca,cluster_week,10000,seed12345")


def test_the_version_has_two_parts_so_that_a_bug_fix_keeps_scores_comparable() -> None:
    major, minor, *_ = __version__.split(".")
    assert signature().startswith(f"briefbench:{major}.{minor}|")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("data", "f" * 64),
        ("split", "weeks/train"),
        ("task", "topic"),
        ("metric", "accuracy"),
        ("labels", 5),
        ("resampling", "percentile,cluster_week,10000,seed12345"),
        ("version", "9.9"),
    ],
)
def test_whatever_changes_a_score_changes_its_signature(field: str, value: object) -> None:
    assert signature(**{field: value}) != signature()


def test_the_resampling_names_interval_draws_and_seed() -> None:
    codes = np.array([0, 1])
    assert resampling(Clusters(codes, 2)) == "bca,cluster_week,10000,seed12345"
    assert resampling(Clusters(codes, 2, 60, 7, "percentile")) == "percentile,cluster_week,60,seed7"
