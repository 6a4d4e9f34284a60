"""The benchmark of costs: it measures what it says, and leaves out with a line what cannot run."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from briefbench.baselines.registry import baseline_of
from briefbench.baselines.report.costs import FIGURES, PEER, Cost
from briefbench.files import to_json, write_bytes
from tests_support import ROOT


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        spec = importlib.util.spec_from_file_location("briefbench_costs", ROOT / "benchmarks" / "baselines.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))
    return module


def test_a_baseline_is_measured_in_a_process_of_its_own(benchmark: ModuleType) -> None:
    cost = benchmark.in_a_process("majority")
    assert cost.parameters == 3
    assert cost.fit_seconds > 0
    assert cost.bullets_per_second > 1_000
    assert cost.peak_megabytes > 10


def test_a_baseline_that_cannot_run_is_left_out_with_a_line(
    benchmark: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert benchmark.in_a_process("no-such-baseline") is None
    assert capsys.readouterr().out.startswith("no-such-baseline: left out: no baseline 'no-such-baseline'")


def test_time_is_that_of_the_processor_and_never_nothing(benchmark: ModuleType) -> None:
    found, taken = benchmark.timed(lambda: baseline_of("majority"))
    assert found.name == "majority"
    assert taken >= benchmark.RESOLUTION
    assert benchmark.processor()


def test_what_was_measured_before_stays_if_it_is_of_such_a_machine(
    benchmark: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark, "FOLDER", tmp_path)
    one, other = Cost(1, 1.0, 10.0, 100.0), Cost(2, 2.0, 20.0, 200.0)
    first = benchmark.merged({PEER: one, "majority": one})
    write_bytes(tmp_path / FIGURES, to_json(first).encode())
    assert benchmark.merged({PEER: other}).baselines == {PEER: other, "majority": one}
    write_bytes(tmp_path / FIGURES, to_json(replace(first, python="3.0")).encode())
    assert benchmark.merged({PEER: other}).baselines == {PEER: other}
