"""Disputes, decided on Label Studio: a task for every bullet and label on which the counted votes differ.

Doubts go the same way: labels on which the votes agree, to be decided afresh by somebody who is shown no label.
"""

import hashlib
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from briefbench.annotation.label_config import KEYS, TEXT, ask, described, hint, page, to_text
from briefbench.annotation.studio.client import Studio
from briefbench.annotation.studio.projects import Desk, key_of, sweep, task_of_bullet
from briefbench.annotation.studio.push import send
from briefbench.annotation.studio.records import Task
from briefbench.annotation.votes import Adjudication, Annotator, Vote, check_label
from briefbench.dataset.records import Bullet
from briefbench.errors import RecordError, StudioError
from briefbench.schema import SOURCE_TYPE, TASKS, task_of
from briefbench.schema import Task as LabelTask

DECISION, REASON = "decision", "reason"

# What tells the task of a doubt from that of a dispute, and what stands in it in place of the proposals.
_DOUBT, _AFRESH = "doubt", "Decide afresh: no label is proposed."

Key = tuple[str, str]


@dataclass(frozen=True)
class Dispute:
    """A bullet and a task on which the counted votes differ, with those votes in the order of the annotators."""

    bullet_id: str
    task: str
    votes: tuple[Vote, ...]


def disputes(votes: Mapping[str, Mapping[str, Vote]], annotators: Mapping[str, Annotator]) -> dict[Key, Dispute]:
    """Return the disputes among the votes that count, by bullet and task, in order of both."""
    counted = [by_bullet for name, by_bullet in votes.items() if annotators[name].counts_toward_gold]
    found: dict[Key, Dispute] = {}
    for identifier in sorted(set().union(*counted)):
        cast = tuple(by_bullet[identifier] for by_bullet in counted if identifier in by_bullet)
        for task in TASKS:
            if len({vote.labels[task.name] for vote in cast}) > 1:
                found[identifier, task.name] = Dispute(identifier, task.name, cast)
    return found


def agreements(votes: Mapping[str, Mapping[str, Vote]], annotators: Mapping[str, Annotator]) -> dict[Key, str]:
    """Return the label on which all counted votes of a bullet agree, by bullet and task."""
    seen: dict[Key, set[str]] = {}
    for name, by_bullet in votes.items():
        if annotators[name].counts_toward_gold:
            for vote in by_bullet.values():
                for task, label in vote.labels.items():
                    seen.setdefault((vote.bullet_id, task), set()).add(label)
    return {key: next(iter(labels)) for key, labels in seen.items() if len(labels) == 1}


def render_decision_config() -> str:
    """Return the labelling config of a decision: the bullet, the proposals, all labels of the task, and a reason."""
    view, _ = page()
    block = ask(view, "$question", 2)
    ET.SubElement(block, "Text", name="proposals", value="$proposals")
    ET.SubElement(
        block, "Choices", name=DECISION, toName=TEXT, choice="single-radio", required="true", value="$choices"
    )
    block = ask(view, "Why?", 2)
    ET.SubElement(block, "TextArea", name=REASON, toName=TEXT, required="true", maxSubmissions="1", rows="2")
    return to_text(view)


def push_disputes(studio: Studio, desk: Desk, open_: Iterable[Dispute], bullets: Mapping[str, Bullet]) -> int:
    """Send the disputes that have no task yet, and return how many.

    Raises:
        StudioError: the server fails. What was sent stays; run it again.
    """
    return _send_new(studio, desk, [_task(dispute, bullets[dispute.bullet_id]) for dispute in open_])


def push_doubts(studio: Studio, desk: Desk, doubted: Iterable[Key], bullets: Mapping[str, Bullet]) -> int:
    """Send doubted labels that have no task yet, without saying what they are, and return how many.

    Raises:
        StudioError: the server fails. What was sent stays; run it again.
    """
    return _send_new(studio, desk, [_doubt_task(task_of(name), bullets[identifier]) for identifier, name in doubted])


def pull_decisions(
    studio: Studio, desk: Desk, bullets: Mapping[str, Bullet], agreed: Mapping[Key, str]
) -> dict[Key, Adjudication]:
    """Return the decisions in an adjudicator's project; skipped disputes are open still.

    Where a doubt was decided, the decision overrides what the votes have ``agreed`` on, if they do.

    Raises:
        StudioError: a decision is another account's, names an unknown label, or has no reason.
    """
    desk.owner("adjudicator")
    decisions: dict[Key, Adjudication] = {}
    for task in studio.export(desk.project.id):
        try:
            found = _decision(task, desk, bullets, agreed)
        except RecordError as error:
            raise StudioError(
                f"project {desk.project.id}: {error}; mend it in Label Studio, nothing is written"
            ) from None
        if found is not None:
            decisions[found.bullet_id, found.task] = found
    return decisions


def merge(
    kept: Mapping[Key, Adjudication], decided: Mapping[Key, Adjudication], disputed: Mapping[Key, Dispute]
) -> tuple[list[Adjudication], list[Key]]:
    """Return all adjudications, sorted by bullet and task, and the decisions that the votes need no more.

    Raises:
        StudioError: somebody else has decided the same otherwise.
    """
    for key, decision in decided.items():
        other = kept.get(key)
        if other is not None and other.adjudicator != decision.adjudicator and other.label != decision.label:
            raise StudioError(
                f"bullet {key[0]}, {key[1]}: {other.adjudicator} has decided {other.label}, {decision.adjudicator} "
                f"{decision.label}; remove one: the row in adjudication.csv, or the annotation in Label Studio"
            )
    needless = [key for key, decision in decided.items() if key not in disputed and not decision.overrides]
    new = {key: decision for key, decision in decided.items() if key not in needless}
    merged = new | {key: one for key, one in kept.items() if key not in new or one.adjudicator != new[key].adjudicator}
    return [merged[key] for key in sorted(merged)], needless


def _task(dispute: Dispute, bullet: Bullet) -> dict[str, Any]:
    """Return a dispute as a task: the proposals in an order that tells nothing of who made them."""
    task = task_of(dispute.task)
    proposed = dict.fromkeys(vote.labels[task.name] for vote in dispute.votes)
    mixed = sorted(proposed, key=lambda name: hashlib.sha256(f"{bullet.id}:{task.name}:{name}".encode()).digest())
    lines = [_proposal(name, dispute, bullet.text) for name in mixed]
    return _asking(task, bullet, "\n".join(lines), mixed)


def _doubt_task(task: LabelTask, bullet: Bullet) -> dict[str, Any]:
    """Return a doubted label as a task that shows neither this label nor another, the labels in their own order."""
    asked = _asking(task, bullet, _AFRESH, task.names)
    return {"data": asked["data"] | {_DOUBT: "yes"}}


def _asking(task: LabelTask, bullet: Bullet, proposals: str, first: Sequence[str]) -> dict[str, Any]:
    """Return a task that asks for one of all labels; those in ``first`` come first."""
    labels = {label.name: (label, key) for label, key in zip(task.labels, KEYS[task.name], strict=True)}
    choices = [
        {"value": label.name, "hint": hint(label), "html": described(label), "hotkey": key}
        for label, key in (labels[name] for name in dict.fromkeys([*first, *labels]))
    ]
    shown = {"question": f"{task.name}: {task.question}", "proposals": proposals, "choices": choices}
    return {"data": task_of_bullet(bullet)["data"] | {"task": task.name} | shown}


def _send_new(studio: Studio, desk: Desk, tasks: Sequence[Mapping[str, Any]]) -> int:
    """Send the tasks whose bullet and label the project does not ask for yet, and return how many."""
    present = sweep(studio, desk.project)
    new = [task for task in tasks if f"{task['data']['bullet_id']}:{task['data']['task']}" not in present]
    send(studio, desk, new, present)
    return len(new)


def _proposal(name: str, dispute: Dispute, text: str) -> str:
    votes = [vote for vote in dispute.votes if vote.labels[dispute.task] == name]
    times = f"{len(votes)} vote{'s' if len(votes) > 1 else ''}"
    spans = sorted({text[slice(*vote.span)] for vote in votes if vote.span}) if dispute.task == SOURCE_TYPE.name else []
    return f"{name}: {times}" + "".join(f", “{span}”" for span in spans)


def _decision(task: Task, desk: Desk, bullets: Mapping[str, Bullet], agreed: Mapping[Key, str]) -> Adjudication | None:
    key_of(task.data, task.id)
    identifier, name = task.data["bullet_id"], task.data.get("task", "")
    where = f"task {task.id}, bullet {identifier}"
    if identifier not in bullets or name not in {one.name for one in TASKS}:
        raise RecordError(f"{where}: no such bullet, or no such task as {name!r}")
    made = [one for one in task.annotations if not one.was_cancelled]
    if not made:
        return None
    last = max(made, key=lambda one: one.updated_at)
    if desk.stranger(last) is not None:
        raise RecordError(f"{where}: decided by another account than {desk.annotator}'s")
    label, reason = _answer(last.result, DECISION, "choices"), _answer(last.result, REASON, "text")
    check_label(name, label, where)
    if not reason:
        raise RecordError(f"{where}: no reason")
    decision = Adjudication(identifier, name, label, reason, desk.annotator)
    return replace(decision, overrides=agreed.get((identifier, name), "")) if _DOUBT in task.data else decision


def _answer(regions: Sequence[Mapping[str, Any]], name: str, kind: str) -> str:
    """Return the one value of an answer, on one line; empty where there is none."""
    for region in regions:
        value = region.get("value")
        if region.get("from_name") == name and isinstance(value, dict):
            said = value.get(kind)
            texts = [said] if isinstance(said, str) else said if isinstance(said, list) else []
            return " ".join(" ".join(map(str, texts)).split())
    return ""
