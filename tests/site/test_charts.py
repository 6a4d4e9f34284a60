"""The charts' geometry: what a reader measures off a picture must be what the numbers say."""

import pytest

from briefbench.evaluation.results import CalibrationBin
from briefbench.schema import STANCE
from briefbench.site import charts
from site_support import board, bullet, reference

TRUTH = reference([bullet(i) for i in range(90)])


def test_a_months_segments_fill_its_bar_without_gap_or_overlap() -> None:
    chart = charts.stack(STANCE, [bullet(i) for i in range(90)])
    assert sum(month.total for month in chart.months) == 90
    for month in chart.months:
        edges = [edge for one in month.segments for edge in (one.low, one.high)]
        assert edges[1:-1:2] == edges[2::2]
        assert [edges[0], edges[-1]] == [0, pytest.approx(month.total / chart.top)]
        assert sum(one.count for one in month.segments) == month.total == sum(month.counts)


def test_a_month_without_a_bullet_keeps_its_place() -> None:
    rows = [bullet(0, date="2023-11-05"), bullet(1, date="2024-02-01"), bullet(2, date="2024-02-09")]
    chart = charts.stack(STANCE, rows)
    assert [(month.name, month.total) for month in chart.months] == [
        ("2023-11", 1),
        ("2023-12", 0),
        ("2024-01", 0),
        ("2024-02", 2),
    ]
    assert [month.place for month in chart.months] == [0, 0.25, 0.5, 0.75]
    assert [month.tick for month in chart.months] == ["", "", "2024", ""]


def test_undated_bullets_are_counted_beside_the_chart() -> None:
    chart = charts.stack(STANCE, [bullet(0, date=None), bullet(1)])
    assert (chart.undated, len(chart.months)) == (1, 1)
    assert charts.stack(STANCE, [bullet(0, date=None)]).months == []


@pytest.mark.parametrize("most", [0, 1, 4, 7, 99, 204, 1_000, 12_345])
def test_an_axis_reaches_the_highest_bar_with_few_round_ticks(most: int) -> None:
    chart = charts.stack(STANCE, [bullet(i, date="2024-03-01") for i in range(most)])
    assert chart.ticks[0] == 0
    assert chart.ticks[-1] == chart.top >= most
    assert 3 <= len(chart.ticks) <= 6


def test_mistakes_are_listed_from_the_most_frequent_and_hits_are_none() -> None:
    result = board(TRUTH).standings[0].evaluation.task("topic")
    found = charts.confusion(result, mistakes=3)
    wrong = sorted(
        (count for gold, row in enumerate(result.confusion) for at, count in enumerate(row) if at != gold), reverse=True
    )
    assert [count for _, _, count in found.mistakes] == wrong[:3]
    assert all(gold != predicted for gold, predicted, _ in found.mistakes)
    assert [[cell.value for cell in row] for row in found.rows] == [list(row) for row in result.confusion]


@pytest.mark.parametrize(("value", "shade"), [(None, 0), (-0.4, 0), (0.0, 0), (0.44, 4), (1.0, 10), (1.2, 10)])
def test_a_shade_follows_its_value_and_undefined_has_none(value: float | None, shade: int) -> None:
    assert charts.heat(value) == shade


def test_empty_bins_of_confidence_are_not_drawn_and_areas_are_in_proportion() -> None:
    bins = [CalibrationBin(0, 0.0, 0.0), CalibrationBin(25, 0.5, 0.4), CalibrationBin(100, 0.9, 0.8)]
    small, large = charts.calibration_points(bins)
    assert (small.confidence, small.accuracy, large.bullets) == (0.5, 0.4, 100)
    assert large.size**2 / small.size**2 == pytest.approx(4)
    assert charts.calibration_points([]) == []
