"""``briefbench verify RESULT…``: recompute stored results from their predictions, and refuse what differs."""

import argparse
from pathlib import Path
from typing import Any

from briefbench.errors import InputError
from briefbench.project import add_dataset_option, find_release


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "verify",
        help="recompute a stored result from its predictions",
        description="Recompute what `briefbench evaluate --json` printed, or a stored result, in the way that its "
        "signatures name. The first field that differs is named, and the exit status is 1.",
    )
    parser.add_argument("results", type=Path, nargs="+", metavar="RESULT")
    parser.add_argument(
        "--predictions",
        type=Path,
        metavar="FILE",
        help="by default predictions.* beside the result, or ../predictions/ with the result's name",
    )
    add_dataset_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Verify one result after the other; the first that differs ends it."""
    from briefbench.evaluation.verification import verify

    if options.predictions and len(options.results) > 1:
        raise InputError("--predictions belongs to one result; verify one at a time")
    for result in options.results:
        again = verify(result, options.predictions, find_release(options.dataset))
        scores = ", ".join(f"{what} {one.value:.3f}" for what, one in again.scores() if one.metric == "macro_f1")
        print(f"{result}: recomputed, every field is the same ({scores})")
    return 0
