"""Figures by group of bullets: where a system is weak, with counts, intervals, and the worst group by name."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from briefbench.errors import UnknownNameError
from briefbench.evaluation import metrics
from briefbench.evaluation.bootstrap import FEW_CLUSTERS, LEVEL, Clusters, Interval
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.reference import Reference
from briefbench.evaluation.results import Group, Slice
from briefbench.evaluation.signature import Signature, resampling
from briefbench.schema import TASKS, Task, listing

#: A group with fewer bullets cannot be the worst: chance decides its figure.
LEAST = 20

# Quotation marks of the corpus' languages; a bullet with a pair of them quotes somebody.
_QUOTE = re.compile("[\"“„«].+?[\"”“»]|(?<!\\w)['‘].+?['’](?!\\w)", re.DOTALL)  # noqa: RUF001
_SHORT, _LONG = 200, 300

_Names = list[str]


def _column(name: str, missing: str) -> Callable[[Reference], _Names]:
    return lambda reference: [value or missing for value in reference.table[name].to_pylist()]


def _dates(reference: Reference) -> _Names:
    return list(reference.table["date"].to_pylist())


def _length(reference: Reference) -> _Names:
    def name(length: int) -> str:
        if length < _SHORT:
            return f"0 to {_SHORT - 1} characters"
        return f"{_SHORT} to {_LONG - 1} characters" if length < _LONG else f"{_LONG} characters and more"

    return [name(length) for length in reference.text_lengths.tolist()]


def _quotation(reference: Reference) -> _Names:
    return ["with a quotation" if _QUOTE.search(text) else "without a quotation" for text in reference.texts]


_PROPERTIES: dict[str, Callable[[Reference], _Names]] = {
    "month": lambda reference: [day[:7] for day in _dates(reference)],
    "year": lambda reference: [day[:4] for day in _dates(reference)],
    "publisher": _column("publisher", "no publisher"),
    "section": _column("section", "no section"),
    "length": _length,
    "quotation": _quotation,
}
#: What bullets can be grouped by; ``votes`` parts unanimous from disputed ones task by task, and a date in ISO form
#: parts the bullets before it from the others.
PROPERTIES = (*_PROPERTIES, "votes", "DATE")


def slices(by: Sequence[str], predictions: Predictions, reference: Reference, clusters: Clusters) -> tuple[Slice, ...]:
    """Score every task by every property in ``by``, each once: names in `PROPERTIES`, or a date as ``2024-01-01``.

    Raises:
        UnknownNameError: no such property.
    """
    return tuple(
        _slice(name, task, predictions.labels[task.name], reference, clusters)
        for name in dict.fromkeys(by)
        for task in TASKS
        if task.name in predictions.labels
    )


def _groups(by: str, task: Task, reference: Reference) -> _Names:
    if by in _PROPERTIES:
        return _PROPERTIES[by](reference)
    if by == "votes":
        disputed = reference.table["disputed"].to_pylist()
        return ["disputed" if task.name in tasks else "unanimous" for tasks in disputed]
    try:
        day = date.fromisoformat(by).isoformat()
    except ValueError:
        raise UnknownNameError(f"cannot slice by {by!r}; slice by {listing(PROPERTIES)} (YYYY-MM-DD)") from None
    return [f"before {day}" if one < day else f"from {day} on" for one in _dates(reference)]


def _slice(by: str, task: Task, predicted: NDArray[np.int64], reference: Reference, clusters: Clusters) -> Slice:
    gold, names = reference.labels[task.name], _groups(by, task, reference)
    groups = tuple(
        _group(name, metrics.confusion(gold[rows], predicted[rows], len(task)), (gold == predicted)[rows], within)
        for name, rows, within in _parts(names, clusters)
    )
    candidates = [group for group in groups if group.bullets >= LEAST and len(groups) > 1]
    worst = min(candidates, key=lambda group: (group.accuracy, group.name)).name if candidates else ""
    how = Signature(reference.data, reference.split, task.name, f"accuracy_by_{by}", len(task), resampling(clusters))
    return Slice(by, task.name, groups, worst, str(how))


def _parts(names: _Names, clusters: Clusters) -> Iterator[tuple[str, NDArray[np.intp], Clusters]]:
    """Yield every group with its rows and its weeks, the groups in the order of their names."""
    values, codes = np.unique(np.array(names, dtype=np.str_), return_inverse=True)
    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(values) + 1))
    for code, value in enumerate(values):
        rows = order[bounds[code] : bounds[code + 1]]
        weeks, within = np.unique(clusters.codes[rows], return_inverse=True)
        yield str(value), rows, replace(clusters, codes=within, count=len(weeks))


def _group(name: str, table: NDArray[np.int64], hits: NDArray[np.bool_], weeks: Clusters) -> Group:
    scores = metrics.label_scores(table)
    present = scores.gold > 0
    interval, resampled = None, "week"
    if weeks.count >= FEW_CLUSTERS and 0 < hits.sum() < len(hits):  # else every resample is alike, without any width
        interval = weeks.interval(metrics.ratio(*weeks.sums(hits.astype(np.float64), np.ones(len(hits)))))
    if interval is None:
        interval, resampled = _wilson(int(hits.sum()), len(hits)), "bullet"
    return Group(
        name=name,
        bullets=len(hits),
        weeks=weeks.count,
        accuracy=float(hits.mean()),
        interval=interval,
        resampled=resampled,
        macro_f1=float(scores.f1[present].sum() / present.sum()),
        labels=int(present.sum()),
    )


def _wilson(hits: int, bullets: int) -> Interval:
    """Return Wilson's score interval of a proportion (Wilson 1927), as SciPy computes it."""
    from scipy.stats import binomtest

    found = binomtest(hits, bullets).proportion_ci(confidence_level=LEVEL, method="wilson")
    return Interval(float(found.low), float(found.high))
