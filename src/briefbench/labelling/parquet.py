"""Parquet: rows by row group and batch, of two columns only."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from briefbench.errors import InputError
from briefbench.labelling.records import MAX_RECORD, Columns, Record, bad, checked, too_long

_BATCH = 1024
_BUFFER = 1 << 20


def opened(path: Path) -> pq.ParquetFile:
    """Open a file so that a row group is read piece by piece.

    Raises:
        InputError: it is not Parquet.
    """
    try:
        return pq.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: not readable as Parquet: {str(error)[:200]}") from error


def check(path: Path, columns: Columns) -> int:
    """Return the number of rows after checking that the columns can hold texts and ids.

    Raises:
        InputError: it is not Parquet, or a column is of another type or stands twice.
    """
    with opened(path) as file:
        schema: pa.Schema = file.schema_arrow
        for name in filter(None, columns):
            if schema.names.count(name) != 1:
                raise InputError(f"{path}: column {name[:60]!r} stands twice; rename one")
            kind = schema.field(name).type
            kind = kind.value_type if pa.types.is_dictionary(kind) else kind
            if not (_is_text(kind) or pa.types.is_null(kind) or (name == columns.id and pa.types.is_integer(kind))):
                raise InputError(f"{path}: column {name[:60]!r} is of type {str(kind)[:60]}; expected strings")
        return int(file.metadata.num_rows)


def read(path: Path, row: int, rows: int, columns: Columns) -> Iterator[Record]:
    """Yield ``rows`` records from the one with the 1-based number ``row`` on.

    Raises:
        InputError: the file is damaged.
    """
    with opened(path) as file:
        try:
            yield from _rows(file, range(row, row + rows), columns)
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{path}: damaged: {str(error)[:200]}") from error


def _rows(file: pq.ParquetFile, rows: range, columns: Columns) -> Iterator[Record]:
    wanted = [name for name in columns if name is not None]
    first = 1
    for group in range(file.num_row_groups):
        beyond = first + int(file.metadata.row_group(group).num_rows)
        if first < rows.stop and beyond > rows.start:
            for batch in file.iter_batches(_BATCH, row_groups=[group], columns=wanted, use_threads=False):
                here = range(max(first, rows.start), min(first + len(batch), rows.stop))
                if here:
                    yield from _records(batch.slice(here.start - first, len(here)), here, columns)
                first += len(batch)
                if first >= rows.stop:
                    return
        first = beyond


def _records(batch: pa.RecordBatch, numbers: range, columns: Columns) -> Iterator[Record]:
    texts = _bytes(batch.column(columns.text))
    ids = [None] * len(batch) if columns.id is None else _bytes(batch.column(columns.id))
    for number, identity, text in zip(numbers, ids, texts, strict=True):
        yield _record(number, identity, text, columns)


def _record(row: int, identity: Any, text: Any, columns: Columns) -> Record:
    try:
        identity = identity.decode("utf-8") if isinstance(identity, bytes) else identity
    except UnicodeDecodeError:
        return bad(row, None, f"{columns.id} is not UTF-8", identity)
    if isinstance(text, bytes):
        if len(text) > MAX_RECORD:
            return too_long(row, text, identity if isinstance(identity, str) else None)
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            name = None if identity is None else str(identity)
            return bad(row, name, f"{columns.text} is not UTF-8 at its byte {error.start + 1}", text)
    return checked(row, identity, text, columns, text or "")


def _bytes(column: pa.Array) -> list[Any]:
    """Return the cells, strings as the bytes that stand in the file, so that one bad string spoils one row only."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if _is_text(column.type):
        column = column.cast(pa.large_binary())
    return list(column.to_pylist())


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))
