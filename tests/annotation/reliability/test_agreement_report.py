"""The agreement report: every part counted by hand or by another library, and never people's where models voted."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from sklearn.metrics import f1_score

from agreement_support import FEW, MONDAY, ballot_tables, made, make_ballots, person
from briefbench.annotation.gold import decide_all
from briefbench.annotation.reliability.adjudicated import adjudication
from briefbench.annotation.reliability.alpha import task_alpha
from briefbench.annotation.reliability.ballots import Ballots, cells
from briefbench.annotation.reliability.page import render_report, summary
from briefbench.annotation.reliability.report import Report
from briefbench.annotation.votes import read_adjudications
from briefbench.dataset.sources import Sources
from briefbench.errors import InputError
from briefbench.schema import STANCE, TASKS
from tests_support import ROOT

OPTIONS = {"labels": range(len(STANCE)), "average": "macro", "zero_division": 0}


def test_the_gold_of_the_corpus_is_that_of_the_release(corpus: Ballots, sources: Sources) -> None:
    for task in TASKS:
        one = cells(corpus, task)
        gold = Counter(dict(zip(range(len(task)), np.bincount(one.gold, one.times, minlength=len(task)), strict=True)))
        assert gold == Counter(task.codes[decided.labels[task.name]] for decided in sources.gold.values())


def test_the_gold_of_every_bullet_of_the_corpus_is_that_of_the_gold_rule(corpus: Ballots, sources: Sources) -> None:
    adjudications = read_adjudications(ROOT / "annotation" / "adjudication.csv", set(corpus.ids))
    gold = decide_all(corpus.ids, sources.votes, sources.annotators, adjudications)
    for task in TASKS:
        one = cells(corpus, task)
        key = {
            (day, *votes, decision): label
            for day, votes, decision, label in zip(
                one.day.tolist(), one.votes.tolist(), one.decision.tolist(), one.gold.tolist(), strict=True
            )
        }
        rows = zip(
            corpus.ids,
            corpus.days.tolist(),
            corpus.codes[task.name].tolist(),
            corpus.decisions[task.name].tolist(),
            strict=True,
        )
        for identifier, day, votes, decision in rows:
            assert key[day, *votes, decision] == task.codes[gold[identifier].labels[task.name]]


@given(ballot_tables(annotators=(1, 5)))
def test_the_gold_is_the_strict_majority_and_nothing_on_a_tie(table: tuple[list[list[int]], list[int]]) -> None:
    one = cells(make_ballots(*table), STANCE)
    for votes, gold in zip(one.votes.tolist(), one.gold.tolist(), strict=True):
        cast = Counter(vote for vote in votes if vote >= 0)
        winners = [label for label, count in cast.items() if 2 * count > cast.total()]
        assert gold == (winners[0] if winners else -1)
    assert one.times.sum() == len(table[0])


def test_the_main_figures_are_of_those_who_count_toward_the_gold(corpus_report: Report) -> None:
    group = corpus_report.group
    assert group is not None
    assert (group.annotators, group.counted, group.kind) == (("A1", "A2"), True, "self-consistency")
    assert group.tasks["stance"].alpha == corpus_report.pairs[0].tasks["stance"].alpha
    assert [pair.annotators for pair in corpus_report.pairs] == [("A1", "A2"), ("A1", "A3"), ("A2", "A3")]


def test_the_figures_of_the_corpus_are_those_of_the_release(corpus_report: Report, sources: Sources) -> None:
    from briefbench.annotation.agreement import agreement

    for pair in corpus_report.pairs:
        released = agreement(pair.annotators, sources.votes, sources.annotators)
        assert (pair.kind, pair.bullets) == (released.kind, released.bullets)
        for task, found in pair.tasks.items():
            assert found.alpha.value == pytest.approx(released.alpha[task], rel=0, abs=1e-12)
            assert found.alpha.disagreements == released.differences[task]


def test_confusion_counts_the_bullets_of_every_two_labels(corpus_report: Report, sources: Sources) -> None:
    for pair in corpus_report.pairs:
        one, other = (sources.votes[name] for name in pair.annotators)
        for task in TASKS:
            counted = Counter((one[i].labels[task.name], other[i].labels[task.name]) for i in one.keys() & other.keys())
            found = {
                (task.names[row], task.names[column]): count
                for row, line in enumerate(pair.tasks[task.name].confusion)
                for column, count in enumerate(line)
            }
            assert {labels: count for labels, count in found.items() if count} == dict(counted)


def test_spans_are_counted_and_compared_where_both_marked_one() -> None:
    text = "The mayor of Alder said no."
    spans = [
        [(0, 9), (0, 9)],  # equal
        [(0, 9), (0, 18)],  # two tokens of four: F1 2 * 2 / (2 + 4)
        [(0, 9), (-1, -1)],
        [(-1, -1), (-1, -1)],
    ]
    ballots = make_ballots([[0, 0]] * 4 + [[0, -1]], texts=[text] * 5, spans=[*spans, [(0, 9), (-1, -1)]])
    found = made(ballots).pairs[0].spans
    assert (found.both, found.one, found.neither) == (2, 1, 1)
    assert found.exact.value == 1 / 2
    assert found.token_f1.value == pytest.approx((1 + 4 / 6) / 2, abs=1e-8)
    assert found.exact.bullets == 2


def test_two_who_share_no_bullet_or_no_span_have_nothing_to_compare() -> None:
    apart = made(make_ballots([[0, -1], [-1, 1]])).pairs[0]
    assert (apart.bullets, apart.spans.both, apart.spans.neither) == (0, 0, 0)
    assert math.isnan(apart.spans.exact.value)
    assert math.isnan(apart.tasks["stance"].alpha.value)
    assert made(make_ballots([[0, 0], [1, 1]])).pairs[0].spans.neither == 2


@pytest.mark.parametrize("who", [2, 3, 4])
def test_the_ceiling_is_that_of_scikit_learn(who: int) -> None:
    random = np.random.default_rng(who)
    right = random.integers(0, 4, (120, 1))
    votes = np.where(random.random((120, who)) < 0.3, random.integers(0, 4, (120, who)), right)
    votes[random.random(votes.shape) < 0.1] = -1
    found = made(make_ballots(votes.tolist())).ceiling
    assert found is not None
    scores = []
    for own in range(who):
        pairs = []
        for row in votes.tolist():
            others = Counter(vote for place, vote in enumerate(row) if place != own and vote >= 0)
            top = [label for label, count in others.items() if count == max(others.values())]
            if row[own] >= 0 and len(top) == 1:
                pairs.append((top[0], row[own]))
        scores.append(f1_score(*zip(*pairs, strict=True), **OPTIONS))
    assert found.macro_f1["stance"].value == pytest.approx(np.mean(scores), abs=1e-12)
    means = [found.macro_f1[task.name].value for task in TASKS]
    assert found.macro_f1["mean"].value == pytest.approx(np.mean(means), abs=1e-12)


def test_adjudication_by_hand() -> None:
    # Bullets: unanimous, decided for P0, decided for P1, decided for neither, a tie left open, one vote only.
    votes = [[0, 0, 1], [0, 1, 1], [0, 1, -1], [0, 1, 3], [2, 3, 2], [1, -1, 1]]
    annotators = [person("P0"), person("P1"), person("P2", counts=False)]
    ballots = make_ballots(votes, annotators=annotators, decisions={1: 0, 2: 1, 3: 3})
    one = cells(ballots, STANCE)
    before = task_alpha(one, [0, 1], FEW).alpha
    found = adjudication(ballots, one, before, FEW)
    assert (found.disputed, found.adjudicated, found.unproposed, found.undecided) == (4, 3, 1, 1)
    assert found.before.disagreements == 4
    overturned = {name: (after.adjudicated, after.overturned) for name, after in found.after.items()}
    assert overturned == {"P0": (3, 2), "P1": (3, 2), "P2": (2, 1)}
    gold, own = [0, 0, 1, 3], {"P0": [0, 0, 0, 0], "P1": [0, 1, 1, 1]}
    for name, labels in own.items():
        assert found.after[name].alpha.bullets == 4
        assert found.after[name].macro_f1.value == pytest.approx(f1_score(gold, labels, **OPTIONS), abs=1e-12)
    assert found.after["P2"].alpha.bullets == 3


def test_without_adjudication_and_with_ties_there_is_a_report_all_the_same() -> None:
    found = made(make_ballots([[0, 1], [1, 1], [2, 2]])).adjudication["stance"]
    assert (found.disputed, found.adjudicated, found.undecided) == (1, 0, 1)
    assert found.after["P0"].alpha.bullets == 2


def test_the_effect_of_the_codebook_by_hand() -> None:
    votes = [[0, 0, 0], [1, 1, 0], [2, 2, 2], [3, 3, 3], [0, 1, 2], [1, 1, 1], [-1, 2, 2], [3, 3, 0]]
    annotators = [person("P0"), person("P1"), person("P2", counts=False, instructions="one line")]
    ballots = make_ballots(votes, annotators=annotators, decisions={4: 0})
    found = made(ballots)
    assert found.codebook is not None
    assert found.codebook.groups == {"guidelines": ("P0", "P1"), "one line": ("P2",)}
    assert found.codebook.bullets == 7
    shared = [row for row in votes if min(row) >= 0]

    def alpha(one: int, other: int) -> float:
        pair = make_ballots([[row[one], row[other]] for row in shared])
        return task_alpha(cells(pair, STANCE), [0, 1], FEW).alpha.value

    effect = found.codebook.contrasts[0].tasks["stance"]
    within, across = alpha(0, 1), (alpha(0, 2) + alpha(1, 2)) / 2
    assert effect.within["guidelines"].value == pytest.approx(within)
    assert effect.across.value == pytest.approx(across)
    assert effect.drop["guidelines"].value == pytest.approx(within - across)
    gold = [0, 1, 2, 3, 0, 1, 3]
    f1 = [f1_score(gold, [row[column] for row in shared], **OPTIONS) for column in range(3)]
    assert [found.codebook.macro_f1["stance"][f"P{i}"].value for i in range(3)] == pytest.approx(f1)
    assert effect.f1_difference.value == pytest.approx((f1[0] + f1[1]) / 2 - f1[2])
    assert effect.drop.keys() == {"guidelines"}
    assert effect.drop["guidelines"].interval is not None


@pytest.mark.parametrize(
    ("votes", "instructions"),
    [([[0, 0], [1, 0]], ("a", "a")), ([[0, -1], [-1, 0]], ("a", "b"))],
    ids=["one kind of instructions", "no bullet in common"],
)
def test_where_the_codebook_has_no_effect_to_measure_the_page_says_so(
    votes: Sequence[Sequence[int]], instructions: tuple[str, str]
) -> None:
    who = [person(f"P{i}", instructions=one) for i, one in enumerate(instructions)]
    found = made(make_ballots(votes, annotators=who))
    assert found.codebook is None
    assert "Not measured: it needs annotators with different `instructions`" in render_report(found, pictures=False)


def test_the_effect_is_measured_without_any_gold() -> None:
    who = [person("P0"), person("P1", instructions="other")]
    found = made(make_ballots([[0, 1], [1, 0], [2, 3]], annotators=who)).codebook
    assert found is not None
    effect = found.contrasts[0].tasks["stance"]
    assert (effect.within, effect.drop) == ({}, {})
    assert math.isnan(effect.f1_difference.value)
    assert effect.across.value < 0


def test_with_fewer_than_two_who_count_the_figures_are_of_all_and_the_page_says_so() -> None:
    who = [person("P0"), person("P1", counts=False)]
    found = made(make_ballots([[0, 1], [1, 1], [2, 2]], annotators=who))
    assert found.group is not None
    assert (found.group.annotators, found.group.counted) == (("P0", "P1"), False)
    assert found.adjudication == {}
    assert "Fewer than two annotators count toward the gold" in render_report(found, pictures=False)


def test_one_annotator_has_nobody_to_agree_with() -> None:
    found = made(make_ballots([[0], [1]]))
    assert (found.group, found.pairs, found.ceiling, found.codebook, found.aggregation) == (None, (), None, None, None)
    page = render_report(found, pictures=False)
    assert "there is nothing to compare" in page
    assert "Krippendorff" in page
    assert summary(found)[1] == []


def test_nobody_voted() -> None:
    with pytest.raises(InputError, match="nobody has voted"):
        made(make_ballots(np.zeros((0, 2), dtype=int)))


def test_months_are_in_order_and_days_are_their_clusters() -> None:
    days = [MONDAY + step for step in (0, 40, 41, 80, 3)]
    found = made(make_ballots([[0, 1]] * 5, days))
    assert found.group is not None
    months = found.group.tasks["stance"].months
    assert all(one < other for one, other in pairwise(months))
    assert {name: (one.bullets, one.clusters) for name, one in months.items()} == {
        "2023-01": (2, 2),
        "2023-02": (2, 2),
        "2023-03": (1, 1),
    }
