"""``briefbench annotate config``: the labelling config that is rendered from the label table."""

import argparse
import sys
from typing import Any


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser("annotate", help="the labelling config for Label Studio")
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)
    config = steps.add_parser("config", help="print the labelling config (annotation/label_config.xml)")
    config.set_defaults(run=run_config)


def run_config(options: argparse.Namespace) -> int:
    """Print the labelling config."""
    from briefbench.annotation.label_config import render_config

    sys.stdout.write(render_config())
    return 0
