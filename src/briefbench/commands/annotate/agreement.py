"""``briefbench annotate agreement``: how far the annotators agree."""

from typing import Any


def add_step(steps: Any) -> None:
    """Add the step to the verb."""
