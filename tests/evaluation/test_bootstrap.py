"""The cluster bootstrap: its stream never changes, and its shortcut through counts is the real thing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from briefbench.evaluation import score
from briefbench.evaluation.bootstrap import RESAMPLES, SEED, Interval, draw_weights, percentile_interval, resample
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.reference import Reference
from briefbench.schema import STANCE, TASKS

Codes = NDArray[np.int64]


def stance_only(gold: Codes, weeks: list[str]) -> Reference:
    return Reference("weeks/test", "0" * 64, [f"b{i}" for i in range(len(gold))], {"stance": gold}, weeks)


@given(st.integers(1, 40), st.integers(1, 30), st.integers(0, 2**32))
def test_every_resample_draws_as_many_clusters_as_there_are(clusters: int, resamples: int, seed: int) -> None:
    weights = draw_weights(clusters, resamples=resamples, seed=seed)
    assert weights.shape == (resamples, clusters)
    assert weights.sum(axis=1).tolist() == [clusters] * resamples
    assert (weights >= 0).all()


def test_the_draws_of_a_seed_never_change() -> None:
    assert draw_weights(3, resamples=4, seed=7).tolist() == [[0, 1, 2], [2, 0, 1], [1, 0, 2], [2, 1, 0]]
    assert draw_weights(5, resamples=3).tolist() == [[0, 3, 0, 2, 0], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1]]
    assert (RESAMPLES, SEED) == (10_000, 12345)


def test_more_resamples_only_append_to_the_draws() -> None:
    assert draw_weights(7, resamples=10).tolist() == draw_weights(7, resamples=100)[:10].tolist()


def test_another_seed_gives_other_draws() -> None:
    assert draw_weights(7, resamples=10, seed=1).tolist() != draw_weights(7, resamples=10, seed=2).tolist()


def test_no_cluster_is_favoured() -> None:
    mean = draw_weights(36).mean(axis=0)
    # The mean of 360,000 draws over 36 clusters has a standard deviation below 0.01 around 1.
    assert np.abs(mean - 1).max() < 0.05


def test_counts_are_summed_without_rounding() -> None:
    counts = np.array([[2**40 + 1, 0], [1, 3]])
    assert resample(np.array([[2.0, 0.0], [1.0, 1.0]]), counts).tolist() == [[2**41 + 2, 0], [2**40 + 2, 3]]


def test_the_percentile_interval_is_numpys() -> None:
    even = percentile_interval(np.arange(1001.0))
    assert [even.low, even.high] == pytest.approx([25.0, 975.0])
    values = np.random.default_rng(3).random(997)
    found = percentile_interval(values)
    assert [found.low, found.high] == pytest.approx(np.quantile(values, [0.025, 0.975]).tolist(), abs=1e-15)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_interval_is_that_of_really_putting_the_drawn_weeks_together(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weeks = [f"2023-W{week:02d}" for week in rng.integers(1, 7, 45)]
    gold = rng.integers(0, 3, 45)
    predicted = np.where(rng.random(45) < 0.6, gold, rng.integers(0, 4, 45))
    rows = [np.flatnonzero(np.array(weeks) == week) for week in sorted(set(weeks))]
    naive = []
    for weights in draw_weights(len(rows), resamples=300, seed=seed):
        drawn = np.concatenate([np.tile(rows[i], int(times)) for i, times in enumerate(weights)])
        naive.append(f1_score(gold[drawn], predicted[drawn], labels=range(4), average="macro", zero_division=0))
    found = score(Predictions({"stance": predicted}), stance_only(gold, weeks), resamples=300, seed=seed)
    low, high = np.quantile(naive, [0.025, 0.975])
    assert found.task("stance").interval.low == pytest.approx(low, abs=1e-12)
    assert found.task("stance").interval.high == pytest.approx(high, abs=1e-12)
    assert low < high


def test_the_headlines_interval_resamples_the_mean_of_the_tasks_week_by_week() -> None:
    rng = np.random.default_rng(5)
    weeks = [f"2023-W{week:02d}" for week in rng.integers(1, 6, 40)]
    gold = {task.name: rng.integers(0, len(task), 40) for task in TASKS}
    predicted = {name: np.where(rng.random(40) < 0.5, codes, codes[::-1]) for name, codes in gold.items()}
    reference = Reference("weeks/test", "0" * 64, [f"b{i}" for i in range(40)], gold, weeks)
    rows = [np.flatnonzero(np.array(weeks) == week) for week in sorted(set(weeks))]
    naive = []
    for weights in draw_weights(len(rows), resamples=200):
        drawn = np.concatenate([np.tile(rows[i], int(times)) for i, times in enumerate(weights)])
        scores = [
            f1_score(
                gold[task.name][drawn],
                predicted[task.name][drawn],
                labels=range(len(task)),
                average="macro",
                zero_division=0,
            )
            for task in TASKS
        ]
        naive.append(np.mean(scores))
    headline = score(Predictions(predicted), reference, resamples=200).headline
    assert headline is not None
    low, high = np.quantile(naive, [0.025, 0.975])
    assert headline.interval.low == pytest.approx(low, abs=1e-12)
    assert headline.interval.high == pytest.approx(high, abs=1e-12)


def test_a_single_week_gives_an_interval_without_width() -> None:
    gold = np.array([0, 1, 2, 3, 3])
    found = score(Predictions({STANCE.name: np.array([0, 1, 2, 0, 3])}), stance_only(gold, ["2023-W01"] * 5))
    result = found.task("stance")
    assert found.weeks == 1
    assert result.interval == Interval(result.macro_f1, result.macro_f1)


def test_the_order_of_the_bullets_does_not_move_the_interval() -> None:
    rng = np.random.default_rng(9)
    gold, predicted = rng.integers(0, 4, 30), rng.integers(0, 4, 30)
    weeks = [f"2023-W{week:02d}" for week in rng.integers(1, 9, 30)]
    order = rng.permutation(30)
    one = score(Predictions({"stance": predicted}), stance_only(gold, weeks), resamples=200)
    other = score(
        Predictions({"stance": predicted[order]}),
        stance_only(gold[order], [weeks[i] for i in order]),
        resamples=200,
    )
    assert one == other
