"""``briefbench leaderboard``: only its own file and its own block change, and only when all is well."""

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from briefbench.commands import main
from briefbench.dataset.release import build, write
from briefbench.evaluation.leaderboard import read_board
from briefbench.evaluation.render import render_board, render_page
from briefbench.project import Project
from tests_support import SmallProject

README = (
    "# Mine\n\n<!-- leaderboard:begin (briefbench leaderboard) -->\nold\n<!-- leaderboard:end -->\n\nafter \\1 it\n"
)

Refused = Callable[..., str]
SYSTEMS = ("majority", "section", "publisher", "masked-lr", "rules", "tfidf-lr", "tfidf-svm")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project with its release and stored results, run once."""
    project = SmallProject.write(tmp_path_factory.mktemp("leaderboard") / "project")
    write(build(project.annotation, min_test_class=1), project.root / "dataset")
    assert main(["baseline", "run", *SYSTEMS, "--protocol", "weeks", "--root", str(project.root)]) == 0
    (project.root / "README.md").write_text(README)
    return project.root


@pytest.fixture
def project(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """A copy of it, as the current folder."""
    shutil.copytree(template, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    capsys.readouterr()
    return tmp_path / "project"


def spoil(path: Path, **changes: object) -> None:
    """Change fields of the evaluation in a stored result."""
    result = msgspec.json.decode(path.read_bytes())
    result["evaluation"].update(changes)
    path.write_bytes(msgspec.json.encode(result))


def untouched(project: Path) -> bool:
    return (project / "README.md").read_text() == README and not (project / "leaderboard").exists()


def test_the_page_and_the_readmes_block_are_rendered_and_nothing_around_it_changes(project: Path) -> None:
    assert main(["leaderboard"]) == 0
    board = read_board(Project(project))
    assert (project / "leaderboard" / "README.md").read_text() == render_page(board)
    begin, _, rest = README.partition("old")
    assert (project / "README.md").read_text() == f"{begin}{render_board(board)}{rest}"


def test_rendering_twice_changes_nothing_more(project: Path) -> None:
    main(["leaderboard"])
    before = (project / "README.md").read_bytes(), (project / "leaderboard" / "README.md").read_bytes()
    assert main(["leaderboard"]) == 0
    assert before == ((project / "README.md").read_bytes(), (project / "leaderboard" / "README.md").read_bytes())


def test_the_board_is_printed_from_best_to_worst_and_uncut(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["leaderboard"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "…" not in captured.out
    names = set(SYSTEMS)
    rows = [line.split() for line in captured.out.splitlines() if line.split()[1:2] and line.split()[1] in names]
    assert {row[1] for row in rows} == names
    assert [int(row[0]) for row in rows] == sorted(int(row[0]) for row in rows)
    assert [float(row[3]) for row in rows] == sorted((float(row[3]) for row in rows), reverse=True)


def test_a_project_without_a_readme_gets_its_page(project: Path) -> None:
    (project / "README.md").unlink()
    assert main(["leaderboard"]) == 0
    assert (project / "leaderboard" / "README.md").exists()
    assert not (project / "README.md").exists()


def test_root_leads_to_the_project(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["leaderboard", "--root", str(project)]) == 0
    assert (project / "leaderboard" / "README.md").exists()


def test_a_readme_that_asks_for_no_board_is_left_alone(project: Path) -> None:
    (project / "README.md").write_text("no markers\n")
    assert main(["leaderboard"]) == 0
    assert (project / "README.md").read_text() == "no markers\n"
    assert (project / "leaderboard" / "README.md").exists()


@pytest.mark.parametrize(
    "readme",
    [
        "<!-- leaderboard:begin -->\nno end\n",
        "<!-- leaderboard:end -->\n<!-- leaderboard:begin -->\n",
        README + README,
    ],
    ids=["no end", "wrong order", "twice"],
)
def test_a_readme_whose_markers_are_broken_is_refused_before_anything_is_written(
    project: Path, refused: Refused, readme: str
) -> None:
    (project / "README.md").write_text(readme)
    message = refused("leaderboard")
    assert "needs the lines <!-- leaderboard:begin --> and <!-- leaderboard:end --> exactly once" in message
    assert (project / "README.md").read_text() == readme
    assert not (project / "leaderboard").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"data": "f" * 64}, f": data: stored {'f' * 64}, recomputed "),
        ({"split": "weeks/validation"}, ": split: stored weeks/validation, recomputed weeks/test; run briefbench"),
        ({"headline": None}, ": headline: stored None, recomputed {'metric': 'macro_f1'"),
        (
            {"headline": {"metric": "macro_f1", "value": 1.7, "interval": {"low": 0, "high": 2}, "signature": "<b>"}},
            "result tfidf-lr: not what its predictions score on data ",
        ),
        ({"weeks": "many"}, "tfidf-lr.json: not a result"),
    ],
)
def test_results_that_cannot_be_compared_are_refused_before_anything_is_written(
    project: Path, refused: Refused, changes: dict[str, object], words: str
) -> None:
    spoil(project / "baselines" / "results" / "tfidf-lr.json", **changes)
    assert words in refused("leaderboard")
    assert untouched(project)


def test_without_results_the_user_is_told_to_run_the_baselines(project: Path, refused: Refused) -> None:
    shutil.rmtree(project / "baselines")
    assert "no stored result; run briefbench baseline run all" in refused("leaderboard")
    assert untouched(project)


def test_a_result_without_its_predictions_is_refused(project: Path, refused: Refused) -> None:
    (project / "baselines" / "predictions" / "tfidf-lr.parquet").unlink()
    assert "tfidf-lr.parquet: no such file" in refused("leaderboard")
    assert untouched(project)


def test_a_copied_result_is_not_a_second_system(project: Path, refused: Refused) -> None:
    results = project / "baselines" / "results"
    (results / "copy.json").write_bytes((results / "tfidf-lr.json").read_bytes())
    assert "copy.json: holds the result of another system" in refused("leaderboard")
    assert untouched(project)
