"""The benchmark of agreement: it compares with its peer what it measures, and stops where the two differ."""

import importlib.util
import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from briefbench.annotation.reliability.alpha import Draws
from briefbench.annotation.reliability.report import report
from briefbench.schema import SOURCE_TYPE, TASKS, UNATTRIBUTED
from tests_support import ROOT


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("briefbench_agreement", ROOT / "benchmarks" / "agreement.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(ROOT / "benchmarks"), *sys.path])
        spec.loader.exec_module(module)
    return module


def test_the_votes_that_are_measured_are_votes(benchmark: ModuleType) -> None:
    ballots = benchmark.synthetic(500)
    assert (np.diff(ballots.days) >= 0).all()
    unattributed = ballots.codes["source_type"] == SOURCE_TYPE.codes[UNATTRIBUTED]
    assert ((ballots.spans[..., 0] < 0) == unattributed).all()
    for task in TASKS:
        assert ballots.codes[task.name].shape == (500, 3)
        assert set(np.unique(ballots.codes[task.name])) == set(range(len(task)))


def test_equal_figures_pass(benchmark: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    ballots = benchmark.synthetic(500)
    benchmark.compare(ballots, report(ballots, Draws(5), aggregation=False))
    assert "15 alphas, the widest gap" in capsys.readouterr().out


def test_a_gap_above_the_tolerance_stops_it(benchmark: ModuleType) -> None:
    ballots = benchmark.synthetic(500)
    found = report(ballots, Draws(5), aggregation=False)
    assert found.group is not None
    topic = found.group.tasks["topic"]
    moved = replace(topic, alpha=replace(topic.alpha, value=topic.alpha.value + 1e-11))
    spoilt = replace(found, group=replace(found.group, tasks={**found.group.tasks, "topic": moved}))
    with pytest.raises(SystemExit, match="the two differ by"):
        benchmark.compare(ballots, spoilt)
