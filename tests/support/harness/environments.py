"""The environments that the other programs are installed in, and what a subprocess there finds."""

import os
from pathlib import Path

import pytest

from tests_support import ROOT

HARNESS = Path(__file__).resolve().parent


def is_built(name: str) -> bool:
    """Tell whether an environment's installation was finished, which the Makefile notes in it."""
    return (ROOT / f".venv-{name}" / ".done").is_file()


def environment(name: str) -> Path:
    """Return the Python of an environment, or fail with what to do."""
    if not is_built(name):
        pytest.fail(f".venv-{name} is missing or was not finished; make test builds it")
    return ROOT / f".venv-{name}" / "bin" / "python"


def isolated(home: Path) -> dict[str, str]:
    """Return variables under which a subprocess finds the scripted model, no network, and a home of its own."""
    paths = os.pathsep.join(map(str, (HARNESS.parent, HARNESS)))
    return dict(os.environ) | {"PYTHONPATH": paths, "HOME": str(home), "HF_HUB_OFFLINE": "1"}
