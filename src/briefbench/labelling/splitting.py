"""Where the records of a JSONL or CSV file end, found block by block, so that a file of any size needs little memory.

A JSONL record ends at every line feed. A CSV record (RFC 4180) ends at a line feed that stands outside of quotes, which
is one with an even number of quote marks before it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from briefbench.labelling.records import MAX_RECORD

_BLOCK = 1 << 20
_LINE_FEED, _QUOTE = 10, 34
_BOM = b"\xef\xbb\xbf"
_HEAD = 4096


class Cut(NamedTuple):
    """A run of whole records: where it starts and ends in bytes, and how many records it has."""

    start: int
    end: int
    records: int


class Raw(NamedTuple):
    """The bytes of one record with its line end; of one that is ``long``, only the beginning."""

    data: bytes
    long: bool


def cut(path: Path, start: int, first: int, every: int, *, quoted: bool) -> Iterator[Cut]:
    """Cut a file from byte ``start`` on into runs of records: one of at most ``first``, then of ``every`` each."""
    room, records, at, last, position = first, 0, start, start, start
    with path.open("rb") as stream:
        stream.seek(start)
        for block, ends in _blocks(stream, None, quoted):
            used = 0
            while len(ends) - used >= room - records:
                used += room - records
                end = position + int(ends[used - 1])
                yield Cut(at, end, room)
                room, records, at = every, 0, end
            records += len(ends) - used
            last = position + int(ends[-1]) if len(ends) else last
            position += len(block)
    records += position > last  # the last record needs no line end
    if records:
        yield Cut(at, position, records)


def raw_records(path: Path, start: int, end: int | None, *, quoted: bool) -> Iterator[Raw]:
    """Yield the records between two bytes, of which ``start`` is the first of a record."""
    held, size = b"", 0
    with path.open("rb") as stream:
        stream.seek(start)
        for block, ends in _blocks(stream, None if end is None else end - start, quoted):
            at = 0
            for stop in ends.tolist():
                size += stop - at
                long = size > MAX_RECORD
                yield Raw((held + block[at : at + _HEAD])[:_HEAD] if long else held + block[at:stop], long)
                held, size, at = b"", 0, stop
            size += len(block) - at
            held = (held + block[at : at + _HEAD])[:_HEAD] if size > MAX_RECORD else held + block[at:]
    if size:
        yield Raw(held, size > MAX_RECORD)


def after_mark(path: Path) -> int:
    """Return where the text of a file begins: after its UTF-8 byte order mark, if it has one."""
    with path.open("rb") as stream:
        return len(_BOM) if stream.read(len(_BOM)) == _BOM else 0


def _blocks(stream: BinaryIO, length: int | None, quoted: bool) -> Iterator[tuple[bytes, NDArray[np.int64]]]:
    """Yield blocks of a file and, in each, the offsets after every record that ends in it."""
    inside, left = 0, length
    while block := stream.read(_BLOCK if left is None else min(_BLOCK, left)):
        if left is not None:
            left -= len(block)
        data = np.frombuffer(block, dtype=np.uint8)
        ends = np.flatnonzero(data == _LINE_FEED)
        if quoted:
            quotes = (data == _QUOTE).view(np.uint8)
            within = np.bitwise_xor.accumulate(quotes) ^ inside
            ends = ends[within[ends] == 0]
            inside = int(within[-1])
        yield block, ends + 1
