"""The projects of the workflow on the server: one an annotator, so that nobody is shown another's votes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from briefbench.annotation.label_config import render_config
from briefbench.annotation.studio.client import Studio
from briefbench.annotation.studio.records import Annotation, Project, Row, User
from briefbench.dataset.records import Bullet
from briefbench.errors import StudioError
from briefbench.schema import TASKS

_VOTES, _DECISIONS = "BriefBench votes of ", "BriefBench decisions of "
_ACCOUNT = re.compile(r"account: (\S+)")

# Label Studio takes every margin and line from the instructions.
_STYLE = """<style>
.codebook p, .codebook ul { margin: 0 0 10px; }
.codebook h1 { font-size: 24px; line-height: 1.2; margin: 16px 0 8px; }
.codebook h2 { font-size: 19px; line-height: 1.2; margin: 22px 0 8px; }
.codebook table { border-collapse: collapse; margin: 0 0 12px; }
.codebook th, .codebook td { text-align: left; vertical-align: top; padding: 4px 8px; border-bottom: 1px solid #8884; }
.codebook code { font-size: 13px; }
</style>
"""


@dataclass(frozen=True)
class Desk:
    """An annotator's project, with the account that may annotate in it.

    It is ``None`` before the invitation, and again when the account was deleted on the server.
    """

    annotator: str
    project: Project
    account: User | None

    def owner(self, role: str = "annotator") -> User:
        """Return the account.

        Raises:
            StudioError: there is none.
        """
        if self.account is None:
            raise StudioError(f"{role} {self.annotator} has no account; briefbench annotate invite {self.annotator}")
        return self.account

    def stranger(self, annotation: Annotation) -> int | None:
        """Return another account than the owner's that made or changed an annotation, if one did."""
        accounts = (annotation.completed_by, annotation.updated_by)
        return next((one for one in accounts if one not in (None, self.owner().id)), None)


def open_desk(studio: Studio, annotator: str, *, decisions: bool = False, **fields: Any) -> tuple[Desk, bool]:
    """Return an annotator's project and whether it is new: the one there is, with ``fields`` set, else a new one."""
    found = desks(studio, decisions=decisions).get(annotator)
    if found is not None:
        studio.update_project(found.project.id, **fields)
        return found, False
    title = (_DECISIONS if decisions else _VOTES) + annotator
    settings: dict[str, Any] = {
        "title": title,
        "description": _description(annotator, None),
        "maximum_annotations": 1,
        "show_collab_predictions": False,
        "show_annotation_history": False,
        "enable_empty_annotation": False,
        "sampling": "Sequential sampling",
    }
    return Desk(annotator, studio.create_project(**settings | fields), None), True


def desks(studio: Studio, *, decisions: bool = False) -> dict[str, Desk]:
    """Return the projects for votes, or for decisions, by annotator.

    Raises:
        StudioError: an annotator has two.
    """
    start = _DECISIONS if decisions else _VOTES
    found: dict[str, Project] = {}
    for project in studio.projects():
        if project.title.startswith(start):
            name = project.title.removeprefix(start)
            if name in found:
                raise StudioError(f"Label Studio has two projects {project.title!r}; delete the one that is empty")
            found[name] = project
    members = {user.email: user for user in studio.users()} if found else {}
    return {name: Desk(name, project, _account(project, members)) for name, project in sorted(found.items())}


def desks_of(studio: Studio, name: str) -> list[Desk]:
    """Return an annotator's projects, for votes and for decisions.

    Raises:
        StudioError: there is none.
    """
    found = [known[name] for known in (desks(studio), desks(studio, decisions=True)) if name in known]
    if not found:
        raise StudioError(f"{name} has no project on this server; make one with briefbench annotate init {name}")
    return found


def chosen_desks(studio: Studio, names: Iterable[str], *, decisions: bool = False) -> list[Desk]:
    """Return the projects of the named annotators.

    Raises:
        StudioError: one has none, or nobody is named.
    """
    return choose(desks(studio, decisions=decisions), names, make="adjudicate" if decisions else "init")


def choose(known: Mapping[str, Desk], names: Iterable[str], *, make: str = "init") -> list[Desk]:
    """Return some of the ``known`` projects, by annotator; ``make`` is the step that makes one.

    Raises:
        StudioError: a named one is not among them, or none is named.
    """
    names = list(dict.fromkeys(names))
    missing = [name for name in names if name not in known]
    if missing or not names:
        who = f"annotator {missing[0]} has no project" if missing else "no annotator has a project"
        raise StudioError(
            f"{who} on this server; make one with briefbench annotate {make} {missing[0] if missing else 'NAME'}"
        )
    return [known[name] for name in names]


def link_account(studio: Studio, desk: Desk, email: str) -> None:
    """Note on the server whose votes a project may hold."""
    studio.update_project(desk.project.id, description=_description(desk.annotator, email))


def vote_settings(guidelines: Path) -> dict[str, Any]:
    """Return a voting project's config and instructions: the codebook if there is one, else the definitions."""
    return {
        "label_config": render_config(),
        "expert_instruction": _html(guidelines.read_text(encoding="utf-8") if guidelines.is_file() else _definitions()),
        "show_instruction": True,
    }


def task_of_bullet(bullet: Bullet) -> dict[str, Any]:
    """Return what a task shows of a bullet, and its id."""
    date = bullet.date.isoformat() if bullet.date else "undated"
    section = bullet.section or "no heading"
    return {"data": {"bullet_id": bullet.id, "text": bullet.text, "section": section, "date": date}}


def sweep(studio: Studio, project: Project) -> dict[str, Row]:
    """Return a project's tasks by key, after deleting the untouched copies that a broken-off import left.

    The key is ``bullet_id``, with ``task`` after a colon where there is one.

    Raises:
        StudioError: two tasks of one bullet are both annotated.
    """
    rows: dict[str, list[Row]] = {}
    for row in studio.tasks(project.id):
        rows.setdefault(key_of(row.data, row.id), []).append(row)
    kept: dict[str, Row] = {}
    for key, copies in rows.items():
        # The listing's counts can lag behind, and a deletion is final: ask for the annotations themselves.
        touched = [row for row in copies if len(copies) > 1 and studio.annotated(row.id)]
        if len(touched) > 1:
            raise StudioError(
                f"project {project.id}: bullet {key} has annotations on the tasks {touched[0].id} and {touched[1].id}; "
                "delete one of them in Label Studio"
            )
        kept[key] = (touched or copies)[0]
        for row in copies:
            if row.id != kept[key].id:
                studio.delete_task(row.id)
    return kept


def key_of(data: Mapping[str, Any], task: int) -> str:
    """Return the key of a task's data.

    Raises:
        StudioError: the task is none of the workflow's.
    """
    parts = [data.get("bullet_id"), *([data["task"]] if "task" in data else [])]
    if not all(isinstance(part, str) for part in parts):
        raise StudioError(f"task {task} has no bullet_id: it was not pushed from here; delete it in Label Studio")
    return ":".join(map(str, parts))


def _description(annotator: str, email: str | None) -> str:
    return f"Made by briefbench for {annotator}; account: {email or '-'} (leave this line as it is)"


def _account(project: Project, members: Mapping[str, User]) -> User | None:
    found = _ACCOUNT.search(project.description or "")
    return members.get(found[1]) if found else None


def _html(markdown: str) -> str:
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    return f'{_STYLE}<div class="codebook">{body}</div>'


def _definitions() -> str:
    blocks: Sequence[str] = [
        f"## {task.question}\n\n" + "\n".join(f"- **{label.name}**: {label.definition}" for label in task.labels)
        for task in TASKS
    ]
    return "\n\n".join(blocks)
