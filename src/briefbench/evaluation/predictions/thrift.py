"""Thrift's compact protocol, as far as the headers of Parquet pages need it.

Strict where readers differ: a field that stands twice, a number too large for its type or an unknown type ends it.
"""

from typing import Any

#: The types on the wire that a caller asks for.
I32, STRUCT = 5, 12

_TRUE, _FALSE, _I8, _I16, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP = 1, 2, 3, 4, 6, 7, 8, 9, 10, 11
_BITS = {_I16: 16, I32: 32, _I64: 64}
_LOW, _MORE = 0x0F, 0x80
_DEEPEST = 32

#: The fields of a struct by number and type, as a reader that knows the right type looks them up; text is left out.
Struct = dict[tuple[int, int], Any]


class ThriftError(ValueError):
    """The bytes are no struct in the compact protocol."""


class Cursor:
    """Reads structs from ``data``, from ``at`` to ``end``; ``at`` moves on."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self.data, self.at, self.end = data, at, end

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
            fields[number, kind] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, depth + 1)
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
        if kind in (_DOUBLE, _BINARY):
            return self._skip(8 if kind == _DOUBLE else self._varint())
        if kind in (_LIST, _SET):
            head = self._byte()
            count = self._varint() if head >> 4 == _LOW else head >> 4
            return [self._value(head & _LOW, depth + 1) for _ in range(count)]
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

    def _skip(self, count: int) -> None:
        if count > self.end - self.at:
            raise ThriftError("cut short")
        self.at += count

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
