"""From the server to ``votes/<annotator>.csv`` and ``history/<annotator>.csv``: nothing lost, nothing doubled."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from briefbench.annotation.studio.client import Studio
from briefbench.annotation.studio.history import History, Version, encode_history, extend, read_history
from briefbench.annotation.studio.projects import Desk
from briefbench.annotation.studio.records import Annotation, Task
from briefbench.annotation.studio.regions import from_regions, origins, recorded
from briefbench.annotation.votes import Abstention, Vote, encode_answers, read_answers
from briefbench.errors import RecordError, StudioError

_SHOWN = 3
# The server writes both times of a new annotation within milliseconds; a later change moves one of them.
_EDITED = dt.timedelta(seconds=1)


@dataclass(frozen=True)
class Answers:
    """What a project holds: versions of answers by bullet (empty where none stands), and what cannot be taken."""

    versions: Mapping[str, Sequence[Version]]
    faults: Sequence[str]

    @property
    def last(self) -> dict[str, Version]:
        """The last version on every bullet that has one."""
        return {identifier: versions[-1] for identifier, versions in self.versions.items() if versions}


@dataclass(frozen=True)
class Pulled:
    """The files that a pull writes, what it found, and what it left out."""

    files: Mapping[Path, bytes]
    votes: int
    abstentions: int
    edited: int
    faults: Sequence[str]


def fetch(studio: Studio, desk: Desk, texts: Mapping[str, str]) -> Answers:
    """Read a project's answers and check each against the bullets, the label table and the annotator's account.

    Raises:
        StudioError: the annotator was never invited, or the server fails.
    """
    desk.owner()
    versions: dict[str, list[Version]] = {}
    faults: list[str] = []
    for task in studio.export(desk.project.id):
        try:
            identifier = _bullet(task, texts)
            found = [_version(one, task, identifier, desk, len(texts[identifier])) for one in task.annotations]
        except RecordError as error:
            faults.append(str(error))
            continue
        if versions.get(identifier) and found:
            faults.append(f"task {task.id}, bullet {identifier}: a second annotated task of it; delete one of them")
            continue
        versions.setdefault(identifier, []).extend(sorted(found, key=lambda version: version.updated_at))
    return Answers(versions, faults)


def pull(
    studio: Studio,
    desk: Desk,
    texts: Mapping[str, str],
    folder: Path,
    *,
    leave_out_faulty: bool = False,
    drop_missing: bool = False,
) -> Pulled:
    """Merge a project's answers into an annotator's files under ``folder``; the caller writes them.

    Answers on bullets that the project has no task for are kept as they stand.

    Raises:
        StudioError: an answer cannot be taken and ``leave_out_faulty`` is not set; or an answer in the file is gone
            from the server and ``drop_missing`` is not set.
        RecordError: a file under ``folder`` is malformed.
    """
    answers = fetch(studio, desk, texts)
    if answers.faults and not leave_out_faulty:
        raise StudioError(
            f"project {desk.project.id} of {desk.annotator}: {_some(answers.faults)}; nothing is written: mend it in "
            "Label Studio, or pass --leave-out-faulty"
        )
    places = folder / "votes" / f"{desk.annotator}.csv", folder / "history" / f"{desk.annotator}.csv"
    kept = read_answers(places[0], desk.annotator, texts) if places[0].exists() else {}
    missing = [identifier for identifier in kept if identifier in answers.versions and not answers.versions[identifier]]
    if missing and not drop_missing:
        raise StudioError(
            f"{places[0]} has answers on {len(missing)} bullets ({missing[0]} …) that project {desk.project.id} lacks; "
            "nothing is written: post them with briefbench annotate vote, or pass --drop-missing"
        )
    history = _merge(read_history(places[1], desk.annotator, texts), kept, answers)
    current = {key: answer for key, answer in kept.items() if key not in missing}
    current |= {identifier: history[identifier][-1].answer for identifier in answers.last}
    return Pulled(
        files={places[1]: encode_history(history), places[0]: encode_answers(current.values())},
        votes=sum(isinstance(answer, Vote) for answer in current.values()),
        abstentions=sum(isinstance(answer, Abstention) for answer in current.values()),
        edited=sum(answer.round > 1 for answer in current.values()),
        faults=answers.faults,
    )


def _merge(history: History, kept: Mapping[str, Vote | Abstention], answers: Answers) -> History:
    """Return the history with what was pulled; an answer that only the vote file has is the first version."""
    merged = dict(history)
    for identifier, pulled in answers.versions.items():
        known = history.get(identifier) or ([Version(kept[identifier])] if identifier in kept else [])
        versions = extend(known, pulled)
        if versions:
            merged[identifier] = versions
    return merged


def _bullet(task: Task, texts: Mapping[str, str]) -> str:
    identifier = task.data.get("bullet_id")
    if not isinstance(identifier, str) or identifier not in texts:
        raise RecordError(
            f"task {task.id}: bullet {identifier!r} is not in bullets.jsonl; restore it, or delete the task"
        )
    if task.data.get("text") != texts[identifier]:
        raise RecordError(f"task {task.id}, bullet {identifier}: its text is not that of bullets.jsonl")
    return identifier


def _version(annotation: Annotation, task: Task, identifier: str, desk: Desk, length: int) -> Version:
    """Return an annotation as a version of an answer.

    Raises:
        RecordError: another account made or changed it, or it breaks the rules of a vote.
    """
    where = f"task {task.id}, bullet {identifier}"
    stranger = desk.stranger(annotation)
    if stranger is not None:
        raise RecordError(
            f"{where}: annotation {annotation.id} was made or changed by account {stranger}, not by "
            f"{desk.annotator}'s; delete it"
        )
    created, updated = _time(annotation.created_at, where), _time(annotation.updated_at, where)
    number, made = recorded(annotation.result) or (1, created.strftime("%Y-%m-%dT%H:%M:%SZ"))
    if updated - created > _EDITED:
        number += 1
    answer: Vote | Abstention
    if annotation.was_cancelled:
        answer = Abstention(identifier, desk.annotator, number, made)
    else:
        answer = from_regions(annotation.result, identifier, desk.annotator, length, made=(number, made), where=where)
    skipped = annotation.was_cancelled  # the page keeps what was suggested in a skipped task
    lead = "" if annotation.lead_time is None else f"{annotation.lead_time:.1f}"
    return Version(answer, annotation.updated_at, lead, "" if skipped else origins(annotation.result))


def _time(text: str, where: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except ValueError:
        raise RecordError(f"{where}: the time {text!r} is not as expected") from None


def _some(faults: Sequence[str]) -> str:
    more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    return f"{len(faults)} answer{'s' if len(faults) > 1 else ''} cannot be taken: {'; '.join(faults[:_SHOWN])}{more}"
