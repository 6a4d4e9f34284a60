"""Ways to aggregate: the majority is the gold rule, and the models are crowd-kit's, the same every time."""

import sys
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreement_support import make_ballots, person
from briefbench.annotation.reliability.aggregation import METHODS, aggregate, aggregate_codes
from briefbench.annotation.reliability.alpha import Draws
from briefbench.annotation.reliability.columns import read_ballots
from briefbench.annotation.reliability.page import render_report
from briefbench.annotation.reliability.report import report
from briefbench.annotation.votes import Vote
from briefbench.dataset.sources import Sources
from briefbench.errors import InputError, UnknownNameError
from briefbench.schema import STANCE, TASKS
from tests_support import ROOT

MODELS = [method for method in METHODS if method != "majority"]
ROWS = st.lists(st.lists(st.integers(-1, 3), min_size=3, max_size=3), min_size=1, max_size=20)


def votes_of(rows: Sequence[Sequence[int]], names: Sequence[str] = ("A", "B", "C")) -> dict[str, dict[str, Vote]]:
    """Return votes on the stance of bullets b0, b1 and so on; -1 for none."""
    votes: dict[str, dict[str, Vote]] = {name: {} for name in names}
    for number, row in enumerate(rows):
        for name, code in zip(names, row, strict=True):
            if code >= 0:
                labels = {"topic": "combat", "stance": STANCE.names[code], "source_type": "unattributed"}
                votes[name][f"b{number}"] = Vote(f"b{number}", name, labels, (), None, 1, "2026-01-02")
    return votes


def crowd(seed: int, bullets: int, skill: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return right labels, and votes of annotators who give the right one as often as their skill."""
    random = np.random.default_rng(seed)
    right = random.integers(0, 4, bullets)
    votes = [np.where(random.random(bullets) < one, right, random.integers(0, 4, bullets)) for one in skill]
    return right, np.stack(votes, axis=1)


def test_the_majority_is_the_default() -> None:
    assert METHODS == ("majority", "dawid-skene", "mace")


@given(ROWS)
def test_the_majority_is_the_label_of_more_than_half_and_a_tie_is_left_out(rows: list[list[int]]) -> None:
    found = aggregate("majority", STANCE, votes_of(rows))
    expected = {}
    for number, row in enumerate(rows):
        cast = Counter(STANCE.names[code] for code in row if code >= 0)
        expected |= {f"b{number}": (one, n / cast.total()) for one, n in cast.items() if 2 * n > cast.total()}
    assert found.keys() == expected.keys()
    for identifier, (label, share) in expected.items():
        assert found[identifier] == (label, pytest.approx(share, abs=1e-9))


def test_the_majority_on_the_corpus_is_the_gold_wherever_nobody_had_to_decide(sources: Sources) -> None:
    votes = {name: sources.votes[name] for name in ("A1", "A2")}
    for task in TASKS:
        found = aggregate("majority", task, votes)
        disputed = {identifier for identifier, gold in sources.gold.items() if task.name in gold.disputed}
        assert found.keys() == sources.gold.keys() - disputed
        for identifier, (label, share) in found.items():
            assert (label, share) == (sources.gold[identifier].labels[task.name], 1)


@pytest.mark.parametrize("method", MODELS)
@settings(max_examples=4, deadline=None)
@given(ROWS)
def test_a_model_labels_every_bullet_that_has_a_vote_with_a_label_somebody_gave(
    method: str, rows: list[list[int]]
) -> None:
    votes = votes_of(rows)
    found = aggregate(method, STANCE, votes)
    assert list(found) == sorted(set().union(*votes.values()))
    given_labels = {vote.labels["stance"] for by_bullet in votes.values() for vote in by_bullet.values()}
    for label, probability in found.values():
        assert label in given_labels
        assert 1 / 4 <= probability <= 1
    assert found == aggregate(method, STANCE, votes)


@pytest.mark.parametrize("method", MODELS)
def test_a_model_learns_whom_to_trust(method: str) -> None:
    right, votes = crowd(1, 400, [0.95, 0.9, 0.2, 0.2, 0.2])
    majority, _ = aggregate_codes("majority", votes, 4)
    labels, probabilities = aggregate_codes(method, votes, 4)
    assert (labels == right).mean() > (majority == right).mean() + 0.08
    assert (labels == right)[probabilities > 0.9].mean() > (labels == right)[probabilities <= 0.9].mean()


@pytest.mark.parametrize("method", MODELS)
def test_names_and_order_of_annotators_bullets_and_labels_do_not_change_a_label(method: str) -> None:
    _, votes = crowd(2, 200, [0.9, 0.7, 0.6])
    labels, _ = aggregate_codes(method, votes, 4)
    random = np.random.default_rng(3)
    rows, columns, renamed = random.permutation(200), random.permutation(3), random.permutation(4)
    moved, _ = aggregate_codes(method, renamed[votes][rows][:, columns], 4)
    assert (moved == renamed[labels][rows]).mean() > 0.97  # a start drawn at random moves a few uncertain ones


def test_dawid_skene_is_that_of_crowd_kit() -> None:
    import pandas as pd
    from crowdkit.aggregation import DawidSkene

    _, votes = crowd(4, 150, [0.9, 0.7, 0.5])
    task, worker = np.nonzero(votes >= 0)
    frame = pd.DataFrame({"task": task, "worker": worker, "label": votes[task, worker]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = DawidSkene(n_iter=100).fit_predict_proba(frame)
    labels, probabilities = aggregate_codes("dawid-skene", votes, 4)
    assert labels.tolist() == theirs.idxmax(axis=1).sort_index().tolist()
    assert probabilities == pytest.approx(theirs.max(axis=1).sort_index().to_numpy(), abs=1e-8)


def test_mace_is_that_of_crowd_kit_where_names_are_in_order_of_appearance() -> None:
    import pandas as pd
    from crowdkit.aggregation import MACE

    _, votes = crowd(5, 80, [0.9, 0.7, 0.5])
    votes[0], votes[1], votes[2], votes[3] = 0, 1, 2, 3
    task, worker = np.nonzero(votes >= 0)
    frame = pd.DataFrame({"task": task, "worker": worker, "label": votes[task, worker]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = MACE(n_restarts=2).fit_predict_proba(frame)
    labels, probabilities = aggregate_codes("mace", votes, 4)
    assert labels.tolist() == theirs.idxmax(axis=1).sort_index().tolist()
    assert probabilities == pytest.approx(theirs.max(axis=1).sort_index().to_numpy(), abs=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_no_votes_give_no_labels(method: str) -> None:
    assert aggregate(method, STANCE, {"A": {}, "B": {}}) == {}
    labels, probabilities = aggregate_codes(method, np.array([[-1, -1], [2, 2]]), 4)
    assert labels.tolist() == [-1, 2]
    assert probabilities.tolist() == [0, 1]


def test_an_unknown_method_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="'median'; the ways are majority, dawid-skene"):
        aggregate("median", STANCE, votes_of([[0, 1, 2]]))


@pytest.mark.parametrize("method", MODELS)
def test_without_crowd_kit_one_line_says_what_to_install(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "crowdkit", None)
    votes: Mapping[str, Mapping[str, Vote]] = votes_of([[0, 1, 2]])
    with pytest.raises(InputError, match=r"install briefbench\[aggregation\]"):
        aggregate(method, STANCE, votes)
    assert aggregate("majority", STANCE, votes_of([[0, 0, 2]])) == {"b0": ("pro_ukraine", pytest.approx(2 / 3))}


def test_the_report_compares_the_ways_by_hand() -> None:
    # Gold: 0 (all), 1 (two of three), 2 (decided; the majority says 3), 3 (decided on a tie of three).
    votes = [[0, 0, 0], [1, 1, 2], [3, 3, 2], [1, 2, 3]]
    ballots = make_ballots(votes, decisions={2: 2, 3: 3})
    found = report(ballots, Draws(5)).aggregation
    assert found is not None
    majority = found["majority"]["stance"]
    assert (majority.labelled, majority.differ, majority.adjudicated, majority.as_decided) == (3, 1, 2, 0)
    assert majority.macro_f1 == 0
    mace, _ = aggregate_codes("mace", np.array(votes), 4)
    gold = [0, 1, 2, 3]
    assert found["mace"]["stance"].differ == sum(a != b for a, b in zip(mace.tolist(), gold, strict=True))
    assert found["mace"]["stance"].as_decided == sum(mace[row] == gold[row] for row in (2, 3))
    assert "hardly identified" not in render_report(report(ballots, Draws(5)), pictures=False)


def test_macro_f1_counts_a_missing_label_as_missed() -> None:
    votes = [[0, 0, 1], [0, 1, -1], [1, 1, 1], [1, 1, 0]]
    found = report(make_ballots(votes, decisions={0: 0, 1: 0, 3: 1}), Draws(5)).aggregation
    assert found is not None
    # Of the adjudicated bullets 0 is labelled 0, 1 nothing, 3 is labelled 1: F1 2/3 and 1, and 0 of two other labels.
    assert found["majority"]["stance"].macro_f1 == pytest.approx((2 / 3 + 1) / 4)


def test_models_are_fitted_on_ties_that_nobody_decided_as_well() -> None:
    _, votes = crowd(7, 60, [0.8, 0.6])
    ties = int((votes[:, 0] != votes[:, 1]).sum())
    found = report(make_ballots(votes.tolist()), Draws(5)).aggregation
    assert found is not None
    assert found["majority"]["stance"].labelled == 60 - ties
    for method in MODELS:
        assert (found[method]["stance"].labelled, found[method]["stance"].adjudicated) == (60, 0)
        assert found[method]["stance"].differ == 0  # the gold is what both said


def test_two_annotators_are_too_few_for_a_model_and_the_page_says_so() -> None:
    ballots = read_ballots(ROOT / "annotation")
    assert len(ballots.counted) == 2
    committed = (ROOT / "annotation" / "AGREEMENT.md").read_text(encoding="utf-8")
    assert "With two annotators these models are hardly identified" in committed
    two = make_ballots([[0, 1], [1, 1]], annotators=[person("A"), person("B")])
    assert "hardly identified" in render_report(report(two, Draws(5)), pictures=False)
