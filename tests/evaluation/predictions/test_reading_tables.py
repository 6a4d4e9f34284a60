"""Arrow tables and datasets as predictions: read as files are, and a dataset's codes by its own names."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pytest

from briefbench.errors import PredictionError
from briefbench.evaluation.predictions import read_predictions
from briefbench.schema import STANCE
from predictions_support import (
    ENCODERS,
    EVERYTHING,
    EXPECTED,
    GOOD,
    HEADER,
    IDS,
    REFERENCE,
    as_table,
    assert_same,
    read,
    rows_of,
)

ROWS = rows_of(HEADER, GOOD)
#: Strings of which the first is not UTF-8.
BROKEN = pa.Array.from_buffers(
    pa.string(), 4, [None, pa.py_buffer(np.array([0, 1, 1, 1, 1], np.int32).tobytes()), pa.py_buffer(b"\xff")]
)


def test_an_arrow_table_is_read_as_a_file_is(tmp_path: Path) -> None:
    found = read_predictions(as_table(EVERYTHING), REFERENCE)
    assert_same(found, read(tmp_path, "jsonl", ENCODERS["jsonl"](EVERYTHING)))


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"bullet_id": IDS, "stance": ["neutral", None, "mixed", "mixed"]}, "the table: row 2, bullet b1: no stance"),
        ({"bullet_id": IDS, "stance": EXPECTED}, "the table: row 1, bullet b0: unknown stance 3"),
        ({"bullet_id": IDS}, "the table: the columns are bullet_id"),
        ({"bullet_id": IDS, "mood": IDS}, "the table: unknown column 'mood'"),
        ({"bullet_id": IDS, "stance": pa.array([1] * 4, pa.timestamp("us", tz="Foo/Bar"))}, "expected strings"),
        ({"bullet_id": IDS, "source_types": ["news_media;expert_ngo"] * 4}, "expected lists of strings"),
        ({"bullet_id": IDS, "stance": BROKEN}, "the table: not a sound Arrow table"),
    ],
)
def test_a_faulty_table_is_refused(columns: dict[str, Any], words: str) -> None:
    with pytest.raises(PredictionError) as caught:
        read_predictions(pa.table(columns), REFERENCE)
    assert words in str(caught.value)
    assert str(caught.value).isprintable()


def dataset(codes: list[int | None], names: Sequence[str] = STANCE.names) -> datasets.Dataset:
    features = datasets.Features(bullet_id=datasets.Value("string"), stance=datasets.ClassLabel(names=list(names)))
    table = pa.table({"bullet_id": IDS, "stance": pa.array(codes, pa.int64())}, schema=features.arrow_schema)
    return datasets.Dataset(table)


@pytest.mark.filterwarnings("ignore")
def test_a_dataset_is_read_however_it_was_selected_or_shuffled() -> None:
    plain = datasets.Dataset.from_list(ROWS)
    for one in (plain, plain.shuffle(seed=3), plain.select([3, 1, 0, 2]), plain.with_format("numpy")):
        assert read_predictions(one, REFERENCE).labels["stance"].tolist() == EXPECTED
    with pytest.raises(PredictionError, match="the dataset: 2 of the 4 bullets"):
        read_predictions(plain.select([3, 1]), REFERENCE)
    with pytest.raises(PredictionError, match="the dataset: row 3: bullet b1 was predicted before, in row 1"):
        read_predictions(plain.select([1, 0, 1, 2]), REFERENCE)


def test_the_codes_of_a_dataset_are_read_by_the_names_of_its_own_labels() -> None:
    """A dataset may number the labels in another order than the release; its codes must not be taken for ours."""
    assert read_predictions(dataset([3, 2, 1, 0]), REFERENCE).labels["stance"].tolist() == EXPECTED
    turned = dataset([0, 1, 2, 3], STANCE.names[::-1])
    assert read_predictions(turned, REFERENCE).labels["stance"].tolist() == EXPECTED
    assert read_predictions(turned.select([2, 0, 3, 1]), REFERENCE).labels["stance"].tolist() == EXPECTED


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ([3, 2, None, 0], "the dataset: row 3, bullet b2: no stance"),
        ([3, 4, 1, 0], "the dataset: row 2, bullet b1: unknown stance '4'"),
        ([3, 2, 1, -1], "the dataset: row 4, bullet b3: unknown stance '-1'"),
    ],
)
def test_a_code_of_a_dataset_without_a_name_is_refused(codes: list[int | None], words: str) -> None:
    with pytest.raises(PredictionError, match=words):
        read_predictions(dataset(codes), REFERENCE)


def test_a_label_of_a_dataset_that_is_none_of_ours_is_refused() -> None:
    named = dataset([0, 1, 2, 3], ["neutral", "mixed", "for", "against"])
    with pytest.raises(PredictionError, match="the dataset: row 3, bullet b2: unknown stance 'for'"):
        read_predictions(named, REFERENCE)


@pytest.mark.parametrize(
    "source",
    [
        None,
        7,
        b"mine.csv",
        ROWS,
        {"bullet_id": IDS},
        np.zeros(3),
        datasets.DatasetDict(),
        as_table(ROWS).to_batches()[0],
    ],
    ids=lambda source: type(source).__name__,
)
def test_another_kind_of_source_is_refused_with_those_there_are(source: Any) -> None:
    with pytest.raises(PredictionError, match=r"of type \w+; give a file, an Arrow table or a datasets\.Dataset"):
        read_predictions(source, REFERENCE)
