"""The simulation behind the table of coverage: its truth is the truth, and BCa does what the page says of it."""

import importlib.util
import re
from types import ModuleType

import numpy as np
import pytest

from briefbench.evaluation.metrics import label_scores, macro_f1
from briefbench.schema import TASKS
from tests_support import ROOT


@pytest.fixture(scope="module")
def simulation() -> ModuleType:
    spec = importlib.util.spec_from_file_location("briefbench_coverage", ROOT / "benchmarks" / "coverage.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def world(simulation: ModuleType) -> object:
    """Twelve labels, the rarest a fifth as frequent as the most common and found less often; weeks as for topic."""
    shares = np.geomspace(1, 0.2, 12)
    shares /= shares.sum()
    right = np.linspace(0.8, 0.5, 12)
    wrong = shares * (1 - np.eye(12))
    rows = right[:, None] * np.eye(12) + (1 - right)[:, None] * wrong / wrong.sum(axis=1, keepdims=True)
    return simulation.World(shares[:, None] * rows, 0.05, 0.11)


def test_the_truth_is_the_score_of_a_very_long_part(simulation: ModuleType, world: object) -> None:
    tables = simulation.part(np.random.default_rng(3), 8_000, world).sum(axis=0)
    np.testing.assert_allclose(tables / tables.sum(), world.table, atol=0.004)  # type: ignore[attr-defined]
    assert float(macro_f1(label_scores(tables))) == pytest.approx(world.truth, abs=0.006)  # type: ignore[attr-defined]


def test_weeks_are_as_alike_as_they_were_meant_to_be(simulation: ModuleType, world: object) -> None:
    tables = simulation.part(np.random.default_rng(4), 2_000, world)
    weeks, gold, answers = (np.repeat(index, tables[tables > 0]) for index in np.nonzero(tables))
    assert simulation.alike(gold, weeks, np.zeros_like(gold)) == pytest.approx(0.05, abs=0.01)
    assert simulation.alike(answers, weeks, gold) == pytest.approx(0.11, abs=0.015)


def test_the_likeness_of_weeks_by_hand(simulation: ModuleType) -> None:
    weeks, once = np.repeat([0, 1], 4), np.zeros(8, dtype=np.int64)
    assert simulation.alike(np.repeat([0, 1], 4), weeks, once) == 1  # each week has one answer
    # Within a week 12 of 24 ordered pairs are equal, between weeks 16 of 32: nothing in excess.
    assert simulation.alike(np.array([0, 0, 0, 1, 0, 0, 0, 1]), weeks, once) == simulation.LEAST_ALIKE
    # Week 1 has three of answer 0, week 2 three of answer 1: within 12 of 24 pairs, between 12 of 32.
    found = simulation.alike(np.array([0, 0, 0, 1, 1, 1, 1, 0]), weeks, once)
    assert found == pytest.approx((12 / 24 - 12 / 32) / (1 - 12 / 32))


def test_bca_holds_the_truth_more_often_than_its_peers(simulation: ModuleType, world: object) -> None:
    found = simulation.coverage(world, 38, runs=200, resamples=400)
    assert found["BCa"].holds > 0.90
    assert found["BCa"].holds >= found["percentile"].holds
    assert found["percentile"].holds > found["bullets"].holds
    assert found["bullets"].width < 0.9 * found["percentile"].width
    for one in found.values():
        assert one.holds + one.truth_below + one.truth_above == pytest.approx(1)


def test_the_page_gives_the_same_picture() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| (\d+) \| (0\.\d{3}) \| (0\.\d{3}) \| (0\.\d{3}) \|$", page, re.MULTILINE)
    assert [row[0] for row in rows[::5]] == [task.name for task in TASKS]
    assert [int(row[1]) for row in rows] == [5, 10, 20, 38, 80] * 3
    for _, weeks, *shares in rows:
        bca, percentile, _ = map(float, shares)
        assert bca >= percentile - 0.02
        if int(weeks) >= 38:
            assert bca > 0.9
