"""Calibration: confidences that mean something, without one label changed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from briefbench.baselines.calibration import fit_temperature, scale
from briefbench.evaluation.metrics import expected_calibration_error

Floats = NDArray[np.float64]


@st.composite
def tables(draw: st.DrawFn) -> Floats:
    """Probabilities with rows that sum to 1 and no two labels almost alike."""
    labels = draw(st.integers(2, 6))
    row = st.lists(st.integers(0, 50), min_size=labels, max_size=labels).filter(any)
    counts = np.array(draw(st.lists(row, min_size=1, max_size=8)), dtype=np.float64)
    table: Floats = counts / counts.sum(axis=1, keepdims=True)
    return table


@given(tables(), st.floats(0.05, 20))
def test_scaling_changes_no_label_and_keeps_probabilities(table: Floats, temperature: float) -> None:
    scaled = scale(table, temperature)
    assert np.isfinite(scaled).all()
    assert scaled.min() >= 0
    np.testing.assert_allclose(scaled.sum(axis=1), 1, atol=1e-12)
    best = table.max(axis=1)
    chosen = table[np.arange(len(table)), scaled.argmax(axis=1)]
    np.testing.assert_allclose(chosen, best, atol=1e-12)


def test_a_temperature_of_one_changes_nothing_and_a_higher_one_is_less_sure() -> None:
    table = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    np.testing.assert_allclose(scale(table, 1.0), table, atol=1e-12)
    assert (scale(table, 2.0).max(axis=1) < table.max(axis=1)).all()
    assert (scale(table, 0.5).max(axis=1) > table.max(axis=1)).all()


@pytest.mark.parametrize("planted", [0.5, 1.0, 2.0, 4.0])
def test_the_temperature_that_spoiled_the_probabilities_is_found(planted: float) -> None:
    rng = np.random.default_rng(1)
    honest = rng.dirichlet([0.6, 0.8, 1.0, 1.2], size=20_000)
    gold = (rng.random((len(honest), 1)) > honest.cumsum(axis=1)[:, :-1]).sum(axis=1)
    spoiled = scale(honest, 1 / planted)
    assert fit_temperature(spoiled, gold) == pytest.approx(planted, rel=0.05)


def test_one_sure_mistake_does_not_decide_the_temperature() -> None:
    table = np.array([[0.9, 0.1]] * 999 + [[1.0, 0.0]])
    gold = np.array([0] * 899 + [1] * 101)
    assert 0.5 < fit_temperature(table, gold) < 2


def test_the_temperature_stays_between_its_bounds() -> None:
    table = np.array([[0.6, 0.4]] * 10)
    assert fit_temperature(table, np.zeros(10, dtype=np.int64)) == pytest.approx(0.05, abs=1e-3)
    assert fit_temperature(table, np.ones(10, dtype=np.int64)) == pytest.approx(20, abs=1e-2)


def test_scaling_mends_the_calibration_error_of_spoiled_probabilities() -> None:
    rng = np.random.default_rng(2)
    honest = rng.dirichlet([0.6, 0.8, 1.0, 1.2], size=20_000)
    gold = (rng.random((len(honest), 1)) > honest.cumsum(axis=1)[:, :-1]).sum(axis=1)
    spoiled = scale(honest, 0.4)
    mended = scale(spoiled, fit_temperature(spoiled, gold))
    assert expected_calibration_error(spoiled, gold) > 0.1
    assert expected_calibration_error(mended, gold) < 0.02
