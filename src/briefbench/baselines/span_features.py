"""What the span finder sees of a token: its neighbours, and where it stands between sentences and verbs of saying.

Every template gives one whole number a token; `Columns` keeps the numbers that the train part has more than once.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.features import VERBS

Codes = NDArray[np.int64]

# A word with its apostrophes and hyphens split off, or one sign: what the evaluator counts, and a span can begin with.
_TOKEN = re.compile(r"\w+|[^\w\s]")
#: What ends a sentence, before an upper-case letter or a quotation mark and not after a title or an initial.
ENDS = (".", "!", "?")
_VERBS = frozenset(VERBS)
_SHORT = frozenset(("gen", "gov", "lt", "col", "maj", "sen", "rep", "adm", "mr", "ms", "mrs", "dr", "st"))
# Tokens of nothing between bullets, as many as the widest window, so that no window reaches into another bullet.
_WINDOW, _NEXT = 4, 2
_FAR, _CLOSE = 12, 4  # distances to a verb, and all other counts, are told apart up to here
_BASE = 1_000_003  # more than any code of a word; two codes make one number
_RARE = 2  # a number that fewer tokens of the train part have is not learnt


@dataclass(frozen=True)
class Tokens:
    """The tokens of some texts, one after another, with padding before, between and after them.

    ``words`` ``(tokens,)``; ``bounds`` their start and end in code points, ``(tokens, 2)``, -1 for padding; ``limits``
    the first token of every text and the one after its last, ``(texts, 2)``.
    """

    words: Sequence[str]
    bounds: Codes
    limits: Codes

    @cached_property
    def kinds(self) -> tuple[list[str], Codes]:
        """The distinct words, and which of them every token is."""
        found: dict[str, int] = {}
        places = np.array([found.setdefault(word, len(found)) for word in self.words], dtype=np.int64)
        return list(found), places


def tokenize(texts: Sequence[str]) -> Tokens:
    """Split texts into tokens."""
    words, bounds, limits = [""] * _WINDOW, [(-1, -1)] * _WINDOW, []
    for text in texts:
        first = len(words)
        for found in _TOKEN.finditer(text):
            words.append(found[0])
            bounds.append(found.span())
        limits.append((first, len(words)))
        words += [""] * _WINDOW
        bounds += [(-1, -1)] * _WINDOW
    return Tokens(words, np.array(bounds, dtype=np.int64), np.array(limits, dtype=np.int64).reshape(-1, 2))


@dataclass(frozen=True)
class Columns:
    """The columns of a token's features: codes of strings, and of every template the sorted numbers that were kept."""

    codes: Mapping[str, int]
    kept: Sequence[Codes]

    @classmethod
    def fit(cls, tokens: Tokens) -> "Columns":
        """Keep what the tokens of the train part have more than once."""
        kinds = tokens.kinds[0]
        codes = {part: code for code, part in enumerate(dict.fromkeys(chain.from_iterable(map(_parts, kinds))))}
        kept = []
        for values in _templates(tokens, codes):
            numbers, counts = np.unique(values, return_counts=True)
            kept.append(numbers[(counts >= _RARE) & (numbers >= 0)])
        return cls(codes, kept)

    def matrix(self, tokens: Tokens) -> Any:
        """Return the features of all tokens as a sparse matrix of ones, ``(tokens, columns)``."""
        from scipy.sparse import csr_matrix

        count, width = len(tokens.words), len(self.kept)
        places, known = np.zeros((count, width), dtype=np.int32), np.zeros((count, width), dtype=bool)
        below = 0
        for i, values in enumerate(_templates(tokens, self.codes)):
            kept = self.kept[i]
            if len(kept):
                found = np.minimum(np.searchsorted(kept, values), len(kept) - 1)
                places[:, i], known[:, i] = found + below, kept[found] == values
            below += len(kept)
        ends = np.concatenate(([0], known.sum(axis=1).cumsum()))
        indices = places[known]
        return csr_matrix((np.ones(len(indices)), indices, ends), shape=(count, below))


def _parts(word: str) -> tuple[str, str, str, str]:
    """Return what is seen of a word in a window: itself, its shape, its end and its beginning."""
    lower = word.lower()
    return lower, f"{_shape(word)} shape", f"-{lower[-3:]} end", f"{lower[:4]}- beginning"


def _shape(word: str) -> str:
    if not word[:1].isalnum():
        return word
    if word.isdigit():
        return "0"
    if word[0].isupper():
        return "X" if len(word) == 1 else "XX" if word.isupper() else "Xx"
    return "x"


def _templates(tokens: Tokens, codes: Mapping[str, int]) -> Iterator[Codes]:
    """Yield one number a token for every template, -1 where it has none."""
    kinds, places = tokens.kinds
    seen = np.array([[codes.get(part, -1) for part in _parts(kind)] for kind in kinds], dtype=np.int64)[places]
    for offset in range(-_WINDOW, _WINDOW + 1):
        for part in range(seen.shape[1] if abs(offset) <= _NEXT else 2):
            yield np.roll(seen[:, part], -offset)
    lower = seen[:, 0]
    yield _pair(lower, np.roll(lower, -1))
    yield _pair(np.roll(lower, 1), lower)
    yield from _structure(tokens, lower)


def _structure(tokens: Tokens, lower: Codes) -> Iterator[Codes]:
    """Yield where a token stands: in its text, its sentence, and between the verbs of saying next to it."""
    layout = _Layout(tokens)
    after, before = layout.next_verb, layout.last_verb
    to, since = _capped(after - layout.index, _FAR), _capped(layout.index - before, _FAR)
    cap, place, left = layout.run, _capped(layout.place, 2 * _CLOSE), _capped(layout.left, 2 * _CLOSE)
    sentence, commas = _capped(layout.sentence, _CLOSE), _capped(layout.commas_to(after), _CLOSE)
    yield from (to, since, cap, place, left, sentence, commas, layout.quoted, layout.repeated)
    for distance, verb in ((to, after), (since, before)):
        yield np.where(distance < _FAR, _pair(lower[np.clip(verb, 0, len(lower) - 1)], distance), -1)
    yield _joint(to, since)
    yield _joint(to, left, cap)
    yield _joint(sentence, place, to)
    yield _joint(commas, to, cap)
    yield _pair(lower, sentence)


class _Layout:
    """Where the tokens stand, each an array ``(tokens,)``; padding belongs to the text before it."""

    def __init__(self, tokens: Tokens) -> None:
        self._kinds, self._places = tokens.kinds
        count = len(self._places)
        self.index = np.arange(count)
        opens = np.zeros(count, dtype=bool)
        opens[[0, *tokens.limits[:, 0]]] = True
        self._text = _first(opens)
        upper = self._flags(lambda word: word[:1].isupper())
        stop, quote = self._flags(lambda word: word in ENDS), self._flags(lambda word: word in ('"', "\u201c"))
        short = self._flags(lambda word: len(word) <= 1 or word.lower() in _SHORT)
        opens[2:] |= stop[1:-1] & ~short[:-2] & (upper | quote)[2:]
        self._start = _first(opens)
        number = opens.cumsum()
        self._end = np.append(np.flatnonzero(opens), count)[number]
        self.place, self.left = self.index - self._start, self._end - 1 - self.index
        self.sentence = number - number[self._text]
        self.run = _capped(self.index - np.maximum.accumulate(np.where(upper, -1, self.index)), _CLOSE)

    @property
    def next_verb(self) -> Codes:
        """The next verb of saying in the sentence; where there is none, a place too far to count."""
        verbs = np.where(self._flags(lambda word: word.lower() in _VERBS), self.index, len(self.index) + _FAR)
        following = np.append(np.minimum.accumulate(verbs[::-1])[::-1][1:], len(self.index) + _FAR)
        return np.where(following < self._end, following, self.index + _FAR)

    @property
    def last_verb(self) -> Codes:
        """The verb of saying before it in the sentence; where there is none, a place too far to count."""
        verbs = np.where(self._flags(lambda word: word.lower() in _VERBS), self.index, -1)
        passed = np.append(-1, np.maximum.accumulate(verbs)[:-1])
        return np.where(passed >= self._start, passed, self.index - _FAR)

    @property
    def quoted(self) -> Codes:
        """Whether it stands between quotation marks, straight ones (1) or curly ones (2)."""
        straight, opened, closed = (self._counted(mark) for mark in '"\u201c\u201d')
        return np.asarray(straight % 2 + 2 * (opened > closed), dtype=np.int64)

    @property
    def repeated(self) -> Codes:
        """Whether the word stood in the text before."""
        lower: dict[str, int] = {}
        kinds = np.array([lower.setdefault(word.lower(), len(lower)) for word in self._kinds], dtype=np.int64)
        _, first, word = np.unique(_joint(self._text, kinds[self._places]), return_index=True, return_inverse=True)
        return np.asarray(first[word] != self.index, dtype=np.int64)

    def commas_to(self, place: Codes) -> Codes:
        """Count the commas between a token and a later place, or the end of the sentence where that comes first."""
        commas = self._counted(",")
        return np.asarray(commas[np.minimum(place, self._end - 1)] - commas, dtype=np.int64)

    def _counted(self, word: str) -> Codes:
        """Count a word from the beginning of the text."""
        flags = self._flags(word.__eq__)
        counts = flags.cumsum()
        return np.asarray(counts - counts[self._text] + flags[self._text], dtype=np.int64)

    def _flags(self, holds: Callable[[str], bool]) -> NDArray[np.bool_]:
        return np.array([holds(word) for word in self._kinds], dtype=bool)[self._places]


def _first(opens: NDArray[np.bool_]) -> Codes:
    """Return for every place the last one up to it where something opens; the first place opens."""
    return np.maximum.accumulate(np.where(opens, np.arange(len(opens)), 0))


def _capped(values: Codes, most: int) -> Codes:
    return np.minimum(values, most)


def _pair(code: Codes, other: Codes) -> Codes:
    """Return one number for two, -1 where one of them is missing."""
    return np.where((code < 0) | (other < 0), -1, code * _BASE + other)


def _joint(*values: Codes) -> Codes:
    """Return one number for some small ones."""
    joint = values[0]
    for value in values[1:]:
        joint = joint * _BASE + value
    return joint
