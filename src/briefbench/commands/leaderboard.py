"""``briefbench leaderboard``: render the leaderboard from the stored results, and print it."""

import argparse
from typing import Any

from briefbench.project import add_root_option, find_project

README_BLOCK = "leaderboard"


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "leaderboard", help="render leaderboard/README.md and the README's table from the stored results"
    )
    add_root_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Render, write and print the leaderboard."""
    from briefbench.baselines.run import read_results
    from briefbench.console import print_table
    from briefbench.evaluation.leaderboard import label_note, ranked, render_board, render_page
    from briefbench.files import write_text
    from briefbench.markdown import update_block

    project = find_project(options.root)
    results = read_results(project.baselines / "results")
    note = label_note(project.dataset)
    page = render_page(results, note)
    update_block(project.root / "README.md", README_BLOCK, render_board(results, note))
    write_text(project.leaderboard / "README.md", page)
    rows = []
    for rank, result in ranked(results):
        scores = [*([result.evaluation.headline] if result.evaluation.headline else [])]
        rows.append(
            (
                rank,
                result.name,
                result.kind,
                *(f"{one.value:.3f} [{one.interval.low:.3f}, {one.interval.high:.3f}]" for one in scores),
                *(f"{one.macro_f1:.3f}" for one in result.evaluation.tasks),
            )
        )
    tasks = [task.task for task in results[0].evaluation.tasks]
    title = f"leaderboard: macro-F1 on {results[0].evaluation.split}, 95% interval by week"
    print_table(title, ("rank", "system", "kind", "mean of the tasks", *tasks), rows, numbers_from=3)
    return 0
