"""Leakage: each kind of leak is found when planted, and a broken promise is an error, not a number."""

import datetime as dt
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from briefbench.dataset.duplicates import Pair
from briefbench.dataset.leakage import PROMISES, Leakage, check, measure
from briefbench.dataset.splits import Assignment, Units
from briefbench.errors import LeakageError
from briefbench.schema import PROTOCOLS, TASKS

CLEAN = Leakage(near_duplicate_pairs=0, pages=0, weeks=0, outlets=0, out_of_order=0)
PARTS: Assignment = ["train", "train", "validation", "validation", "test", "test"]
UNITS = Units(
    dates=[dt.date(2023, 1, 2) + dt.timedelta(weeks=i) for i in range(6)],
    outlets=[f"o{i}" for i in range(6)],
    pages=[None, None, None, "p3", "p4", "p5"],
    labels={task.name: np.zeros(6, dtype=np.int64) for task in TASKS},
    pairs=[],
)


def test_a_clean_split_has_no_leak_and_missing_pages_are_none() -> None:
    assert measure(UNITS, PARTS) == CLEAN


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"pairs": [Pair(0, 4, 0.9)]}, {"near_duplicate_pairs": 1}),
        ({"pairs": [Pair(1, 2, 0.4), Pair(3, 5, 1.0)]}, {"near_duplicate_pairs": 2}),
        ({"pairs": [Pair(0, 1, 0.9)]}, {}),
        ({"pages": [None, "p", None, None, "p", "p"]}, {"pages": 1}),
        ({"pages": ["p", "p", "q", "q", None, None]}, {}),
        ({"outlets": ["a", "b", "a", "b", "a", "c"]}, {"outlets": 2}),
        ({"dates": [*UNITS.dates[:5], UNITS.dates[0]]}, {"weeks": 1, "out_of_order": 1}),
        ({"dates": [*UNITS.dates[:4], UNITS.dates[3], UNITS.dates[5]]}, {"weeks": 1, "out_of_order": 1}),
        ({"dates": [*UNITS.dates[:2], *[dt.date(2022, 1, 3)] * 2, *UNITS.dates[4:]]}, {"out_of_order": 2}),
    ],
    ids=[
        "a pair",
        "two pairs",
        "pair inside",
        "page",
        "pages inside",
        "outlets",
        "test too early",
        "same day",
        "all early",
    ],
)
def test_a_planted_leak_is_counted_and_nothing_else(changes: dict[str, Any], expected: dict[str, int]) -> None:
    assert asdict(measure(replace(UNITS, **changes), PARTS)) == asdict(CLEAN) | expected


def test_a_week_shared_on_different_days_is_a_leak() -> None:
    dates = list(UNITS.dates)
    dates[2] = dates[1] + dt.timedelta(days=6)
    assert measure(replace(UNITS, dates=dates), PARTS) == replace(CLEAN, weeks=1)
    dates[2] = dates[1] + dt.timedelta(days=7)
    assert measure(replace(UNITS, dates=dates), PARTS) == CLEAN


def test_a_bullet_that_is_left_out_leaks_nothing() -> None:
    leaky = replace(UNITS, pairs=[Pair(0, 5, 0.9)], pages=["p", *[None] * 4, "p"], outlets=["a", *"bcde", "a"])
    assert measure(leaky, PARTS) != CLEAN
    assert measure(leaky, [None, *PARTS[1:]]) == CLEAN


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("kind", list(asdict(CLEAN)))
def test_a_promised_zero_has_no_exemption(protocol: str, kind: str) -> None:
    leakage = replace(CLEAN, **{kind: 1})
    if kind not in PROMISES[protocol]:
        check(protocol, leakage)
        return
    said = rf"protocol {protocol}: its parts share 1 {kind.replace('_', ' ')}; promised are none"
    with pytest.raises(LeakageError, match=said):
        check(protocol, leakage)


def test_what_is_promised_does_not_shrink() -> None:
    assert {name: set(kinds) for name, kinds in PROMISES.items()} == {
        "weeks": {"near_duplicate_pairs", "pages", "weeks"},
        "chronological": {"near_duplicate_pairs", "pages", "weeks", "out_of_order"},
        "publishers": {"near_duplicate_pairs", "pages", "outlets"},
    }


def test_an_empty_validation_part_hides_no_test_bullet_older_than_train() -> None:
    days = [dt.date(2023, 1, 9), dt.date(2023, 1, 2)]
    labels = {task.name: np.zeros(2, dtype=np.int64) for task in TASKS}
    units = Units(dates=days, outlets=["a", "b"], pages=[None, None], labels=labels, pairs=[])
    assert measure(units, ["train", "test"]).out_of_order == 1
