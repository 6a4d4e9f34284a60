"""Inspect, the real package: what it reports is what `briefbench evaluate` says of the predictions made of its log."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import briefbench
from briefbench.evaluation.predictions import read_predictions
from briefbench.evaluation.reference import read_reference
from briefbench.schema import TASKS
from harness.scripted_model import expected


@pytest.fixture(scope="module")
def folder(runs: Mapping[str, Any]) -> Path:
    """What the run with the scripted model wrote."""
    done: Path = runs["inspect"].finished()
    return done


@pytest.fixture(scope="module")
def report(folder: Path) -> dict[str, Any]:
    """The logged metrics by task, and how making predictions went."""
    found: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return found


def test_the_reported_macro_f1_is_that_of_the_written_predictions(folder: Path, report: dict[str, Any]) -> None:
    evaluation = briefbench.evaluate(folder / "predictions.parquet", resamples=20)
    for task in TASKS:
        reported, ours = report["metrics"][f"briefbench_{task.name}"], evaluation.task(task.name)
        assert reported["macro_f1"] == pytest.approx(ours.macro_f1.value, abs=1e-12)
        assert reported["accuracy"] == pytest.approx(ours.accuracy.value, abs=1e-12)
        assert 0.3 < ours.macro_f1.value < 0.7


def test_every_answer_is_read_as_what_the_model_meant_and_every_other_one_is_wrong_and_counted(
    folder: Path, report: dict[str, Any]
) -> None:
    reference = read_reference()
    codes = read_predictions(folder / "predictions.parquet", reference).labels
    assert report["whole"]["status"] == 0
    for task in TASKS:
        meant = [expected(task, text) for text in reference.texts]
        for label, code, gold in zip(meant, codes[task.name], reference.labels[task.name], strict=True):
            assert code == (task.codes[label] if label is not None else (gold + 1) % len(task))
        missed = meant.count(None)
        assert report["metrics"][f"briefbench_{task.name}"]["unparsable"] == missed
        assert f"{task.name}: 964 answers; {missed} name no label and count as wrong\n" in report["whole"]["out"]


def test_a_limited_run_is_no_prediction_file(folder: Path, report: dict[str, Any]) -> None:
    assert report["limited"]["status"] == 1
    assert "959 of 964 bullets have no answer to topic" in report["limited"]["err"]
    assert report["limited"]["err"].count("\n") == 1
    assert not (folder / "limited.parquet").exists()
