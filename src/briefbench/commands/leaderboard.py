"""``briefbench leaderboard``: score everything stored again, render the leaderboard, and print it."""

import argparse
from typing import Any

from briefbench.project import add_root_option, find_project
from briefbench.schema import TASK_NAMES

README_BLOCK = "leaderboard"


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "leaderboard", help="render leaderboard/README.md and the README's table from stored results and submissions"
    )
    add_root_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Render, write and print the leaderboard."""
    from briefbench.console import print_table
    from briefbench.evaluation.leaderboard import read_board
    from briefbench.evaluation.render import render_board, render_page
    from briefbench.files import write_all
    from briefbench.markdown import with_block

    project = find_project(options.root)
    board = read_board(project)
    texts = with_block(project.root / "README.md", README_BLOCK, render_board(board))
    write_all(texts | {project.leaderboard / "README.md": render_page(board).encode()})
    rows: list[tuple[object, ...]] = []
    if board.ceiling:
        tasks = (f"{board.ceiling[task].value:.3f}" for task in TASK_NAMES)
        rows.append(("", "ceiling", "annotators", board.ceiling["mean"], *tasks, ""))
    for one in board.standings:
        tasks = (f"{task.macro_f1.value:.3f}" for task in one.evaluation.tasks)
        rows.append((one.rank, one.name, one.kind, one.headline, *tasks, "; ".join(one.flags)))
    title = f"leaderboard: macro-F1 on {board.reference.split}, 95% interval by week; no test parts equal ranks"
    print_table(title, ("rank", "system", "kind", "mean", *TASK_NAMES, "note"), rows, numbers_from=3)
    if board.ceiling_note:
        print(board.ceiling_note)
    return 0
