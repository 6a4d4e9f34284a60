"""Thrift's compact protocol: read as the format says; what two readers could take in two ways is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import parquet_support as hand
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

#: A field of every type, numbered from 1, each with what it holds; the last one gives its number in full.
EVERY_TYPE: list[tuple[str, tuple[int, int], object]] = [
    ("11", (1, 1), None),
    ("12", (2, 2), None),
    ("13ff", (3, 3), 255),
    ("1405", (4, 4), -3),
    ("15ac02", (5, I32), 150),
    ("1601", (6, I64), -1),
    ("17000000000000f03f", (7, 7), bytes.fromhex("000000000000f03f")),
    ("18026869", (8, BINARY), b"hi"),
    ("19250204", (9, LIST), (I32, [1, 2])),
    ("1a1101", (10, 10), (1, [1])),
    ("1b018502686902", (11, 11), [b"hi", 1]),
    ("1c150200", (12, STRUCT), {(1, I32): 1}),
    ("0c900300", (200, STRUCT), {}),
]


def decode(content: bytes) -> Struct:
    cursor = Cursor(content, 0, len(content))
    found = cursor.struct()
    assert cursor.at == len(content)
    return found


def test_a_field_of_every_type_is_read() -> None:
    content = bytes.fromhex("".join(written for written, _, _ in EVERY_TYPE) + "00")
    assert decode(content) == {key: value for _, key, value in EVERY_TYPE}


@pytest.mark.parametrize("cut", range(1, 50))
def test_a_struct_that_is_cut_short_is_refused(cut: int) -> None:
    content = bytes.fromhex("".join(written for written, _, _ in EVERY_TYPE) + "00")
    with pytest.raises(ThriftError):
        decode(content[:-cut])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("1502050202" + "00", "field 1 stands twice"),
        ("0c0000" + "00", "field 0 stands twice or is none"),
        ("0c010000", "field -1 stands twice or is none"),
        ("0cfeff0700", "a number of more than 16 bits"),
        ("15feffffff1f00", "a number of more than 32 bits"),
        ("16" + "ff" * 10 + "0100", "a number without an end"),
        ("16" + "ff" * 9 + "7f00", "a number of more than 64 bits"),
        ("1d00", "unknown type 13"),
        ("18ffffffff0f00", "cut short"),
        ("19fcffffffff0f00", "cut short"),
        ("1c" * 40 + "00" * 41, "nested too deep"),
        ("19" + "19" * 40, "nested too deep"),
    ],
)
def test_what_two_readers_could_take_in_two_ways_is_refused(content: str, words: str) -> None:
    with pytest.raises(ThriftError, match=words):
        decode(bytes.fromhex(content))


def by_type(fields: dict[int, tuple[int, object]]) -> Struct:
    return {(number, kind): value for number, (kind, value) in fields.items()}


numbers = st.integers(1, 2**15 - 1)
structs = st.recursive(
    st.dictionaries(numbers, st.tuples(st.just(I64), st.integers(-(2**63), 2**63 - 1)), max_size=4),
    lambda inner: st.dictionaries(
        numbers,
        st.tuples(st.just(I32), st.integers(-(2**31), 2**31 - 1))
        | st.tuples(st.just(BINARY), st.binary(max_size=20))
        | st.tuples(st.just(STRUCT), inner.map(by_type))
        | st.tuples(st.just(LIST), st.tuples(st.just(STRUCT), st.lists(inner.map(by_type), max_size=20))),
        max_size=4,
    ),
    max_leaves=6,
)


@given(structs.map(by_type))
def test_what_is_written_reads_back(fields: Struct) -> None:
    assert decode(encode(fields)) == fields


def test_what_tests_write_by_hand_is_the_same_format() -> None:
    fields = {1: (I32, -7), 4: (BINARY, b"x"), 5: (LIST, (STRUCT, [{1: (I64, 2**40)}]))}
    assert decode(hand.thrift(fields)) == {
        (1, I32): -7,
        (4, BINARY): b"x",
        (5, LIST): (STRUCT, [{(1, I64): 2**40}]),
    }


@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        Cursor(content, 0, len(content)).struct()
    except ThriftError as error:
        assert str(error).isprintable()  # noqa: PT017 (most bytes are refused, some are a struct)


def test_a_field_of_another_type_is_not_there() -> None:
    """A reader of the format passes over a field of an unexpected type, and so must what checks before it."""
    fields = decode(hand.thrift({1: (I64, 5), 2: (I32, 6), 3: (LIST, (I32, [1]))}))
    assert pick(fields, [(1, I32), (2, I32)]) == {(2, I32): 6}
    assert number_of(fields, 2) == 6
    for place, kind in ((1, I32), (2, I64), (9, I32)):
        with pytest.raises(ThriftError, match=f"no number in field {place}"):
            number_of(fields, place, kind)
    assert structs_of(fields, 9) == []
    with pytest.raises(ThriftError, match="no list of structs in field 3"):
        structs_of(fields, 3)
