"""The plan: the input cut into parts of so many records, by a first pass that reads no record and holds no text."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from briefbench.errors import InputError
from briefbench.labelling import articles, cells, jsonl, parquet
from briefbench.labelling.records import Columns, Record
from briefbench.labelling.sources import Kind, Sources
from briefbench.labelling.splitting import cut

#: Rows of a part unless another number is named.
PART_ROWS = 50_000
# An article stands for so many rows when articles are put into parts.
_ARTICLE_ROWS = 50


class Slice(msgspec.Struct, frozen=True):
    """A run of records of one file: ``rows`` records from the 1-based ``row`` on, and their bytes where known.

    A whole article has zeros.
    """

    file: str
    row: int = 0
    rows: int = 0
    start: int = 0
    end: int = 0


class Part(msgspec.Struct, frozen=True):
    """A part of the work, by its number, which names the file that it becomes."""

    number: int
    slices: tuple[Slice, ...]

    @property
    def rows(self) -> int:
        """How many records it has; 0 where they are articles."""
        return sum(piece.rows for piece in self.slices)


def plan(sources: Sources, columns: Columns, rows: int) -> list[Part]:
    """Cut the input into parts of ``rows`` records, the last of fewer; an input without records is one empty part.

    Raises:
        InputError: a file cannot be read or is not of its kind.
    """
    try:
        groups = _article_groups(sources, rows) if sources.kind == "article" else _groups(sources, columns, rows)
        return [Part(number, slices) for number, slices in enumerate(groups)] or [Part(0, ())]
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be read: {error.strerror}") from error


def read_slice(
    root: Path, kind: Kind, piece: Slice, *, columns: Columns, reading: articles.Reading
) -> Iterator[Record]:
    """Yield the records of a slice of a file below ``root``.

    Raises:
        InputError: the file is damaged.
    """
    path = root / piece.file
    if kind == "article":
        return articles.read(path, reading)
    if kind == "parquet":
        return parquet.read(path, piece.row, piece.rows, columns)
    if kind == "csv":
        return cells.read(path, piece.start, piece.end, piece.row, columns)
    return jsonl.read(path, piece.start, piece.end, piece.row, columns)


def _groups(sources: Sources, columns: Columns, rows: int) -> Iterator[tuple[Slice, ...]]:
    """Yield slices that together have ``rows`` records, the last ones fewer."""
    held: list[Slice] = []
    room = rows
    for source in sources.files:
        number = 1
        for piece in _cuts(sources, source.name, columns, room, rows):
            held.append(msgspec.structs.replace(piece, row=number))
            number += piece.rows
            room -= piece.rows
            if room == 0:
                yield tuple(held)
                held, room = [], rows
    if held:
        yield tuple(held)


def _cuts(sources: Sources, name: str, columns: Columns, first: int, every: int) -> Iterator[Slice]:
    path = sources.root / name
    if sources.kind == "parquet":
        left, room = parquet.check(path, columns), first
        while left:
            taken = min(left, room)
            yield Slice(name, rows=taken)
            left, room = left - taken, every
        return
    quoted = sources.kind == "csv"
    begin = cells.header(path)[1] if quoted else jsonl.start(path)
    for piece in cut(path, begin, first, every, quoted=quoted):
        yield Slice(name, rows=piece.records, start=piece.start, end=piece.end)


def _article_groups(sources: Sources, rows: int) -> Iterator[tuple[Slice, ...]]:
    many = max(1, rows // _ARTICLE_ROWS)
    names: Sequence[str] = [source.name for source in sources.files]
    for at in range(0, len(names), many):
        yield tuple(Slice(name) for name in names[at : at + many])
