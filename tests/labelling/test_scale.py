"""Daft and Ray, the real packages in an environment of their own: many workers write the bytes of one, whoever dies."""

import json
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.environments import environment
from table_support import ODD, tree, write_table
from tests_support import ROOT

SUPPORT = ROOT / "tests" / "support"
PARTS = 16
ROWS = [{"id": f"{identity}{i}", "text": f"{text} {i}"} for i, (identity, text) in enumerate(ODD * 40)]
_LONGEST = 240


class Scale:
    """An input, and the command with the model of checksums in the environment that has Daft and Ray."""

    def __init__(self, folder: Path) -> None:
        """Write the input."""
        self.folder = folder
        self.source = write_table(folder / "in.jsonl", ROWS)
        self.options = ["--part-rows", str(len(ROWS) // PARTS)]
        self.mark = f"BRIEFBENCH_TEST={uuid.uuid4().hex}"

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a Python of the environment; all its descendants carry the mark."""
        name, _, value = self.mark.partition("=")
        variables = {name: value, "HOME": str(self.folder), "RAY_USAGE_STATS_ENABLED": "0", "OMP_NUM_THREADS": "1"}
        variables["PYTHONPATH"] = os.pathsep.join(map(str, (SUPPORT / "stubbed", SUPPORT)))
        return subprocess.Popen(
            [str(environment("scale")), *command],
            cwd=self.folder,
            env=dict(os.environ) | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def label(self, out: str, *options: str) -> subprocess.Popen[str]:
        """Start the command."""
        arguments = ["label", str(self.source), "--out", str(self.folder / out), *self.options, *options]
        return self.start("-m", "briefbench", *arguments)

    def whole(self, process: subprocess.Popen[str], out: str) -> dict[str, bytes]:
        """Wait for a command that must end well, and return what it wrote."""
        said = process.communicate(timeout=_LONGEST)
        assert process.returncode == 0, said
        return tree(self.folder / out)

    def held(self, process: subprocess.Popen[str]) -> int:
        """Wait until a worker of the command waits at the gate with a part in its hands, and return it."""
        deadline = time.monotonic() + _LONGEST
        while not (found := [int(path.name[5:]) for path in self.folder.glob("held-*")]):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.005)
        return found[0]

    def running(self) -> list[int]:
        """Return the processes that carry the mark."""
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (path / "environ").read_bytes():
                    found.append(int(path.name))
            except OSError:  # it is gone, or another user's
                continue
        return found

    def nothing_left(self) -> bool:
        """Tell whether all processes end within some seconds."""
        deadline = time.monotonic() + 30
        while self.running() and time.monotonic() < deadline:
            time.sleep(0.1)
        return not self.running()


@pytest.fixture(scope="module")
def scale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scale]:
    """The input, the model and the command; what a failed test left running is ended."""
    made = Scale(tmp_path_factory.mktemp("scale"))
    yield made
    for process in made.running():
        os.kill(process, signal.SIGKILL)


@pytest.fixture(scope="module")
def expected(scale: Scale) -> dict[str, bytes]:
    """What one worker writes, without Daft."""
    files = scale.whole(scale.label("one", "--workers", "1"), "one")
    assert len(files) == 2 * PARTS + 1
    return files


def test_whichever_process_is_killed_the_bytes_are_those_of_one_worker(
    scale: Scale, expected: dict[str, bytes]
) -> None:
    (gate := scale.folder / "gate").write_text(str(len(ROWS) // 4))
    process = scale.label("two", "--workers", "2")
    scale.held(process)
    process.kill()
    process.communicate()
    gate.unlink()
    assert scale.nothing_left(), "workers end with their command"
    for mark in scale.folder.glob("held-*"):
        mark.unlink()
    gate.write_text(str(len(ROWS) // 2))
    resumed = scale.label("two", "--workers", "2")
    os.kill(scale.held(resumed), signal.SIGKILL)
    gate.unlink()
    said, err = resumed.communicate(timeout=_LONGEST)
    assert resumed.returncode == 0, err
    assert "going on in " in err
    assert f" in {PARTS} parts (" in said
    assert tree(scale.folder / "two") == expected
    assert scale.nothing_left()


def test_a_bad_row_stops_all_workers_and_is_named(scale: Scale) -> None:
    rows = [dict(row) for row in ROWS]
    rows[133]["text"] = rows[350]["text"] = " "
    write_table(scale.folder / "bad.jsonl", rows)
    out = str(scale.folder / "bad")
    process = scale.start("-m", "briefbench", "label", str(scale.folder / "bad.jsonl"), "--out", out, *scale.options)
    said, err = process.communicate(timeout=_LONGEST)
    assert (process.returncode, said) == (2, ""), err[-3000:]
    assert ODD[3][0] == "a\u2028b"
    assert err == (
        "briefbench: error: bad.jsonl, row 134, id a\\u2028b133: text is nothing but white space; "
        "mend it, or set such rows aside with --set-aside\n"
    )
    assert scale.nothing_left()


def test_a_cluster_whose_second_node_is_killed_writes_the_same_bytes(scale: Scale, expected: dict[str, bytes]) -> None:
    out = scale.folder / "ray"
    arguments = [str(scale.source), "--out", str(out), *scale.options]
    process = scale.start(str(SUPPORT / "ray_cluster.py"), str(out), *arguments)
    said, err = process.communicate(timeout=_LONGEST)
    assert process.returncode == 0, err[-4000:]
    ended = json.loads(said.splitlines()[-1])
    assert ended["status"] == 0, ended["err"][-4000:]
    assert 2 <= ended["finished"] < PARTS
    assert f"labelled {len(ROWS):,} rows in {PARTS} parts" in ended["out"]
    assert tree(out) == expected
    assert scale.nothing_left()


def test_an_address_without_a_cluster_is_refused_in_one_line(scale: Scale) -> None:
    process = scale.label("nowhere", "--ray", "127.0.0.1:1")
    said, err = process.communicate(timeout=_LONGEST)
    assert (process.returncode, said) == (1, ""), err
    assert err.splitlines()[-1].startswith("briefbench: error: no Ray cluster answers at 127.0.0.1:1")
