"""What a text's score is made of: occurrences of keys in three groups, each of which is scaled by its own length."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from briefbench.baselines.light.places import PAIR, ROLES, SLOTS, paired, places, salted
from briefbench.baselines.light.words import Stream, Traits, bare, stream_of

#: Words and pairs of words; characters within words; words beside verbs of saying.
GROUPS = ("words", "characters", "speech")
#: In how many texts of the train part a feature of each group must stand.
LEAST = (2, 3, 2)
_WORD, _PAIR, _SPEAKER, _ROLE, _GRAM = 1, 2, 3, 16, 32  # salts
_NOBODY = np.uint64(0x5EED)
_LENGTHS = (2, 3, 4, 5)
_PRIME = np.uint64(0x100000001B3)

Occurrences = tuple[NDArray[np.int32], NDArray[np.uint64]]


@dataclass(frozen=True, eq=False)
class Features:
    """The features of some texts; ``traits`` has those of the words that the stream numbers."""

    stream: Stream
    traits: Traits

    @classmethod
    def of(cls, texts: Sequence[str] | pa.Array) -> "Features":
        """Return the features of texts by themselves."""
        stream = stream_of(texts)
        return cls(stream, Traits.of(stream.vocabulary))

    def __len__(self) -> int:
        return len(self.stream.offsets) - 1

    def pairs(self) -> Occurrences:
        """Return text and key of every two neighbouring words of a text."""
        hashes, texts = self.traits.hashes[self.stream.words], self.stream.texts
        together = texts[:-1] == texts[1:]
        return texts[:-1][together], salted(paired(hashes[:-1], hashes[1:])[together], _PAIR)

    def speech(self) -> Occurrences:
        """Return text and key of every word beside a verb of saying; a text without such a verb has one key."""
        words, texts = self.stream.words, self.stream.texts
        verbs, filled = places(self.stream, self.traits.roles[words], self.traits.ends[words])
        keys = np.zeros(filled.shape, dtype=np.uint64)
        salts = {name: _ROLE + number for number, name in enumerate(ROLES)}
        for number, slot in enumerate(SLOTS):
            at = verbs[filled[:, number]] + slot.step
            if slot.role == PAIR:
                found = salted(paired(self.traits.hashes[words[at]], self.traits.hashes[words[at + 1]]), _SPEAKER)
            else:
                found = salted(self.traits.hashes[words[at]], salts[slot.role])
            keys[filled[:, number], number] = found
        silent = np.ones(len(self), dtype=np.bool_)
        silent[texts[verbs]] = False
        nobody = np.flatnonzero(silent).astype(np.int32)
        owners = np.concatenate([np.repeat(texts[verbs], filled.sum(axis=1)), nobody])
        order = np.argsort(owners, kind="stable")
        return owners[order], np.concatenate([keys[filled], np.full(len(nobody), _NOBODY)])[order]


def word_keys(traits: Traits) -> NDArray[np.uint64]:
    """Return the key of each distinct word where it stands for itself."""
    return salted(traits.hashes, _WORD)


def grams(vocabulary: Sequence[str]) -> Occurrences:
    """Return distinct word and key of every run of two to five characters of a word, its edges included."""
    padded = [f" {word} " if word else "" for word in map(bare, vocabulary)]
    signs = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    owners = np.repeat(np.arange(len(padded), dtype=np.int32), [len(word) for word in padded])
    runs, words, keys = signs.copy(), [], []
    for length in range(2, _LENGTHS[-1] + 1):
        runs = runs[:-1] * _PRIME ^ signs[length - 1 :]
        inside = owners[: len(runs)] == owners[length - 1 :]
        words.append(owners[: len(runs)][inside])
        keys.append(salted(runs[inside] + np.uint64(length << 56), _GRAM))
    every = np.concatenate(words)
    order = np.argsort(every, kind="stable")
    return every[order], np.concatenate(keys)[order]
