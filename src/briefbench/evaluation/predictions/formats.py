"""Reading a prediction file twice over: quickly as an Arrow table, and row by row with the place of every row.

The quick reading may give up; then the rows, read strictly and slowly, say what is wrong and where.
"""

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from briefbench.errors import PredictionError
from briefbench.evaluation.predictions.columns import (
    BULLET_ID,
    FLAT,
    SOURCE_TYPES,
    SPAN_END,
    SPAN_START,
    cells_by_column,
    check_columns,
    check_types,
    shown,
)
from briefbench.evaluation.predictions.parquet import read_parquet
from briefbench.files import csv_rows, read_bytes, read_text
from briefbench.schema import TASK_NAMES

#: Names of the columns, and the rows: where each stands, and its cells by column.
Rows = tuple[list[str], Iterator[tuple[str, Mapping[str, object]]]]

# A file may have this much, and this much more a bullet: room for every column, long floats and pretty JSON.
_BYTES, _BYTES_PER_BULLET = 16_000_000, 4_000
_LINE = 1_000_000
# Python reads no whole number of many more digits.
_DIGITS = 4_000
_ROWS_AT_ONCE, _CHUNK = 10_000, 1 << 18

# What a line of JSON has in a column, as Python's type and as Arrow's.
_JSON_KINDS: dict[str, tuple[Any, pa.DataType]] = (
    dict.fromkeys((BULLET_ID, *TASK_NAMES), (str, pa.string()))
    | dict.fromkeys((SPAN_START, SPAN_END), (int | None, pa.int64()))
    | {SOURCE_TYPES: (list[str], pa.list_(pa.string()))}
)
_NUMBERS = frozenset(name for flat in FLAT.values() for name in flat)
# The first line of a CSV file that is read quickly: room for every column there is, and not for many more.
_HEADER = re.compile(rb"[\r\n]*[^\r\n]{1,4000}[\r\n]")
_WHOLE = re.compile(r"\s*[+-]?[0-9]+\s*", re.ASCII)
_REAL = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", re.ASCII)


@dataclass(frozen=True)
class Opened:
    """An opened file: its table if the quick reading went well, and how to read its rows."""

    table: pa.Table | None
    rows: Callable[[], Rows]


def open_file(path: Path, bullets: int) -> Opened:
    """Open a Parquet, JSONL or CSV file of predictions for so many bullets.

    Raises:
        PredictionError: another format, or a Parquet file that is not sound or not of predictions.
        InputError: the file cannot be read, or is far larger than predictions for the bullets can be.
    """
    limit = _BYTES + _BYTES_PER_BULLET * bullets
    ending = path.suffix.lower()
    if ending not in (".parquet", ".jsonl", ".csv"):
        raise PredictionError(f"{path}: unknown format; name the file *.parquet, *.jsonl, *.csv")
    data = read_bytes(path, limit=limit)
    if ending == ".parquet":
        table = read_parquet(str(path), data, bullets, limit)
        return Opened(table, partial(_table_rows, table, str(path)))
    if ending == ".csv":
        return Opened(_csv_table(data), partial(_csv_rows, path, limit))
    return Opened(_json_table(data, bullets), partial(_json_rows, path, limit))


def open_table(table: pa.Table, where: str) -> Opened:
    """Open an Arrow table of predictions.

    Raises:
        PredictionError: it has other columns or types than predictions have, or is not sound.
    """
    check_columns(where, table.column_names)
    check_types(where, table.schema)
    try:
        table.validate(full=True)
    except pa.ArrowException as error:
        raise PredictionError(f"{where}: not a sound Arrow table: {shown(str(error))}") from error
    return Opened(table, partial(_table_rows, table, where))


def _table_rows(table: pa.Table, where: str) -> Rows:
    columns = check_columns(where, table.column_names)

    def rows() -> Iterator[tuple[str, Mapping[str, object]]]:
        number = 0
        for batch in table.to_batches(max_chunksize=_ROWS_AT_ONCE):
            for cells in zip(*map(_cells, batch.columns), strict=True):
                number += 1
                row = dict(zip(table.column_names, cells, strict=True))
                yield f"{where}: row {number}", cells_by_column(columns, row)

    return columns, rows()


def _cells(array: pa.Array) -> list[Any]:
    """Return an array as a list, in which a value of a dictionary is one object wherever it stands."""
    if pa.types.is_dictionary(array.type):
        values = array.dictionary.to_pylist()
        return [None if index is None else values[index] for index in array.indices.to_pylist()]
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        offsets = array.offsets.to_pylist()
        values, first = _cells(array.values[offsets[0] : offsets[-1]]), offsets[0]
        pairs = zip(offsets, offsets[1:], array.is_valid().to_pylist(), strict=False)
        return [values[start - first : end - first] if valid else None for start, end, valid in pairs]
    return list(array.to_pylist())


def _csv_table(data: bytes) -> pa.Table | None:
    """Read CSV quickly, unless it quotes in a way that the strict reader has to judge."""
    if not _HEADER.match(data) or _quotes_oddly(data):
        return None
    types = (
        dict.fromkeys((BULLET_ID, SOURCE_TYPES), pa.string())
        | dict.fromkeys(TASK_NAMES, pa.dictionary(pa.int32(), pa.string()))
        | dict.fromkeys((SPAN_START, SPAN_END), pa.int64())
        | dict.fromkeys(_NUMBERS, pa.float64())
    )
    convert = pa_csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=False)
    # Arrow's own copy: a thread that outlives a refusal may hold no object of Python's as the interpreter ends.
    copy = pa.allocate_buffer(len(data))
    pa.FixedSizeBufferWriter(copy).write(data)
    try:
        table = pa_csv.read_csv(pa.BufferReader(copy), convert_options=convert)
        hexadecimal = SPAN_START in table.column_names and (b"0x" in data or b"0X" in data)
    except (pa.ArrowException, ValueError):  # the latter where the header is not UTF-8
        return None
    return None if hexadecimal else table  # Arrow would take 0x1F for a whole number


def _quotes_oddly(data: bytes) -> bool:
    """Tell whether a quotation mark stands neither at the beginning nor at the end of a cell, or one is not closed."""
    if b'"' not in data:
        return False
    total = 0
    for start in range(0, len(data), _CHUNK):
        text = np.frombuffer(data[start : start + _CHUNK + 2], dtype=np.uint8)
        between, marks = (text == ord(",")) | (text == ord("\n")) | (text == ord("\r")), text == ord('"')
        if (marks[1:-1] & ~between[:-2] & ~between[2:]).any():
            return True
        total += int(np.count_nonzero(marks[:_CHUNK]))
    return total % 2 == 1


def _csv_rows(path: Path, limit: int) -> Rows:
    table = csv_rows(read_text(path, limit=limit), str(path))
    _, header = next(table, (0, []))
    if not header:
        raise PredictionError(f"{path}: the file is empty")
    columns = check_columns(str(path), header)

    def rows() -> Iterator[tuple[str, Mapping[str, object]]]:
        for line, cells in table:
            if len(cells) != len(header):
                raise PredictionError(f"{path}: line {line}: {len(cells)} cells for {len(header)} columns")
            row = {name: _csv_cell(name, cell) for name, cell in zip(header, cells, strict=True)}
            yield f"{path}: line {line}", cells_by_column(columns, row)

    return columns, rows()


def _csv_cell(name: str, text: str) -> object:
    """Return a cell of CSV as the other formats have it; text that is no number stays text, and is refused later."""
    if name in (SPAN_START, SPAN_END):
        if not text:
            return None
        return int(text) if len(text) < _DIGITS and _WHOLE.fullmatch(text) else text
    if name == SOURCE_TYPES:
        return text.split(";") if text else None
    if name in _NUMBERS:
        return float(text) if _REAL.fullmatch(text) else text
    return text


def _json_table(data: bytes, bullets: int) -> pa.Table | None:
    """Read JSON lines quickly, if every line is an object with the keys of the first one, each standing once."""
    if data.count(b"\n") > 2 * bullets + 2:  # a blank line after every row is passed over; more are too many rows
        return None
    lines = [line for line in data.split(b"\n") if line.strip()]
    try:
        names = list(json.loads(lines[0][:_LINE]))
        decoder = msgspec.json.Decoder(_line_type(names))
        rows = [decoder.decode(line) for line in lines]
        keys = len(names) + sum(len(FLAT[name]) for name in names if name in FLAT)
        if data.count(b":") != len(rows) * keys or max(map(len, lines)) > _LINE:
            return None  # the decoder lets a key stand twice
        return _json_columns(names, rows)
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError):
        return None


def _json_columns(names: list[str], rows: list[Any]) -> pa.Table:
    columns: dict[str, pa.Array] = {}
    for name in names:
        cells = [getattr(row, name) for row in rows]
        if name in FLAT:
            columns |= {flat: pa.array([getattr(cell, label) for cell in cells]) for flat, label in FLAT[name].items()}
        else:
            columns[name] = pa.array(cells, _JSON_KINDS[name][1])
    return pa.table(columns)


def _line_type(names: list[str]) -> type[msgspec.Struct]:
    """Return the type of a line with these keys; every key is needed, and no other is allowed."""
    kinds: dict[str, Any] = {name: kind for name, (kind, _) in _JSON_KINDS.items()}
    for column, flat in FLAT.items():
        kinds[column] = msgspec.defstruct(
            column, [(label, float) for label in flat.values()], forbid_unknown_fields=True
        )
    return msgspec.defstruct("Line", [(name, kinds[name]) for name in names], forbid_unknown_fields=True)


def _json_rows(path: Path, limit: int) -> Rows:
    lines = enumerate(io.StringIO(read_text(path, limit=limit), newline="\n"), start=1)
    records = ((f"{path}: line {n}", _record(line, f"{path}: line {n}")) for n, line in lines if line.strip())
    first = next(records, None)
    if first is None:
        raise PredictionError(f"{path}: the file is empty")
    keys = first[1].keys()
    columns = check_columns(str(path), list(keys))

    def rows() -> Iterator[tuple[str, Mapping[str, object]]]:
        for where, record in chain([first], records):
            odd = min(record.keys() ^ keys, default=None)
            if odd is not None:
                lack = "lacks the" if odd in keys else "has another"
                raise PredictionError(f"{where}: {lack} key {shown(odd)}; give every line the keys of the first one")
            yield where, cells_by_column(columns, record)

    return columns, rows()


def _record(line: str, where: str) -> dict[str, object]:
    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        record = dict(pairs)
        if len(record) < len(pairs):
            raise PredictionError(f"{where}: a key stands twice; keep one")
        return record

    if len(line) > _LINE:
        raise PredictionError(f"{where}: longer than {_LINE:,} characters; give only the predictions")
    try:
        value = json.loads(line, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise PredictionError(f"{where}: not JSON: {error.msg} at character {error.pos + 1}") from error
    except (ValueError, RecursionError) as error:
        raise PredictionError(f"{where}: not JSON: {error}") from error
    if not isinstance(value, dict):
        raise PredictionError(f"{where}: not a JSON object with {BULLET_ID} and labels")
    return value
