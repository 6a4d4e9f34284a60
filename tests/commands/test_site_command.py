"""``briefbench site``: two files from what a project has stored, and never over somebody else's page."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from briefbench.commands import main
from briefbench.dataset.release import build, write
from tests_support import SmallProject

Refused = Callable[..., str]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project with its release and two systems."""
    made = SmallProject.write(tmp_path_factory.mktemp("site") / "project")
    write(build(made.annotation, min_test_class=1), made.root / "dataset")
    for name in ("majority", "month"):
        assert main(["baseline", "run", name, "--root", str(made.root)]) == 0
    return made.root


def test_the_site_is_written_and_the_reader_is_told_how_to_open_it(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["site", "--root", str(project), "--out", str(tmp_path / "web")]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out.startswith(f"index.html and explorer.html written to {tmp_path / 'web'} (")
    assert captured.out.endswith(f"open {tmp_path / 'web' / 'index.html'} in a browser\n")
    assert {path.name for path in (tmp_path / "web").iterdir()} == {"index.html", "explorer.html"}
    assert b"The labels scored against come from people." in (tmp_path / "web" / "index.html").read_bytes()


def test_the_site_lies_in_the_project_unless_told_otherwise_and_replaces_an_older_one(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    assert main(["site"]) == 0
    before = {path.name: path.read_bytes() for path in (project / "site").iterdir()}
    assert main(["site"]) == 0
    assert before == {path.name: path.read_bytes() for path in (project / "site").iterdir()}


def test_a_page_of_somebody_else_is_never_overwritten(project: Path, tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "index.html").write_text("<h1>My garden</h1>")
    message = refused("site", "--root", project, "--out", tmp_path)
    assert "index.html: not written by briefbench site; remove it, or choose another --out" in message
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    assert (tmp_path / "index.html").read_text() == "<h1>My garden</h1>"


def test_a_file_is_no_place_for_a_site(project: Path, tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "notes").write_text("mine")
    assert "cannot be written" in refused("site", "--root", project, "--out", tmp_path / "notes")
    assert (tmp_path / "notes").read_text() == "mine"


def test_without_results_the_user_is_told_what_to_run(project: Path, tmp_path: Path, refused: Refused) -> None:
    shutil.copytree(project, tmp_path / "project", ignore=shutil.ignore_patterns("baselines"))
    message = refused("site", "--root", tmp_path / "project", "--out", tmp_path / "web")
    assert "no stored result; run briefbench baseline run all" in message
    assert not (tmp_path / "web").exists()
