"""The keyword rules: they follow the codebook, see no label, and take any text."""

import re
import tomllib
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from briefbench.baselines.base import Examples, read_examples, unlabelled
from briefbench.baselines.rules import Rules, fit_rules, phrases, read_rules
from briefbench.evaluation.metrics import confusion, label_scores, macro_f1
from briefbench.schema import SOURCE_TYPE, STANCE, TASKS, TOPIC, UNATTRIBUTED, Task
from tests_support import ROOT

TOPICS = {
    "combat": "Infantry advanced along the front line and captured two villages.",
    "strikes": "Missiles struck an apartment building overnight, wounding six.",
    "attacks_on_russia": "An oil depot burned in Belgorod after a blast.",
    "military_aid": "Another package of ammunition and howitzers is on its way.",
    "diplomacy": "Talks on a peace plan resumed at the summit.",
    "economy": "Gas exports fell and the price cap on crude held.",
    "nuclear": "A reactor lost its cooling.",
    "justice": "A tribunal convicted two men of war crimes.",
    "humanitarian": "Refugees waited for relief in evacuation buses.",
    "domestic_politics": "Protests against mobilization spread before the election.",
    "information": "Hackers spread disinformation and a deepfake.",
    "society": "The opera gave a concert for athletes at Christmas.",
}
SOURCES = {
    "ukrainian_official": ("The town was quiet, Ukraine's Interior Ministry said.", "Ukraine's Interior Ministry"),
    "russian_official": ("Nothing had changed, Kremlin spokesman Dmitry Peskov told reporters.", "Kremlin spokesman"),
    "western_official": (
        "The ships will leave in May, the Dutch defense minister announced.",
        "the Dutch defense minister",
    ),
    "other_official": ("Both sides should step back, Brazil's government said.", "Brazil's government"),
    "international_organization": ("Water is short in the south, the U.N. refugee agency warned.", "the U.N. refugee"),
    "armed_group": ("His men will stay, Wagner chief Yevgeny Prigozhin said.", "Wagner chief Yevgeny Prigozhin"),
    "unnamed_official": ("The plan is old, a senior U.S. official said.", "a senior U.S. official"),
    "news_media": ("The road is closed, Reuters reported.", "Reuters"),
    "expert_ngo": (
        "The line barely moved, according to the Institute for the Study of War.",
        "the Institute for the Study of War",
    ),
    "private_party": ("The tap ran dry in June, a resident of the village said.", "a resident of the village"),
}
STANCES = {
    "pro_ukraine": "Germany's chancellor condemned the aggression and pledged tanks to Ukraine.",
    "pro_russia": "The Kremlin accused the West of using terrorists.",
    "mixed": "France's president condemned the aggression. The Kremlin accused the West of terrorism.",
    "neutral": "Two bridges were hit, the Ukrainian military said.",
}


@pytest.fixture(scope="module")
def rules() -> Rules:
    return read_rules()


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return tomllib.loads(files("briefbench.baselines").joinpath("rules.toml").read_text(encoding="utf-8"))


def one(rules: Rules, text: str, task: Task) -> str:
    return task.names[rules.predict(unlabelled([text])).labels[task.name][0]]


@pytest.mark.parametrize("label", TOPIC.names)
def test_a_plain_case_of_every_topic_is_told(rules: Rules, label: str) -> None:
    assert rules.topic(TOPICS[label]) == label


@pytest.mark.parametrize("label", SOURCES)
def test_a_plain_case_of_every_source_is_told_and_its_phrase_marked(rules: Rules, label: str) -> None:
    text, phrase = SOURCES[label]
    found = rules.predict(unlabelled([text]))
    assert SOURCE_TYPE.names[found.labels["source_type"][0]] == label
    assert found.spans is not None
    start, end = found.spans[0]
    assert text[start:end].startswith(phrase)


@pytest.mark.parametrize("label", STANCE.names)
def test_a_plain_case_of_every_stance_is_told(rules: Rules, label: str) -> None:
    assert one(rules, STANCES[label], STANCE) == label


def test_what_stands_on_nobodys_word_has_no_source_even_where_officials_are_talked_about(rules: Rules) -> None:
    found = rules.predict(unlabelled(["A drone hit the Defense Ministry in Kyiv at night."]))
    assert SOURCE_TYPE.names[found.labels["source_type"][0]] == UNATTRIBUTED
    assert found.spans is not None
    assert found.spans.tolist() == [[-1, -1]]


def test_the_source_of_a_later_sentence_is_not_that_of_the_main_claim(rules: Rules) -> None:
    assert one(rules, "A mill burned down. Reuters reported two wounded.", SOURCE_TYPE) == UNATTRIBUTED


def test_an_office_without_a_country_is_that_of_the_place(rules: Rules) -> None:
    said = "said the regional governor."
    assert one(rules, f"Two houses burned in the Kharkiv region, {said}", SOURCE_TYPE) == "ukrainian_official"
    assert one(rules, f"Two houses burned in the Kursk region, {said}", SOURCE_TYPE) == "russian_official"
    assert (
        one(rules, "Poland will close two crossings, the prime minister announced.", SOURCE_TYPE) == "western_official"
    )


def test_the_same_words_are_a_stance_or_not_by_who_says_them(rules: Rules) -> None:
    assert one(rules, "Neo-Nazis rule the city, the Kremlin said.", STANCE) == "pro_russia"
    assert one(rules, "Neo-Nazis rule the city, Reuters reported.", STANCE) == "neutral"


def test_between_equals_the_first_sentence_and_then_the_codebooks_order_decide(rules: Rules) -> None:
    assert rules.topic("The opera reopened. A reactor was repaired.") == "society"
    assert rules.topic("The opera reopened near a reactor.") == "nuclear"
    assert rules.topic("Nothing of note.") == "diplomacy"


def test_the_topics_stand_in_the_codebooks_order_for_ties(told: dict[str, Any]) -> None:
    guidelines = (ROOT / "annotation" / "guidelines.md").read_text(encoding="utf-8")
    order = re.search(r"take the first of (.*?)\.", guidelines, re.DOTALL)
    assert order is not None
    assert list(told["topic"]["labels"]) == re.findall(r"`(\w+)`", order[1])


def test_every_rule_belongs_to_a_label_of_the_codebook(told: dict[str, Any]) -> None:
    sources = set(SOURCE_TYPE.names)
    assert set(told["topic"]["labels"]) == set(TOPIC.names)
    assert told["topic"]["default"] in TOPIC.names
    assert set(told["source_type"]["phrases"]) == sources - {"private_party", UNATTRIBUTED}
    assert set(told["source_type"]["countries"]) < sources
    assert {rule["label"] for rule in told["stance"]} == {"pro_ukraine", "pro_russia"}
    assert all(set(rule["sources"]) <= sources for rule in told["stance"])


@pytest.mark.parametrize(
    ("written", "text", "holds"),
    [
        ("oil", "Oil is dear.", True),
        ("oil", "The soil is wet.", False),
        ("refiner*", "Two refineries burned.", True),
        ("US", "It is up to us.", False),
        ("US", "The US agreed.", True),
        ("a _ official", "A local official spoke.", True),
        ("a _ official", "An official spoke.", False),
        ("air raid*", "Air\nraids went on.", True),
        ("G-7", "G-75", False),
    ],
)
def test_a_phrase_matches_whole_words_and_upper_case_only_where_it_has_some(
    written: str, text: str, holds: bool
) -> None:
    assert (phrases([written]).search(text) is not None) == holds


def test_nothing_is_learnt(rules: Rules) -> None:
    nothing = Examples([], [], {}, {})
    fitted = fit_rules(nothing, nothing, {"topic": {"C": 1.0}})
    assert (fitted.parameters, fitted.chosen) == (0, {})
    assert fitted is rules


@given(st.text(max_size=300))
@example("said")
@example(" by . said by")
@example("according to ")
@example("said Gov. . said, said, Gov.")
def test_any_text_has_labels_and_a_phrase_inside_it_exactly_where_somebody_speaks(text: str) -> None:
    found = read_rules().predict(unlabelled([text]))
    assert found.spans is not None
    start, end = found.spans[0].tolist()
    assert all(0 <= found.labels[task.name][0] < len(task) for task in TASKS)
    nobody = found.labels["source_type"][0] == SOURCE_TYPE.codes[UNATTRIBUTED]
    assert (start, end) == (-1, -1) if nobody else 0 <= start < end <= len(text)


@given(
    st.lists(st.sampled_from(["said", "Kyiv,", "the", "official", "a", "that", "by", "U.S.", '"', "sanctions", "."]))
)
def test_a_heap_of_the_rules_own_words_has_a_phrase_inside_it(words: list[str]) -> None:
    text = " ".join(words)
    found = read_rules().predict(unlabelled([text]))
    assert found.spans is not None
    start, end = found.spans[0].tolist()
    assert (start, end) == (-1, -1) or text[start:end].strip() == text[start:end] != ""


@pytest.mark.parametrize("piece", ["a ", ". A", " ", "the Kremlin said that ", '"sanctions,said by a '])
def test_a_long_text_is_no_trap(rules: Rules, piece: str) -> None:
    rules.predict(unlabelled([piece * (20_000 // len(piece))]))  # a rule that is not linear would hang here


def test_the_rules_stand_far_above_the_shortcuts() -> None:
    held = read_examples()["validation"]
    found = read_rules().predict(held)
    for task, least in ((TOPIC, 0.6), (STANCE, 0.42), (SOURCE_TYPE, 0.58)):
        table = confusion(held.labels[task.name], found.labels[task.name], len(task))
        assert float(macro_f1(label_scores(table))) > least


def test_labels_do_not_depend_on_what_else_is_labelled(rules: Rules) -> None:
    texts = [*TOPICS.values(), *STANCES.values()]
    together = rules.predict(unlabelled(texts))
    for i, text in enumerate(texts):
        alone = rules.predict(unlabelled([text]))
        assert all(alone.labels[task.name][0] == together.labels[task.name][i] for task in TASKS)
        np.testing.assert_array_equal(alone.spans, together.spans[i : i + 1] if together.spans is not None else None)
