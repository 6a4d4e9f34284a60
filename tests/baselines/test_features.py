"""The features of a text: who is said to speak is told from who is only talked about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.baselines.features import KINDS, NOBODY, attribution, vectorizer

TEXTS = [
    "The river port reopened on Monday, the harbour master said.",
    "According to two nurses, the clinic has no water.",
    "A drone hit the river port at night.",
    "The mayor said that the clinic had water again. A nurse denied it.",
]


def test_the_words_before_a_verb_of_saying_are_the_speakers() -> None:
    tokens = attribution("The port reopened on Monday, the harbour master said.")
    assert {"verb said", "near harbour", "near master", "by monday", "pair harbour master"} <= set(tokens)
    assert "near port" not in tokens


def test_after_according_the_speaker_follows() -> None:
    assert {"verb according", "near nurses", "by clinic"} <= set(
        attribution("According to two nurses, the clinic shut.")
    )


def test_what_is_said_is_not_taken_for_the_speaker() -> None:
    tokens = attribution("The mayor said a general had left the city on foot before dawn, with all of his men.")
    assert "said general" in tokens
    assert not {"by general", "near general"} & set(tokens)


@pytest.mark.parametrize("text", ["A drone hit the ministry of defence at night.", "", "?!"])
def test_where_nobody_speaks_there_is_one_token(text: str) -> None:
    assert attribution(text) == [NOBODY]


def test_only_the_first_sentence_has_first_speakers() -> None:
    tokens = attribution("The mayor said so. The nurse denied it.")
    assert [token for token in tokens if token.startswith("first ")] == ["first the", "first mayor"]


@given(st.text(max_size=300))
def test_any_text_has_tokens_on_one_line_each(text: str) -> None:
    tokens = attribution(text)
    assert tokens
    assert all(token == " ".join(token.split()) for token in tokens)


@pytest.mark.parametrize("kinds", [KINDS[:1], KINDS[:2], KINDS])
def test_kinds_stand_side_by_side(kinds: tuple[str, ...]) -> None:
    together = vectorizer(kinds).fit(TEXTS)
    alone = [vectorizer([kind]).fit(TEXTS).transform(TEXTS).shape[1] for kind in kinds]
    assert together.transform(["new words only"]).shape == (1, sum(alone))
