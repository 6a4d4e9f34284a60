"""Texts as streams of words: nothing lost, nothing joined, and what a word is known as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.baselines.light.words import ACCORDING, PLAIN, VERB, Traits, bare, ends_sentence, keys_of, stream_of

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=60)
HASHES = (3746136575848580963, 14362244082756057084)
_SPACE = " \t\n\r\v\f\u00a0"


def split(text: str) -> list[str]:
    """Split at the white space of ASCII and at the no-break space, each run of it once."""
    words = [""]
    inside = False
    for sign in text:
        if sign not in _SPACE:
            words[-1] += sign
        elif not inside:
            words.append("")
        inside = sign in _SPACE
    return words


@given(st.lists(TEXT, max_size=8))
def test_a_stream_holds_every_word_of_every_text_in_order(texts: list[str]) -> None:
    stream = stream_of(texts)
    found = [
        [stream.vocabulary[number] for number in stream.words[start:end]]
        for start, end in zip(stream.offsets[:-1], stream.offsets[1:], strict=True)
    ]
    assert found == [split(text) for text in texts]
    assert len(set(stream.vocabulary)) == len(stream.vocabulary)
    assert stream.texts.tolist() == [i for i, words in enumerate(found) for _ in words]


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("Kyiv,", "kyiv"),
        ("\u201cWe", "we"),
        ("Russia's", "russia"),
        ("Ukraine\u2019s,", "ukraine"),
        ("U.S.-led", "u.s.-led"),
        ("\u2014", ""),
        ("", ""),
        ("STRASSE", "strasse"),
        ("x" * 500, "x" * 64),
    ],
)
def test_a_word_is_known_without_marks_case_and_genitive(word: str, known: str) -> None:
    assert bare(word) == known


@pytest.mark.parametrize(
    ("word", "ends"),
    [("said.", True), ("over.\u201d", True), ("why?)", True), ("said", False), ("", False), ("\u201d", False)],
)
def test_the_last_word_of_a_sentence_is_seen(word: str, ends: bool) -> None:
    assert ends_sentence(word) is ends


def test_traits_tell_verbs_of_saying_from_other_words() -> None:
    traits = Traits.of(["Kyiv", "said.", "According", ""])
    assert traits.roles.tolist() == [PLAIN, VERB, ACCORDING, PLAIN]
    assert traits.ends.tolist() == [False, True, False, False]
    assert traits.hashes[3] == 0


def test_hashes_are_the_same_on_every_machine() -> None:
    assert keys_of(["kyiv", "", "\u043a\u0438\u0457\u0432"]).tolist() == [HASHES[0], 0, HASHES[1]]
