"""``briefbench submit prepare | check``: a system of one's own for the leaderboard."""

import argparse
from pathlib import Path
from typing import Any

from briefbench.project import add_root_option, find_project
from briefbench.schema import TASK_NAMES


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser("submit", help="prepare and check a leaderboard submission")
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)
    prepare = steps.add_parser(
        "prepare", help="make leaderboard/submissions/NAME/ from a prediction file, with a system.toml to fill in"
    )
    prepare.add_argument("name", metavar="NAME", help="the system's name: a-z, 0-9 and -")
    prepare.add_argument("predictions", type=Path, metavar="FILE", help="predictions of weeks/test, all three tasks")
    add_root_option(prepare)
    prepare.set_defaults(run=run_prepare)
    check = steps.add_parser("check", help="check submissions, score them, and store their results")
    check.add_argument("names", nargs="*", metavar="NAME", help="by default all")
    add_root_option(check)
    check.set_defaults(run=run_check)


def run_prepare(options: argparse.Namespace) -> int:
    """Write the folder of a submission."""
    from briefbench.evaluation.reference import read_reference
    from briefbench.evaluation.submissions import PREDICTIONS, SYSTEM, check_name, prepare
    from briefbench.files import write_all

    project = find_project(options.root)
    folder = project.leaderboard / "submissions"
    check_name(options.name, _baselines(project.baselines / "results"))
    existing = (folder / options.name / PREDICTIONS).exists()
    files = prepare(options.name, options.predictions, folder, read_reference(dataset=project.dataset))
    write_all(files)
    for path in files:
        print(f"{'replaced' if existing and path.name == PREDICTIONS else 'wrote'} {path}")
    fill = f"fill in {folder / options.name / SYSTEM}, then " if len(files) > 1 else ""
    print(f"next: {fill}briefbench submit check {options.name}")
    return 0


def run_check(options: argparse.Namespace) -> int:
    """Check and score submissions, each on its own, and say where they would stand."""
    from briefbench.console import print_table
    from briefbench.evaluation.leaderboard import read_board
    from briefbench.evaluation.reference import read_reference
    from briefbench.evaluation.submissions import check_name, names, scored
    from briefbench.files import write_all

    project = find_project(options.root)
    folder, taken = project.leaderboard / "submissions", _baselines(project.baselines / "results")
    chosen = [check_name(name, taken) for name in options.names or names(folder)]
    reference = read_reference(dataset=project.dataset)
    changed: list[Path] = []
    for name in chosen:
        _, files = scored(folder / name, reference)
        changed += [path for path, data in files.items() if not path.exists() or path.read_bytes() != data]
        write_all(files)
    standings = {one.name: one for one in read_board(project).standings}
    rows = []
    for name in chosen:
        one = standings[name]
        tasks = [str(task.macro_f1) for task in one.evaluation.tasks]
        rows.append((one.rank, name, str(one.headline), *tasks, "; ".join(one.flags)))
    header = ("rank", "submission", "mean", *TASK_NAMES, "note")
    print_table(f"submissions on {reference.split}: macro-F1, 95% interval by week", header, rows, numbers_from=2)
    for path in changed:
        print(f"wrote {path}, which was missing or said otherwise")
    print("next: briefbench leaderboard; or commit the folder alone and open a pull request")
    return 0


def _baselines(folder: Path) -> list[str]:
    return [path.stem for path in folder.glob("*.json")]
