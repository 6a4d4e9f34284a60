"""Cluster bootstrap: intervals that know that bullets of one week stand or fall together.

Clusters are drawn with replacement, never single bullets. Only per-cluster counts are resampled, so the cost does not
grow with the number of bullets.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
SEED = 12345
LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A confidence interval at `LEVEL`."""

    low: float
    high: float


def draw_weights(clusters: int, *, resamples: int = RESAMPLES, seed: int = SEED) -> NDArray[np.float64]:
    """Draw how often every cluster stands in every resample: shape ``(resamples, clusters)``, rows sum to ``clusters``.

    The raw stream of PCG64 is used because NumPy guarantees it across versions, unlike its distributions. The upper
    half of each draw is scaled to a cluster; the bias of that is below ``clusters / 2**32``.

    Raises:
        ValueError: ``resamples`` is not positive, or ``seed`` is negative.
    """
    if resamples < 1 or seed < 0:
        raise ValueError(f"resamples must be positive and seed not negative; got {resamples} and {seed}")
    raw = np.random.PCG64(seed).random_raw(resamples * clusters)
    drawn = ((raw >> np.uint64(32)) * np.uint64(clusters)) >> np.uint64(32)
    cells = np.repeat(np.arange(resamples), clusters) * clusters + drawn.astype(np.int64)
    return np.bincount(cells, minlength=resamples * clusters).reshape(resamples, clusters).astype(np.float64)


def resample(weights: NDArray[np.float64], per_cluster: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum per-cluster counts ``(clusters, n)`` over the clusters of every resample: ``(resamples, n)``, exact."""
    return weights @ per_cluster.astype(np.float64)


def percentile_interval(values: NDArray[np.float64]) -> Interval:
    """Return the percentile interval of a bootstrap distribution (Efron and Tibshirani 1993, chapter 13)."""
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return Interval(float(low), float(high))
