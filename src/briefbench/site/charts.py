"""The geometry of the charts: places on an axis from 0 to 1, which the templates draw in percent of a box's width."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from briefbench.schema import Task
from briefbench.site.corpus import NO_DATE, Row, month

if TYPE_CHECKING:
    from briefbench.evaluation.results import CalibrationBin, Score, TaskResult

#: Steps of the shading of a heat map: 0 is the panel's colour, the last the full colour.
HEAT_STEPS = 10


@dataclass(frozen=True)
class Reference:
    """A vertical line through an interval plot, with the band of its own interval where it has one."""

    name: str
    style: str
    score: "Score"


@dataclass(frozen=True)
class Panel:
    """An interval plot: one score a system, in the board's order, and the reference lines."""

    title: str
    scores: Sequence["Score | None"]
    references: Sequence[Reference]


def panel(
    title: str,
    scores: Sequence["Score | None"],
    *,
    ceiling: "Score | None",
    shortcut: "Score | None",
    shortcut_name: str,
) -> Panel:
    """Return an interval plot with the lines of the ceiling and the best shortcut, where they are known."""
    named = (("ceiling", "ceiling", ceiling), (shortcut_name, "shortcut", shortcut))
    return Panel(title, scores, [Reference(name, style, score) for name, style, score in named if score is not None])


@dataclass(frozen=True)
class Cell:
    """A cell of a heat map: its figure, and how dark it is from 0 to `HEAT_STEPS`."""

    value: float
    heat: int


@dataclass(frozen=True)
class Confusion:
    """A confusion matrix: counts shaded by their share of the gold label's bullets, and the most frequent mistakes."""

    labels: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    mistakes: Sequence[tuple[str, str, int]]


def confusion(result: "TaskResult", *, mistakes: int = 5) -> Confusion:
    """Return the confusion matrix of a task's result."""
    labels = [one.label for one in result.labels]
    rows = [[Cell(count, _share_heat(count, sum(row))) for count in row] for row in result.confusion]
    wrong = [
        (labels[gold], labels[predicted], count)
        for gold, row in enumerate(result.confusion)
        for predicted, count in enumerate(row)
        if gold != predicted and count
    ]
    return Confusion(labels, rows, sorted(wrong, key=lambda one: -one[2])[:mistakes])


def heat(value: float | None) -> int:
    """Return how dark a value from 0 to 1 is; what is below 0 or undefined is 0."""
    return 0 if value is None else max(0, min(HEAT_STEPS, round(value * HEAT_STEPS)))


def _share_heat(count: int, total: int) -> int:
    """Return the shade of a share; a count above 0 is never left without any."""
    return max(1, heat(count / total)) if count else 0


@dataclass(frozen=True)
class CalibrationPoint:
    """One bin of confidence; ``size`` is the radius of its dot, ``share`` its part of the fullest bin."""

    bullets: int
    confidence: float
    accuracy: float
    size: float
    share: float


def calibration_points(bins: Iterable["CalibrationBin"], *, largest: float = 8.0) -> list[CalibrationPoint]:
    """Return the bins that hold a bullet; the area of a dot is in proportion to them, with a least that can be seen."""
    filled = [one for one in bins if one.bullets]
    most = max((one.bullets for one in filled), default=1)
    return [
        CalibrationPoint(
            one.bullets, one.confidence, one.accuracy, max(2.0, largest * sqrt(one.bullets / most)), one.bullets / most
        )
        for one in filled
    ]


@dataclass(frozen=True)
class Segment:
    """A label's part of a month's bar; ``low`` and ``high`` are shares of the axis."""

    code: int
    label: str
    count: int
    low: float
    high: float


@dataclass(frozen=True)
class Month:
    """A month's bar; ``place`` is its left edge as a share of the axis, ``tick`` what stands below it, if anything."""

    name: str
    tick: str
    place: float
    total: int
    counts: Sequence[int]
    segments: Sequence[Segment]


@dataclass(frozen=True)
class Stack:
    """Bullets by month and gold label, stacked in the labels' order from the bottom."""

    task: Task
    months: Sequence[Month]
    width: float
    top: int
    ticks: Sequence[int]
    undated: int


def stack(task: Task, rows: Sequence[Row]) -> Stack:
    """Count bullets by month and label; months without a bullet between the first and the last have an empty bar."""
    counts: dict[str, list[int]] = {}
    for row in rows:
        counts.setdefault(month(row), [0] * len(task))[row[task.name]] += 1
    undated = sum(counts.pop(NO_DATE, []))
    names = _months(counts)
    ticks = _ticks(max((sum(one) for one in counts.values()), default=0))
    bars = [_bar(task, names, i, counts.get(name, [0] * len(task)), ticks[-1]) for i, name in enumerate(names)]
    return Stack(task, bars, 1 / max(1, len(names)), ticks[-1], ticks, undated)


def _bar(task: Task, names: Sequence[str], position: int, counts: Sequence[int], top: int) -> Month:
    segments = _segments(task, counts, top)
    return Month(names[position], _tick(position, names), position / len(names), sum(counts), counts, segments)


def _tick(position: int, names: Sequence[str]) -> str:
    """Name the years at their Januaries, and the first month where no year stands close by."""
    name = names[position]
    if name.endswith("-01"):
        return name[:4]
    crowded = any(other.endswith("-01") for other in names[1:7])
    return "" if position or crowded else name


def _segments(task: Task, counts: Sequence[int], top: int) -> list[Segment]:
    segments, below = [], 0
    for code, count in enumerate(counts):
        if count:
            segments.append(Segment(code, task.names[code], count, below / top, (below + count) / top))
        below += count
    return segments


def _months(counts: Mapping[str, object]) -> list[str]:
    """Return every month from the first to the last."""
    if not counts:
        return []
    first, last = (int(name[:4]) * 12 + int(name[5:]) - 1 for name in (min(counts), max(counts)))
    return [f"{one // 12:04d}-{one % 12 + 1:02d}" for one in range(first, last + 1)]


def _ticks(most: int) -> list[int]:
    """Return three to six round numbers from 0 to at least ``most``."""
    step = next(digit * 10**power for power in range(12) for digit in (1, 2, 5) if 5 * digit * 10**power >= most)
    return [one * step for one in range(max(2, -(-most // step)) + 1)]
