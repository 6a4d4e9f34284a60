"""``briefbench annotate config``: the labelling config that is rendered from the label table."""

import argparse
import sys
from typing import Any


def add_step(steps: Any) -> None:
    """Add the step to the verb."""
    config: argparse.ArgumentParser = steps.add_parser(
        "config", help="print the labelling config (annotation/label_config.xml)"
    )
    config.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print the labelling config."""
    from briefbench.annotation.label_config import render_config

    sys.stdout.write(render_config())
    return 0
