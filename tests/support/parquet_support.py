"""Parquet files written by hand, byte by byte, so that their headers can say what no writer would say."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: Types in Thrift's compact protocol.
I8, I32, I64, BINARY, LIST, STRUCT = 3, 5, 6, 8, 9, 12
#: Kinds of pages, and encodings.
DATA, DICTIONARY = 0, 2
PLAIN, RLE, DELTA_BYTE_ARRAY, RLE_DICTIONARY = 0, 3, 7, 8
ZSTD = 6
_BYTE_ARRAY, _UTF8, _LIST_OF = 6, 0, 3
REQUIRED, OPTIONAL, REPEATED = 0, 1, 2

#: The fields of a struct: type and value by number.
Fields = Mapping[int, tuple[int, Any]]


def varint(number: int) -> bytes:
    """Return a number as Thrift and Parquet write it: seven bits a byte, the lowest first."""
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def thrift(fields: Fields) -> bytes:
    """Return a struct in Thrift's compact protocol."""
    found, last = b"", 0
    for number, (kind, value) in fields.items():
        found += bytes([(number - last) << 4 | kind]) + _value(kind, value)
        last = number
    return found + b"\0"


def _value(kind: int, value: Any) -> bytes:
    if kind in (I32, I64):
        return varint(value << 1 ^ value >> 63)
    if kind == BINARY:
        return varint(len(value)) + value
    if kind == LIST:
        of, items = value
        return bytes([0xF0 | of]) + varint(len(items)) + b"".join(_value(of, item) for item in items)
    return thrift(value)


def page(kind: int, body: bytes, values: int, encoding: int = PLAIN, unpacked: int | None = None) -> bytes:
    """Return a page; ``unpacked`` is the size that its header gives for the unpacked body."""
    if kind == DATA:
        detail = {5: (STRUCT, {1: (I32, values), 2: (I32, encoding), 3: (I32, RLE), 4: (I32, RLE)})}
    else:
        detail = {7: (STRUCT, {1: (I32, values), 2: (I32, encoding)})}
    sizes = {2: (I32, len(body) if unpacked is None else unpacked), 3: (I32, len(body))}
    return thrift({1: (I32, kind)} | sizes | detail) + body


def plain(values: Sequence[bytes]) -> bytes:
    """Return strings in the plain encoding."""
    return b"".join(struct.pack("<I", len(value)) + value for value in values)


def run(value: int, count: int) -> bytes:
    """Return one small number so many times, in the run-length encoding."""
    return varint(count << 1) + bytes([value])


def zeros(count: int) -> tuple[bytes, int]:
    """Return a Zstandard frame of zeros, with 4 bytes for every 128 KiB of them, and the size that it unpacks to."""
    block, blocks = 1 << 17, count >> 17
    size = block * blocks + 4
    repeated = struct.pack("<I", block << 3 | 1 << 1)[:3] + b"\0"  # a block that says: this byte, so many times
    last = struct.pack("<I", 4 << 3 | 1)[:3] + bytes(4)
    return struct.pack("<IBI", 0xFD2FB528, 0xA0, size) + repeated * blocks + last, size


@dataclass(frozen=True)
class Column:
    """A column chunk of strings; what is left open is what an honest writer would say."""

    name: str
    values: int
    data: bytes
    dictionary: bytes = b""
    codec: int = 0
    path: tuple[str, ...] = ()
    said_values: int | None = None
    said_start: int | None = None
    said_size: int | None = None


def strings(name: str, values: Sequence[bytes]) -> Column:
    """Return a plain column."""
    return Column(name, len(values), page(DATA, plain(values), len(values)))


def repeated(name: str, value: bytes, count: int) -> Column:
    """Return a column that has one value in its dictionary, so many times."""
    data = page(DATA, b"\x01" + run(0, count), count, RLE_DICTIONARY)
    return Column(name, count, data, page(DICTIONARY, plain([value]), 1))


def repeated_list(name: str, value: bytes, count: int) -> Column:
    """Return a column of lists with one row: one value so many times."""
    levels = [run(0, 1) + run(1, count - 1), run(3, count)]
    body = b"".join(struct.pack("<I", len(level)) + level for level in levels) + b"\x01" + run(0, count)
    data = page(DATA, body, count, RLE_DICTIONARY)
    return Column(name, count, data, page(DICTIONARY, plain([value]), 1), path=(name, "list", "element"))


def file(columns: Sequence[Column], rows: int, *, groups: int = 1, said_rows: int | None = None) -> bytes:
    """Return a file with the columns in every row group; ``said_rows`` is what a row group says it has."""
    content, written = b"PAR1", []
    for _ in range(groups):
        chunks = []
        for column in columns:
            chunks.append(_chunk(column, len(content)))
            content += column.dictionary + column.data
        written.append({1: (LIST, (STRUCT, chunks)), 2: (I64, 100), 3: (I64, rows if said_rows is None else said_rows)})
    schema = [{4: (BINARY, b"schema"), 5: (I32, len(columns))}]
    schema += [element for column in columns for element in _elements(column)]
    footer = {1: (I32, 2), 2: (LIST, (STRUCT, schema)), 3: (I64, rows * groups), 4: (LIST, (STRUCT, written))}
    return content + tail(thrift(footer))


def tail(footer: bytes) -> bytes:
    """Return a footer with its length and the mark of the end."""
    return footer + struct.pack("<I", len(footer)) + b"PAR1"


def _chunk(column: Column, at: int) -> Fields:
    size = len(column.dictionary) + len(column.data)
    parts = [part.encode() for part in column.path or (column.name,)]
    said: dict[int, tuple[int, Any]] = {
        1: (I32, _BYTE_ARRAY),
        2: (LIST, (I32, [PLAIN, RLE, RLE_DICTIONARY])),
        3: (LIST, (BINARY, parts)),
        4: (I32, column.codec),
        5: (I64, column.values if column.said_values is None else column.said_values),
        6: (I64, 100),
        7: (I64, size if column.said_size is None else column.said_size),
        9: (I64, at + len(column.dictionary) if column.said_start is None else column.said_start),
    }
    if column.dictionary:
        said[11] = (I64, at)
    return {2: (I64, 0), 3: (STRUCT, said)}


def _elements(column: Column) -> list[Fields]:
    leaf = {1: (I32, _BYTE_ARRAY), 3: (I32, REQUIRED), 4: (BINARY, column.name.encode()), 6: (I32, _UTF8)}
    if not column.path:
        return [leaf]
    outer = {3: (I32, OPTIONAL), 4: (BINARY, column.name.encode()), 5: (I32, 1), 6: (I32, _LIST_OF)}
    middle = {3: (I32, REPEATED), 4: (BINARY, b"list"), 5: (I32, 1)}
    return [outer, middle, leaf | {3: (I32, OPTIONAL), 4: (BINARY, b"element")}]
