"""The cluster bootstrap: its stream never changes, its sums are exact, and its intervals are the published ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from briefbench.errors import UnknownNameError
from briefbench.evaluation.bootstrap import (
    RESAMPLES,
    SEED,
    Clusters,
    Interval,
    acceleration,
    bca_interval,
    bias_correction,
    draw_weights,
    percentile_interval,
)

Floats = NDArray[np.float64]

# The "spatial test" data, column A, of Efron and Tibshirani, "An introduction to the bootstrap" (1993), table 14.1.
SPATIAL = np.array(
    [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41.0]
)


def variances(resamples: int) -> tuple[Floats, float, Floats]:
    """Return the variance of the spatial data over resamples, of all, and without each value."""
    weights = draw_weights(len(SPATIAL), resamples=resamples)
    drawn = weights @ SPATIAL**2 / 26 - (weights @ SPATIAL / 26) ** 2
    return drawn, float(SPATIAL.var()), np.array([np.delete(SPATIAL, i).var() for i in range(26)])


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


@pytest.mark.parametrize(("resamples", "seed"), [(0, 1), (10, -1)])
def test_a_bootstrap_without_draws_or_with_a_negative_seed_is_refused(resamples: int, seed: int) -> None:
    with pytest.raises(ValueError, match="resamples must be positive and seed not negative"):
        draw_weights(3, resamples=resamples, seed=seed)


def test_an_interval_of_another_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match="no interval 'normal'; the intervals are bca and percentile"):
        Clusters(np.array([0, 1]), 2, method="normal")  # type: ignore[arg-type]


def test_the_rows_are_the_data_the_resamples_and_the_data_without_each_cluster() -> None:
    clusters = Clusters(np.array([0, 0, 1, 2]), 3, resamples=5, seed=9)
    assert clusters.weights[0].tolist() == [1, 1, 1]
    assert clusters.weights[1:6].tolist() == draw_weights(3, resamples=5, seed=9).tolist()
    assert clusters.weights[6:].tolist() == [[0, 1, 1], [1, 0, 1], [1, 1, 0]]


def test_whole_numbers_are_summed_without_rounding() -> None:
    clusters = Clusters(np.array([0, 1]), 2, resamples=3)
    totals = clusters.total(np.array([[2**40 + 1, 0], [1, 3]]))
    assert totals[0].tolist() == [2**40 + 2, 3]
    assert totals[-2:].tolist() == [[1, 3], [2**40 + 1, 0]]
    for weights, total in zip(clusters.weights[1:4], totals[1:4], strict=True):
        assert total.tolist() == [weights[0] * (2**40 + 1) + weights[1], 3 * weights[1]]


@given(st.lists(st.tuples(st.floats(-30, 30), st.integers(0, 4)), min_size=1, max_size=50), st.randoms())
def test_sums_of_fractions_negative_ones_too_are_close_and_free_of_the_order(
    values: list[tuple[float, int]], shuffler: object
) -> None:
    def sums(pairs: list[tuple[float, int]]) -> Floats:
        found, codes = zip(*pairs, strict=True)
        return Clusters(np.array(codes), 5, resamples=20).sums(np.array(found))[0]

    one = sums(values)
    assert one[0] == pytest.approx(sum(value for value, _ in values), abs=2e-9 * len(values))
    assert sums([(-value, code) for value, code in values]).tolist() == (-one).tolist()
    shuffler.shuffle(values)  # type: ignore[attr-defined]
    assert sums(values).tolist() == one.tolist()


def test_the_percentile_interval_is_numpys() -> None:
    even = percentile_interval(np.arange(1001.0))
    assert [even.low, even.high] == pytest.approx([25.0, 975.0])
    values = np.random.default_rng(3).random(997)
    found = percentile_interval(values)
    assert [found.low, found.high] == pytest.approx(np.quantile(values, [0.025, 0.975]).tolist(), abs=1e-15)


def test_bca_has_the_acceleration_that_efron_and_tibshirani_print() -> None:
    _, point, jackknife = variances(1)
    assert point == pytest.approx(171.5, abs=0.05)
    assert acceleration(jackknife) == pytest.approx(0.061, abs=0.0005)


def test_bca_has_the_bias_and_the_interval_that_efron_and_tibshirani_print_within_the_error_of_their_draws() -> None:
    # They drew 2,000 resamples, which leaves z0 a standard error of 0.028, and the ends some units.
    drawn, point, jackknife = variances(100_000)
    assert bias_correction(drawn, point) == pytest.approx(0.146, abs=2 * 0.028)
    found = bca_interval(drawn, point, jackknife, level=0.90)
    assert [found.low, found.high] == pytest.approx([115.8, 259.6], abs=4)
    percentile = percentile_interval(drawn, level=0.90)
    assert [percentile.low, percentile.high] == pytest.approx([100.8, 233.9], abs=4)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_bca_is_scipys_on_the_same_draws_where_every_cluster_is_one_observation(seed: int, level: float) -> None:
    data = np.random.default_rng(seed).exponential(size=30)
    weights = draw_weights(30, resamples=2_000, seed=seed)
    rows = np.stack([np.repeat(np.arange(30), row.astype(int)) for row in weights])

    def skewed(values: Floats, axis: int = -1) -> Floats:
        return values.mean(axis=axis) ** 2 / values.std(axis=axis)

    drawn = skewed(data[rows])
    before = stats.bootstrap((data,), skewed, n_resamples=2, method="percentile", rng=np.random.default_rng(0))
    before.bootstrap_distribution = drawn
    options = {"n_resamples": 0, "bootstrap_result": before, "confidence_level": level}
    theirs = stats.bootstrap((data,), skewed, method="BCa", **options).confidence_interval
    jackknife = np.array([skewed(np.delete(data, i)) for i in range(30)])
    ours = bca_interval(drawn, float(skewed(data)), jackknife, level)
    assert [ours.low, ours.high] == pytest.approx([theirs.low, theirs.high], rel=1e-12)
    plain = stats.bootstrap((data,), skewed, method="percentile", **options).confidence_interval
    found = percentile_interval(drawn, level)
    assert [found.low, found.high] == pytest.approx([plain.low, plain.high], rel=1e-12)


def test_without_bias_and_skew_bca_is_the_percentile_interval() -> None:
    values = np.arange(-500.0, 501.0)
    assert bias_correction(values, 0.0) == 0.0
    assert acceleration(np.array([-1.0, 0.0, 1.0])) == 0.0
    found, plain = bca_interval(values, 0.0, np.array([-1.0, 0.0, 1.0])), percentile_interval(values)
    assert [found.low, found.high] == pytest.approx([plain.low, plain.high])


def test_resamples_equal_to_the_point_count_half_below_it() -> None:
    assert bias_correction(np.array([1.0, 1.0, 1.0]), 1.0) == 0.0
    assert bias_correction(np.array([0.0, 1.0]), 1.0) == pytest.approx(stats.norm.ppf(0.75))
    assert bias_correction(np.array([2.0, 3.0]), 1.0) == -np.inf
    assert bias_correction(np.array([2.0, 3.0]), 4.0) == np.inf


@pytest.mark.parametrize(("point", "low", "high"), [(-3.0, -3.0, 97.5), (120.0, 2.5, 120.0)])
def test_where_bca_is_undefined_the_percentile_interval_is_stretched_to_the_point(
    point: float, low: float, high: float
) -> None:
    found = bca_interval(np.arange(101.0), point, np.array([1.0, 2.0, 4.0]))
    assert [found.low, found.high] == pytest.approx([low, high])


def test_an_acceleration_too_great_for_the_formula_gives_the_percentile_interval() -> None:
    # Only one cluster of many moves the score, and nearly all resamples lie below the point.
    jackknife = np.array([1.0] + [0.0] * 999)
    values = np.append(np.arange(99_999.0), 100_001.0)
    assert -acceleration(jackknife) * (bias_correction(values, 100_000.0) + 1.96) > 0
    found = bca_interval(values, 100_000.0, -jackknife)
    plain = percentile_interval(values)
    assert found == Interval(plain.low, 100_000.0)


def test_scores_that_never_vary_have_an_interval_of_no_width() -> None:
    clusters = Clusters(np.array([0, 1, 2]), 3, resamples=50)
    assert clusters.interval(np.ones(54)) == Interval(1.0, 1.0)


def test_a_single_cluster_has_no_interval() -> None:
    for method in ("bca", "percentile"):
        assert Clusters(np.zeros(4, dtype=np.int64), 1, resamples=50, method=method).interval(np.ones(52)) is None


def test_the_option_percentile_gives_the_other_interval_of_the_same_draws() -> None:
    values = np.concatenate([[0.4], np.linspace(0, 1, 200) ** 2, [0.3, 0.5, 0.4]])
    bca, plain = (Clusters(np.arange(3), 3, resamples=200, method=m).interval(values) for m in ("bca", "percentile"))
    assert bca == bca_interval(values[1:201], 0.4, values[201:])
    assert plain == percentile_interval(values[1:201])
    assert bca != plain
