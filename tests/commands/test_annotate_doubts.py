"""``briefbench annotate doubts``: the files it writes, and what it refuses."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from briefbench.annotation.quality.doubts import read_doubts
from briefbench.annotation.quality.page import render_page
from briefbench.annotation.quality.reading import read_reading
from briefbench.commands import main
from tests_support import SmallProject

Refused = Callable[..., str]


def spoil(project: SmallProject) -> str:
    """Let both annotators take the topic of one bullet for another, and return the bullet."""
    bullet = next(one for one in project.bullets if one.text.startswith("Infantry"))
    for name in ("P1", "P2"):
        path = project.annotation / "votes" / f"{name}.csv"
        path.write_text(path.read_text().replace(f"{bullet.id},combat", f"{bullet.id},society"), encoding="utf-8")
    return bullet.id


def test_doubts_the_page_and_a_sheet_to_be_read_are_written(
    in_small_project: SmallProject, capsys: pytest.CaptureFixture[str]
) -> None:
    spoilt, folder = spoil(in_small_project), in_small_project.annotation
    assert main(["annotate", "doubts", "--folds", "3", "--draw", "2"]) == 0
    doubts, sheet = read_doubts(folder / "doubts.csv"), read_reading(folder / "quality" / "reading.csv")
    assert [(one.bullet_id, one.given, one.suggested) for one in doubts if one.task == "topic"][:1] == [
        (spoilt, "society", "combat")
    ]
    assert {one.model for one in doubts} == {"tfidf-lr, 3 folds"}
    assert spoilt in {one.bullet_id for one in sheet}
    page = folder / "quality" / "README.md"
    assert page.read_text(encoding="utf-8") == render_page(doubts, [])
    out, err = capsys.readouterr()
    assert "topic" in out
    assert "annotate adjudicate NAME --doubts N" in out
    assert err == ""
    before = (folder / "doubts.csv").read_bytes()
    text = (folder / "quality" / "reading.csv").read_text(encoding="utf-8")
    (folder / "quality" / "reading.csv").write_text(
        text.replace("society,combat,,,,", "society,combat,error,combat,infantry fights,human"), encoding="utf-8"
    )
    assert main(["annotate", "doubts", "--page"]) == 0
    assert (folder / "doubts.csv").read_bytes() == before
    assert "The reader is a person." in page.read_text(encoding="utf-8")


def test_a_reading_is_never_overwritten(in_small_project: SmallProject, refused: Refused) -> None:
    sheet = in_small_project.annotation / "quality" / "reading.csv"
    sheet.parent.mkdir()
    sheet.write_text("mine", encoding="utf-8")
    assert "there is a reading already" in refused("annotate", "doubts", "--draw", "2")
    assert sheet.read_text(encoding="utf-8") == "mine"
    assert not (in_small_project.annotation / "doubts.csv").exists()


def test_what_cannot_doubt_is_refused_and_nothing_is_written(in_small_project: SmallProject, refused: Refused) -> None:
    assert "no baseline 'nobody'" in refused("annotate", "doubts", "--model", "nobody")
    assert "'month' does not read the text" in refused("annotate", "doubts", "--model", "month")
    assert "gives no probabilities" in refused("annotate", "doubts", "--model", "tfidf-svm", "--folds", "3")
    assert "30 folds need 30 weeks" in refused("annotate", "doubts", "--folds", "30")
    assert "doubts.csv: no such file" in refused("annotate", "doubts", "--page")
    assert not (in_small_project.annotation / "doubts.csv").exists()
    assert not (in_small_project.annotation / "quality").exists()


def test_without_cleanlab_the_extra_is_named(
    in_small_project: SmallProject, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    del in_small_project
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "cleanlab" else found(name))
    assert "cleanlab is not installed; run pip install 'briefbench[quality]'" in refused("annotate", "doubts")


def test_doubts_go_to_a_person_and_must_have_been_found(in_small_project: SmallProject, refused: Refused) -> None:
    for other in (["--pull"], ["--by", "mace"]):
        assert "--doubts sends doubts to a person" in refused("annotate", "adjudicate", "J", "--doubts", "5", *other)
    assert not Path(in_small_project.root / ".label-studio").exists()
