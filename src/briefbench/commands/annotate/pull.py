"""``briefbench annotate pull``: the annotators' answers from the server into ``votes/`` and ``history/``."""

import argparse
import sys
from typing import Any

from briefbench.commands.annotate.options import add_names, add_server_options


def add_step(steps: Any) -> None:
    """Add the step to the verb."""
    pull: argparse.ArgumentParser = steps.add_parser("pull", help="fetch the annotators' votes into votes/NAME.csv")
    add_names(pull, "*", "annotators (default: those of annotators.csv)")
    add_server_options(pull, "pull")
    pull.add_argument("--leave-out-faulty", action="store_true", help="pull the rest where an answer cannot be taken")
    pull.add_argument("--drop-missing", action="store_true", help="drop answers that were deleted on the server")
    pull.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Fetch and check everything, then write all files."""
    from briefbench.annotation.studio.pull import pull
    from briefbench.commands.annotate.connect import connected
    from briefbench.console import printable
    from briefbench.files import write_all

    with connected(options) as link:
        desks = link.desks(options.names)
        pulled = {
            desk.annotator: pull(
                link.studio,
                desk,
                link.texts,
                link.project.annotation,
                leave_out_faulty=options.leave_out_faulty,
                drop_missing=options.drop_missing,
            )
            for desk in desks
        }
        write_all({path: data for one in pulled.values() for path, data in one.files.items()})
        for name, one in pulled.items():
            print(f"{name}: {one.votes} votes, {one.abstentions} skipped, {one.edited} edited: votes/{name}.csv")
            for fault in one.faults:
                print(f"left out: {printable(fault)}", file=sys.stderr)
    return 0
