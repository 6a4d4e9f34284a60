"""Thrift's compact protocol, as far as the metadata of Parquet needs it.

Strict where readers differ: a field that stands twice, a number too large for its type or an unknown type ends it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

#: The types on the wire that a caller names.
I32, I64, BINARY, LIST, STRUCT = 5, 6, 8, 9, 12

_TRUE, _FALSE, _I8, _I16, _DOUBLE, _SET, _MAP = 1, 2, 3, 4, 7, 10, 11
_BITS = {_I16: 16, I32: 32, I64: 64}
_LOW, _MORE = 0x0F, 0x80
_DEEPEST = 32

#: The fields of a struct by number and type, as a reader that knows the right type looks them up. A list is its
#: elements' type with the elements; a truth value is its type.
Struct = dict[tuple[int, int], Any]


class ThriftError(ValueError):
    """The bytes are no struct in the compact protocol."""


@dataclass
class Cursor:
    """Reads structs from ``data``, from ``at`` to ``end``; ``at`` moves on."""

    data: bytes
    at: int
    end: int

    def struct(self, depth: int = 0) -> Struct:
        """Read one struct.

        Raises:
            ThriftError: there is none.
        """
        fields: Struct = {}
        seen: set[int] = set()
        number = 0
        while kind := (head := self._byte()) & _LOW:
            number = number + (head >> 4) if head >> 4 else self._signed(16)
            if number in seen or not 0 < number < 1 << 15:
                raise ThriftError(f"field {number} stands twice or is none")
            seen.add(number)
            fields[number, kind] = None if kind in (_TRUE, _FALSE) else self._value(kind, depth + 1)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if depth > _DEEPEST:
            raise ThriftError("nested too deep")
        if kind in _BITS:
            return self._signed(_BITS[kind])
        if kind == STRUCT:
            return self.struct(depth)
        if kind in (_TRUE, _FALSE, _I8):  # in a list each of these is a byte
            return self._byte()
        if kind in (_DOUBLE, BINARY):
            return self._bytes(8 if kind == _DOUBLE else self._varint())
        if kind in (LIST, _SET):
            head = self._byte()
            count = self._varint() if head >> 4 == _LOW else head >> 4
            return head & _LOW, [self._value(head & _LOW, depth + 1) for _ in range(count)]
        if kind == _MAP:
            count = self._varint()
            kinds = self._byte() if count else 0
            return [self._value(part, depth + 1) for _ in range(count) for part in (kinds >> 4, kinds & _LOW)]
        raise ThriftError(f"unknown type {kind}")

    def _byte(self) -> int:
        if self.at >= self.end:
            raise ThriftError("cut short")
        self.at += 1
        return self.data[self.at - 1]

    def _bytes(self, count: int) -> bytes:
        if count > self.end - self.at:
            raise ThriftError("cut short")
        self.at += count
        return self.data[self.at - count : self.at]

    def _varint(self) -> int:
        found = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            found |= (byte & ~_MORE) << shift
            if byte < _MORE:
                return found
        raise ThriftError("a number without an end")

    def _signed(self, bits: int) -> int:
        raw = self._varint()
        if raw >> bits:
            raise ThriftError(f"a number of more than {bits} bits")
        return (raw >> 1) ^ -(raw & 1)


def encode(fields: Struct) -> bytes:
    """Return a struct without doubles, sets and maps in the compact protocol."""
    found = bytearray()
    for (number, kind), value in fields.items():
        found += bytes([kind]) + _signed(number) + (b"" if kind in (_TRUE, _FALSE) else _encode_value(kind, value))
    return bytes(found) + b"\0"


def _encode_value(kind: int, value: Any) -> bytes:
    if kind in _BITS:
        return _signed(value)
    if kind == STRUCT:
        return encode(value)
    if kind == _I8:
        return bytes([value])
    if kind == BINARY:
        return _varint(len(value)) + bytes(value)
    if kind == LIST:
        of, items = value
        return bytes([0xF0 | of]) + _varint(len(items)) + b"".join(_encode_value(of, item) for item in items)
    raise ThriftError(f"type {kind} is not written")


def _signed(number: int) -> bytes:
    return _varint((number << 1) ^ (number >> 63))


def _varint(number: int) -> bytes:
    found = bytearray()
    while number >= _MORE:
        found.append(number & ~_MORE & 0xFF | _MORE)
        number >>= 7
    return bytes([*found, number])


def pick(fields: Struct, wanted: Iterable[tuple[int, int]]) -> Struct:
    """Return the fields of these numbers and types that are there."""
    return {key: fields[key] for key in wanted if key in fields}


def number_of(fields: Struct, place: int, kind: int = I32) -> int:
    """Return a number that is not negative.

    Raises:
        ThriftError: there is none in this place and of this type.
    """
    found = fields.get((place, kind), -1)
    if found < 0:
        raise ThriftError(f"no number in field {place}")
    return int(found)


def structs_of(fields: Struct, place: int) -> list[Struct]:
    """Return a list of structs.

    Raises:
        ThriftError: there is none in this place.
    """
    of, items = fields.get((place, LIST), (0, []))
    if of != STRUCT and items:
        raise ThriftError(f"no list of structs in field {place}")
    return list(items)
