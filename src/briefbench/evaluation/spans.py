"""Overlap of the phrase that names the source, in tokens of the bullet's text."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# A word with its apostrophes and hyphens split off, or one sign: what a span can begin or end at.
_TOKEN = re.compile(r"\w+|[^\w\s]")


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
    for row in np.flatnonzero(~equal & (gold[:, 0] >= 0) & (predicted[:, 0] >= 0)).tolist():
        here, there = _tokens(texts[row], gold[row]), _tokens(texts[row], predicted[row])
        size = len(here) + len(there)
        found[row] = 2 * len(here & there) / size if size else 0.0
    return found


def _tokens(text: str, span: NDArray[np.int64]) -> set[int]:
    """Return where the tokens that touch a span begin."""
    start, end = span
    return {token.start() for token in _TOKEN.finditer(text) if token.start() < end and token.end() > start}
