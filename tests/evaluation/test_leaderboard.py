"""The leaderboard: who stands where, on what, and what the reader must be told."""

from dataclasses import replace
from typing import Literal

import pytest

from briefbench.baselines.run import SystemResult, read_results
from briefbench.dataset.load import bundled_release
from briefbench.dataset.release import build, write
from briefbench.errors import ChecksumError, InputError
from briefbench.evaluation.bootstrap import Interval
from briefbench.evaluation.leaderboard import label_note, ranked, render_board, render_page
from briefbench.evaluation.results import Evaluation, Headline, LabelResult, TaskResult
from briefbench.schema import TASK_NAMES
from tests_support import ROOT, SmallProject

ONLY = LabelResult("x", 1.0, 1.0, 1.0, 10, 10)
NOTE = "The labels come from a toss of coins."

Kind = Literal["floor", "shortcut", "text"]


def system(
    name: str, value: float, kind: Kind = "text", *, data: str = "a" * 64, split: str = "weeks/test"
) -> SystemResult:
    around = Interval(value - 0.05, value + 0.05)
    tasks = tuple(TaskResult(task, value, around, value, (ONLY,), (), f"signature of {task}") for task in TASK_NAMES)
    headline = Headline(value, around, "signature of the mean")
    return SystemResult(name, kind, f"what {name} is", Evaluation(split, data, 10, 3, tasks, headline))


def cells(board: str, name: str) -> list[str]:
    """Return the cells of a system's row in the first table."""
    row = next(line for line in board.splitlines() if f"`{name}`" in line)
    return [cell.strip() for cell in row.strip("|").split(" | ")]


def test_the_best_headline_stands_first() -> None:
    results = [system("low", 0.1), system("high", 0.9), system("middle", 0.5)]
    assert [(rank, result.name) for rank, result, _ in ranked(results)] == [(1, "high"), (2, "middle"), (3, "low")]


def test_equal_headlines_share_a_rank_and_the_next_rank_is_skipped() -> None:
    results = [system("d", 0.2), system("c", 0.5), system("b", 0.5), system("a", 0.9)]
    assert [(rank, result.name) for rank, result, _ in ranked(results)] == [(1, "a"), (2, "b"), (2, "c"), (4, "d")]


def test_the_order_of_the_files_does_not_change_the_page() -> None:
    results = [system("c", 0.5), system("b", 0.5, "shortcut"), system("a", 0.9)]
    assert render_page(results, NOTE) == render_page(results[::-1], NOTE)


@pytest.mark.parametrize("other", [system("other", 0.5, data="b" * 64), system("other", 0.5, split="publishers/test")])
def test_results_on_other_data_or_another_split_are_never_ranked_together(other: SystemResult) -> None:
    with pytest.raises(InputError, match="result other: scored on other data or another split than mine"):
        ranked([system("mine", 0.4), other])


@pytest.mark.parametrize("keeps_headline", [False, True])
def test_a_result_without_all_tasks_has_no_place(keeps_headline: bool) -> None:
    whole = system("partial", 0.5)
    headline = whole.evaluation.headline if keeps_headline else None
    partial = replace(whole, evaluation=replace(whole.evaluation, tasks=whole.evaluation.tasks[:1], headline=headline))
    with pytest.raises(InputError, match="result partial: not all tasks were predicted"):
        render_board([system("mine", 0.4), partial], NOTE)


def test_only_systems_that_read_the_text_are_measured_against_the_best_shortcut() -> None:
    board = render_board(
        [
            system("reader", 0.75),
            system("field", 0.25, "shortcut"),
            system("weak field", 0.125, "shortcut"),
            system("floor", 0.3125, "floor"),
            system("poor reader", 0.125),
        ],
        NOTE,
    )
    assert cells(board, "reader")[4] == "+0.500"
    assert cells(board, "poor reader")[4] == "-0.125"
    assert cells(board, "field")[4] == cells(board, "weak field")[4] == cells(board, "floor")[4] == ""


def test_a_board_without_a_shortcut_claims_no_gain() -> None:
    board = render_board([system("reader", 0.75), system("floor", 0.1, "floor")], NOTE)
    assert cells(board, "reader")[4] == ""


def test_a_row_shows_headline_and_tasks_with_their_intervals() -> None:
    board = render_board([system("reader", 0.5)], NOTE)
    score = "0.500 [0.450, 0.550]"
    assert cells(board, "reader") == ["1", "`reader`", "text", score, "", score, score, score]


def test_readers_are_told_where_the_labels_come_from_and_what_the_ranks_mean() -> None:
    board = render_board([system("reader", 0.5)], NOTE)
    assert NOTE in board
    assert "where intervals overlap, an order is not established" in board
    assert "`weeks/test` (10 bullets, 3 ISO weeks)" in board
    assert board.endswith("\n\n`signature of the mean`")


def test_who_made_the_labels_is_said_after_the_release_itself(small_project: SmallProject) -> None:
    folder = small_project.root / "dataset"
    write(build(small_project.annotation, min_test_class=1), folder)
    assert label_note(folder) == "The labels scored against come from people."
    assert label_note(bundled_release()) == "The labels scored against come from a language model, not from people."


def test_a_split_that_lacks_labels_is_said_to_lower_every_score() -> None:
    whole = system("half", 0.5)
    absent = LabelResult("y", 0.0, 0.0, 0.0, 0, 0)
    tasks = tuple(replace(task, labels=(*task.labels, absent)) for task in whole.evaluation.tasks)
    board = render_board([replace(whole, evaluation=replace(whole.evaluation, tasks=tasks))], NOTE)
    assert "no system can exceed 0.500" in board
    assert "no system can exceed" not in render_board([whole], NOTE)


def test_who_made_the_labels_is_never_taken_from_facts_that_were_tampered_with(small_project: SmallProject) -> None:
    folder = small_project.root / "dataset"
    write(build(small_project.annotation, min_test_class=1), folder)
    stats = folder / "stats.json"
    stats.write_text(stats.read_text().replace('"model"', '"human"') + " ")
    with pytest.raises(ChecksumError, match=r"stats\.json"):
        label_note(folder)


def test_a_name_or_description_cannot_break_the_table_or_smuggle_markup() -> None:
    hostile = replace(system("a|b", 0.5), description="one | two <script>alert(1)</script>\nthree \\| four")
    page = render_page([hostile], NOTE)
    assert "<script" not in page
    assert "one \\| two &lt;script>alert(1)&lt;/script> three \\\\\\| four" in page
    assert "| `a\\|b` |" in page


def test_the_page_says_what_every_system_is() -> None:
    page = render_page([system("reader", 0.5), system("field", 0.2, "shortcut")], NOTE)
    assert page.startswith("# Leaderboard\n")
    assert page.endswith("| `reader` | what reader is |\n| `field` | what field is |\n")


def test_the_stored_baselines_make_a_board_that_text_wins() -> None:
    board = ranked(read_results(ROOT / "baselines" / "results"))
    assert board[0].result.kind == "text"
    assert {place.result.kind for place in board} == {"floor", "shortcut", "text"}
