"""``briefbench evaluate``: tables for people, JSON for programs, one line for what is refused."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import briefbench
from briefbench.commands import main
from briefbench.evaluation import Evaluation
from briefbench.evaluation.predictions import write_predictions
from briefbench.evaluation.reference import read_reference
from briefbench.schema import TASKS
from tests_support import ROOT

STORED = ROOT / "baselines" / "predictions" / "tfidf-lr.parquet"

Refused = Callable[..., str]


def test_the_tables_show_every_task_and_label_and_the_signatures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(STORED)]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    found = briefbench.evaluate(STORED)
    assert f"weeks/test: {found.bullets} bullets, {found.weeks} weeks" in captured.out
    assert "…" not in captured.out
    for task in TASKS:
        result = found.task(task.name)
        for score in result.scores:
            assert f"\n{score.signature}\n" in captured.out
            assert score.interval is not None
            low, high = f"{score.interval.low:.3f}", f"{score.interval.high:.3f}"
            row = [task.name, score.metric, f"{score.value:.3f}", low, "to", high]
            assert row in [line.split() for line in captured.out.splitlines()]
        for label in result.labels:
            expected = [f"{label.precision:.3f}", f"{label.recall:.3f}", f"{label.f1:.3f}", str(label.support)]
            assert [task.name, label.label, *expected] in [line.split() for line in captured.out.splitlines()]
    assert found.headline is not None
    assert f"\n{found.headline.signature}\n" in captured.out


def test_json_is_the_whole_result_unrounded(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(STORED), "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert {"split", "data", "bullets", "weeks", "predictions", "tasks", "headline"} <= set(json.loads(captured.out))
    assert msgspec.json.decode(captured.out, type=Evaluation) == briefbench.evaluate(STORED)


def test_one_task_can_be_scored_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(STORED), "--task", "stance", "--json"]) == 0
    found = msgspec.json.decode(capsys.readouterr().out, type=Evaluation)
    assert [result.task for result in found.tasks] == ["stance"]
    assert found.headline is None
    assert main(["evaluate", str(STORED), "--task", "stance"]) == 0
    assert "mean" not in capsys.readouterr().out


def test_another_split_is_scored_when_it_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reference = read_reference("publishers/validation")
    path = tmp_path / "p.parquet"
    path.write_bytes(write_predictions(reference.bullet_ids, dict(reference.labels)))
    assert main(["evaluate", str(path), "--split", "publishers/validation", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["split"] == "publishers/validation"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((STORED, "--split", "weeks/dev"), "no split 'weeks/dev'; write PROTOCOL/PART with weeks, chronological"),
        ((STORED, "--split", "weeks/train"), "row 1: bullet_id"),
        ((STORED, "--split", "\x1b[31m"), "no split '\\x1b[31m'"),
        ((STORED, "--dataset", "nowhere"), "nowhere: no release here"),
        (("nowhere.csv",), "nowhere.csv: no such file"),
        ((ROOT,), "unknown format; name the file *.parquet, *.jsonl, *.csv"),
    ],
)
def test_what_cannot_be_scored_is_refused_in_one_line(
    refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str | Path, ...], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for flags in ((), ("--json",)):
        assert words in refused("evaluate", *arguments, *flags)


def test_a_hostile_cell_cannot_write_to_the_terminal(refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text('{"bullet_id": "\\u001b]0;owned\\u0007\\n\\u2028", "topic": "combat"}\n')
    message = refused("evaluate", path)
    assert message.rstrip("\n").isprintable()
    assert "'\\x1b]0;owned\\x07\\n\\u2028'" in message


def test_a_task_that_the_file_lacks_is_refused(refused: Refused, tmp_path: Path) -> None:
    reference = read_reference()
    path = tmp_path / "p.parquet"
    path.write_bytes(write_predictions(reference.bullet_ids, {"topic": reference.labels["topic"]}))
    assert "no column for task 'stance'" in refused("evaluate", path, "--task", "stance")
