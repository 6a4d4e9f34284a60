"""``briefbench annotate agreement``: how far the annotators agree."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from briefbench.project import add_bootstrap_options, add_root_option, find_project

if TYPE_CHECKING:
    from briefbench.annotation.reliability.report import Report


def add_step(steps: Any) -> None:
    """Add the step to the verb."""
    agreement: argparse.ArgumentParser = steps.add_parser(
        "agreement", help="report how far the annotators agree: agreement.json, AGREEMENT.md and pictures"
    )
    add_root_option(agreement)
    add_bootstrap_options(agreement)
    agreement.add_argument(
        "--no-pictures", action="store_true", help="write no pictures, so that matplotlib is not needed"
    )
    agreement.add_argument(
        "--no-aggregation",
        action="store_true",
        help="leave out Dawid-Skene and MACE, which need crowd-kit and take longest",
    )
    agreement.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compute, write and print the report."""
    from briefbench.annotation.reliability.alpha import Draws
    from briefbench.annotation.reliability.columns import read_ballots
    from briefbench.annotation.reliability.page import PAGE, summary
    from briefbench.annotation.reliability.pictures import draw
    from briefbench.annotation.reliability.report import report
    from briefbench.console import print_table, say

    project = find_project(options.root)
    say("reading the votes")
    ballots = read_ballots(project.annotation)
    say("computing agreement" if options.no_aggregation else "computing agreement, fitting Dawid-Skene and MACE")
    found = report(ballots, Draws(options.resamples, options.seed), aggregation=not options.no_aggregation)
    _write(project.annotation, found, None if options.no_pictures else draw(found))
    header, rows = summary(found)
    kinds = ", ".join(sorted({str(row[1]) for row in rows}))
    print_table(f"nominal Krippendorff's alpha ({kinds}), 95% interval by week", header, rows, numbers_from=2)
    if not rows:
        print("only one annotator has voted: there is nothing to compare")
    if found.note:
        print(found.note)
    print(f"all figures: {project.annotation / PAGE}")
    return 0


def _write(folder: Path, found: "Report", pictures: Mapping[str, bytes] | None) -> None:
    """Write the report, and remove pictures of an earlier one that this one does not have."""
    from briefbench.annotation.reliability.page import FIGURES, PAGE, PICTURES, render_report
    from briefbench.annotation.reliability.pictures import PATTERNS
    from briefbench.files import to_json, write_all

    drawn = {folder / PICTURES / name: data for name, data in (pictures or {}).items()}
    page = render_report(found, pictures=pictures is not None).encode()
    write_all(drawn | {folder / FIGURES: to_json(found).encode(), folder / PAGE: page})
    for pattern in PATTERNS:
        for old in (folder / PICTURES).glob(pattern):
            if old not in drawn:
                old.unlink()
