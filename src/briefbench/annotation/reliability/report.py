"""The agreement report: everything that can be said of how far the annotators agree, as one record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from briefbench.annotation.agreement import Kind, kind_of, note_on
from briefbench.annotation.reliability.adjudicated import Adjudicated, adjudication
from briefbench.annotation.reliability.aggregation import METHODS, aggregate_codes, require_crowdkit
from briefbench.annotation.reliability.alpha import DIGITS, Draws, Figure, TaskAlpha, figure, task_alpha, weeks_of
from briefbench.annotation.reliability.ballots import Ballots, Cells, Codes, cells
from briefbench.annotation.reliability.codebook import Codebook, codebook
from briefbench.annotation.reliability.pairs import Pair, compare_pair
from briefbench.errors import InputError
from briefbench.evaluation import ceiling
from briefbench.evaluation.bootstrap import LEVEL, Floats
from briefbench.evaluation.metrics import confusion, label_scores
from briefbench.schema import TASKS, Task


@dataclass(frozen=True)
class Who:
    """One annotator, and on how many bullets they voted."""

    name: str
    kind: str
    model: str
    instructions: str
    counts_toward_gold: bool
    bullets: int


@dataclass(frozen=True)
class Settings:
    """How every interval was drawn: weeks are the clusters, within a month days."""

    interval: str
    level: float
    clusters: str
    clusters_within_a_month: str
    resamples: int
    seed: int


@dataclass(frozen=True)
class Group:
    """The annotators of the main figures: those who count toward the gold, or all where fewer than two do."""

    annotators: tuple[str, ...]
    counted: bool
    kind: Kind
    tasks: Mapping[str, TaskAlpha]


@dataclass(frozen=True)
class Ceiling:
    """Macro-F1 of one annotator of the main group against the majority of the others, by task and their ``mean``."""

    macro_f1: Mapping[str, Figure]
    note: str


@dataclass(frozen=True)
class Aggregated:
    """One way to aggregate the counted votes on one task, held against the gold.

    ``labelled`` counts the bullets that it gives a label, ``differ`` those whose label is not the gold that they have.
    Of the ``adjudicated`` bullets it gives ``as_decided`` the adjudicator's label; ``macro_f1`` is over these bullets,
    where one without a label counts as missed.
    """

    labelled: int
    differ: int
    adjudicated: int
    as_decided: int
    macro_f1: float


@dataclass(frozen=True)
class Report:
    """The agreement of a project's annotators.

    ``group`` is ``None`` with fewer than two annotators, ``ceiling`` where no two share a bullet, ``codebook`` where
    all had the same instructions or share no bullet, ``aggregation`` where it was not asked for or at most one counted
    annotator voted.
    """

    note: str
    annotators: tuple[Who, ...]
    bullets: int
    settings: Settings
    group: Group | None
    pairs: tuple[Pair, ...]
    adjudication: Mapping[str, Adjudicated]
    ceiling: Ceiling | None
    codebook: Codebook | None
    aggregation: Mapping[str, Mapping[str, Aggregated]] | None


def report(ballots: Ballots, draws: Draws, *, aggregation: bool = True) -> Report:
    """Compute the agreement report.

    Args:
        ballots: the votes.
        draws: resamples and seed of every interval.
        aggregation: also fit the models of `briefbench.annotation.reliability.aggregation`, which takes longest.

    Raises:
        InputError: nobody voted, or crowd-kit is not installed and ``aggregation`` is asked for.
    """
    if not len(ballots):
        raise InputError("nobody has voted on any bullet; label some first")
    if aggregation:
        require_crowdkit()
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):  # the products are many and small: threads would wait for each other
        return _report(ballots, draws, aggregation=aggregation)


def _report(ballots: Ballots, draws: Draws, *, aggregation: bool) -> Report:
    tasks = [cells(ballots, task) for task in TASKS]
    columns = ballots.counted if len(ballots.counted) > 1 else list(range(len(ballots.names)))
    group = _group(ballots, tasks, columns, draws) if len(columns) > 1 else None
    pairs = tuple(compare_pair(ballots, tasks, pair, draws) for pair in combinations(range(len(ballots.names)), 2))
    kinds = {pair.kind for pair in pairs} | ({group.kind} if group else set())
    return Report(
        note=note_on(kinds, ballots.annotators),
        annotators=_who(ballots),
        bullets=len(ballots),
        settings=Settings("bca", LEVEL, "ISO week", "day", draws.resamples, draws.seed),
        group=group,
        pairs=pairs,
        adjudication={
            one.task.name: adjudication(ballots, one, group.tasks[one.task.name].alpha, draws)
            for one in tasks
            if group and group.counted
        },
        ceiling=_ceiling(ballots, tasks, columns, draws),
        codebook=codebook(ballots, tasks, draws),
        aggregation=_aggregation(ballots, tasks) if aggregation and len(ballots.counted) > 1 else None,
    )


def _who(ballots: Ballots) -> tuple[Who, ...]:
    voted = (ballots.codes[TASKS[0].name] >= 0).sum(axis=0).tolist()
    return tuple(
        Who(one.name, one.kind, one.model, one.instructions, one.counts_toward_gold, bullets)
        for one, bullets in zip(ballots.annotators, voted, strict=True)
    )


def _group(ballots: Ballots, tasks: Sequence[Cells], columns: list[int], draws: Draws) -> Group:
    who = [ballots.annotators[column] for column in columns]
    return Group(
        annotators=tuple(one.name for one in who),
        counted=all(one.counts_toward_gold for one in who),
        kind=kind_of(who),
        tasks={one.task.name: task_alpha(one, columns, draws) for one in tasks},
    )


def _ceiling(ballots: Ballots, tasks: Sequence[Cells], columns: list[int], draws: Draws) -> Ceiling | None:
    found: dict[str, Floats] = {}
    for one in tasks:
        shared = one.where((one.votes[:, columns] >= 0).sum(axis=1) > 1)
        weeks, week = np.unique(weeks_of(shared.day), return_inverse=True)
        clusters, bullets = draws.clusters(len(weeks)), int(shared.times.sum())
        votes = {ballots.names[column]: shared.votes[:, column] for column in columns}
        values = ceiling.leave_one_out(votes, week, clusters, len(one.task), times=shared.times) if len(weeks) else None
        if values is None:
            return None
        found[one.task.name] = values
    found["mean"] = np.sum(list(found.values()), axis=0) / len(found)
    who = [ballots.annotators[column] for column in columns]
    return Ceiling(
        {name: figure(clusters, values, bullets) for name, values in found.items()},
        ceiling.note_on([(one.kind, one.model) for one in who]),
    )


class _Bullets(NamedTuple):
    """The bullets with a counted vote on a task: those votes, the gold, -1 for none, and whether somebody decided."""

    task: Task
    votes: Codes
    gold: Codes
    decided: NDArray[np.bool_]


def _aggregation(ballots: Ballots, tasks: Sequence[Cells]) -> dict[str, dict[str, Aggregated]]:
    """Compare the ways to aggregate, by method and task."""
    bullets = []
    for one in tasks:
        some = one.where(one.votes[:, ballots.counted].max(axis=1) >= 0)
        row = np.repeat(np.arange(len(some.times)), some.times)
        bullets.append(_Bullets(one.task, some.votes[row][:, ballots.counted], some.gold[row], some.decision[row] >= 0))
    return {method: {one.task.name: _aggregated(method, one) for one in bullets} for method in METHODS}


def _aggregated(method: str, bullets: _Bullets) -> Aggregated:
    size, gold = len(bullets.task), bullets.gold
    labels, _ = aggregate_codes(method, bullets.votes, size)
    given, decided = labels[bullets.decided], gold[bullets.decided]
    # "No label" is counted as one more, so that it takes no hit from a label and is missed.
    table = confusion(decided, np.where(given < 0, size, given), size + 1)
    return Aggregated(
        labelled=int((labels >= 0).sum()),
        differ=int(((labels >= 0) & (gold >= 0) & (labels != gold)).sum()),
        adjudicated=len(decided),
        as_decided=int((given == decided).sum()),
        macro_f1=round(float(label_scores(table).f1[:size].mean()), DIGITS),
    )
