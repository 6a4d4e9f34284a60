"""``briefbench annotate status``: who has labelled how much, how fast, what is left, and how far they differ."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from briefbench.commands.annotate.options import add_names, add_server_options

if TYPE_CHECKING:
    from briefbench.annotation.studio.status import Status


def add_step(steps: Any) -> None:
    """Add the step to the verb."""
    status: argparse.ArgumentParser = steps.add_parser("status", help="progress and disagreement so far")
    add_names(status, "*", "annotators (default: those of annotators.csv)")
    add_server_options(status, "status")
    status.add_argument("--json", action="store_true", help="print one JSON object")
    status.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read the server and print."""
    from briefbench.annotation.studio.status import status
    from briefbench.annotation.studio.suggestions import read_suggestions
    from briefbench.commands.annotate.connect import connected
    from briefbench.files import to_json

    with connected(options) as link:
        desks = link.desks(options.names)
        folder = link.project.annotation / "suggestions"
        suggestions = {desk.annotator: read_suggestions(folder / f"{desk.annotator}.csv") for desk in desks}
        found = status(link.studio, desks, link.texts, link.annotators, suggestions)
    if options.json:
        sys.stdout.write(to_json(found))
    else:
        _print(found)
    return 0


def _print(found: "Status") -> None:
    from briefbench.console import print_table
    from briefbench.schema import TASK_NAMES

    header = ("annotator", "tasks", "votes", "skipped", "left", "edited", "faulty", "s a vote", "an hour", "last")
    rows = [
        (
            *(one.annotator, one.tasks, one.votes, one.skipped, one.left, one.edited, one.faulty),
            *(_number(one.seconds), _number(one.per_hour), one.last[:16] if one.last else ""),
        )
        for one in found.annotators
    ]
    print_table("progress", header, rows)
    alike = [
        (one.annotator, kind, *(f"{counts[task][0]} of {counts[task][1]}" for task in TASK_NAMES))
        for one in found.annotators
        for kind, counts in (("shown", one.shown), ("hidden", one.hidden))
        if counts
    ]
    if alike:
        print_table(
            "votes that say what was suggested", ("annotator", "suggestions", *TASK_NAMES), alike, numbers_from=2
        )
    met = found.agreement
    if met is None:
        print("no bullet has votes of two annotators yet")
        return
    print(f"{', '.join(met.annotators)}: {met.kind} on {met.bullets} bullets with two votes or more")
    print_table(
        "disagreement",
        ("", *TASK_NAMES),
        [
            ("votes differ", *(f"{met.differences[task] / met.bullets:.1%}" for task in TASK_NAMES)),
            ("Krippendorff's alpha", *(f"{met.alpha[task]:.3f}" for task in TASK_NAMES)),
        ],
    )
    if found.note:
        print(found.note)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"
