"""Votes, annotators and adjudications: their records, and the strict readers and writers of their CSV files."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from briefbench.errors import InputError, RecordError
from briefbench.files import csv_rows, csv_text, read_text
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
#: The columns that an abstention leaves empty.
ANSWER_COLUMNS = VOTE_COLUMNS[1:7]
ANNOTATOR_COLUMNS = ("annotator", "kind", "model", "instructions", "counts_toward_gold", "note")
ADJUDICATION_COLUMNS = ("bullet_id", "task", "label", "reason", "adjudicator")
#: The column that a file of adjudications has only where some of them stand on votes that agree.
OVERRIDES = "overrides"


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
class Abstention:
    """A bullet that an annotator saw and skipped: a row of a vote file with no answer in it."""

    bullet_id: str
    annotator: str
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
    """The decision for one task of one bullet whose counted votes differ.

    Where they agree, ``overrides`` is the label that they agree on: the decision says that it was looked at again.
    """

    bullet_id: str
    task: str
    label: str
    reason: str
    adjudicator: str
    overrides: str = ""


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


def encode_annotators(annotators: Iterable[Annotator]) -> bytes:
    """Return the file of annotators, in the given order."""
    cells = [
        [one.name, one.kind, one.model, one.instructions, str(one.counts_toward_gold).lower(), one.note]
        for one in annotators
    ]
    return csv_text(ANNOTATOR_COLUMNS, cells).encode()


def read_all_votes(
    folder: Path, annotators: Mapping[str, Annotator], texts: Mapping[str, str]
) -> dict[str, dict[str, Vote]]:
    """Read every ``<annotator>.csv`` of ``folder``: annotator to bullet id to vote, annotators in order of name.

    Abstentions are checked and left out.

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

    Abstentions are checked and left out.

    Raises:
        RecordError: a row is malformed, names an unknown bullet or label, or a bullet stands twice.
    """
    answers = read_answers(path, annotator, texts)
    return {identifier: answer for identifier, answer in answers.items() if isinstance(answer, Vote)}


def read_answers(path: Path, annotator: str, texts: Mapping[str, str]) -> dict[str, Vote | Abstention]:
    """Read one annotator's votes and abstentions as `read_votes` does.

    Raises:
        RecordError: as `read_votes`.
    """
    answers: dict[str, Vote | Abstention] = {}
    for where, row in rows(path, VOTE_COLUMNS):
        identifier = row["bullet_id"]
        place = f"{where}, bullet {identifier}"
        if identifier in answers:
            raise RecordError(f"{place}: the annotator voted on it in a row above already; keep one row")
        if identifier not in texts:
            raise RecordError(f"{place}: there is no such bullet; remove the row or restore the bullet")
        answers[identifier] = parse_answer(row, identifier, annotator, len(texts[identifier]), place)
    return dict(sorted(answers.items()))


def encode_answers(answers: Iterable[Vote | Abstention]) -> bytes:
    """Return a vote file: sorted by bullet, the same bytes for the same answers."""
    ordered = sorted(answers, key=lambda answer: answer.bullet_id)
    return csv_text(VOTE_COLUMNS, [answer_cells(answer) for answer in ordered]).encode()


def answer_cells(answer: Vote | Abstention) -> list[str]:
    """Return the cells of a vote file's row."""
    made = [str(answer.round), answer.created_at]
    if isinstance(answer, Abstention):
        return [answer.bullet_id, *[""] * len(ANSWER_COLUMNS), *made]
    span = [str(offset) for offset in answer.span or ()] or ["", ""]
    labels = [answer.labels[task] for task in TASK_NAMES]
    return [answer.bullet_id, *labels, ";".join(answer.other_source_types), *span, *made]


def parse_answer(row: Mapping[str, str], identifier: str, annotator: str, length: int, where: str) -> Vote | Abstention:
    """Return the vote, or the abstention where every answer is empty, in a row of text cells.

    Raises:
        RecordError: as `parse_vote`.
    """
    if any(row[column] for column in ANSWER_COLUMNS):
        return parse_vote(row, identifier, annotator, length, where)
    return Abstention(identifier, annotator, *_made(row, where))


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
    number, created_at = _made(row, where)
    return Vote(
        bullet_id=identifier,
        annotator=annotator,
        labels=labels,
        other_source_types=others,
        span=_span(row, labels["source_type"], length, where),
        round=number,
        created_at=created_at,
    )


def read_adjudications(path: Path, known: Collection[str]) -> dict[tuple[str, str], Adjudication]:
    """Read ``adjudication.csv`` by bullet id and task; ``known`` holds the ids of the bullets.

    Raises:
        RecordError: a row is malformed, stands twice, or names an unknown bullet, task or label.
    """
    decisions: dict[tuple[str, str], Adjudication] = {}
    for where, row in rows(path, ADJUDICATION_COLUMNS, optional=(OVERRIDES,)):
        key = (row["bullet_id"], row["task"])
        place = f"{where}, bullet {key[0]}"
        if key[1] not in TASK_NAMES:
            raise RecordError(f"{place}: unknown task {key[1]!r}; expected {listing(TASK_NAMES)}")
        check_label(key[1], row["label"], place)
        if row[OVERRIDES]:
            check_label(key[1], row[OVERRIDES], place)
        if key[0] not in known:
            raise RecordError(f"{place}: there is no such bullet; remove the row or restore the bullet")
        if key in decisions:
            raise RecordError(f"{place}: {key[1]} is adjudicated twice; keep one row")
        decisions[key] = Adjudication(*key, row["label"], row["reason"], row["adjudicator"], row[OVERRIDES])
    return decisions


def encode_adjudications(decisions: Iterable[Adjudication]) -> bytes:
    """Return the file of adjudications, in the given order; its last column is there only where it says something."""
    cells = [[one.bullet_id, one.task, one.label, one.reason, one.adjudicator, one.overrides] for one in decisions]
    columns = (*ADJUDICATION_COLUMNS, OVERRIDES) if any(row[-1] for row in cells) else ADJUDICATION_COLUMNS
    return csv_text(columns, [row[: len(columns)] for row in cells]).encode()


def check_label(task: str, label: str, where: str) -> None:
    """Refuse a label that the task does not declare.

    Raises:
        RecordError: the label is unknown; the message lists the labels.
    """
    if label not in task_of(task).codes:
        raise RecordError(f"{where}: unknown {task} {label!r}; expected {listing(task_of(task).names)}")


def rows(
    path: Path, columns: tuple[str, ...], *, optional: tuple[str, ...] = ()
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the rows of a CSV file with exactly these columns, each with its place (file and line) for messages.

    The ``optional`` columns may follow, all of them; where they are missing, their cells are empty.

    Raises:
        RecordError: the header or a row has other columns.
        InputError: the file is not CSV, or cannot be read.
    """
    table = csv_rows(read_text(path), str(path))
    _, header = next(table, (1, []))
    if tuple(header) == (*columns, *optional):
        columns = tuple(header)
    if tuple(header) != columns:
        raise RecordError(
            f"{path}, line 1: the columns are {', '.join(header) or 'none'}; expected {', '.join(columns)}"
        )
    for line, cells in table:
        where = f"{path}, line {line}"
        if len(cells) != len(columns):
            raise RecordError(f"{where}: {len(cells)} cells; expected {len(columns)} ({', '.join(columns)})")
        yield where, dict.fromkeys(optional, "") | dict(zip(columns, cells, strict=True))


def _made(row: Mapping[str, str], where: str) -> tuple[int, str]:
    """Return the round of an answer and when it was made."""
    try:
        dt.datetime.fromisoformat(row["created_at"])
    except ValueError:
        raise RecordError(f"{where}: created_at is {row['created_at']!r}; expected a date like 2026-11-22") from None
    return _natural(row["round"], "round", where), row["created_at"]


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
