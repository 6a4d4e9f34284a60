"""A program that evaluates files one after another, as the command does, and says what each took in time and memory.

Run as a child, so that a crash, a hang or a peak of memory is the child's. One line of JSON a file on standard output.
"""

import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

_LONGEST_SECONDS = 240


class Outcome(NamedTuple):
    """How one call of the command ended; ``peak`` is the memory of the child so far in MB, beyond its start."""

    status: int
    out: str
    err: str
    seconds: float
    peak: float


def run_each(verb: Sequence[str], files: Sequence[Path]) -> dict[str, Outcome]:
    """Run a verb of the command on each file, in one child, and return the outcomes by the names of the files."""
    command = [sys.executable, __file__, *verb, "--", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LONGEST_SECONDS)
    assert done.returncode == 0, f"the child died: {done.returncode} {done.stderr[-2000:]}"
    lines = done.stdout.splitlines()
    return {file.name: Outcome(*json.loads(line)) for file, line in zip(files, lines, strict=True)}


def _peak() -> float:
    """Return the most memory that this process had; where Linux tells it, since getrusage counts the parent's in."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _main(verb: list[str], files: list[str]) -> None:
    from briefbench.commands import main

    warm = Path(__file__).resolve().parents[2] / "baselines" / "predictions" / "majority.parquet"
    with redirect_stdout(io.StringIO()):
        main(["evaluate", str(warm), "--json"])
    start = _peak()
    for file in files:
        out, err, began = io.StringIO(), io.StringIO(), time.perf_counter()
        with redirect_stdout(out), redirect_stderr(err):
            status = main([*verb, file])
        print(json.dumps([status, out.getvalue(), err.getvalue(), time.perf_counter() - began, _peak() - start]))


if __name__ == "__main__":
    cut = sys.argv.index("--")
    _main(sys.argv[1:cut], sys.argv[cut + 1 :])
