"""Stored predictions: what is written reads back to the last bit, and the digest names what was predicted."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from briefbench.evaluation.predictions import Predictions, read_predictions, write_predictions
from briefbench.schema import STANCE, TASKS, TOPIC
from predictions_support import ENCODERS, IDS, KINDS, REFERENCE, as_table, assert_same, random_rows, read, seeded


def stored(predictions: Predictions, ids: list[str]) -> bytes:
    return write_predictions(
        ids,
        predictions.labels,
        predictions.probabilities,
        spans=predictions.spans,
        source_types=predictions.source_types,
    )


@pytest.mark.parametrize("tasks", [("topic",), ("source_type", "topic"), ("topic", "stance", "source_type")])
def test_any_tasks_may_be_stored_and_read_back(tmp_path: Path, tasks: tuple[str, ...]) -> None:
    found = read(tmp_path, "parquet", write_predictions(IDS, {task: np.array([2, 0, 1, 3]) for task in tasks}))
    assert {task: codes.tolist() for task, codes in found.labels.items()} == {task: [2, 0, 1, 3] for task in tasks}
    names = pq.read_table(tmp_path / "mine.parquet").column_names
    assert names == ["bullet_id", *(task.name for task in TASKS if task.name in tasks)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(KINDS))
def test_what_was_read_from_any_format_is_the_same_after_it_was_stored(tmp_path: Path, seed: int, kind: str) -> None:
    """Else a submission could not be verified against the result of the file that it was prepared from."""
    found = read(tmp_path, kind, ENCODERS[kind](random_rows(seeded(seed), REFERENCE)))
    content = stored(found, REFERENCE.bullet_ids)
    again = read(tmp_path, "parquet", content)
    assert_same(found, again)
    assert stored(again, REFERENCE.bullet_ids) == content


@pytest.fixture
def whole() -> Predictions:
    rows = [
        {
            "bullet_id": identifier,
            "topic": "combat",
            "stance": "mixed",
            "stance_probabilities": dict(zip(STANCE.names, [0.1, 0.2, 0.3, 0.4], strict=True)),
            "span_start": 1,
            "span_end": 4,
            "source_types": ["expert_ngo", "news_media"],
        }
        for identifier in IDS
    ]
    return read_predictions(as_table(rows), REFERENCE)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(seed=st.integers(0, 2**32))
def test_the_digest_depends_on_neither_format_nor_order(tmp_path: Path, seed: int) -> None:
    rows = random_rows(seeded(seed), REFERENCE)
    turned = [dict(reversed(row.items())) for row in rows[::-1]]
    digests = {read(tmp_path, kind, ENCODERS[kind](some)).digest() for kind in KINDS for some in (rows, turned)}
    assert len(digests) == 1


def test_the_digest_changes_with_everything_that_is_predicted(whole: Predictions) -> None:
    def changed(array: Any, place: tuple[int, ...], value: float) -> Any:
        copy = array.copy()
        copy[place] = value
        return copy

    assert whole.spans is not None
    assert whole.source_types is not None
    topic, shares = whole.labels["topic"], whole.probabilities["stance"]
    others = [
        replace(whole, labels=whole.labels | {"topic": changed(topic, (3,), 1)}),
        replace(whole, labels={"topic": topic}),
        replace(whole, labels={"source_type": topic, "stance": whole.labels["stance"]}),
        replace(whole, probabilities={"stance": changed(shares, (0, 0), np.nextafter(0.1, 1))}),
        replace(whole, probabilities={}),
        replace(whole, spans=changed(whole.spans, (2, 1), 5)),
        replace(whole, spans=None),
        replace(whole, source_types=changed(whole.source_types, (0, 0), 1)),
        replace(whole, source_types=None),
    ]
    digests = [one.digest() for one in (whole, *others)]
    assert len(set(digests)) == len(digests)
    assert all(len(digest) == 64 for digest in digests)


def test_some_tasks_alone_have_no_spans_or_sets(whole: Predictions) -> None:
    some = whole.only(["stance", "source_type"])
    assert list(some.labels) == ["stance"]
    assert list(some.probabilities) == ["stance"]
    assert some.spans is None
    assert some.source_types is None
    assert whole.only([TOPIC.name]).probabilities == {}


def test_missing_spans_are_stored_as_nothing(tmp_path: Path) -> None:
    spans = np.array([[0, 3], [-1, -1], [1, 2], [-1, -1]])
    found = read(tmp_path, "parquet", write_predictions(IDS, {}, spans=spans))
    assert found.spans is not None
    assert found.spans.tolist() == spans.tolist()
    assert pq.read_table(tmp_path / "mine.parquet")["span_start"].to_pylist() == [0, None, 1, None]
