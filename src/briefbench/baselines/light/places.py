"""Features as keys: 64-bit numbers made of a word's hash and what the word does where it stands."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.light.words import ACCORDING, PLAIN, Stream

#: What a word can be beside a verb of saying: the verb, a word around the speaker, one next to the verb, one that is
#: said, one around the first speaker of all.
ROLES = ("verb", "by", "near", "said", "first")
PAIR = "pair"


class Slot(NamedTuple):
    """A place beside a verb of saying: how many words on, and which of `ROLES` a word has there, or `PAIR`."""

    step: int
    role: str


#: Up to seven words before the verb, and up to five after it; a pair is a word before it with the next one.
SLOTS = (
    Slot(0, "verb"),
    *(Slot(-step, "by") for step in range(1, 8)),
    *(Slot(-step, "near") for step in range(1, 4)),
    *(Slot(-step, "first") for step in range(1, 5)),
    *(Slot(-step, PAIR) for step in range(2, 8)),
    *(Slot(step, "by") for step in range(1, 6)),
    *(Slot(step, "near") for step in range(1, 5)),
    *(Slot(step, "said") for step in range(1, 4)),
)
# A verb with fewer words than this after it stands at the end of its sentence.
_LAST = 8
_STEPS = (*range(-7, 6), _LAST)
_ODD = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


def salted(keys: NDArray[np.uint64], salt: int) -> NDArray[np.uint64]:
    """Return other keys for the same words, another set for every salt; the empty word keeps 0."""
    mixed = (keys ^ np.uint64(salt)) * _ODD
    mixed ^= mixed >> _SHIFT
    mixed[keys == 0] = 0
    return mixed


def paired(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the key of every pair of words; 0 where either is empty."""
    mixed = first * _ODD
    mixed ^= mixed >> _SHIFT
    mixed = (mixed ^ second) * _ODD
    mixed ^= mixed >> _SHIFT
    mixed[(first == 0) | (second == 0)] = 0
    return mixed


def places(
    stream: Stream, roles: NDArray[np.int8], ends: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Find the words around the verbs of saying, as `features.attribution` does, within each sentence.

    Args:
        stream: the texts.
        roles: of each word of the stream, `PLAIN`, `VERB` or `ACCORDING`.
        ends: whether each word of the stream ends a sentence.

    Returns:
        the positions of the verbs in the stream, ``(verbs,)``, and which of `SLOTS` beside each are filled,
        ``(verbs, slots)``.
    """
    last = ends.copy()
    last[stream.offsets[1:] - 1] = True
    sentences = np.concatenate([[0], np.cumsum(last)[:-1]]).astype(np.int32)
    verbs = np.flatnonzero(roles != PLAIN)
    at = verbs[:, None] + np.array(_STEPS)
    inside = (at >= 0) & (at < len(sentences))
    there = inside & (sentences[np.where(inside, at, 0)] == sentences[verbs][:, None])
    first = sentences[verbs] == sentences[stream.offsets[:-1]][stream.texts[verbs]]
    turned = (roles[verbs] == ACCORDING) | ~there[:, _STEPS.index(-1)] | ~there[:, _STEPS.index(_LAST)]
    filled = there[:, [_STEPS.index(slot.step) for slot in SLOTS]]
    for number, slot in enumerate(SLOTS):
        if slot.role == "first":
            filled[:, number] &= first
        if slot.step > 0:
            filled[:, number] &= ~turned if slot.role == "said" else turned
    return verbs, filled
