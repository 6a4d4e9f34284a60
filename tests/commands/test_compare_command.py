"""``briefbench compare``: the table and the JSON say the same, and the bullets in question can be read."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from briefbench.commands import main
from briefbench.evaluation.comparison import compare
from briefbench.evaluation.predictions import read_predictions, write_predictions
from briefbench.evaluation.reference import read_reference
from tests_support import ROOT

STORED = ROOT / "baselines" / "predictions"
LR, SVM, FLOOR = (STORED / f"{name}.parquet" for name in ("tfidf-lr", "tfidf-svm", "majority"))

Refused = Callable[..., str]


def test_the_table_shows_every_pair_and_score_and_the_signatures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(LR), str(SVM), str(FLOOR)]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    reference = read_reference()
    found = compare({path.stem: read_predictions(path, reference) for path in (LR, SVM, FLOOR)}, reference)
    assert len(found) == 3 * 4
    lines = [line.split() for line in captured.out.splitlines()]
    for one in found:
        (row,) = [line for line in lines if line[:3] == [one.first, one.second, one.task]]
        assert row[3] == f"{one.value:+.3f}"
        assert row[7:10] == [f"{one.bootstrap_p:.4f}", f"{one.p_value:.4f}", f"{one.holm_p:.4f}"]
        assert row[10:] == [str(one.differ), str(one.first_only), ":", str(one.second_only), f"{one.effect:+.3f}"]
        assert [one.signature] in lines


def test_json_is_every_difference_unrounded(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(LR), str(SVM), "--task", "mean", "--resamples", "100", "--seed", "7", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    reference = read_reference()
    systems = {path.stem: read_predictions(path, reference) for path in (LR, SVM)}
    (again,) = compare(systems, reference, scores=["mean"], resamples=100, seed=7)
    assert (found["first"], found["value"], found["holm_p"]) == (again.first, again.value, again.holm_p)
    assert found["signature"].endswith("|ci:bca,cluster_week,100,seed7")


def test_the_bullets_on_which_they_differ_can_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "out" / "differ.jsonl"
    assert main(["compare", str(LR), str(SVM), "--bullets", str(target)]) == 0
    rows = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert f"{len(rows)} differing labels written to {target}" in capsys.readouterr().out
    reference = read_reference()
    row_of = {identifier: row for row, identifier in enumerate(reference.bullet_ids)}
    for row in rows:
        assert row["predicted"]["tfidf-lr"] != row["predicted"]["tfidf-svm"]
        assert row["text"] == reference.texts[row_of[row["bullet_id"]]]
    systems = [read_predictions(path, reference) for path in (LR, SVM)]
    assert len(rows) == sum(int((systems[0].labels[t] != systems[1].labels[t]).sum()) for t in systems[0].labels)


def test_files_of_one_name_are_told_apart_by_their_paths(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [tmp_path / name / "p.parquet" for name in ("one", "two")]
    for path, source in zip(paths, (LR, SVM), strict=True):
        path.parent.mkdir()
        path.write_bytes(source.read_bytes())
    assert main(["compare", *map(str, paths), "--task", "topic"]) == 0
    out = capsys.readouterr().out
    assert all(str(path) in out for path in paths)


def test_what_cannot_be_compared_is_refused(refused: Refused, tmp_path: Path) -> None:
    reference = read_reference()
    only = {name: tmp_path / f"{name}.parquet" for name in ("topic", "stance")}
    for name, path in only.items():
        path.write_bytes(write_predictions(reference.bullet_ids, {name: reference.labels[name]}))
    needs = "a comparison needs two systems or more that predict the same task"
    assert needs in refused("compare", LR)
    assert needs in refused("compare", *only.values())
    assert needs in refused("compare", only["topic"], LR, "--task", "mean")
    assert "names the same file twice" in refused("compare", LR, LR)
    assert "nowhere.csv: no such file" in refused("compare", LR, "nowhere.csv")
    assert "cannot be written" in refused("compare", LR, SVM, "--bullets", tmp_path)
