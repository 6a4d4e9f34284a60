"""A system's labels beside the annotators' own: shown with a task, or kept apart to compare with, never both.

Label Studio shows a stored prediction to whoever opens its task from the table, whatever the project's settings say.
Labels that are to stay hidden therefore never go to the server: they stand in ``suggestions/<annotator>.csv`` alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from briefbench.annotation.studio.client import CHUNK, Studio
from briefbench.annotation.studio.projects import Desk
from briefbench.annotation.studio.push import chunks
from briefbench.annotation.studio.records import Row
from briefbench.annotation.studio.regions import suggestion
from briefbench.annotation.votes import Vote, check_label, rows
from briefbench.dataset.records import Bullet
from briefbench.errors import RecordError
from briefbench.files import csv_text, write_bytes
from briefbench.schema import TASK_NAMES

SUGGESTION_COLUMNS = ("bullet_id", *TASK_NAMES, "shown", "model")


@dataclass(frozen=True)
class Source:
    """A system that labels bullets, and its name with what it was trained on."""

    model: str
    labels: Callable[[Sequence[Bullet]], list[Mapping[str, str]]]


@dataclass(frozen=True)
class Suggestion:
    """A system's labels on a bullet by task, and whether the annotator sees them."""

    bullet_id: str
    labels: Mapping[str, str]
    shown: bool
    model: str


def read_suggestions(path: Path) -> dict[str, Suggestion]:
    """Read an annotator's suggestions by bullet; a missing file has none.

    Raises:
        RecordError: a row is malformed or stands twice.
    """
    found: dict[str, Suggestion] = {}
    if not path.exists():
        return found
    for where, row in rows(path, SUGGESTION_COLUMNS):
        if row["bullet_id"] in found or row["shown"] not in ("true", "false"):
            raise RecordError(f"{where}: bullet {row['bullet_id']} stands twice, or shown is neither true nor false")
        labels = {task: row[task] for task in TASK_NAMES}
        for task, label in labels.items():
            check_label(task, label, where)
        found[row["bullet_id"]] = Suggestion(row["bullet_id"], labels, row["shown"] == "true", row["model"])
    return found


def suggest(
    studio: Studio,
    desk: Desk,
    tasks: Mapping[str, Row],
    bullets: Mapping[str, Bullet],
    *,
    source: Source,
    path: Path,
    show: bool,
) -> int:
    """Label the bullets of an annotator's tasks that have no suggestion yet, and return how many.

    A bullet keeps its first suggestion, shown or hidden. The file is written last: what breaks off is done again, and
    what is on the server by then counts as shown.

    Raises:
        StudioError: the server fails. Run it again.
        RecordError: the file is malformed.
    """
    kept = read_suggestions(path)
    new = [identifier for identifier in tasks if identifier not in kept and identifier in bullets]
    labels = dict(zip(new, source.labels([bullets[identifier] for identifier in new]), strict=True))
    have = _shown(studio, desk)
    if show:
        _show(
            studio, desk, {tasks[one].id: labels[one] for one in new if tasks[one].id not in have}, source.model, have
        )
    made = [Suggestion(one, labels[one], show or tasks[one].id in have, source.model) for one in new]
    write_bytes(path, _encode([*kept.values(), *made]))
    return len(made)


def equal(
    suggestions: Mapping[str, Suggestion], votes: Mapping[str, Vote], *, shown: bool
) -> dict[str, tuple[int, int]]:
    """Return by task how many votes say what was suggested, of how many on bullets with a shown or a hidden one."""
    pairs = [(one, votes[key]) for key, one in suggestions.items() if one.shown == shown and key in votes]
    if not pairs:
        return {}
    return {
        task: (sum(one.labels[task] == vote.labels[task] for one, vote in pairs), len(pairs)) for task in TASK_NAMES
    }


def _show(
    studio: Studio, desk: Desk, labels: Mapping[int, Mapping[str, str]], model: str, have: Mapping[int, str | None]
) -> None:
    made = [{"task": task, "model_version": model, "result": suggestion(one)} for task, one in labels.items()]
    for chunk in chunks(made, CHUNK):
        studio.import_predictions(desk.project.id, chunk)
    version = model if made else next(iter(have.values()), None)
    if version:  # the server refuses a version that no prediction has
        studio.update_project(desk.project.id, show_collab_predictions=True, model_version=version)


def _shown(studio: Studio, desk: Desk) -> dict[int, str | None]:
    """Return the tasks with a prediction and its version, after deleting the copies that a broken-off push left."""
    have: dict[int, str | None] = {}
    for one in studio.predictions(desk.project.id):
        if one.task in have:
            studio.delete_prediction(one.id)
        have.setdefault(one.task, one.model_version)
    return have


def _encode(suggestions: Sequence[Suggestion]) -> bytes:
    cells = [
        [one.bullet_id, *(one.labels[task] for task in TASK_NAMES), str(one.shown).lower(), one.model]
        for one in sorted(suggestions, key=lambda one: one.bullet_id)
    ]
    return csv_text(SUGGESTION_COLUMNS, cells).encode()
