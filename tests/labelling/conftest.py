"""A model that answers at once, and the command with it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from briefbench.commands import main
from briefbench.labelling import model
from table_support import StubModel, read_labels


@pytest.fixture(autouse=True)
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every model be one of checksums."""
    monkeypatch.setattr(model, "make_model", lambda reference: StubModel())
    model.open_model.cache_clear()
    yield
    model.open_model.cache_clear()


@pytest.fixture
def label(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., list[dict[str, Any]]]:
    """Label with one worker, and return what was written."""

    def run(source: Path, *options: str, out: str = "out.parquet") -> list[dict[str, Any]]:
        place = tmp_path / out
        assert main(["label", str(source), "--out", str(place), "--workers", "1", *options]) == 0, capsys.readouterr()
        return read_labels(place)

    return run


@pytest.fixture
def stopped(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Label with one worker, expect an exit status and one line on standard error, and return the line."""

    def run(status: int, *arguments: str | Path) -> str:
        capsys.readouterr()
        assert main(["label", *map(str, arguments), "--workers", "1"]) == status
        out, err = capsys.readouterr()
        assert out == ""
        (line,) = [one for one in err.splitlines() if not one.startswith("going on in ")]
        assert line.startswith("briefbench: error: ")
        return line

    return run
