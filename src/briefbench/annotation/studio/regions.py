"""Between a vote and what Label Studio stores of it: choices and the marked phrase, with offsets in code points."""

from collections.abc import Mapping, Sequence
from typing import Any

from briefbench.annotation.label_config import OTHERS, SPAN, SPAN_LABEL, TEXT
from briefbench.annotation.votes import ANSWER_COLUMNS, Abstention, Vote, parse_answer
from briefbench.errors import RecordError
from briefbench.schema import TASK_NAMES

_OWN = "briefbench"


def to_regions(vote: Vote, text: str) -> list[dict[str, Any]]:
    """Return a vote as the regions of an annotation; its round and date travel in the first one."""
    chosen = [_choice(task, [vote.labels[task]]) for task in TASK_NAMES]
    chosen[0]["meta"] = {_OWN: {"round": vote.round, "created_at": vote.created_at}}
    if vote.other_source_types:
        chosen.append(_choice(OTHERS, list(vote.other_source_types)))
    if vote.span:
        start, end = vote.span
        value = {"start": start, "end": end, "text": text[start:end], "labels": [SPAN_LABEL]}
        chosen.append({"id": SPAN, "from_name": SPAN, "to_name": TEXT, "type": "labels", "value": value})
    return chosen


def suggestion(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a system's labels by task as the regions of a prediction."""
    return [_choice(task, [labels[task]]) for task in TASK_NAMES]


def from_regions(
    regions: Sequence[Mapping[str, Any]],
    identifier: str,
    annotator: str,
    length: int,
    *,
    made: tuple[int, str],
    where: str,
) -> Vote:
    """Return the vote in the regions of an annotation on a bullet of ``length`` characters.

    ``made`` is the round and the date. Offsets are taken as they stand: Label Studio counts code points.

    Raises:
        RecordError: an answer is missing, stands twice, is unknown to the label table, or contradicts another.
    """
    row = dict.fromkeys(ANSWER_COLUMNS, "") | {"round": str(made[0]), "created_at": made[1]}
    seen: set[str] = set()
    for region in regions:
        name = region.get("from_name")
        if name not in (*TASK_NAMES, OTHERS, SPAN):
            raise RecordError(f"{where}: an answer to {name!r}, which the labelling config does not ask")
        if name in seen:
            raise RecordError(f"{where}: {name} is answered twice; keep one answer")
        seen.add(name)
        row |= _cells(name, region.get("value"), where)
    missing = [task for task in TASK_NAMES if task not in seen]
    if missing:
        raise RecordError(f"{where}: no {missing[0]}")
    vote = parse_answer(row, identifier, annotator, length, where)
    if isinstance(vote, Abstention):
        raise RecordError(f"{where}: no answer")
    return vote


def recorded(regions: Sequence[Mapping[str, Any]]) -> tuple[int, str] | None:
    """Return the round and the date that came with a posted vote; ``None`` for one made in the page."""
    for region in regions:
        meta = region.get("meta")
        own = meta.get(_OWN) if isinstance(meta, dict) else None
        if isinstance(own, dict) and isinstance(own.get("round"), int) and isinstance(own.get("created_at"), str):
            return own["round"], own["created_at"]
    return None


def origins(regions: Sequence[Mapping[str, Any]]) -> str:
    """Return where each label came from, as Label Studio says: ``topic:prediction;stance:manual``; empty if unsaid.

    ``manual`` was chosen with no suggestion in sight, ``prediction`` is a suggestion that was shown and left as it was,
    ``prediction-changed`` one that was touched: also where the annotator came back to the suggested label. Posted votes
    say nothing.
    """
    said = {region.get("from_name"): region.get("origin") for region in regions}
    known = ("manual", "prediction", "prediction-changed")
    return ";".join(f"{task}:{said[task]}" for task in TASK_NAMES if said.get(task) in known)


def _choice(name: str, labels: list[str]) -> dict[str, Any]:
    return {"id": name, "from_name": name, "to_name": TEXT, "type": "choices", "value": {"choices": labels}}


def _cells(name: str, value: Any, where: str) -> dict[str, str]:
    """Return the cells of one region; what they say is checked with the row."""
    value = value if isinstance(value, dict) else {}
    if name == SPAN:
        start, end = value.get("start"), value.get("end")
        if type(start) is not int or type(end) is not int:
            raise RecordError(f"{where}: the phrase lies at {start!r} to {end!r}; expected two whole numbers")
        return {"span_start": str(start), "span_end": str(end)}
    labels = value.get("choices")
    if not isinstance(labels, list) or not all(isinstance(label, str) and ";" not in label for label in labels):
        raise RecordError(f"{where}: {name} holds no list of labels")
    if name != OTHERS and len(labels) != 1:
        raise RecordError(f"{where}: {name} has {len(labels)} labels; keep one")
    return {name: ";".join(labels)}
