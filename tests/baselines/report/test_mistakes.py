"""The counts behind the error analysis, on a few bullets that can be counted by hand."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.baselines.report.errors import escaped
from briefbench.baselines.report.mistakes import calibration, pairs, rank_correlation, sides, standing_out
from briefbench.console import printable
from briefbench.evaluation.bootstrap import Interval
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.reference import Reference
from briefbench.evaluation.results import Group, Slice
from briefbench.schema import STANCE, TASKS

# Eight bullets: gold 0 0 0 0 1 1 2 3, taken for 1 1 0 0 0 1 3 3; the votes on the first and the seventh differ.
GOLD, GIVEN = [0, 0, 0, 0, 1, 1, 2, 3], [1, 1, 0, 0, 0, 1, 3, 3]
CONFIDENCE = [0.5, 0.9, 0.8, 0.7, 0.6, 0.95, 0.55, 0.99]
DISPUTED = [["stance"], ["topic"], [], [], [], [], ["stance", "topic"], []]


@pytest.fixture
def reference() -> Reference:
    codes = {task.name: pa.array(GOLD) for task in TASKS}
    ids = [f"2023010{i}-00000{i}" for i in range(8)]
    return Reference("weeks/test", "0" * 64, pa.table({"bullet_id": ids, "disputed": DISPUTED, **codes}))


@pytest.fixture
def predictions() -> Predictions:
    table = np.full((8, len(STANCE)), 0.0)
    for row, (code, sure) in enumerate(zip(GIVEN, CONFIDENCE, strict=True)):
        table[row] = (1 - sure) / 3
        table[row, code] = sure
    return Predictions({task.name: np.array(GIVEN) for task in TASKS}, {"stance": table})


def test_confusions_come_by_their_number_with_the_surest_bullets(
    predictions: Predictions, reference: Reference
) -> None:
    found = pairs(STANCE, predictions, reference)
    names = STANCE.names
    assert [(one.gold, one.predicted, one.bullets, one.share) for one in found] == [
        (names[0], names[1], 2, 0.5),
        (names[1], names[0], 1, 0.5),
        (names[2], names[3], 1, 1.0),
    ]
    assert found[0].rows == (1, 0)
    assert pairs(STANCE, replace(predictions, probabilities={}), reference)[0].rows == (0, 1)


def test_errors_are_parted_by_whether_the_annotators_differed_on_this_very_task(
    predictions: Predictions, reference: Reference
) -> None:
    found = sides(STANCE, predictions, reference)
    assert {name: (side.bullets, side.errors) for name, side in found.items()} == {"agreed": (6, 2), "differed": (2, 2)}
    # With the first and the seventh right: F1 of 6/8, 2/4, 1 and 1. With the others right: 6/7, 4/5, 0 and 2/3.
    assert found["differed"].repaired == pytest.approx((0.75 + 0.5 + 1 + 1) / 4)
    assert found["agreed"].repaired == pytest.approx((6 / 7 + 4 / 5 + 0 + 2 / 3) / 4)


def test_confidence_is_held_against_accuracy_by_halves(predictions: Predictions, reference: Reference) -> None:
    found = calibration(STANCE, predictions, reference)
    assert found is not None
    assert found.confidence == pytest.approx(np.mean(CONFIDENCE))
    assert found.accuracy == 0.5
    assert found.surer_confidence == pytest.approx((0.99 + 0.95 + 0.9 + 0.8) / 4)
    assert (found.surer_accuracy, found.other_accuracy) == (0.75, 0.25)
    assert calibration(TASKS[0], predictions, reference) is None


def test_only_groups_whose_interval_leaves_out_the_accuracy_stand_out() -> None:
    def group(name: str, bullets: int, accuracy: float, low: float, high: float) -> Group:
        return Group(name, bullets, 12, accuracy, Interval(low, high), "week", 0.5, 3)

    groups = (
        group("much worse", 40, 0.4, 0.3, 0.5),
        group("as good", 40, 0.7, 0.6, 0.8),
        group("better", 40, 0.9, 0.85, 0.95),
        group("few", 19, 0.1, 0.0, 0.2),
    )
    found, looked = standing_out((Slice("length", "stance", groups, "", ""),), "stance", 0.7)
    assert ([one.name for _, one in found], looked) == (["much worse", "better"], 3)
    assert standing_out((Slice("length", "stance", groups, "", ""),), "topic", 0.7) == ([], 0)


def test_a_rank_correlation_needs_values_that_differ() -> None:
    rising = np.array([1.0, 2.0, 3.0])
    assert rank_correlation(rising, rising**2) == pytest.approx(1)
    assert rank_correlation(rising, -rising) == pytest.approx(-1)
    assert rank_correlation(rising, np.ones(3)) is None


@given(st.text())
def test_an_escaped_text_is_shown_as_it_is_and_is_never_markup(text: str) -> None:
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(f"- `id` {escaped(text)}")
    (inline,) = [token for token in tokens if token.type == "inline"]
    assert inline.children is not None
    assert inline.children[0].type == "code_inline"
    kinds = {child.type for child in inline.children[1:]}
    assert kinds <= {"text", "text_special"}
    shown = "".join(child.content for child in inline.children[1:])
    assert shown.strip() == printable(" ".join(text.split())).strip()
