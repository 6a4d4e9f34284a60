"""``briefbench baseline list | run``: what is run, what is stored, and what is left alone when it fails."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from briefbench.baselines.extras import available
from briefbench.baselines.registry import BASELINES
from briefbench.commands import main
from briefbench.dataset.release import build, write
from briefbench.evaluation.systems import read_result

Refused = Callable[..., str]


@pytest.fixture
def project(released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a small released project, as the current folder."""
    shutil.copytree(released, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def stored(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_every_baseline_is_listed_with_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["baseline", "list"]) == 0
    rows = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    for baseline in BASELINES:
        assert f"{baseline.name} {baseline.kind} {baseline.description}" in rows


def test_all_runs_every_baseline_that_can_be_fitted_into_the_folder_that_was_named(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["baseline", "run", "all", "--protocol", "weeks", "--out", str(tmp_path / "out")]) == 0
    assert stored(tmp_path / "out") == {
        *(f"predictions/{one.name}.parquet" for one in BASELINES if available(one)),
        *(f"results/{one.name}.json" for one in BASELINES if available(one)),
        "models/light.safetensors",
    }
    assert not (project / "baselines").exists()
    captured = capsys.readouterr()
    assert captured.err.count("left out: ") == captured.err.count("\n") == sum(not available(one) for one in BASELINES)
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
    assert main(["baseline", "run", "majority", "--protocol", "weeks", "--root", str(project)]) == 0
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


def test_every_protocol_that_the_release_has_is_run_into_a_folder_of_its_own(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["baseline", "run", "majority"]) == 0
    names = ("predictions/majority.parquet", "results/majority.json")
    folders = {"weeks": "", "chronological": "chronological/", "publishers": "publishers/"}
    assert stored(project / "baselines") == {f"{folder}{name}" for folder in folders.values() for name in names}
    out = capsys.readouterr().out
    for protocol, folder in folders.items():
        result = read_result(project / "baselines" / folder / "results" / "majority.json")
        assert result.evaluation.split == f"{protocol}/test"
        assert f"macro-F1 on {protocol}/test" in out
    named = ("--protocol", "publishers", "--protocol", "weeks")
    assert main(["baseline", "run", "section", *named]) == 0
    assert not (project / "baselines" / "chronological" / "results" / "section.json").exists()
    assert (project / "baselines" / "publishers" / "results" / "section.json").is_file()


def test_a_protocol_that_the_release_lacks_is_left_out_with_a_line_unless_it_is_asked_for(
    project: Path, capsys: pytest.CaptureFixture[str], refused: Refused
) -> None:
    write(build(project / "annotation", min_test_class=1, protocols=("weeks", "publishers")), project / "dataset")
    assert main(["baseline", "run", "majority"]) == 0
    out = capsys.readouterr().out
    assert out.count("left out: ") == 1
    assert "this release was built without the protocol chronological" in out
    assert {path.name for path in (project / "baselines").iterdir()} == {"predictions", "results", "publishers"}
    assert "built without the protocol chronological" in refused(
        "baseline", "run", "majority", "--protocol", "chronological"
    )


def test_a_seed_that_the_baseline_lacks_is_refused_before_anything_is_fitted(project: Path, refused: Refused) -> None:
    assert "no seed 1: on weeks baseline majority has seed 0 alone" in refused(
        "baseline", "run", "majority", "--seed", "1"
    )
    assert not (project / "baselines").exists()
    assert main(["baseline", "run", "majority", "--seed", "0", "--protocol", "weeks"]) == 0


@pytest.fixture
def without_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    """A floor, and two baselines that need packages which are not installed."""
    few = tuple(one for one in BASELINES if one.name in ("majority", "static-lr", "setfit"))
    monkeypatch.setattr("briefbench.baselines.registry.BASELINES", few)
    extras = {"embeddings": ("no_such_vectors",), "encoder": ("no_such_torch", "pathlib")}
    monkeypatch.setattr("briefbench.baselines.extras.EXTRAS", extras)


def test_all_leaves_out_what_cannot_be_fitted_here_and_says_so_with_the_extra_that_is_missing(
    project: Path, without_extras: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["baseline", "run", "all", "--protocol", "weeks"]) == 0
    assert stored(project / "baselines") == {"predictions/majority.parquet", "results/majority.json"}
    assert capsys.readouterr().err.splitlines() == [
        "left out: what baseline static-lr needs (no_such_vectors) is not installed; "
        "run pip install 'briefbench[embeddings]'",
        "left out: what baseline setfit needs (no_such_torch) is not installed; run pip install 'briefbench[encoder]'",
    ]


def test_a_baseline_that_cannot_be_fitted_here_stops_all_that_were_named(
    project: Path, without_extras: None, refused: Refused
) -> None:
    assert "what baseline setfit needs (no_such_torch) is not installed; run pip install 'briefbench[encoder]'" in (
        refused("baseline", "run", "majority", "setfit")
    )
    assert not (project / "baselines").exists()
