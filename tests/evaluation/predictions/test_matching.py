"""The quick way of reading and the strict one: they never differ, in any format, and what is valid is read quickly."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from briefbench.errors import InputError, PredictionError
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.predictions.formats import open_file
from briefbench.evaluation.predictions.matching import match
from briefbench.evaluation.predictions.reading import read_rows
from briefbench.evaluation.reference import Reference
from predictions_support import ENCODERS, KINDS, TEXTS, Row, as_table, assert_same, random_rows, seeded, split_of, spoil

IDS = [f"{20230101 + i}-{i:06x}" for i in range(6)]
REFERENCE = split_of(IDS, [TEXTS[i % 4] + "x" * i for i in range(6)])
FRAGILE = ['"', '""', ",", "\n", "\r", " ", "\t", ";", "0", "0x1", "-0", "+1", ".", "{", "}", "null", ""]
examples = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120, deadline=None)


def both_ways(folder: Path, kind: str, rows: Sequence[Row]) -> tuple[Predictions | None, Predictions | None]:
    """Return what the quick and the strict way make of rows; ``None`` where they decline or refuse."""
    path = folder / f"mine.{kind}"
    path.write_bytes(ENCODERS[kind](rows))
    quick = strict = None
    try:
        opened = open_file(path, len(REFERENCE))
        quick = None if opened.table is None else match(opened.table, str(path), REFERENCE)
        strict = read_rows(str(path), opened, REFERENCE)
    except (PredictionError, InputError):
        pass
    return quick, strict


@examples
@given(seed=st.integers(0, 2**32))
def test_valid_predictions_are_read_quickly_and_alike_in_every_format(tmp_path: Path, seed: int) -> None:
    rows = random_rows(seeded(seed), REFERENCE)
    found = []
    for kind in KINDS:
        quick, strict = both_ways(tmp_path, kind, rows)
        assert quick is not None
        assert strict is not None
        assert_same(quick, strict)
        found.append(strict)
    assert_same(found[0], found[1])
    assert_same(found[0], found[2])


@examples
@given(seed=st.integers(0, 2**32))
def test_one_fault_in_one_row_is_refused_by_both_ways_in_every_format(tmp_path: Path, seed: int) -> None:
    random = seeded(seed)
    rows = spoil(random, random_rows(random, REFERENCE))
    for kind in KINDS:
        assert both_ways(tmp_path, kind, rows) == (None, None)


@examples
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["csv", "jsonl"]))
def test_what_the_quick_way_takes_the_strict_way_takes_too(tmp_path: Path, seed: int, kind: str) -> None:
    """One character more or less, where text is fragile: at quotation marks, separators, numbers and line ends."""
    random = seeded(seed)
    content = ENCODERS[kind](random_rows(random, REFERENCE)).decode()
    for _ in range(random.randint(1, 3)):
        at = random.choice([i for i, character in enumerate(content) if character in '",:\n;'] or [0])
        at += random.randint(0, 1)
        added = random.choice(FRAGILE)
        content = content[:at] + added + content[at + random.choice([0, 0, 1]) :]
    path = tmp_path / f"mine.{kind}"
    path.write_text(content, encoding="utf-8", newline="")
    opened = open_file(path, len(REFERENCE))
    try:
        quick = None if opened.table is None else match(opened.table, "", REFERENCE)
    except PredictionError:
        quick = None
    if quick is not None:
        assert_same(quick, read_rows("", opened, REFERENCE))


@pytest.mark.parametrize("width", [1, 2, 7, 8, 9, 15, 16, 17, 40])
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_shuffled_ids_of_any_width_are_matched(width: int, kind: pa.DataType) -> None:
    random = np.random.default_rng(width)
    count = min(200, 26**width)
    ids = list({"".join(map(chr, random.integers(97, 123, width))) for _ in range(count)})
    assert_shuffled_is_matched(split_of(ids), kind)


@pytest.mark.parametrize(
    "ids",
    [
        ["a", "bb", "ccc", "dddd"],
        ["20230101-00000a", "20230101-00000a-2", "20230101-00000"],
        ["é", "e\u0301", "🕊", "ab"],
        ["", "a"],
        ["", "\0"],
        ["only"],
    ],
)
def test_shuffled_ids_of_several_widths_are_matched(ids: list[str]) -> None:
    assert_shuffled_is_matched(split_of(ids))


def assert_shuffled_is_matched(reference: Reference, kind: pa.DataType | None = None) -> None:
    order = np.random.default_rng(1).permutation(len(reference))
    names = np.array(["mixed", "neutral"])[order % 2]
    ids = reference.ids.take(pa.array(order)).cast(kind or pa.string())
    for table in (pa.table({"bullet_id": ids, "stance": names}), pa.table({"bullet_id": ids, "stance": names})[::1]):
        found = match(table, "", reference)
        assert found is not None
        assert found.labels["stance"].tolist() == [2 + i % 2 for i in range(len(reference))]
        spoilt = [reference.bullet_ids[0]] * len(reference)
        if len(reference) > 1:
            assert match(pa.table({"bullet_id": spoilt, "stance": names}), "", reference) is None


def test_a_slice_of_a_larger_table_is_matched() -> None:
    rows = random_rows(seeded(5), REFERENCE)
    table = as_table([rows[0], *rows, rows[0]]).slice(1, len(rows))
    found = match(table, "", REFERENCE)
    assert found is not None
    assert_same(found, match(as_table(rows), "", REFERENCE) or found)


def test_a_table_in_many_pieces_is_matched() -> None:
    rows = random_rows(seeded(8), REFERENCE)
    pieces = pa.concat_tables([as_table(rows).slice(i, 1) for i in range(len(rows))])
    found, whole = match(pieces, "", REFERENCE), match(as_table(rows), "", REFERENCE)
    assert found is not None
    assert whole is not None
    assert_same(found, whole)


def test_ids_that_only_look_like_the_bullets_are_left_to_the_strict_way() -> None:
    reference = split_of(["1", "2"])
    assert match(pa.table({"bullet_id": [1, 2], "stance": ["mixed"] * 2}), "", reference) is None
    assert match(pa.table({"bullet_id": ["1", None], "stance": ["mixed"] * 2}), "", reference) is None
