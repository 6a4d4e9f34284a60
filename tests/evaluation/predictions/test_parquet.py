"""Parquet files of predictions: every honest way to write one is read, and what only Parquet can get wrong is named."""

import io
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from briefbench.schema import STANCE
from predictions_support import EXPECTED, GOOD, IDS, even, read, refusal

STANCES = [stance for _, stance in GOOD]
SHARES = [even(STANCE, **{stance: 1.0}) for stance in STANCES]


def parquet(**columns: object) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "encode",
    [
        pa.array,
        lambda values: pa.array(values).dictionary_encode(),
        partial(pa.array, type=pa.large_string()),
        partial(pa.array, type=pa.string_view()),
        lambda values: pa.chunked_array([values[:1], values[1:]]),
    ],
    ids=["string", "dictionary", "large_string", "string_view", "chunked"],
)
def test_every_way_that_parquet_stores_text_is_read(tmp_path: Path, encode: object) -> None:
    assert callable(encode)
    found = read(tmp_path, "parquet", parquet(bullet_id=encode(list(IDS)), stance=encode(STANCES)))
    assert found.labels["stance"].tolist() == EXPECTED


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "brotli", "zstd", "lz4"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_every_way_that_parquet_packs_its_pages_is_read(tmp_path: Path, codec: str, version: str) -> None:
    table = pa.table({"bullet_id": IDS, "stance": STANCES, "source_types": [["news_media", "expert_ngo"]] * 4})
    for group in (1, 4):
        stream = io.BytesIO()
        pq.write_table(table, stream, compression=codec, data_page_version=version, row_group_size=group)
        found = read(tmp_path, "parquet", stream.getvalue())
        assert found.labels["stance"].tolist() == EXPECTED
        assert found.source_types is not None
        assert found.source_types.sum() == 8


@pytest.mark.parametrize(
    ("stances", "words"),
    [
        ([3, 2, 1, 0], "row 1, bullet b0: unknown stance 3; expected pro_ukraine"),
        ([float("nan")] * 4, "row 1, bullet b0: no stance"),
        ([3.0, 2.0, 1.0, 0.0], "row 1, bullet b0: unknown stance 3.0"),
        (pa.nulls(4), "row 1, bullet b0: no stance"),
        ([*STANCES[:2], None, None], "row 3, bullet b2: no stance"),
        ([True, False, True, False], "row 1, bullet b0: unknown stance True"),
        ([b"neutral"] * 4, "column stance is of type 'binary'; expected strings"),
        ([["neutral"]] * 4, "column stance is of type 'list<element: string>'; expected strings"),
        ([{"a": "neutral"}] * 4, "column stance is of type 'struct<a: string>'; expected strings"),
        (pa.array([2**60] * 4, pa.timestamp("us")), "column stance is of type 'timestamp[us]'; expected strings"),
    ],
)
def test_parquet_cells_that_are_no_label_names_are_refused(tmp_path: Path, stances: object, words: str) -> None:
    assert words in refusal(tmp_path, "parquet", parquet(bullet_id=IDS, stance=stances))


@pytest.mark.parametrize("ids", [[1, 2, 3, 4], [None, *IDS[1:]], pa.nulls(4), [True] * 4])
def test_parquet_ids_that_are_no_text_are_refused(tmp_path: Path, ids: object) -> None:
    assert "p: row 1: bullet_id " in refusal(tmp_path, "parquet", parquet(bullet_id=ids, stance=STANCES)).replace(
        "mine.parquet", "p"
    )


@pytest.mark.parametrize("ids", [[b"b0"] * 4, [["b0"]] * 4])
def test_parquet_ids_of_a_type_that_holds_no_text_are_refused(tmp_path: Path, ids: object) -> None:
    message = refusal(tmp_path, "parquet", parquet(bullet_id=ids, stance=STANCES))
    assert message.startswith("mine.parquet: column bullet_id is of type ")


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_parquet_text_that_is_not_utf_8_is_refused(tmp_path: Path, kind: pa.DataType) -> None:
    width = np.int32 if kind == pa.string() else np.int64
    offsets = pa.py_buffer(np.arange(5, dtype=width).tobytes())
    broken = pa.Array.from_buffers(kind, 4, [None, offsets, pa.py_buffer(b"\xff\xfe\xff\xff")])
    for columns in ({"bullet_id": IDS, "stance": broken}, {"bullet_id": broken, "stance": STANCES}):
        assert "mine.parquet: not a sound Parquet file: " in refusal(tmp_path, "parquet", parquet(**columns))


def test_parquet_columns_that_stand_twice_are_named(tmp_path: Path) -> None:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([list(IDS), STANCES, STANCES], names=["bullet_id", "stance", "stance"]), stream)
    assert "column 'stance' stands twice" in refusal(tmp_path, "parquet", stream.getvalue())


def test_a_parquet_without_columns_is_refused(tmp_path: Path) -> None:
    assert "the columns are none" in refusal(tmp_path, "parquet", parquet())


def test_parquet_probabilities_are_a_struct_with_every_label_once(tmp_path: Path) -> None:
    found = read(tmp_path, "parquet", parquet(bullet_id=IDS, stance_probabilities=SHARES))
    assert found.labels["stance"].tolist() == EXPECTED
    lacking = [dict.fromkeys(STANCE.names[:3], 1.0)] * 4
    assert "has no field 'neutral'" in refusal(
        tmp_path, "parquet", parquet(bullet_id=IDS, stance_probabilities=lacking)
    )
    more = [shares | {"angry": 0.0} for shares in SHARES]
    assert "second field 'angry'" in refusal(tmp_path, "parquet", parquet(bullet_id=IDS, stance_probabilities=more))
    twice = pa.StructArray.from_arrays([[0.2] * 4] * 5, names=[*STANCE.names, "mixed"])
    assert "second field 'mixed'" in refusal(tmp_path, "parquet", parquet(bullet_id=IDS, stance_probabilities=twice))


@pytest.mark.parametrize("kind", [pa.float16(), pa.float32(), pa.float64(), pa.int8(), pa.uint64()])
def test_parquet_probabilities_may_be_numbers_of_any_width(tmp_path: Path, kind: pa.DataType) -> None:
    shares = pa.array(SHARES, pa.struct([(name, kind) for name in STANCE.names]))
    found = read(tmp_path, "parquet", parquet(bullet_id=IDS, stance_probabilities=shares))
    assert found.probabilities["stance"].tolist() == np.eye(4)[EXPECTED].tolist()


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ([*SHARES[:1], None, None, None], "row 2, bullet b1: stance_probabilities is None"),
        (
            [*SHARES[:1], *[even(STANCE) | {"mixed": None}] * 3],
            "row 2, bullet b1: stance_probabilities of mixed is None",
        ),
        ([*SHARES[:1], *[even(STANCE, mixed=np.nan)] * 3], "row 2, bullet b1: stance_probabilities of mixed is nan"),
    ],
)
def test_parquet_probabilities_that_are_missing_are_refused(tmp_path: Path, shares: object, words: str) -> None:
    assert words in refusal(tmp_path, "parquet", parquet(bullet_id=IDS, stance_probabilities=shares))


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint64(), pa.int64()])
def test_parquet_spans_may_be_whole_numbers_of_any_width(tmp_path: Path, kind: pa.DataType) -> None:
    content = parquet(
        bullet_id=IDS, span_start=pa.array([0, 1, None, 2], kind), span_end=pa.array([3, 4, None, 5], kind)
    )
    found = read(tmp_path, "parquet", content)
    assert found.spans is not None
    assert found.spans.tolist() == [[0, 3], [1, 4], [-1, -1], [2, 5]]


def test_a_parquet_without_any_span_says_so(tmp_path: Path) -> None:
    found = read(tmp_path, "parquet", parquet(bullet_id=IDS, span_start=pa.nulls(4), span_end=pa.nulls(4)))
    assert found.spans is not None
    assert found.spans.tolist() == [[-1, -1]] * 4


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (
            [0.0] * 4,
            [1.0] * 4,
            "row 1, bullet b0: span 0.0 to 1.0; expected two whole numbers (in pandas of type Int64)",
        ),
        ([False] * 4, [True] * 4, "row 1, bullet b0: span False to True; expected two whole numbers"),
        (["0"] * 4, ["1"] * 4, "row 1, bullet b0: span '0' to '1'; expected two whole numbers"),
        ([0] * 4, pa.nulls(4), "row 1, bullet b0: span 0 to None; expected two whole numbers"),
        ([0] * 4, pa.array([2**63] * 4, pa.uint64()), "span 0 to 9223372036854775808 does not lie in the text"),
        ([0] * 4, [12, 8, 5, 30], "row 2, bullet b1: span 0 to 8 does not lie in the text of 7 characters"),
    ],
)
def test_parquet_spans_that_are_none_are_refused(tmp_path: Path, start: object, end: object, words: str) -> None:
    assert words in refusal(tmp_path, "parquet", parquet(bullet_id=IDS, span_start=start, span_end=end))


@pytest.mark.parametrize("of", [pa.list_, pa.large_list])
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_parquet_sets_are_lists_of_text(tmp_path: Path, of: object, kind: pa.DataType) -> None:
    assert callable(of)
    sets = pa.array([["news_media"], ["expert_ngo", "armed_group"], ["unattributed"], ["news_media"]], of(kind))
    found = read(tmp_path, "parquet", parquet(bullet_id=IDS, source_types=sets))
    assert found.source_types is not None
    assert found.source_types.sum(axis=1).tolist() == [1, 2, 1, 1]


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        ([["news_media"], [], ["news_media"], None], "row 2, bullet b1: source_types is []"),
        ([["news_media"], None, ["news_media"], []], "row 2, bullet b1: source_types is None"),
        ([["news_media"], ["news_media", None], [], []], "row 2, bullet b1: unknown type None in source_types"),
        ([["news_media"], ["combat"], [], []], "row 2, bullet b1: unknown type 'combat' in source_types"),
        (["news_media;expert_ngo"] * 4, "column source_types is of type 'string'; expected lists of strings"),
        ([[1, 2]] * 4, "column source_types is of type 'list<element: int64>'; expected lists of strings"),
    ],
)
def test_parquet_sets_that_are_none_are_refused(tmp_path: Path, sets: object, words: str) -> None:
    assert words in refusal(tmp_path, "parquet", parquet(bullet_id=IDS, source_types=sets))
