"""The columns of predictions: what a cell may hold, and messages that name what is wrong without repeating it whole."""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.errors import PredictionError
from briefbench.evaluation.predictions.columns import (
    COLUMNS,
    FLAT,
    cells_by_column,
    check_columns,
    check_types,
    label_code,
    normalised,
    probability_row,
    shown,
    span,
    type_codes,
)
from briefbench.schema import SOURCE_TYPE, STANCE, TOPIC
from predictions_support import even

FLAT_STANCE = list(FLAT["stance_probabilities"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\nb\x1b", "'a\\nb\\x1b'"),
        ("Ünï 🕊", "'\\xdcn\\xef \\U0001f54a'"),
        ("\ud800", "'\\ud800'"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)'"),
        (None, "None"),
        (1.5, "1.5"),
        (["a", None, 2], "['a', None, 2]"),
        ({"b": 1, "a": "\x07"}, "{'a': '\\x07', 'b': 1}"),
    ],
)
def test_a_value_in_a_message_is_printable_ascii(value: object, expected: str) -> None:
    assert shown(value) == expected


def test_a_value_in_a_message_is_short_however_large_it_is() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    long = "x" * 10_000_000
    for value in (
        long,
        [long] * 100_000,
        {long: long},
        {str(i): long for i in range(10_000)},
        deep,
        "\U0001f54a" * 999,
    ):
        assert len(shown(value)) < 70


@given(
    st.recursive(st.none() | st.text() | st.integers() | st.floats(), lambda inner: st.lists(inner) | st.tuples(inner))
)
def test_any_value_can_be_shown(value: object) -> None:
    assert re.fullmatch("[ -~]{1,60}…?", shown(value))


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (["bullet_id", "stance", "stance"], "column 'stance' stands twice; keep one"),
        (["bullet_id", "stance", "score"], "unknown column 'score'; allowed are bullet_id, topic, stance"),
        (["bullet_id", "Stance"], "unknown column 'Stance'"),
        (["bullet_id", ""], "unknown column ''"),
        (["bullet_id", "\x1b[31m\nred"], "unknown column '\\x1b[31m\\nred'"),
        (["bullet_id", "stance_probabilities.angry"], "unknown column 'stance_probabilities.angry'"),
        (["bullet_id", "stance_probabilities."], "unknown column 'stance_probabilities.'"),
        (["bullet_id", "stance.mixed"], "unknown column 'stance.mixed'"),
        (["bullet_id", *FLAT_STANCE[:-1]], "has no column stance_probabilities.neutral; give the probability of every"),
        (["bullet_id", "stance_probabilities", *FLAT_STANCE], "has stance_probabilities beside its flat columns"),
        (["bullet_id", "stance", "span_start"], "has one of span_start and span_end; give both"),
        (["bullet_id", "span_end"], "has one of span_start and span_end; give both"),
        (
            ["bullet_id"],
            "the columns are bullet_id; needed are bullet_id and at least one of topic, stance, source_type",
        ),
        (["stance", "topic"], "the columns are stance and topic; needed are bullet_id"),
        ([], "the columns are none; needed are bullet_id"),
    ],
)
def test_columns_that_make_no_predictions_are_refused(columns: list[str], words: str) -> None:
    with pytest.raises(PredictionError) as caught:
        check_columns("p.csv", columns)
    assert str(caught.value).startswith(f"p.csv: {words}")


def test_columns_may_stand_in_any_order_and_flat_ones_are_one() -> None:
    assert check_columns("p", COLUMNS[::-1]) == list(COLUMNS[::-1])
    assert check_columns("p", ["topic", *FLAT_STANCE[::-1], "bullet_id"]) == [
        "topic",
        "stance_probabilities",
        "bullet_id",
    ]
    row = dict(zip(["topic", "bullet_id", *FLAT_STANCE], ["combat", "b0", 1, 2, 3, 4], strict=True))
    assert cells_by_column(["bullet_id", "stance_probabilities"], row) == {
        "bullet_id": "b0",
        "stance_probabilities": dict(zip(STANCE.names, [1, 2, 3, 4], strict=True)),
    }


@pytest.mark.parametrize(
    ("column", "kind", "words"),
    [
        ("bullet_id", pa.binary(), "column bullet_id is of type 'binary'; expected strings"),
        (
            "topic",
            pa.timestamp("us", tz="Foo/Bar"),
            "column topic is of type 'timestamp[us, tz=Foo/Bar]'; expected strings",
        ),
        ("topic", pa.list_(pa.string()), "expected strings"),
        ("topic", pa.dictionary(pa.int32(), pa.int64()), "expected strings"),
        ("topic", pa.decimal128(9, 2), "expected strings"),
        ("span_start", pa.date32(), "column span_start is of type 'date32[day]'; expected whole numbers"),
        ("source_types", pa.string(), "column source_types is of type 'string'; expected lists of strings"),
        ("source_types", pa.list_(pa.int64()), "expected lists of strings"),
        ("source_types", pa.list_(pa.list_(pa.string())), "expected lists of strings"),
        ("topic_probabilities", pa.list_(pa.float64()), "expected a struct with a number for every label"),
        ("topic_probabilities", pa.map_(pa.string(), pa.float64()), "expected a struct with a number for every label"),
        ("stance_probabilities", pa.struct([(name, pa.string()) for name in STANCE.names]), "expected a struct with"),
        (
            "stance_probabilities.mixed",
            pa.string(),
            "column stance_probabilities.mixed is of type 'string'; expected num",
        ),
        (
            "stance_probabilities",
            pa.struct([(name, pa.float64()) for name in STANCE.names[1:]]),
            "no field 'pro_ukraine'",
        ),
        (
            "stance_probabilities",
            pa.struct([(name, pa.float64()) for name in (*STANCE.names, "angry")]),
            "column stance_probabilities has an unknown or second field 'angry'; give every label once",
        ),
        (
            "stance_probabilities",
            pa.struct([(name, pa.float64()) for name in (*STANCE.names, "mixed")]),
            "an unknown or second field 'mixed'",
        ),
    ],
)
def test_columns_of_a_type_that_cannot_hold_their_cells_are_refused(column: str, kind: pa.DataType, words: str) -> None:
    with pytest.raises(PredictionError) as caught:
        check_types("p.parquet", pa.schema([(column, kind)]))
    assert str(caught.value).startswith("p.parquet: column ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "kind", [pa.null(), pa.bool_(), pa.int8(), pa.uint64(), pa.float16(), pa.float64(), pa.string()]
)
def test_cells_that_are_wrong_one_by_one_are_left_to_the_message_that_names_the_row(kind: pa.DataType) -> None:
    check_types("p", pa.schema([("bullet_id", kind), ("topic", kind), ("span_start", kind)]))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (None, "row 1: no stance; every bullet needs a label"),
        ("", "row 1: no stance"),
        (float("nan"), "row 1: no stance"),
        ("angry", "row 1: unknown stance 'angry'; expected pro_ukraine, pro_russia, mixed and neutral"),
        ("Neutral", "unknown stance 'Neutral'"),
        ("neutral ", "unknown stance 'neutral '"),
        ("combat", "unknown stance 'combat'"),
        (3, "unknown stance 3"),
        (True, "unknown stance True"),
        (["mixed"], "unknown stance ['mixed']"),
        ({"mixed": 1}, "unknown stance {'mixed': 1}"),
    ],
)
def test_a_cell_that_is_no_label_is_refused(cell: object, words: str) -> None:
    with pytest.raises(PredictionError) as caught:
        label_code(STANCE, cell, "row 1")
    assert words in str(caught.value)


def test_labels_have_the_codes_of_the_release() -> None:
    assert [label_code(TOPIC, name, "") for name in TOPIC.names] == list(range(len(TOPIC)))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (None, "stance_probabilities is None; expected a number for every label by name"),
        (0.5, "stance_probabilities is 0.5; expected"),
        ([0.25] * 4, "stance_probabilities is [0.25, 0.25, 0.25, 0.25]; expected"),
        ("{}", "stance_probabilities is '{}'; expected"),
        ({}, "has no label 'pro_ukraine'; expected pro_ukraine, pro_russia, mixed and neutral"),
        (dict.fromkeys(STANCE.names[:3], 1 / 3), "stance_probabilities has no label 'neutral'"),
        (even(STANCE, mixed=1.0, angry=0.0), "stance_probabilities has an unknown label 'angry'"),
        (even(STANCE, mixed=float("nan")), "stance_probabilities of mixed is nan; expected a number from 0 to 1"),
        (even(STANCE, mixed=float("inf")), "of mixed is inf; expected"),
        (even(STANCE, mixed=1.5, neutral=-0.5), "of neutral is -0.5; expected"),
        (even(STANCE, mixed=-1e-9, neutral=1.0), "of mixed is -1e-09; expected"),
        (even(STANCE, mixed=2.5), "of mixed is 2.5; expected"),
        (even(STANCE, mixed=10**400), "of mixed is "),
        (even(STANCE) | {"mixed": True}, "of mixed is True; expected"),
        (even(STANCE) | {"mixed": "1.0"}, "of mixed is '1.0'; expected"),
        (even(STANCE) | {"mixed": None}, "of mixed is None; expected"),
        (even(STANCE), "stance_probabilities add up to 0; expected 1"),
        (even(STANCE, mixed=0.5, neutral=0.4989), "stance_probabilities add up to 0.9989; expected 1"),
        (even(STANCE, mixed=0.5, neutral=0.5011), "stance_probabilities add up to 1.0011; expected 1"),
        (even(STANCE, mixed=1.5), "stance_probabilities add up to 1.5; expected 1"),
    ],
)
def test_probabilities_that_are_none_are_refused(cell: object, words: str) -> None:
    with pytest.raises(PredictionError) as caught:
        probability_row(STANCE, cell, "row 1")
    assert str(caught.value).startswith("row 1: stance_probabilities ")
    assert words in str(caught.value)


def test_probabilities_are_put_into_the_order_of_the_labels() -> None:
    shares = {"neutral": 0.5, "mixed": 0.25, "pro_russia": 0.25, "pro_ukraine": 0}
    assert probability_row(STANCE, shares, "") == [0.0, 0.25, 0.25, 0.5]


@pytest.mark.parametrize("total", [0.9991, 1.0, 1.0009])
def test_rounded_probabilities_pass_and_are_divided_by_their_sum(total: float) -> None:
    row = probability_row(STANCE, even(STANCE, mixed=0.5, neutral=total - 0.5), "")
    assert normalised(np.array([row])).sum() == pytest.approx(1, abs=1e-15)


@given(st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda row: sum(row) > 1e-3), min_size=1))
def test_what_was_divided_once_stays_as_it_is(rows: list[list[float]]) -> None:
    """Else a prediction file that was stored and read again would have another digest than the file it was made of."""
    once = normalised(np.array(rows))
    np.testing.assert_array_equal(normalised(once), once)
    np.testing.assert_allclose(once.sum(axis=1), 1, rtol=0, atol=1e-12)


def test_a_negative_zero_is_zero() -> None:
    assert not np.signbit(normalised(np.array([[-0.0, 1.0]]))).any()


@pytest.mark.parametrize(("start", "end"), [(0, 1), (0, 12), (11, 12), (3, 7)])
def test_a_span_lies_in_its_text(start: int, end: int) -> None:
    assert span(start, end, 12, "") == (start, end)


def test_a_missing_span_is_minus_one() -> None:
    assert span(None, None, 12, "") == (-1, -1)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (None, 3, "row 1: span None to 3; expected two whole numbers"),
        (3, None, "span 3 to None; expected two whole numbers (in pandas of type Int64), or nothing in both"),
        (1.0, 3.0, "span 1.0 to 3.0; expected two whole numbers"),
        (float("nan"), float("nan"), "span nan to nan; expected two whole numbers"),
        (True, 3, "span True to 3; expected two whole numbers"),
        ("1", "3", "span '1' to '3'; expected two whole numbers"),
        (-1, -1, "span -1 to -1 does not lie in the text of 12 characters"),
        (-1, 3, "span -1 to 3 does not lie in the text"),
        (3, 3, "span 3 to 3 does not lie in the text"),
        (5, 3, "span 5 to 3 does not lie in the text"),
        (3, 13, "span 3 to 13 does not lie in the text"),
    ],
)
def test_a_span_that_is_none_is_refused(start: object, end: object, words: str) -> None:
    with pytest.raises(PredictionError) as caught:
        span(start, end, 12, "row 1")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (None, "row 1: source_types is None; expected a list with at least one type"),
        ([], "source_types is []; expected a list with at least one type"),
        ("news_media", "source_types is 'news_media'; expected a list"),
        ({"news_media": 1}, "source_types is {'news_media': 1}; expected a list"),
        (["combat"], "unknown type 'combat' in source_types; expected ukrainian_official"),
        (["news_media", ""], "unknown type '' in source_types"),
        (["news_media", None], "unknown type None in source_types"),
        ([["news_media"]], "unknown type ['news_media'] in source_types"),
        (["news_media", "expert_ngo", "news_media"], "source_types repeats a type; name each once"),
        (["unattributed", "unattributed"], "source_types repeats a type"),
    ],
)
def test_a_set_of_source_types_that_is_none_is_refused(cell: object, words: str) -> None:
    with pytest.raises(PredictionError) as caught:
        type_codes(cell, "row 1")
    assert words in str(caught.value)


def test_a_number_of_thousands_of_digits_is_refused_like_any_other() -> None:
    with pytest.raises(PredictionError, match=r"span 0 to <int.* does not lie in the text"):
        span(0, 10**5000, 12, "row 1")


def test_a_set_may_have_any_types_and_unattributed_beside_others_as_gold_has() -> None:
    assert type_codes(["unattributed"], "") == [SOURCE_TYPE.codes["unattributed"]]
    assert type_codes(list(SOURCE_TYPE.names), "") == list(range(len(SOURCE_TYPE)))
