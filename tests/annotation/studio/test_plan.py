"""The plan: orders that are fixed by their seed, and fair shares that a broken-off push cannot spoil."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from briefbench.annotation.studio.plan import assign, mean_entropy, most_uncertain, shuffled
from briefbench.schema import TASKS

IDS = st.lists(st.text("abcdef", min_size=1, max_size=4), unique=True, max_size=40)
NAMES = st.lists(st.sampled_from(["A1", "A2", "A3", "B1", "B2"]), unique=True, min_size=1)


@given(IDS, st.integers(0, 5), st.data())
def test_a_shuffle_is_fixed_by_its_seed_and_keeps_its_order_when_bullets_come(
    ids: list[str], seed: int, data: st.DataObject
) -> None:
    order = shuffled(ids, seed)
    assert sorted(order) == sorted(ids)
    assert shuffled(ids[::-1], seed) == order
    some = data.draw(st.sets(st.sampled_from(ids))) if ids else set()
    assert [one for one in order if one in some] == shuffled([one for one in ids if one in some], seed)


def test_another_seed_gives_another_order() -> None:
    ids = [f"bullet {i}" for i in range(100)]
    assert shuffled(ids, 1) != shuffled(ids, 2)


def test_the_most_uncertain_comes_first() -> None:
    assert most_uncertain(["a", "b", "c", "d"], np.array([0.5, 2.0, 0.5, 1.0])) == ["b", "d", "a", "c"]


def test_entropy_is_the_mean_over_the_tasks_and_at_most_that_of_a_guess() -> None:
    found = mean_entropy(["Troops held a trench, officials said.", "zxqv"], "tfidf-lr", None)
    assert found.shape == (2,)
    assert (found > 0).all()
    assert found.max() < np.mean([np.log(len(task)) for task in TASKS])
    assert found[1] > found[0]


@given(IDS, NAMES, st.integers(1, 5))
def test_every_bullet_gets_its_votes_and_nobody_more_than_a_fair_share(
    ids: list[str], names: list[str], votes: int
) -> None:
    votes = min(votes, len(names))
    plan = assign(ids, {name: set() for name in names}, votes)
    counts = Counter(identifier for added in plan.values() for identifier in added)
    assert counts == dict.fromkeys(ids, votes)
    loads = [len(added) for added in plan.values()]
    assert max(loads) - min(loads) <= 1
    assert all(added == [one for one in ids if one in set(added)] for added in plan.values())


@given(IDS, NAMES, st.integers(1, 5), st.data())
def test_what_broke_off_is_completed_without_a_vote_too_many(
    ids: list[str], names: list[str], votes: int, data: st.DataObject
) -> None:
    votes = min(votes, len(names))
    plan = assign(ids, {name: set() for name in names}, votes)
    sent = {name: set(added[: data.draw(st.integers(0, len(added)))]) for name, added in plan.items()}
    rest = assign(ids, sent, votes)
    assert all(not sent[name].intersection(added) for name, added in rest.items())
    counts = Counter(one for name in names for one in (*sent[name], *rest[name]))
    assert counts == dict.fromkeys(ids, votes)


@given(IDS, NAMES)
def test_without_a_number_everybody_votes_on_everything(ids: list[str], names: list[str]) -> None:
    assert assign(ids, {name: set() for name in names}, None) == dict.fromkeys(names, ids)


def test_bullets_with_more_votes_than_asked_are_left_alone() -> None:
    assert assign(["a"], {"A1": {"a"}, "A2": {"a"}, "A3": set()}, 1) == {"A1": [], "A2": [], "A3": []}
