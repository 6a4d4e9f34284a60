"""Metrics over the declared labels, computed from counts, so that one line of code scores the data and every resample.

Every array may have leading axes, such as one for resamples. `docs/metrics.md` has the formulas on one page.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Bins of confidence in the expected calibration error.
BINS = 15

# Below this a probability counts as this, so that one sure mistake does not make a cross-entropy infinite.
_FLOOR = 1e-12


@dataclass(frozen=True)
class LabelScores:
    """Per-label counts and scores; every array has shape ``(..., labels)``. A score whose denominator is 0 is 0."""

    hits: Floats
    predicted: Floats
    gold: Floats

    @property
    def precision(self) -> Floats:
        """Hits over predicted bullets of the label."""
        return ratio(self.hits, self.predicted)

    @property
    def recall(self) -> Floats:
        """Hits over gold bullets of the label."""
        return ratio(self.hits, self.gold)

    @property
    def f1(self) -> Floats:
        """Harmonic mean of precision and recall: ``2 hits / (predicted + gold)``."""
        return ratio(2 * self.hits, self.predicted + self.gold)


def confusion(gold: NDArray[np.int64], predicted: NDArray[np.int64], labels: int) -> Counts:
    """Count bullets by gold label (rows) and predicted label (columns): shape ``(labels, labels)``."""
    return np.bincount(gold * labels + predicted, minlength=labels * labels).reshape(labels, labels)


def label_scores(confusions: NDArray[np.int64] | Floats) -> LabelScores:
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


def macro_f1_of(gold: NDArray[np.int64], predicted: NDArray[np.int64], labels: int) -> float:
    """Return macro-F1 of predicted against gold codes, both ``(bullets,)``, over ``labels`` declared labels."""
    return float(macro_f1(label_scores(confusion(gold, predicted, labels))))


def accuracy(scores: LabelScores) -> Floats:
    """Return the share of bullets whose predicted label is the gold one; 0 without bullets."""
    return ratio(scores.hits.sum(axis=-1), scores.gold.sum(axis=-1))


def mcc(scores: LabelScores) -> Floats:
    """Return Matthews' correlation for several classes; 0 where gold or predicted labels are all one.

    With ``c`` right bullets of ``s``, and ``t_k`` gold and ``p_k`` predicted bullets of label ``k``:
    ``(c s - sum t_k p_k) / sqrt((s^2 - sum p_k^2) (s^2 - sum t_k^2))``.
    Source: Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient" (2004).
    """
    right, bullets = scores.hits.sum(axis=-1), scores.gold.sum(axis=-1)
    both = right * bullets - (scores.gold * scores.predicted).sum(axis=-1)
    spread = (bullets**2 - (scores.predicted**2).sum(axis=-1)) * (bullets**2 - (scores.gold**2).sum(axis=-1))
    return ratio(both, np.sqrt(np.maximum(spread, 0)))


def cross_entropy(probabilities: Floats, shares: Floats) -> Floats:
    """Return the cross-entropy of every bullet in nats, ``-sum_k share_k log p_k``: shape ``(bullets,)``.

    Args:
        probabilities: predicted, shape ``(bullets, labels)``; below 1e-12 they count as 1e-12.
        shares: the votes' shares, same shape.

    Source: Peterson et al., "Human uncertainty makes classification more robust" (2019); Uma et al., "Learning from
    disagreement: a survey" (2021).
    """
    likelihood: Floats = (shares * np.log(np.maximum(probabilities, _FLOOR))).sum(axis=1)
    return -likelihood


def brier(probabilities: Floats, gold: NDArray[np.int64]) -> Floats:
    """Return the Brier score of every bullet, ``sum_k (p_k - [k is gold])^2``, from 0 to 2: shape ``(bullets,)``.

    Source: Brier, "Verification of forecasts expressed in terms of probability" (1950).
    """
    squares: Floats = (probabilities**2).sum(axis=1)
    return squares - 2 * probabilities[np.arange(len(gold)), gold] + 1


def confidence_bins(probabilities: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return the bin of every bullet among `BINS` of equal width, and its confidence, the largest probability.

    Bin ``m`` of ``M``, counted from 0, holds confidences above ``m / M`` up to ``(m + 1) / M``. They are compared to
    nine digits, so that the last bit of a division does not move a bullet to the next bin.
    """
    confidence: Floats = probabilities.max(axis=1)
    return np.ceil(np.round(confidence * BINS, 9)).astype(np.int64) - 1, confidence


def expected_calibration_error(probabilities: Floats, gold: NDArray[np.int64]) -> float:
    """Return the mean gap between confidence and accuracy over bins of confidence, weighted by bullets.

    A bullet is right where its most probable label, the first of equals, is the gold one.
    Source: Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks" (2017), equation 3, with their
    15 bins of equal width, closed above.
    """
    bins, confidence = confidence_bins(probabilities)
    gaps = np.abs(np.bincount(bins, confidence - (probabilities.argmax(axis=1) == gold), minlength=BINS))
    return float(gaps.sum() / len(gold))


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Divide, with 0 where the denominator is 0."""
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
