"""Small splits and predictions for tests of the evaluation, and the slow ways of scoring that it must agree with."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from briefbench.evaluation.bootstrap import Clusters, draw_weights
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.reference import Reference
from briefbench.schema import SOURCE_TYPE, TASKS, Task

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

DATA = "0123456789abcdef" * 4
_WORDS = ("The", "mayor", "of", "Alder", "said,", "“no", "bread”", "was", "left;", "envoys", "don't", "agree.")


def reference_of(
    labels: Mapping[str, Sequence[int] | Codes], weeks: Sequence[str], **columns: Sequence[Any]
) -> Reference:
    """Return a split with these gold codes and weeks; other tasks have the first label, other columns a default.

    The votes' shares are all for the gold unless ``<task>_soft`` is given.
    """
    bullets = len(weeks)
    rows: dict[str, Sequence[Any]] = {
        "bullet_id": [f"b{i:04d}" for i in range(bullets)],
        "text": [" ".join(_WORDS)] * bullets,
        "span_start": [None] * bullets,
        "span_end": [None] * bullets,
        "other_source_types": [[]] * bullets,
        "disputed": [[]] * bullets,
        "date": ["2023-01-02"] * bullets,
        "section": ["Key developments"] * bullets,
        "publisher": ["Outlet"] * bullets,
    }
    types = {"span_start": pa.int32(), "span_end": pa.int32()}
    types |= {"other_source_types": pa.list_(pa.int64()), "disputed": pa.list_(pa.string())}
    for task in TASKS:
        gold = np.asarray(labels.get(task.name, np.zeros(bullets)), dtype=np.int64)
        rows |= {task.name: gold, f"{task.name}_soft": np.eye(len(task))[gold].tolist()}
    arrays = {name: pa.array(cells, types.get(name)) for name, cells in (rows | {"week": weeks} | columns).items()}
    return Reference("weeks/test", DATA, pa.table(arrays))


def weeks_of(codes: Sequence[int] | Codes) -> list[str]:
    """Return names of weeks for codes below 100."""
    return [f"2023-W{code:02d}" for code in codes]


def noisy(random: np.random.Generator, gold: Codes, labels: int, right: float = 0.6) -> Codes:
    """Return predictions of which about this share is right."""
    return np.where(random.random(len(gold)) < right, gold, random.integers(0, labels, len(gold)))


def everything(seed: int, bullets: int = 80, weeks: int = 12) -> tuple[Reference, Predictions]:
    """Return a random split with every column filled, and predictions of all that can be predicted."""
    random = np.random.default_rng(seed)
    gold = {task.name: random.integers(0, len(task), bullets) for task in TASKS}
    other = {name: noisy(random, codes, int(codes.max()) + 1, 0.8) for name, codes in gold.items()}
    starts = random.integers(0, 40, bullets)
    ends = starts + random.integers(1, 20, bullets)
    missing = random.random(bullets) < 0.2
    votes = {
        f"{t.name}_soft": ((np.eye(len(t))[gold[t.name]] + np.eye(len(t))[other[t.name]]) / 2).tolist() for t in TASKS
    }
    months = random.integers(1, 13, bullets)
    reference = reference_of(
        gold,
        weeks_of(random.integers(1, weeks + 1, bullets)),
        span_start=[None if gone else int(start) for gone, start in zip(missing, starts, strict=True)],
        span_end=[None if gone else int(end) for gone, end in zip(missing, ends, strict=True)],
        other_source_types=[[int(code)] if code % 2 else [] for code in random.integers(0, len(SOURCE_TYPE), bullets)],
        disputed=[[name for name in gold if gold[name][i] != other[name][i]] for i in range(bullets)],
        date=[f"{2022 + month % 2}-{month:02d}-01" for month in months.tolist()],
        publisher=[f"Outlet {i}" for i in random.integers(0, 3, bullets)],
        section=[("Key developments", "Battleground updates")[i] for i in random.integers(0, 2, bullets)],
        text=[" ".join(_WORDS[: 6 + int(i)]) + " " * 60 * int(i) for i in random.integers(0, 6, bullets)],
        **votes,
    )
    shift = random.random(bullets) < 0.3
    found = Predictions(
        labels={task.name: noisy(random, gold[task.name], len(task)) for task in TASKS},
        probabilities={task.name: random.dirichlet(np.full(len(task), 0.3), bullets) for task in TASKS},
        spans=np.where(shift[:, None], reference.spans[::-1], reference.spans),
        source_types=reference.source_types ^ (random.random((bullets, len(SOURCE_TYPE))) < 0.05),
    )
    return reference, found


def clusters_of(reference: Reference, **options: Any) -> Clusters:
    """Return the clusters of a split."""
    codes, names = reference.weeks
    return Clusters(codes, len(names), **options)


def drawn_rows(reference: Reference, resamples: int, seed: int) -> Iterator[Codes]:
    """Yield the rows of every resample: the weeks that the bootstrap draws, put together bullet by bullet."""
    codes, names = reference.weeks
    rows = [np.flatnonzero(codes == week) for week in range(len(names))]
    for weights in draw_weights(len(names), resamples=resamples, seed=seed):
        yield np.concatenate([np.tile(rows[week], int(times)) for week, times in enumerate(weights)])


def without_each_week(reference: Reference) -> Iterator[Codes]:
    """Yield the rows that are left without each week."""
    codes, names = reference.weeks
    return (np.flatnonzero(codes != week) for week in range(len(names)))


def sklearn_macro_f1(task: Task, gold: Codes, predicted: Codes) -> float:
    """Return scikit-learn's macro-F1 over the declared labels."""
    return float(f1_score(gold, predicted, labels=range(len(task)), average="macro", zero_division=0))


def looped(
    reference: Reference, statistic: Callable[[Codes], float], resamples: int, seed: int
) -> tuple[Floats, Floats]:
    """Return a statistic of rows, or several, over every resample and over the jackknife."""
    drawn = np.array([statistic(rows) for rows in drawn_rows(reference, resamples, seed)])
    return drawn, np.array([statistic(rows) for rows in without_each_week(reference)])
