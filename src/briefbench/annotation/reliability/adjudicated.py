"""Before and after adjudication: how far the annotators stood apart, and how far each stands from what was decided.

After adjudication a bullet has one label, so the alpha of its votes once they are replaced by it is 1 whatever they
were. What can be said after is how far each annotator is from the gold. The gold is made of the same votes, so these
figures are upper bounds for the annotators who count toward it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from briefbench.annotation.reliability.alpha import (
    NOTHING,
    Alpha,
    Draws,
    Figure,
    drawn_tables,
    figure,
    pair_alpha,
    pair_tables,
)
from briefbench.annotation.reliability.ballots import Ballots, Cells, Codes, label_counts
from briefbench.evaluation.metrics import label_scores, macro_f1


@dataclass(frozen=True)
class AgainstGold:
    """One annotator against the gold on one task, on the bullets with two counted votes or more.

    Of the annotator's votes on ``adjudicated`` bullets ``overturned`` are not what was decided.
    """

    alpha: Alpha
    macro_f1: Figure
    adjudicated: int
    overturned: int


@dataclass(frozen=True)
class Adjudicated:
    """One task before and after adjudication.

    On ``disputed`` bullets the counted votes differ. Of these ``adjudicated`` were decided, ``unproposed`` with a label
    that no counted annotator had; ``undecided`` have a tie and no decision, and so no gold. ``before`` is alpha of the
    counted votes, ``after`` has each annotator against the gold.
    """

    disputed: int
    adjudicated: int
    unproposed: int
    undecided: int
    before: Alpha
    after: Mapping[str, AgainstGold]


def adjudication(ballots: Ballots, cells: Cells, before: Alpha, draws: Draws) -> Adjudicated:
    """Count what adjudication changed on a task, and hold every annotator against the gold that came of it."""
    counted = cells.votes[:, ballots.counted]
    counts = label_counts(counted, len(cells.task))
    several, differ = counts.sum(axis=1) > 1, (counts > 0).sum(axis=1) > 1
    decided = differ & (cells.decision >= 0)
    proposed = (counted == cells.decision[:, None]).any(axis=1)

    def bullets(mask: NDArray[np.bool_]) -> int:
        return int(cells.times[mask].sum())

    after = {}
    for column, name in enumerate(ballots.names):
        votes = cells.votes[:, column]
        tables = pair_tables(cells, np.where(several, cells.gold, -1), votes)
        asked = decided & (votes >= 0)
        after[name] = AgainstGold(
            alpha=pair_alpha(tables, draws),
            macro_f1=_macro_f1(tables, draws),
            adjudicated=bullets(asked),
            overturned=bullets(asked & (votes != cells.decision)),
        )
    return Adjudicated(
        disputed=bullets(differ),
        adjudicated=bullets(decided),
        unproposed=bullets(decided & ~proposed),
        undecided=bullets(differ & (cells.gold < 0)),
        before=before,
        after=after,
    )


def _macro_f1(tables: Codes, draws: Draws) -> Figure:
    if not len(tables):
        return Figure(*NOTHING)
    values = macro_f1(label_scores(drawn_tables(tables, draws)))
    return figure(draws.clusters(len(tables)), values, int(tables.sum()))
