"""The agreement of two annotators: alpha, who said what where they differ, and the phrases that they marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from briefbench.annotation.agreement import Kind, kind_of
from briefbench.annotation.reliability.alpha import (
    NOTHING,
    Alpha,
    Draws,
    Figure,
    figure,
    pair_alpha,
    pair_tables,
    weeks_of,
)
from briefbench.annotation.reliability.ballots import Ballots, Cells
from briefbench.evaluation.bootstrap import Clusters
from briefbench.evaluation.spans import token_f1


@dataclass(frozen=True)
class PairTask:
    """Two annotators on one task; ``confusion`` counts bullets by the first's label (rows) and the second's."""

    alpha: Alpha
    confusion: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class SpanAgreement:
    """Two annotators' spans: on how many shared bullets both marked one, only one of them did, and neither.

    ``exact`` is the share of the bullets with two spans where these are equal, ``token_f1`` the mean overlap there.
    """

    both: int
    one: int
    neither: int
    exact: Figure
    token_f1: Figure


@dataclass(frozen=True)
class Pair:
    """The agreement of two annotators on the ``bullets`` that both labelled."""

    annotators: tuple[str, str]
    kind: Kind
    bullets: int
    tasks: Mapping[str, PairTask]
    spans: SpanAgreement


def compare_pair(ballots: Ballots, tasks: Sequence[Cells], columns: tuple[int, int], draws: Draws) -> Pair:
    """Compare the annotators of two columns on every task and on their spans."""
    found = {}
    for cells in tasks:
        tables = pair_tables(cells, cells.votes[:, columns[0]], cells.votes[:, columns[1]])
        confusion = tuple(tuple(row) for row in tables.sum(axis=0).tolist())
        found[cells.task.name] = PairTask(pair_alpha(tables, draws), confusion)
    one, other = (ballots.annotators[column] for column in columns)
    bullets = next(iter(found.values())).alpha.bullets
    return Pair((one.name, other.name), kind_of([one, other]), bullets, found, _spans(ballots, columns, draws))


def _spans(ballots: Ballots, columns: tuple[int, int], draws: Draws) -> SpanAgreement:
    votes = next(iter(ballots.codes.values()))
    (shared,) = np.nonzero((votes[:, columns] >= 0).all(axis=1))
    marked = (ballots.spans[shared][:, columns, 0] >= 0).sum(axis=1)
    counts = {spans: int((marked == spans).sum()) for spans in (0, 1, 2)}
    rows = shared[marked == 2]  # noqa: PLR2004
    if not len(rows):
        return SpanAgreement(0, counts[1], counts[0], Figure(*NOTHING), Figure(*NOTHING))
    first, second = (ballots.spans[rows, column].astype(np.int64) for column in columns)
    equal = (first == second).all(axis=1)
    overlap = equal.astype(np.float64)
    (apart,) = np.nonzero(~equal)
    overlap[apart] = token_f1([ballots.texts[row] for row in rows[apart].tolist()], first[apart], second[apart])
    weeks, week = np.unique(weeks_of(ballots.days[rows]), return_inverse=True)
    clusters = Clusters(week, len(weeks), draws.resamples, draws.seed)
    bullets, exact, tokens = clusters.sums(np.ones(len(rows)), equal.astype(np.float64), overlap)
    return SpanAgreement(
        both=counts[2],
        one=counts[1],
        neither=counts[0],
        exact=figure(clusters, exact / bullets, len(rows)),
        token_f1=figure(clusters, tokens / bullets, len(rows)),
    )
