"""The distilled model: it learns what its teacher says of single sentences, beside the gold labels of the bullets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from briefbench.baselines.base import Baseline, Chosen, Examples, Fitted, unlabelled
from briefbench.baselines.light.distil import TEACHER, fit_distilled, sentences
from briefbench.evaluation.predictions import Predictions
from briefbench.schema import TASK_NAMES, TASKS

FIRST = ("Infantry held the trench near the river.", "Ministers said sanctions on banks would follow.")
SECOND = "Singers opened a festival for the choir."


@dataclass(frozen=True)
class Teacher:
    """Knows label 2 by a word that the gold labels of the bullets never tell apart."""

    chosen: Mapping[str, Chosen] = field(default_factory=dict)
    parameters: int = 0

    def predict(self, examples: Examples) -> Predictions:
        codes = np.array([2 if text.startswith("Singers") else int("Ministers" in text) for text in examples.texts])
        tables = {task.name: np.eye(len(task))[codes] * 0.9 + 0.1 / len(task) for task in TASKS}
        return Predictions(dict.fromkeys(TASK_NAMES, codes), tables)


def examples(codes: list[int]) -> Examples:
    """Return bullets of two sentences; a few have label 2, so that the train part has it."""
    texts = [f"{FIRST[code % 2]} {SECOND}" for code in codes]
    return Examples([f"b{i}" for i in range(len(codes))], texts, {}, {task: np.array(codes) for task in TASK_NAMES})


TRAIN, VALIDATION = examples([0, 1] * 12 + [2, 2]), examples([0, 1] * 3)


def members(baseline: Baseline) -> Sequence[Fitted]:
    assert baseline.name == TEACHER
    return [Teacher()] * 2


def settings(sentence_weight: float, share: float = 0.3) -> Mapping[str, Chosen]:
    one: Chosen = {"C": 10.0, "share": share, "sentence_weight": sentence_weight}
    return dict.fromkeys(TASK_NAMES, one)


def test_it_learns_of_a_sentence_what_only_the_teacher_knows() -> None:
    fitted = fit_distilled(TRAIN, VALIDATION, settings(1.0), members=members)
    found = fitted.predict(unlabelled([SECOND, FIRST[1], FIRST[0]]))
    for task in TASKS:
        assert found.labels[task.name].tolist() == [2, 1, 0]
        assert (found.probabilities[task.name][:, 3:] == 0).all()  # labels that train lacks


def test_without_weight_for_sentences_it_does_not() -> None:
    fitted = fit_distilled(TRAIN, VALIDATION, settings(0.0, share=0.0), members=members)
    assert fitted.chosen == settings(0.0, share=0.0)
    assert fitted.predict(unlabelled([FIRST[1], FIRST[0]])).labels["topic"].tolist() == [1, 0]
    assert fitted.predict(unlabelled([SECOND])).probabilities["topic"][0, 2] < 0.5


def test_of_a_sentence_that_says_little_the_likeliest_label_is_learnt_however_rare_another_is() -> None:
    """A teacher gives every text the rare label with probability 0.1, and the common one with the rest."""

    class Unsure(Teacher):
        def predict(self, examples: Examples) -> Predictions:
            tables = {task.name: np.eye(len(task))[[0] * len(examples)] * 0.9 for task in TASKS}
            for table in tables.values():
                table[:, 2] = 0.1
            return Predictions({}, tables)

    train = examples([0, 1] * 40 + [2])
    fitted = fit_distilled(train, VALIDATION, settings(1.0), members=lambda _: [Unsure()])
    assert fitted.predict(unlabelled([SECOND, "Nobody knew."])).labels["topic"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (f"{FIRST[0]} {SECOND}", [FIRST[0], SECOND]),
        (FIRST[0], []),
        (f"{FIRST[0]} No.", [FIRST[0]][:0]),
        ("\u201cThey held the line near the river.\u201d Ministers met in the town hall.", 2),
        ("", []),
    ],
)
def test_sentences_are_those_of_texts_with_more_than_one(text: str, parts: list[str] | int) -> None:
    assert sentences([text]) == parts if isinstance(parts, list) else len(sentences([text])) == parts
