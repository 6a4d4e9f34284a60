"""Reading predictions: matched by id from every kind of source; the same faults are refused with place and id."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from briefbench.errors import BriefbenchError, InputError, PredictionError
from briefbench.evaluation.predictions import formats, read_predictions
from briefbench.schema import STANCE
from predictions_support import (
    ENCODERS,
    EVERYTHING,
    EXPECTED,
    GOOD,
    HEADER,
    IDS,
    KINDS,
    REFERENCE,
    Row,
    as_table,
    even,
    place,
    read,
    refusal,
    rows_of,
)

ROWS = rows_of(HEADER, GOOD)
kinds = pytest.mark.parametrize("kind", KINDS)


@kinds
def test_good_predictions_are_matched_by_id_in_every_format(tmp_path: Path, kind: str) -> None:
    assert read(tmp_path, kind, ENCODERS[kind](ROWS)).labels["stance"].tolist() == EXPECTED
    turned = [dict(reversed(row.items())) for row in ROWS[::-1]]
    assert read(tmp_path, kind, ENCODERS[kind](turned)).labels["stance"].tolist() == EXPECTED


@kinds
def test_everything_that_can_be_predicted_is_read_from_every_format(tmp_path: Path, kind: str) -> None:
    found = read(tmp_path, kind, ENCODERS[kind](EVERYTHING))
    assert found.labels["stance"].tolist() == [3, 3, 2, 3]
    assert found.probabilities["stance"][2].tolist() == [0, 0, 0.4, 0.6]
    assert found.spans is not None
    assert found.spans.tolist() == [[-1, -1], [-1, -1], [0, 5], [-1, -1]]
    assert found.source_types is not None
    assert [np.flatnonzero(row).tolist() for row in found.source_types] == [[10], [10], [5, 8], [10]]


@kinds
def test_probabilities_alone_predict_the_most_probable_label_and_the_first_of_equals(tmp_path: Path, kind: str) -> None:
    shares = [
        even(STANCE, mixed=0.6, neutral=0.4),
        even(STANCE, mixed=0.5, neutral=0.5),
        dict.fromkeys(STANCE.names, 0.25),
        even(STANCE, neutral=0.5, pro_russia=0.5),
    ]
    rows = rows_of(("bullet_id", "stance_probabilities"), list(zip(IDS, shares, strict=True)))
    assert read(tmp_path, kind, ENCODERS[kind](rows)).labels["stance"].tolist() == [2, 2, 0, 1]


@kinds
def test_a_label_may_be_another_than_the_most_probable_one(tmp_path: Path, kind: str) -> None:
    rows = [row | {"stance_probabilities": even(STANCE, mixed=1.0)} for row in ROWS]
    found = read(tmp_path, kind, ENCODERS[kind](rows))
    assert found.labels["stance"].tolist() == EXPECTED
    assert found.probabilities["stance"].argmax(axis=1).tolist() == [2] * 4


@kinds
@pytest.mark.parametrize("total", [0.9992, 1.0008])
def test_rounded_probabilities_are_divided_by_their_sum(tmp_path: Path, kind: str, total: float) -> None:
    shares = even(STANCE, mixed=0.25, neutral=total - 0.25)
    rows = [{"bullet_id": identifier, "stance_probabilities": shares} for identifier in IDS]
    found = read(tmp_path, kind, ENCODERS[kind](rows)).probabilities["stance"]
    np.testing.assert_allclose(found, [[0, 0, 0.25 / total, 1 - 0.25 / total]] * 4, rtol=1e-15)


@kinds
def test_spans_are_counted_in_code_points(tmp_path: Path, kind: str) -> None:
    """The third text is three doves, a space and two letters: six code points, fifteen bytes, nine UTF-16 units."""
    rows: list[Row] = [{"bullet_id": identifier, "span_start": 0, "span_end": 6} for identifier in IDS]
    assert read(tmp_path, kind, ENCODERS[kind](rows)).spans is not None
    rows[2]["span_end"] = 7
    message = refusal(tmp_path, kind, ENCODERS[kind](rows))
    assert f"{place(kind, 3)}, bullet b2: span 0 to 7 does not lie in the text of 6 characters" in message


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(ROWS), kind=st.sampled_from(KINDS))
def test_the_order_of_the_rows_never_matters(tmp_path: Path, order: list[Row], kind: str) -> None:
    assert read(tmp_path, kind, ENCODERS[kind](order)).labels["stance"].tolist() == EXPECTED


@kinds
@pytest.mark.parametrize(
    ("cells", "row", "words"),
    [
        (GOOD[:2], None, ["2 of the 4 bullets of weeks/test have no prediction", "first is b2"]),
        ([GOOD[0], ("z9", "mixed")], 2, ["bullet_id 'z9' is not in weeks/test of data 0123456789ab"]),
        ([*GOOD, GOOD[1]], 5, ["bullet b1 was predicted before", "keep one row"]),
        ([*GOOD[:3], GOOD[1]], 4, ["bullet b1 was predicted before", "keep one row"]),
        ([GOOD[0], ("b1", "angry")], 2, ["bullet b1", "unknown stance 'angry'", "pro_ukraine, pro_russia, mixed"]),
        ([GOOD[0], ("b1", "Neutral")], 2, ["bullet b1", "unknown stance 'Neutral'"]),
        ([GOOD[0], ("b1", "neutral ")], 2, ["bullet b1", "unknown stance 'neutral '"]),
        ([GOOD[0], ("b1", "combat")], 2, ["bullet b1", "unknown stance 'combat'"]),
        ([GOOD[0], ("b1", "")], 2, ["bullet b1: no stance"]),
        ([GOOD[0], ("b1", None)], 2, ["bullet b1: no stance"]),
        ([*GOOD[:3], ("b3", None)], 4, ["bullet b3: no stance"]),
        ([("", "mixed")], 1, ["bullet_id '' is not in weeks/test"]),
        ([("../../b0", "mixed")], 1, ["bullet_id '../../b0' is not in weeks/test"]),
        ([("b0", "=HYPERLINK(1)")], 1, ["bullet b0", "unknown stance '=HYPERLINK(1)'"]),
        ([("=cmd|' /C calc'!A0", "mixed")], 1, ["bullet_id \"=cmd|' /C calc'!A0\""]),
        ([("\x1b[31mred", "mixed")], 1, ["bullet_id '\\x1b[31mred'"]),
        ([("\u202eb0", "mixed")], 1, ["bullet_id '\\u202eb0'"]),
        ([("b\n0", "mixed")], None, ["bullet_id 'b\\n0'"]),
        ([("b0", "\x1b]0;title\x07")], 1, ["unknown stance '\\x1b]0;title\\x07'"]),
        ([("b0", "mi\0xed")], 1, ["unknown stance 'mi\\x00xed'"]),
        ([("b0", "x" * 5000)], 1, ["unknown stance 'xxx"]),
    ],
)
def test_a_faulty_row_is_refused_in_every_format(
    tmp_path: Path, kind: str, cells: Sequence[Sequence[Any]], row: int | None, words: list[str]
) -> None:
    message = refusal(tmp_path, kind, ENCODERS[kind](rows_of(HEADER, cells)))
    assert message.startswith(f"mine.{kind}{'' if row is None else place(kind, row)}")
    for word in words:
        assert word in message


@kinds
def test_a_duplicate_names_the_row_that_came_first(tmp_path: Path, kind: str) -> None:
    message = refusal(tmp_path, kind, ENCODERS[kind]([ROWS[0], ROWS[1], ROWS[1]]))
    assert f"before, in {place(kind, 2)[2:]};" in message


@kinds
@pytest.mark.parametrize(
    ("header", "words"),
    [
        (("bullet_id", "stance", "score"), "unknown column 'score'"),
        (("id", "stance"), "unknown column 'id'"),
        (("bullet_id", "\x1b[31m\nred"), "unknown column '\\x1b[31m\\nred'"),
        (("bullet_id",), "the columns are bullet_id; needed are bullet_id and at least one of topic, stance"),
        (("stance", "topic"), "the columns are stance and topic; needed are bullet_id"),
        (("bullet_id", "span_start"), "has one of span_start and span_end; give both"),
        (("bullet_id", "topic_probabilities.combat"), "has no column topic_probabilities.strikes"),
    ],
)
def test_other_columns_are_refused_in_every_format(
    tmp_path: Path, kind: str, header: tuple[str, ...], words: str
) -> None:
    assert words in refusal(tmp_path, kind, ENCODERS[kind](rows_of(header, [["x"] * len(header)])))


@kinds
def test_an_empty_file_is_refused(tmp_path: Path, kind: str) -> None:
    assert refusal(tmp_path, kind, b"") == f"mine.{kind}: the file is empty"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_header_without_rows_is_refused(tmp_path: Path, kind: str) -> None:
    words = "no prediction in the file; 4 bullets of weeks/test wait"
    empty = as_table(ROWS).slice(0, 0)
    content = pa.BufferOutputStream()
    {"csv": pa_csv.write_csv, "parquet": pq.write_table}[kind](empty, content)
    assert refusal(tmp_path, kind, content.getvalue().to_pybytes()) == f"mine.{kind}: {words}"
    with pytest.raises(PredictionError, match=f"the table: {words}"):
        read_predictions(empty, REFERENCE)


@kinds
def test_an_extension_in_capitals_is_known(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"MINE.{kind.upper()}"
    path.write_bytes(ENCODERS[kind](ROWS))
    for source in (path, str(path)):
        assert read_predictions(source, REFERENCE).labels["stance"].tolist() == EXPECTED


@pytest.mark.parametrize("name", ["mine.txt", "mine", "mine.parquet.gz", "mine.json", ".csv"])
def test_an_unknown_extension_is_refused_with_the_known_ones(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(ENCODERS["csv"](ROWS))
    with pytest.raises(PredictionError, match=r"unknown format; name the file \*\.parquet, \*\.jsonl, \*\.csv"):
        read_predictions(tmp_path / name, REFERENCE)


@kinds
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


@kinds
def test_a_file_that_vanishes_between_the_two_readings_is_refused(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(path: Path, limit: int) -> formats.Rows:
        path.unlink()
        return rows(path, limit)

    path = tmp_path / f"mine.{kind}"
    path.write_bytes(ENCODERS[kind](ROWS[:2]))
    words = "2 of the 4 bullets"
    if kind != "parquet":
        rows, words = getattr(formats, f"_{kind.removesuffix('l')}_rows"), "no such file"
        monkeypatch.setattr(formats, f"_{kind.removesuffix('l')}_rows", gone)
    with pytest.raises(BriefbenchError, match=words):
        read_predictions(path, REFERENCE)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    content=st.binary(max_size=200) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "ignore")),
    kind=st.sampled_from(KINDS),
)
def test_arbitrary_bytes_are_refused_and_nothing_else_happens(tmp_path: Path, content: bytes, kind: str) -> None:
    refusal(tmp_path, kind, content)
