"""``briefbench annotate STEP``: the annotation workflow, one file a step, in the order in which a team takes them."""

import argparse
from typing import Any

from briefbench.commands.annotate import adjudicate, agreement, config, doubts, init, pull, push, serve, status

STEPS = (config, serve, init, push, pull, status, agreement, doubts, adjudicate)


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser("annotate", help="the annotation workflow on Label Studio")
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)
    for step in STEPS:
        step.add_step(steps)
