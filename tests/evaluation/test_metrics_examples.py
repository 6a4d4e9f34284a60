"""The metrics on examples whose figures are published or small enough for a pencil."""

import numpy as np
import pytest

from briefbench.evaluation import metrics
from briefbench.evaluation.metrics import confusion, label_scores


def table(*rows: list[int]) -> metrics.LabelScores:
    return label_scores(np.array(rows, dtype=np.int64))


def test_macro_f1_of_the_example_in_scikit_learns_documentation() -> None:
    scores = label_scores(confusion(np.array([0, 1, 2, 0, 1, 2]), np.array([0, 2, 1, 0, 0, 1]), 3))
    assert float(metrics.macro_f1(scores)) == pytest.approx(0.26666, abs=1e-5)
    assert scores.f1.tolist() == pytest.approx([0.8, 0, 0])


@pytest.mark.parametrize("bullets", [10, 100, 10_000])
def test_macro_f1_is_the_averaged_one_of_the_two_that_opitz_and_burst_tell_apart(bullets: int) -> None:
    # Their two readings part most, by up to 0.5, where half of the labels have all precision and no recall, and half
    # the other way round: here one bullet of the first label is found, and the rest goes to the second.
    scores = table([1, bullets - 1], [0, 1])
    precision, recall = scores.precision.mean(), scores.recall.mean()
    f1_of_averages = 2 * precision * recall / (precision + recall)
    assert f1_of_averages == pytest.approx(0.5 + 0.5 / bullets)
    assert float(metrics.macro_f1(scores)) == pytest.approx(2 / (bullets + 1))
    assert float(metrics.macro_f1(scores)) == pytest.approx(scores.f1.mean())
    assert f1_of_averages - float(metrics.macro_f1(scores)) < 0.5


def test_mcc_of_the_example_in_scikit_learns_documentation() -> None:
    gold, predicted = np.array([1, 1, 1, 0]), np.array([1, 0, 1, 1])
    assert float(metrics.mcc(label_scores(confusion(gold, predicted, 2)))) == pytest.approx(-0.33, abs=0.005)


def test_mcc_of_wikipedias_cats_and_dogs() -> None:
    # "Phi coefficient": 8 cats, of which 6 are found, and 4 dogs, of which 3 are.
    assert float(metrics.mcc(table([6, 2], [1, 3]))) == pytest.approx(0.478, abs=0.0005)


def test_mcc_of_three_labels_by_hand() -> None:
    # 6 bullets, 4 right; gold 2, 2, 2; predicted 3, 2, 1: (24 - 12) / sqrt((36 - 14) (36 - 12)).
    scores = table([2, 0, 0], [1, 1, 0], [0, 1, 1])
    assert float(metrics.mcc(scores)) == pytest.approx(12 / np.sqrt(22 * 24))


def test_mcc_is_gorodkins_correlation_of_indicator_columns() -> None:
    # His definition: the covariance summed over the labels' 0/1 columns, divided by the root of the two variances.
    random = np.random.default_rng(4)
    gold, predicted = random.integers(0, 5, 200), random.integers(0, 5, 200)
    predicted[:80] = gold[:80]
    x, y = np.eye(5)[gold], np.eye(5)[predicted]
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    expected = (x * y).sum() / np.sqrt((x**2).sum() * (y**2).sum())
    assert float(metrics.mcc(label_scores(confusion(gold, predicted, 5)))) == pytest.approx(expected)


def test_brier_by_hand() -> None:
    # Brier's own sum over classes: rain forecast at 0.7 and it rains, 0.3^2 + 0.3^2; at 0.7 and it does not, 2 * 0.7^2.
    found = metrics.brier(np.array([[0.7, 0.3], [0.7, 0.3], [1.0, 0.0], [0.0, 1.0]]), np.array([0, 1, 0, 0]))
    assert found.tolist() == pytest.approx([0.18, 0.98, 0, 2])


def test_cross_entropy_by_hand() -> None:
    probabilities = np.array([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    shares = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.5, 0.5, 0.0]])
    found = metrics.cross_entropy(probabilities, shares)
    assert found.tolist() == pytest.approx([1.5 * np.log(2), 0, 0.5 * 12 * np.log(10)])


def test_the_calibration_error_by_hand() -> None:
    # Bins of a fifteenth: 0.4 twice, one right; 0.6 once, right; 0.8 once, right; 1.0 once, wrong.
    probabilities = np.array([[0.4, 0.3, 0.3], [0.3, 0.4, 0.3], [0.6, 0.4, 0.0], [0.1, 0.1, 0.8], [0.0, 1.0, 0.0]])
    gold = np.array([0, 0, 0, 2, 0])
    expected = (abs(0.8 - 1) + abs(0.6 - 1) + abs(0.8 - 1) + abs(1.0 - 0)) / 5
    assert metrics.expected_calibration_error(probabilities, gold) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [(1 / 12, 1), (0.2, 2), (0.2 + 1e-6, 3), (0.6, 8), (0.6 + 2e-16, 8), (0.6 - 2e-16, 8), (2 / 3, 9), (1.0, 14)],
)
def test_a_bin_holds_its_upper_end_and_the_last_bit_decides_nothing(confidence: float, expected: int) -> None:
    rest = (1 - confidence) / 11
    bins, found = metrics.confidence_bins(np.array([[confidence, *[rest] * 11]]))
    assert bins.tolist() == [expected]
    assert found.tolist() == [confidence]


def test_the_sure_and_right_have_no_calibration_error_and_the_sure_and_wrong_all_of_it() -> None:
    probabilities = np.eye(3)
    assert metrics.expected_calibration_error(probabilities, np.array([0, 1, 2])) == 0.0
    assert metrics.expected_calibration_error(probabilities, np.array([1, 2, 0])) == 1.0


def test_even_an_honest_system_has_a_calibration_error_on_a_small_split() -> None:
    # The page says so: absolute gaps cannot average out, so on a thousand bullets an honest system gets about 0.03.
    random = np.random.default_rng(1)
    found = []
    for _ in range(50):
        probabilities = random.dirichlet(np.full(12, 0.25), 964)
        gold = (random.random((964, 1)) > probabilities.cumsum(axis=1)[:, :-1]).sum(axis=1)
        found.append(metrics.expected_calibration_error(probabilities, gold))
    assert min(found) > 0.02
    assert np.mean(found) == pytest.approx(0.036, abs=0.005)
