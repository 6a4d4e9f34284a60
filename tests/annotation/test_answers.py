"""Answers: skipped bullets are no votes, and what is written is read again as it was."""

from collections.abc import Callable
from pathlib import Path

import pytest

from briefbench.annotation.votes import (
    Abstention,
    Adjudication,
    Annotator,
    encode_adjudications,
    encode_annotators,
    encode_answers,
    read_adjudications,
    read_annotators,
    read_answers,
    read_votes,
)
from briefbench.dataset.sources import Sources
from briefbench.errors import RecordError
from tests_support import ROOT
from votes_support import TEXTS, votes_csv

Write = Callable[[str | bytes], Path]


SKIPPED = {"topic": "", "stance": "", "source_type": "", "span_start": "", "span_end": "", "round": "2"}


def test_a_row_without_an_answer_is_an_abstention_and_no_vote(write: Write) -> None:
    path = write(votes_csv({"bullet_id": "b2"}, SKIPPED))
    assert list(read_votes(path, "P1", TEXTS)) == ["b2"]
    answers = read_answers(path, "P1", TEXTS)
    assert list(answers) == ["b1", "b2"]
    assert answers["b1"] == Abstention("b1", "P1", 2, "2026-01-02")


@pytest.mark.parametrize("half", [{"topic": "economy"}, {"other_source_types": "news_media"}, {"span_start": "0"}])
def test_half_an_answer_is_no_abstention(write: Write, half: dict[str, str]) -> None:
    with pytest.raises(RecordError, match=r"P1.csv, line 2, bullet b1: unknown (topic|stance) ''"):
        read_answers(write(votes_csv(SKIPPED | half)), "P1", TEXTS)


@pytest.mark.parametrize(("bad", "said"), [({"round": "x"}, "round is 'x'"), ({"created_at": ""}, "created_at is ''")])
def test_an_abstention_has_a_round_and_a_date(write: Write, bad: dict[str, str], said: str) -> None:
    with pytest.raises(RecordError, match=said):
        read_answers(write(votes_csv(SKIPPED | bad)), "P1", TEXTS)


def test_answers_are_written_sorted_and_as_they_were_read(write: Write) -> None:
    text = votes_csv(SKIPPED, {"bullet_id": "b2", "other_source_types": "news_media;expert_ngo"})
    answers = read_answers(write(text), "P1", TEXTS)
    assert encode_answers(reversed(answers.values())).decode() == text
    assert encode_answers([]).decode() == votes_csv()


@pytest.mark.parametrize("name", ["A1", "A2", "A3"])
def test_the_recorded_votes_are_in_the_form_that_is_written(sources: Sources, name: str) -> None:
    path = ROOT / "annotation" / "votes" / f"{name}.csv"
    texts = {bullet.id: bullet.text for bullet in sources.bullets}
    assert encode_answers(read_answers(path, name, texts).values()) == path.read_bytes()


def test_annotators_and_adjudications_are_read_as_they_were_written(tmp_path: Path) -> None:
    people = [
        Annotator("P1", "human", "", "codebook, 1.1", True, ""),
        Annotator("M", "model", 'a "model"', "", False, "n"),
    ]
    path = tmp_path / "annotators.csv"
    path.write_bytes(encode_annotators(people))
    assert list(read_annotators(path).values()) == people
    decided = [Adjudication("b1", "topic", "combat", 'so "it" is, and why', "P1")]
    path.write_bytes(encode_adjudications(decided))
    assert list(read_adjudications(path, TEXTS).values()) == decided
    assert b"overrides" not in path.read_bytes()
    decided.append(Adjudication("b1", "stance", "mixed", "why", "P1", overrides="neutral"))
    path.write_bytes(encode_adjudications(decided))
    assert list(read_adjudications(path, TEXTS).values()) == decided
