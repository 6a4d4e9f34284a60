"""Alpha from sums by day is Krippendorff's alpha of the rows, and its interval that of whole weeks drawn again."""

import datetime as dt
import math
from random import Random
from unittest import mock

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreement_support import MONDAY, ballot_tables, make_ballots
from briefbench.annotation.agreement import nominal_alpha
from briefbench.annotation.reliability import alpha as alphas
from briefbench.annotation.reliability.alpha import (
    Alpha,
    Draws,
    TaskAlpha,
    figure,
    pair_alpha,
    pair_tables,
    task_alpha,
    weeks_of,
)
from briefbench.annotation.reliability.ballots import UNDATED, Ballots, cells, label_counts
from briefbench.evaluation.bootstrap import FEW_CLUSTERS, bca_interval, draw_weights
from briefbench.schema import STANCE, TOPIC

FEW = Draws(resamples=20)
Table = tuple[list[list[int]], list[int]]


def computed(ballots: Ballots, draws: Draws = FEW) -> TaskAlpha:
    return task_alpha(cells(ballots, STANCE), list(range(len(ballots.names))), draws)


def reference(votes: np.ndarray) -> float:
    """Return alpha of votes, a row a bullet, by the package of that name; NaN where it has no value."""
    votes = votes[(votes >= 0).sum(axis=1) > 1]
    if len(np.unique(votes[votes >= 0])) < 2:
        return math.nan
    counts = label_counts(votes, max(len(STANCE), int(votes.max()) + 1))
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))


def same(found: float, expected: float) -> bool:
    return found == pytest.approx(expected, rel=0, abs=1e-12, nan_ok=True)


@given(ballot_tables())
def test_alpha_of_a_task_of_its_labels_and_of_its_months_is_that_of_the_package(table: Table) -> None:
    ballots = make_ballots(*table)
    votes, found = ballots.codes["stance"].astype(int), computed(ballots)
    assert same(found.alpha.value, reference(votes))
    for code, name in enumerate(STANCE.names):
        assert same(found.labels[name].value, reference(np.where(votes < 0, -1, votes == code)))
    names = np.array(["" if day == UNDATED else f"{dt.date.fromordinal(day):%Y-%m}" for day in ballots.days.tolist()])
    pairable = (votes >= 0).sum(axis=1) > 1
    assert list(found.months) == sorted(set(names[pairable]) - {""})
    for month, alpha in found.months.items():
        assert same(alpha.value, reference(votes[names == month]))
        assert alpha.bullets == (pairable & (names == month)).sum()
        assert alpha.clusters == len(set(ballots.days[pairable & (names == month)].tolist()))


@given(ballot_tables(annotators=(2, 3)))
def test_alpha_of_a_pair_is_that_of_the_package(table: Table) -> None:
    ballots = make_ballots(*table)
    one = cells(ballots, STANCE)
    tables = pair_tables(one, one.votes[:, 0], one.votes[:, 1])
    votes = ballots.codes["stance"][:, :2].astype(int)
    both = votes[(votes >= 0).all(axis=1)]
    found = pair_alpha(tables, FEW)
    assert same(found.value, reference(votes))
    assert (found.bullets, found.disagreements) == (len(both), int((both[:, 0] != both[:, 1]).sum()))
    for row, column in np.ndindex(len(STANCE), len(STANCE)):
        assert tables[:, row, column].sum() == ((both[:, 0] == row) & (both[:, 1] == column)).sum()


@given(ballot_tables())
def test_bullets_differences_and_weeks_are_counted_as_by_hand(table: Table) -> None:
    ballots = make_ballots(*table)
    votes, found = ballots.codes["stance"].astype(int), computed(ballots)
    shared = [
        (set(row) - {-1}, week)
        for row, week in zip(votes.tolist(), weeks_of(ballots.days).tolist(), strict=True)
        if sum(vote >= 0 for vote in row) > 1
    ]
    assert (found.alpha.bullets, found.alpha.disagreements) == (len(shared), sum(len(one) > 1 for one, _ in shared))
    assert found.alpha.clusters == len({week for _, week in shared})
    for code, name in enumerate(STANCE.names):
        having = [(one, week) for one, week in shared if code in one]
        label = found.labels[name]
        assert (label.bullets, label.disagreements) == (len(having), sum(len(one) > 1 for one, _ in having))
        assert label.clusters == len({week for _, week in having})
        assert label.few_clusters == (label.clusters < FEW_CLUSTERS)


@settings(max_examples=40)
@given(ballot_tables(annotators=(2, 3), most=25))
def test_what_an_interval_is_drawn_from_are_rows_drawn_week_by_week(table: Table) -> None:
    ballots = make_ballots(*table)
    with mock.patch.object(alphas, "figure", wraps=figure) as drawn:
        computed(ballots)
    votes = ballots.codes["stance"].astype(int)
    pairable = (votes >= 0).sum(axis=1) > 1
    votes, weeks = votes[pairable], weeks_of(ballots.days[pairable])
    names = sorted(set(weeks.tolist()))
    samples = [np.arange(len(votes))] if names else []
    for row in draw_weights(len(names), resamples=FEW.resamples, seed=FEW.seed) if names else ():
        rows = [np.tile(np.flatnonzero(weeks == week), int(times)) for week, times in zip(names, row, strict=True)]
        samples.append(np.concatenate(rows))
    samples += [np.flatnonzero(weeks != week) for week in names]
    found = [call.args[1] for call in drawn.call_args_list][: len(STANCE) + 1]  # the labels, then the task
    for recode, values in zip([*range(len(STANCE)), None], found, strict=bool(names)):
        chosen = votes if recode is None else np.where(votes < 0, -1, votes == recode)
        np.testing.assert_allclose(values, [reference(chosen[rows]) for rows in samples], rtol=0, atol=1e-12)


@given(ballot_tables(), st.randoms(use_true_random=False))
def test_no_order_of_bullets_annotators_or_labels_matters(table: Table, random: Random) -> None:
    votes, days = np.array(table[0]), np.array(table[1])
    rows, columns, labels = (list(range(size)) for size in (*votes.shape, len(STANCE)))
    for order in (rows, columns, labels):
        random.shuffle(order)
    renamed = np.array([*labels, -1])[votes][rows][:, columns]
    first, second = computed(make_ballots(votes, days)), computed(make_ballots(renamed, days[rows]))
    assert same(first.alpha.value, second.alpha.value)
    assert first.months.keys() == second.months.keys()
    for code, name in enumerate(STANCE.names):
        assert same(first.labels[name].value, second.labels[STANCE.names[labels[code]]].value)


@given(ballot_tables())
def test_alpha_is_that_of_the_release(table: Table) -> None:
    ballots = make_ballots(*table)
    assert same(computed(ballots).alpha.value, nominal_alpha(label_counts(ballots.codes["stance"], len(STANCE))))


def test_a_worked_example_with_three_annotators() -> None:
    # b0: 0 0 1, b1: 1 1 -, b2: 0 0 0. v = (5, 3), n = 8. b0 has n_u 3 and 2 * 1 pairs apart for either label.
    found = computed(make_ballots([[0, 0, 1], [1, 1, -1], [0, 0, 0]]))
    whole = 1 - 7 * (2 / 2 + 2 / 2) / (64 - 25 - 9)
    assert found.alpha.value == pytest.approx(whole, abs=1e-12)
    assert found.labels["pro_ukraine"].value == pytest.approx(1 - 7 * (2 / 2) / (5 * 3), abs=1e-12)
    assert found.labels["pro_ukraine"].value == pytest.approx(whole, abs=1e-12)  # two labels: one against the rest
    assert math.isnan(found.labels["mixed"].value)
    assert (found.labels["mixed"].bullets, found.labels["mixed"].interval) == (0, None)
    assert list(found.months) == ["2023-01"]


def test_two_annotators_and_a_pair_are_the_same_figure() -> None:
    random = np.random.default_rng(4)
    ballots = make_ballots(random.integers(-1, 4, (300, 2)).tolist(), (MONDAY + random.integers(0, 200, 300)).tolist())
    one = cells(ballots, STANCE)
    found = pair_alpha(pair_tables(one, one.votes[:, 0], one.votes[:, 1]), Draws(200))
    assert found == computed(ballots, Draws(200)).alpha
    assert found.interval is not None
    assert found.interval.low < found.value < found.interval.high


def test_nothing_differs_so_there_is_no_interval_that_would_have_no_width() -> None:
    alpha = computed(make_ballots([[code % 3, code % 3] for code in range(30)])).alpha
    assert (alpha.value, alpha.interval, alpha.few_clusters) == (1, None, False)


def test_one_week_gives_no_interval_and_few_weeks_are_marked() -> None:
    votes = [[0, 0], [1, 1], [0, 1], [2, 2]]
    one = computed(make_ballots(votes, [MONDAY] * 4)).alpha
    assert (one.interval, one.clusters, one.few_clusters) == (None, 1, True)
    some = computed(make_ballots(votes * 2)).alpha
    assert some.interval is not None
    assert (some.clusters, some.few_clusters) == (8, True)
    assert not computed(make_ballots(votes * 3)).alpha.few_clusters


def test_a_week_runs_from_monday_to_sunday_and_what_has_no_date_is_a_week_of_its_own() -> None:
    sunday = MONDAY + 6
    assert dt.date.fromordinal(sunday).isocalendar()[:2] == dt.date.fromordinal(MONDAY).isocalendar()[:2]
    found = computed(make_ballots([[0, 1]] * 5, [MONDAY, sunday, sunday + 1, UNDATED, UNDATED]))
    assert found.alpha.clusters == 3
    assert {month: alpha.bullets for month, alpha in found.months.items()} == {"2023-01": 3}


def test_a_figure_is_drawn_from_the_resamples_on_which_it_is_defined() -> None:
    clusters = Draws(4).clusters(3)
    values = np.array([0.5, 0.1, np.nan, 0.9, 0.5, 0.4, 0.6, np.nan])
    found = figure(clusters, values, 7)
    expected = bca_interval(np.array([0.1, 0.9, 0.5]), 0.5, np.array([0.4, 0.6]))
    assert found.interval is not None
    assert [found.interval.low, found.interval.high] == pytest.approx([expected.low, expected.high])
    assert figure(clusters, np.full(8, np.nan), 7).interval is None
    assert str(figure(clusters, np.full(8, np.nan), 7)) == "undefined"


def test_no_bullet_has_two_votes() -> None:
    found = computed(make_ballots([[0, -1], [-1, 1]]))
    assert isinstance(found.alpha, Alpha)
    assert math.isnan(found.alpha.value)
    assert (found.alpha.bullets, found.months) == (0, {})


def test_many_annotators_do_not_overflow_the_key_of_a_cell() -> None:
    random = np.random.default_rng(5)
    votes = random.integers(-1, len(TOPIC), (200, 40))
    ballots = make_ballots(votes.tolist(), task=TOPIC)
    found = task_alpha(cells(ballots, TOPIC), list(range(40)), FEW)
    counts = label_counts(votes, len(TOPIC))
    assert found.alpha.value == pytest.approx(
        krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"), abs=1e-12
    )
    assert cells(ballots, TOPIC).times.sum() == 200
