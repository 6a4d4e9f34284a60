"""``briefbench verify``: what was printed or stored is recomputed, and a changed field is named."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from briefbench.commands import main
from tests_support import ROOT

BASELINES = ROOT / "baselines"
STORED = BASELINES / "predictions" / "tfidf-lr.parquet"

Refused = Callable[..., str]


def test_stored_baselines_verify_from_the_files_beside_them(capsys: pytest.CaptureFixture[str]) -> None:
    paths = sorted((BASELINES / "results").iterdir())
    assert main(["verify", *map(str, paths)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [str(path) for path in paths]
    assert all("recomputed, every field is the same (topic 0." in line for line in lines)


@pytest.mark.parametrize(
    "options",
    [
        ["--by", "votes", "--by", "2024-01-01"],
        ["--task", "stance"],
        ["--interval", "percentile", "--resamples", "50", "--seed", "3"],
        ["--split", "weeks/test"],
    ],
    ids=" ".join,
)
def test_what_evaluate_prints_verifies_with_all_its_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    assert main(["evaluate", str(STORED), "--json", *options]) == 0
    result = tmp_path / "result.json"
    result.write_text(capsys.readouterr().out)
    assert main(["verify", str(result), "--predictions", str(STORED)]) == 0
    shutil.copy(STORED, tmp_path / "predictions.parquet")
    assert main(["verify", str(result)]) == 0


def test_a_changed_figure_is_named_with_both_values(refused: Refused, tmp_path: Path) -> None:
    result = json.loads((BASELINES / "results" / "tfidf-lr.json").read_text())
    value = result["evaluation"]["tasks"][0]["macro_f1"]["value"]
    result["evaluation"]["tasks"][0]["macro_f1"]["value"] = 0.99
    (tmp_path / "tfidf-lr.json").write_text(json.dumps(result))
    message = refused("verify", tmp_path / "tfidf-lr.json", "--predictions", STORED)
    assert f"scores: tasks[0].macro_f1.value: stored 0.99, recomputed {value}" in message


def test_other_predictions_are_refused(refused: Refused) -> None:
    other = BASELINES / "predictions" / "tfidf-svm.parquet"
    message = refused("verify", BASELINES / "results" / "tfidf-lr.json", "--predictions", other)
    assert "tfidf-svm.parquet scores: predictions: stored " in message


def test_what_cannot_be_verified_is_refused_with_what_to_do(refused: Refused, tmp_path: Path) -> None:
    result = BASELINES / "results" / "tfidf-lr.json"
    lone = tmp_path / "lone.json"
    shutil.copy(result, lone)
    assert "lone.json: no predictions beside it; name them with --predictions FILE" in refused("verify", lone)
    assert "--predictions belongs to one result" in refused("verify", result, result, "--predictions", STORED)
    assert "nowhere.json: no such file" in refused("verify", "nowhere.json")
    lone.write_text("{}")
    assert "lone.json: not a result of briefbench evaluate --json" in refused("verify", lone)
