"""Overlap of spans: counted in tokens by hand, whole where both agree, nothing where one span is missing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.evaluation.spans import token_f1

TEXT = "The mayor of Alder said, “no bread” was left; envoys don't agree."
NONE = (-1, -1)


def f1(gold: tuple[int, int], predicted: tuple[int, int], text: str = TEXT) -> float:
    return float(token_f1([text], np.array([gold]), np.array([predicted]))[0])


def where(phrase: str) -> tuple[int, int]:
    return TEXT.index(phrase), TEXT.index(phrase) + len(phrase)


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        ("The mayor of Alder", "The mayor of Alder", 1),
        ("The mayor of Alder", "The mayor", 2 * 2 / (4 + 2)),
        ("The mayor", "The mayor of Alder", 2 * 2 / (2 + 4)),
        ("mayor of Alder", "of Alder said", 2 * 2 / (3 + 3)),
        ("The mayor", "Alder said", 0),
        ("Alder said,", "Alder said", 2 * 2 / (3 + 2)),  # a comma is a token
        ("don't", "don", 2 * 1 / (3 + 1)),  # as are the parts of a word at an apostrophe
        ("“no bread”", "no bread", 2 * 2 / (4 + 2)),
    ],
)
def test_the_f1_of_tokens_by_hand(gold: str, predicted: str, expected: float) -> None:
    assert f1(where(gold), where(predicted)) == pytest.approx(expected)


def test_missing_spans_score_one_where_both_are_missing_and_nothing_where_one_is() -> None:
    found = token_f1([TEXT] * 3, np.array([NONE, NONE, (0, 3)]), np.array([NONE, (0, 3), NONE]))
    assert found.tolist() == [1, 0, 0]


def test_a_token_that_a_span_only_touches_counts_whole() -> None:
    start, end = where("mayor")
    assert f1((start, end), (start + 2, end - 1)) == 1
    assert f1((start, end), (start - 1, end + 1)) == 1  # blanks at the ends are no tokens


def test_the_same_word_elsewhere_is_another_token() -> None:
    text = "officials said the officials left"
    assert f1((0, 9), (19, 28), text) == 0


def test_a_span_of_blanks_has_no_token_and_scores_nothing_unless_it_is_equal() -> None:
    assert f1((0, 2), (2, 4), "    ") == 0
    assert f1((0, 2), (0, 2), "    ") == 1


def test_offsets_count_code_points() -> None:
    text = "🎺 Büros in Łódź sagten nichts"
    assert text[2:7] == "Büros"
    assert f1((2, 7), (2, 15), text) == pytest.approx(2 * 1 / (1 + 3))


@st.composite
def span_pairs(draw: st.DrawFn) -> tuple[str, tuple[int, int], tuple[int, int]]:
    text = draw(st.text("ab '.é", min_size=2, max_size=30))

    def span() -> tuple[int, int]:
        start = draw(st.integers(0, len(text) - 1))
        return start, draw(st.integers(start + 1, len(text)))

    return text, span(), span()


@given(span_pairs())
def test_the_score_is_symmetric_bounded_and_one_for_itself(case: tuple[str, tuple[int, int], tuple[int, int]]) -> None:
    text, gold, predicted = case
    assert f1(gold, predicted, text) == f1(predicted, gold, text)
    assert 0 <= f1(gold, predicted, text) <= 1
    assert f1(gold, gold, text) == 1
    assert f1(NONE, predicted, text) == f1(gold, NONE, text) == 0


@given(span_pairs())
def test_the_score_is_that_of_squad_with_tokens_by_place(case: tuple[str, tuple[int, int], tuple[int, int]]) -> None:
    text, gold, predicted = case
    tokens = []  # runs of word characters, and every other sign by itself
    for i, sign in enumerate(text):
        if sign.isalnum() and tokens and tokens[-1][1] == i and text[i - 1].isalnum():
            tokens[-1] = (tokens[-1][0], i + 1)
        elif not sign.isspace():
            tokens.append((i, i + 1))
    under = [{token for token in tokens if token[0] < end and token[1] > start} for start, end in (gold, predicted)]
    shared, sizes = len(under[0] & under[1]), [len(one) for one in under]
    if gold == predicted:
        expected = 1.0
    elif shared == 0:
        expected = 0.0
    else:
        precision, recall = shared / sizes[1], shared / sizes[0]
        expected = 2 * precision * recall / (precision + recall)
    assert f1(gold, predicted, text) == pytest.approx(expected)
