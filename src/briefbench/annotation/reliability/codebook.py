"""The effect of the codebook: annotators with the same instructions against those with others, on the same bullets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from briefbench.annotation.agreement import Kind, kind_of
from briefbench.annotation.reliability.alpha import (
    Draws,
    Figure,
    drawn_tables,
    figure,
    pair_alphas,
    pair_tables,
    weeks_of,
)
from briefbench.annotation.reliability.ballots import Ballots, Cells, Codes
from briefbench.evaluation.bootstrap import Floats
from briefbench.evaluation.metrics import label_scores, macro_f1


@dataclass(frozen=True)
class Effect:
    """Two groups on one task.

    ``within`` is the mean alpha of the pairs inside a group, by its instructions, for groups of two annotators or more;
    ``across`` that of the pairs with one annotator of each group; ``drop`` the first less the second. ``f1_difference``
    is the mean macro-F1 against the gold of the first group less that of the second.
    """

    within: Mapping[str, Figure]
    across: Figure
    drop: Mapping[str, Figure]
    f1_difference: Figure


@dataclass(frozen=True)
class Contrast:
    """Two groups of annotators, named by their instructions, task by task."""

    instructions: tuple[str, str]
    tasks: Mapping[str, Effect]


@dataclass(frozen=True)
class Codebook:
    """Annotators by their instructions, on the ``bullets`` that all of them labelled.

    ``macro_f1`` holds by task and annotator the macro-F1 against the gold. The gold is made of the votes of those who
    count toward it, so it favours them.
    """

    groups: Mapping[str, tuple[str, ...]]
    kind: Kind
    bullets: int
    macro_f1: Mapping[str, Mapping[str, Figure]]
    contrasts: tuple[Contrast, ...]


def codebook(ballots: Ballots, tasks: Sequence[Cells], draws: Draws) -> Codebook | None:
    """Compare annotators by their instructions; ``None`` where all have the same ones, or they share no bullet."""
    groups: dict[str, list[int]] = {}
    for column, annotator in enumerate(ballots.annotators):
        groups.setdefault(annotator.instructions, []).append(column)
    shared = [_Shared(cells.where(cells.votes.min(axis=1) >= 0), draws) for cells in tasks]
    if len(groups) == 1 or not len(shared[0].weeks):
        return None
    f1 = {one.cells.task.name: {column: one.f1(column) for column in range(len(ballots.names))} for one in shared}
    return Codebook(
        groups={name: tuple(ballots.names[column] for column in columns) for name, columns in groups.items()},
        kind=kind_of(ballots.annotators),
        bullets=int(shared[0].cells.times.sum()),
        macro_f1={
            one.cells.task.name: {
                ballots.names[column]: one.shown(values) for column, values in f1[one.cells.task.name].items()
            }
            for one in shared
        },
        contrasts=tuple(
            Contrast(pair, {one.cells.task.name: one.effect({name: groups[name] for name in pair}) for one in shared})
            for pair in combinations(groups, 2)
        ),
    )


class _Shared:
    """One task on the bullets that all labelled; every figure is over the same weeks and resamples."""

    def __init__(self, cells: Cells, draws: Draws) -> None:
        self.cells, self._draws = cells, draws
        self.weeks = np.unique(weeks_of(cells.day))
        self._clusters = draws.clusters(len(self.weeks))

    def effect(self, groups: Mapping[str, Sequence[int]]) -> Effect:
        """Return what the instructions of two groups of columns change."""
        one, other = groups.values()
        within = {
            name: self._alpha(list(combinations(columns, 2))) for name, columns in groups.items() if len(columns) > 1
        }
        across = self._alpha(list(product(one, other)))
        means = [_mean([self.f1(column) for column in columns]) for columns in (one, other)]
        return Effect(
            within={name: self.shown(values) for name, values in within.items()},
            across=self.shown(across),
            drop={name: self.shown(values - across) for name, values in within.items()},
            f1_difference=self.shown(means[0] - means[1]),
        )

    def f1(self, column: int) -> Floats:
        """Return an annotator's macro-F1 against the gold, on the bullets that have one; NaN where none has."""
        tables = self._tables(self.cells.gold, self.cells.votes[:, column])
        return np.where(tables.any(axis=(1, 2)), macro_f1(label_scores(tables)), np.nan)

    def shown(self, values: Floats) -> Figure:
        """Return a figure from its values over the point, the resamples and the jackknife."""
        return figure(self._clusters, values, int(self.cells.times.sum()))

    def _alpha(self, pairs: Sequence[tuple[int, int]]) -> Floats:
        votes = self.cells.votes
        return _mean([pair_alphas(self._tables(votes[:, one], votes[:, other])) for one, other in pairs])

    def _tables(self, one: Codes, other: Codes) -> Floats:
        return drawn_tables(pair_tables(self.cells, one, other, self.weeks), self._draws)


def _mean(values: Sequence[Floats]) -> Floats:
    mean: Floats = np.sum(values, axis=0) / len(values)
    return mean
