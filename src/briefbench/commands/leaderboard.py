"""``briefbench leaderboard``: render the leaderboard from the stored results, and print it."""

import argparse
from typing import Any

from briefbench.project import add_root_option, find_project
from briefbench.schema import TASK_NAMES

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
    from briefbench.baselines.run import check_scores, read_results
    from briefbench.console import print_table
    from briefbench.evaluation.leaderboard import label_note, ranked, render_board, render_page, scored
    from briefbench.evaluation.reference import read_reference
    from briefbench.files import write_all
    from briefbench.markdown import with_block

    project = find_project(options.root)
    results = read_results(project.baselines / "results")
    check_scores(results, project.baselines / "predictions", read_reference(dataset=project.dataset))
    note = label_note(project.dataset)
    texts = with_block(project.root / "README.md", README_BLOCK, render_board(results, note))
    write_all(texts | {project.leaderboard / "README.md": render_page(results, note).encode()})
    rows = []
    for rank, result, headline in ranked(results):
        tasks = (f"{task.macro_f1:.3f}" for task in result.evaluation.tasks)
        rows.append((rank, result.name, result.kind, scored(headline.value, headline.interval), *tasks))
    title = f"leaderboard: macro-F1 on {results[0].evaluation.split}, 95% interval by week"
    print_table(title, ("rank", "system", "kind", "mean", *TASK_NAMES), rows, numbers_from=3)
    return 0
