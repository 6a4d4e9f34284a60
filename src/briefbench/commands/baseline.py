"""``briefbench baseline list | run | transfer | article | prompt | curve | report``: fit and score the baselines."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from briefbench.commands import baseline_article, baseline_pages, prompt
from briefbench.project import add_root_option, find_project, number_option
from briefbench.schema import PROTOCOLS, TASK_NAMES

if TYPE_CHECKING:
    from briefbench.baselines.base import Baseline


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser("baseline", help="fit and score the baselines")
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)
    listed = steps.add_parser("list", help="name the baselines")
    listed.set_defaults(run=run_list)
    run = steps.add_parser("run", help="fit, predict the test part, score, and store under baselines/")
    run.add_argument("names", nargs="+", metavar="NAME", help="a baseline, or all")
    run.add_argument(
        "--protocol",
        action="append",
        choices=PROTOCOLS,
        help="a split protocol; give it again for another (default: all that the release has)",
    )
    run.add_argument(
        "--seed",
        type=number_option(0, 10_000),
        metavar="K",
        help="one seed only (default: all; weeks alone has others)",
    )
    _add_reuse_option(run)
    add_root_option(run)
    run.add_argument("--out", type=Path, metavar="FOLDER", help="where to write (default: the project's baselines/)")
    run.set_defaults(run=run_run)
    transfer = steps.add_parser("transfer", help="score the baselines that read text on bullets from elsewhere")
    transfer.add_argument("folder", type=Path, metavar="FOLDER", help="votes on them: bullets.csv, votes/ and so on")
    transfer.add_argument("--texts", type=Path, required=True, metavar="FILE", help="JSON lines with id and text")
    _add_reuse_option(transfer)
    add_root_option(transfer)
    transfer.set_defaults(run=run_transfer)
    _add_reuse_option(baseline_article.add_parser(steps))
    prompt.add_parser(steps)
    baseline_pages.add_steps(steps)


def _add_reuse_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reuse", action="store_true", help="take fitted models from baselines/models/ where there are any"
    )


def run_list(options: argparse.Namespace) -> int:
    """Print the registry."""
    from briefbench.baselines.registry import BASELINES
    from briefbench.console import print_table

    rows = [(baseline.name, baseline.kind, baseline.description) for baseline in BASELINES]
    print_table("baselines", ("name", "kind", "what it does"), rows, numbers_from=3)
    return 0


def run_run(options: argparse.Namespace) -> int:
    """Run baselines one after the other, on one protocol after the other; files are written as each is done."""
    from briefbench.baselines.base import read_examples
    from briefbench.baselines.extras import require
    from briefbench.baselines.registry import BASELINES, baseline_of
    from briefbench.baselines.run import protocol_folder
    from briefbench.baselines.seeds import run_and_store, seeds_of
    from briefbench.baselines.shelf import MODELS, Shelf
    from briefbench.console import print_table, printable, track
    from briefbench.errors import UnknownNameError
    from briefbench.evaluation.reference import read_reference

    chosen = available_here(BASELINES) if "all" in options.names else tuple(map(baseline_of, options.names))
    for baseline in chosen:
        require(baseline)
    project = find_project(options.root)
    protocols = options.protocol or (PROTOCOLS[:1] if options.seed else PROTOCOLS)
    strict = "all" not in options.names
    plans = {protocol: seeds_of(chosen, protocol, options.seed, strict=strict) for protocol in protocols}
    for protocol, plan in plans.items():
        try:
            examples = read_examples(protocol, project.dataset)
        except UnknownNameError as error:
            if options.protocol:
                raise
            print(f"left out: {printable(str(error))}")
            continue
        reference = read_reference(f"{protocol}/test", project.dataset)
        folder = protocol_folder(options.out or project.baselines, protocol)
        shelf = Shelf((options.out or project.baselines) / MODELS, reference.data, protocol, reuse=options.reuse)
        rows = []
        for baseline, seed in track(plan, f"fitting baselines on {protocol}"):
            name, scores = run_and_store(baseline, examples, reference, seed, folder, fitter=shelf.fit)
            figures = (f"{scores.macro_f1[task]:.3f}" for task in TASK_NAMES)
            rows.append((f"{name}, seed {seed}" if baseline.seeds > 1 else name, *figures))
        print_table(f"macro-F1 on {reference.split}", ("baseline", *TASK_NAMES), rows)
    return 0


def run_transfer(options: argparse.Namespace) -> int:
    """Fit every baseline that reads text as its stored result says; write all files when all are done."""
    from briefbench.baselines.base import read_examples
    from briefbench.baselines.registry import BASELINES
    from briefbench.baselines.shelf import MODELS, Shelf
    from briefbench.baselines.transfer import name_of, render, transfer
    from briefbench.console import print_table, track
    from briefbench.dataset.release import read_checksums
    from briefbench.evaluation.external import read_external, read_texts
    from briefbench.evaluation.systems import read_result
    from briefbench.files import write_all

    project = find_project(options.root)
    external = read_external(options.folder)
    texts = read_texts(options.texts, external)
    examples = read_examples(dataset=project.dataset)
    chosen = available_here([baseline for baseline in BASELINES if baseline.kind == "text"])
    home = {one.name: read_result(project.baselines / "results" / f"{one.name}.json") for one in chosen}
    folder = project.baselines / "external" / external.name
    data = read_checksums(project.dataset).data
    shelf = Shelf(project.baselines / MODELS, data, PROTOCOLS[0], reuse=options.reuse)
    files: dict[Path, bytes] = {}
    results = []
    for baseline in track(chosen, "fitting baselines"):
        done = transfer(baseline, examples, external, texts, home[baseline.name], fitter=shelf.fit)
        files |= {folder / name: data for name, data in done.files().items()}
        results.append(done.result)
    page = render(name_of(options.folder, project.root), results, home)
    write_all(files | {folder / "README.md": page.encode()})
    rows = [(one.name, *(f"{task.accuracy.value:.3f}" for task in one.evaluation.tasks)) for one in results]
    print_table(f"accuracy on {external.reference.split}", ("baseline", *TASK_NAMES), rows)
    print(f"all figures: {folder / 'README.md'}")
    return 0


def available_here(baselines: "Sequence[Baseline]") -> "Sequence[Baseline]":
    """Return those that can be fitted here, and say on standard error which are left out and what they need."""
    from briefbench.baselines.extras import require
    from briefbench.errors import MissingExtraError

    found = []
    for baseline in baselines:
        try:
            require(baseline)
            found.append(baseline)
        except MissingExtraError as error:
            print(f"left out: {error}", file=sys.stderr)
    return found
