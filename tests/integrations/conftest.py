"""The real packages, each in its own environment and without a network: started once, side by side, for all tests."""

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.environments import HARNESS, environment, is_built, isolated
from tests_support import ROOT

_TIMEOUT = 600


@dataclass(frozen=True)
class Run:
    """A run of a package: where it writes, and its process, unless its environment is missing."""

    environment: str
    out: Path
    process: subprocess.Popen[bytes] | None

    def finished(self) -> Path:
        """Return the folder that the run wrote, once it ended well."""
        environment(self.environment)
        assert self.process is not None
        status = self.process.wait(_TIMEOUT)
        assert status == 0, (self.out / "output.txt").read_text(encoding="utf-8")[-4000:]
        return self.out


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Run]]:
    """The runs of both packages by name."""
    folder, artefacts = tmp_path_factory.mktemp("runs"), ROOT / "integrations"
    dummy = ["-m", "lm_eval", "run", "--model", "dummy", "--include_path", artefacts / "lm_eval"]
    dummy += ["--tasks", "briefbench,briefbench_generate", "--output_path", "dummy", "--log_samples"]
    commands = {
        "inspect": ("inspect", [HARNESS / "run_inspect.py", artefacts / "inspect" / "tasks.py", "."]),
        "lm-eval": ("lm-eval", [HARNESS / "run_lm_eval.py", artefacts / "lm_eval", "."]),
        "lm-eval command": ("lm-eval", dummy),
    }
    started = {name: _start(folder / name, where, command) for name, (where, command) in commands.items()}
    yield started
    for run in started.values():
        if run.process is not None and run.process.poll() is None:
            run.process.kill()
            run.process.wait()


def _start(out: Path, where: str, command: list[str | Path]) -> Run:
    out.mkdir()
    if not is_built(where):
        return Run(where, out, None)
    with (out / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            [environment(where), *command], cwd=out, env=isolated(out), stdout=output, stderr=subprocess.STDOUT
        )
    return Run(where, out, process)
