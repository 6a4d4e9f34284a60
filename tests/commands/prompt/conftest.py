"""A small project whose bullets are asked about, and an endpoint that knows their labels."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from briefbench.baselines.base import Examples, read_examples
from briefbench.baselines.prompting import client
from briefbench.schema import TASKS
from endpoint_support import Asked


@pytest.fixture
def project(released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a small released project, as the current folder, without a key in the environment."""
    shutil.copytree(released, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setattr(client.httpx2, "AsyncClient", partial(client.httpx2.AsyncClient, verify=False))
    return tmp_path / "project"


@pytest.fixture
def parts(project: Path) -> dict[str, Examples]:
    return read_examples("weeks", project / "dataset")


@pytest.fixture
def knowing(parts: dict[str, Examples]) -> Callable[[Asked], None]:
    """Answers every bullet of the test part with its gold labels."""
    test = parts["test"]

    def answer(one: Asked) -> None:
        i = list(test.texts).index(one.bullet)
        one.label(**{task.name: task.names[test.labels[task.name][i]] for task in TASKS})

    return answer
