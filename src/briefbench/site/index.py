"""What the leaderboard's page shows: interval plots, every system's scores, the corpus over time, agreement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from briefbench.schema import TASKS, Task
from briefbench.site import charts
from briefbench.site.corpus import Corpus, annotators_sentence

if TYPE_CHECKING:
    from briefbench.evaluation.leaderboard import Board, Standing
    from briefbench.evaluation.results import Evaluation, LabelResult, Score, TaskResult

#: What a kind of system is, in the order of the legend.
KINDS = {
    "text": "a system that reads the text",
    "submission": "a submitted system",
    "probe": "a probe: sees the text with something hidden that only the gold labels tell",
    "shortcut": "a shortcut: sees one field, never the text",
    "floor": "a floor: sees nothing of the bullet",
}


@dataclass(frozen=True)
class Bar:
    """A label's scores, with the F1 of the best shortcut on it where there is one."""

    label: "LabelResult"
    shortcut: float | None


@dataclass(frozen=True)
class TaskView:
    """One task of one system."""

    task: Task
    result: "TaskResult"
    bars: Sequence[Bar]
    confusion: charts.Confusion
    links: Sequence[str]
    calibration: Sequence[charts.CalibrationPoint]
    errors: str


@dataclass(frozen=True)
class SystemView:
    """One system."""

    standing: "Standing"
    tasks: Sequence[TaskView]


def index_context(board: "Board", corpus: Corpus) -> dict[str, Any]:
    """Return what the template of the leaderboard's page needs."""
    shortcut = next((one for one in board.standings if one.name == board.best_shortcut), None)
    best = board.standings[0].evaluation
    kinds = {one.kind for one in board.standings}
    return {
        "board": board,
        "facts": corpus.facts,
        "first": best,
        "attainable": fsum(one.attainable for one in best.tasks) / max(1, len(best.tasks)),
        "kinds": {kind: what for kind, what in KINDS.items() if kind in kinds},
        "mean": _panel("mean", board, shortcut),
        "panels": [_panel(task.name, board, shortcut) for task in TASKS],
        "shortcut": shortcut,
        "systems": [SystemView(one, _task_views(one, shortcut)) for one in board.standings],
        "stacks": [charts.stack(task, corpus.bullets) for task in TASKS],
        "annotators": annotators_sentence(corpus),
        "consistent": {one.kind for one in corpus.facts.agreement} == {"self-consistency"},
        "tasks": TASKS,
    }


def _panel(name: str, board: "Board", shortcut: "Standing | None") -> charts.Panel:
    return charts.panel(
        name,
        [_score(one.evaluation, name) for one in board.standings],
        ceiling=board.ceiling.get(name),
        shortcut=_score(shortcut.evaluation, name) if shortcut else None,
        # It is the best one on the mean; on a task another may be better.
        shortcut_name="best shortcut" if name == "mean" or shortcut is None else shortcut.name,
    )


def _score(evaluation: "Evaluation", name: str) -> "Score | None":
    """Return the macro-F1 of a task, or the headline for ``mean``; ``None`` where it was not predicted."""
    if name == "mean":
        return evaluation.headline
    return next((one.macro_f1 for one in evaluation.tasks if one.task == name), None)


def _task_views(standing: "Standing", shortcut: "Standing | None") -> list[TaskView]:
    results = {one.task: one for one in standing.evaluation.tasks}
    beside = {one.task: one for one in shortcut.evaluation.tasks} if shortcut and shortcut is not standing else {}
    return [
        _task_view(standing.name, task, results[task.name], beside.get(task.name))
        for task in TASKS
        if task.name in results
    ]


def _task_view(system: str, task: Task, result: "TaskResult", shortcut: "TaskResult | None") -> TaskView:
    theirs = [one.f1 for one in shortcut.labels] if shortcut else [None] * len(task)
    table = charts.confusion(result)
    wanted = {"system": system, "task": task.name}
    return TaskView(
        task=task,
        result=result,
        bars=[Bar(label, other) for label, other in zip(result.labels, theirs, strict=True)],
        confusion=table,
        links=[_explorer(wanted | {task.name: gold, "predicted": label}) for gold, label, _ in table.mistakes],
        calibration=charts.calibration_points(result.calibration),
        errors=_explorer(wanted | {"outcome": "wrong"}),
    )


def _explorer(filters: Mapping[str, str]) -> str:
    """Return a link into the explorer."""
    return f"explorer.html#{urlencode(filters)}"
