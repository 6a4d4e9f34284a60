"""Agreement: alpha is Krippendorff's, and passes of one model are never called reliable."""

import math
from random import Random

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.annotation.agreement import agreement, nominal_alpha
from briefbench.annotation.votes import Annotator, Vote
from briefbench.dataset.sources import Sources
from briefbench.schema import TASKS

TABLES = (
    st.integers(2, 6)
    .flatmap(lambda labels: st.lists(st.lists(st.integers(0, 4), min_size=labels, max_size=labels), min_size=1))
    .map(lambda rows: np.array(rows, dtype=np.int64))
)


def several_labels(table: np.ndarray) -> bool:
    pairable = table[table.sum(axis=1) > 1]
    return bool((pairable.sum(axis=0) > 0).sum() > 1)


@given(TABLES.filter(several_labels))
def test_alpha_is_that_of_the_reference_implementation(table: np.ndarray) -> None:
    expected = krippendorff.alpha(value_counts=table, level_of_measurement="nominal")
    assert nominal_alpha(table) == pytest.approx(expected, rel=0, abs=1e-12)


@given(TABLES.filter(several_labels), st.randoms(use_true_random=False))
def test_alpha_depends_on_no_order_of_units_or_labels(table: np.ndarray, random: Random) -> None:
    rows, columns = list(range(len(table))), list(range(table.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    assert nominal_alpha(table[rows][:, columns]) == pytest.approx(nominal_alpha(table), rel=0, abs=1e-12)


def test_alpha_of_a_worked_example() -> None:
    # Two annotators, four units: three agreements and one difference. D_o = 2/8, D_e = 2*3*5/(8*7): 1 - 14/30.
    assert nominal_alpha(np.array([[2, 0], [0, 2], [0, 2], [1, 1]])) == pytest.approx(1 - 14 / 30, abs=1e-15)


@pytest.mark.parametrize("table", [[[1, 0], [0, 1]], [[2, 0], [3, 0]], [[2, 0], [0, 1]], [[0, 0]]])
def test_alpha_without_pairs_or_without_a_second_label_is_undefined_not_perfect(table: list[list[int]]) -> None:
    assert math.isnan(nominal_alpha(np.array(table)))


def vote(who: str, bullet: str, topic: str) -> Vote:
    labels = {"topic": topic, "stance": "neutral", "source_type": "unattributed"}
    return Vote(bullet, who, labels, (), None, 1, "2026-01-02")


def test_only_bullets_with_two_votes_are_compared() -> None:
    cast = {
        "P1": {i: vote("P1", i, "society") for i in ("b1", "b2", "b4")},
        "P2": {i: vote("P2", i, "economy") for i in ("b2", "b3", "b4")} | {"b4": vote("P2", "b4", "society")},
    }
    people = {name: Annotator(name, "human", "", "", True, "") for name in cast}
    found = agreement(["P1", "P2"], cast, people)
    assert (found.bullets, found.differences) == (2, {"topic": 1, "stance": 0, "source_type": 0})
    assert found.alpha["topic"] == pytest.approx(1 - 3 * 2 / (16 - 9 - 1))
    assert math.isnan(found.alpha["stance"])


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((("human", ""), ("human", "")), "human"),
        ((("model", "M"), ("model", "M")), "self-consistency"),
        ((("model", "M"), ("model", "N")), "mixed"),
        ((("human", ""), ("model", "M")), "mixed"),
        ((("model", "M"), ("human", "")), "mixed"),
        ((("human", "M"), ("model", "M")), "mixed"),
    ],
)
def test_agreement_of_model_passes_is_not_sold_as_peoples(kinds: tuple[tuple[str, str], ...], expected: str) -> None:
    people = {f"P{i}": Annotator(f"P{i}", kind, model, "", True, "") for i, (kind, model) in enumerate(kinds)}  # type: ignore[arg-type]
    cast = {name: {"b1": vote(name, "b1", "society")} for name in people}
    assert agreement(list(people), cast, people).kind == expected


def test_agreement_on_the_corpus_is_that_of_the_reference_on_the_raw_votes(sources: Sources) -> None:
    found = agreement(["A1", "A3"], sources.votes, sources.annotators)
    shared = sorted(set(sources.votes["A1"]) & set(sources.votes["A3"]))
    assert found.bullets == len(shared)
    assert found.kind == "self-consistency"
    for task in TASKS:
        data = [[task.codes[sources.votes[name][i].labels[task.name]] for i in shared] for name in ("A1", "A3")]
        expected = krippendorff.alpha(reliability_data=data, level_of_measurement="nominal")
        assert found.alpha[task.name] == pytest.approx(expected, abs=1e-12)
        assert found.differences[task.name] == sum(a != b for a, b in zip(*data, strict=True))


def test_a_person_is_never_counted_as_a_pass_of_a_model() -> None:
    people = {"A": Annotator("A", "model", "M", "", True, ""), "B": Annotator("B", "human", "M", "", True, "")}
    votes: dict[str, dict[str, Vote]] = {"A": {}, "B": {}}
    assert agreement(["A", "B"], votes, people).kind == "mixed"
