"""The learning curve: what baselines score when they learn from a part of the train part only, by whole ISO weeks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.base import Baseline, Examples
from briefbench.baselines.run import fit
from briefbench.baselines.seeds import macro_f1_of
from briefbench.console import printable
from briefbench.errors import InputError, MissingExtraError
from briefbench.evaluation.reference import Reference
from briefbench.evaluation.systems import SystemResult
from briefbench.files import read_bytes
from briefbench.schema import TASK_NAMES

#: Below ``baselines/``: the figures and their picture.
FIGURES, PICTURE = "curve.json", "curve.svg"
#: The percentages of the train part's weeks that are learnt from.
PERCENTAGES = (10, 20, 40, 70, 100)
SEED = 12345

_LIMIT = 1 << 24


@dataclass(frozen=True)
class Point:
    """What was learnt from, and what it scores on the test part: macro-F1 by task, and the mean of the tasks."""

    percentage: int
    weeks: int
    bullets: int
    macro_f1: Mapping[str, float]
    mean: float


@dataclass(frozen=True)
class Curve:
    """The points of every system by its name, on one release; ``seed`` drew the order in which weeks are added."""

    data: str
    split: str
    seed: int
    systems: Mapping[str, tuple[Point, ...]]


def read_curve(path: Path) -> Curve | None:
    """Read a stored curve; ``None`` where there is none.

    Raises:
        InputError: the file is no curve.
    """
    if not path.exists():
        return None
    try:
        return msgspec.json.decode(read_bytes(path, limit=_LIMIT), type=Curve)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path}: not a learning curve: {printable(str(error))[:120]}; make it again") from error


def points(
    baseline: Baseline,
    examples: Mapping[str, Examples],
    weeks: NDArray[np.int64],
    reference: Reference,
    stored: SystemResult,
) -> tuple[Point, ...]:
    """Fit a baseline on growing parts of the train part, and score each fit on the test part; the whole is ``stored``.

    The hyperparameters are those that were chosen with all of the train part, so that nothing but the amount of data
    changes along the curve. Temperatures are fitted on the whole validation part; they change no label.

    Args:
        baseline: what to fit; of a random one seed 0.
        examples: by split.
        weeks: the code of the week of every train bullet, shape ``(bullets,)``.
        reference: the test part.
        stored: the result on all of the train part.
    """
    found = []
    for percentage, rows in subsets(weeks):
        if len(rows) == len(weeks):
            scores = {task.task: task.macro_f1.value for task in stored.evaluation.tasks}
        else:
            part = {**examples, "train": taken(examples["train"], rows)}
            labels = fit(baseline, part, stored.chosen).predict(examples["test"]).labels
            scores = macro_f1_of(labels, reference)
        mean = sum(scores.values()) / len(scores)
        found.append(Point(percentage, len(np.unique(weeks[rows])), len(rows), scores, mean))
    return tuple(found)


def subsets(weeks: NDArray[np.int64]) -> list[tuple[int, NDArray[np.int64]]]:
    """Return `PERCENTAGES` with the rows of as many of the weeks, rounded up; each holds the one before.

    The weeks are added in an order from NumPy's raw stream of PCG64, which is the same in every version.
    """
    names = np.unique(weeks)
    order = names[np.argsort(np.random.PCG64(SEED).random_raw(len(names)), kind="stable")]
    return [
        (percentage, np.flatnonzero(np.isin(weeks, order[: ceil(len(order) * percentage / 100)])))
        for percentage in PERCENTAGES
    ]


def taken(examples: Examples, rows: NDArray[np.int64]) -> Examples:
    """Return some rows of examples."""

    def some(values: Sequence[str]) -> list[str]:
        return [values[row] for row in rows.tolist()]

    return replace(
        examples,
        bullet_ids=some(examples.bullet_ids),
        texts=some(examples.texts),
        fields={name: some(values) for name, values in examples.fields.items()},
        labels={task: codes[rows] for task, codes in examples.labels.items()},
        spans=None if examples.spans is None else examples.spans[rows],
    )


def merged(old: Curve | None, reference: Reference, found: Mapping[str, tuple[Point, ...]]) -> Curve:
    """Return a curve with new systems beside those of an older curve of the same release, by name."""
    kept = old.systems if old is not None and (old.data, old.seed) == (reference.data, SEED) else {}
    return Curve(reference.data, reference.split, SEED, dict(sorted({**kept, **found}.items())))


def check_matplotlib() -> None:
    """Refuse to go on without matplotlib.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import matplotlib as mpl  # noqa: F401
    except ImportError:
        raise MissingExtraError("figures", "matplotlib, which draws the curve,") from None


def draw(curve: Curve) -> bytes:
    """Return the curve as SVG: a panel for the mean and each task, a line a system; the same bytes on every run."""
    import matplotlib as mpl

    from briefbench.pictures import GREY, STYLE, new_figure, svg

    with mpl.rc_context(STYLE):
        figure = new_figure(9, 6.4, f"Macro-F1 on {curve.split} by bullets learnt from")
        panels = figure.subplots(2, 2, sharex=True).ravel()
        for name, panel in zip(("mean", *TASK_NAMES), panels, strict=True):
            for number, (system, line) in enumerate(curve.systems.items()):
                values = [point.mean if name == "mean" else point.macro_f1[name] for point in line]
                style = ("-", "--", ":", "-.")[number // 10 % 4]
                bullets = [point.bullets for point in line]
                panel.plot(bullets, values, style, marker="o", markersize=3, color=f"C{number % 10}", label=system)
            panel.set_xscale("log")
            panel.set_title("mean of the tasks" if name == "mean" else name)
            panel.grid(color=GREY, alpha=0.3, linewidth=0.5)
        ticks = sorted({point.bullets for line in curve.systems.values() for point in line})
        for panel in panels:
            panel.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
            panel.minorticks_off()
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=6, frameon=False)
        return svg(figure)
