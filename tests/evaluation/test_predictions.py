"""Prediction files: the same faults are refused in all three formats, with the place and the id, on one clean line."""

import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from briefbench.errors import BriefbenchError, InputError, PredictionError
from briefbench.evaluation import predictions
from briefbench.evaluation.predictions import read_predictions, write_predictions
from briefbench.evaluation.reference import Reference
from briefbench.schema import TASKS
from tests_support import csv_text

IDS = ("b0", "b1", "b2", "b3")
STANCES = ("neutral", "mixed", "pro_russia", "pro_ukraine")
REFERENCE = Reference(
    "weeks/test", "0" * 64, IDS, {task.name: np.zeros(4, dtype=np.int64) for task in TASKS}, ["2023-W01"] * 4
)
EXPECTED = [3, 2, 1, 0]

Rows = Sequence[Sequence[Any]]


def parquet(header: Sequence[str], rows: Rows) -> bytes:
    stream = io.BytesIO()
    columns = list(zip(*rows, strict=True)) or [[] for _ in header]
    pq.write_table(pa.table([pa.array(column) for column in columns], names=list(header)), stream)
    return stream.getvalue()


def jsonl(header: Sequence[str], rows: Rows) -> bytes:
    return "".join(json.dumps(dict(zip(header, row, strict=True))) + "\n" for row in rows).encode()


def csv(header: Sequence[str], rows: Rows) -> bytes:
    return csv_text(header, [["" if cell is None else str(cell) for cell in row] for row in rows]).encode()


ENCODERS: Mapping[str, Callable[[Sequence[str], Rows], bytes]] = {"parquet": parquet, "jsonl": jsonl, "csv": csv}
HEADER = ("bullet_id", "stance")
GOOD = tuple(zip(IDS, STANCES, strict=True))


@pytest.fixture(params=sorted(ENCODERS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[int]]:
    def read(kind: str, content: bytes) -> list[int]:
        path = tmp_path / f"mine.{kind}"
        path.write_bytes(content)
        return read_predictions(path, REFERENCE).labels["stance"].tolist()

    return read


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[..., str]:
    """Return the message that refuses a file, without its folder; it is one printable line that names the file."""

    def refusal(kind: str, content: bytes) -> str:
        path = tmp_path / f"mine.{kind}"
        path.write_bytes(content)
        with pytest.raises((PredictionError, InputError)) as caught:
            read_predictions(path, REFERENCE)
        message = str(caught.value)
        assert message.isprintable()
        assert message.startswith(str(path))
        return message.removeprefix(f"{tmp_path}/")

    return refusal


def place(kind: str, row: int) -> str:
    """Return how a message names data row ``row``, counted from 1."""
    return {"parquet": f": row {row}", "jsonl": f": line {row}", "csv": f": line {row + 1}"}[kind]


def test_good_predictions_are_matched_by_id_in_every_format(kind: str, read: Callable[..., list[int]]) -> None:
    assert read(kind, ENCODERS[kind](HEADER, GOOD)) == EXPECTED
    assert read(kind, ENCODERS[kind](("stance", "bullet_id"), [row[::-1] for row in GOOD[::-1]])) == EXPECTED


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(GOOD))
def test_the_order_of_the_rows_never_matters(
    kind: str, read: Callable[..., list[int]], order: list[tuple[str, str]]
) -> None:
    assert read(kind, ENCODERS[kind](HEADER, order)) == EXPECTED


@pytest.mark.parametrize("tasks", [("topic",), ("source_type", "topic"), ("topic", "stance", "source_type")])
def test_any_tasks_may_be_predicted_and_what_is_written_reads_back(tmp_path: Path, tasks: tuple[str, ...]) -> None:
    labels = {task: np.array([2, 0, 1, 3]) for task in tasks}
    path = tmp_path / "mine.parquet"
    path.write_bytes(write_predictions(IDS, labels))
    found = read_predictions(path, REFERENCE).labels
    assert {task: codes.tolist() for task, codes in found.items()} == {task: [2, 0, 1, 3] for task in tasks}
    assert pq.read_table(path).column_names == [
        "bullet_id",
        *(task.name for task in TASKS if task.name in tasks),
    ]


@pytest.mark.parametrize(
    ("rows", "row", "words"),
    [
        (GOOD[:2], None, ["2 of the 4 bullets of weeks/test have no prediction", "first is b2"]),
        ([GOOD[0], ("z9", "mixed")], 2, ["bullet_id 'z9' is not in weeks/test"]),
        ([*GOOD, GOOD[1]], 5, ["bullet b1 was predicted before", "keep one row"]),
        ([GOOD[0], ("b1", "angry")], 2, ["bullet b1", "unknown stance 'angry'", "pro_ukraine, pro_russia, mixed"]),
        ([GOOD[0], ("b1", "Neutral")], 2, ["bullet b1", "unknown stance 'Neutral'"]),
        ([GOOD[0], ("b1", "neutral ")], 2, ["bullet b1", "unknown stance 'neutral '"]),
        ([GOOD[0], ("b1", "combat")], 2, ["bullet b1", "unknown stance 'combat'"]),
        ([GOOD[0], ("b1", "")], 2, ["bullet b1: no stance"]),
        ([GOOD[0], ("b1", None)], 2, ["bullet b1: no stance"]),
        ([("", "mixed")], 1, ["bullet_id '' is not in weeks/test"]),
        ([("b0", "=HYPERLINK(1)")], 1, ["bullet b0", "unknown stance '=HYPERLINK(1)'"]),
        ([("=1+1", "mixed")], 1, ["bullet_id '=1+1'"]),
        ([("\x1b[31mred", "mixed")], 1, ["bullet_id '\\x1b[31mred'"]),
        ([("\u202eb0", "mixed")], 1, ["bullet_id '\\u202eb0'"]),
        ([("b0", "\x1b]0;title\x07")], 1, ["unknown stance '\\x1b]0;title\\x07'"]),
        ([("b0", "x" * 5000)], 1, ["unknown stance 'xxx"]),
    ],
)
def test_a_faulty_row_is_refused_in_every_format(
    kind: str, refusal: Callable[..., str], rows: Rows, row: int | None, words: list[str]
) -> None:
    message = refusal(kind, ENCODERS[kind](HEADER, rows))
    assert len(message) < 400
    assert message.startswith(f"mine.{kind}{'' if row is None else place(kind, row)}")
    for word in words:
        assert word in message


def test_a_duplicate_names_the_row_that_came_first(kind: str, refusal: Callable[..., str]) -> None:
    message = refusal(kind, ENCODERS[kind](HEADER, [GOOD[0], GOOD[1], GOOD[1]]))
    assert f"before, in {place(kind, 2)[2:]};" in message


def test_a_newline_in_an_id_stays_on_the_messages_line(kind: str, refusal: Callable[..., str]) -> None:
    assert "bullet_id 'b\\n0'" in refusal(kind, ENCODERS[kind](HEADER, [("b\n0", "mixed")]))


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (("bullet_id", "stance", "score"), "unknown column 'score'"),
        (("id", "stance"), "unknown column 'id'"),
        (("bullet_id", "Stance"), "unknown column 'Stance'"),
        (("bullet_id", "\x1b[31m\nred"), "unknown column '\\x1b[31m\\nred'"),
        (("bullet_id",), "the columns are bullet_id; needed are bullet_id and at least one of topic, stance and"),
        (("stance", "topic"), "the columns are stance and topic; needed are bullet_id"),
    ],
)
def test_other_columns_are_refused_in_every_format(
    kind: str, refusal: Callable[..., str], header: tuple[str, ...], words: str
) -> None:
    message = refusal(kind, ENCODERS[kind](header, [["x"] * len(header)]))
    assert words in message


@pytest.mark.parametrize("header", [("bullet_id", "stance", "stance"), ("bullet_id", "bullet_id", "stance")])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_column_that_stands_twice_is_refused(kind: str, refusal: Callable[..., str], header: tuple[str, ...]) -> None:
    assert header[1] in refusal(kind, ENCODERS[kind](header, [["b0", "b0", "mixed"]]))


def test_an_empty_file_is_refused(kind: str, refusal: Callable[..., str]) -> None:
    assert refusal(kind, b"") == f"mine.{kind}: the file is empty"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_header_without_rows_is_refused(kind: str, refusal: Callable[..., str]) -> None:
    message = refusal(kind, ENCODERS[kind](HEADER, []))
    assert message == f"mine.{kind}: no prediction in the file; 4 bullets of weeks/test wait"


@pytest.mark.parametrize("name", ["mine.txt", "mine", "mine.parquet.gz", "mine.json"])
def test_an_unknown_extension_is_refused_with_the_known_ones(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(csv(HEADER, GOOD))
    with pytest.raises(PredictionError, match=r"unknown format; name the file \*\.parquet, \*\.jsonl, \*\.csv"):
        read_predictions(tmp_path / name, REFERENCE)


def test_an_extension_in_capitals_is_known(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"MINE.{kind.upper()}"
    path.write_bytes(ENCODERS[kind](HEADER, GOOD))
    assert read_predictions(path, REFERENCE).labels["stance"].tolist() == EXPECTED


def test_missing_files_folders_and_pipes_are_refused_without_waiting(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"mine.{kind}"
    with pytest.raises(InputError, match="no such file"):
        read_predictions(path, REFERENCE)
    os.mkfifo(path)
    with pytest.raises(InputError, match="not a regular file"):
        read_predictions(path, REFERENCE)
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match="not a regular file"):
        read_predictions(path, REFERENCE)


def test_a_file_over_the_limit_is_refused(
    kind: str, refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = ENCODERS[kind](HEADER, GOOD)
    monkeypatch.setattr(predictions, "LIMIT", len(content) - 1)
    assert "larger than the" in refusal(kind, content)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(content=st.binary(max_size=200) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "ignore")))
def test_arbitrary_bytes_are_refused_and_nothing_else_happens(tmp_path: Path, kind: str, content: bytes) -> None:
    path = tmp_path / f"mine.{kind}"
    path.write_bytes(content)
    with pytest.raises(BriefbenchError) as caught:
        read_predictions(path, REFERENCE)
    assert "\n" not in str(caught.value)
