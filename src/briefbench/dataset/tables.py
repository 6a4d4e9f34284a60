"""The released tables: sources and splits as Arrow tables whose label columns are named ``ClassLabel`` features."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from briefbench.dataset.records import Bullet
from briefbench.dataset.sources import Sources
from briefbench.dataset.splits import Assignment
from briefbench.schema import PROTOCOLS, SOURCE_TYPE, SPLITS, TASKS, Task

#: The configs of the release; each has the splits of the ``weeks`` protocol.
CONFIGS = ("default", "topic", "stance", "source_type", "votes")

Row = dict[str, Any]


def build_tables(sources: Sources, assignments: Mapping[str, Assignment]) -> dict[str, dict[str, pa.Table]]:
    """Return the tables of the release by config and split, rows sorted by bullet id (votes also by annotator)."""
    rows = {name: {split: [] for split in SPLITS} for name in CONFIGS}  # type: dict[str, dict[str, list[Row]]]
    for i, bullet in enumerate(sources.bullets):
        splits = {name: assignments[name][i] if name in assignments else None for name in PROTOCOLS}
        split = splits["weeks"]
        if split is None:
            continue
        row = _default_row(sources, i, bullet, splits)
        rows["default"][split].append(row)
        for task in TASKS:
            rows[task.name][split].append({"bullet_id": bullet.id, "text": bullet.text, "label": row[task.name]})
        rows["votes"][split].extend(_vote_rows(sources, bullet.id))
    schemas = {name: schema(name) for name in CONFIGS}
    return {
        name: {split: pa.Table.from_pylist(part, schema=schemas[name]) for split, part in parts.items()}
        for name, parts in rows.items()
    }


def schema(config: str) -> pa.Schema:
    """Return the Arrow schema of a config; its metadata carries the features that ``datasets`` restores."""
    from datasets import Features

    return Features(features(config)).arrow_schema


def features(config: str) -> dict[str, Any]:
    """Return the ``datasets`` features of a config by column."""
    from datasets import ClassLabel, List, Value

    def label(task: Task) -> ClassLabel:
        return ClassLabel(names=list(task.names))

    text, whole, flag = Value("string"), Value("int32"), Value("bool")
    answers = {task.name: label(task) for task in TASKS}
    others = {"other_source_types": List(label(SOURCE_TYPE))}
    if config == "votes":
        who = dict.fromkeys(("annotator", "annotator_kind", "annotator_model", "instructions"), text)
        about = {"bullet_id": text} | who | {"counts_toward_gold": flag}
        return about | answers | others | {"span_start": whole, "span_end": whole, "round": whole, "created_at": text}
    if config != "default":
        return {"bullet_id": text, "text": text, "label": answers[config]}
    return (
        {"bullet_id": text, "text": text}
        | answers
        | {"source_span": text, "span_start": whole, "span_end": whole}
        | others
        | {f"{task.name}_soft": List(Value("float64"), length=len(task)) for task in TASKS}
        | {"disputed": List(text), "adjudications": List({"task": text, "label": text, "reason": text})}
        | dict.fromkeys(("date", "week", "section", "publisher", "outlet", "url", "published", "provenance"), text)
        | {"batch": text}
        | {f"split_{protocol}": text for protocol in PROTOCOLS}
    )


def _default_row(sources: Sources, position: int, bullet: Bullet, splits: Mapping[str, str | None]) -> Row:
    gold = sources.gold[bullet.id]
    start, end = gold.span or (None, None)
    return (
        {"bullet_id": bullet.id, "text": bullet.text}
        | {task.name: task.codes[gold.labels[task.name]] for task in TASKS}
        | {"source_span": bullet.text[start:end] if gold.span else None, "span_start": start, "span_end": end}
        | {"other_source_types": _codes(gold.other_source_types)}
        | {f"{task.name}_soft": list(gold.soft[task.name]) for task in TASKS}
        | {"disputed": list(gold.disputed)}
        | {"adjudications": [{"task": a.task, "label": a.label, "reason": a.reason} for a in gold.adjudications]}
        | {"date": _day(bullet.date), "week": sources.units.weeks[position], "section": bullet.section}
        | {"publisher": bullet.publisher, "outlet": sources.units.outlets[position], "url": bullet.url}
        | {"published": _day(bullet.published), "provenance": bullet.provenance, "batch": bullet.batch}
        | {f"split_{protocol}": split for protocol, split in splits.items()}
    )


def _vote_rows(sources: Sources, identifier: str) -> list[Row]:
    cast = [
        (sources.annotators[name], votes[identifier]) for name, votes in sources.votes.items() if identifier in votes
    ]
    return [
        {"bullet_id": identifier, "annotator": who.name, "annotator_kind": who.kind}
        | {"annotator_model": who.model, "instructions": who.instructions}
        | {"counts_toward_gold": who.counts_toward_gold}
        | {task.name: task.codes[vote.labels[task.name]] for task in TASKS}
        | {"other_source_types": _codes(vote.other_source_types)}
        | dict(zip(("span_start", "span_end"), vote.span or (None, None), strict=True))
        | {"round": vote.round, "created_at": vote.created_at}
        for who, vote in cast
    ]


def _codes(types: Sequence[str]) -> list[int]:
    return [SOURCE_TYPE.codes[name] for name in types]


def _day(date: Any) -> str | None:
    return date.isoformat() if date else None
