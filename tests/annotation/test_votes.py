"""Votes, annotators and adjudications: every malformed row is refused with its file, line and bullet."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.annotation.votes import (
    ADJUDICATION_COLUMNS,
    ANNOTATOR_COLUMNS,
    OVERRIDES,
    VOTE_COLUMNS,
    Annotator,
    Vote,
    parse_vote,
    read_adjudications,
    read_all_votes,
    read_annotators,
    read_votes,
)
from briefbench.errors import InputError, RecordError
from briefbench.schema import SOURCE_TYPE, TASKS, UNATTRIBUTED
from tests_support import csv_text
from votes_support import TEXTS, votes_csv

Write = Callable[[str | bytes], Path]


def one_line(caught: pytest.ExceptionInfo[Exception]) -> str:
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_vote_is_read_with_all_its_answers(write: Write) -> None:
    path = write(votes_csv({"other_source_types": "news_media;expert_ngo"}))
    assert read_votes(path, "P1", TEXTS) == {
        "b1": Vote(
            bullet_id="b1",
            annotator="P1",
            labels={"topic": "economy", "stance": "neutral", "source_type": "private_party"},
            other_source_types=("news_media", "expert_ngo"),
            span=(0, 18),
            round=1,
            created_at="2026-01-02",
        )
    }


def test_spreadsheet_line_ends_and_byte_order_mark_change_nothing(write: Write) -> None:
    plain = read_votes(write(votes_csv({}, {"bullet_id": "b2"})), "P1", TEXTS)
    marked = b"\xef\xbb\xbf" + votes_csv({}, {"bullet_id": "b2"}).replace("\n", "\r\n").encode()
    assert read_votes(write(marked), "P1", TEXTS) == plain
    assert len(plain) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"topic": "weather"}, "unknown topic 'weather'; expected combat, "),
        ({"topic": ""}, "unknown topic ''"),
        ({"topic": "Economy"}, "unknown topic 'Economy'"),
        ({"stance": "economy"}, "unknown stance 'economy'; expected pro_ukraine, pro_russia, mixed and neutral"),
        ({"source_type": "somebody"}, "unknown source_type 'somebody'"),
        ({"other_source_types": "news_media;"}, "unknown source_type ''"),
        ({"other_source_types": "news_media, expert_ngo"}, "unknown source_type"),
        ({"other_source_types": "news_media;news_media"}, "repeats a type"),
        ({"other_source_types": "private_party"}, "names the source_type itself"),
        ({"other_source_types": "unattributed"}, "names unattributed"),
        ({"span_start": "", "span_end": ""}, "no span, but the source type is private_party"),
        ({"source_type": "unattributed"}, "a span, but the source type is unattributed"),
        ({"span_start": ""}, "span is ''; expected a whole number"),
        ({"span_end": ""}, "span is ''; expected a whole number"),
        ({"span_start": "18", "span_end": "0"}, "span 18 to 0 does not lie in the text's 30 characters"),
        ({"span_end": "0"}, "span 0 to 0"),
        ({"span_end": "31"}, "span 0 to 31 does not lie in the text's 30 characters"),
        ({"span_start": "-1"}, "span is '-1'"),
        ({"span_end": "18.0"}, "span is '18.0'"),
        ({"span_end": "1_8"}, "span is '1_8'"),
        ({"span_end": " 18"}, "span is ' 18'"),
        ({"span_end": "١٨"}, "span is '١٨'"),
        ({"span_end": "1²"}, "span is '1²'"),
        ({"span_end": "9" * 5_000}, "span is '999"),
        ({"round": ""}, "round is ''"),
        ({"round": "\uff11"}, "round is '\uff11'"),
        ({"created_at": ""}, "created_at is ''"),
        ({"created_at": "yesterday"}, "created_at is 'yesterday'; expected a date like"),
        ({"created_at": "2026-02-30"}, "created_at is '2026-02-30'"),
        ({"created_at": "202\uff16-01-02"}, "created_at is "),
    ],
)
def test_a_bad_answer_is_refused_with_file_line_and_bullet(write: Write, change: dict[str, str], said: str) -> None:
    with pytest.raises(RecordError, match=said) as caught:
        read_votes(write(votes_csv({"bullet_id": "b1"}, {"bullet_id": "b2", "span_end": "3"} | change)), "P1", TEXTS)
    assert "P1.csv, line 3, bullet b2: " in one_line(caught)


def test_the_whole_text_may_be_the_span(write: Write) -> None:
    assert read_votes(write(votes_csv({"span_end": "40"})), "P1", TEXTS)["b1"].span == (0, 40)


@pytest.mark.parametrize(
    ("ids", "line", "said"),
    [
        (("b1", "b1"), 3, "voted on it in a row above already"),
        (("b9",), 2, "no such bullet"),
        (("b1 ",), 2, "no such bullet"),
        (("",), 2, "no such bullet"),
    ],
    ids=["twice", "unknown", "space", "empty"],
)
def test_an_id_out_of_place_is_refused(write: Write, ids: tuple[str, ...], line: int, said: str) -> None:
    with pytest.raises(RecordError, match=rf"P1\.csv, line {line}, bullet .*{said}") as caught:
        read_votes(write(votes_csv(*({"bullet_id": name, "span_end": "3"} for name in ids))), "P1", TEXTS)
    one_line(caught)


def test_votes_in_any_order_are_read_in_the_order_of_their_bullets(write: Write) -> None:
    rows = votes_csv(*({"bullet_id": name, "span_end": "3"} for name in ("b2", "b1")))
    assert list(read_votes(write(rows), "P1", TEXTS)) == ["b1", "b2"]


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        ("", RecordError, "line 1: the columns are none; expected bullet_id, topic"),
        (",".join(VOTE_COLUMNS[:-1]), RecordError, "line 1: the columns are bullet_id, .*, round; expected"),
        (",".join(reversed(VOTE_COLUMNS)), RecordError, "line 1: the columns are created_at"),
        (",".join((*VOTE_COLUMNS, "note")), RecordError, "line 1: the columns are .*note; expected"),
        (";".join(VOTE_COLUMNS), RecordError, "line 1: the columns are bullet_id;topic"),
        (votes_csv({}).replace("2026-01-02", "2026-01-02,extra"), RecordError, "line 2: 10 cells; expected 9"),
        (votes_csv({}).replace(",2026-01-02", ""), RecordError, "line 2: 8 cells; expected 9"),
        (votes_csv({}) + "  \n", RecordError, "line 3: 1 cells; expected 9"),
        (votes_csv({}).replace("economy", '"economy'), InputError, "line 2: not CSV"),
        (votes_csv({}).encode() + b"b2,\xff", InputError, "line 3: not UTF-8"),
        (votes_csv({}).encode("utf-16"), InputError, "line 1: not UTF-8"),
    ],
)
def test_a_file_of_another_shape_is_refused(
    write: Write, content: str | bytes, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=rf"P1\.csv, {said}" if said.startswith("line") else said) as caught:
        read_votes(write(content), "P1", TEXTS)
    one_line(caught)


PEOPLE = (["P1", "human", "", "guidelines", "true", ""], ["P2", "model", "M", "guidelines", "false", "a pass"])


def test_annotators_are_read_with_what_counts(write: Write) -> None:
    people = read_annotators(write(csv_text(ANNOTATOR_COLUMNS, PEOPLE)))
    assert [(p.name, p.kind, p.model, p.counts_toward_gold) for p in people.values()] == [
        ("P1", "human", "", True),
        ("P2", "model", "M", False),
    ]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (0, "", "annotator '' is empty or stands twice"),
        (0, "P1", "annotator 'P1' is empty or stands twice"),
        (1, "robot", "annotator P2: kind is 'robot'; expected human or model"),
        (1, "", "annotator P2: kind is ''"),
        (4, "True", "annotator P2: counts_toward_gold must be true or false"),
        (4, "", "annotator P2: counts_toward_gold must be"),
    ],
)
def test_a_bad_annotator_row_is_refused(write: Write, column: int, value: str, said: str) -> None:
    row = [value if i == column else cell for i, cell in enumerate(PEOPLE[1])]
    with pytest.raises(RecordError, match=rf"P1\.csv, line 3.*{said}") as caught:
        read_annotators(write(csv_text(ANNOTATOR_COLUMNS, [PEOPLE[0], row])))
    one_line(caught)


def test_votes_of_somebody_unknown_or_of_nobody_are_refused(tmp_path: Path, write: Write) -> None:
    people = read_annotators(write(csv_text(ANNOTATOR_COLUMNS, PEOPLE)))
    folder = tmp_path / "votes"
    folder.mkdir()
    with pytest.raises(InputError, match="votes: no vote file"):
        read_all_votes(folder, people, TEXTS)
    with pytest.raises(InputError, match="absent: no vote file"):
        read_all_votes(tmp_path / "absent", people, TEXTS)
    (folder / "Stranger.csv").write_text(votes_csv({}), encoding="utf-8")
    with pytest.raises(RecordError, match=r"Stranger\.csv: annotator Stranger is not in annotators\.csv"):
        read_all_votes(folder, people, TEXTS)


def test_each_file_is_its_own_annotators(tmp_path: Path, write: Write) -> None:
    people = read_annotators(write(csv_text(ANNOTATOR_COLUMNS, PEOPLE)))
    folder = tmp_path / "votes"
    folder.mkdir()
    for name, topic in (("P2", "society"), ("P1", "economy")):
        (folder / f"{name}.csv").write_text(votes_csv({"topic": topic}), encoding="utf-8")
    found = read_all_votes(folder, people, TEXTS)
    assert list(found) == ["P1", "P2"]
    assert [v["b1"].labels["topic"] for v in found.values()] == ["economy", "society"]
    assert [v["b1"].annotator for v in found.values()] == ["P1", "P2"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["b1", "mood", "neutral", "", ""], "unknown task 'mood'; expected topic, stance and source_type"),
        (["b1", "stance", "angry", "", ""], "unknown stance 'angry'"),
        (["b1", "stance", "combat", "", ""], "unknown stance 'combat'"),
        (["b9", "stance", "neutral", "", ""], "there is no such bullet"),
        (["b1", "topic", "combat", "", ""], "topic is adjudicated twice"),
    ],
)
def test_a_bad_adjudication_is_refused(write: Write, row: list[str], said: str) -> None:
    first = ["b1", "topic", "economy", "barges", "J"]
    with pytest.raises(RecordError, match=rf"P1\.csv, line 3, bullet b\d: {said}") as caught:
        read_adjudications(write(csv_text(ADJUDICATION_COLUMNS, [first, row])), TEXTS)
    one_line(caught)


ROW = st.fixed_dictionaries(
    {task.name: st.sampled_from(task.names) for task in TASKS}
    | {
        "other_source_types": st.lists(st.sampled_from(SOURCE_TYPE.names), max_size=3).map(";".join),
        "span_start": st.sampled_from(["", "0", "3", "39", "40", "x"]),
        "span_end": st.sampled_from(["", "0", "3", "40", "41"]),
        "round": st.just("1"),
        "created_at": st.just("2026-01-02"),
    }
)


@given(ROW)
def test_a_row_is_either_refused_or_a_vote_that_cannot_contradict_itself(row: dict[str, str]) -> None:
    try:
        vote = parse_vote(row, "b1", "P1", 40, "here")
    except RecordError:
        return
    assert (vote.span is None) == (vote.labels["source_type"] == UNATTRIBUTED)
    assert vote.span is None or 0 <= vote.span[0] < vote.span[1] <= 40
    assert len(set(vote.other_source_types)) == len(vote.other_source_types)
    assert not {UNATTRIBUTED, vote.labels["source_type"]} & set(vote.other_source_types)


def test_annotators_come_in_the_order_of_their_names_not_of_their_files(tmp_path: Path) -> None:
    header = ",".join(VOTE_COLUMNS)
    for name in ("Anna-Maria", "Anna"):
        (tmp_path / f"{name}.csv").write_text(f"{header}\n")
    people = {name: Annotator(name, "human", "", "guidelines", True, "") for name in ("Anna", "Anna-Maria")}
    assert list(read_all_votes(tmp_path, people, {})) == ["Anna", "Anna-Maria"]


def test_a_bad_override_or_another_last_column_is_refused(write: Write) -> None:
    columns, row = (*ADJUDICATION_COLUMNS, OVERRIDES), ["b1", "topic", "economy", "barges", "J", "neutral"]
    with pytest.raises(RecordError, match=r"line 2, bullet b1: unknown topic 'neutral'"):
        read_adjudications(write(csv_text(columns, [row])), TEXTS)
    with pytest.raises(RecordError, match=r"the columns are .*, adjudicator, notes; expected .*, adjudicator$"):
        read_adjudications(write(csv_text((*ADJUDICATION_COLUMNS, "notes"), [row])), TEXTS)
    with pytest.raises(RecordError, match="line 2: 5 cells; expected 6"):
        read_adjudications(write(csv_text(columns, [row[:5]])), TEXTS)
