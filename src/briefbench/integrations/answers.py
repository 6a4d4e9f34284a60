"""Scoring the answers of a language model, and writing them as predictions, by one rule for answers without a label.

An answer that is not exactly one label is wrong: it is scored, and written, as the label after the gold one in the
table, the first after the last. So it misses the gold label, it is never right by luck, every bullet keeps a label, and
the predictions score what the run reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from briefbench.errors import PredictionError
from briefbench.evaluation import metrics
from briefbench.evaluation.predictions import shown, write_predictions
from briefbench.evaluation.reference import Reference
from briefbench.schema import TASK_NAMES, Task


@dataclass(frozen=True)
class Answer:
    """The gold label of a bullet, and the label it was given: ``None`` where the answer was not exactly one."""

    gold: str
    predicted: str | None


@dataclass
class Answers:
    """The answers of a run to one task, by bullet; ``probabilities`` are used where every bullet has them."""

    task: Task
    where: str
    by_bullet: dict[str, Answer] = field(default_factory=dict)
    probabilities: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    def add(self, bullet_id: str, answer: Answer) -> None:
        """Add an answer.

        Raises:
            PredictionError: the bullet has one, or a label is not one of the task.
        """
        if bullet_id in self.by_bullet:
            raise PredictionError(f"{self.where}: bullet {shown(bullet_id)} was answered twice; ask once a bullet")
        for label in (answer.gold, answer.predicted):
            if label is not None and label not in self.task.codes:
                raise PredictionError(
                    f"{self.where}: bullet {shown(bullet_id)}: unknown {self.task.name} {shown(label)}"
                )
        self.by_bullet[bullet_id] = answer

    @property
    def unparsable(self) -> int:
        """How many answers were not exactly one label."""
        return unparsable(list(self.by_bullet.values()))


def macro_f1(task: Task, answers: Sequence[Answer]) -> float:
    """Return macro-F1 over the declared labels."""
    return float(metrics.macro_f1(_scores(task, answers)))


def accuracy(task: Task, answers: Sequence[Answer]) -> float:
    """Return the share of answers that are the gold label."""
    return float(metrics.accuracy(_scores(task, answers)))


def unparsable(answers: Sequence[Answer]) -> int:
    """Return how many answers were not exactly one label."""
    return sum(answer.predicted is None for answer in answers)


def predictions(runs: Mapping[str, Answers], reference: Reference) -> bytes:
    """Return the answers of a run by task as a Parquet file that `briefbench.evaluate` takes.

    Raises:
        PredictionError: a bullet of the reference has no answer, an answer is of another bullet, or the run had another
            gold label than the reference.
    """
    labels = {name: _codes(answers, reference) for name, answers in runs.items()}
    probabilities = {
        name: np.stack([answers.probabilities[identifier] for identifier in reference.bullet_ids])
        for name, answers in runs.items()
        if answers.probabilities.keys() == answers.by_bullet.keys()
    }
    return write_predictions(reference.bullet_ids, labels, probabilities)


def collect(parts: Sequence[Answers]) -> dict[str, Answers]:
    """Return answers by task, in the order of the tasks.

    Raises:
        PredictionError: two parts answer the same task.
    """
    runs: dict[str, Answers] = {}
    for part in parts:
        other = runs.setdefault(part.task.name, part)
        if other is not part:
            raise PredictionError(f"{part.where}: answers {part.task.name}, as {other.where} does; name one run")
    return {name: runs[name] for name in TASK_NAMES if name in runs}


def _codes(answers: Answers, reference: Reference) -> NDArray[np.int64]:
    task, where, known = answers.task, answers.where, set(reference.bullet_ids)
    stranger = next((identifier for identifier in answers.by_bullet if identifier not in known), None)
    if stranger is not None:
        raise PredictionError(
            f"{where}: bullet {shown(stranger)} is not in {reference.split}; use the release of the run"
        )
    missing = [identifier for identifier in reference.bullet_ids if identifier not in answers.by_bullet]
    if missing:
        raise PredictionError(
            f"{where}: {len(missing)} of {len(reference)} bullets have no answer to {task.name}, the first is "
            f"{missing[0]}; run without a limit"
        )
    for identifier, code in zip(reference.bullet_ids, reference.labels[task.name], strict=True):
        if answers.by_bullet[identifier].gold != task.names[code]:
            raise PredictionError(
                f"{where}: bullet {identifier} was scored against {answers.by_bullet[identifier].gold}, its label is "
                f"{task.names[code]}; run again on this release"
            )
    counted = [_counted(task, answers.by_bullet[identifier]) for identifier in reference.bullet_ids]
    return np.array(counted, dtype=np.int64)


def _scores(task: Task, answers: Sequence[Answer]) -> metrics.LabelScores:
    gold = np.array([task.codes[answer.gold] for answer in answers], dtype=np.int64)
    counted = np.array([_counted(task, answer) for answer in answers], dtype=np.int64)
    return metrics.label_scores(metrics.confusion(gold, counted, len(task)))


def _counted(task: Task, answer: Answer) -> int:
    """Return the code of the label that an answer is scored as."""
    if answer.predicted is not None:
        return task.codes[answer.predicted]
    return (task.codes[answer.gold] + 1) % len(task)
