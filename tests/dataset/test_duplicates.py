"""Near duplicates: MinHash finds what an exact comparison of all pairs finds, on the corpus and on planted pairs."""

import re
from collections.abc import Sequence

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from briefbench.dataset.duplicates import THRESHOLD, jaccard, near_duplicates, word_set
from briefbench.dataset.sources import Sources


def all_pairs(texts: Sequence[str], threshold: float) -> dict[tuple[int, int], float]:
    """Compare every pair exactly: shared words from the product of the incidence matrix with its transpose."""
    words = [sorted(set(re.findall(r"\w+", text.casefold()))) for text in texts]
    codes = {word: i for i, word in enumerate(sorted({word for of_text in words for word in of_text}))}
    row = np.repeat(np.arange(len(words)), [len(of_text) for of_text in words])
    column = np.array([codes[word] for of_text in words for word in of_text], dtype=np.int64)
    table = sp.csr_array((np.ones(len(row), dtype=np.int32), (row, column)), shape=(len(words), len(codes)))
    shared = sp.triu(table @ table.T, k=1).tocoo()
    first, second = shared.coords
    sizes = np.array([len(of_text) for of_text in words])
    similarity = shared.data / (sizes[first] + sizes[second] - shared.data)
    kept = similarity >= threshold
    return {(int(a), int(b)): float(s) for a, b, s in zip(first[kept], second[kept], similarity[kept], strict=True)}


def test_no_near_duplicate_of_the_corpus_is_missed_and_none_invented(sources: Sources) -> None:
    exact = all_pairs([bullet.text for bullet in sources.bullets], THRESHOLD)
    assert {(pair.first, pair.second): pair.similarity for pair in sources.units.pairs} == pytest.approx(exact)
    assert len(exact) > 10
    assert list(sources.units.pairs) == sorted(sources.units.pairs)


def planted(shared: int, own: int, tag: str) -> tuple[str, str]:
    common = [f"{tag}common{i}" for i in range(shared)]
    one, two = ([f"{tag}{side}{i}" for i in range(own)] for side in ("left", "right"))
    return " ".join(common + one), " ".join(two + common[::-1])


@pytest.mark.parametrize(
    ("shared", "own", "found"),
    [(20, 0, True), (18, 4, True), (8, 4, True), (8, 6, True), (15, 12, False), (5, 15, False)],
    ids=["same words", "0.69", "0.5", "exactly 0.4", "0.385", "0.14"],
)
def test_planted_pairs_are_found_from_the_threshold_up(shared: int, own: int, found: bool) -> None:
    texts = [text for i in range(30) for text in planted(shared, own, f"k{i}x")]
    expected = [(2 * i, 2 * i + 1) for i in range(30)] if found else []
    assert [(pair.first, pair.second) for pair in near_duplicates(texts)] == expected


def test_case_punctuation_and_order_of_words_hide_no_copy() -> None:
    texts = ["Trams ran again, the mayor said.", "An unrelated note on wheat.", "the MAYOR said: trams ran again!"]
    assert [tuple(pair) for pair in near_duplicates(texts)] == [(0, 2, 1.0)]


def test_three_copies_make_three_pairs() -> None:
    texts = ["Fog closed the strait."] * 3
    assert [(pair.first, pair.second) for pair in near_duplicates(texts)] == [(0, 1), (0, 2), (1, 2)]


def test_no_text_and_wordless_texts_do_no_harm() -> None:
    assert near_duplicates([]) == []
    assert near_duplicates(["one"]) == []
    assert [tuple(pair) for pair in near_duplicates(["…", "a b", "!"])] == [(0, 2, 1.0)]


def test_a_higher_threshold_keeps_the_closer_pairs_only() -> None:
    texts = [*planted(8, 4, "a"), *planted(18, 2, "b")]
    assert [(pair.first, pair.second) for pair in near_duplicates(texts, threshold=0.6)] == [(2, 3)]


SETS = st.frozensets(st.sampled_from("abcdef"))


@given(SETS, SETS)
def test_similarity_has_no_direction_and_is_the_textbook_one(one: frozenset[str], other: frozenset[str]) -> None:
    assert jaccard(one, other) == jaccard(other, one)
    assert jaccard(one, one) == 1.0
    assert jaccard(one, other) == (len(one & other) / len(one | other) if one | other else 1.0)


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6).map(" ".join), max_size=8))
def test_no_pair_below_the_threshold_is_ever_returned(texts: list[str]) -> None:
    for first, second, similarity in near_duplicates(texts):
        assert first < second
        assert similarity == jaccard(word_set(texts[first]), word_set(texts[second])) >= THRESHOLD
