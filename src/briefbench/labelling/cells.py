"""CSV as RFC 4180 has it: a header, commas, cells in quotes that may hold commas, quotes and line ends."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from briefbench.errors import InputError
from briefbench.labelling.records import Columns, Record, bad, checked, too_long
from briefbench.labelling.splitting import after_mark, raw_records

_CELL = r'(?:"[^"]*+(?:""[^"]*+)*+"|[^",\r\n]*+)'
_RECORD = re.compile(rf"{_CELL}(?:,{_CELL})*+")
_SHOWN = 20
_LONGEST_CELL = 1 << 30


def header(path: Path) -> tuple[list[str], int]:
    """Return the names of the columns and where the first record begins.

    Raises:
        InputError: there is no header, it is not CSV, or a name stands twice.
    """
    begin = after_mark(path)
    raw = next(raw_records(path, begin, None, quoted=True), None)
    if raw is None:
        raise InputError(f"{path}: no header; the first record of a CSV names its columns")
    names = None if raw.long else _cells(raw.data)
    if not isinstance(names, list):
        raise InputError(f"{path}: the header is {names or 'too long'}; the first record of a CSV names its columns")
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled is not None:
        raise InputError(f"{path}: column {doubled[:60]!r} stands twice; rename one")
    return names, begin + len(raw.data)


def read(path: Path, begin: int, end: int, row: int, columns: Columns) -> Iterator[Record]:
    """Yield the records between two bytes of a file; ``row`` is the number of the first."""
    names, _ = header(path)
    for number, raw in enumerate(raw_records(path, begin, end, quoted=True), start=row):
        yield too_long(number, raw.data) if raw.long else _record(raw.data, number, names, columns)


def columns_of(path: Path) -> list[str]:
    """Return the names of the columns for a message: the first ones, cut when long."""
    names, _ = header(path)
    return [name[:60] for name in names[:_SHOWN]]


def _record(data: bytes, row: int, names: list[str], columns: Columns) -> Record:
    cells = _cells(data)
    if isinstance(cells, str):
        return bad(row, None, cells, data)
    if len(cells) != len(names):
        return bad(row, None, f"{len(cells)} cells; the header has {len(names)}", data)
    identity = cells[names.index(columns.id)] if columns.id is not None else None
    return checked(row, identity, cells[names.index(columns.text)], columns, data)


def _cells(data: bytes) -> list[str] | str:
    """Return the cells of a record, or what is wrong with it."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"not UTF-8 at byte {error.start + 1} of the record"
    text = text.removesuffix("\n").removesuffix("\r")
    if '"' not in text:
        return "not CSV: a carriage return outside of quotes" if "\r" in text else text.split(",")
    if not _RECORD.fullmatch(text):
        return "not CSV: a quote or line end where none may be"
    # The limit is the whole process's, and other readers rely on the one that is there.
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        return next(csv.reader([text], strict=True))
    finally:
        csv.field_size_limit(before)
