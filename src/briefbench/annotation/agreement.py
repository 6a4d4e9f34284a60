"""Agreement between annotators: nominal Krippendorff's alpha.

Agreement between passes of one language model is self-consistency: the passes share their mistakes, so a high value
does not show that people would agree. `Agreement.kind` keeps the two apart wherever a figure is reported.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from briefbench.annotation.votes import Annotator, Vote
from briefbench.schema import TASKS, Task

Kind = Literal["self-consistency", "human", "mixed"]

#: Why the agreement of model annotators says little about people; printed wherever it is reported.
SELF_CONSISTENCY = (
    "Figures of the kind self-consistency compare passes of one language model. They are not reliability: the passes "
    "share the model's mistakes."
)
NO_HUMAN = "No human has labelled this corpus yet."


@dataclass(frozen=True)
class Agreement:
    """Nominal alpha of some annotators, by task, over the bullets that at least two of them labelled.

    ``kind`` is ``self-consistency`` when all are passes of one language model, ``human`` when all are people, ``mixed``
    otherwise.
    """

    annotators: tuple[str, ...]
    kind: Kind
    bullets: int
    alpha: Mapping[str, float]
    differences: Mapping[str, int]


def agreement(
    names: Sequence[str], votes: Mapping[str, Mapping[str, Vote]], annotators: Mapping[str, Annotator]
) -> Agreement:
    """Compute the agreement of the annotators ``names`` on the bullets that at least two of them labelled."""
    cast = [votes[name] for name in names]
    ids = [i for i in sorted(set().union(*cast)) if sum(i in by_bullet for by_bullet in cast) > 1]
    counts = {task.name: _counts(task, ids, cast) for task in TASKS}
    return Agreement(
        annotators=tuple(names),
        kind=kind_of([annotators[name] for name in names]),
        bullets=len(ids),
        alpha={name: nominal_alpha(table) for name, table in counts.items()},
        differences={name: int((np.count_nonzero(table, axis=1) > 1).sum()) for name, table in counts.items()},
    )


def kind_of(annotators: Sequence[Annotator]) -> Kind:
    """Say whose agreement it is: of people, of passes of one language model, or of any other mixture."""
    if all(annotator.kind == "human" for annotator in annotators):
        return "human"
    one_model = len({(annotator.kind, annotator.model) for annotator in annotators}) == 1
    return "self-consistency" if one_model else "mixed"


def note_on(kinds: Collection[Kind], annotators: Iterable[Annotator]) -> str:
    """Return the sentences that stand beside figures of these kinds; empty where people alone voted."""
    peopled = any(annotator.kind == "human" for annotator in annotators)
    return " ".join([SELF_CONSISTENCY] * ("self-consistency" in kinds) + [NO_HUMAN] * (not peopled))


def nominal_alpha(counts: NDArray[np.int64]) -> float:
    """Return nominal Krippendorff's alpha of a table of votes, ``(units, labels)``; units with one vote are ignored.

    With ``n_uc`` votes for label ``c`` on unit ``u``, ``n_u`` and ``n_c`` the margins over pairable units, and ``n``
    all pairable votes: ``alpha = 1 - (n - 1) sum_u [(n_u^2 - sum_c n_uc^2) / (n_u - 1)] / (n^2 - sum_c n_c^2)``.
    Source: Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), section D.

    Returns:
        alpha, at most 1; NaN where it is undefined (no pairable unit, or one label only).
    """
    pairable = counts[counts.sum(axis=1) > 1].astype(np.float64)
    votes = pairable.sum(axis=1)
    total = float(votes.sum())
    expected = total**2 - float((pairable.sum(axis=0) ** 2).sum())
    if expected == 0:
        return float("nan")
    observed = float(((votes**2 - (pairable**2).sum(axis=1)) / (votes - 1)).sum())
    return 1 - (total - 1) * observed / expected


def _counts(task: Task, ids: Iterable[str], cast: Sequence[Mapping[str, Vote]]) -> NDArray[np.int64]:
    order = {identifier: row for row, identifier in enumerate(ids)}
    table = np.zeros((len(order), len(task)), dtype=np.int64)
    for by_bullet in cast:
        for identifier, row in order.items():
            if identifier in by_bullet:
                table[row, task.codes[by_bullet[identifier].labels[task.name]]] += 1
    return table
