"""Comparing systems on the same bullets: paired cluster bootstrap, approximate randomization, Holm's correction."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from briefbench.errors import InputError
from briefbench.evaluation import metrics
from briefbench.evaluation.bootstrap import RESAMPLES, SEED, Clusters, Floats, Interval
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.reference import Reference
from briefbench.evaluation.scoring import as_scores, side_by_side, week_tables
from briefbench.evaluation.signature import Signature, resampling
from briefbench.schema import TASKS, Task, listing

#: Two systems are told apart where Holm's p-value is below this.
SIGNIFICANCE = 0.05

# Swapping the same labels can give the observed difference again with another last bit.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Difference:
    """How far ``first`` is above ``second`` in the macro-F1 of one task, or in the ``mean`` of all three.

    Attributes:
        value: macro-F1 of the first less that of the second.
        interval: of the paired cluster bootstrap, BCa.
        bootstrap_p: two-sided, from the same draws: twice the smaller share of them that is at most, or at least, 0.
        p_value: two-sided, of approximate randomization that swaps whole weeks.
        holm_p: ``p_value`` after Holm's correction over all differences of the comparison.
        differ: bullets that the two label differently (for ``mean``: in any task).
        first_only: labels that only the first has right (for ``mean``: of all tasks).
        second_only: the same of the second.
        effect: Cohen's g, the first's share of the labels that only one has right, less one half; 0 without such.
    """

    first: str
    second: str
    task: str
    value: float
    interval: Interval | None
    bootstrap_p: float
    p_value: float
    holm_p: float
    differ: int
    first_only: int
    second_only: int
    effect: float
    signature: str


@dataclass(frozen=True)
class _Pair:
    """Two systems with what the tests need."""

    names: tuple[str, str]
    predictions: tuple[Predictions, Predictions]
    resampled: tuple[Mapping[str, Floats], Mapping[str, Floats]]
    counts: tuple[Mapping[str, Floats], Mapping[str, Floats]]


def compare(
    systems: Mapping[str, Predictions],
    reference: Reference,
    *,
    scores: Sequence[str] = (),
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> tuple[Difference, ...]:
    """Compare every pair of systems on every task that all of them predict, and on the mean if they predict all three.

    The bootstrap draws the same weeks for both systems (Koehn, "Statistical significance tests for machine translation
    evaluation", 2004, with weeks for sentences). Approximate randomization swaps the two systems' labels in whole weeks
    (Noreen, "Computer-intensive methods for testing hypotheses", 1989): ``p = (1 + as large) / (1 + resamples)``.

    Args:
        systems: predictions by name, in the order of the reference.
        reference: the bullets with their gold.
        scores: compare only on these, tasks or ``mean``.
        resamples: draws of the bootstrap, and swaps.
        seed: their seed.

    Raises:
        InputError: fewer than two systems, no task that all predict, or one of ``scores`` that not all predict.
    """
    tasks = [task for task in TASKS if all(task.name in one.labels for one in systems.values())]
    names = [task.name for task in tasks] + (["mean"] if len(tasks) == len(TASKS) else [])
    if len(systems) < 2 or not names:  # noqa: PLR2004
        raise InputError("a comparison needs two systems or more that predict the same task; name two files")
    missing = next((name for name in scores if name not in names), None)
    if missing is not None:
        raise InputError(
            "a comparison needs two systems or more that predict the same task; "
            f"these share {listing(names)}, not {missing!r}"
        )
    wanted = [name for name in names if not scores or name in scores]
    clusters = Clusters(*_weeks(reference), resamples, seed)
    counts = {
        name: {t.name: side_by_side(week_tables(t, one, reference)) for t in tasks} for name, one in systems.items()
    }
    resampled = {name: _macro_f1(tables, clusters) for name, tables in counts.items()}
    swaps = _swaps(clusters)
    found = []
    for one, other in combinations(systems, 2):
        first, second = (
            (one, other) if resampled[one][wanted[-1]][0] >= resampled[other][wanted[-1]][0] else (other, one)
        )
        pair = _Pair(
            (first, second),
            (systems[first], systems[second]),
            (resampled[first], resampled[second]),
            (counts[first], counts[second]),
        )
        p_values = _randomization(pair, swaps, wanted)
        found += [_difference(pair, name, p_values[name], reference, clusters) for name in wanted]
    return _with_holm(found)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values after the step-down correction of Holm, "A simple sequentially rejective procedure" (1979)."""
    corrected = [0.0] * len(p_values)
    running = 0.0
    for step, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        running = max(running, min(1.0, (len(p_values) - step) * p_values[i]))
        corrected[i] = running
    return corrected


def differing_bullets(systems: Mapping[str, Predictions], reference: Reference) -> Iterator[dict[str, Any]]:
    """Yield every bullet and task on which not all systems agree: id, task, gold, each system's label, text."""
    for task in TASKS:
        if not all(task.name in one.labels for one in systems.values()):
            continue
        labels = np.stack([one.labels[task.name] for one in systems.values()])
        for row in np.flatnonzero((labels != labels[0]).any(axis=0)).tolist():
            yield {
                "bullet_id": reference.bullet_ids[row],
                "task": task.name,
                "gold": task.names[reference.labels[task.name][row]],
                "predicted": {name: task.names[code] for name, code in zip(systems, labels[:, row], strict=True)},
                "text": reference.texts[row],
            }


def _weeks(reference: Reference) -> tuple[NDArray[np.int64], int]:
    codes, names = reference.weeks
    return codes, len(names)


def _macro_f1(tables: Mapping[str, Floats], clusters: Clusters) -> dict[str, Floats]:
    """Return macro-F1 by task, and their mean, over the point, the resamples and the jackknife."""
    values = {task: metrics.macro_f1(as_scores(clusters.total(table))) for task, table in tables.items()}
    return values | {"mean": _mean(values)}


def _mean(values: Mapping[str, Floats]) -> Floats:
    total: Floats = np.zeros(len(next(iter(values.values()))))
    for one in values.values():
        total = total + one
    return total / len(values)


def _swaps(clusters: Clusters) -> Floats:
    """Return which weeks are swapped in every trial: 0 or 1, shape ``(resamples, weeks)``, from PCG64's top bit."""
    raw = np.random.PCG64([clusters.seed, 1]).random_raw(clusters.resamples * clusters.count)
    return (raw >> np.uint64(63)).reshape(clusters.resamples, clusters.count).astype(np.float64)


def _randomization(pair: _Pair, swaps: Floats, names: Sequence[str]) -> dict[str, float]:
    """Return the p-value of approximate randomization by score."""
    gaps, observed = {}, {}
    for task, first in pair.counts[0].items():
        second = pair.counts[1][task]
        moved = swaps @ (second - first)
        gaps[task] = metrics.macro_f1(as_scores(first.sum(axis=0) + moved)) - metrics.macro_f1(
            as_scores(second.sum(axis=0) - moved)
        )
        observed[task] = pair.resampled[0][task][:1] - pair.resampled[1][task][:1]
    gaps["mean"], observed["mean"] = _mean(gaps), _mean(observed)
    as_large = {name: np.count_nonzero(np.abs(gaps[name]) >= abs(observed[name][0]) - _ROUNDING) for name in names}
    return {name: (1 + int(count)) / (1 + len(swaps)) for name, count in as_large.items()}


def _difference(pair: _Pair, name: str, p_value: float, reference: Reference, clusters: Clusters) -> Difference:
    values = pair.resampled[0][name] - pair.resampled[1][name]
    drawn = values[1 : 1 + clusters.resamples]
    side = min(np.count_nonzero(drawn <= _ROUNDING), np.count_nonzero(drawn >= -_ROUNDING))
    tasks = [task for task in TASKS if name in (task.name, "mean")]
    differ, first_only, second_only = _tally(pair.predictions, tasks, reference)
    decided = first_only + second_only
    labels = sum(map(len, tasks))
    return Difference(
        first=pair.names[0],
        second=pair.names[1],
        task=name,
        value=float(values[0]),
        interval=clusters.interval(values),
        bootstrap_p=min(1.0, 2 * (1 + int(side)) / (1 + clusters.resamples)),
        p_value=p_value,
        holm_p=p_value,
        differ=differ,
        first_only=first_only,
        second_only=second_only,
        effect=first_only / decided - 0.5 if decided else 0.0,
        signature=str(
            Signature(reference.data, reference.split, name, "macro_f1_difference", labels, resampling(clusters))
        ),
    )


def _tally(
    predictions: tuple[Predictions, Predictions], tasks: Sequence[Task], reference: Reference
) -> tuple[int, int, int]:
    """Count bullets labelled differently, labels that only the first has right, and those that only the second has."""
    differ = np.zeros(len(reference), dtype=np.bool_)
    only = [0, 0]
    for task in tasks:
        first, second = (one.labels[task.name] for one in predictions)
        gold = reference.labels[task.name]
        differ |= first != second
        only[0] += int(((first == gold) & (second != gold)).sum())
        only[1] += int(((second == gold) & (first != gold)).sum())
    return int(differ.sum()), only[0], only[1]


def _with_holm(found: Sequence[Difference]) -> tuple[Difference, ...]:
    corrected = holm([one.p_value for one in found])
    return tuple(replace(one, holm_p=p) for one, p in zip(found, corrected, strict=True))
