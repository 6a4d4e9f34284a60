"""Nominal Krippendorff's alpha with cluster-bootstrap intervals, from sums of whole numbers by day.

Alpha depends on a set of bullets only through sums over them: how many votes each label got, and how many pairs of
votes set a label apart from others, by the number of votes a bullet has. So only the sums of whole weeks are drawn
again, whatever the number of bullets. `nominal_alpha` in `briefbench.annotation.agreement` is the same figure, without
intervals.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from briefbench.annotation.reliability.ballots import UNDATED, Cells, Codes, label_counts
from briefbench.evaluation.bootstrap import FEW_CLUSTERS, RESAMPLES, SEED, Clusters, Floats, Interval, bca_interval
from briefbench.evaluation.scoring import cluster_tables

#: Digits after the point that a figure keeps, and the end of an interval, in which a power is taken: so few that the
#: last bit, which may depend on the processor, does not show.
DIGITS, INTERVAL_DIGITS = 12, 9

_WEEK = 7


class Draws(NamedTuple):
    """How intervals are drawn."""

    resamples: int = RESAMPLES
    seed: int = SEED

    def clusters(self, count: int) -> Clusters:
        """Return the draws over ``count`` clusters."""
        return Clusters(np.arange(count), count, self.resamples, self.seed)


@dataclass(frozen=True)
class Figure:
    """A figure with its 95% interval, over ``bullets`` in ``clusters`` weeks (days, for a month).

    ``value`` is NaN where it is undefined. ``interval`` is ``None`` with a single cluster, and where every resample
    gives the same value, so that it would have no width. With ``few_clusters`` it is too narrow to be trusted.
    """

    value: float
    interval: Interval | None
    bullets: int
    clusters: int
    few_clusters: bool

    def __str__(self) -> str:
        if np.isnan(self.value):
            return "undefined"
        shown = f"{self.value:.3f}"
        return shown if self.interval is None else f"{shown} [{self.interval.low:.3f}, {self.interval.high:.3f}]"


#: The fields of a figure over no bullet.
NOTHING = (float("nan"), None, 0, 0, True)


@dataclass(frozen=True)
class Alpha(Figure):
    """Alpha over the bullets with two votes or more; on ``disagreements`` of them the votes differ.

    For a label against the rest ``bullets`` counts those with at least one vote for it, and ``clusters`` their weeks.
    """

    disagreements: int


@dataclass(frozen=True)
class TaskAlpha:
    """Alpha of some annotators on one task, for each of its labels against the rest, and by month as ``YYYY-MM``."""

    alpha: Alpha
    labels: dict[str, Alpha]
    months: dict[str, Alpha]


class Sums(NamedTuple):
    """What alpha is computed from, a row for every day or week: ``(rows, …)``.

    ``votes`` counts pairable votes by label. ``apart`` counts, by the number of a bullet's votes (from 2) and by label,
    the pairs of a vote for the label and a vote for another. ``bullets`` counts pairable bullets and ``differ`` those
    whose votes differ; ``with_label`` and ``label_differs`` do so for each label against the rest.
    """

    votes: Codes
    apart: Codes
    bullets: Codes
    differ: Codes
    with_label: Codes
    label_differs: Codes

    def gathered(self, starts: NDArray[np.intp]) -> "Sums":
        """Add up rows that follow each other: from every start to the next."""
        return Sums(*(np.add.reduceat(part, starts, axis=0) for part in self))

    def part(self, rows: slice | NDArray[np.bool_]) -> "Sums":
        """Return some of the rows."""
        return Sums(*(part[rows] for part in self))


def task_alpha(cells: Cells, columns: list[int], draws: Draws) -> TaskAlpha:
    """Return the alphas of the annotators in ``columns``, who are at least two, on the task of ``cells``."""
    days, sums = day_sums(cells, columns)
    names = cells.task.names
    if not len(days):
        undefined = Alpha(*NOTHING, disagreements=0)
        return TaskAlpha(undefined, dict.fromkeys(names, undefined), {})
    weeks = sums.gathered(_starts(weeks_of(days)))
    whole, labels = _alphas(weeks, draws)
    by_label = {
        name: _alpha_figure(draws, labels[:, code], weeks.with_label[:, code], weeks.label_differs[:, code])
        for code, name in enumerate(names)
    }
    return TaskAlpha(_alpha_figure(draws, whole, weeks.bullets, weeks.differ), by_label, _months(days, sums, draws))


def day_sums(cells: Cells, columns: list[int]) -> tuple[Codes, Sums]:
    """Return the days that have a pairable bullet, and the sums of each."""
    votes, labels = cells.votes[:, columns], len(cells.task)
    cast = (votes >= 0).sum(axis=1)
    pairable = cast > 1
    votes, cast, day, times = votes[pairable], cast[pairable], cells.day[pairable], cells.times[pairable, None]
    counts = label_counts(votes, labels)
    starts = _starts(day)
    if not len(starts):
        return day, Sums(*(np.zeros((0, labels), dtype=np.int64) for _ in range(6)))

    def total(values: NDArray[np.int64] | NDArray[np.bool_]) -> Codes:
        return np.add.reduceat(values * times, starts, axis=0)

    apart, split = counts * (cast[:, None] - counts), (counts > 0) & (counts < cast[:, None])
    sizes = range(2, len(columns) + 1)
    return day[starts], Sums(
        votes=total(counts),
        apart=np.stack([total(apart * (cast == size)[:, None]) for size in sizes], axis=1),
        bullets=total(np.ones((len(votes), 1), dtype=np.int64))[:, 0],
        differ=total(split.any(axis=1, keepdims=True))[:, 0],
        with_label=total(counts > 0),
        label_differs=total(split),
    )


def alphas(votes: Floats, apart: Floats) -> tuple[Floats, Floats]:
    """Return alpha and that of every label against the rest, ``(…,)`` and ``(…, labels)``; NaN where undefined.

    With ``v_c`` pairable votes for label ``c``, ``n`` in all, and ``T_c`` the sum over bullets of ``n_uc (n_u - n_uc) /
    (n_u - 1)``: alpha is ``1 - (n - 1) sum_c T_c / (n^2 - sum_c v_c^2)``, that of a label against the rest
    ``1 - (n - 1) T_c / (v_c (n - v_c))``, which is the same formula with two labels.

    Args:
        votes: the sums ``v_c``, shape ``(…, labels)``.
        apart: the sums of ``n_uc (n_u - n_uc)`` by ``n_u`` from 2 up, shape ``(…, sizes, labels)``.

    Source: Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), section D.
    """
    observed = np.zeros(votes.shape)
    for size in range(apart.shape[-2]):
        observed += apart[..., size, :] / (size + 1)
    n = votes.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = 1 - (n[..., 0] - 1) * observed.sum(axis=-1) / (n[..., 0] ** 2 - (votes**2).sum(axis=-1))
        labels = 1 - (n - 1) * observed / (votes * (n - votes))
    return np.where(np.isfinite(whole), whole, np.nan), np.where(np.isfinite(labels), labels, np.nan)


def pair_alphas(tables: Floats) -> Floats:
    """Return alpha between two annotators from their confusion tables ``(…, labels, labels)``; NaN where undefined."""
    rows, columns = tables.sum(axis=-1), tables.sum(axis=-2)
    both = np.diagonal(tables, axis1=-2, axis2=-1)
    votes = rows + columns
    return alphas(votes, (votes - 2 * both)[..., None, :])[0]


def pair_tables(cells: Cells, one: Codes, other: Codes, weeks: Codes | None = None) -> Codes:
    """Return the confusion tables of the weeks in which two voted on the same bullet: ``(weeks, labels, labels)``.

    Args:
        cells: the bullets.
        one: the codes that are counted in the rows, one a cell, -1 for none.
        other: those in the columns.
        weeks: the weeks to return, in order, as `weeks_of` numbers them; by default those with such a bullet.
    """
    both = (one >= 0) & (other >= 0)
    week = weeks_of(cells.day[both])
    weeks = np.unique(week) if weeks is None else weeks
    place = np.searchsorted(weeks, week)
    return cluster_tables(one[both], other[both], place, len(weeks), len(cells.task), times=cells.times[both])


def pair_alpha(tables: Codes, draws: Draws) -> Alpha:
    """Return alpha between two annotators with its interval, from their confusion tables by week."""
    if not len(tables):
        return Alpha(*NOTHING, disagreements=0)
    bullets = tables.sum(axis=(1, 2))
    values = pair_alphas(drawn_tables(tables, draws))
    return _alpha_figure(draws, values, bullets, bullets - np.trace(tables, axis1=1, axis2=2))


def drawn_tables(tables: Codes, draws: Draws) -> Floats:
    """Return the confusion tables of the point, every resample, and the jackknife: ``(…, labels, labels)``."""
    return _total(draws.clusters(len(tables)), tables)


def figure(clusters: Clusters, values: Floats, bullets: int, *, counted: int | None = None) -> Figure:
    """Return a figure from its values over the point, the resamples and the jackknife.

    The interval is over the resamples, and the parts of the jackknife, on which the figure is defined. ``counted`` is
    how many of the clusters bear on the figure, by default all.
    """
    drawn, jackknife = values[1 : 1 + clusters.resamples], values[1 + clusters.resamples :]
    drawn, jackknife = drawn[~np.isnan(drawn)], jackknife[~np.isnan(jackknife)]
    point, count = float(values[0]), clusters.count if counted is None else counted
    interval = None
    if clusters.count > 1 and len(drawn) and len(jackknife) and np.ptp(drawn) > 0 and not np.isnan(point):
        found = bca_interval(drawn, point, jackknife)
        interval = Interval(round(found.low, INTERVAL_DIGITS), round(found.high, INTERVAL_DIGITS))
    return Figure(round(point, DIGITS), interval, bullets, count, few_clusters=count < FEW_CLUSTERS)


def weeks_of(days: Codes) -> Codes:
    """Return a number for the ISO week of every day, from Monday to Sunday."""
    return (days - 1) // _WEEK


def _alphas(sums: Sums, draws: Draws) -> tuple[Floats, Floats]:
    """Return alpha, and that of every label against the rest, over the point, the resamples and the jackknife."""
    clusters = draws.clusters(len(sums.bullets))
    return alphas(_total(clusters, sums.votes), _total(clusters, sums.apart))


def _total(clusters: Clusters, per_cluster: Codes) -> Floats:
    flat = clusters.total(per_cluster.reshape(clusters.count, -1))
    return flat.reshape(-1, *per_cluster.shape[1:])


def _alpha_figure(draws: Draws, values: Floats, bullets: Codes, differ: Codes) -> Alpha:
    """Return an alpha from its values and, by cluster, the bullets that it is about and those whose votes differ."""
    found = figure(draws.clusters(len(bullets)), values, int(bullets.sum()), counted=int(np.count_nonzero(bullets)))
    return Alpha(
        found.value, found.interval, found.bullets, found.clusters, found.few_clusters, disagreements=int(differ.sum())
    )


def _months(days: Codes, sums: Sums, draws: Draws) -> dict[str, Alpha]:
    """Return alpha by month. Within a month days are drawn, since it has but four or five weeks."""
    dated = days < UNDATED
    days, sums = days[dated], sums.part(dated)
    epoch = np.datetime64("0001-01-01") - np.timedelta64(1, "D")
    months = (epoch + days.astype("timedelta64[D]")).astype("datetime64[M]")
    bounds = [*_starts(months.astype(np.int64)).tolist(), len(days)]
    found = {}
    for start, end in pairwise(bounds):
        part = sums.part(slice(start, end))
        found[str(months[start])] = _alpha_figure(draws, _alphas(part, draws)[0], part.bullets, part.differ)
    return found


def _starts(sorted_values: Codes) -> NDArray[np.intp]:
    """Return where each run of equal values begins."""
    if not len(sorted_values):
        return np.zeros(0, dtype=np.intp)
    return np.concatenate([[0], np.flatnonzero(np.diff(sorted_values)) + 1])
