"""Who speaks in a text, by rule: the phrases before and after its verbs of saying, in the order in which they stand.

Every rule looks at a stretch of bounded length around a verb, so that the time grows with the text and no faster.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from briefbench.baselines.features import VERBS

Bounds = tuple[int, int]

# A stop ends a sentence unless it stands after a title or an initial; a closing quotation mark may follow it.
_SENTENCE = re.compile(
    r"(?<!\b[A-Z])(?<!\bGen)(?<!\bGov)(?<!\bLt)(?<!\bCol)(?<!\bMaj)(?<!\bSen)(?<!\bRep)(?<!\bAdm)(?<!\bMr)(?<!\bSt)"
    '[.!?]["\u201d\u2019)]?\\s+(?=[A-Z\u201c"\u2018(\\d])'
)
_MARKS = ',;:\u2014\u2013"\u201c\u201d()'
_PART = re.compile(rf"[^{_MARKS}]*[^{_MARKS}\s]")
_WORD = re.compile(rf"[^\s{_MARKS}]+")
# The marks after which a verb stands before its speaker: "…," said the mayor.
_TURNING = tuple(',:\u2014"\u201d')
# Characters that are looked at before and after a verb, and the words that a phrase may have.
_REACH, _LONGEST = 160, 12


@dataclass(frozen=True)
class Speaker:
    """A phrase that may name a source: its start and end in code points, and the number of its sentence from 0."""

    start: int
    end: int
    sentence: int


class Finder:
    """Finds the phrases of texts that may name a source."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Take the lists of ``[speaker]`` in ``rules.toml``."""
        verbs = "|".join(map(re.escape, dict.fromkeys((*VERBS, *words["saying"]))))
        nouns = "|".join(map(re.escape, words["nouns"]))
        self._cue = re.compile(rf"(?<!\w)(?:(?P<noun>{nouns})|(?:{verbs}))(?!\w)", re.IGNORECASE)
        self._cuts = frozenset(words["boundaries"])
        self._pronouns = frozenset(words["pronouns"])
        self._fillers = frozenset(words["fillers"])

    def find(self, text: str) -> list[Speaker]:
        """Return the phrases in the order of their verbs."""
        return [
            Speaker(*bounds, number)
            for number, (start, end) in enumerate(sentences(text))
            for cue in self._cue.finditer(text, start, end)
            for bounds in self._around(text, start, end, cue)
        ]

    def _around(self, text: str, start: int, end: int, cue: re.Match[str]) -> Iterator[Bounds]:
        """Yield what stands after a verb where verb and speaker are turned around, and what stands before it."""
        low, high = max(start, cue.start() - _REACH), min(end, cue.end() + _REACH)
        passive = text.startswith(" by ", cue.end())
        before = text[low : cue.start()].rstrip()
        if cue["noun"] or passive or not before or before.endswith(_TURNING):
            yield from self._after(text, cue.end() + 3 * passive, high)
        if not cue["noun"] and not passive:
            yield from self._before(text, low, cue.start())

    def _after(self, text: str, start: int, end: int) -> Iterator[Bounds]:
        """Yield the phrase that begins here, with the role or name that is set beside it."""
        parts = [found.span() for found in _PART.finditer(text, start, end)][:2]
        if parts and not text[start : parts[0][0]].strip():
            words = self._up_to_cut(text, *parts[0])
            whole = bool(words) and words[-1][1] >= parts[0][1] - 1
            more = self._up_to_cut(text, *parts[1]) if whole and self._beside(text, parts) else []
            if words:
                yield words[0][0], (more or words)[-1][1]

    def _before(self, text: str, start: int, end: int) -> Iterator[Bounds]:
        """Yield the phrase that ends here, with the name or role that is set beside it."""
        parts = [found.span() for found in _PART.finditer(text, start, end)][-2:]
        last = self._since_cut(text, *parts[-1]) if parts else []
        if last:
            closed = text[parts[-1][1] : end].strip() == ","  # what ends with a comma was set beside what comes before
            whole = last[0][0] <= parts[-1][0] + 1
            beside = len(parts) > 1 and (
                closed or (whole and self._beside(text, [parts[0], (parts[1][0], last[-1][1])]))
            )
            first = self._since_cut(text, *parts[0]) if beside else []
            yield (first or last)[0][0], last[-1][1]

    def _beside(self, text: str, parts: Sequence[Bounds]) -> bool:
        """Tell whether two parts are a name and a role with a comma between them: one is a name, neither a clause."""
        if len(parts) < 2 or text[parts[0][1] : parts[1][0]].strip() != ",":  # noqa: PLR2004
            return False
        both = [text[slice(*part)].split() for part in parts]
        clause = any(len(words) > _LONGEST or any(map(self._is_verb, words)) for words in both)
        return not clause and any(all(word[0].isupper() for word in words) for words in both)

    def _is_verb(self, word: str) -> bool:
        return word.lower() in self._fillers or (word.islower() and word.endswith("ed"))

    def _up_to_cut(self, text: str, start: int, end: int) -> list[Bounds]:
        """Return the words before the first that ends a phrase, the last one without the stop of its sentence."""
        words: list[Bounds] = []
        for found in _WORD.finditer(text, start, end):
            lower = found[0].lower()
            ends = lower in self._cuts or lower in self._fillers or lower in self._pronouns
            if ends or len(words) == _LONGEST or (words and self._cue.fullmatch(found[0])):
                break
            words.append(found.span())
        if words and text[slice(*words[-1])].count(".") == 1:
            words[-1] = (words[-1][0], words[-1][1] - text.endswith(".", *words[-1]))
        return [one for one in words if one[0] < one[1]]

    def _since_cut(self, text: str, start: int, end: int) -> list[Bounds]:
        """Return the words after the last that begins a clause, without adverbs and helping verbs at their end."""
        words: list[Bounds] = []
        for found in _WORD.finditer(text, start, end):
            if found[0].lower() in self._cuts:
                words.clear()
            else:
                words.append(found.span())
        while words and self._is_filler(text[slice(*words[-1])]):
            words.pop()
        pronoun = bool(words) and text[slice(*words[-1])].lower() in self._pronouns
        return [] if pronoun or len(words) > _LONGEST else words

    def _is_filler(self, word: str) -> bool:
        return word.lower() in self._fillers or word.endswith("ly")


def sentences(text: str) -> list[Bounds]:
    """Return start and end of the sentences of a text; a text without any is one."""
    ends = [found.end() for found in _SENTENCE.finditer(text)]
    return list(zip([0, *ends], [*ends, len(text)], strict=True))
