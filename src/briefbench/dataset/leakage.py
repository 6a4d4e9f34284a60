"""What the parts of a split share that would let a system score by memory. Promised zeros have no exemptions."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from briefbench.dataset.splits import Assignment, Units
from briefbench.errors import LeakageError
from briefbench.schema import SPLITS

#: What each protocol promises not to share between its parts; the other counts are for information.
PROMISES = {
    "weeks": ("near_duplicate_pairs", "pages", "weeks"),
    "chronological": ("near_duplicate_pairs", "pages", "weeks", "out_of_order"),
    "publishers": ("near_duplicate_pairs", "pages", "outlets"),
}


@dataclass(frozen=True)
class Leakage:
    """Counts of what two parts of one protocol share.

    ``near_duplicate_pairs``: pairs with a bullet in each of two parts. ``pages``, ``weeks``, ``outlets``: values that
    stand in more than one part. ``out_of_order``: bullets dated on or before the latest day of an earlier part.
    """

    near_duplicate_pairs: int
    pages: int
    weeks: int
    outlets: int
    out_of_order: int


def measure(units: Units, assignment: Assignment) -> Leakage:
    """Count what the parts of one protocol share; bullets left out of it are ignored."""
    parts = [(i, part) for i, part in enumerate(assignment) if part is not None]
    before = {
        part: max((units.dates[i] for i, p in parts if p in SPLITS[:rank]), default=None)
        for rank, part in enumerate(SPLITS)
    }
    return Leakage(
        near_duplicate_pairs=sum(
            len({assignment[pair.first], assignment[pair.second]} - {None}) > 1 for pair in units.pairs
        ),
        pages=_shared(units.pages, assignment),
        weeks=_shared(units.weeks, assignment),
        outlets=_shared(units.outlets, assignment),
        out_of_order=sum((limit := before[part]) is not None and units.dates[i] <= limit for i, part in parts),
    )


def check(protocol: str, leakage: Leakage) -> None:
    """Hold a protocol to its promises.

    Raises:
        LeakageError: a promised zero is not zero.
    """
    for name in PROMISES[protocol]:
        count = getattr(leakage, name)
        if count:
            raise LeakageError(
                f"protocol {protocol}: its parts share {count} {name.replace('_', ' ')}; promised are none"
            )


def _shared(values: Sequence[Hashable], assignment: Assignment) -> int:
    seen: dict[Hashable, set[str]] = {}
    for value, part in zip(values, assignment, strict=True):
        if value is not None and part is not None:
            seen.setdefault(value, set()).add(part)
    return sum(len(parts) > 1 for parts in seen.values())
