"""A real Label Studio for tests: a project of one's own, its server as a process, and the commands against it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from briefbench.annotation.studio.client import Studio
from briefbench.annotation.studio.workspace import Workspace
from briefbench.dataset.records import Bullet, read_bullets
from tests_support import ROOT, SmallProject

ENVIRONMENT = ROOT / ".venv-label-studio"
COMMAND = (sys.executable, "-m", "briefbench", "annotate")


@dataclass
class Server:
    """A running server that ``annotate serve`` started for the project at ``root``."""

    root: Path
    port: int
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.root / ".label-studio")

    def studio(self) -> Studio:
        """Return a connection as the administrator."""
        return Studio(self.url, self.workspace.token())

    def project(self, root: Path, count: int = 30) -> "Desk":
        """Make a project of ``count`` bullets that uses this server; annotators' names are shared with all others."""
        return Desk(SmallProject.write(root, count).root, self)


@dataclass
class Desk:
    """A project folder that uses a server, whoever started it."""

    root: Path
    server: Server

    @property
    def annotation(self) -> Path:
        return self.root / "annotation"

    @property
    def bullets(self) -> list[Bullet]:
        return read_bullets(self.annotation / "bullets.jsonl")

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.root / ".label-studio")

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a command: the server and its token, as for a server somebody else runs."""
        return clean_environment() | {
            "LABEL_STUDIO_URL": self.server.url,
            "LABEL_STUDIO_API_KEY": self.server.workspace.token(),
        }

    def run(self, *arguments: str | Path, status: int = 0, **environment: str) -> str:
        """Run ``briefbench annotate`` in the project; return what it printed, or its one line of error."""
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            cwd=self.root,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        if status:
            assert done.stderr.startswith("briefbench: error: "), done.stderr
            assert done.stderr.count("\n") == 1, done.stderr
            return done.stderr
        return done.stdout + done.stderr

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start ``briefbench annotate`` in the project and do not wait for it."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def votes(self, annotator: str) -> Path:
        return self.annotation / "votes" / f"{annotator}.csv"


@contextmanager
def serving(root: Path, *arguments: str, port: int | None = None, **environment: str) -> Iterator[Server]:
    """Run ``annotate serve`` for the project at ``root``, which has bullets, until the block ends."""
    port = port or free_port()
    command = [*COMMAND, "serve", "--port", str(port), "--environment", str(ENVIRONMENT), *arguments]
    process = subprocess.Popen(
        command,
        cwd=root,
        env=clean_environment() | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        printed = []
        for line in process.stdout:
            printed.append(line)
            if "answers at" in line:
                break
        else:
            raise AssertionError("".join(printed))
        yield Server(root, port, process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(60)
        assert process.stdout is not None
        process.stdout.close()


def clean_environment() -> dict[str, str]:
    """Return the environment without what would name another server or database."""
    foreign = ("LABEL_STUDIO_", "BRIEFBENCH_", "POSTGRE_", "PGPASSWORD")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: object, seconds: float = 30.0) -> None:
    """Wait until a call returns something true."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def copy_votes(source: Path, target: Path, ids: Mapping[str, object]) -> None:
    """Write the rows of a vote file that are on some bullets."""
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines[1:] if line.split(",", 1)[0] in ids]
    target.write_text("".join([lines[0], *kept]), encoding="utf-8")
