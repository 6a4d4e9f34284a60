"""Labels by keyword rules that a person can read: the codebook as lists of words, without any training.

The lists stand in ``rules.toml``. Who speaks is told first, then the topic by the codebook's order, then the stance.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from briefbench.baselines.base import Chosen, Examples
from briefbench.baselines.speakers import Finder, Speaker, sentences
from briefbench.evaluation.predictions import Predictions
from briefbench.schema import SOURCE_TYPE, STANCE, TOPIC, UNATTRIBUTED

NEUTRAL, PRIVATE = "neutral", "private_party"
# What a phrase of either list weighs, and how many times as much one in the first sentence.
_SURE, _LIKELY, _FIRST = 3, 1, 2
_FULL_NAME = re.compile(r"[A-Z][\w'\u2019-]* [A-Z]")


def phrases(written: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern that finds any of some phrases of ``rules.toml``, as whole words."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(_phrase, written))})(?!\w)")


def _phrase(written: str) -> str:
    words = [r"[\w.'\u2019-]+" if word == "_" else re.escape(word).replace(r"\*", r"\w*") for word in written.split()]
    either = r"\s+".join(words)
    return either if written != written.lower() else f"(?i:{either})"


@dataclass(frozen=True)
class Rules:
    """The rules, ready to be applied. Nothing in them was fitted."""

    topics: Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]]
    default_topic: str
    finder: Finder
    named: Mapping[str, re.Pattern[str]]
    countries: Mapping[str, re.Pattern[str]]
    offices: re.Pattern[str]
    russian_places: re.Pattern[str]
    private: re.Pattern[str]
    stances: Sequence[tuple[str, frozenset[str], re.Pattern[str]]]
    chosen: Mapping[str, Chosen] = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        """Nothing is fitted."""
        return 0

    def predict(self, examples: Examples) -> Predictions:
        """Return a label of every task and the phrase that names the source, or none where nobody speaks."""
        labels = {task.name: np.zeros(len(examples), dtype=np.int64) for task in (TOPIC, STANCE, SOURCE_TYPE)}
        spans = np.full((len(examples), 2), -1)
        for i, text in enumerate(examples.texts):
            voices = self.voices(text)
            labels[TOPIC.name][i] = TOPIC.codes[self.topic(text)]
            labels[STANCE.name][i] = STANCE.codes[self.stance(text, voices)]
            labels[SOURCE_TYPE.name][i] = SOURCE_TYPE.codes[UNATTRIBUTED]
            if voices and voices[0][0].sentence == 0:  # a later sentence's source is not that of the main claim
                speaker, source = voices[0]
                labels[SOURCE_TYPE.name][i] = SOURCE_TYPE.codes[source]
                spans[i] = speaker.start, speaker.end
        return Predictions(labels, spans=spans)

    def topic(self, text: str) -> str:
        """Return the topic whose phrases weigh most; of equals that of the codebook's order."""
        first = sentences(text)[0][1]
        weights = {label: self._weight(patterns, text, first) for label, patterns in self.topics.items()}
        best = max(weights.values())
        return next(label for label, weight in weights.items() if weight == best) if best else self.default_topic

    def voices(self, text: str) -> list[tuple[Speaker, str]]:
        """Return the phrases that name a source, each with its kind, in the order of the text."""
        home = self._home(text)
        found = ((speaker, self._kind(text[speaker.start : speaker.end], home)) for speaker in self.finder.find(text))
        return [(speaker, kind) for speaker, kind in found if kind is not None]

    def stance(self, text: str, voices: Sequence[tuple[Speaker, str]]) -> str:
        """Return the side that the voices take, each in its sentences: mixed where rules of both sides hold."""
        speaking: dict[int, set[str]] = {}
        for speaker, kind in voices:
            speaking.setdefault(speaker.sentence, set()).add(kind)
        kinds, sides = {UNATTRIBUTED}, set()
        for number, (start, end) in enumerate(sentences(text)):
            kinds = speaking.get(number, kinds)  # who spoke last speaks on
            for label, sources, pattern in self.stances:
                if label not in sides and kinds & sources and pattern.search(text, start, end):
                    sides.add(label)
        return "mixed" if len(sides) > 1 else sides.pop() if sides else NEUTRAL

    def _weight(self, patterns: tuple[re.Pattern[str], re.Pattern[str]], text: str, first: int) -> int:
        total = 0
        for pattern, weight in zip(patterns, (_SURE, _LIKELY), strict=True):
            seen: dict[str, int] = {}
            for found in pattern.finditer(text):
                seen.setdefault(found[0].lower(), _FIRST if found.start() < first else 1)
            total += weight * sum(seen.values())
        return total

    def _kind(self, phrase: str, home: str) -> str | None:
        """Return the kind of source that a phrase names, or ``None`` where it names none."""
        for kind, pattern in self.named.items():
            if pattern.search(phrase):
                return kind
        office, private = self.offices.search(phrase), self.private.search(phrase)
        country = self._country(phrase)
        if country is not None:
            return country if office or not private else PRIVATE
        if office:
            return home
        return PRIVATE if private or _FULL_NAME.search(phrase) else None

    def _home(self, text: str) -> str:
        """Return whose an office without a country is: that of the first sentence, unless it is at war."""
        if self.russian_places.search(text):
            return "russian_official"
        country = self._country(text[: sentences(text)[0][1]])
        return country if country in ("western_official", "other_official") else "ukrainian_official"

    def _country(self, text: str) -> str | None:
        """Return the officials of the country that is named first."""
        found = [(match.start(), kind) for kind, pattern in self.countries.items() if (match := pattern.search(text))]
        return min(found)[1] if found else None


def fit_rules(train: Examples, validation: Examples, chosen: Mapping[str, Chosen] | None = None) -> Rules:
    """Read the rules; the examples are not looked at, nor is what was chosen."""
    return read_rules()


@cache
def read_rules() -> Rules:
    """Read ``rules.toml``."""
    told = tomllib.loads(files("briefbench.baselines").joinpath("rules.toml").read_text(encoding="utf-8"))
    source: Mapping[str, Any] = told["source_type"]
    everybody = frozenset(SOURCE_TYPE.names)
    return Rules(
        topics={
            label: (phrases(lists["sure"]), phrases(lists["likely"]))
            for label, lists in told["topic"]["labels"].items()
        },
        default_topic=told["topic"]["default"],
        finder=Finder(told["speaker"]),
        named={kind: phrases(list_) for kind, list_ in source["phrases"].items()},
        countries={kind: phrases(list_) for kind, list_ in source["countries"].items()},
        offices=phrases(source["offices"]),
        russian_places=phrases(source["russian_places"]),
        private=phrases(source["private"]),
        stances=[
            (rule["label"], frozenset(rule.get("sources", everybody)), phrases(rule["phrases"]))
            for rule in told["stance"]
        ],
    )
