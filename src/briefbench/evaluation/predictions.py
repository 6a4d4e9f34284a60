"""Reading predictions strictly: every bullet of the split exactly once, matched by id, with labels the tasks declare.

Nothing is dropped, filled in or guessed. The first fault ends the reading with one line that names row and id.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from briefbench.dataset.release import parquet_bytes
from briefbench.errors import PredictionError
from briefbench.evaluation.reference import Reference
from briefbench.files import csv_rows, read_bytes, read_text
from briefbench.schema import TASK_NAMES, TASKS, listing, task_of

LIMIT = 256_000_000
_SHOWN = 60
# A file with more rows than this a bullet is refused unread; with fewer, the first wrong row is named.
_ROWS_PER_BULLET = 10
# Numbers and missing values are let through, so that the message can name the row that has them.
_PARQUET_TYPES = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_null,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_boolean,
)

#: Names of the columns, and the rows: where each stands, and its cells in the columns' order.
Rows = tuple[list[str], Iterator[tuple[str, Sequence[object]]]]


@dataclass(frozen=True)
class Predictions:
    """Label codes by task, in the order of the reference's bullets."""

    labels: Mapping[str, NDArray[np.int64]]


def read_predictions(path: Path, reference: Reference) -> Predictions:
    """Read a Parquet, JSONL or CSV file of predictions for exactly the bullets of ``reference``.

    The columns are ``bullet_id`` and at least one of the tasks; cells are label names.

    Raises:
        PredictionError: anything is missing, extra, doubled, unknown, empty or malformed.
        InputError: the file cannot be read.
    """
    readers: dict[str, Callable[[Path], Rows]] = {
        ".parquet": partial(_parquet, most_rows=_ROWS_PER_BULLET * len(reference.bullet_ids)),
        ".jsonl": _jsonl,
        ".csv": _csv,
    }
    read = readers.get(path.suffix.lower())
    if read is None:
        raise PredictionError(f"{path}: unknown format; name the file {', '.join('*' + f for f in readers)}")
    columns, rows = read(path)
    return Predictions(_collect(path, columns, rows, reference))


def write_predictions(bullet_ids: Sequence[str], labels: Mapping[str, NDArray[np.int64]]) -> bytes:
    """Return predictions as Parquet: ``bullet_id`` and one column of label names a task."""
    columns: dict[str, Any] = {"bullet_id": list(bullet_ids)}
    for task in TASKS:
        if task.name in labels:
            columns[task.name] = [task.names[code] for code in labels[task.name]]
    return parquet_bytes(pa.table(columns, schema=pa.schema([(name, pa.string()) for name in columns])))


def shown(value: object) -> str:
    """Return a value from a file for a message: printable, on one line, cut when long."""
    text = ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _collect(
    path: Path, columns: list[str], rows: Iterator[tuple[str, Sequence[object]]], reference: Reference
) -> dict[str, NDArray[np.int64]]:
    tasks = _check_columns(path, columns)
    position = {identifier: i for i, identifier in enumerate(reference.bullet_ids)}
    labels = {task: np.full(len(position), -1, dtype=np.int64) for task in tasks}
    seen: dict[str, str] = {}
    for where, cells in rows:
        row = dict(zip(columns, cells, strict=True))
        identifier = row["bullet_id"]
        if not isinstance(identifier, str) or identifier not in position:
            raise PredictionError(
                f"{where}: bullet_id {shown(identifier)} is not in {reference.split} of data {reference.data[:12]}; "
                "predict only its bullets"
            )
        if identifier in seen:
            raise PredictionError(
                f"{where}: bullet {identifier} was predicted before, in {seen[identifier]}; keep one row"
            )
        seen[identifier] = where.rpartition(": ")[2]
        for task in tasks:
            labels[task][position[identifier]] = _code(task, row[task], f"{where}, bullet {identifier}")
    if not seen:
        raise PredictionError(f"{path}: no prediction in the file; {len(position)} bullets of {reference.split} wait")
    missing = [identifier for identifier in reference.bullet_ids if identifier not in seen]
    if missing:
        raise PredictionError(
            f"{path}: {len(missing)} of the {len(position)} bullets of {reference.split} have no prediction, "
            f"the first is {missing[0]}; predict every bullet"
        )
    return labels


def _check_columns(path: Path, columns: list[str]) -> list[str]:
    """Return the tasks among the columns, in the order of the label table."""
    allowed = ("bullet_id", *TASK_NAMES)
    doubled = [name for name in columns if columns.count(name) > 1]
    if doubled:
        raise PredictionError(f"{path}: column {shown(doubled[0])} stands twice; keep one")
    unknown = [name for name in columns if name not in allowed]
    if unknown:
        raise PredictionError(f"{path}: unknown column {shown(unknown[0])}; allowed are {listing(allowed)}")
    tasks = [task for task in TASK_NAMES if task in columns]
    if "bullet_id" not in columns or not tasks:
        raise PredictionError(
            f"{path}: the columns are {listing(columns) if columns else 'none'}; "
            f"needed are bullet_id and at least one of {listing(TASK_NAMES)}"
        )
    return tasks


def _code(task: str, cell: object, where: str) -> int:
    if cell is None or cell == "" or (isinstance(cell, float) and np.isnan(cell)):
        raise PredictionError(f"{where}: no {task}; every bullet needs a label")
    code = task_of(task).codes.get(cell) if isinstance(cell, str) else None
    if code is None:
        raise PredictionError(f"{where}: unknown {task} {shown(cell)}; expected {listing(task_of(task).names)}")
    return code


def _parquet(path: Path, most_rows: int) -> Rows:
    """Read a Parquet file whose size and types were checked first; every distinct string is held once."""
    data = read_bytes(path, limit=LIMIT)
    if not data:
        raise PredictionError(f"{path}: the file is empty")
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        fields = list(file.schema_arrow)
        _check_columns(path, [field.name for field in fields])
        _check_parquet(path, file, most_rows)
        texts = [
            field.name for field in fields if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        ]
        table = pq.read_table(pa.BufferReader(data), read_dictionary=texts)
        table.validate(full=True)
        columns = [_cells(column) for column in table.columns]
    except (pa.ArrowException, OSError, ValueError) as error:
        raise PredictionError(f"{path}: not a sound Parquet file: {shown(str(error))}") from error
    cells = zip(*columns, strict=True)
    return table.column_names, ((f"{path}: row {number}", row) for number, row in enumerate(cells, start=1))


def _check_parquet(path: Path, file: pq.ParquetFile, most_rows: int) -> None:
    for field in file.schema_arrow:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if not any(allowed(kind) for allowed in _PARQUET_TYPES):
            raise PredictionError(f"{path}: column {field.name} is of type {shown(str(field.type))}; expected strings")
    rows, groups = file.metadata.num_rows, range(file.metadata.num_row_groups)
    if rows > most_rows:
        raise PredictionError(f"{path}: has {rows:,} rows, far more than there are bullets; predict each bullet once")
    if sum(file.metadata.row_group(group).total_byte_size for group in groups) > LIMIT:
        raise PredictionError(f"{path}: unpacks to more than {LIMIT:,} bytes; keep only bullet_id and labels")


def _cells(column: pa.ChunkedArray) -> list[object]:
    cells: list[object] = []
    for chunk in column.chunks:
        if not pa.types.is_dictionary(chunk.type):
            cells.extend(chunk.to_pylist())
            continue
        values = chunk.dictionary.to_pylist()
        cells.extend(None if index is None else values[index] for index in chunk.indices.to_pylist())
    return cells


def _csv(path: Path) -> Rows:
    table = csv_rows(read_text(path, limit=LIMIT), str(path))
    _, columns = next(table, (0, []))
    if not columns:
        raise PredictionError(f"{path}: the file is empty")

    def rows() -> Iterator[tuple[str, Sequence[object]]]:
        for line, cells in table:
            if len(cells) != len(columns):
                raise PredictionError(f"{path}: line {line}: {len(cells)} cells for {len(columns)} columns")
            yield f"{path}: line {line}", cells

    return columns, rows()


def _jsonl(path: Path) -> Rows:
    lines = enumerate(read_text(path, limit=LIMIT).split("\n"), start=1)
    records = (
        (f"{path}: line {number}", _record(line, f"{path}: line {number}")) for number, line in lines if line.strip()
    )
    first = next(records, None)
    if first is None:
        raise PredictionError(f"{path}: the file is empty")
    columns = list(first[1])

    def rows() -> Iterator[tuple[str, Sequence[object]]]:
        yield first[0], list(first[1].values())
        for where, record in records:
            if record.keys() != first[1].keys():
                raise PredictionError(
                    f"{where}: the keys are {shown(sorted(record))}; the first line has {listing(sorted(columns))}"
                )
            yield where, [record[column] for column in columns]

    return columns, rows()


def _record(line: str, where: str) -> dict[str, object]:
    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        record = dict(pairs)
        if len(record) < len(pairs):
            raise PredictionError(f"{where}: a key stands twice")
        return record

    try:
        value = json.loads(line, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise PredictionError(f"{where}: not JSON: {error}") from error
    if not isinstance(value, dict):
        raise PredictionError(f"{where}: not a JSON object with bullet_id and labels")
    return value
