"""The pictures of the agreement report, as SVG: the same bytes for the same figures."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from briefbench.annotation.reliability.alpha import Alpha
from briefbench.annotation.reliability.pairs import Pair
from briefbench.annotation.reliability.report import Group, Report
from briefbench.errors import InputError
from briefbench.evaluation.bootstrap import FEW_CLUSTERS
from briefbench.pictures import BLUE, GREY, INK, STYLE, new_figure, svg
from briefbench.schema import TASKS, Task

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Of so many pairs the confusion is drawn, those that share most bullets; the report has the counts of all.
MOST_PAIRS = 10
#: The file names that the pictures of any report have.
PATTERNS = ("labels.svg", "months.svg", "confusion-*.svg")

_ROTATED = 90
# The shade of a full cell on the scale of blues, and the shade from which its text is white.
_DEEPEST, _DARK = 0.8, 0.7


def draw(report: Report) -> dict[str, bytes]:
    """Return the pictures by file name: alpha by label and by month, and the confusion of pairs.

    Raises:
        InputError: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
    except ImportError:
        raise InputError("the pictures need matplotlib; install briefbench[figures], or pass --no-pictures") from None
    found: dict[str, bytes] = {}
    with mpl.rc_context(STYLE):
        if report.group:
            found["labels.svg"] = svg(_labels(report.group))
            if next(iter(report.group.tasks.values())).months:
                found["months.svg"] = svg(_months(report.group))
        for pair in drawn_pairs(report):
            found[confusion_name(pair)] = svg(_confusion(pair))
    return found


def drawn_pairs(report: Report) -> list[Pair]:
    """Return the pairs whose confusion is drawn."""
    shared = [pair for pair in report.pairs if pair.bullets]
    return sorted(shared, key=lambda pair: -pair.bullets)[:MOST_PAIRS]


def confusion_name(pair: Pair) -> str:
    """Return the file name of a pair's confusion."""
    return f"confusion-{pair.annotators[0]}-{pair.annotators[1]}.svg"


def _title(what: str, group: Group) -> str:
    return f"{what}: {' and '.join(group.annotators)} ({group.kind})"


def _labels(group: Group) -> "Figure":
    """Draw a panel a task: alpha of every label against the rest, and that of the task as a line."""
    rows = [len(task) for task in TASKS]
    figure = new_figure(7, 0.24 * sum(rows) + 1.8, _title("Krippendorff's alpha by label", group))
    panels = figure.subplots(len(TASKS), 1, sharex=True, height_ratios=rows)
    for task, panel in zip(TASKS, panels, strict=True):
        found = group.tasks[task.name]
        _line(panel.axvline, panel.axvspan, found.alpha)
        _dots(panel, [found.labels[name] for name in task.names], across=True)
        panel.set_yticks(range(len(task)), task.names)
        panel.set_ylim(len(task) - 0.4, -0.6)
        panel.tick_params(axis="y", length=0)
        panel.set_title(f"{task.name}: {found.alpha}")
    panels[-1].set_xlabel(
        f"95% interval by week (hollow: none, or from fewer than {FEW_CLUSTERS} weeks)\nline and band: the task"
    )
    return figure


def _months(group: Group) -> "Figure":
    """Draw a panel a task: alpha of every month, and that of all bullets as a line."""
    months = list(next(iter(group.tasks.values())).months)
    figure = new_figure(9, 6.6, _title("Krippendorff's alpha by month", group))
    panels = figure.subplots(len(TASKS), 1, sharex=True, sharey=True)
    for task, panel in zip(TASKS, panels, strict=True):
        found = group.tasks[task.name]
        _line(panel.axhline, panel.axhspan, found.alpha)
        _dots(panel, list(found.months.values()), across=False)
        panel.set_title(f"{task.name}: {found.alpha}")
    panels[-1].set_xticks(range(len(months)), months, rotation=_ROTATED, fontsize=7)
    panels[-1].set_xlim(-0.7, max(len(months), 1) - 0.3)
    panels[-1].set_xlabel(
        f"95% interval by day (hollow: none, or from fewer than {FEW_CLUSTERS} days); line and band: all bullets"
    )
    return figure


def _line(line: Any, band: Any, alpha: Alpha) -> None:
    if not np.isnan(alpha.value):
        line(alpha.value, color=GREY, linewidth=1, zorder=1)
    if alpha.interval:
        band(alpha.interval.low, alpha.interval.high, color=GREY, alpha=0.25, linewidth=0, zorder=0)


def _dots(panel: "Axes", alphas: Sequence[Alpha], *, across: bool) -> None:
    """Draw each alpha as a dot with its interval; hollow where there is none, or too few weeks or days for one."""
    shown = [(place, alpha.value, alpha.interval) for place, alpha in enumerate(alphas) if alpha.interval]
    if shown:
        places, _, intervals = zip(*shown, strict=True)
        lines = panel.hlines if across else panel.vlines
        lines(places, [one.low for one in intervals], [one.high for one in intervals], color=BLUE, linewidth=1.4)
    for trusted in (True, False):
        dots = [
            (alpha.value, place)
            for place, alpha in enumerate(alphas)
            if trusted == (alpha.interval is not None and not alpha.few_clusters)
        ]
        values, places = zip(*dots, strict=True) if dots else ((), ())
        along = (values, places) if across else (places, values)
        panel.plot(*along, "o", markersize=4, color=BLUE, markerfacecolor=BLUE if trusted else "white", zorder=3)
    panel.grid(axis="x" if across else "y", color=GREY, alpha=0.3, linewidth=0.5)
    panel.set_axisbelow(True)


def _confusion(pair: Pair) -> "Figure":
    """Draw a panel a task: who said what, shaded by the share of the first annotator's label."""
    sizes = [len(task) for task in TASKS]
    title = f"Who said what: {pair.annotators[0]} and {pair.annotators[1]} ({pair.kind}), {pair.bullets:,} bullets"
    figure = new_figure(7, 0.26 * sum(sizes) + 6, title)
    for task, panel in zip(TASKS, figure.subplots(len(TASKS), 1, height_ratios=sizes), strict=True):
        _matrix(panel, task, np.array(pair.tasks[task.name].confusion))
        panel.set_xlim(0, max(sizes))
        panel.set_xlabel(f"label of {pair.annotators[1]}", loc="left")
        panel.set_ylabel(f"label of {pair.annotators[0]}", loc="bottom")
        panel.set_title(f"{task.name}: alpha {pair.tasks[task.name].alpha}")
    figure.align_ylabels()
    return figure


def _matrix(panel: "Axes", task: Task, counts: Any) -> None:
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    shade = np.sqrt(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))
    for row, column in zip(*np.nonzero(counts), strict=True):
        blue = colormaps["Blues"](_DEEPEST * shade[row, column])
        panel.add_patch(Rectangle((column, row), 1, 1, facecolor=blue, edgecolor="white"))
        panel.text(
            column + 0.5,
            row + 0.5,
            f"{counts[row, column]:,}",
            ha="center",
            va="center",
            fontsize=7,
            color="white" if shade[row, column] > _DARK else INK,
        )
    places = [place + 0.5 for place in range(len(task))]
    panel.set_xticks(places, task.names, rotation=_ROTATED, fontsize=7)
    panel.set_yticks(places, task.names, fontsize=7)
    panel.set_ylim(len(task), 0)
    panel.tick_params(length=0)
    panel.spines[:].set_visible(False)
