"""The floors: the commonest label, and labels at their rates, without a look at anything."""

import numpy as np
import pytest
from numpy.typing import NDArray

from briefbench.baselines.base import Examples
from briefbench.baselines.constant import fit_majority, fit_stratified
from briefbench.schema import TASKS


def examples(codes: list[int] | NDArray[np.int64]) -> Examples:
    """Return examples with these codes in every task and nothing to read."""
    labels = {task.name: np.asarray(codes, dtype=np.int64) for task in TASKS}
    return Examples([f"b{i}" for i in range(len(codes))], [], {}, labels)


def test_the_majority_is_the_commonest_label_of_train_and_not_of_validation() -> None:
    fitted = fit_majority(examples([2, 1, 2, 0]), examples([3, 3, 3, 3, 3]))
    predicted = fitted.predict(examples([0] * 5)).labels
    assert {task: codes.tolist() for task, codes in predicted.items()} == {task.name: [2] * 5 for task in TASKS}
    assert fitted.chosen == {}
    assert not fitted.predict(examples([0])).probabilities


def test_stratified_draws_come_at_the_rates_of_train() -> None:
    fitted = fit_stratified(examples([0] * 6 + [1] * 3 + [3]), examples([2] * 50))
    drawn = fitted.predict(examples(np.zeros(20_000, dtype=np.int64))).labels
    for task in TASKS:
        rates = np.bincount(drawn[task.name], minlength=len(task)) / 20_000
        assert rates[:4] == pytest.approx([0.6, 0.3, 0.0, 0.1], abs=0.02)
        assert rates[[2, *range(4, len(task))]].sum() == 0
    assert not fitted.predict(examples([0])).probabilities


def test_stratified_draws_are_the_same_on_every_run_and_machine() -> None:
    train, test = examples([0, 1, 2, 3]), examples([0] * 12)
    drawn = fit_stratified(train, test).predict(test).labels
    again = fit_stratified(train, test).predict(test).labels
    assert {task: codes.tolist() for task, codes in drawn.items()} == {
        task: codes.tolist() for task, codes in again.items()
    }
    assert drawn["topic"].tolist() == [0, 1, 3, 2, 1, 1, 2, 0, 2, 3, 0, 3]


def test_the_tasks_are_drawn_independently() -> None:
    drawn = fit_stratified(examples([0, 1]), examples([0])).predict(examples([0] * 200)).labels
    assert (drawn["topic"] != drawn["stance"]).any()
    assert (drawn["stance"] != drawn["source_type"]).any()


def test_a_train_part_of_one_label_predicts_that_label() -> None:
    test = examples([0] * 50)
    assert set(fit_stratified(examples([3, 3]), test).predict(test).labels["stance"].tolist()) == {3}
    assert set(fit_majority(examples([3, 3]), test).predict(test).labels["stance"].tolist()) == {3}
