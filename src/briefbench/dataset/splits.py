"""The three split protocols. Each keeps related bullets together and balances the classes by a seeded search.

``weeks``: whole ISO weeks. ``publishers``: whole outlets. In both, near duplicates and bullets of one page stay
together. ``chronological``: train before validation before test; a bullet of an earlier part that is related to a later
part is left out of that protocol.
"""

import datetime as dt
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from briefbench.dataset.duplicates import Pair
from briefbench.errors import LeakageError
from briefbench.schema import MIN_TEST_CLASS, PROTOCOLS, SPLITS, TASKS

# The rest, seven tenths, is for training.
_TEST, _VALIDATION = 0.2, 0.1
_TRIALS = 10_000
_SEED = 20220224

Assignment = list[str | None]


@dataclass(frozen=True)
class Units:
    """What the protocols need to know of each bullet; all sequences have one entry a bullet.

    ``labels`` holds the gold label codes by task; ``pages`` is ``None`` where a bullet names no page.
    """

    dates: Sequence[dt.date]
    outlets: Sequence[str]
    pages: Sequence[str | None]
    labels: Mapping[str, NDArray[np.int64]]
    pairs: Sequence[Pair]

    @cached_property
    def weeks(self) -> list[str]:
        """The ISO week of every bullet, such as ``2023-W21``."""
        return [iso_week(date) for date in self.dates]

    def class_counts(self, groups: NDArray[np.intp]) -> NDArray[np.int64]:
        """Count the bullets of every class of every task in every group: ``(groups, classes of all tasks)``."""
        tables = []
        for task in TASKS:
            table = np.zeros((int(groups.max()) + 1, len(task)), dtype=np.int64)
            np.add.at(table, (groups, self.labels[task.name]), 1)
            tables.append(table)
        return np.concatenate(tables, axis=1)


def iso_week(date: dt.date) -> str:
    """Return the ISO 8601 week of a date as ``YYYY-Www``."""
    year, week, _ = date.isocalendar()
    return f"{year}-W{week:02d}"


def assign(
    units: Units, *, min_test_class: int = MIN_TEST_CLASS, protocols: Sequence[str] = PROTOCOLS
) -> dict[str, Assignment]:
    """Assign every bullet to a part in each of ``protocols``; ``None`` leaves it out of that protocol.

    Raises:
        LeakageError: the corpus has too few weeks or outlets, or too few bullets of a class for a test part.
    """
    makers: dict[str, Callable[[], Assignment]] = {
        "weeks": lambda: _grouped(units, "weeks", units.weeks),
        "chronological": lambda: _chronological(units, min_test_class),
        "publishers": lambda: _grouped(units, "publishers", units.outlets),
    }
    assignments = {name: make() for name, make in makers.items() if name in protocols}
    for protocol, assignment in assignments.items():
        _check_classes(units, protocol, assignment, min_test_class)
    return assignments


def components(count: int, keys: Sequence[Sequence[Hashable]], pairs: Sequence[Pair]) -> NDArray[np.intp]:
    """Number the groups of ``count`` bullets that share a key (``None`` is no key) or are a pair, also in a chain.

    Groups are numbered from 0 in the order of their first bullet.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = [(pair.first, pair.second) for pair in pairs]
    for sequence in keys:
        first: dict[Hashable, int] = {}
        edges += [(first.setdefault(key, i), i) for i, key in enumerate(sequence) if key is not None]
    rows, columns = zip(*edges, strict=True) if edges else ((), ())
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(count, count))
    labels = connected_components(graph, directed=False)[1]
    _, first_seen, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first_seen), dtype=np.intp)
    rank[np.argsort(first_seen)] = np.arange(len(first_seen))
    return rank[inverse]


def _grouped(units: Units, protocol: str, key: Sequence[str]) -> Assignment:
    groups = components(len(key), [key, units.pages], units.pairs)
    counts = units.class_counts(groups)
    if len(counts) < len(SPLITS):
        raise LeakageError(
            f"protocol {protocol}: {len(set(key))} {protocol}, joined by {len(units.pairs)} near-duplicate pairs and "
            f"by shared pages into {len(counts)} unrelated groups; at least {len(SPLITS)} are needed, so add bullets "
            f"of other {protocol}{_or_leave_out(protocol)}"
        )
    parts = _balanced(counts, np.bincount(groups))
    return [SPLITS[part] for part in parts[groups]]


def _balanced(counts: NDArray[np.int64], sizes: NDArray[np.intp]) -> NDArray[np.int64]:
    """Choose the part of every group: of many seeded random fillings, the one whose worst class fits its share best.

    The fit of a class in validation or test is its chi-square term, ``(observed - expected)^2 / expected``; the part's
    size counts as a class. The raw stream of PCG64 is used because NumPy guarantees it across versions.
    """
    table = np.column_stack([counts, sizes]).astype(np.float64)
    table = table[:, table.sum(axis=0) > 0]
    total = table.sum(axis=0)
    stream = np.random.PCG64(_SEED)
    best, best_fit = np.zeros(len(sizes), dtype=np.int64), np.inf
    for _ in range(_TRIALS):
        order = np.argsort(stream.random_raw(len(sizes)), kind="stable")
        start = (np.cumsum(sizes[order]) - sizes[order]) / sizes.sum()
        test, validation = order[start < _TEST], order[(start >= _TEST) & (start < _TEST + _VALIDATION)]
        fit = 0.0
        for members, share in ((test, _TEST), (validation, _VALIDATION)):
            terms = (table[members].sum(axis=0) - share * total) ** 2 / (share * total)
            fit = max(fit, float(terms.max()))
        if fit < best_fit:
            best_fit = fit
            best = np.full(len(sizes), SPLITS.index("train"), dtype=np.int64)
            best[validation], best[test] = SPLITS.index("validation"), SPLITS.index("test")
    return best


def _chronological(units: Units, min_test_class: int) -> Assignment:
    """Cut at week borders: test is the last fifth, or more where a class needs it; validation the tenth before it."""
    order, week = np.unique(units.weeks, return_inverse=True)
    counts = units.class_counts(week)
    sizes = np.bincount(week)
    needed = np.where(counts.sum(axis=0) > 0, min_test_class, 0)
    test = len(order)
    while test > 0 and (sizes[test:].sum() < _TEST * sizes.sum() or (counts[test:].sum(0) < needed).any()):
        test -= 1
    validation = test
    while validation > 0 and sizes[validation:test].sum() < _VALIDATION * sizes.sum():
        validation -= 1
    if validation == 0:
        raise LeakageError(
            "protocol chronological: no week border leaves a train part and enough of every class for test; "
            f"label more weeks, or lower --min-test-class{_or_leave_out('chronological')}"
        )
    part = (week >= validation).astype(np.int64) + (week >= test)
    latest = part.copy()
    for members in _members(components(len(part), [units.pages], units.pairs)):
        latest[members] = part[members].max()
    return [SPLITS[p] if p == last else None for p, last in zip(part, latest, strict=True)]


def _members(groups: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    order = np.argsort(groups, kind="stable")
    return np.split(order, np.cumsum(np.bincount(groups))[:-1])


def _check_classes(units: Units, protocol: str, assignment: Assignment, minimum: int) -> None:
    test = np.array([part == "test" for part in assignment])
    for task in TASKS:
        codes = units.labels[task.name]
        for code, name in enumerate(task.names):
            count, total = int((codes[test] == code).sum()), int((codes == code).sum())
            if total and count < minimum:
                raise LeakageError(
                    f"protocol {protocol}: the test part has {count} of {total} bullets of {task.name} {name}; "
                    f"at least {minimum} are needed, so label more of them or lower --min-test-class"
                    f"{_or_leave_out(protocol)}"
                )


def _or_leave_out(protocol: str) -> str:
    others = " ".join(name for name in PROTOCOLS if name != protocol)
    return "" if protocol == "weeks" else f", or leave the protocol out with --protocols {others}"
