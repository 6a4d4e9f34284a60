"""A language model that answers from a hash of the bullet: about half its answers are right, and some name no label."""

import hashlib
import math
from collections.abc import Callable
from functools import cache

from briefbench.dataset.load import read_tables
from briefbench.schema import TASKS, Task, task_of

_DRESSES: tuple[Callable[[str], str], ...] = (
    lambda label: label,
    lambda label: f" {label}\n",
    lambda label: f"**{label}**",
    lambda label: f"`{label}`.",
    lambda label: label.replace("_", " ").capitalize(),
    lambda label: f"Topic: {label.replace('_', '-')}",
    lambda label: f"\u201c{label.upper()}\u201d",
    lambda label: f"**Answer:** {label}",
)
_NO_ANSWERS: tuple[Callable[[str, str], str], ...] = (
    lambda _, __: "",
    lambda gold, _: f"The label is {gold}.",
    lambda gold, other: f"{gold} or {other}",
    lambda gold, _: f"not {gold}",
    lambda gold, _: f"{gold} {gold}",
    lambda _, __: "unclear",
)
_CUES = {f"{task.name.replace('_', ' ').capitalize()}:": task for task in TASKS}


def asked(prompt: str) -> tuple[Task, str]:
    """Return the task and the bullet of a prompt."""
    before, _, cue = prompt.rpartition("\n")
    return _CUES[cue], before.rpartition("Bullet: ")[2]


def expected(task: Task, text: str) -> str | None:
    """Return the label that the model means, or ``None`` where it names none."""
    digest, gold = _digest(task, text), gold_labels(task.name)[text]
    if digest[3] < 30:
        return None
    return gold if digest[0] < 128 else task.names[digest[1] % len(task)]


def reply(prompt: str) -> str:
    """Return what the model writes."""
    task, text = asked(prompt)
    digest, label, gold = _digest(task, text), expected(task, text), gold_labels(task.name)[text]
    if label is None:
        return _NO_ANSWERS[digest[4] % len(_NO_ANSWERS)](gold, task.names[digest[1] % len(task)])
    return _DRESSES[digest[2] % len(_DRESSES)](label)


def likelihood(prompt: str, label: str) -> float:
    """Return the log-likelihood of a label; NaN for some bullets of one task, and ties for some of another."""
    task, text = asked(prompt)
    meant = expected(task, text)
    if meant is None:
        return math.nan if task.name == "topic" else -1.0
    return -0.25 if label == meant else -1.0 - _digest(task, text + label)[0] / 64


def likeliest(task: Task, text: str) -> str | None:
    """Return the label of the largest log-likelihood, the first of equals."""
    meant = expected(task, text)
    return meant if meant is not None else None if task.name == "topic" else task.names[0]


@cache
def gold_labels(task: str) -> dict[str, str]:
    """Return the gold labels of the test part by text."""
    table = read_tables(task)["test"]
    names = task_of(task).names
    return dict(zip(table["text"].to_pylist(), (names[code] for code in table["label"].to_pylist()), strict=True))


def _digest(task: Task, text: str) -> bytes:
    return hashlib.sha256(f"{task.name} {text}".encode()).digest()
