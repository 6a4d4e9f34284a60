"""Asking a language model for a label, in the words of the label table, and reading what it answers."""

import re
from functools import cache

from briefbench.schema import TASK_NAMES, Label, Task

# What models put around a label, or before an underscore.
_ORNAMENT = re.compile("[*`\"'\u201c\u201d\u2018\u2019\\\\]")
_BETWEEN_WORDS = re.compile(r"[\s_-]+")


def instructions(task: Task) -> str:
    """Return what is asked, with every label and its definition."""
    return (
        f"You label bullets of live news briefings on Russia's war in Ukraine. {task.question}\n"
        f"Answer with exactly one of these labels, and nothing else:\n\n{definitions(task)}"
    )


def definitions(task: Task) -> str:
    """Return the labels with the codebook's definitions and what does not belong to them, one a line."""
    return "\n".join(_defined(label) for label in task.labels)


def question(task: Task, text: str) -> str:
    """Return one bullet, and the cue that its label follows."""
    return f"Bullet: {text}\n{_cue(task.name)}:"


def label_of(task: Task, answer: str) -> str | None:
    """Return the label that an answer is, or ``None`` if it is not exactly one.

    Case, quotation marks, asterisks, backticks, a final full stop, and spaces or hyphens for underscores make no
    difference, nor does a cue in front, such as ``Topic:`` or ``Answer:``. A sentence around the label, two labels, or
    a label that does not exist is no answer: nothing is guessed from it.
    """
    bare = _ORNAMENT.sub("", answer).strip().removesuffix(".").casefold()
    name = _BETWEEN_WORDS.sub("_", _cues().sub("", bare, count=1).strip())
    return name if name in task.codes else None


def _defined(label: Label) -> str:
    excluded = f" (not: {label.excludes})" if label.excludes else ""
    return f"- {label.name}: {label.definition}{excluded}"


def _cue(name: str) -> str:
    return name.replace("_", " ").capitalize()


@cache
def _cues() -> re.Pattern[str]:
    cues = "|".join([*(_cue(name).casefold() for name in TASK_NAMES), "answer", "label"])
    return re.compile(rf"^(?:{cues})\s*:")
