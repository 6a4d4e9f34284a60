"""Slices: every bullet in one group, every figure that of the group alone, and the worst group never an accident."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import f1_score

from briefbench.errors import UnknownNameError
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.reference import Reference
from briefbench.evaluation.results import Group, Slice
from briefbench.evaluation.scoring import score
from briefbench.evaluation.slices import LEAST, PROPERTIES, slices
from briefbench.schema import TASKS
from evaluation_support import Codes, clusters_of, everything, noisy, reference_of, weeks_of

NAMES = (*PROPERTIES[:-1], "2023-01-01")


def stance_slice(reference: Reference, predicted: Codes, by: str, **options: Any) -> Slice:
    (found,) = slices([by], Predictions({"stance": predicted}), reference, clusters_of(reference, **options))
    return found


def groups(found: Slice) -> dict[str, Group]:
    return {group.name: group for group in found.groups}


def expected_names(reference: Reference, by: str, task: str) -> list[str]:
    """Return the group of every bullet, from the table's columns."""
    rows = reference.table.to_pylist()
    rules = {
        "month": lambda row: row["date"][:7],
        "year": lambda row: row["date"][:4],
        "publisher": lambda row: row["publisher"],
        "section": lambda row: row["section"],
        "length": lambda row: {
            0: "0 to 199 characters",
            1: "200 to 299 characters",
            2: "300 characters and more",
        }[(len(row["text"]) >= 200) + (len(row["text"]) >= 300)],
        "quotation": lambda row: "with a quotation" if "”" in row["text"] else "without a quotation",
        "votes": lambda row: "disputed" if task in row["disputed"] else "unanimous",
        "2023-01-01": lambda row: "before 2023-01-01" if row["date"] < "2023-01-01" else "from 2023-01-01 on",
    }
    return [rules[by](row) for row in rows]


@pytest.mark.parametrize("by", NAMES)
def test_every_property_groups_all_bullets_and_scores_each_group_alone(by: str) -> None:
    reference, predictions = everything(7, bullets=150, weeks=20)
    found = score(predictions, reference, by=[by], resamples=50).slices
    assert [one.task for one in found] == [task.name for task in TASKS]
    for task, one in zip(TASKS, found, strict=True):
        names = np.array(expected_names(reference, by, task.name))
        assert [group.name for group in one.groups] == sorted(set(names.tolist()))
        assert len(one.groups) > 1
        assert sum(group.bullets for group in one.groups) == len(reference)
        for group in one.groups:
            rows = names == group.name
            gold, predicted = reference.labels[task.name][rows], predictions.labels[task.name][rows]
            present = sorted(set(gold.tolist()))
            assert group.bullets == rows.sum()
            assert group.weeks == len(set(np.array(reference.table["week"].to_pylist())[rows].tolist()))
            assert group.accuracy == pytest.approx((gold == predicted).mean())
            theirs = f1_score(gold, predicted, labels=present, average="macro", zero_division=0)
            assert (group.labels, group.macro_f1) == (len(present), pytest.approx(theirs))
            assert group.interval.low <= group.accuracy <= group.interval.high
        assert f"|metric:accuracy_by_{by}|" in one.signature


def test_the_lengths_part_at_two_and_three_hundred_characters() -> None:
    lengths = [199, 200, 299, 300]
    reference = reference_of({}, weeks_of(range(4)), text=["é" * length for length in lengths])
    found = stance_slice(reference, np.zeros(4, dtype=np.int64), "length", resamples=10)
    assert {name: group.bullets for name, group in groups(found).items()} == {
        "200 to 299 characters": 2,
        "300 characters and more": 1,
        "0 to 199 characters": 1,
    }


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('The envoy said "no".', True),
        ("The envoy said “no”.", True),
        ("Der Bote sagte „nein“.", True),
        ("Le messager a dit «non».", True),
        ("The envoy said ‘no’.", True),  # noqa: RUF001
        ("The envoy's aides didn't agree.", False),
        ("The envoys' aides left the mayor's hall.", False),
        ('A 5" shell fell.', False),
        ("Nobody said a word.", False),
    ],
)
def test_a_pair_of_quotation_marks_is_a_quotation_and_an_apostrophe_is_none(text: str, quoted: bool) -> None:
    reference = reference_of({}, ["2023-W01"], text=[text])
    (group,) = stance_slice(reference, np.array([0]), "quotation", resamples=10).groups
    assert group.name == ("with a quotation" if quoted else "without a quotation")


def test_missing_publishers_and_sections_are_groups_of_their_own() -> None:
    reference = reference_of({}, weeks_of(range(3)), publisher=[None, "", "Alder Post"], section=[None, "Key", "Key"])
    zeros = np.zeros(3, dtype=np.int64)
    assert set(groups(stance_slice(reference, zeros, "publisher", resamples=9))) == {"Alder Post", "no publisher"}
    assert set(groups(stance_slice(reference, zeros, "section", resamples=9))) == {"Key", "no section"}


def of_sizes(sizes: dict[str, tuple[int, int]]) -> tuple[Reference, Codes]:
    """Return a split with publishers of so many bullets, of which so many are right."""
    publishers = [name for name, (bullets, _) in sizes.items() for _ in range(bullets)]
    predicted = [int(i >= hits) for bullets, hits in sizes.values() for i in range(bullets)]
    weeks = weeks_of([i % 15 for i in range(len(publishers))])
    return reference_of({}, weeks, publisher=publishers), np.array(predicted)


def test_the_worst_group_is_the_least_accurate_of_those_with_bullets_enough() -> None:
    reference, predicted = of_sizes({"few": (LEAST - 1, 0), "low": (LEAST, 10), "high": (40, 30)})
    found = stance_slice(reference, predicted, "publisher", resamples=50)
    assert found.worst == "low"
    assert groups(found)["few"].accuracy == 0
    assert LEAST == 20


def test_of_equally_bad_groups_the_first_by_name_is_the_worst_and_of_none_nobody() -> None:
    reference, predicted = of_sizes({"b": (20, 5), "a": (40, 10)})
    assert stance_slice(reference, predicted, "publisher", resamples=50).worst == "a"
    reference, predicted = of_sizes({"b": (19, 5), "a": (19, 1)})
    assert stance_slice(reference, predicted, "publisher", resamples=50).worst == ""


@pytest.mark.parametrize(("weeks", "resampled"), [(1, "bullet"), (9, "bullet"), (10, "week"), (15, "week")])
def test_from_ten_weeks_on_weeks_are_resampled_and_below_wilson_counts_bullets(weeks: int, resampled: str) -> None:
    random = np.random.default_rng(weeks)
    gold = random.integers(0, 4, 60)
    predicted = noisy(random, gold, 4)
    reference = reference_of({"stance": gold}, weeks_of(np.arange(60) % weeks))
    (group,) = stance_slice(reference, predicted, "section", resamples=200).groups
    assert (group.weeks, group.resampled) == (weeks, resampled)
    if resampled == "week":
        whole = score(Predictions({"stance": predicted}), reference, resamples=200).task("stance").accuracy
        assert (group.accuracy, group.interval) == (whole.value, whole.interval)
    else:
        hits = int((gold == predicted).sum())
        wilson = binomtest(hits, 60).proportion_ci(method="wilson")
        assert [group.interval.low, group.interval.high] == pytest.approx([wilson.low, wilson.high])


@pytest.mark.parametrize("right", [True, False])
def test_a_group_that_is_all_right_or_all_wrong_is_not_sure_of_it(right: bool) -> None:
    reference = reference_of({}, weeks_of(np.arange(30) % 15))
    (group,) = stance_slice(reference, np.full(30, 0 if right else 1), "section", resamples=50).groups
    assert (group.accuracy, group.resampled) == (float(right), "bullet")
    # Wilson's interval of 30 of 30 begins at 1 / (1 + z^2 / 30).
    bound = 1 / (1 + 1.959964**2 / 30)
    expected = [bound, 1] if right else [0, 1 - bound]
    assert [group.interval.low, group.interval.high] == pytest.approx(expected, abs=1e-6)


def test_the_interval_option_reaches_the_groups() -> None:
    reference, predicted = of_sizes({"a": (67, 40)})
    found = [stance_slice(reference, predicted, "publisher", resamples=200, method=m) for m in ("bca", "percentile")]
    assert found[0].groups[0].interval != found[1].groups[0].interval
    assert "|ci:percentile,cluster_week,200,seed12345" in found[1].signature


@pytest.mark.parametrize("by", ["", "mood", "Month", "2023", "2023-13-01", "DATE", "yesterday"])
def test_an_unknown_property_is_refused_with_those_there_are(by: str) -> None:
    reference, predictions = everything(1, bullets=10)
    with pytest.raises(UnknownNameError, match=rf"cannot slice by '{by}'; slice by month, year, .* \(YYYY-MM-DD\)"):
        score(predictions, reference, by=[by], resamples=10)


def test_a_property_named_twice_is_sliced_once() -> None:
    reference, predictions = everything(1, bullets=10)
    assert len(score(predictions, reference, by=["month", "month"], resamples=10).slices) == len(TASKS)


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 11), st.booleans()), min_size=1, max_size=60))
def test_the_groups_add_up_to_the_split(rows: list[tuple[str, int, bool]]) -> None:
    names, weeks, right = zip(*rows, strict=True)
    reference = reference_of({}, weeks_of(weeks), publisher=list(names))
    found = stance_slice(reference, np.array([0 if one else 1 for one in right]), "publisher", resamples=20)
    assert sum(group.bullets for group in found.groups) == len(rows)
    assert sum(group.bullets * group.accuracy for group in found.groups) == pytest.approx(sum(right))
    assert all(0 <= group.interval.low <= group.interval.high <= 1 for group in found.groups)
    enough = [group for group in found.groups if group.bullets >= LEAST]
    assert (found.worst in {group.name for group in enough}) == bool(enough)
