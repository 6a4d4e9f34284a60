"""The history: a round for every change, none for what is known already."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.annotation.studio.history import HISTORY_COLUMNS, Version, encode_history, extend, read_history
from briefbench.annotation.votes import Abstention, Vote
from briefbench.errors import RecordError

TEXTS = {"20230102-abcdef": "The mayor said so.", "20230103-abcdef": "Nobody said so."}


def version(topic: str | None, second: int, number: int = 1) -> Version:
    """Return a version of an answer on the first bullet, pulled as changed at a second."""
    identifier = "20230102-abcdef"
    answer: Vote | Abstention = Abstention(identifier, "A1", number, "2026-01-02T10:00:00Z")
    if topic is not None:
        labels = {"topic": topic, "stance": "neutral", "source_type": "unattributed"}
        answer = Vote(identifier, "A1", labels, (), None, number, "2026-01-02T10:00:00Z")
    return Version(answer, f"2026-01-02T10:00:{second:02d}.123456Z", "7.5", "topic:manual")


CHANGES = st.lists(st.sampled_from(["combat", "strikes", "society", None]), min_size=1, max_size=8)


@given(CHANGES)
def test_every_change_that_was_pulled_is_a_round_and_no_pull_adds_one_twice(changes: list[str | None]) -> None:
    known: list[Version] = []
    for second, topic in enumerate(changes):
        known = extend(known, [version(topic, second)])
        assert extend(known, [version(topic, second)]) == known
    told = [one.answer.labels["topic"] if isinstance(one.answer, Vote) else None for one in known]
    assert told == [topic for i, topic in enumerate(changes) if i == 0 or topic != changes[i - 1]]
    assert [one.answer.round for one in known] == list(range(1, len(known) + 1))


def test_several_annotations_of_one_annotator_are_rounds_in_the_order_of_their_last_change() -> None:
    known = extend([], [version("combat", 9), version(None, 3)])
    assert [type(one.answer) for one in known] == [Abstention, Vote]
    assert [one.answer.round for one in known] == [1, 2]


def test_an_edit_before_the_first_pull_keeps_its_round() -> None:
    assert [one.answer.round for one in extend([], [version("combat", 9, number=2)])] == [2]


def test_an_older_version_than_the_known_one_is_not_taken_again() -> None:
    known = extend([], [version("combat", 5)])
    assert extend(known, [version("strikes", 4)]) == known


def test_a_recorded_vote_without_a_time_is_known_until_it_changes() -> None:
    recorded = Version(version("combat", 0).answer)
    assert extend([recorded], [version("combat", 5)]) == [recorded]
    changed = extend([recorded], [version("strikes", 5)])
    assert [one.answer.round for one in changed] == [1, 2]


def test_a_history_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "A1.csv"
    other = replace(version("society", 1), answer=replace(version("society", 1).answer, bullet_id="20230103-abcdef"))
    history = {
        "20230103-abcdef": [other],
        "20230102-abcdef": extend([], [version("combat", 1), version(None, 2), version("strikes", 3)]),
    }
    path.write_bytes(encode_history(history))
    assert path.read_text().splitlines()[0] == ",".join(HISTORY_COLUMNS)
    assert read_history(path, "A1", TEXTS) == history
    assert encode_history(read_history(path, "A1", TEXTS)) == path.read_bytes()
    assert list(read_history(path, "A1", TEXTS)) == sorted(history)


def test_no_history_is_an_empty_one_and_a_foreign_bullet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "A1.csv"
    assert read_history(path, "A1", TEXTS) == {}
    path.write_bytes(encode_history({"20230102-abcdef": [version("combat", 1)]}))
    with pytest.raises(RecordError, match=r"A1.csv, line 2, bullet 20230102-abcdef: there is no such bullet"):
        read_history(path, "A1", {})
