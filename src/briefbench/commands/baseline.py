"""``briefbench baseline list | run | transfer``: fit the baselines, and store their predictions and results."""

import argparse
from pathlib import Path
from typing import Any

from briefbench.project import add_root_option, find_project
from briefbench.schema import TASK_NAMES


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
    transfer = steps.add_parser("transfer", help="score the baselines that read text on bullets from elsewhere")
    transfer.add_argument("folder", type=Path, metavar="FOLDER", help="votes on them: bullets.csv, votes/ and so on")
    transfer.add_argument("--texts", type=Path, required=True, metavar="FILE", help="JSON lines with id and text")
    add_root_option(transfer)
    transfer.set_defaults(run=run_transfer)


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


def run_transfer(options: argparse.Namespace) -> int:
    """Fit every baseline that reads text as its stored result says; write all files when all are done."""
    from briefbench.baselines.base import read_examples
    from briefbench.baselines.registry import BASELINES
    from briefbench.baselines.transfer import name_of, render, transfer
    from briefbench.console import print_table, track
    from briefbench.evaluation.external import read_external, read_texts
    from briefbench.evaluation.systems import read_result
    from briefbench.files import write_all

    project = find_project(options.root)
    external = read_external(options.folder)
    texts = read_texts(options.texts, external)
    examples = read_examples(dataset=project.dataset)
    chosen = [baseline for baseline in BASELINES if baseline.kind == "text"]
    home = {one.name: read_result(project.baselines / "results" / f"{one.name}.json") for one in chosen}
    folder = project.baselines / "external" / external.name
    files: dict[Path, bytes] = {}
    results = []
    for baseline in track(chosen, "fitting baselines"):
        done = transfer(baseline, examples, external, texts, home[baseline.name])
        files |= {folder / name: data for name, data in done.files().items()}
        results.append(done.result)
    page = render(name_of(options.folder, project.root), results, home)
    write_all(files | {folder / "README.md": page.encode()})
    rows = [(one.name, *(f"{task.accuracy.value:.3f}" for task in one.evaluation.tasks)) for one in results]
    print_table(f"accuracy on {external.reference.split}", ("baseline", *TASK_NAMES), rows)
    print(f"all figures: {folder / 'README.md'}")
    return 0
