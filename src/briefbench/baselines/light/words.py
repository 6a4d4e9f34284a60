"""Texts as streams of words: split and numbered by Arrow, so that each distinct word is looked at in Python once."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from briefbench.baselines.features import VERBS

_QUOTES = "\"'\u201c\u201d\u2018\u2019\u00ab\u00bb)]"
_MARKS = _QUOTES + ".,;:!?([{}*/\u2026\u2013\u2014-"
_GENITIVES = ("'s", "\u2019s")
_STOPS = (".", "!", "?")
_SAYING = frozenset(VERBS)
# Of a longer word only this much is looked at: text without spaces costs no more than other text.
_LONGEST = 64

#: What a distinct word is: nothing special, a verb of saying, or "according", whose speaker comes after it.
PLAIN, VERB, ACCORDING = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Stream:
    """The words of some texts, one after another.

    Attributes:
        words: the number of each word in ``vocabulary``, ``(words,)``.
        offsets: where each text begins in ``words``, and where the last one ends, ``(texts + 1,)``.
        vocabulary: the distinct words as they stand in the texts.
    """

    words: NDArray[np.int32]
    offsets: NDArray[np.int64]
    vocabulary: Sequence[str]

    @cached_property
    def texts(self) -> NDArray[np.int32]:
        """The number of the text that each word stands in, ``(words,)``."""
        numbers = np.arange(len(self.offsets) - 1, dtype=np.int32)
        return np.repeat(numbers, np.diff(self.offsets))


def stream_of(texts: Sequence[str] | pa.Array) -> Stream:
    """Split texts at white space; every text has at least one word, which may be empty."""
    array = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    # Of the white space beyond ASCII only the no-break space is common in news.
    split = pc.ascii_split_whitespace(pc.replace_substring(array, "\u00a0", " "))
    numbered = split.flatten().dictionary_encode()
    offsets = split.offsets.to_numpy().astype(np.int64)
    return Stream(numbered.indices.to_numpy().astype(np.int32), offsets - offsets[0], numbered.dictionary.to_pylist())


@dataclass(frozen=True, eq=False)
class Traits:
    """What the features need to know of each distinct word: arrays ``(words,)``.

    Attributes:
        hashes: a 64-bit hash of the bare word, 0 for an empty one.
        roles: `PLAIN`, `VERB` or `ACCORDING`.
        ends: whether the word, as it stands, is the last of a sentence.
    """

    hashes: NDArray[np.uint64]
    roles: NDArray[np.int8]
    ends: NDArray[np.bool_]

    @classmethod
    def of(cls, vocabulary: Sequence[str]) -> "Traits":
        """Look at distinct words as they stand in texts."""
        known = [bare(word) for word in vocabulary]
        return cls(
            keys_of(known),
            np.array([role(word) for word in known], dtype=np.int8),
            np.array([ends_sentence(word) for word in vocabulary], dtype=np.bool_),
        )

    def __len__(self) -> int:
        return len(self.hashes)


@lru_cache(maxsize=1 << 17)  # asked for twice of every new word
def bare(word: str) -> str:
    """Return a word as the features know it: without marks around it, case and a genitive's ``'s``, cut at 64 signs."""
    found = word.strip(_MARKS)[:_LONGEST].casefold()
    return found[:-2] if found.endswith(_GENITIVES) else found


def ends_sentence(word: str) -> bool:
    """Say whether a word as it stands in the text is the last of a sentence."""
    return word.rstrip(_QUOTES).endswith(_STOPS)


def role(word: str) -> int:
    """Return what a bare word is: `PLAIN`, `VERB` or `ACCORDING`."""
    return PLAIN if word not in _SAYING else ACCORDING if word == "according" else VERB


def keys_of(values: Iterable[str]) -> NDArray[np.uint64]:
    """Return a 64-bit hash of every string, the same on every machine; of an empty one 0."""
    digests = (hashlib.blake2b(value.encode(), digest_size=8).digest() if value else bytes(8) for value in values)
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)
