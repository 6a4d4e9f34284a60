"""The ensemble: a weighed mean of its members, whose weight is the best on validation, and the phrase most point at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from briefbench.baselines.base import Baseline, Chosen, Examples, Fitted
from briefbench.baselines.ensemble import ENCODER, LINEAR, fit_ensemble
from briefbench.baselines.registry import baseline_of
from briefbench.evaluation.predictions import Predictions
from briefbench.schema import SOURCE_TYPE, TASK_NAMES, TASKS, UNATTRIBUTED


@dataclass(frozen=True)
class Stub:
    """A member that is sure of some labels to some degree, and points at one phrase."""

    codes: NDArray[np.int64]
    sure: float
    span: tuple[int, int] | None = None
    chosen: Mapping[str, Chosen] = field(default_factory=dict)
    parameters: int = 7

    def predict(self, examples: Examples) -> Predictions:
        tables = {}
        for task in TASKS:
            rest = (1 - self.sure) / (len(task) - 1)
            tables[task.name] = np.full((len(examples), len(task)), rest)
            tables[task.name][np.arange(len(examples)), self.codes] = self.sure
        spans = None if self.span is None else np.tile(self.span, (len(examples), 1))
        return Predictions(dict.fromkeys(TASK_NAMES, self.codes), tables, spans=spans)


def examples(codes: list[int]) -> Examples:
    return Examples(
        [str(i) for i in range(len(codes))], [""] * len(codes), {}, {task: np.array(codes) for task in TASK_NAMES}
    )


GOLD = examples([0, 1, 2, 3])
RIGHT, WRONG = np.array([0, 1, 2, 3]), np.array([1, 2, 3, 0])


def ensemble(others: Stub, last: Stub, chosen: Mapping[str, Chosen] | None = None) -> Fitted:
    def members(baseline: Baseline) -> Sequence[Fitted]:
        return [last] if baseline.name == LINEAR else [others] * baseline.seeds

    return fit_ensemble(GOLD, GOLD, chosen, members=members)


@pytest.mark.parametrize(("right", "weight"), [("others", 0.2), ("last", 0.5)])
def test_the_weight_is_the_best_on_validation(right: str, weight: float) -> None:
    fitted = ensemble(Stub(RIGHT if right == "others" else WRONG, 0.6), Stub(RIGHT if right == "last" else WRONG, 0.7))
    for task in TASK_NAMES:
        assert fitted.chosen[task]["weight"] == weight
    assert fitted.predict(GOLD).labels["topic"].tolist() == [0, 1, 2, 3]
    assert fitted.parameters == 7 * (baseline_of(ENCODER).seeds + 1)


def test_probabilities_sum_to_one_and_a_choice_that_was_made_is_kept() -> None:
    chosen = {task: {"weight": 0.3} for task in TASK_NAMES}
    fitted = ensemble(Stub(RIGHT, 0.6), Stub(WRONG, 0.7), chosen)
    assert fitted.chosen == chosen
    found = fitted.predict(GOLD)
    for task in TASKS:
        np.testing.assert_allclose(found.probabilities[task.name].sum(axis=1), 1)
        assert found.labels[task.name].tolist() == found.probabilities[task.name].argmax(axis=1).tolist()


def test_the_phrase_is_the_commonest_and_there_is_none_on_nobodys_word() -> None:
    fitted = ensemble(Stub(RIGHT, 0.9, (3, 9)), Stub(RIGHT, 0.9, (0, 4)))
    assert fitted.predict(GOLD).spans is not None
    np.testing.assert_array_equal(fitted.predict(GOLD).spans, np.tile((3, 9), (4, 1)))
    silent = np.full(4, SOURCE_TYPE.codes[UNATTRIBUTED] % 4)
    quiet = ensemble(Stub(silent, 0.9, (3, 9)), Stub(silent, 0.9, (0, 4))).predict(GOLD)
    unattributed = quiet.labels[SOURCE_TYPE.name] == SOURCE_TYPE.codes[UNATTRIBUTED]
    assert ((quiet.spans[:, 0] < 0) == unattributed).all()
