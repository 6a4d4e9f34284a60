"""Where a system is wrong on one task: which labels it takes for which, on which bullets, and how sure it is of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.seeds import macro_f1_of
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.reference import Reference
from briefbench.evaluation.results import Group, Slice
from briefbench.evaluation.slices import LEAST
from briefbench.schema import Task

#: So many pairs of labels are listed, of so many bullets are shown, and so many of each.
MOST_PAIRS, MOST_SHOWN, EXAMPLES = 6, 3, 2


@dataclass(frozen=True)
class Pair:
    """Bullets of one gold label that were given another: how many, their share of the gold label, and some rows.

    The rows are those of which the system was surest, where it gives probabilities, else the first.
    """

    gold: str
    predicted: str
    bullets: int
    share: float
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Side:
    """The bullets on which the annotators agreed, or those on which they differed.

    ``repaired`` is the macro-F1 that the system would have with all of these right, and its other errors as they are.
    """

    bullets: int
    errors: int
    repaired: float


@dataclass(frozen=True)
class Calibration:
    """Mean confidence and accuracy of all bullets, and of the half that the system is surer of; each in 0 to 1."""

    confidence: float
    accuracy: float
    surer_confidence: float
    surer_accuracy: float
    other_accuracy: float


def pairs(task: Task, predictions: Predictions, reference: Reference) -> list[Pair]:
    """Return the commonest confusions of two labels, the most bullets first; of equals in the order of the labels."""
    gold, predicted = reference.labels[task.name], predictions.labels[task.name]
    table = predictions.probabilities.get(task.name)
    sure = np.zeros(len(gold)) if table is None else table.max(axis=1)
    wrong = np.flatnonzero(gold != predicted)
    cells, counts = np.unique(gold[wrong] * len(task) + predicted[wrong], return_counts=True)
    found = []
    for place in np.lexsort((cells, -counts))[:MOST_PAIRS]:
        one, other = divmod(int(cells[place]), len(task))
        rows = np.flatnonzero((gold == one) & (predicted == other))
        surest = rows[np.argsort(-sure[rows], kind="stable")][:EXAMPLES]
        share = len(rows) / int((gold == one).sum())
        found.append(Pair(task.names[one], task.names[other], len(rows), share, tuple(surest.tolist())))
    return found


def sides(task: Task, predictions: Predictions, reference: Reference) -> dict[str, Side]:
    """Return the errors where the annotators ``agreed`` and where they ``differed`` on the task."""
    gold, predicted = reference.labels[task.name], predictions.labels[task.name]
    differed = np.array([task.name in tasks for tasks in reference.table["disputed"].to_pylist()], dtype=np.bool_)
    found = {}
    for name, inside in (("agreed", ~differed), ("differed", differed)):
        mended = dict(predictions.labels) | {task.name: np.where(inside, gold, predicted)}
        errors = int((inside & (gold != predicted)).sum())
        found[name] = Side(int(inside.sum()), errors, macro_f1_of(mended, reference)[task.name])
    return found


def calibration(task: Task, predictions: Predictions, reference: Reference) -> Calibration | None:
    """Return how confidence and accuracy go together; ``None`` without probabilities."""
    table = predictions.probabilities.get(task.name)
    if table is None:
        return None
    sure = table.max(axis=1)
    right = predictions.labels[task.name] == reference.labels[task.name]
    order = np.argsort(-sure, kind="stable")
    surer, others = order[: -(-len(order) // 2)], order[-(-len(order) // 2) :]
    return Calibration(
        confidence=float(sure.mean()),
        accuracy=float(right.mean()),
        surer_confidence=float(sure[surer].mean()),
        surer_accuracy=float(right[surer].mean()),
        other_accuracy=float(right[others].mean()) if len(others) else float("nan"),
    )


def standing_out(slices: tuple[Slice, ...], task: str, accuracy: float) -> tuple[list[tuple[str, Group]], int]:
    """Return the groups whose interval leaves out the accuracy on all bullets, worst first, and how many there are.

    Groups with fewer than `slices.LEAST` bullets do not count.
    """
    looked = list(_groups(slices, task))
    found = [(by, one) for by, one in looked if not one.interval.low <= accuracy <= one.interval.high]
    return sorted(found, key=lambda pair: (pair[1].accuracy, pair[0], pair[1].name)), len(looked)


def rank_correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float | None:
    """Return Spearman's rank correlation; ``None`` where one side is all alike."""
    from scipy.stats import spearmanr

    if len(set(one.tolist())) == 1 or len(set(other.tolist())) == 1:
        return None
    return float(spearmanr(one, other).statistic)


def train_counts(train: Mapping[str, NDArray[np.int64]], task: Task) -> NDArray[np.int64]:
    """Return how many train bullets every label has: shape ``(labels,)``."""
    return np.bincount(train[task.name], minlength=len(task))


def _groups(slices: tuple[Slice, ...], task: str) -> Iterator[tuple[str, Group]]:
    for one in slices:
        if one.task == task:
            yield from ((one.by, group) for group in one.groups if group.bullets >= LEAST)
