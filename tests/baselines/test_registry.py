"""The registry: every baseline is found by its name, and a wrong name is answered with the right ones."""

import pytest

from briefbench.baselines.registry import BASELINES, NAMES, baseline_of
from briefbench.errors import UnknownNameError
from tests_support import ROOT


def test_every_baseline_is_found_by_its_name_and_names_are_unique() -> None:
    assert [baseline_of(name) for name in NAMES] == list(BASELINES)
    assert len(set(NAMES)) == len(NAMES)


def test_there_is_a_floor_a_shortcut_a_probe_and_a_system_that_reads() -> None:
    assert {baseline.kind for baseline in BASELINES} == {"floor", "shortcut", "probe", "text"}


@pytest.mark.parametrize("name", ["", "all", "Majority", "tfidf", "majority "])
def test_an_unknown_name_is_answered_with_those_there_are(name: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        baseline_of(name)
    for known in NAMES:
        assert known in str(caught.value)


def test_a_baseline_prints_its_name() -> None:
    assert repr(baseline_of("section")) == "Baseline(section)"


def test_every_baseline_has_a_stored_result_and_stored_predictions_and_nothing_else_has() -> None:
    for folder, suffix in (("results", ".json"), ("predictions", ".parquet")):
        stored = {path.name for path in (ROOT / "baselines" / folder).iterdir() if not path.name.startswith(".")}
        assert stored == {f"{name}{suffix}" for name in NAMES}
