"""The features of the light model against plain Python: the same words in the same places, counted as often."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.baselines.light.columns import Columns
from briefbench.baselines.light.features import Features, grams
from briefbench.baselines.light.places import PAIR, SLOTS, paired, places, salted
from briefbench.baselines.light.words import PLAIN, bare, ends_sentence, keys_of, role

WORDS = (
    "Kyiv",
    "said",
    "said.",
    "according",
    "According",
    "to",
    "troops",
    "fell.",
    "\u2014",
    "minister",
    "the",
    "it's",
)
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=22).map(" ".join), min_size=1, max_size=4)


def around(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the role and the bare word, or the two words of a pair, of every place beside a verb of saying."""
    sentences: list[list[str]] = [[]]
    for word in text.split(" "):
        sentences[-1].append(word)
        if ends_sentence(word):
            sentences.append([])
    for number, sentence in enumerate(sentences):
        known = [bare(word) for word in sentence]
        for at, word in enumerate(known):
            if role(word) == PLAIN:
                continue
            yield "verb", (word,)
            before, after = known[max(0, at - 7) : at][::-1], known[at + 1 : at + 6]
            yield from (("by", (one,)) for one in before)
            yield from (("near", (one,)) for one in before[:3])
            yield from (("first", (one,)) for one in before[:4] if number == 0)
            yield from ((PAIR, (one, other)) for other, one in pairwise(before))
            if word == "according" or not before or len(known) - at <= 8:
                yield from (("by", (one,)) for one in after)
                yield from (("near", (one,)) for one in after[:4])
            else:
                yield from (("said", (one,)) for one in after[:3])


@given(TEXTS)
def test_the_words_beside_verbs_of_saying_are_those_of_plain_python(texts: list[str]) -> None:
    seen = Features.of(texts)
    stream, traits = seen.stream, seen.traits
    verbs, filled = places(stream, traits.roles[stream.words], traits.ends[stream.words])
    found: list[Counter[tuple[str, tuple[str, ...]]]] = [Counter() for _ in texts]
    for verb, row in zip(verbs, filled, strict=True):
        for slot in (one for one, there in zip(SLOTS, row, strict=True) if there):
            at = verb + slot.step
            words = [bare(stream.vocabulary[stream.words[i]]) for i in range(at, at + 1 + (slot.role == PAIR))]
            found[stream.texts[verb]][slot.role, tuple(words)] += 1
    assert found == [Counter(around(text)) for text in texts]


@given(TEXTS)
def test_every_text_has_the_keys_of_its_places_and_a_silent_one_has_one_key(texts: list[str]) -> None:
    owners, keys = Features.of(texts).speech()
    assert (np.diff(owners) >= 0).all()
    counts = np.bincount(owners, minlength=len(texts)).tolist()
    assert counts == [max(1, len(list(around(text)))) for text in texts]
    silent = [i for i, text in enumerate(texts) if not list(around(text))]
    assert len(set(keys[np.isin(owners, silent)].tolist())) <= 1


def test_a_word_has_another_key_in_every_role_and_the_same_one_in_every_text() -> None:
    owners, keys = Features.of(["The minister said it", "On Monday the minister said nothing"]).speech()
    first, second = keys[owners == 0], keys[owners == 1]
    assert len(set(first.tolist())) == len(first)
    assert len(set(first.tolist()) & set(second.tolist())) >= 7


@given(TEXTS)
def test_pairs_are_neighbours_within_a_text(texts: list[str]) -> None:
    owners, keys = Features.of(texts).pairs()
    for number, text in enumerate(texts):
        words = [bare(word) for word in text.split(" ")]
        expected = [bool(first and second) for first, second in pairwise(words)]
        mine = keys[owners == number]
        assert [bool(key) for key in mine] == expected


@given(st.lists(st.text("ab\u00e9\u4e2d\U0001f600", max_size=6), max_size=5))
def test_grams_are_the_runs_of_two_to_five_characters_of_a_word_with_its_edges(words: list[str]) -> None:
    owners, keys = grams(words)
    by_gram: dict[str, int] = {}
    for number, word in enumerate(words):
        padded = f" {word} " if word else ""
        runs = [padded[i : i + n] for n in range(2, 6) for i in range(len(padded) - n + 1)]
        mine = keys[owners == number].tolist()
        assert len(mine) == len(runs)
        for run, key in zip(runs, mine, strict=True):
            assert by_gram.setdefault(run, key) == key
    assert len(set(by_gram.values())) == len(by_gram)


def test_the_empty_word_has_no_key_whatever_it_does() -> None:
    nothing = keys_of([""])
    assert (
        salted(nothing, 3).tolist()
        == paired(nothing, keys_of(["x"])).tolist()
        == paired(keys_of(["x"]), nothing).tolist()
        == [0]
    )


def test_the_order_of_a_pair_matters() -> None:
    one, other = keys_of(["one"]), keys_of(["other"])
    assert paired(one, other) != paired(other, one)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30)), max_size=60), st.integers(1, 3))
def test_columns_are_the_keys_of_enough_texts(pairs: list[tuple[int, int]], least: int) -> None:
    texts, keys = (np.array([pair[i] for pair in pairs], dtype=kind) for i, kind in ((0, np.int32), (1, np.uint64)))
    columns = Columns.count(texts, keys, 6, least)
    counts = Counter(key for key in {(t, k) for t, k in pairs} if key[1] != 0)
    documents = Counter(key for _, key in counts)
    expected = sorted(key for key, count in documents.items() if count >= least)
    assert columns.keys.tolist() == expected
    np.testing.assert_allclose(columns.idf, [np.log(7 / (1 + documents[key])) for key in expected], rtol=1e-6)


KEYS = st.lists(st.one_of(st.integers(1, 2**64 - 1), st.sampled_from([5 << 44 | i for i in range(9)])), max_size=40)


@given(KEYS, KEYS)
def test_known_keys_are_found_in_their_columns_and_no_others(known: list[int], asked: list[int]) -> None:
    columns = Columns.count(np.zeros(len(known), dtype=np.int32), np.array(known, dtype=np.uint64), 1, 1)
    kept = set(columns.keys.tolist())
    assert kept <= set(known)
    wanted = np.array(asked + known, dtype=np.uint64)
    where, found = columns.find(wanted)
    assert where.tolist() == [i for i, key in enumerate(wanted.tolist()) if key in kept]
    assert columns.keys[found].tolist() == wanted[where].tolist()


def test_of_many_keys_hardly_one_is_left_out() -> None:
    keys = np.unique(np.random.default_rng(5).integers(1, 2**64, 60_000, dtype=np.uint64))
    assert len(Columns.count(np.zeros(len(keys), dtype=np.int32), keys, 1, 1)) > len(keys) - 6


def test_of_keys_that_share_both_slots_one_is_a_feature_and_the_other_none() -> None:
    alike = np.array([7 << 44 | 9, 7 << 44 | 9 | 1 << 30, 7 << 44 | 9 | 1 << 31], dtype=np.uint64)
    columns = Columns.count(np.zeros(3, dtype=np.int32), alike, 1, 1)
    where, found = columns.find(alike)
    assert len(columns) == len(where) == 2
    assert columns.keys[found].tolist() == alike[where].tolist()


@pytest.mark.parametrize("texts", [[""], ["   "], ["\u2014 \u2014"], ["", "said"]])
def test_texts_of_nothing_have_features_all_the_same(texts: list[str]) -> None:
    seen = Features.of(texts)
    assert len(seen) == len(texts)
    assert set(seen.speech()[0].tolist()) == set(range(len(texts)))
