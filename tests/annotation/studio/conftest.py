"""One real server for all tests of the workflow; each makes a project of its own on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio_support import Server, serving
from tests_support import SmallProject


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Label Studio on SQLite, as ``annotate serve`` starts it."""
    root: Path = SmallProject.write(tmp_path_factory.mktemp("server") / "project", 3).root
    with serving(root) as running:
        yield running
