"""Shared fixtures: the project's own sources, read once, and a small project that tests may spoil."""

import importlib.util
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from briefbench.dataset.release import build, write
from briefbench.dataset.sources import Sources, read_sources
from tests_support import ROOT, SmallProject

# A shell that starts this in the background has interrupts ignored, and so would every program that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# torch has an environment of its own, where `make test` runs these.
collect_ignore = [] if importlib.util.find_spec("torch") else ["encoder"]

# How long an example takes says more of the machine than of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


# With two files at a time, what takes long must not begin last.
_FIRST = ("test_fresh_fits.py", "test_scale.py", "test_postgresql.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first, and leave the others in their order."""
    items.sort(key=lambda item: item.path.name not in _FIRST)


@pytest.fixture(scope="session")
def sources() -> Sources:
    """The committed corpus with its votes and gold."""
    return read_sources(ROOT / "annotation")


@pytest.fixture
def small_project(tmp_path: Path) -> SmallProject:
    """A project of 60 bullets over 20 weeks and 10 outlets, voted on by two annotators."""
    return SmallProject.write(tmp_path / "project")


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small project with its release, built once; who changes something takes a copy."""
    project = SmallProject.write(tmp_path_factory.mktemp("released") / "project")
    write(build(project.annotation, min_test_class=1), project.root / "dataset")
    return project.root


@pytest.fixture
def in_small_project(small_project: SmallProject, monkeypatch: pytest.MonkeyPatch) -> SmallProject:
    """The small project, as the current folder."""
    monkeypatch.chdir(small_project.root)
    return small_project


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run the command line, expect a refusal in one line on standard error and nothing on standard output."""
    from briefbench.commands import main

    def run(*arguments: str | Path) -> str:
        assert main([str(argument) for argument in arguments]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("briefbench: error: ")
        assert err.count("\n") == 1
        return err

    return run
