"""Floors that read nothing: always the commonest label, and labels drawn at the rates of the train part."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.base import Chosen, Examples
from briefbench.evaluation.predictions import Predictions
from briefbench.schema import TASKS

_SEED = 12345


@dataclass(frozen=True)
class Majority:
    """Predicts the commonest label of the train part."""

    labels: Mapping[str, int]
    chosen: Mapping[str, Chosen] = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        """One label a task."""
        return len(self.labels)

    def predict(self, examples: Examples) -> Predictions:
        """Return the same label for every bullet."""
        return Predictions({task: np.full(len(examples), label) for task, label in self.labels.items()})


@dataclass(frozen=True)
class Stratified:
    """Draws labels at their rates in the train part, from a fixed seed and NumPy's guaranteed raw stream."""

    rates: Mapping[str, NDArray[np.float64]]
    chosen: Mapping[str, Chosen] = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        """The rates."""
        return sum(rates.size for rates in self.rates.values())

    def predict(self, examples: Examples) -> Predictions:
        """Return one draw a bullet."""
        stream = np.random.PCG64(_SEED)
        return Predictions(
            {
                task: np.searchsorted(rates.cumsum()[:-1], stream.random_raw(len(examples)) / 2.0**64, side="right")
                for task, rates in self.rates.items()
            }
        )


def fit_majority(train: Examples, validation: Examples, chosen: Mapping[str, Chosen] | None = None) -> Majority:
    """Count the labels of the train part."""
    return Majority({task.name: int(np.bincount(train.labels[task.name]).argmax()) for task in TASKS})


def fit_stratified(train: Examples, validation: Examples, chosen: Mapping[str, Chosen] | None = None) -> Stratified:
    """Measure the rates of the labels of the train part."""
    counts = {task.name: np.bincount(train.labels[task.name], minlength=len(task)) for task in TASKS}
    return Stratified({task: count / count.sum() for task, count in counts.items()})
