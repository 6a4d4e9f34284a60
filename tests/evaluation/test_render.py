"""The board as Markdown and rows for a paper: every figure is there, and no name can break or forge the table."""

from dataclasses import replace

import pytest

from briefbench.evaluation.bootstrap import Interval
from briefbench.evaluation.leaderboard import Board, Standing
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.reference import Reference
from briefbench.evaluation.render import paper_rows, render_board, render_page
from briefbench.evaluation.results import Evaluation, LabelResult, Score, TaskResult
from briefbench.evaluation.submissions import System
from briefbench.schema import TASK_NAMES

ONLY = LabelResult("x", 1.0, 1.0, 1.0, 10, 10)
NOTE, CEILING = "The labels come from a toss of coins.", "The ceiling is a second toss."


def made(metric: str, value: float, signature: str = "s") -> Score:
    return Score(metric, value, Interval(value - 0.05, value + 0.05), signature)


def standing(name: str, value: float, kind: str = "text", *, rank: int = 1, gain: float | None = None) -> Standing:
    tasks = tuple(
        TaskResult(
            task, *(made(metric, value) for metric in ("macro_f1", "accuracy", "mcc", "vote_share")), (ONLY,), ()
        )
        for task in TASK_NAMES
    )
    evaluation = Evaluation("weeks/test", "a" * 64, 10, 3, "p", tasks, made("macro_f1", value, "signature of the mean"))
    return Standing(rank, name, kind, f"what {name} is", evaluation, Predictions({}), gain, ())


def on_board(*standings: Standing, best: str | None = None, ceiling: float | None = None) -> Board:
    scores = {} if ceiling is None else {name: made("ceiling_macro_f1", ceiling) for name in (*TASK_NAMES, "mean")}
    reference = Reference("weeks/test", "a" * 64, None)
    return Board(reference, standings, scores, CEILING if scores else "", best, NOTE)


def cells(text: str, name: str) -> list[str]:
    """Return the cells of the first row that names a system."""
    row = next(line for line in text.splitlines() if name in line)
    return [cell.strip() for cell in row.strip("|").split(" | ")]


def test_a_row_shows_rank_gain_headline_and_tasks_with_their_intervals() -> None:
    text = render_board(on_board(standing("reader", 0.5, rank=2, gain=0.25)))
    score = "0.500 [0.450, 0.550]"
    assert cells(text, "`reader`") == ["2", "`reader`", "text", score, "+0.250", score, score, score, ""]


def test_flags_stand_in_the_row() -> None:
    flagged = replace(standing("reader", 0.5), flags=("same labels as other", "saw the test part"))
    assert cells(render_board(on_board(flagged)), "`reader`")[-1] == "same labels as other; saw the test part"


def test_the_ceiling_and_the_best_shortcut_are_reference_lines() -> None:
    board = on_board(standing("reader", 0.5), standing("field", 0.2, "shortcut", rank=2), best="field", ceiling=0.9)
    text = render_board(board)
    score = "0.900 [0.850, 0.950]"
    assert cells(text, "*ceiling*") == ["", "*ceiling*", "annotators", score, "", score, score, score, ""]
    assert text.index("*ceiling*") < text.index("`reader`")
    assert cells(text, "`field`")[2] == "best shortcut"
    assert CEILING in text
    assert "ceiling" not in render_board(on_board(standing("reader", 0.5)))


def test_what_a_probe_is_is_said_where_one_is_on_the_board() -> None:
    probe = standing("half blind", 0.3, "probe", rank=2)
    told = "A probe sees the text with something hidden that only the gold labels tell."
    text = render_board(on_board(standing("reader", 0.5), probe))
    assert cells(text, "`half blind`")[2] == "probe"
    assert told in text
    assert told not in render_board(on_board(standing("reader", 0.5)))


def test_readers_are_told_what_the_figures_and_ranks_mean_and_where_the_labels_come_from() -> None:
    text = render_board(on_board(standing("reader", 0.5)))
    assert NOTE in text
    assert "systems that the test does not part share a rank" in text
    assert "`weeks/test` (10 bullets, 3 ISO weeks)" in text
    assert text.endswith("\n\n`signature of the mean`")


def test_a_split_that_lacks_labels_is_said_to_lower_every_score() -> None:
    whole = standing("half", 0.5)
    absent = LabelResult("y", 0.0, 0.0, 0.0, 0, 0)
    tasks = tuple(replace(task, labels=(*task.labels, absent)) for task in whole.evaluation.tasks)
    half = replace(whole, evaluation=replace(whole.evaluation, tasks=tasks))
    assert "no system can exceed 0.500" in render_board(on_board(half))
    assert "no system can exceed" not in render_board(on_board(whole))


def test_a_name_or_description_cannot_break_the_table_or_smuggle_markup() -> None:
    hostile = replace(standing("a|b", 0.5), description="one | two <script>alert(1)</script>\nthree \\| four")
    page = render_page(on_board(hostile))
    assert "<script" not in page
    assert "one \\| two &lt;script>alert(1)&lt;/script> three \\\\\\| four" in page
    assert "| `a\\|b` |" in page


def test_the_page_says_of_every_system_what_it_is_and_of_a_submission_who_answers() -> None:
    system = System(
        "what guest is", 12_000, "a heap of letters", "unknown", "Ada", test_set_note="the heap is unsorted"
    )
    page = render_page(on_board(standing("reader", 0.5), replace(standing("guest", 0.2, "submission"), system=system)))
    assert page.startswith("# Leaderboard\n")
    facts = "| 12,000 | a heap of letters | unknown: the heap is unsorted | Ada |"
    assert page.endswith(f"| `guest` | what guest is {facts}\n")
    assert "| `reader` | what reader is |  | BriefBench weeks/train | no | this repository |" in page


def test_rows_for_a_paper_in_markdown() -> None:
    text = paper_rows(
        {"mine": standing("mine", 0.5).evaluation, "yours": standing("yours", 0.25).evaluation}, "markdown"
    )
    lines = text.splitlines()
    assert lines[0] == "| system | topic | stance | source_type | mean |"
    assert lines[3] == "| `yours` " + "| 0.250 [0.200, 0.300] " * 4 + "|"
    assert "- `signature of the mean`" in lines


def test_rows_for_a_paper_in_latex_escape_names_and_leave_out_what_was_not_predicted() -> None:
    whole = standing("a", 0.5).evaluation
    partial = replace(whole, tasks=whole.tasks[:1], headline=None)
    text = paper_rows({"50%_#1 \\input{x}": partial, "whole": whole}, "latex")
    assert r"50\%\_\#1 \textbackslash{}input\{x\} & 0.500 {\scriptsize [0.450, 0.550]} & -- & -- & -- \\" in text
    assert text.count(r"\begin{tabular}{lrrrr}") == text.count(r"\end{tabular}") == 1
    assert r"system & topic & stance & source\_type & mean \\ \midrule" in text
    assert text.startswith("% ")


@pytest.mark.parametrize("form", ["markdown", "latex"])
def test_a_score_without_an_interval_stands_alone(form: str) -> None:
    one = standing("a", 0.5).evaluation
    headline = Score("macro_f1", 0.5, None, "s")
    assert "0.500 [" not in paper_rows({"a": replace(one, tasks=(), headline=headline)}, form)
    assert "0.500" in paper_rows({"a": replace(one, tasks=(), headline=headline)}, form)
