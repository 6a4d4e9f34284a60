"""``briefbench annotate doubts``: the gold labels that a classifier takes for wrong, for an adjudicator to look at."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from briefbench.project import add_root_option, find_project, number_option

if TYPE_CHECKING:
    from briefbench.annotation.quality.doubts import Doubt
    from briefbench.project import Project

_MODEL, _FOLDS = "tfidf-lr", 10


def add_step(steps: Any) -> None:
    """Add the step to the verb."""
    doubts: argparse.ArgumentParser = steps.add_parser(
        "doubts", help="list gold labels that a classifier doubts: doubts.csv and quality/README.md"
    )
    add_root_option(doubts)
    doubts.add_argument("--model", default=_MODEL, metavar="NAME", help=f"the baseline that doubts (default {_MODEL})")
    doubts.add_argument(
        "--folds",
        type=number_option(3, 1000),
        default=_FOLDS,
        metavar="K",
        help=f"parts of whole weeks, each labelled by a baseline that has not seen it (default {_FOLDS})",
    )
    doubts.add_argument(
        "--page", action="store_true", help="find no doubts: only write quality/README.md anew from the files there"
    )
    doubts.add_argument(
        "--draw",
        type=number_option(1, 10**6),
        metavar="N",
        help="also write quality/reading.csv, to be filled in: the first N doubts of each task and N others at random",
    )
    doubts.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Find the doubts, write them and the page, and print how many there are."""
    from briefbench.annotation.quality.doubts import FILE, encode_doubts, read_doubts
    from briefbench.annotation.quality.page import FOLDER, PAGE, render_page, summary
    from briefbench.annotation.quality.reading import FILE as READING
    from briefbench.annotation.quality.reading import draw, encode_reading, read_reading
    from briefbench.console import print_table
    from briefbench.errors import InputError
    from briefbench.files import write_all

    project = find_project(options.root)
    folder = project.annotation / FOLDER
    place, sheet = project.annotation / FILE, folder / READING
    if options.draw and sheet.exists():
        raise InputError(f"{sheet}: there is a reading already; move it away before another one is drawn")
    files: dict[Path, bytes] = {}
    doubts = read_doubts(place) if options.page else _find(project, options.model, options.folds)
    if not options.page:
        files[place] = encode_doubts(doubts)
    reading = read_reading(sheet) if sheet.exists() else []
    if options.draw:
        files[sheet] = encode_reading(draw(doubts, options.draw, options.draw))
    files[folder / PAGE] = render_page(doubts, reading).encode()
    write_all(files)
    header, rows = summary(doubts)
    print_table("labels doubted", header, rows)
    print(f"{place}; next: briefbench annotate adjudicate NAME --doubts N")
    return 0


def _find(project: "Project", name: str, count: int) -> "list[Doubt]":
    """Fit the baseline once a fold and return the doubts."""
    import numpy as np

    from briefbench.annotation.quality.doubts import find, require_cleanlab
    from briefbench.annotation.quality.out_of_fold import fold_probabilities, folds_of, stored_choice, text_baseline
    from briefbench.console import track
    from briefbench.dataset.sources import read_sources
    from briefbench.schema import TASKS

    require_cleanlab()
    baseline = text_baseline(name)
    sources = read_sources(project.annotation, skip_unlabelled=True)
    folds = folds_of(sources.units, count)
    chosen = stored_choice(name, project.baselines)
    tables = {task.name: np.zeros((len(folds), len(task))) for task in TASKS}
    for fold in track(range(count), f"{name}, fold by fold"):
        for task, found in fold_probabilities(sources, baseline, chosen, folds, fold).items():
            tables[task][folds == fold] = found
    return find(sources, tables, f"{name}, {count} folds")
