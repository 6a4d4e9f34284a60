"""What a Parquet file says of itself, read before anything is unpacked: its footer, and the headers of its pages.

The names and numbers of fields are those of parquet.thrift in https://github.com/apache/parquet-format.
"""

from collections.abc import Iterator
from typing import NamedTuple

from briefbench.evaluation.predictions.thrift import (
    BINARY,
    I32,
    I64,
    LIST,
    STRUCT,
    Cursor,
    Struct,
    ThriftError,
    encode,
    number_of,
    pick,
    structs_of,
)

#: Kinds of pages.
DATA, DICTIONARY, DATA_V2 = 0, 2, 3
#: Encodings that are not read: one gives every string as a piece of the one before, and so unpacks without a bound, the
#: other cannot be read as a dictionary.
DELTA_ENCODINGS = {6: "DELTA_LENGTH_BYTE_ARRAY", 7: "DELTA_BYTE_ARRAY"}

_MAGIC = b"PAR1"
_TAIL = 8
_PLAIN, _RLE, _RLE_DICTIONARY = 0, 3, 8
# The fields of a schema's element: type, length, repetition, name, children, converted type, scale, precision, logical.
_ELEMENT = [(1, I32), (2, I32), (3, I32), (4, BINARY), (5, I32), (6, I32), (7, I32), (8, I32), (10, STRUCT)]
# The fields of a chunk: type, path, codec, values, sizes unpacked and packed, where data and dictionary begin.
_CHUNK = [(1, I32), (3, LIST), (4, I32), (5, I64), (6, I64), (7, I64), (9, I64), (11, I64)]
# Where the header of a page has what is particular to its kind, and where that has the encoding.
_DETAILS = {DATA: (5, 2), DICTIONARY: (7, 2), DATA_V2: (8, 4)}
_LONGEST_HEADER = 65_536


class Page(NamedTuple):
    """What the header of a page says, and how long it is itself."""

    kind: int
    values: int
    unpacked: int
    encoding: int
    header: int


class Chunk(NamedTuple):
    """One column of one row group: the metadata, of which only what is known is kept."""

    fields: Struct

    @property
    def values(self) -> int:
        """How many values the footer says there are."""
        return number_of(self.fields, 5, I64)

    def pages(self, data: bytes) -> Iterator[Page]:
        """Yield the pages, which must lie in the file one after another.

        Raises:
            ThriftError: they do not.
        """
        at, dictionary = number_of(self.fields, 9, I64), self.fields.get((11, I64), 0)
        at = dictionary if 0 < dictionary < at or at == 0 else at  # 0 where a column without rows has no data
        end = at + number_of(self.fields, 7, I64)
        if not 0 <= at <= end <= len(data):
            raise ThriftError("a column lies outside of the file")
        while at < end:
            page, at = _page(data, at, end)
            yield page
        if at != end:
            raise ThriftError("a page reaches beyond its column")


class Footer(NamedTuple):
    """The schema's elements, the number of rows, and the chunks of every row group with the group's number of rows."""

    schema: list[Struct]
    rows: int
    groups: list[tuple[int, list[Chunk]]]

    def written(self) -> bytes:
        """Return a file of this footer alone, written anew, so that no reader can find more in it than was checked."""
        groups = [
            {
                (1, LIST): (STRUCT, [{(2, I64): 0, (3, STRUCT): _chunk_fields(chunk)} for chunk in chunks]),
                (2, I64): 0,
                (3, I64): rows,
            }
            for rows, chunks in self.groups
        ]
        fields = {
            (1, I32): 2,
            (2, LIST): (STRUCT, self.schema),
            (3, I64): self.rows,
            (4, LIST): (STRUCT, groups),
        }
        footer = encode(fields)
        return _MAGIC + footer + len(footer).to_bytes(4, "little") + _MAGIC


def footer_size(data: bytes) -> int:
    """Return how many bytes the footer of a file has, as the file says.

    Raises:
        ThriftError: the file does not begin and end as Parquet, or is shorter than that.
    """
    size = int.from_bytes(data[-_TAIL:-4], "little")
    if not (data.startswith(_MAGIC) and data.endswith(_MAGIC) and size <= len(data) - _TAIL - 4):
        raise ThriftError("it does not begin and end as Parquet does")
    return size


def read_footer(data: bytes) -> Footer:
    """Read the footer of a file.

    Raises:
        ThriftError: it is damaged.
    """
    end = len(data) - _TAIL
    fields = Cursor(data, end - footer_size(data), end).struct()
    schema = [pick(element, _ELEMENT) for element in structs_of(fields, 2)]
    groups = [
        (number_of(group, 3, I64), [_chunk(column) for column in structs_of(group, 1)])
        for group in structs_of(fields, 4)
    ]
    return Footer(schema, number_of(fields, 3, I64), groups)


def _chunk(column: Struct) -> Chunk:
    fields = pick(column.get((3, STRUCT), {}), _CHUNK)
    if fields.get((3, LIST), (0, []))[0] != BINARY:
        raise ThriftError("a column without a name")
    return Chunk(fields)


def _chunk_fields(chunk: Chunk) -> Struct:
    """Return the metadata of a chunk in the order of the fields, with the encodings that a reader wants to see."""
    return dict(sorted((chunk.fields | {(2, LIST): (I32, [_PLAIN, _RLE, _RLE_DICTIONARY])}).items()))


def _page(data: bytes, at: int, end: int) -> tuple[Page, int]:
    """Return the page that begins at a place, and where the next one does."""
    cursor = Cursor(data, at, min(end, at + _LONGEST_HEADER))
    header = cursor.struct()
    kind = number_of(header, 1)
    if kind not in _DETAILS:
        raise ThriftError(f"a page of kind {kind}")
    place, encoding = _DETAILS[kind]
    detail = header.get((place, STRUCT), {})
    values, unpacked = number_of(detail, 1), number_of(header, 2)
    page = Page(kind, values, unpacked, number_of(detail, encoding), cursor.at - at)
    return page, cursor.at + number_of(header, 3)
