"""What a Parquet file says of itself: lies about sizes, places and numbers are found before anything is unpacked."""

from dataclasses import replace
from pathlib import Path

import pytest

import parquet_support as hand
from parquet_support import BINARY, DATA, DICTIONARY, I32, I64, LIST, STRUCT, ZSTD, Column
from predictions_support import EXPECTED, IDS, STANCES, read, refusal

COUNT = len(IDS)
BULLETS = hand.strings("bullet_id", [identifier.encode() for identifier in IDS])
LABELS = hand.strings("stance", [stance.encode() for stance in STANCES])


def refused(folder: Path, *columns: Column, rows: int = COUNT, said_rows: int | None = None) -> str:
    message = refusal(folder, "parquet", hand.file(columns, rows, said_rows=said_rows))
    return message.removeprefix("mine.parquet: ")


def test_an_honest_file_written_by_hand_is_read(tmp_path: Path) -> None:
    """Else the refusals below might have another reason than the lie."""
    assert read(tmp_path, "parquet", hand.file([BULLETS, LABELS], COUNT)).labels["stance"].tolist() == EXPECTED
    alike = hand.repeated("stance", b"mixed", COUNT)
    assert read(tmp_path, "parquet", hand.file([BULLETS, alike], COUNT)).labels["stance"].tolist() == [2] * 4


def test_a_page_that_unpacks_to_gigabytes_is_refused_though_the_footer_says_little(tmp_path: Path) -> None:
    body, size = hand.zeros(2_000_000_000)
    bomb = hand.page(DATA, body, COUNT, unpacked=size)
    assert len(bomb) < 70_000
    words = "unpacks to more than 16,016,000 bytes; keep only the predictions"
    assert refused(tmp_path, replace(BULLETS, data=bomb, codec=ZSTD), LABELS) == words
    assert refused(tmp_path, BULLETS, replace(LABELS, data=bomb, codec=ZSTD)) == words
    dictionary = hand.page(DICTIONARY, body, 1, unpacked=size)
    alike = replace(hand.repeated("stance", b"", COUNT), dictionary=dictionary, codec=ZSTD)
    assert refused(tmp_path, BULLETS, alike) == words


def test_a_page_that_unpacks_to_more_than_its_own_header_says_is_refused(tmp_path: Path) -> None:
    body, _ = hand.zeros(2_000_000_000)
    bomb = hand.page(DATA, body, COUNT, unpacked=1000)
    assert refused(tmp_path, replace(BULLETS, data=bomb, codec=ZSTD), LABELS).startswith("not a sound Parquet file")


def test_many_pages_that_unpack_to_little_each_are_added_up(tmp_path: Path) -> None:
    body, size = hand.zeros(1_000_000)
    bomb = hand.page(DATA, body, 1, unpacked=size) * 20
    words = refused(tmp_path, replace(BULLETS, data=bomb, codec=ZSTD), LABELS)
    assert words.startswith("unpacks to more than 16,016,000 bytes")


def test_one_long_string_in_every_row_is_refused_and_not_written_out(tmp_path: Path) -> None:
    long = b"x" * 10_000_000
    words = refused(tmp_path, hand.repeated("bullet_id", long, COUNT), LABELS)
    assert words == "the ids unpack to more than 16,016,000 bytes; keep only the predictions"
    assert "row 1, bullet b0: unknown stance 'xxx" in refused(tmp_path, BULLETS, hand.repeated("stance", long, COUNT))
    one = replace(BULLETS, values=1, data=hand.page(DATA, hand.plain([b"b0"]), 1))
    sets = hand.repeated_list("source_types", long, 300_000)
    assert "row 1, bullet b0: unknown type 'xxx" in refused(tmp_path, one, sets, rows=1)


def test_a_list_of_a_hundred_million_values_is_refused(tmp_path: Path) -> None:
    one = replace(BULLETS, values=1, data=hand.page(DATA, hand.plain([b"b0"]), 1))
    sets = hand.repeated_list("source_types", b"news_media", 100_000_000)
    assert len(hand.file([one, sets], 1)) < 1000
    assert refused(tmp_path, one, sets, rows=1).startswith("unpacks to more than ")


def test_a_dictionary_that_says_it_has_a_billion_entries_is_refused(tmp_path: Path) -> None:
    huge = replace(hand.repeated("stance", b"", COUNT), dictionary=hand.page(DICTIONARY, b"", 2**31 - 1))
    assert refused(tmp_path, BULLETS, huge).startswith("unpacks to more than ")


@pytest.mark.parametrize("encoding", [6, 7])
def test_an_encoding_whose_strings_grow_when_they_are_unpacked_is_refused(tmp_path: Path, encoding: int) -> None:
    delta = replace(LABELS, data=hand.page(DATA, b"", COUNT, encoding))
    assert "BYTE_ARRAY is not read; write Parquet of version 1" in refused(tmp_path, BULLETS, delta)


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        ({"said_values": 10**9}, "4 values where the footer says 1000000000"),
        ({"said_values": 2**62}, "4 values where the footer says 4611686018427387904"),
        ({"said_values": -1}, "no number in field 5"),
        ({"said_start": -4}, "no number in field 9"),
        ({"said_start": 2**60}, "a column lies outside of the file"),
        ({"said_size": 2**60}, "a column lies outside of the file"),
        ({"said_size": 0}, "0 values where the footer says 4"),
        ({"said_size": 7}, "a page reaches beyond its column|cut short|no number"),
        ({"data": b""}, "0 values where the footer says 4"),
        ({"data": hand.page(1, b"", COUNT)}, "a page of kind 1"),
        ({"data": hand.page(DATA, b"", -5)}, "no number in field 1"),
        ({"data": hand.page(DATA, b"", COUNT, unpacked=-5)}, "no number in field 2"),
        ({"data": hand.thrift({1: (I32, DATA), 2: (I32, 10), 3: (I32, 2**30)})}, "no number|beyond"),
    ],
)
def test_a_footer_that_lies_about_a_column_is_refused(tmp_path: Path, lie: dict[str, object], words: str) -> None:
    message = refused(tmp_path, BULLETS, replace(LABELS, **lie))
    assert message.startswith("not a sound Parquet file: ")
    assert any(word in message for word in words.split("|"))


@pytest.mark.parametrize("rows", [COUNT + 1, 10**9, 2**61, -1])
def test_a_row_group_that_lies_about_its_rows_is_refused(tmp_path: Path, rows: int) -> None:
    assert refused(tmp_path, BULLETS, LABELS, said_rows=rows).startswith("not a sound Parquet file: ")


def test_a_file_with_far_more_rows_than_bullets_is_refused_unread(tmp_path: Path) -> None:
    many = 1_000_000
    columns = [hand.repeated("bullet_id", b"b0", many), hand.repeated("stance", b"mixed", many)]
    content = hand.file(columns, many)
    assert len(content) < 1000
    message = refusal(tmp_path, "parquet", content)
    assert "has 1,000,000 rows, far more than there are bullets; predict each bullet once" in message


def test_row_groups_are_read_one_after_another_and_thousands_are_refused(tmp_path: Path) -> None:
    one = replace(BULLETS, values=1, data=hand.page(DATA, hand.plain([b"b0"]), 1))
    label = replace(LABELS, values=1, data=hand.page(DATA, hand.plain([b"mixed"]), 1))
    message = refusal(tmp_path, "parquet", hand.file([one, label], 1, groups=40))
    assert "row 2: bullet b0 was predicted before, in row 1" in message
    message = refusal(tmp_path, "parquet", hand.file([one, label], 1, groups=5000))
    assert "bytes; write fewer row groups and no metadata" in message


def test_thousands_of_pages_without_values_are_refused(tmp_path: Path) -> None:
    empty = replace(BULLETS, data=hand.page(DATA, b"", 0) * 40_000)
    assert refused(tmp_path, empty, LABELS) == "has far too many pages; write it with the defaults"


@pytest.mark.parametrize("count", [200, 1000])
def test_hundreds_of_columns_are_refused(tmp_path: Path, count: int) -> None:
    columns = [replace(LABELS, name=f"c{i}") for i in range(count)]
    message = refused(tmp_path, BULLETS, *columns)
    assert message == f"has {count + 2:,} columns; keep only the predictions"


def footer_of(schema: list[hand.Fields], groups: list[hand.Fields], notes: list[hand.Fields]) -> bytes:
    fields = {1: (I32, 2), 2: (LIST, (STRUCT, schema)), 3: (I64, 0), 4: (LIST, (STRUCT, groups))}
    return b"PAR1" + hand.tail(hand.thrift(fields | {5: (LIST, (STRUCT, notes))}))


ROOT: hand.Fields = {4: (BINARY, b"schema"), 5: (I32, 0)}
INNER: hand.Fields = {3: (I32, 0), 4: (BINARY, b"a"), 5: (I32, 1)}
GROUP: hand.Fields = {1: (LIST, (STRUCT, [])), 2: (I64, 0), 3: (I64, 0)}


@pytest.mark.parametrize(
    "content",
    [
        footer_of([ROOT], [GROUP] * 100_000, []),
        footer_of([INNER] * 50_000, [], []),
        footer_of([ROOT | {4: (BINARY, b"x" * 1_000_000)}], [], []),
        footer_of([ROOT], [], [{1: (BINARY, b"k"), 2: (BINARY, b"v" * 1_000_000)}]),
    ],
    ids=["row groups", "deep schema", "long name", "metadata"],
)
def test_a_footer_of_hundreds_of_kilobytes_is_refused(tmp_path: Path, content: bytes) -> None:
    message = refusal(tmp_path, "parquet", content)
    assert "bytes; write fewer row groups and no metadata" in message


def test_notes_of_the_writer_are_passed_over(tmp_path: Path) -> None:
    """Data frames and other tools leave notes of their own in the footer; they say nothing of predictions."""
    content = hand.file([BULLETS, LABELS], COUNT)
    at = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    notes = hand.thrift({1: (LIST, (STRUCT, [{1: (BINARY, b"pandas"), 2: (BINARY, b"\xff" * 1000)}]))})
    footer = content[at:-9] + notes  # the field after the fourth one, as 1 is after none
    assert read(tmp_path, "parquet", content[:at] + hand.tail(footer)).labels["stance"].tolist() == EXPECTED


@pytest.mark.parametrize(
    "content",
    [
        b"hello",
        b"PAR1",
        b"PAR1PAR1",
        b"PAR1" + bytes(100) + b"\x10\0\0\0PAR1",
        b"PARE" + bytes(100) + b"\x10\0\0\0PARE",
        b"PAR1" + bytes(100) + b"\xff\xff\xff\xffPAR1",
        b"PAR1" + bytes(100) + b"\0\0\0\0PAR1",
        b"ARROW1\0\0" + bytes(100),
        b"PK\x03\x04" + bytes(60),
    ],
)
def test_what_is_no_parquet_is_refused_as_such(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, "parquet", content).startswith("mine.parquet: not a sound Parquet file: ")


@pytest.mark.parametrize("cut", [1, 5, 50, 200])
def test_a_parquet_cut_short_by_a_broken_download_is_refused(tmp_path: Path, cut: int) -> None:
    content = hand.file([BULLETS, LABELS], COUNT)
    for part in (content[:-cut], content[cut:], content[:cut]):
        assert "not a sound Parquet file" in refusal(tmp_path, "parquet", part)
