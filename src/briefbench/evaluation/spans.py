"""Overlap of the phrase that names the source, in tokens of the bullet's text."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# A word with its apostrophes and hyphens split off, or one sign: what a span can begin or end at.
_TOKEN = re.compile(r"\w+|[^\w\s]")
_WORD = re.compile(r"\w+")


def token_f1(texts: Sequence[str], gold: NDArray[np.int64], predicted: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the F1 of the tokens under the predicted span against those under the gold one: shape ``(bullets,)``.

    A token counts as under a span that touches it. With ``g`` and ``p`` tokens under gold and prediction and ``b``
    under both, ``2 b / (g + p)``; 1 where both spans are missing, 0 where one is.
    Source: Rajpurkar et al., "SQuAD" (2016), section 6.1, and "Know what you don't know" (2018) for missing answers;
    here tokens are compared by their place, so that a word elsewhere in the text does not count.

    Args:
        texts: the bullets' texts.
        gold: start and end in code points, ``(bullets, 2)``; -1 where there is no span.
        predicted: the same.
    """
    equal = (gold == predicted).all(axis=1)
    found: NDArray[np.float64] = equal.astype(np.float64)
    rows = np.flatnonzero(~equal & (gold[:, 0] >= 0) & (predicted[:, 0] >= 0))
    for row, one, other in zip(rows.tolist(), gold[rows].tolist(), predicted[rows].tolist(), strict=True):
        text, common = texts[row], [max(one[0], other[0]), min(one[1], other[1])]
        shared = _shared(text, *common)
        size = shared if one == common else _tokens(text, *one)
        size += shared if other == common else _tokens(text, *other)
        found[row] = 2 * shared / size if size else 0.0
    return found


def _tokens(text: str, start: int, end: int) -> int:
    """Count the tokens that touch a span; of a word that the span cuts, the part inside counts for the word."""
    return len(_TOKEN.findall(text, start, end))


def _shared(text: str, start: int, end: int) -> int:
    """Count the tokens that touch two spans, given where the later begins and where the earlier to end ends.

    Spans without a common character share at most one token, a word that reaches from one to the other.
    """
    if start < end:
        return _tokens(text, start, end)
    return int(_WORD.fullmatch(text, end - 1, start + 1) is not None)
