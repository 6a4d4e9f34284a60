"""The board: who stands where and why, what stands beside the systems, and what the reader must be told."""

from dataclasses import replace

import numpy as np
import pytest

from briefbench.dataset.load import bundled_release
from briefbench.dataset.release import build, write
from briefbench.errors import ChecksumError, InputError
from briefbench.evaluation.leaderboard import Board, Entry, board, label_note, read_board
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.reference import Reference, read_reference
from briefbench.evaluation.scoring import score
from briefbench.evaluation.submissions import System
from briefbench.evaluation.systems import Kind, SystemResult
from briefbench.project import Project
from briefbench.schema import TASKS
from tests_support import ROOT, SmallProject

NOTE = "The labels come from a toss of coins."


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference()


def entry(reference: Reference, name: str, right: float, kind: Kind = "text", *, seed: int = 0) -> Entry:
    """Return a system that has about this share of the labels right; equal seeds err on the same bullets."""
    rng = np.random.default_rng(seed)
    bullets = len(reference)
    labels = {}
    for task in TASKS:
        wrong = (reference.labels[task.name] + rng.integers(1, len(task), bullets)) % len(task)
        labels[task.name] = np.where(rng.random(bullets) < right, reference.labels[task.name], wrong)
    predictions = Predictions(labels)
    evaluation = score(predictions, reference, resamples=100)
    return Entry(SystemResult(name, kind, f"what {name} is", evaluation), predictions)


def ranked(reference: Reference, *entries: Entry) -> Board:
    return board(entries, reference, {}, "", NOTE)


def test_systems_that_the_test_parts_are_ranked_and_the_others_share(reference: Reference) -> None:
    entries = [entry(reference, "low", 0.3, seed=1), entry(reference, "high", 0.9, seed=2)]
    entries += [entry(reference, "b", 0.6, seed=3), entry(reference, "a", 0.6, seed=4)]
    found = ranked(reference, *entries)
    assert {one.name: one.rank for one in found.standings} == {"high": 1, "a": 2, "b": 2, "low": 4}
    values = [one.headline.value for one in found.standings]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == 4


def test_one_system_alone_is_first(reference: Reference) -> None:
    assert [one.rank for one in ranked(reference, entry(reference, "only", 0.5)).standings] == [1]


def test_the_order_of_the_entries_changes_nothing(reference: Reference) -> None:
    entries = [entry(reference, name, right, seed=i) for i, (name, right) in enumerate([("a", 0.5), ("b", 0.52)])]
    one, other = ranked(reference, *entries), ranked(reference, *entries[::-1])
    assert [(s.rank, s.name) for s in one.standings] == [(s.rank, s.name) for s in other.standings]


def test_systems_with_the_same_labels_are_flagged_share_a_rank_and_stand_by_name(reference: Reference) -> None:
    entries = [entry(reference, name, 0.5, seed=7) for name in ("copy", "original")]
    found = ranked(reference, *entries, entry(reference, "other", 0.9, seed=8))
    assert [(one.rank, one.name, one.flags) for one in found.standings] == [
        (1, "other", ()),
        (2, "copy", ("same labels as original",)),
        (2, "original", ("same labels as copy",)),
    ]


@pytest.mark.parametrize(("seen", "flag"), [("yes", "saw the test part"), ("unknown", "may have seen the test part")])
def test_who_saw_the_test_part_is_flagged(reference: Reference, seen: str, flag: str) -> None:
    system = System("d", 0, "t", seen, "c", test_set_note="n")  # type: ignore[arg-type]
    found = ranked(reference, replace(entry(reference, "mine", 0.5, "submission"), system=system))
    assert found.standings[0].flags == (flag,)
    honest = replace(entry(reference, "mine", 0.5, "submission"), system=System("d", 0, "t", "no", "c"))
    assert ranked(reference, honest).standings[0].flags == ()


def test_gains_are_measured_against_the_best_shortcut_and_only_for_systems_that_read(reference: Reference) -> None:
    kinds: dict[str, tuple[float, Kind]] = {
        "reader": (0.8, "text"),
        "guest": (0.7, "submission"),
        "field": (0.4, "shortcut"),
        "weak field": (0.2, "shortcut"),
        "probe": (0.6, "probe"),
        "floor": (0.5, "floor"),
    }
    found = ranked(
        reference, *(entry(reference, n, right, kind, seed=i) for i, (n, (right, kind)) in enumerate(kinds.items()))
    )
    by_name = {one.name: one for one in found.standings}
    assert found.best_shortcut == "field"
    for name in ("reader", "guest"):
        assert by_name[name].gain == by_name[name].headline.value - by_name["field"].headline.value
    assert {by_name[name].gain for name in ("field", "weak field", "probe", "floor")} == {None}


def test_a_board_without_a_shortcut_claims_no_gain(reference: Reference) -> None:
    found = ranked(reference, entry(reference, "reader", 0.5), entry(reference, "floor", 0.1, "floor"))
    assert found.best_shortcut is None
    assert {one.gain for one in found.standings} == {None}


@pytest.mark.parametrize("change", [{"data": "b" * 64}, {"split": "publishers/test"}])
def test_results_on_other_data_or_another_split_are_never_ranked(reference: Reference, change: dict[str, str]) -> None:
    mine = entry(reference, "mine", 0.5)
    other = replace(mine.result, evaluation=replace(mine.result.evaluation, **change))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="result mine: scored on other data or another split than weeks/test"):
        ranked(reference, replace(mine, result=other))


def test_a_result_without_all_tasks_has_no_place(reference: Reference) -> None:
    mine = entry(reference, "partial", 0.5)
    result = replace(mine.result, evaluation=replace(mine.result.evaluation, headline=None))
    with pytest.raises(InputError, match="result partial: not all tasks were predicted"):
        ranked(reference, replace(mine, result=result))


def test_who_made_the_labels_is_said_after_the_release_itself(small_project: SmallProject) -> None:
    folder = small_project.root / "dataset"
    write(build(small_project.annotation, min_test_class=1), folder)
    assert label_note(folder) == "The labels scored against come from people."
    assert label_note(bundled_release()) == "The labels scored against come from a language model, not from people."


def test_who_made_the_labels_is_never_taken_from_facts_that_were_tampered_with(small_project: SmallProject) -> None:
    folder = small_project.root / "dataset"
    write(build(small_project.annotation, min_test_class=1), folder)
    stats = folder / "stats.json"
    stats.write_text(stats.read_text().replace('"model"', '"human"') + " ")
    with pytest.raises(ChecksumError, match=r"stats\.json"):
        label_note(folder)


def test_the_stored_baselines_make_a_board_that_text_wins_under_the_ceiling() -> None:
    found = read_board(Project(ROOT))
    assert found.standings[0].kind == "text"
    assert {"floor", "shortcut", "text"} <= {one.kind for one in found.standings}
    assert "self-consistency, not agreement between people" in found.ceiling_note
    assert found.ceiling["mean"].value > found.standings[0].headline.value
