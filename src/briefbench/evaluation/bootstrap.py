"""Cluster bootstrap: intervals that know that bullets of one week stand or fall together.

Clusters are drawn with replacement, never single bullets. Only per-cluster sums are resampled, so the cost does not
grow with the number of bullets, and the sums are of whole numbers, so no order of addition changes a bit of them.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import inf, isfinite
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from briefbench.errors import UnknownNameError
from briefbench.schema import listing

RESAMPLES = 10_000
SEED = 12345
LEVEL = 0.95

#: With fewer clusters than this an interval is too narrow to be trusted; `benchmarks/coverage.py` shows by how much.
FEW_CLUSTERS = 10

Method = Literal["bca", "percentile"]
METHODS: tuple[Method, ...] = ("bca", "percentile")

Floats = NDArray[np.float64]
# Fixed-point unit of sums of fractions: an error of 2e-9 a bullet, and exact sums over a million bullets.
_UNIT = 2.0**28


@dataclass(frozen=True)
class Interval:
    """A confidence interval at `LEVEL`."""

    low: float
    high: float


@dataclass(frozen=True)
class Clusters:
    """The bullets' clusters and the draws of a bootstrap over them.

    ``codes`` gives every bullet its cluster, shape ``(bullets,)``, counted from 0 to ``count - 1``. Another ``method``
    than `METHODS` has raises `UnknownNameError`.
    """

    codes: NDArray[np.int64]
    count: int
    resamples: int = RESAMPLES
    seed: int = SEED
    method: Method = "bca"

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise UnknownNameError(f"no interval {self.method!r}; the intervals are {listing(METHODS)}")

    @cached_property
    def weights(self) -> Floats:
        """How often each cluster counts: the point (all once), the resamples, then the jackknife (all but one).

        Shape ``(1 + resamples + count, count)``.
        """
        return _stacked_weights(self.count, self.resamples, self.seed)

    def sums(self, *values: Floats) -> Floats:
        """Sum values of every bullet, to 2e-9 each: ``(values, 1 + resamples + count)``, a row for every argument."""
        fixed = [np.bincount(self.codes, np.rint(one * _UNIT), minlength=self.count) for one in values]
        return self.total(np.stack(fixed, axis=1)).T / _UNIT

    def total(self, per_cluster: NDArray[np.int64] | Floats) -> Floats:
        """Sum whole numbers ``(count, …)`` over the clusters of the point, every resample, and the jackknife."""
        return self.weights @ per_cluster.astype(np.float64)

    def interval(self, values: Floats) -> Interval | None:
        """Return the interval of a statistic that was computed from the sums; ``None`` with a single cluster."""
        if self.count < 2:  # noqa: PLR2004
            return None
        point, drawn, jackknife = float(values[0]), values[1 : 1 + self.resamples], values[1 + self.resamples :]
        return percentile_interval(drawn) if self.method == "percentile" else bca_interval(drawn, point, jackknife)


@lru_cache(maxsize=4)
def _stacked_weights(count: int, resamples: int, seed: int) -> Floats:
    """Return `Clusters.weights`; kept for a few plans, since a leaderboard scores many systems with one."""
    drawn = draw_weights(count, resamples=resamples, seed=seed)
    weights = np.concatenate([np.ones((1, count)), drawn, 1 - np.eye(count)])
    weights.flags.writeable = False
    return weights


def draw_weights(clusters: int, *, resamples: int = RESAMPLES, seed: int = SEED) -> Floats:
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


def percentile_interval(values: Floats, level: float = LEVEL) -> Interval:
    """Return the percentile interval of a bootstrap distribution (Efron and Tibshirani 1993, chapter 13)."""
    tail = (1 - level) / 2
    return _quantiles(values, tail, 1 - tail)


def bca_interval(values: Floats, point: float, jackknife: Floats, level: float = LEVEL) -> Interval:
    """Return the bias-corrected and accelerated interval (Efron 1987; Efron and Tibshirani 1993, section 14.3).

    With ``z0`` of `bias_correction`, ``a`` of `acceleration`, and ``z`` the normal quantile of each tail, its ends are
    the quantiles of ``values`` at ``Phi(z0 + (z0 + z) / (1 - a (z0 + z)))``.

    Args:
        values: the statistic of every resample.
        point: the statistic of the data.
        jackknife: the statistic with each cluster left out.
        level: the confidence level.

    Returns:
        the BCa interval; where it is undefined, since all resamples lie on one side of the point or the acceleration is
        too great for the formula, the percentile interval, stretched to the point.
    """
    bias, skew, normal = bias_correction(values, point), acceleration(jackknife), NormalDist()
    tail = normal.inv_cdf((1 - level) / 2)
    shifts = (bias + tail, bias - tail)
    if not isfinite(bias) or max(skew * shift for shift in shifts) >= 1:
        found = percentile_interval(values, level)
        return Interval(min(found.low, point), max(found.high, point))
    return _quantiles(values, *(normal.cdf(bias + shift / (1 - skew * shift)) for shift in shifts))


def bias_correction(values: Floats, point: float) -> float:
    """Return ``z0``: the normal quantile of the share of resamples below the point, those equal to it counted half.

    Infinite where all resamples lie on one side of the point.
    """
    below = (np.count_nonzero(values < point) + np.count_nonzero(values <= point)) / (2 * len(values))
    return NormalDist().inv_cdf(below) if 0 < below < 1 else inf * (below - 0.5)


def acceleration(jackknife: Floats) -> float:
    """Return ``a``: a sixth of the skewness of the jackknife's gaps, ``sum g^3 / (6 (sum g^2)^1.5)``; 0 without gaps.

    ``g`` is the jackknife's mean less each of its values.
    """
    gaps = jackknife.mean() - jackknife
    spread = float((gaps**2).sum())
    return float((gaps**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0


def _quantiles(values: Floats, low: float, high: float) -> Interval:
    found = np.quantile(values, [low, high])
    return Interval(float(found[0]), float(found[1]))
