"""Reading column by column gives what the strict readers give: the same votes, or the same refusal."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from briefbench.annotation.reliability import columns
from briefbench.annotation.reliability.ballots import Ballots, Bullets, assemble, column_of
from briefbench.annotation.reliability.columns import read_ballots
from briefbench.annotation.votes import (
    VOTE_COLUMNS,
    read_adjudications,
    read_all_votes,
    read_annotators,
)
from briefbench.dataset.records import Bullet, bullet_id, encode_bullets, read_bullets
from briefbench.errors import BriefbenchError, GoldError, InputError, RecordError
from briefbench.schema import TASKS
from tests_support import ROOT, SmallProject, csv_text


def strictly(folder: Path) -> Ballots:
    """Read everything with the readers that the release uses."""
    bullets = read_bullets(folder / "bullets.jsonl")
    texts = {bullet.id: bullet.text for bullet in bullets}
    annotators = read_annotators(folder / "annotators.csv")
    votes = read_all_votes(folder / "votes", annotators, texts)
    row = {identifier: place for place, identifier in enumerate(texts)}
    days = np.array([bullet.date.toordinal() if bullet.date else 10**7 for bullet in bullets])
    return assemble(
        Bullets(list(texts), list(texts.values()), days),
        {name: column_of(by_bullet, row) for name, by_bullet in votes.items()},
        annotators,
        read_adjudications(folder / "adjudication.csv", texts),
    )


def assert_same(found: Ballots, expected: Ballots) -> None:
    assert found.annotators == expected.annotators
    assert (list(found.ids), list(found.texts)) == (list(expected.ids), list(expected.texts))
    assert found.days.tolist() == expected.days.tolist()
    assert found.spans.tolist() == expected.spans.tolist()
    for task in TASKS:
        assert found.codes[task.name].tolist() == expected.codes[task.name].tolist()
        assert found.decisions[task.name].tolist() == expected.decisions[task.name].tolist()


@pytest.fixture
def only_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forbid the strict readers of votes and bullets, so that a test knows which way was taken."""

    def forbidden(*_: object) -> None:
        raise AssertionError("the strict reader was asked")

    monkeypatch.setattr(columns, "read_votes", forbidden)
    monkeypatch.setattr(columns, "read_bullets", forbidden)


def edit(path: Path, change: Callable[[list[list[str]]], object]) -> None:
    """Change the cells of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    change(rows)
    path.write_text(csv_text(header, rows), encoding="utf-8")


def cell(name: str, value: str, row: int = 2) -> Callable[[list[list[str]]], object]:
    return lambda rows: rows[row].__setitem__(VOTE_COLUMNS.index(name), value)


@pytest.mark.usefixtures("only_columns")
def test_the_corpus_is_read_by_columns_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read_ballots(ROOT / "annotation")
    monkeypatch.undo()
    assert_same(found, strictly(ROOT / "annotation"))
    assert len(found) == 4736


@pytest.mark.usefixtures("only_columns")
def test_rows_in_any_order_abstentions_and_gaps_are_read_by_columns(
    small_project: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small_project.annotation
    edit(folder / "votes" / "P1.csv", lambda rows: rows.reverse())

    def abstain(rows: list[list[str]]) -> None:
        rows[3] = [rows[3][0], *[""] * 6, "2", "2026-01-02T10:00:00+00:00"]
        del rows[10:20]

    edit(folder / "votes" / "P2.csv", abstain)
    bullets = list(small_project.bullets)
    (folder / "bullets.jsonl").write_bytes(encode_bullets(reversed(bullets)))
    found = read_ballots(folder)
    monkeypatch.undo()
    assert_same(found, strictly(folder))
    assert (found.codes["topic"] >= 0).sum(axis=0).tolist() == [60, 49]


@pytest.mark.parametrize(
    "change",
    [
        cell("topic", "weather"),
        cell("stance", ""),
        cell("source_type", "unattributed", row=1),
        cell("other_source_types", "news_media;news_media"),
        cell("other_source_types", "unattributed"),
        cell("other_source_types", "weather"),
        cell("span_start", "-1", row=1),
        cell("span_start", " 0", row=1),
        cell("span_start", "+0", row=1),
        cell("span_start", "9", row=1),
        cell("span_end", "9999", row=1),
        cell("span_end", "12345678901", row=1),
        cell("span_end", "", row=1),
        cell("round", "one"),
        cell("round", ""),
        cell("created_at", "yesterday"),
        cell("created_at", ""),
        cell("bullet_id", "20230102-abcdef"),
        lambda rows: rows.append(rows[0]),
        lambda rows: rows[0].append("more"),
        lambda rows: rows[0].pop(),
        lambda rows: rows.__setitem__(4, [rows[4][0], *[""] * 6, "", "2026-01-02"]),
    ],
)
def test_what_the_strict_reader_refuses_is_refused_in_its_words(
    small_project: SmallProject, change: Callable[[list[list[str]]], object]
) -> None:
    path = small_project.annotation / "votes" / "P1.csv"
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    spanned = next(place for place, row in enumerate(rows) if row[VOTE_COLUMNS.index("span_start")])
    edit(path, lambda cells: cells.insert(1, cells.pop(spanned)))  # row 1 has a span
    assert_same(read_ballots(small_project.annotation), strictly(small_project.annotation))
    edit(path, change)
    with pytest.raises(BriefbenchError) as expected:
        strictly(small_project.annotation)
    with pytest.raises(type(expected.value)) as found:
        read_ballots(small_project.annotation)
    assert str(found.value) == str(expected.value)


@pytest.mark.parametrize(
    "text",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("combat", '"combat"'),
        lambda text: text + "\n\n",
        lambda text: text.replace(",1,2026-01-02", ",0001,2026-01-02T03:04:05.123456+02:00"),
    ],
    ids=["CRLF", "BOM", "quotes", "empty lines", "other rounds and times"],
)
def test_other_ways_to_write_the_same_csv_are_read_as_well(
    small_project: SmallProject, text: Callable[[str], str]
) -> None:
    before = read_ballots(small_project.annotation)
    path = small_project.annotation / "votes" / "P1.csv"
    path.write_bytes(text(path.read_text(encoding="utf-8")).encode())
    assert_same(read_ballots(small_project.annotation), before)


@pytest.mark.parametrize(
    "text",
    ["", "bullet_id,topic\n", '"a"b,c\n', ",".join(VOTE_COLUMNS) + ",more\n"],
    ids=["empty", "columns missing", "no CSV", "one column more"],
)
def test_a_file_that_holds_no_votes_is_refused_as_by_the_strict_reader(small_project: SmallProject, text: str) -> None:
    (small_project.annotation / "votes" / "P1.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BriefbenchError) as expected:
        strictly(small_project.annotation)
    with pytest.raises(BriefbenchError) as found:
        read_ballots(small_project.annotation)
    assert str(found.value) == str(expected.value)


def test_an_annotator_without_any_vote_has_an_empty_column(small_project: SmallProject) -> None:
    path = small_project.annotation / "votes" / "P1.csv"
    path.write_text(csv_text(VOTE_COLUMNS, []), encoding="utf-8")
    found = read_ballots(small_project.annotation)
    assert (found.codes["topic"] >= 0).sum(axis=0).tolist() == [0, 60]
    assert_same(found, strictly(small_project.annotation))


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Two  lines\u2028here."},
        {"text": " Blank before."},
        {"id": "20230102-000000"},
        {"url": "ftp://example.org"},
        {"publisher": ""},
        {"section": "a\u0007bell"},
        {"position": 0},
    ],
)
def test_a_bullet_that_breaks_a_rule_is_refused_as_by_the_strict_reader(
    small_project: SmallProject, change: dict[str, object]
) -> None:
    fields = {name: getattr(small_project.bullets[5], name) for name in Bullet.__struct_fields__} | change
    if "id" not in change:
        fields["id"] = bullet_id(fields["date"], fields["text"])
    broken = Bullet(**fields)
    lines = [*small_project.bullets[:5], broken, *small_project.bullets[6:]]
    (small_project.annotation / "bullets.jsonl").write_bytes(encode_bullets(lines))
    with pytest.raises(RecordError) as expected:
        strictly(small_project.annotation)
    with pytest.raises(RecordError) as found:
        read_ballots(small_project.annotation)
    assert str(found.value) == str(expected.value)


def test_a_bullet_that_stands_twice_is_refused(small_project: SmallProject) -> None:
    twice = [*small_project.bullets, small_project.bullets[3]]
    (small_project.annotation / "bullets.jsonl").write_bytes(encode_bullets(twice))
    with pytest.raises(RecordError, match="stands in line 4 already"):
        read_ballots(small_project.annotation)


def test_bullets_in_other_scripts_and_without_a_date_are_read(small_project: SmallProject) -> None:
    first = small_project.bullets[0]
    texts = ["Büros in Łódź schwiegen: “kein Wort”.", "Офицер молчал."]
    more = [
        Bullet(id=bullet_id(None, text), date=None, section="", text=text, provenance="open", title=text, position=2)
        for text in texts
    ]
    folder = small_project.annotation
    (folder / "bullets.jsonl").write_bytes(encode_bullets([*more, *small_project.bullets]))
    votes = (folder / "votes" / "P1.csv").read_text(encoding="utf-8")
    row = next(line for line in votes.splitlines() if line.startswith(first.id))
    added = "".join(f"{bullet.id}{row[len(first.id) :]}\n" for bullet in more)
    (folder / "votes" / "P1.csv").write_text(votes + added, encoding="utf-8")
    found = read_ballots(folder)
    assert_same(found, strictly(folder))
    assert sorted(found.texts[-2:]) == sorted(texts)
    assert (np.diff(found.days) >= 0).all()


def test_an_adjudication_where_the_votes_agree_is_refused(small_project: SmallProject) -> None:
    first = small_project.bullets[0].id
    path = small_project.annotation / "adjudication.csv"
    path.write_text(path.read_text(encoding="utf-8") + f"{first},topic,combat,why,P1\n", encoding="utf-8")
    with pytest.raises(GoldError, match=f"{first}: topic is adjudicated, but the votes agree"):
        read_ballots(small_project.annotation)


def test_an_adjudication_that_names_what_the_votes_agree_on_is_taken_as_the_strict_readers_take_it(
    small_project: SmallProject,
) -> None:
    bullet, path = small_project.bullets[0], small_project.annotation / "adjudication.csv"
    strict = read_all_votes(
        small_project.annotation / "votes",
        read_annotators(small_project.annotation / "annotators.csv"),
        {one.id: one.text for one in small_project.bullets},
    )
    agreed = strict["P1"][bullet.id].labels["topic"]
    header = path.read_text(encoding="utf-8").strip()
    path.write_text(f"{header},overrides\n{bullet.id},topic,nuclear,why,P1,{agreed}\n", encoding="utf-8")
    found = read_ballots(small_project.annotation)
    assert_same(found, strictly(small_project.annotation))
    assert found.decisions["topic"][found.ids.index(bullet.id)] == TASKS[0].codes["nuclear"]
    path.write_text(f"{header},overrides\n{bullet.id},topic,nuclear,why,P1,justice\n", encoding="utf-8")
    with pytest.raises(GoldError, match=f"{bullet.id}: topic is adjudicated, but what that overrides is not what"):
        read_ballots(small_project.annotation)


def test_a_vote_file_of_somebody_unknown_and_no_vote_file_are_refused(small_project: SmallProject) -> None:
    folder = small_project.annotation / "votes"
    (folder / "P1.csv").rename(folder / "P9.csv")
    with pytest.raises(RecordError, match=r"annotator P9 is not in annotators\.csv"):
        read_ballots(small_project.annotation)
    for path in folder.iterdir():
        path.unlink()
    with pytest.raises(InputError, match="no vote file"):
        read_ballots(small_project.annotation)
