"""``briefbench baseline list | run``: fit the baselines of the registry and store their predictions and results."""

import argparse
from pathlib import Path
from typing import Any

from briefbench.project import add_root_option, find_project


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser("baseline", help="fit and score the baselines")
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)
    listed = steps.add_parser("list", help="name the baselines")
    listed.set_defaults(run=run_list)
    run = steps.add_parser("run", help="fit, predict weeks/test, score, and store under baselines/")
    run.add_argument("names", nargs="+", metavar="NAME", help="a baseline, or all")
    add_root_option(run)
    run.add_argument("--out", type=Path, metavar="FOLDER", help="where to write (default: the project's baselines/)")
    run.set_defaults(run=run_run)


def run_list(options: argparse.Namespace) -> int:
    """Print the registry."""
    from briefbench.baselines.registry import BASELINES
    from briefbench.console import print_table

    rows = [(baseline.name, baseline.kind, baseline.description) for baseline in BASELINES]
    print_table("baselines", ("name", "kind", "what it does"), rows, numbers_from=3)
    return 0


def run_run(options: argparse.Namespace) -> int:
    """Run baselines one after the other; each one's files are written when it is done."""
    from briefbench.baselines.base import read_examples
    from briefbench.baselines.registry import BASELINES, baseline_of
    from briefbench.baselines.run import run
    from briefbench.console import print_table, track
    from briefbench.evaluation.reference import read_reference
    from briefbench.files import write_all

    chosen = BASELINES if "all" in options.names else tuple(map(baseline_of, options.names))
    project = find_project(options.root)
    examples, reference = read_examples(dataset=project.dataset), read_reference(dataset=project.dataset)
    results = []
    for baseline in track(chosen, "fitting baselines"):
        done = run(baseline, examples, reference)
        folder = options.out or project.baselines
        write_all({folder / name: data for name, data in done.files().items()})
        results.append(done.result)
    rows = [(result.name, *(f"{task.macro_f1.value:.3f}" for task in result.evaluation.tasks)) for result in results]
    header = ("baseline", *(task.task for task in results[0].evaluation.tasks))
    print_table(f"macro-F1 on {reference.split}", header, rows)
    return 0
