"""Prediction files: what only Parquet, only JSON lines or only CSV can get wrong, and what each may do differently."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from briefbench.errors import InputError, PredictionError
from briefbench.evaluation.predictions import read_predictions, shown
from briefbench.evaluation.reference import Reference
from briefbench.schema import TASKS

IDS = ["b0", "b1"]
GOOD = ["neutral", "mixed"]
REFERENCE = Reference(
    "weeks/test", "0" * 64, IDS, {task.name: np.zeros(2, dtype=np.int64) for task in TASKS}, ["2023-W01"] * 2
)
LINE = '{"bullet_id": "b0", "stance": "neutral"}\n'

Read = Callable[[str, bytes | str], list[int]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(name: str, content: bytes | str) -> list[int]:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_predictions(path, REFERENCE).labels["stance"].tolist()

    return read


@pytest.fixture
def refusal(read: Read, tmp_path: Path) -> Callable[[str, bytes | str], str]:
    def refusal(name: str, content: bytes | str) -> str:
        with pytest.raises((PredictionError, InputError)) as caught:
            read(name, content)
        assert str(caught.value).isprintable()
        return str(caught.value).removeprefix(f"{tmp_path}/")

    return refusal


def parquet(ids: object, stances: object) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table({"bullet_id": ids, "stance": stances}), stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "encode",
    [
        lambda values: pa.array(values).dictionary_encode(),
        lambda values: pa.array(values, pa.large_string()),
        lambda values: pa.array(values, pa.string_view()),
        lambda values: pa.chunked_array([values[:1], values[1:]]),
    ],
    ids=["dictionary", "large_string", "string_view", "chunked"],
)
def test_every_way_that_parquet_stores_text_is_read(read: Read, encode: Callable[[list[str]], object]) -> None:
    assert read("p.parquet", parquet(encode(IDS), encode(GOOD))) == [3, 2]


@pytest.mark.parametrize(
    ("stances", "words"),
    [
        ([3, 2], "row 1, bullet b0: unknown stance 3; expected pro_ukraine"),
        ([float("nan"), float("nan")], "row 1, bullet b0: no stance"),
        ([3.0, 2.0], "row 1, bullet b0: unknown stance 3.0"),
        (pa.nulls(2), "row 1, bullet b0: no stance"),
        (["neutral", None], "row 2, bullet b1: no stance"),
        ([True, False], "row 1, bullet b0: unknown stance True"),
        ([b"neutral", b"mixed"], "column stance is of type 'binary'; expected strings"),
        ([["neutral"], ["mixed"]], "column stance is of type 'list<element: string>'; expected strings"),
        ([{"a": "neutral"}, {"a": "mixed"}], "column stance is of type 'struct<a: string>'; expected strings"),
        (pa.array([1, 2], pa.timestamp("us", tz="Foo/Bar")), "column stance is of type 'timestamp[us, tz=Foo/Bar]'"),
        (pa.array([2**60, 1], pa.timestamp("us")), "column stance is of type 'timestamp[us]'"),
    ],
)
def test_parquet_cells_that_are_no_label_names_are_refused(
    refusal: Callable[..., str], stances: object, words: str
) -> None:
    assert words in refusal("p.parquet", parquet(IDS, stances))


@pytest.mark.parametrize("ids", [[1, 2], [None, "b1"], pa.nulls(2)])
def test_parquet_ids_that_are_no_text_are_refused(refusal: Callable[..., str], ids: object) -> None:
    assert "p.parquet: row 1: bullet_id " in refusal("p.parquet", parquet(ids, GOOD))


@pytest.mark.parametrize("ids", [[b"b0", b"b1"], [["b0"], ["b1"]]])
def test_parquet_ids_of_a_type_that_holds_no_text_are_refused(refusal: Callable[..., str], ids: object) -> None:
    assert "p.parquet: column bullet_id is of type " in refusal("p.parquet", parquet(ids, GOOD))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_parquet_text_that_is_not_utf_8_is_refused(refusal: Callable[..., str], kind: pa.DataType) -> None:
    width = np.int32 if kind == pa.string() else np.int64
    offsets = pa.py_buffer(np.arange(3, dtype=width).tobytes())
    broken = pa.Array.from_buffers(kind, 2, [None, offsets, pa.py_buffer(b"\xff\xfe")])
    assert "p.parquet: not a sound Parquet file: " in refusal("p.parquet", parquet(IDS, broken))


def test_a_small_parquet_that_unpacks_to_millions_of_rows_is_refused_unread(refusal: Callable[..., str]) -> None:
    many = pa.array(["x" * 1000]).take(pa.array(np.zeros(100_000, dtype=np.int64)))
    content = parquet(many.dictionary_encode(), many.dictionary_encode())
    assert len(content) < 100_000
    assert "has 100,000 rows, far more than there are bullets" in refusal("p.parquet", content)


def test_a_parquet_that_unpacks_to_more_than_the_limit_is_refused(
    refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = parquet(["y" * 100_000, "y" * 99_999], GOOD)
    monkeypatch.setattr("briefbench.evaluation.predictions.LIMIT", 50_000)
    assert len(content) < 50_000
    assert "unpacks to more than 50,000 bytes" in refusal("p.parquet", content)


def test_parquet_columns_that_stand_twice_are_named(refusal: Callable[..., str]) -> None:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([IDS, GOOD, GOOD], names=["bullet_id", "stance", "stance"]), stream)
    assert "column 'stance' stands twice" in refusal("p.parquet", stream.getvalue())


def test_a_parquet_without_columns_is_refused(refusal: Callable[..., str]) -> None:
    stream = io.BytesIO()
    pq.write_table(pa.table({}), stream)
    assert "the columns are none" in refusal("p.parquet", stream.getvalue())


@pytest.mark.parametrize(
    "content",
    [
        b"hello",
        b"PAR1",
        b"PAR1PAR1",
        b"PAR1" + bytes(100) + b"\x10\0\0\0PAR1",
        b"PARE" + bytes(100) + b"\x10\0\0\0PARE",
        b"ARROW1\0\0" + bytes(100),
        b"PK\x03\x04" + bytes(60),
    ],
)
def test_what_is_no_parquet_is_refused_as_such(refusal: Callable[..., str], content: bytes) -> None:
    assert refusal("p.parquet", content).startswith("p.parquet: not a sound Parquet file: ")


@pytest.mark.parametrize("cut", [5, 50, 200])
def test_a_parquet_cut_short_by_a_broken_download_is_refused(refusal: Callable[..., str], cut: int) -> None:
    assert "not a sound Parquet file" in refusal("p.parquet", parquet(IDS, GOOD)[:-cut])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("hello", "line 2: not JSON"),
        ("[]", "line 2: not a JSON object"),
        ('"b1"', "line 2: not a JSON object"),
        ("{}", "line 2: the keys are []; the first line has bullet_id and stance"),
        ('{"bullet_id": "b1", "topic": "combat"}', "line 2: the keys are ['bullet_id', 'topic']"),
        ('{"bullet_id": "b1"}', "line 2: the keys are ['bullet_id']"),
        ('{"bullet_id": "b1", "stance": "mixed", "\\u001b\\n": 1}', "line 2: the keys are ['\\x1b\\n', "),
        ('{"bullet_id": "b1", "stance": "mixed", "stance": "neutral"}', "line 2: a key stands twice"),
        ('{"bullet_id": "b1", "stance": NaN}', "line 2, bullet b1: no stance"),
        ('{"bullet_id": "b1", "stance": Infinity}', "line 2, bullet b1: unknown stance inf"),
        ('{"bullet_id": "b1", "stance": 2}', "line 2, bullet b1: unknown stance 2"),
        ('{"bullet_id": "b1", "stance": false}', "line 2, bullet b1: unknown stance False"),
        ('{"bullet_id": "b1", "stance": ["mixed"]}', "line 2, bullet b1: unknown stance ['mixed']"),
        ('{"bullet_id": 1, "stance": "mixed"}', "line 2: bullet_id 1 is not in"),
        ('{"bullet_id": ["b1"], "stance": "mixed"}', "line 2: bullet_id ['b1'] is not in"),
        ('{"bullet_id": "\\ud800", "stance": "mixed"}', "line 2: bullet_id '\\ud800' is not in"),
        ('{"bullet_id": "b1", "stance": "\\udfff"}', "line 2, bullet b1: unknown stance '\\udfff'"),
        ('{"bullet_id": "b1", "stance": "mi\x1bxed"}', "line 2: not JSON: Invalid control character"),
        ('{"bullet_id": "b1", "stance": ' + "[" * 100_000 + "]" * 100_000 + "}", "line 2: not JSON: maximum recursion"),
        ('{"bullet_id": "b1", "stance": ' + "[" * 300 + "]" * 300 + "}", "line 2, bullet b1: unknown stance [[[["),
        ('{"bullet_id": "b1", "stance": ' + "9" * 5000 + "}", "line 2: not JSON: Exceeds the limit"),
        (f"{LINE.strip()},{LINE.strip()}", "line 2: not JSON: Extra data"),
    ],
    ids=lambda value: value[:45],
)
def test_a_bad_json_line_is_refused(refusal: Callable[..., str], line: str, words: str) -> None:
    message = refusal("p.jsonl", f"{LINE}{line}\n")
    assert words in message
    assert len(message) < 400


def test_a_json_array_is_not_taken_for_json_lines(refusal: Callable[..., str]) -> None:
    assert "line 1: not JSON" in refusal("p.jsonl", f"[\n{LINE}]\n")


@pytest.mark.parametrize("content", ["", "\n\n", "  \n\t\n", "\ufeff"])
def test_a_file_of_nothing_but_blank_lines_is_empty(refusal: Callable[..., str], content: str) -> None:
    assert refusal("p.jsonl", content) == "p.jsonl: the file is empty"


@pytest.mark.parametrize("content", ["\n\n", "\r\n", "\ufeff"])
def test_a_csv_without_a_header_is_empty(refusal: Callable[..., str], content: str) -> None:
    assert refusal("p.csv", content) == "p.csv: the file is empty"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("b0\n", "p.csv: line 2: 1 cells for 2 columns"),
        ("b0,neutral,\n", "p.csv: line 2: 3 cells for 2 columns"),
        ("b0,neutral\n\n \n", "p.csv: line 4: 1 cells for 2 columns"),
        ('b0,"neutral\n', "p.csv, line 2: not CSV"),
        ('b0,"neutral"x\n', "p.csv, line 2: not CSV"),
        ("b0,neu\0tral\n", "p.csv: line 2, bullet b0: unknown stance 'neu\\x00tral'"),
        ("b0," + "x" * 200_000 + "\n", "p.csv, line 2: not CSV: field larger than"),
        ('b0,"=CMD(""x"")"\n', "p.csv: line 2, bullet b0: unknown stance '=CMD(\"x\")'"),
        ("b0,nan\n", "p.csv: line 2, bullet b0: unknown stance 'nan'"),
        ("b0,3\n", "p.csv: line 2, bullet b0: unknown stance '3'"),
    ],
    ids=lambda value: value[:30],
)
def test_a_bad_csv_row_is_refused(refusal: Callable[..., str], rows: str, words: str) -> None:
    assert words in refusal("p.csv", f"bullet_id,stance\n{rows}")


def test_a_semicolon_between_cells_is_refused_with_the_columns_that_are_allowed(refusal: Callable[..., str]) -> None:
    message = refusal("p.csv", "bullet_id;stance\nb0;neutral\nb1;mixed\n")
    assert "unknown column 'bullet_id;stance'; allowed are bullet_id, topic, stance and source_type" in message


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_files_saved_on_windows_are_read(read: Read, mark: str, end: str) -> None:
    table = ["bullet_id,stance", "b1,mixed", "", "b0,neutral", ""]
    lines = ['{"bullet_id": "b1", "stance": "mixed"}', "", LINE.strip(), ""]
    assert read("p.csv", mark + end.join(table)) == [3, 2]
    assert read("p.jsonl", mark + end.join(lines)) == [3, 2]


@pytest.mark.parametrize("name", ["p.csv", "p.jsonl"])
def test_utf_16_and_latin_1_are_refused_with_the_line(refusal: Callable[..., str], name: str) -> None:
    assert "line 1: not UTF-8; save the file as UTF-8" in refusal(name, "bullet_id,stance".encode("utf-16"))
    assert "line 2: not UTF-8" in refusal(name, b"\nb\xe9,mixed\n")


def test_a_json_line_may_name_its_keys_in_another_order(read: Read) -> None:
    assert read("p.jsonl", f'{LINE}{{"stance": "mixed", "bullet_id": "b1"}}\n') == [3, 2]


def test_a_value_in_a_message_is_cut_and_kept_on_one_line() -> None:
    assert shown("a\nb\x1b") == "'a\\nb\\x1b'"
    assert len(shown("x" * 10_000)) < 70
