"""Votes, annotators and adjudications: their records and the strict readers of their CSV files."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from briefbench.errors import InputError, RecordError
from briefbench.files import csv_rows, read_text
from briefbench.schema import SOURCE_TYPE, TASK_NAMES, UNATTRIBUTED, listing, task_of

VOTE_COLUMNS = (
    "bullet_id",
    "topic",
    "stance",
    "source_type",
    "other_source_types",
    "span_start",
    "span_end",
    "round",
    "created_at",
)
ANNOTATOR_COLUMNS = ("annotator", "kind", "model", "instructions", "counts_toward_gold", "note")
ADJUDICATION_COLUMNS = ("bullet_id", "task", "label", "reason", "adjudicator")


@dataclass(frozen=True)
class Vote:
    """All answers of one annotator on one bullet; ``span`` holds character offsets into the text, end exclusive."""

    bullet_id: str
    annotator: str
    labels: Mapping[str, str]
    other_source_types: tuple[str, ...]
    span: tuple[int, int] | None
    round: int
    created_at: str


@dataclass(frozen=True)
class Annotator:
    """Who voted, and whether the votes count toward the gold. ``kind`` says whether a person or a language model."""

    name: str
    kind: Literal["human", "model"]
    model: str
    instructions: str
    counts_toward_gold: bool
    note: str


@dataclass(frozen=True)
class Adjudication:
    """The decision for one task of one bullet whose counted votes differ."""

    bullet_id: str
    task: str
    label: str
    reason: str
    adjudicator: str


def read_annotators(path: Path) -> dict[str, Annotator]:
    """Read ``annotators.csv``.

    Raises:
        RecordError: a row is malformed or an annotator stands twice.
    """
    annotators: dict[str, Annotator] = {}
    for where, row in rows(path, ANNOTATOR_COLUMNS):
        name, kind = row["annotator"], row["kind"]
        if not name or name in annotators:
            raise RecordError(f"{where}: annotator {name!r} is empty or stands twice")
        if kind not in ("human", "model"):
            raise RecordError(f"{where}, annotator {name}: kind is {kind!r}; expected human or model")
        if row["counts_toward_gold"] not in ("true", "false"):
            raise RecordError(f"{where}, annotator {name}: counts_toward_gold must be true or false")
        annotators[name] = Annotator(
            name=name,
            kind=cast('Literal["human", "model"]', kind),
            model=row["model"],
            instructions=row["instructions"],
            counts_toward_gold=row["counts_toward_gold"] == "true",
            note=row["note"],
        )
    return annotators


def read_all_votes(
    folder: Path, annotators: Mapping[str, Annotator], texts: Mapping[str, str]
) -> dict[str, dict[str, Vote]]:
    """Read every ``<annotator>.csv`` of ``folder``: annotator to bullet id to vote, annotators in order of name.

    Raises:
        RecordError: a vote is malformed, or a file's annotator is not in ``annotators``.
        InputError: there is no vote file.
    """
    paths = sorted(folder.glob("*.csv"), key=lambda path: path.stem)
    if not paths:
        raise InputError(f"{folder}: no vote file (<annotator>.csv) in the folder")
    for path in paths:
        if path.stem not in annotators:
            raise RecordError(f"{path}: annotator {path.stem} is not in annotators.csv; add a row that says who it is")
    return {path.stem: read_votes(path, path.stem, texts) for path in paths}


def read_votes(path: Path, annotator: str, texts: Mapping[str, str]) -> dict[str, Vote]:
    """Read one annotator's votes on the bullets in ``texts`` (id to text), in any order; return them sorted by id.

    Raises:
        RecordError: a row is malformed, names an unknown bullet or label, or a bullet stands twice.
    """
    votes: dict[str, Vote] = {}
    for where, row in rows(path, VOTE_COLUMNS):
        identifier = row["bullet_id"]
        place = f"{where}, bullet {identifier}"
        if identifier in votes:
            raise RecordError(f"{place}: the annotator voted on it in a row above already; keep one row")
        if identifier not in texts:
            raise RecordError(f"{place}: there is no such bullet; remove the row or restore the bullet")
        votes[identifier] = parse_vote(row, identifier, annotator, len(texts[identifier]), place)
    return dict(sorted(votes.items()))


def parse_vote(row: Mapping[str, str], identifier: str, annotator: str, length: int, where: str) -> Vote:
    """Check the answers in a row of text cells against the label table and a bullet of ``length`` characters.

    Raises:
        RecordError: an answer is missing, unknown or contradicts another.
    """
    labels = {task: row[task] for task in TASK_NAMES}
    for task, label in labels.items():
        check_label(task, label, where)
    others = tuple(row["other_source_types"].split(";")) if row["other_source_types"] else ()
    for other in others:
        check_label(SOURCE_TYPE.name, other, where)
    if len(set(others)) < len(others) or {labels["source_type"], UNATTRIBUTED} & set(others):
        raise RecordError(
            f"{where}: other_source_types repeats a type, names the source_type itself, or names {UNATTRIBUTED}"
        )
    try:
        dt.datetime.fromisoformat(row["created_at"])
    except ValueError:
        raise RecordError(f"{where}: created_at is {row['created_at']!r}; expected a date like 2026-11-22") from None
    return Vote(
        bullet_id=identifier,
        annotator=annotator,
        labels=labels,
        other_source_types=others,
        span=_span(row, labels["source_type"], length, where),
        round=_natural(row["round"], "round", where),
        created_at=row["created_at"],
    )


def read_adjudications(path: Path, known: Collection[str]) -> dict[tuple[str, str], Adjudication]:
    """Read ``adjudication.csv`` by bullet id and task; ``known`` holds the ids of the bullets.

    Raises:
        RecordError: a row is malformed, stands twice, or names an unknown bullet, task or label.
    """
    decisions: dict[tuple[str, str], Adjudication] = {}
    for where, row in rows(path, ADJUDICATION_COLUMNS):
        key = (row["bullet_id"], row["task"])
        place = f"{where}, bullet {key[0]}"
        if key[1] not in TASK_NAMES:
            raise RecordError(f"{place}: unknown task {key[1]!r}; expected {listing(TASK_NAMES)}")
        check_label(key[1], row["label"], place)
        if key[0] not in known:
            raise RecordError(f"{place}: there is no such bullet; remove the row or restore the bullet")
        if key in decisions:
            raise RecordError(f"{place}: {key[1]} is adjudicated twice; keep one row")
        decisions[key] = Adjudication(key[0], key[1], row["label"], row["reason"], row["adjudicator"])
    return decisions


def check_label(task: str, label: str, where: str) -> None:
    """Refuse a label that the task does not declare.

    Raises:
        RecordError: the label is unknown; the message lists the labels.
    """
    if label not in task_of(task).codes:
        raise RecordError(f"{where}: unknown {task} {label!r}; expected {listing(task_of(task).names)}")


def rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the rows of a CSV file with exactly these columns, each with its place (file and line) for messages.

    Raises:
        RecordError: the header or a row has other columns.
        InputError: the file is not CSV, or cannot be read.
    """
    table = csv_rows(read_text(path), str(path))
    _, header = next(table, (1, []))
    if tuple(header) != columns:
        raise RecordError(
            f"{path}, line 1: the columns are {', '.join(header) or 'none'}; expected {', '.join(columns)}"
        )
    for line, cells in table:
        where = f"{path}, line {line}"
        if len(cells) != len(columns):
            raise RecordError(f"{where}: {len(cells)} cells; expected {len(columns)} ({', '.join(columns)})")
        yield where, dict(zip(columns, cells, strict=True))


def _span(row: Mapping[str, str], source_type: str, length: int, where: str) -> tuple[int, int] | None:
    cells = (row["span_start"], row["span_end"])
    if cells == ("", ""):
        if source_type != UNATTRIBUTED:
            raise RecordError(f"{where}: no span, but the source type is {source_type}; mark the phrase that names it")
        return None
    if source_type == UNATTRIBUTED:
        raise RecordError(f"{where}: a span, but the source type is {UNATTRIBUTED}; leave the span empty")
    start, end = (_natural(cell, "span", where) for cell in cells)
    if not start < end <= length:
        raise RecordError(f"{where}: span {start} to {end} does not lie in the text's {length} characters")
    return start, end


def _natural(cell: str, name: str, where: str) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) < 10):  # noqa: PLR2004 (keeps int() small)
        raise RecordError(f"{where}: {name} is {cell!r}; expected a whole number")
    return int(cell)
