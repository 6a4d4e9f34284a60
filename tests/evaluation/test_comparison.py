"""Comparing systems: the tests are the plain loops, exact where that can be counted, and blind to who stands first."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from briefbench.errors import InputError
from briefbench.evaluation.bootstrap import Interval, bca_interval
from briefbench.evaluation.comparison import Difference, compare, differing_bullets, holm
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.reference import Reference
from briefbench.evaluation.scoring import score
from briefbench.schema import STANCE, TASKS
from evaluation_support import Codes, everything, looped, noisy, reference_of, sklearn_macro_f1, weeks_of

Floats = NDArray[np.float64]
SCORES = (*(task.name for task in TASKS), "mean")


@pytest.fixture(scope="module")
def case() -> tuple[Reference, dict[str, Predictions]]:
    reference, first = everything(1)
    second = Predictions(everything(2)[1].labels)
    copied = {name: np.where(np.arange(80) < 65, first.labels[name], codes) for name, codes in second.labels.items()}
    return reference, {"first": first, "second": Predictions(copied)}


def macro_f1s(reference: Reference, labels: dict[str, Codes], rows: Codes) -> Floats:
    """Return scikit-learn's macro-F1 of every task, and the mean."""
    found = [sklearn_macro_f1(task, reference.labels[task.name][rows], labels[task.name][rows]) for task in TASKS]
    return np.array([*found, np.mean(found)])


def gaps(reference: Reference, one: dict[str, Codes], other: dict[str, Codes], rows: Codes) -> Floats:
    return macro_f1s(reference, one, rows) - macro_f1s(reference, other, rows)


def swapped(one: dict[str, Codes], other: dict[str, Codes], weeks: Codes, swap: Codes) -> tuple[dict[str, Codes], ...]:
    """Return both systems' labels after an exchange in the weeks whose ``swap`` is 1."""
    there = swap[weeks] == 1
    return (
        {name: np.where(there, other[name], one[name]) for name in one},
        {name: np.where(there, one[name], other[name]) for name in one},
    )


def test_the_paired_bootstrap_is_a_loop_that_draws_the_same_weeks_for_both(
    case: tuple[Reference, dict[str, Predictions]],
) -> None:
    reference, systems = case
    found = {one.task: one for one in compare(systems, reference, resamples=60, seed=3)}
    names = found["mean"].first, found["mean"].second
    one, other = (dict(systems[name].labels) for name in names)
    drawn, jackknife = looped(reference, lambda rows: list(gaps(reference, one, other, rows)), resamples=60, seed=3)
    points = gaps(reference, one, other, np.arange(len(reference)))
    for column, name in enumerate(SCORES):
        expected = bca_interval(drawn[:, column], points[column], jackknife[:, column])
        assert found[name].value == pytest.approx(points[column], abs=1e-12)
        interval = found[name].interval
        assert interval is not None
        assert [interval.low, interval.high] == pytest.approx([expected.low, expected.high], abs=1e-12)
        side = min((drawn[:, column] <= 1e-12).sum(), (drawn[:, column] >= -1e-12).sum())
        assert found[name].bootstrap_p == pytest.approx(min(1, 2 * (1 + side) / 61))


def test_approximate_randomization_is_a_loop_that_swaps_whole_weeks(
    case: tuple[Reference, dict[str, Predictions]],
) -> None:
    reference, systems = case
    one, other = (dict(system.labels) for system in systems.values())
    weeks, names = reference.weeks
    everyone = np.arange(len(reference))
    observed = np.abs(gaps(reference, one, other, everyone))
    swaps = np.random.PCG64([5, 1]).random_raw(60 * len(names)).reshape(60, len(names)) >> np.uint64(63)
    as_large = np.zeros(4)
    for swap in swaps.astype(np.int64):
        as_large += np.abs(gaps(reference, *swapped(one, other, weeks, swap), everyone)) >= observed - 1e-12
    found = {difference.task: difference for difference in compare(systems, reference, resamples=60, seed=5)}
    for column, name in enumerate(SCORES):
        assert found[name].p_value == pytest.approx((1 + as_large[column]) / 61)
    assert len(set(as_large.tolist())) > 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_few_weeks_the_p_value_is_near_the_exact_one_of_all_swaps(seed: int) -> None:
    random = np.random.default_rng(seed)
    gold = random.integers(0, 4, 90)
    weeks = np.arange(90) % 7
    reference = reference_of({"stance": gold}, weeks_of(weeks))
    one, other = {"stance": noisy(random, gold, 4, 0.7)}, {"stance": noisy(random, gold, 4, 0.55)}

    def gap(first: dict[str, Codes], second: dict[str, Codes]) -> float:
        return sklearn_macro_f1(STANCE, gold, first["stance"]) - sklearn_macro_f1(STANCE, gold, second["stance"])

    observed = abs(gap(one, other))
    swaps = [np.array(swap) for swap in product((0, 1), repeat=7)]
    exact = np.mean([abs(gap(*swapped(one, other, weeks, swap))) >= observed - 1e-12 for swap in swaps])
    (found,) = compare({"a": Predictions(one), "b": Predictions(other)}, reference)
    # 10,000 draws leave a standard error of at most 0.005.
    assert found.p_value == pytest.approx(exact, abs=0.02)
    assert exact >= 2 / 2**7


def test_systems_that_are_really_alike_are_seldom_told_apart() -> None:
    random = np.random.default_rng(8)
    p_values = []
    for seed in range(150):
        gold = random.integers(0, 4, 120)
        reference = reference_of({"stance": gold}, weeks_of(np.arange(120) % 12))
        systems = {name: Predictions({"stance": noisy(random, gold, 4)}) for name in "ab"}
        p_values += [one.p_value for one in compare(systems, reference, resamples=200, seed=seed)]
    assert 0.01 < np.mean(np.array(p_values) < 0.05) < 0.10
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.08)


def test_systems_that_really_differ_are_told_apart() -> None:
    random = np.random.default_rng(8)
    gold = random.integers(0, 4, 300)
    reference = reference_of({"stance": gold}, weeks_of(np.arange(300) % 20))
    systems = {"low": noisy(random, gold, 4, 0.3), "high": noisy(random, gold, 4, 0.8)}
    (found,) = compare({name: Predictions({"stance": codes}) for name, codes in systems.items()}, reference)
    assert (found.first, found.second) == ("high", "low")
    assert found.p_value == 1 / 10_001
    assert found.bootstrap_p == 2 / 10_001
    assert found.interval is not None
    assert found.interval.low > 0


def test_identical_systems_do_not_differ_at_all(case: tuple[Reference, dict[str, Predictions]]) -> None:
    reference, systems = case
    for one in compare({"a": systems["first"], "b": systems["first"]}, reference, resamples=50):
        assert (one.value, one.interval, one.effect) == (0, Interval(0, 0), 0)
        assert (one.bootstrap_p, one.p_value, one.holm_p) == (1, 1, 1)
        assert (one.differ, one.first_only, one.second_only) == (0, 0, 0)


def mirrored(one: Difference) -> Difference:
    assert one.interval is not None
    turned = Interval(-one.interval.high, -one.interval.low)
    names = {"first": one.second, "second": one.first, "first_only": one.second_only, "second_only": one.first_only}
    return replace(one, value=-one.value, interval=turned, effect=-one.effect, **names)


def test_the_order_of_the_systems_changes_nothing(case: tuple[Reference, dict[str, Predictions]]) -> None:
    reference, systems = case
    found = compare(systems, reference, resamples=100)
    assert compare(dict(reversed(systems.items())), reference, resamples=100) == found


def test_the_better_on_the_last_score_stands_first_and_a_turned_difference_is_the_mirror_image() -> None:
    # Stance decides who is first when it is compared last; topic is compared with the same pair, either way round.
    reference, one = everything(3)
    other = Predictions(everything(4)[1].labels)
    turned = Predictions(dict(one.labels) | {"stance": other.labels["stance"]})
    back = Predictions(dict(other.labels) | {"stance": one.labels["stance"]})
    straight = compare({"a": one, "b": other}, reference, scores=["topic", "stance"], resamples=100)
    crossed = compare({"a": turned, "b": back}, reference, scores=["topic", "stance"], resamples=100)
    assert {straight[0].first, crossed[0].first} == {"a", "b"}
    assert straight[1].value == crossed[1].value > 0
    expected = mirrored(straight[0])
    assert (crossed[0].first, crossed[0].value) == (expected.first, expected.value)
    assert (crossed[0].p_value, crossed[0].bootstrap_p) == (expected.p_value, expected.bootstrap_p)
    assert (crossed[0].effect, crossed[0].first_only) == (expected.effect, expected.first_only)
    assert crossed[0].interval is not None
    assert expected.interval is not None
    ends = [expected.interval.low, expected.interval.high]
    assert [crossed[0].interval.low, crossed[0].interval.high] == pytest.approx(ends, abs=1e-12)


def test_a_single_week_gives_no_interval_and_no_evidence() -> None:
    reference = reference_of({"stance": [0, 1, 2, 3]}, ["2023-W01"] * 4)
    systems = {
        "a": Predictions({"stance": np.array([0, 1, 2, 3])}),
        "b": Predictions({"stance": np.array([1, 2, 3, 0])}),
    }
    (found,) = compare(systems, reference, resamples=99)
    assert (found.value, found.interval, found.p_value) == (1, None, 1)


def test_values_are_the_differences_of_the_scores_on_the_board(case: tuple[Reference, dict[str, Predictions]]) -> None:
    reference, systems = case
    scores = {name: score(one, reference, resamples=10) for name, one in systems.items()}
    for one in compare(systems, reference, resamples=10):
        first, second = (dict(scores[name].scores()) for name in (one.first, one.second))
        if one.task == "mean":
            assert one.value == pytest.approx(first["mean"].value - second["mean"].value, abs=1e-15)
        else:
            values = [scores[name].task(one.task).macro_f1.value for name in (one.first, one.second)]
            assert one.value == pytest.approx(values[0] - values[1], abs=1e-15)
        assert f"|task:{one.task}|metric:macro_f1_difference|" in one.signature


def test_what_only_one_has_right_is_counted_by_hand() -> None:
    reference = reference_of({"stance": [0, 0, 1, 1, 2, 2], "topic": [0] * 6}, weeks_of([1, 1, 2, 2, 3, 3]))
    one = Predictions({"stance": np.array([0, 0, 1, 1, 0, 3]), "topic": np.array([0, 0, 0, 1, 1, 1])})
    other = Predictions({"stance": np.array([0, 1, 0, 0, 2, 1]), "topic": np.array([0, 0, 0, 1, 2, 0])})
    topic, stance = compare({"a": one, "b": other}, reference, resamples=20)
    assert (stance.first, stance.differ) == ("a", 5)  # the last one is wrong in both, with other labels
    assert (stance.first_only, stance.second_only) == (3, 1)
    assert stance.effect == pytest.approx(3 / 4 - 1 / 2)  # Cohen's g
    assert (topic.first, topic.differ, topic.first_only, topic.second_only, topic.effect) == ("a", 2, 0, 1, -0.5)


def test_the_mean_counts_bullets_that_differ_in_any_task_and_labels_of_all() -> None:
    reference = reference_of({}, weeks_of([1, 2, 3, 4]))
    right = {task.name: np.zeros(4, dtype=np.int64) for task in TASKS}
    wrong = right | {"stance": np.array([1, 1, 0, 0]), "topic": np.array([1, 0, 1, 0])}
    found = compare({"a": Predictions(wrong), "b": Predictions(right)}, reference, scores=["mean"], resamples=20)
    assert [(one.first, one.differ, one.first_only, one.second_only, one.effect) for one in found] == [
        ("b", 3, 4, 0, 0.5)
    ]


def test_bullets_on_which_systems_differ_are_listed_with_what_each_says() -> None:
    reference = reference_of({"stance": [0, 1, 2]}, weeks_of([1, 2, 3]), text=["One.", "Two.", "Three."])
    systems = {"a": Predictions({"stance": np.array([0, 1, 1])}), "b": Predictions({"stance": np.array([0, 3, 1])})}
    assert list(differing_bullets(systems, reference)) == [
        {
            "bullet_id": "b0001",
            "task": "stance",
            "gold": "pro_russia",
            "predicted": {"a": "pro_russia", "b": "neutral"},
            "text": "Two.",
        }
    ]


def test_only_tasks_that_all_predict_are_compared(case: tuple[Reference, dict[str, Predictions]]) -> None:
    reference, systems = case
    part = systems["second"].only(["stance", "topic"])
    found = compare({"a": systems["first"], "b": part}, reference, resamples=10)
    assert [one.task for one in found] == ["topic", "stance"]
    with pytest.raises(InputError, match="the same task; these share topic and stance, not 'mean'"):
        compare({"a": systems["first"], "b": part}, reference, scores=["stance", "mean"], resamples=10)


@pytest.mark.parametrize("tasks", [["topic"], []])
def test_without_two_systems_of_one_task_there_is_nothing_to_compare(
    case: tuple[Reference, dict[str, Predictions]], tasks: list[str]
) -> None:
    reference, systems = case
    with pytest.raises(InputError, match="needs two systems or more that predict the same task"):
        compare({"a": systems["first"].only(["stance"]), "b": systems["first"].only(tasks)}, reference)
    with pytest.raises(InputError, match="needs two systems"):
        compare({"a": systems["first"]}, reference)


def test_holms_correction_goes_over_every_pair_and_score(case: tuple[Reference, dict[str, Predictions]]) -> None:
    reference, systems = case
    three = systems | {"third": Predictions(everything(9)[1].labels)}
    found = compare(three, reference, resamples=99)
    assert len(found) == 3 * 4
    assert [one.holm_p for one in found] == holm([one.p_value for one in found])


def test_holms_correction_of_the_textbook_example() -> None:
    # The four p-values of Wikipedia's example: at 0.05 the first and the last are rejected, the others are not.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holms_correction_of_the_example_in_pingouins_documentation() -> None:
    assert holm([0.50, 0.003, 0.32, 0.054, 0.0003]) == pytest.approx([0.64, 0.012, 0.64, 0.162, 0.0015])


@given(st.lists(st.floats(0.0001, 1), max_size=12))
def test_holms_correction_rejects_what_the_sequential_procedure_rejects(p_values: list[float]) -> None:
    corrected = holm(p_values)
    assert all(before <= after <= 1 for before, after in zip(p_values, corrected, strict=True))
    for level in (0.01, 0.05, 0.2):
        rejected = set()
        for step, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
            if (len(p_values) - step) * p_values[i] > level:
                break
            rejected.add(i)
        assert {i for i, p in enumerate(corrected) if p <= level} == rejected
