"""JSONL: one JSON object a line, read by byte ranges."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from briefbench.labelling.records import ID_COLUMNS, Columns, Record, bad, checked, too_long
from briefbench.labelling.splitting import after_mark, raw_records


def start(path: Path) -> int:
    """Return where the first record begins."""
    return after_mark(path)


def id_column(path: Path) -> str | None:
    """Return which of the usual id columns the first record has, if it is an object with one."""
    for raw in raw_records(path, start(path), None, quoted=False):
        try:
            value: Any = None if raw.long else msgspec.json.decode(raw.data)
        except (msgspec.DecodeError, ValueError, RecursionError):
            value = None
        return next((name for name in ID_COLUMNS if isinstance(value, dict) and name in value), None)
    return None


def read(path: Path, begin: int, end: int, row: int, columns: Columns) -> Iterator[Record]:
    """Yield the records between two bytes of a file; ``row`` is the number of the first."""
    for number, raw in enumerate(raw_records(path, begin, end, quoted=False), start=row):
        yield too_long(number, raw.data) if raw.long else _record(raw.data, number, columns)


def _record(line: bytes, row: int, columns: Columns) -> Record:
    try:
        value = msgspec.json.decode(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        return bad(row, None, f"not UTF-8 at byte {error.start + 1} of the record", line)
    except RecursionError:
        return bad(row, None, "not JSON that can be read: nested too deep", line)
    except (msgspec.DecodeError, ValueError) as error:
        fault = "an empty line" if not line.strip() else f"not JSON: {error}"
        return bad(row, None, fault, line)
    if not isinstance(value, dict):
        return bad(row, None, "not a JSON object", line)
    missing = next((name for name in columns if name is not None and name not in value), None)
    if missing is not None:
        identity = value.get(columns.id) if columns.id is not None else None
        return bad(row, identity if isinstance(identity, str) else None, f"no {missing}", line)
    return checked(row, value.get(columns.id), value[columns.text], columns, line)
