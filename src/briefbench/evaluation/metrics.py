"""Metrics over the declared labels, computed from counts; the scores also take stacks of tables (leading axes)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LabelScores:
    """Per-label counts and scores; every array has shape ``(..., labels)``. A score whose denominator is 0 is 0."""

    hits: Floats
    predicted: Floats
    gold: Floats

    @property
    def precision(self) -> Floats:
        """Hits over predicted bullets of the label."""
        return _ratio(self.hits, self.predicted)

    @property
    def recall(self) -> Floats:
        """Hits over gold bullets of the label."""
        return _ratio(self.hits, self.gold)

    @property
    def f1(self) -> Floats:
        """Harmonic mean of precision and recall: ``2 hits / (predicted + gold)``."""
        return _ratio(2 * self.hits, self.predicted + self.gold)


def confusion(gold: NDArray[np.int64], predicted: NDArray[np.int64], labels: int) -> Counts:
    """Count bullets by gold label (rows) and predicted label (columns): shape ``(labels, labels)``."""
    return np.bincount(gold * labels + predicted, minlength=labels * labels).reshape(labels, labels)


def label_scores(confusions: Counts) -> LabelScores:
    """Return the per-label counts of confusion tables of shape ``(..., labels, labels)``."""
    table = confusions.astype(np.float64)
    return LabelScores(
        hits=np.diagonal(table, axis1=-2, axis2=-1), predicted=table.sum(axis=-2), gold=table.sum(axis=-1)
    )


def macro_f1(scores: LabelScores) -> Floats:
    """Return the unweighted mean of F1 over the *declared* labels, also those that no bullet has, where F1 is 0.

    This is the "averaged F1" of Opitz and Burst, "Macro F1 and Macro F1" (2019), and scikit-learn's
    ``f1_score(average="macro", labels=<declared>, zero_division=0)``.
    """
    return _mean(scores.f1)


def accuracy(confusions: Counts) -> Floats:
    """Return the share of bullets on the diagonal of confusion tables; 0 for an empty table."""
    table = confusions.astype(np.float64)
    return _ratio(np.trace(table, axis1=-2, axis2=-1), table.sum(axis=(-2, -1)))


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    out = np.zeros(np.shape(numerator))
    np.divide(numerator, denominator, out=out, where=denominator > 0)
    return out


def _mean(values: Floats) -> Floats:
    """Average over the last axis, adding in one fixed order so that every machine gets the same bits."""
    total: Floats = np.zeros(values.shape[:-1])
    for label in range(values.shape[-1]):
        total += values[..., label]
    mean: Floats = total / values.shape[-1]
    return mean
