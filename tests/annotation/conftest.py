"""What several tests of votes share: a vote file to write."""

from collections.abc import Callable
from pathlib import Path

import pytest

Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a vote file, and return its path."""

    def write(content: str | bytes) -> Path:
        path = tmp_path / "P1.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
