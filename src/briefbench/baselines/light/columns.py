"""The features that a model knows: a column for each key that enough texts of the train part have."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_BITS = 20


@dataclass(frozen=True, eq=False)
class Columns:
    """Keys in rising order, ``(columns,)``, and what each is worth in a text: its inverse document frequency."""

    keys: NDArray[np.uint64]
    idf: NDArray[np.float32]

    @classmethod
    def count(cls, texts: NDArray[np.integer], keys: NDArray[np.uint64], size: int, least: int) -> "Columns":
        """Make columns of the keys that stand in at least ``least`` of ``size`` texts.

        A key of ``d`` texts weighs ``log((1 + size) / (1 + d))``: what stands everywhere weighs nothing.

        Args:
            texts: the number of the text of each occurrence, ``(occurrences,)``.
            keys: its key; 0 is no feature.
            size: how many texts there are.
            least: the fewest texts.
        """
        present = keys != 0
        known, codes = np.unique(keys[present], return_inverse=True)
        pairs = np.unique(codes.astype(np.int64) * size + texts[present])
        counts = np.bincount(pairs // size, minlength=len(known))
        kept = counts >= least
        made = cls(known[kept], np.log((1 + size) / (1 + counts[kept])).astype(np.float32))
        found, _ = made.find(made.keys)  # one in ten thousand, at most, shares both its slots
        return cls(made.keys[found], made.idf[found])

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def _slots(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Two tables from bits of a key to the column that may be its: by the first bits, and for the rest by the last.

        Most keys of a text are unknown, and most of those find an empty slot at once.
        """
        numbers = np.arange(len(self.keys), dtype=np.int32)
        first, last = np.full((2, 1 << _BITS), -1, dtype=np.int32)
        first[_first(self.keys)] = numbers
        crowded = numbers[first[_first(self.keys)] != numbers]
        last[_last(self.keys[crowded])] = crowded
        return first, last

    def find(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the places of the known keys among ``keys``, and the column of each."""
        first, last = self._slots
        columns = first[_first(keys)]
        other = np.flatnonzero(columns >= 0)
        wrong = other[self.keys[columns[other]] != keys[other]]
        columns[wrong] = last[_last(keys[wrong])]
        wrong = wrong[columns[wrong] >= 0]
        columns[wrong[self.keys[columns[wrong]] != keys[wrong]]] = -1
        places = np.flatnonzero(columns >= 0)
        return places, columns[places].astype(np.int64)


def _first(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return keys >> np.uint64(64 - _BITS)


def _last(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return keys & np.uint64((1 << _BITS) - 1)
