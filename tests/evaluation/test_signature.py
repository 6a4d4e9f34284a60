"""The signature: its form is what people paste into papers, so it never changes by accident."""

from typing import Any

import pytest

from briefbench import __version__
from briefbench.evaluation.signature import Signature

PARTS: dict[str, Any] = {
    "data": "0123456789abcdef" * 4,
    "split": "weeks/test",
    "task": "stance",
    "metric": "macro_f1",
    "labels": 4,
    "resampling": "cluster_week",
    "resamples": 10_000,
    "seed": 12345,
}


def signature(**changes: Any) -> str:
    return str(Signature(**{**PARTS, **changes}))


def test_the_printed_form_is_the_documented_one() -> None:
    assert signature(version="0.1") == (
        "briefbench:0.1|data:0123456789ab|split:weeks/test|task:stance|metric:macro_f1"
        "|labels:4|ci:cluster_week,10000,seed12345"
    )


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
        ("resampling", "bullet"),
        ("resamples", 9_999),
        ("seed", 1),
        ("version", "9.9"),
    ],
)
def test_whatever_changes_a_score_changes_its_signature(field: str, value: object) -> None:
    assert signature(**{field: value}) != signature()
