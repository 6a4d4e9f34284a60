"""Doubts: gold labels that a classifier takes for wrong, by confident learning, ranked, and the file that keeps them.

Source: Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels" (2021), as cleanlab
has it. How many labels of a task are doubted is estimated from the probabilities and the labels; the doubted ones are
those to which the classifier gives the least probability. A doubt says nothing of who is wrong, label or classifier.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from briefbench.annotation.votes import check_label, rows
from briefbench.dataset.sources import Sources
from briefbench.errors import MissingExtraError, RecordError
from briefbench.files import csv_text
from briefbench.schema import TASK_NAMES, TASKS, Task, listing

#: The file of doubts, in ``annotation/``.
FILE = "doubts.csv"
COLUMNS = (
    "rank",
    "task",
    "bullet_id",
    "given",
    "suggested",
    "given_probability",
    "suggested_probability",
    "votes",
    "disputed",
    "model",
)

# As many digits of a probability as processors agree on.
_DIGITS = 4


@dataclass(frozen=True)
class Doubt:
    """A gold label that a classifier doubts.

    ``suggested`` is the likeliest other label; probabilities lie between 0 and 1. ``rank`` counts from 1 within the
    task, the most doubtful first. ``votes`` counted votes are for the ``given`` label, and ``disputed`` says whether
    counted votes are for others. ``model`` says whose doubt it is.
    """

    rank: int
    task: str
    bullet_id: str
    given: str
    suggested: str
    given_probability: float
    suggested_probability: float
    votes: int
    disputed: bool
    model: str


def find(sources: Sources, probabilities: Mapping[str, NDArray[np.float64]], model: str) -> list[Doubt]:
    """Return the doubts about the gold, by rank, the tasks in turn.

    Args:
        sources: the bullets and their gold.
        probabilities: by task ``(bullets, labels)``, of a classifier that has not seen the bullet.
        model: the classifier, in words.

    Raises:
        MissingExtraError: cleanlab is not installed.
    """
    require_cleanlab()
    found = [one for task in TASKS for one in _of_task(sources, task, probabilities[task.name], model)]
    return sorted(found, key=lambda one: (one.rank, TASK_NAMES.index(one.task)))


def require_cleanlab() -> None:
    """Refuse to begin without cleanlab.

    Raises:
        MissingExtraError: cleanlab is not installed.
    """
    from importlib.util import find_spec

    if find_spec("cleanlab") is None:
        raise MissingExtraError("quality", "cleanlab")


def encode_doubts(doubts: Iterable[Doubt]) -> bytes:
    """Return the file of doubts, in the given order."""
    cells = [
        [
            str(one.rank),
            one.task,
            one.bullet_id,
            one.given,
            one.suggested,
            f"{one.given_probability:.{_DIGITS}f}",
            f"{one.suggested_probability:.{_DIGITS}f}",
            str(one.votes),
            str(one.disputed).lower(),
            one.model,
        ]
        for one in doubts
    ]
    return csv_text(COLUMNS, cells).encode()


def read_doubts(path: Path) -> list[Doubt]:
    """Read a file of doubts.

    Raises:
        RecordError: a row is malformed, or a bullet's label is doubted twice.
        InputError: the file is missing, or not CSV.
    """
    doubts: dict[tuple[str, str], Doubt] = {}
    for where, row in rows(path, COLUMNS):
        one = _parse(row, where)
        if (one.bullet_id, one.task) in doubts:
            raise RecordError(f"{where}: {one.task} of bullet {one.bullet_id} is doubted twice; find the doubts anew")
        doubts[one.bullet_id, one.task] = one
    return list(doubts.values())


def _of_task(sources: Sources, task: Task, table: NDArray[np.float64], model: str) -> list[Doubt]:
    codes = sources.units.labels[task.name]
    table = np.round(table, _DIGITS)
    given = table[np.arange(len(codes)), codes]
    others = table.copy()
    others[np.arange(len(codes)), codes] = -1.0
    suggested = others.argmax(axis=1)
    places = np.flatnonzero(_doubted(codes, table)).tolist()
    places.sort(key=lambda place: (given[place], -others[place].max(), sources.bullets[place].id))
    doubts = []
    for rank, place in enumerate(places, start=1):
        identifier = sources.bullets[place].id
        gold, label = sources.gold[identifier], task.names[codes[place]]
        doubts.append(
            Doubt(
                rank=rank,
                task=task.name,
                bullet_id=identifier,
                given=label,
                suggested=task.names[suggested[place]],
                given_probability=float(given[place]),
                suggested_probability=float(others[place].max()),
                votes=_votes(sources, identifier, task.name, label),
                disputed=task.name in gold.disputed,
                model=model,
            )
        )
    return doubts


def _doubted(codes: NDArray[np.int64], table: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the mask of the doubted labels; where there is but one label, nothing can be doubted."""
    from cleanlab.filter import find_label_issues

    seen, dense = np.unique(codes, return_inverse=True)
    if len(seen) < 2:  # noqa: PLR2004
        return np.zeros(len(codes), dtype=np.bool_)
    known = np.maximum(table[:, seen], 10.0 ** -(_DIGITS + 1))
    known /= known.sum(axis=1, keepdims=True)
    # What the classifier says itself is no doubt, however unsure it is.
    mask: NDArray[np.bool_] = known.argmax(axis=1) != dense
    mask &= find_label_issues(dense, known, filter_by="low_self_confidence", n_jobs=1)
    return mask


def _votes(sources: Sources, identifier: str, task: str, label: str) -> int:
    return sum(
        identifier in votes and votes[identifier].labels[task] == label
        for name, votes in sources.votes.items()
        if sources.annotators[name].counts_toward_gold
    )


def _parse(row: Mapping[str, str], where: str) -> Doubt:
    if row["task"] not in TASK_NAMES:
        raise RecordError(f"{where}: unknown task {row['task']!r}; expected {listing(TASK_NAMES)}")
    for column in ("given", "suggested"):
        check_label(row["task"], row[column], where)
    if row["disputed"] not in ("true", "false"):
        raise RecordError(f"{where}: disputed is {row['disputed']!r}; expected true or false")
    return Doubt(
        rank=_whole(row, "rank", where),
        task=row["task"],
        bullet_id=row["bullet_id"],
        given=row["given"],
        suggested=row["suggested"],
        given_probability=_share(row, "given_probability", where),
        suggested_probability=_share(row, "suggested_probability", where),
        votes=_whole(row, "votes", where),
        disputed=row["disputed"] == "true",
        model=row["model"],
    )


def _whole(row: Mapping[str, str], column: str, where: str) -> int:
    cell = row[column]
    if not (cell.isascii() and cell.isdigit() and len(cell) < 10):  # noqa: PLR2004 (keeps int() small)
        raise RecordError(f"{where}: {column} is {cell!r}; expected a whole number")
    return int(cell)


def _share(row: Mapping[str, str], column: str, where: str) -> float:
    cell = row[column]
    whole, point, digits = cell.partition(".")
    if not (whole in ("0", "1") and point and len(digits) == _DIGITS and digits.isascii() and digits.isdigit()):
        raise RecordError(f"{where}: {column} is {cell!r}; expected a probability such as 0.{'1' * _DIGITS}")
    return float(cell)


def by_task(doubts: Sequence[Doubt]) -> dict[str, list[Doubt]]:
    """Return the doubts of every task, by rank."""
    return {task: sorted((one for one in doubts if one.task == task), key=lambda one: one.rank) for task in TASK_NAMES}
