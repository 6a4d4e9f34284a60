"""Near-duplicate bullets: candidates from MinHash and locality-sensitive hashing, kept after an exact check."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

#: Two bullets are near duplicates when the Jaccard similarity of their word sets reaches this value. Unrelated bullets
#: of this register share about 0.08 (99% of pairs stay under 0.17).
THRESHOLD = 0.4

# 84 bands of 3 rows: a pair at the threshold becomes a candidate with probability 1 - (1 - 0.4^3)^84 = 0.996.
_BANDS, _ROWS = 84, 3
_SEED = 1
_WORD = re.compile(r"\w+")


class Pair(NamedTuple):
    """Positions of two near duplicates, ``first < second``, and the exact Jaccard similarity of their word sets."""

    first: int
    second: int
    similarity: float


def word_set(text: str) -> frozenset[str]:
    """Return the distinct words of ``text`` in lower case, without punctuation."""
    return frozenset(_WORD.findall(text.casefold()))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Jaccard similarity of two sets; 1 for two empty ones."""
    shared = len(one & other)
    union = len(one) + len(other) - shared
    return shared / union if union else 1.0


def near_duplicates(texts: Sequence[str], *, threshold: float = THRESHOLD) -> list[Pair]:
    """Find the pairs of ``texts`` whose word sets have a Jaccard similarity of at least ``threshold``, in order.

    No pair below the threshold is returned; a pair at it is missed with probability 0.004, a closer one more rarely.
    """
    from datasketch import MinHash, MinHashLSH

    sets = [word_set(text) for text in texts]
    index = MinHashLSH(num_perm=_BANDS * _ROWS, params=(_BANDS, _ROWS))
    pairs: list[Pair] = []
    for second, signature in enumerate(MinHash.generator(_encoded(sets), num_perm=_BANDS * _ROWS, seed=_SEED)):
        for first in index.query(signature):
            similarity = jaccard(sets[first], sets[second])
            if similarity >= threshold:
                pairs.append(Pair(first, second, similarity))
        index.insert(second, signature)
    return sorted(pairs)


def _encoded(sets: Iterable[frozenset[str]]) -> list[list[bytes]]:
    return [[word.encode("utf-8") for word in sorted(words)] for words in sets]
