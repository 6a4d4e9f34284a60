"""``briefbench baseline list | run``: what is run, what is stored, and what is left alone when it fails."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from briefbench.baselines.registry import BASELINES, NAMES
from briefbench.commands import main
from briefbench.dataset.release import build, write
from briefbench.evaluation.systems import read_result
from tests_support import SmallProject

Refused = Callable[..., str]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project with its release, built once."""
    project = SmallProject.write(tmp_path_factory.mktemp("baseline") / "project")
    write(build(project.annotation, min_test_class=1), project.root / "dataset")
    return project.root


@pytest.fixture
def project(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, as the current folder."""
    shutil.copytree(template, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def stored(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_every_baseline_is_listed_with_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["baseline", "list"]) == 0
    rows = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    for baseline in BASELINES:
        assert f"{baseline.name} {baseline.kind} {baseline.description}" in rows


def test_all_runs_every_baseline_into_the_folder_that_was_named(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["baseline", "run", "all", "--out", str(tmp_path / "out")]) == 0
    assert stored(tmp_path / "out") == {
        *(f"predictions/{name}.parquet" for name in NAMES),
        *(f"results/{name}.json" for name in NAMES),
    }
    assert not (project / "baselines").exists()
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "macro-F1 on weeks/test" in captured.out
    (row,) = [line.split() for line in captured.out.splitlines() if line.split()[:1] == ["tfidf-lr"]]
    assert row == ["tfidf-lr", "0.250", "0.750", "0.273"]


def test_named_baselines_run_into_the_project_and_others_stay_as_they_are(project: Path) -> None:
    assert main(["baseline", "run", "majority"]) == 0
    before = (project / "baselines" / "results" / "majority.json").read_bytes()
    assert main(["baseline", "run", "stratified", "section"]) == 0
    assert {path.stem for path in (project / "baselines" / "results").iterdir()} == {
        "majority",
        "section",
        "stratified",
    }
    assert (project / "baselines" / "results" / "majority.json").read_bytes() == before


def test_a_stored_run_is_scored_on_the_projects_own_release(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["baseline", "run", "majority"]) == 0
    result = read_result(project / "baselines" / "results" / "majority.json")
    assert result.evaluation.bullets == 12
    capsys.readouterr()
    assert main(["evaluate", "baselines/predictions/majority.parquet", "--dataset", "dataset"]) == 0
    assert result.evaluation.task("topic").macro_f1.signature in capsys.readouterr().out


def test_root_leads_to_the_project(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["baseline", "run", "majority", "--root", str(project)]) == 0
    assert stored(project / "baselines") == {"predictions/majority.parquet", "results/majority.json"}


def test_a_wrong_name_among_right_ones_stops_all_before_anything_is_written(project: Path, refused: Refused) -> None:
    message = refused("baseline", "run", "majority", "bert")
    assert "no baseline 'bert'; the baselines are majority, stratified, section" in message
    assert not (project / "baselines").exists()


def test_a_project_without_a_release_is_told_to_build_one(project: Path, refused: Refused) -> None:
    shutil.rmtree(project / "dataset")
    assert "no release here (checksums.json is missing); run briefbench release build" in refused(
        "baseline", "run", "majority"
    )
    assert not (project / "baselines").exists()


def test_a_damaged_release_is_refused_before_anything_is_fitted(project: Path, refused: Refused) -> None:
    (project / "dataset" / "data" / "default" / "train.parquet").write_bytes(b"damaged")
    assert "train.parquet: its SHA-256 is" in refused("baseline", "run", "majority")
    assert not (project / "baselines").exists()


def test_a_target_that_is_a_file_is_refused_and_stays(project: Path, refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "note").write_text("mine")
    assert "cannot be written" in refused("baseline", "run", "majority", "--out", tmp_path / "note")
    assert (tmp_path / "note").read_text() == "mine"
