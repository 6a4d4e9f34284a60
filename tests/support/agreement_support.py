"""Votes for the tests of agreement, as arrays and as the files of a project."""

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
from hypothesis import strategies as st

from briefbench.annotation.reliability.alpha import Draws
from briefbench.annotation.reliability.ballots import UNDATED, Ballots
from briefbench.annotation.reliability.report import Report, report
from briefbench.annotation.votes import Annotator
from briefbench.schema import SOURCE_TYPE, STANCE, TASKS, UNATTRIBUTED, Task

FEW = Draws(resamples=20)
MONDAY = dt.date(2023, 1, 2).toordinal()


def person(name: str, *, counts: bool = True, instructions: str = "guidelines") -> Annotator:
    return Annotator(name, "human", "", instructions, counts, "")


def model(name: str, which: str = "Parrot 1", *, counts: bool = True, instructions: str = "guidelines") -> Annotator:
    return Annotator(name, "model", which, instructions, counts, "")


def make_ballots(
    votes: Sequence[Sequence[int]],
    days: Sequence[int] | None = None,
    *,
    task: Task = STANCE,
    annotators: Sequence[Annotator] = (),
    decisions: Mapping[int, int] | None = None,
    texts: Sequence[str] = (),
    spans: Sequence[Sequence[tuple[int, int]]] = (),
) -> Ballots:
    """Return the votes of one task, a row a bullet and a column an annotator, -1 for none; the other tasks all agree.

    Rows are put in order of their days, by default one a week.
    """
    codes = np.array(votes, dtype=np.int8)
    when = np.array(days if days is not None else [MONDAY + 7 * row for row in range(len(codes))], dtype=np.int64)
    order = np.argsort(when, kind="stable")
    same = np.where(codes >= 0, SOURCE_TYPE.codes[UNATTRIBUTED], -1).astype(np.int8)
    same = {one.name: np.where(codes >= 0, 0, -1).astype(np.int8) for one in TASKS} | {SOURCE_TYPE.name: same}
    decided = np.full(len(codes), -1, dtype=np.int8)
    for row, label in (decisions or {}).items():
        decided[row] = label
    nothing = np.full(len(codes), -1, dtype=np.int8)
    marked = np.array(spans, dtype=np.int32) if len(spans) else np.full((*codes.shape, 2), -1, dtype=np.int32)
    return Ballots(
        annotators=tuple(annotators or [person(f"P{i}") for i in range(codes.shape[1])]),
        ids=[f"b{row}" for row in order.tolist()],
        texts=[texts[row] for row in order.tolist()] if texts else [""] * len(codes),
        days=when[order],
        codes={name: (codes if name == task.name else table)[order] for name, table in same.items()},
        decisions={one.name: (decided if one is task else nothing)[order] for one in TASKS},
        spans=marked[order],
    )


def ballot_tables(
    *, labels: int = len(STANCE), annotators: tuple[int, int] = (2, 4), most: int = 40
) -> st.SearchStrategy[tuple[list[list[int]], list[int]]]:
    """Draw votes, with gaps, and the days of the bullets: some weeks, some of them undated."""
    day = st.one_of(st.integers(MONDAY, MONDAY + 100), st.just(UNDATED))
    return st.integers(*annotators).flatmap(
        lambda who: st.lists(
            st.tuples(st.lists(st.integers(-1, labels - 1), min_size=who, max_size=who), day), min_size=1, max_size=most
        ).map(lambda rows: ([votes for votes, _ in rows], [day for _, day in rows]))
    )


def made(ballots: Ballots, *, aggregation: bool = False) -> Report:
    """Return the report from few resamples."""
    return report(ballots, FEW, aggregation=aggregation)
