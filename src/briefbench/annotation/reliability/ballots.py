"""Votes as arrays: a row for every bullet that somebody labelled, a column for every annotator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from briefbench.annotation.votes import Adjudication, Annotator, Vote
from briefbench.errors import GoldError
from briefbench.schema import TASKS, Task, task_of

Codes = NDArray[np.int64]
SmallCodes = NDArray[np.int8]

#: The day of a bullet without a date, after all others; such bullets count as one day, and one week, of their own.
UNDATED = 10**7

# Above this a key of one more column might not fit into 64 bits.
_WIDEST = 2**62


@dataclass(frozen=True, eq=False)
class Ballots:
    """The votes on some bullets, ordered by id, and so by day: the id begins with it.

    ``days`` holds proleptic ordinals, `UNDATED` where there is no date: shape ``(bullets,)``. ``codes`` gives by task
    the label of every annotator, ``(bullets, annotators)``, and ``decisions`` the adjudicated one, ``(bullets,)``; -1
    where there is none. ``spans`` holds start and end of the marked phrase in code points, ``(bullets, annotators,
    2)``, -1 where none is marked. ``texts`` are the bullets' texts, and ``ids`` their ids.
    """

    annotators: tuple[Annotator, ...]
    ids: Sequence[str]
    texts: Sequence[str]
    days: Codes
    codes: Mapping[str, SmallCodes]
    decisions: Mapping[str, SmallCodes]
    spans: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.days)

    @property
    def names(self) -> tuple[str, ...]:
        """The annotators' names, in the order of the columns."""
        return tuple(annotator.name for annotator in self.annotators)

    @property
    def counted(self) -> list[int]:
        """The columns of the annotators whose votes count toward the gold."""
        return [column for column, annotator in enumerate(self.annotators) if annotator.counts_toward_gold]


class Bullets(NamedTuple):
    """Ids, texts and days of bullets, in order of id; a day is a proleptic ordinal, or `UNDATED`."""

    ids: Sequence[str]
    texts: Sequence[str]
    days: Codes


@dataclass(frozen=True, eq=False)
class Column:
    """The votes of one annotator, in the rows of some bullets: codes by task, and spans ``(bullets, 2)``."""

    codes: Mapping[str, SmallCodes]
    spans: NDArray[np.int32]

    @classmethod
    def empty(cls, bullets: int) -> "Column":
        """Return the column of an annotator who has not voted yet."""
        codes = {task.name: np.full(bullets, -1, dtype=np.int8) for task in TASKS}
        return cls(codes, np.full((bullets, 2), -1, dtype=np.int32))


def column_of(votes: Mapping[str, Vote], row: Mapping[str, int]) -> Column:
    """Return one annotator's votes, by bullet id, in the rows that ``row`` gives the bullets."""
    column = Column.empty(len(row))
    for identifier, vote in votes.items():
        place = row[identifier]
        for task in TASKS:
            column.codes[task.name][place] = task.codes[vote.labels[task.name]]
        if vote.span:
            column.spans[place] = vote.span
    return column


def assemble(
    bullets: Bullets,
    columns: Mapping[str, Column],
    annotators: Mapping[str, Annotator],
    adjudications: Mapping[tuple[str, str], Adjudication],
) -> Ballots:
    """Put the columns of some annotators side by side, and leave out the bullets that nobody voted on.

    Raises:
        GoldError: a decision stands where the counted votes agree, and does not say that it overrides them.
    """
    codes = {task.name: np.stack([one.codes[task.name] for one in columns.values()], axis=1) for task in TASKS}
    kept = np.flatnonzero((codes[TASKS[0].name] >= 0).any(axis=1))
    ids = [bullets.ids[row] for row in kept.tolist()]
    ballots = Ballots(
        annotators=tuple(annotators[name] for name in columns),
        ids=ids,
        texts=[bullets.texts[row] for row in kept.tolist()],
        days=bullets.days[kept],
        codes={task: table[kept] for task, table in codes.items()},
        decisions=_decisions({key: one.label for key, one in adjudications.items()}, ids),
        spans=np.stack([one.spans for one in columns.values()], axis=1)[kept],
    )
    _check_decisions(ballots, _decisions({key: one.overrides for key, one in adjudications.items()}, ids))
    return ballots


def _decisions(labels: Mapping[tuple[str, str], str], ids: Sequence[str]) -> dict[str, SmallCodes]:
    """Return the codes of labels by task; empty ones, and those of bullets that nobody voted on, are left out."""
    decisions = {task.name: np.full(len(ids), -1, dtype=np.int8) for task in TASKS}
    row = {identifier: place for place, identifier in enumerate(ids)} if labels else {}
    for (identifier, task), label in labels.items():
        if label and identifier in row:
            decisions[task][row[identifier]] = task_of(task).codes[label]
    return decisions


def _check_decisions(ballots: Ballots, overrides: Mapping[str, SmallCodes]) -> None:
    """Refuse decisions on which there was nothing to decide, as the gold rule does.

    Raises:
        GoldError: what a decision overrides, -1 for nothing, is not what the counted votes agree on.
    """
    for task in TASKS:
        (rows,) = np.nonzero(ballots.decisions[task.name] >= 0)
        counts = label_counts(ballots.codes[task.name][rows][:, ballots.counted], len(task))
        labels = (counts > 0).sum(axis=1)
        agreed = np.where(labels == 1, counts.argmax(axis=1), -1)
        wrong = (labels > 0) & (agreed != overrides[task.name][rows])
        if wrong.any():
            row = int(rows[wrong.argmax()])
            stray = overrides[task.name][row] < 0
            what = "but the votes agree" if stray else "but what that overrides is not what the votes agree on"
            raise GoldError(
                f"{ballots.ids[row]}: {task.name} is adjudicated, {what}; "
                "remove the row from annotation/adjudication.csv"
            )


@dataclass(frozen=True, eq=False)
class Cells:
    """The bullets on which everybody voted alike on one task on one day, counted together.

    A row for every such set of bullets, ordered by day: its ``day``, its ``votes`` ``(cells, annotators)``, its
    ``decision``, its ``gold``, each -1 where there is none, and how many bullets it has, ``times``. What is computed
    from cells takes a time that hardly grows with the number of bullets.
    """

    task: Task
    day: Codes
    votes: Codes
    decision: Codes
    gold: Codes
    times: Codes

    def where(self, kept: NDArray[np.bool_]) -> "Cells":
        """Return the cells of a mask."""
        parts = (self.day, self.votes, self.decision, self.gold, self.times)
        return Cells(self.task, *(part[kept] for part in parts))


def cells(ballots: Ballots, task: Task) -> Cells:
    """Gather the bullets of every day that have the same votes on a task, and decide their gold."""
    columns = [*ballots.codes[task.name].T, ballots.decisions[task.name]]
    key, radix = ballots.days - ballots.days.min(initial=0), int(ballots.days.max(initial=0)) + 1
    for column in columns:
        if radix >= _WIDEST // (len(task) + 1):
            seen, key = np.unique(key, return_inverse=True)
            radix = len(seen)
        key, radix = key * (len(task) + 1) + column + 1, radix * (len(task) + 1)
    _, first, times = np.unique(key, return_index=True, return_counts=True)
    votes, decision = (
        part[first].astype(np.int64) for part in (ballots.codes[task.name], ballots.decisions[task.name])
    )
    gold = _gold(votes[:, ballots.counted], decision, len(task))
    return Cells(task, ballots.days[first], votes, decision, gold, times)


def label_counts(votes: NDArray[np.int8] | Codes, labels: int) -> Codes:
    """Return how many votes every label got: ``(rows, labels)`` from codes ``(rows, annotators)`` with -1 for none."""
    counts = np.zeros((len(votes), labels + 1), dtype=np.int64)
    rows = np.arange(len(votes))
    for column in votes.T:
        counts[rows, column] += 1  # no vote, -1, falls into the last column
    return counts[:, :labels]


def _gold(votes: Codes, decision: Codes, labels: int) -> Codes:
    """Return the gold of every row by the rule of `briefbench.annotation.gold`; -1 where a tie is not decided."""
    counts = label_counts(votes, labels)
    cast, most = counts.sum(axis=1), counts.max(axis=1, initial=0)
    majority = np.where(2 * most > cast, counts.argmax(axis=1), -1)
    return np.where((decision >= 0) & (cast > 0), decision, majority)
