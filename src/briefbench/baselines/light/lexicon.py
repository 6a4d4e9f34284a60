"""The words that a model has met, each looked at once: its traits, and its share of every score."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.light.words import Traits

# Beyond this many words the lexicon begins anew, so that memory stays flat over any number of texts.
_MOST = 200_000


class _Numbers(dict[str, int]):
    """The number of every word; one that is asked for the first time gets the next."""

    def __init__(self) -> None:
        super().__init__()
        self._new: list[str] = []

    def __missing__(self, word: str) -> int:
        self._new.append(word)
        number = self[word] = len(self)
        return number

    def take_new(self) -> list[str]:
        """Return the words that got a number since the last call, in the order of their numbers."""
        new, self._new = self._new, []
        return new


class Lexicon:
    """Distinct words by number, with a row of a table for each; both grow as words are met."""

    def __init__(self, weigh: Callable[[Sequence[str], Traits], NDArray[np.float32]], width: int) -> None:
        """Begin without a word; ``weigh`` returns the rows of new words, ``(words, width)``."""
        self._weigh = weigh
        self._width = width
        self._clear()

    def _clear(self) -> None:
        self._numbers = _Numbers()
        self.traits = Traits(np.zeros(0, np.uint64), np.zeros(0, np.int8), np.zeros(0, np.bool_))
        self.table = np.zeros((0, self._width), dtype=np.float32)

    def numbers(self, vocabulary: Sequence[str]) -> NDArray[np.int32]:
        """Return the number of every word of a vocabulary; numbers of earlier calls may no longer hold."""
        if len(self._numbers) > _MOST:
            self._clear()
        numbers = np.fromiter(map(self._numbers.__getitem__, vocabulary), np.int32, len(vocabulary))
        new = self._numbers.take_new()
        if new:
            traits = Traits.of(new)
            self.table = np.concatenate([self.table, self._weigh(new, traits)])
            self.traits = Traits(
                np.concatenate([self.traits.hashes, traits.hashes]),
                np.concatenate([self.traits.roles, traits.roles]),
                np.concatenate([self.traits.ends, traits.ends]),
            )
        return numbers
