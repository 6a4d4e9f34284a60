"""``briefbench submit``: from a prediction file to a place on the board, and nothing half-written on the way."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from briefbench.commands import main
from briefbench.dataset.release import build, write
from briefbench.evaluation.submissions import TEMPLATE
from tests_support import SmallProject

FILLED = (
    TEMPLATE.replace('description = ""', 'description = "a drawer of rules"')
    .replace('training_data = ""', 'training_data = "nothing"')
    .replace('test_set_seen = ""', 'test_set_seen = "no"')
    .replace('contact = ""', 'contact = "Ada, ada@example.org"')
)

Refused = Callable[..., str]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project with its release and two stored baselines."""
    project = SmallProject.write(tmp_path_factory.mktemp("submit") / "project")
    write(build(project.annotation, min_test_class=1), project.root / "dataset")
    assert main(["baseline", "run", "majority", "tfidf-lr", "--root", str(project.root)]) == 0
    return project.root


@pytest.fixture
def project(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """A copy of it, as the current folder, with predictions of a system of one's own."""
    shutil.copytree(template, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    capsys.readouterr()
    shutil.copy("baselines/predictions/tfidf-lr.parquet", "mine.parquet")
    return tmp_path / "project"


def test_a_submission_is_prepared_described_checked_and_put_on_the_board(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project / "leaderboard" / "submissions" / "mine"
    assert main(["submit", "prepare", "mine", "mine.parquet"]) == 0
    assert "next: fill in" in capsys.readouterr().out
    (folder / "system.toml").write_text(FILLED)
    assert main(["submit", "check", "mine"]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if " mine " in line]
    assert row.rstrip().endswith("same labels as tfidf-lr")
    assert {path.name for path in folder.iterdir()} == {"predictions.parquet", "system.toml", "result.json"}
    assert main(["leaderboard"]) == 0
    page = (project / "leaderboard" / "README.md").read_text()
    assert "| `mine` | submission |" in page
    assert "| `mine` | a drawer of rules |  | nothing | no | Ada, ada@example.org |" in page
    assert main(["verify", str(folder / "result.json")]) == 0


def test_all_submissions_are_checked_when_none_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("mine", "yours"):
        assert main(["submit", "prepare", name, "mine.parquet"]) == 0
        (project / "leaderboard" / "submissions" / name / "system.toml").write_text(FILLED)
    capsys.readouterr()
    assert main(["submit", "check"]) == 0
    out = capsys.readouterr().out
    assert " mine " in out
    assert " yours " in out


def test_checking_again_writes_the_same_bytes(project: Path) -> None:
    folder = project / "leaderboard" / "submissions" / "mine"
    main(["submit", "prepare", "mine", "mine.parquet"])
    (folder / "system.toml").write_text(FILLED)
    main(["submit", "check", "mine"])
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    main(["submit", "check", "mine"])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("name", ["../../x", "/x", "A", ""])
def test_no_name_leads_out_of_the_folder(project: Path, refused: Refused, name: str) -> None:
    for arguments in (["prepare", name, "mine.parquet"], ["check", name]):
        assert "a name has 1 to 40 of a-z, 0-9 and -" in refused("submit", *arguments)
    assert not (project / "leaderboard").exists()


def test_a_baselines_name_is_taken(project: Path, refused: Refused) -> None:
    assert "submission majority: a baseline has this name" in refused("submit", "prepare", "majority", "mine.parquet")


def test_an_unfilled_description_is_refused_and_nothing_is_written(
    project: Path, refused: Refused, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project / "leaderboard" / "submissions" / "mine"
    main(["submit", "prepare", "mine", "mine.parquet"])
    capsys.readouterr()
    assert "description is empty; fill it in" in refused("submit", "check", "mine")
    assert {path.name for path in folder.iterdir()} == {"predictions.parquet", "system.toml"}


def test_bad_predictions_make_no_folder(project: Path, refused: Refused) -> None:
    (project / "bad.csv").write_text("bullet_id,topic\nx,combat\n")
    assert "bullet_id 'x' is not in weeks/test" in refused("submit", "prepare", "mine", "bad.csv")
    assert not (project / "leaderboard").exists()


def test_a_submission_that_is_not_there_is_refused(project: Path, refused: Refused) -> None:
    assert "begin with briefbench submit prepare mine FILE" in refused("submit", "check", "mine")


def test_an_unscored_submission_keeps_the_board_from_being_rendered(
    project: Path, refused: Refused, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["submit", "prepare", "mine", "mine.parquet"])
    (project / "leaderboard" / "submissions" / "mine" / "system.toml").write_text(FILLED)
    capsys.readouterr()
    message = refused("leaderboard")
    assert "submission mine: not scored yet; run briefbench submit check mine" in message
    assert not (project / "leaderboard" / "README.md").exists()
