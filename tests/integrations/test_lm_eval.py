"""lm-evaluation-harness, the real package: what it reports is what `briefbench evaluate` says of the predictions."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import briefbench
from briefbench.evaluation.predictions import read_predictions
from briefbench.evaluation.reference import read_reference
from briefbench.integrations.__main__ import main
from briefbench.schema import TASK_NAMES, TASKS
from harness.scripted_model import expected, likeliest

WAYS = {"likelihood": ("", likeliest), "generate": ("_generate", expected)}


def results(folder: Path) -> dict[str, dict[str, Any]]:
    (found,) = folder.rglob("results_*.json")
    whole: dict[str, dict[str, Any]] = json.loads(found.read_text(encoding="utf-8"))["results"]
    return whole


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def written(way: str, runs: Mapping[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, str]:
    """The predictions made of a scripted run, and what was printed meanwhile."""
    out = tmp_path / "predictions.parquet"
    assert main(["lm-eval", str(runs["lm-eval"].finished() / way), "--out", str(out)]) == 0
    return out, capsys.readouterr().out


def test_the_reported_macro_f1_is_that_of_the_written_predictions(
    way: str, runs: Mapping[str, Any], written: tuple[Path, str]
) -> None:
    reported, suffix = results(runs["lm-eval"].finished() / way), WAYS[way][0]
    evaluation = briefbench.evaluate(written[0], resamples=20)
    for task in TASK_NAMES:
        one, ours = reported[f"briefbench_{task}{suffix}"], evaluation.task(task)
        assert one["sample_len"] == 964
        assert one["macro_f1,none"] == pytest.approx(ours.macro_f1.value, abs=1e-12)
        assert one["accuracy,none"] == pytest.approx(ours.accuracy.value, abs=1e-12)
        assert 0.3 < ours.macro_f1.value < 0.7
    assert evaluation.headline is not None
    headline = reported[f"briefbench{suffix}"]["macro_f1,none"]
    assert headline == pytest.approx(evaluation.headline.value, abs=1e-12)


def test_every_answer_is_read_as_what_the_model_meant_and_every_other_one_is_wrong_and_counted(
    way: str, runs: Mapping[str, Any], written: tuple[Path, str]
) -> None:
    reported, (suffix, meaning) = results(runs["lm-eval"].finished() / way), WAYS[way]
    path, printed = written
    reference = read_reference()
    codes = read_predictions(path, reference).labels
    for task in TASKS:
        meant = [meaning(task, text) for text in reference.texts]
        for label, code, gold in zip(meant, codes[task.name], reference.labels[task.name], strict=True):
            assert code == (task.codes[label] if label is not None else (gold + 1) % len(task))
        missed = meant.count(None)
        assert reported[f"briefbench_{task.name}{suffix}"]["unparsable,none"] == missed
        assert f"{task.name}: 964 answers; {missed} name no label and count as wrong\n" in printed


@pytest.mark.parametrize("way", ["likelihood"], indirect=True)
def test_log_likelihoods_become_probabilities_where_every_bullet_has_them(written: tuple[Path, str]) -> None:
    reference = read_reference()
    read = read_predictions(written[0], reference)
    assert set(read.probabilities) == {"stance", "source_type"}
    for task, table in read.probabilities.items():
        np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-12)
        assert (table.argmax(axis=1) == read.labels[task]).all()
    assert briefbench.evaluate(written[0], task="stance", resamples=20).task("stance").brier is not None


def test_examples_come_from_train_and_a_limited_run_is_no_prediction_file(
    runs: Mapping[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = runs["lm-eval"].finished() / "fewshot"
    (samples,) = folder.rglob("samples_*.jsonl")
    train = {f"Bullet: {row['text']}\nStance:" for row in briefbench.load("stance", split="train")}
    for line in samples.read_text(encoding="utf-8").splitlines():
        prompt = json.loads(line)["arguments"]["gen_args_0"]["arg_0"]
        *examples, asked = prompt.split("\n\n")[-4:]
        assert {example.rpartition(" ")[0] for example in examples} <= train
        assert asked.endswith("\nStance:")
        assert asked not in train
    assert main(["lm-eval", str(folder), "--out", str(tmp_path / "p.parquet")]) == 1
    assert "960 of 964 bullets have no answer to stance" in capsys.readouterr().err
    assert not (tmp_path / "p.parquet").exists()


def test_the_documented_command_runs_all_six_tasks(
    runs: Mapping[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = runs["lm-eval command"].finished() / "dummy"
    reported = results(folder)
    files = [path for task in TASK_NAMES for path in folder.rglob(f"samples_briefbench_{task}_2*.jsonl")]
    assert main(["lm-eval", *map(str, files), "--out", str(tmp_path / "p.parquet")]) == 0
    evaluation = briefbench.evaluate(tmp_path / "p.parquet", resamples=20)
    for task in TASK_NAMES:
        value = evaluation.task(task).macro_f1.value
        assert reported[f"briefbench_{task}"]["macro_f1,none"] == pytest.approx(value, abs=1e-12)
        nothing = reported[f"briefbench_{task}_generate"]  # the dummy model writes the same word every time
        assert (nothing["macro_f1,none"], nothing["unparsable,none"]) == (0, 964)
    capsys.readouterr()
    assert main(["lm-eval", str(folder), "--out", str(tmp_path / "q.parquet")]) == 1
    assert "name one run" in capsys.readouterr().err
