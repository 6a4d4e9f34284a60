"""Records as every reader yields them: a row with an id and a text, or with the fault that makes it a bad row."""

from collections.abc import Iterator
from typing import Any, NamedTuple

#: The longest record, or text of a Parquet row, in bytes; a longer one is a bad row.
MAX_RECORD = 4 << 20
#: The columns that hold the id where none is named, in the order to look.
ID_COLUMNS = ("id", "bullet_id")

_EXCERPT = 200


class Record(NamedTuple):
    """A record: its 1-based number in its file (``None`` for a whole article), its id if there is one, and its text.

    Where ``fault`` is not empty the record is a bad row, and ``excerpt`` shows the beginning of what was read.
    """

    row: int | None
    id: str | None
    text: str
    fault: str = ""
    excerpt: str = ""


class Columns(NamedTuple):
    """The names of the columns that are read; ``id`` is ``None`` where there is none."""

    text: str
    id: str | None


def bad(row: int | None, identity: str | None, fault: str, seen: object = b"") -> Record:
    """Return a bad row; ``seen`` is what was read, of which a bounded beginning is kept, escaped and on one line."""
    from briefbench.console import printable

    raw = seen[:_EXCERPT] if isinstance(seen, bytes | str) else repr(seen)[:_EXCERPT]
    text = raw.decode("utf-8", "backslashreplace") if isinstance(raw, bytes) else raw
    return Record(row, identity, "", fault, printable(text))


def checked(row: int, identity: object, text: object, columns: Columns, seen: object) -> Record:
    """Return the record of a row that was taken apart, or a bad row if its id or its text is not what it must be.

    Ids are kept to the letter; whole numbers are written as such.
    """
    name: str | None = None
    if columns.id is not None:
        if isinstance(identity, str):
            name = identity
        elif isinstance(identity, int) and not isinstance(identity, bool):
            name = str(identity)
        else:
            return bad(row, None, f"{columns.id} is {_kind(identity)}; expected a string or a whole number", seen)
    if not isinstance(text, str):
        return bad(row, name, f"{columns.text} is {_kind(text)}; expected a string", seen)
    if not text or text.isspace():
        return bad(row, name, f"{columns.text} is {'nothing but white space' if text else 'empty'}", seen)
    return Record(row, name, text)


def too_long(row: int, seen: object, identity: str | None = None) -> Record:
    """Return a bad row that is longer than `MAX_RECORD`."""
    return bad(row, identity, f"longer than the {MAX_RECORD:,} bytes that are read", seen)


def batches(records: Iterator[Record], rows: int, size: int) -> Iterator[list[Record]]:
    """Yield records in lists of at most ``rows`` records, and of not much more than ``size`` characters."""
    held: list[Record] = []
    characters = 0
    for record in records:
        held.append(record)
        characters += len(record.text) + len(record.excerpt)
        if len(held) >= rows or characters >= size:
            yield held
            held, characters = [], 0
    if held:
        yield held


def _kind(value: Any) -> str:
    kinds = {type(None): "null", bool: "a truth value", int: "a number", float: "a number", list: "a list"}
    return kinds.get(type(value), "an object" if isinstance(value, dict) else f"a {type(value).__name__}")
