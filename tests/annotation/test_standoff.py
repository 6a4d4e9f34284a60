"""Votes on an article that is not ours: rows that do not fit the article one to one are refused, not shifted."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from briefbench.annotation.standoff import COLUMNS, article_of, blanks, read_agreed
from briefbench.dataset.records import Bullet, bullet_id
from briefbench.errors import InputError, RecordError
from tests_support import csv_text

TEXTS = (("Key", "A tug reached the lock, the pilot said."), ("Key", "Rain fell."), ("Other", "A choir sang in Lviv."))
BULLETS = [
    Bullet(id=bullet_id(None, text), date=None, section=section, text=text, provenance="standoff", position=i)
    for i, (section, text) in enumerate(TEXTS, start=1)
]
ROWS = [
    ["paper", "1", "Key", "economy", "neutral", "private_party", "", "29", "38", "1", "2026-01-02"],
    ["paper", "2", "Key", "humanitarian", "neutral", "unattributed", "", "", "", "1", "2026-01-02"],
    ["paper", "3", "Other", "society", "pro_ukraine", "unattributed", "", "", "", "1", "2026-01-02"],
]
Rows = Sequence[Sequence[str]]
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(rows: Rows, name: str = "P1", header: Sequence[str] = COLUMNS) -> Path:
        (tmp_path / f"{name}.csv").write_text(csv_text(header, rows), encoding="utf-8")
        return tmp_path

    return write


def changed(row: int, column: int, value: str) -> list[list[str]]:
    return [[value if (i, j) == (row, column) else c for j, c in enumerate(cells)] for i, cells in enumerate(ROWS)]


def test_votes_agree_or_are_marked_as_different(write: Write) -> None:
    write(ROWS)
    folder = write(changed(2, 4, "neutral"), "P2")
    assert read_agreed(folder, BULLETS) == {
        "topic": ["economy", "humanitarian", "society"],
        "stance": ["neutral", "neutral", None],
        "source_type": ["private_party", "unattributed", "unattributed"],
    }


def test_one_annotator_alone_agrees_with_himself(write: Write) -> None:
    assert read_agreed(write(ROWS), BULLETS)["stance"] == ["neutral", "neutral", "pro_ukraine"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (changed(1, 1, "3"), "line 3: position '3'; expected 2"),
        (changed(0, 1, "01"), "line 2: position '01'; expected 1"),
        (changed(1, 1, ""), "line 3: position ''; expected 2"),
        (changed(2, 2, "Key"), "line 4: section 'Key', but the article's bullet 3 stands under 'Other'"),
        (changed(0, 3, "weather"), "line 2: unknown topic 'weather'"),
        (changed(0, 8, "40"), "line 2: span 29 to 40 does not lie in the text's 39 characters"),
        ([*ROWS, ["paper", "4", *ROWS[1][2:]]], "line 5: the article has only 3 bullets"),
        (ROWS[:2], "P1.csv: 2 votes for an article of 3 bullets"),
        ([], "P1.csv: 0 votes for an article of 3 bullets"),
        ([ROWS[0][:-1]], "line 2: 10 cells; expected 11"),
    ],
)
def test_rows_that_do_not_fit_the_article_are_refused(write: Write, rows: Rows, said: str) -> None:
    with pytest.raises(RecordError, match=said) as caught:
        read_agreed(write(rows), BULLETS)
    assert "P1.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_plain_vote_files_are_not_mistaken_for_standoff_ones(write: Write) -> None:
    with pytest.raises(RecordError, match=r"P1\.csv, line 1: the columns are bullet_id"):
        read_agreed(write([], header=("bullet_id", *COLUMNS[3:])), BULLETS)


def test_a_folder_without_votes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no vote file"):
        read_agreed(tmp_path, BULLETS)
    with pytest.raises(InputError, match="no vote file"):
        read_agreed(tmp_path / "absent", BULLETS)


def test_votes_are_read_without_the_text_and_still_checked_against_each_other(write: Write) -> None:
    write(ROWS)
    folder = write(changed(2, 4, "neutral"), "P2")
    assert read_agreed(folder, blanks(folder)) == read_agreed(folder, BULLETS)
    assert not any(bullet.text.strip() for bullet in blanks(folder))
    write(changed(2, 2, "Key"), "P2")
    with pytest.raises(RecordError, match=r"P2\.csv, line 4: section 'Key'"):
        read_agreed(folder, blanks(folder))


def test_the_article_has_the_name_that_all_votes_give_it(write: Write) -> None:
    write(ROWS)
    assert article_of(write(ROWS, "P2")) == "paper"
    with pytest.raises(RecordError, match="the votes are on 2 articles"):
        article_of(write(changed(1, 0, "gazette"), "P2"))
    write([], "P2")
    with pytest.raises(RecordError, match="the votes are on 0 articles"):
        article_of(write([]))


@pytest.mark.parametrize("name", ["..", "../paper", "/paper", "a/b", "", "a b", "a\n", "ü", "-a", "a" * 101])
def test_a_name_that_could_lead_out_of_its_folder_is_refused(write: Write, name: str) -> None:
    with pytest.raises(RecordError, match=r"P1\.csv: article .*; name it with letters"):
        article_of(write([[name, *row[1:]] for row in ROWS]))


def test_the_committed_standoff_votes_hold_no_text() -> None:
    from tests_support import ROOT

    for path in (ROOT / "annotation" / "standoff").glob("*.csv"):
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        assert header.split(",") == list(COLUMNS)
        assert max(len(line) for line in lines) < 250
