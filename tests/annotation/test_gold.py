"""The gold rule, written down a second time: whoever changes it unnoticed changes every published label."""

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.annotation.gold import decide, decide_all
from briefbench.annotation.votes import Adjudication, Annotator, Vote
from briefbench.errors import GoldError
from briefbench.schema import SOURCE_TYPE, STANCE, TASKS, TOPIC, UNATTRIBUTED

Labels = tuple[str, str, str]
BASE: Labels = ("economy", "neutral", "news_media")


def vote(
    labels: Labels = BASE, others: Sequence[str] = (), span: tuple[int, int] | None = (0, 9), who: str = "P1"
) -> Vote:
    named = dict(zip((task.name for task in TASKS), labels, strict=True))
    return Vote("b1", who, named, tuple(others), None if labels[2] == UNATTRIBUTED else span, 1, "2026-01-02")


def ruling(task: str, label: str, bullet: str = "b1", overrides: str = "") -> Adjudication:
    return Adjudication(bullet, task, label, "a reason", "J", overrides)


def person(name: str, *, counts: bool = True) -> Annotator:
    return Annotator(name, "human", "", "", counts, "")


VOTES = st.builds(
    vote,
    st.tuples(*(st.sampled_from(task.names[-3:]) for task in TASKS)),
    st.lists(st.sampled_from(SOURCE_TYPE.names[:3]), unique=True, max_size=3),
    st.tuples(st.integers(0, 6), st.integers(7, 12)),
)


def expected_label(votes: Sequence[Vote], task: str, decision: Adjudication | None) -> str | None:
    """Return the label after the rule, or None where the rule refuses."""
    counts = Counter(one.labels[task] for one in votes)
    if len(counts) == 1:
        return None if decision else next(iter(counts))
    if decision:
        return decision.label
    winners = [label for label, count in counts.items() if count > len(votes) / 2]
    return winners[0] if winners else None


@given(st.lists(VOTES, min_size=1, max_size=5), st.sets(st.sampled_from([task.name for task in TASKS])))
def test_labels_follow_the_rule_or_are_refused(votes: list[Vote], adjudicated: set[str]) -> None:
    decisions = {task.name: ruling(task.name, task.names[0]) for task in TASKS if task.name in adjudicated}
    expected = {task.name: expected_label(votes, task.name, decisions.get(task.name)) for task in TASKS}
    if None in expected.values():
        with pytest.raises(GoldError):
            decide(votes, decisions)
        return
    gold = decide(votes, decisions)
    assert gold.labels == expected
    assert gold.adjudications == tuple(decisions.values())
    assert gold.disputed == tuple(task.name for task in TASKS if len({v.labels[task.name] for v in votes}) > 1)


@given(st.lists(VOTES, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_votes_changes_no_label_and_no_share(votes: list[Vote], random: Random) -> None:
    decisions = {
        task.name: ruling(task.name, task.names[1])
        for task in TASKS
        if len({one.labels[task.name] for one in votes}) > 1
    }
    shuffled = list(votes)
    random.shuffle(shuffled)
    one, other = decide(votes, decisions), decide(shuffled, decisions)
    assert (one.labels, one.soft, one.disputed) == (other.labels, other.soft, other.disputed)
    assert set(one.other_source_types) == set(other.other_source_types)


@given(VOTES, st.integers(1, 4))
def test_annotators_who_agree_give_their_own_answers(one: Vote, count: int) -> None:
    gold = decide([one] * count, {})
    assert gold.labels == one.labels
    assert gold.span == one.span
    assert gold.other_source_types == tuple(t for t in one.other_source_types if t != one.labels["source_type"])
    assert gold.disputed == ()
    assert all(gold.soft[task.name][task.codes[one.labels[task.name]]] == 1.0 for task in TASKS)


@given(st.lists(VOTES, min_size=1, max_size=5))
def test_soft_labels_are_the_shares_of_the_votes(votes: list[Vote]) -> None:
    decisions = {
        task.name: ruling(task.name, task.names[0]) for task in TASKS if len({v.labels[task.name] for v in votes}) > 1
    }
    gold = decide(votes, decisions)
    for task in TASKS:
        assert gold.soft[task.name] == tuple(
            sum(one.labels[task.name] == name for one in votes) / len(votes) for name in task.names
        )
        assert sum(gold.soft[task.name]) == pytest.approx(1, abs=1e-12)


def test_a_strict_majority_needs_no_adjudication_but_an_adjudication_overrules_it() -> None:
    votes = [vote(), vote(), vote(("society", "neutral", "news_media"))]
    assert decide(votes, {}).labels["topic"] == "economy"
    assert decide(votes, {"topic": ruling("topic", "society")}).labels["topic"] == "society"
    assert decide(votes, {"topic": ruling("topic", "nuclear")}).labels["topic"] == "nuclear"


@pytest.mark.parametrize("labels", [("economy", "society"), ("economy", "economy", "society", "nuclear")])
def test_half_of_the_votes_is_no_majority(labels: tuple[str, ...]) -> None:
    with pytest.raises(GoldError, match="topic: tie between economy and society; adjudicate it"):
        decide([vote((label, *BASE[1:])) for label in labels], {})


def test_an_adjudication_of_what_nobody_disputes_is_refused() -> None:
    with pytest.raises(GoldError, match="stance: adjudicated, but the votes agree on neutral"):
        decide([vote(), vote()], {"stance": ruling("stance", "neutral")})
    with pytest.raises(GoldError, match="stance: adjudicated, but the votes agree on neutral"):
        decide([vote()], {"stance": ruling("stance", "mixed")})


@pytest.mark.parametrize("label", ["mixed", "neutral"], ids=["changed", "confirmed"])
def test_a_decision_that_names_what_the_votes_agree_on_decides_and_changes_no_vote(label: str) -> None:
    decision = ruling("stance", label, overrides="neutral")
    gold = decide([vote(), vote()], {"stance": decision})
    assert gold.labels == {"topic": "economy", "stance": label, "source_type": "news_media"}
    assert gold.disputed == ()
    assert gold.adjudications == (decision,)
    assert gold.soft == decide([vote(), vote()], {}).soft
    assert gold.soft["stance"][STANCE.codes["neutral"]] == 1.0


def test_a_decision_that_takes_the_votes_for_other_than_they_are_is_refused() -> None:
    with pytest.raises(GoldError, match="stance: the adjudication overrides mixed, but the votes agree on neutral"):
        decide([vote(), vote()], {"stance": ruling("stance", "pro_russia", overrides="mixed")})
    votes = [vote(), vote(), vote(("society", *BASE[1:]))]
    with pytest.raises(GoldError, match="topic: the adjudication overrides economy, but the votes differ; decide it"):
        decide(votes, {"topic": ruling("topic", "nuclear", overrides="economy")})


def test_an_overridden_source_type_that_nobody_had_has_no_span() -> None:
    decision = ruling("source_type", "expert_ngo", overrides="news_media")
    assert decide([vote(), vote()], {"source_type": decision}).span is None


NGO: Labels = ("economy", "neutral", "expert_ngo")
NOBODY: Labels = ("economy", "neutral", UNATTRIBUTED)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((2, 20), (5, 9), (5, 9)),
        ((5, 9), (2, 20), (5, 9)),
        ((0, 10), (9, 14), (9, 14)),
        ((0, 10), (10, 12), (0, 10)),
        ((30, 60), (0, 5), (30, 60)),
        ((0, 5), (3, 8), (0, 5)),
        ((3, 8), (0, 5), (3, 8)),
    ],
    ids=["inside", "around", "one shared", "touching", "apart", "same length", "same length, later"],
)
def test_the_shorter_overlapping_span_wins_else_the_first_annotators(
    first: tuple[int, int], second: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert decide([vote(span=first), vote(span=second)], {}).span == expected


@pytest.mark.parametrize("turned", [False, True])
def test_the_span_and_other_types_are_those_of_the_annotator_who_is_right(turned: bool) -> None:
    right = vote(NGO, ["armed_group", "news_media"], (10, 30))
    wrong = vote(BASE, ["expert_ngo", "private_party"], (12, 15))
    votes = [wrong, right] if turned else [right, wrong]
    gold = decide(votes, {"source_type": ruling("source_type", "expert_ngo")})
    assert gold.span == (10, 30)
    assert gold.other_source_types == ("armed_group", "news_media")


def test_an_unattributed_gold_has_no_span_but_keeps_its_other_types() -> None:
    votes = [vote(NOBODY, ["news_media"]), vote(BASE, [], (3, 6))]
    gold = decide(votes, {"source_type": ruling("source_type", UNATTRIBUTED)})
    assert (gold.span, gold.other_source_types) == (None, ("news_media",))


def test_both_must_list_an_other_type_and_the_first_gives_the_order() -> None:
    first = vote(others=["expert_ngo", "armed_group", "private_party"])
    second = vote(others=["armed_group", "expert_ngo", "western_official"])
    assert decide([first, second], {}).other_source_types == ("expert_ngo", "armed_group")
    assert decide([second, first], {}).other_source_types == ("armed_group", "expert_ngo")


def test_the_gold_source_type_is_never_among_the_others() -> None:
    votes = [vote(NGO, ["news_media"]), vote(("economy", "neutral", "armed_group"), ["news_media", "expert_ngo"])]
    gold = decide(votes, {"source_type": ruling("source_type", "news_media")})
    assert "news_media" not in gold.other_source_types


Cast = Mapping[str, Mapping[str, Vote]]


@given(VOTES, VOTES, VOTES)
def test_an_annotator_who_does_not_count_changes_nothing(one: Vote, two: Vote, stray: Vote) -> None:
    rulings = {
        ("b1", task.name): ruling(task.name, task.names[2])
        for task in TASKS
        if one.labels[task.name] != two.labels[task.name]
    }
    people = {name: person(name, counts=name != "P0") for name in ("P0", "P1", "P2")}
    alone: Cast = {"P1": {"b1": one}, "P2": {"b1": two}}
    assert decide_all(["b1"], {"P0": {"b1": stray}, **alone}, people, rulings) == decide_all(
        ["b1"], alone, people, rulings
    )


def test_a_bullet_nobody_counted_labelled_is_refused_or_left_out_when_asked() -> None:
    people = {"P1": person("P1"), "P3": person("P3", counts=False)}
    cast: Cast = {"P1": {"b1": vote()}, "P3": {"b1": vote(), "b2": vote()}}
    with pytest.raises(GoldError, match=r"1 bullet \(b2\) without a counted vote; label them or pass --skip-unl"):
        decide_all(["b1", "b2"], cast, people, {})
    assert list(decide_all(["b1", "b2"], cast, people, {}, skip_unlabelled=True)) == ["b1"]


def test_all_faults_are_counted_and_the_first_five_named() -> None:
    people = {name: person(name) for name in ("P1", "P2")}
    ids = [f"b{i}" for i in range(7)]
    cast: Cast = {"P1": dict.fromkeys(ids, vote()), "P2": dict.fromkeys(ids, vote(("society", *BASE[1:])))}
    with pytest.raises(GoldError, match=r"7 bullets \(b0 \(topic: tie .*\), b1 .* b4 \(.*\) and 2 more\)") as caught:
        decide_all(ids, cast, people, {}, skip_unlabelled=True)
    assert "b5" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_ruling_for_one_bullet_decides_no_other() -> None:
    people = {name: person(name) for name in ("P1", "P2")}
    other = vote(("economy", "mixed", "news_media"))
    cast: Cast = {"P1": {"b1": vote(), "b2": vote()}, "P2": {"b1": other, "b2": other}}
    with pytest.raises(GoldError, match=r"1 bullet \(b2 \(stance: tie"):
        decide_all(["b1", "b2"], cast, people, {("b1", "stance"): ruling("stance", "mixed")})
    both = {(name, STANCE.name): ruling("stance", "mixed", name) for name in ("b1", "b2")}
    assert {gold.labels["stance"] for gold in decide_all(["b1", "b2"], cast, people, both).values()} == {"mixed"}
    assert TOPIC.name not in decide_all(["b1"], cast, people, both)["b1"].disputed
