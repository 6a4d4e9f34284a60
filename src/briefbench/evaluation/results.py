"""What an evaluation returns: small frozen records that print, encode to JSON and decode from it."""

from dataclasses import dataclass

from briefbench.evaluation.bootstrap import Interval


@dataclass(frozen=True)
class LabelResult:
    """Scores of one label; ``support`` counts gold bullets, ``predicted`` predicted ones."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int
    predicted: int


@dataclass(frozen=True)
class TaskResult:
    """Scores of one task. ``confusion`` counts bullets by gold label (rows) and predicted label (columns)."""

    task: str
    macro_f1: float
    interval: Interval
    accuracy: float
    labels: tuple[LabelResult, ...]
    confusion: tuple[tuple[int, ...], ...]
    signature: str

    @property
    def attainable(self) -> float:
        """The macro-F1 of a perfect system: the share of declared labels that have a bullet in the split."""
        return sum(label.support > 0 for label in self.labels) / len(self.labels)


@dataclass(frozen=True)
class Headline:
    """The mean of the three tasks' macro-F1."""

    value: float
    interval: Interval
    signature: str


@dataclass(frozen=True)
class Evaluation:
    """The scores of one set of predictions on one split; ``headline`` is there when all tasks were predicted."""

    split: str
    data: str
    bullets: int
    weeks: int
    tasks: tuple[TaskResult, ...]
    headline: Headline | None

    def task(self, name: str) -> TaskResult:
        """Return the scores of one task.

        Raises:
            KeyError: the task was not predicted.
        """
        for result in self.tasks:
            if result.task == name:
                return result
        raise KeyError(name)

    def __repr__(self) -> str:
        scores = ", ".join(f"{result.task} {result.macro_f1:.3f}" for result in self.tasks)
        return f"Evaluation({self.split}: macro-F1 {scores})"
