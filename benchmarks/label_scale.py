"""How fast ``briefbench label`` goes over tables of growing size, and how much memory it takes. Peer: one worker.

The rows are the texts of the released bullets, each with a number so that no two are the same, in Parquet. Every run
is the command in a process of its own: one worker without Daft, two workers on Daft's native runner, and a Ray cluster
on this machine with one processor and with two. Printed for each: rows a second of the whole command, start of the
workers included; the same as the command says it, without its own start; the memory of the largest process; and the
ratio to one worker. The parts of every run are compared with those of one worker. With --full, one worker and two that
Ray has also label 10,000,000 rows.

Run it where Daft and Ray are: .venv-scale/bin/python benchmarks/label_scale.py [ROWS ...] [--full] [-- OPTIONS]
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from briefbench.dataset.load import read_tables
from briefbench.schema import SPLITS

SIZES, FULL = (100_000, 1_000_000), 10_000_000
GROUP = 50_000
#: Workers, and whether Ray has them.
RUNS = ((1, False), (2, False), (1, True), (2, True))
#: The full size is for memory: one worker, and two that Ray has.
FULL_RUNS = (RUNS[0], RUNS[-1])


class Run(NamedTuple):
    """One run: its seconds, the rate that the command says, the largest process in MB, and a hash of the parts."""

    seconds: float
    said: str
    megabytes: float
    parts: str


def write_rows(path: Path, rows: int) -> None:
    """Write rows of ids and texts, a row group at a time."""
    tables = read_tables("default")
    texts = [text for split in SPLITS for text in tables[split].column("text").to_pylist()]
    schema = pa.schema([("id", pa.string()), ("text", pa.string())])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, GROUP):
            numbers = range(start, min(start + GROUP, rows))
            columns = [[f"r{i}" for i in numbers], [f"{texts[i % len(texts)]} ({i})" for i in numbers]]
            writer.write_table(pa.table(columns, schema=schema))


@contextmanager
def address(processors: int, ray: bool) -> Iterator[list[str]]:
    """Yield the options that name the workers, with a Ray cluster started where it is to have them."""
    if not ray:
        yield ["--workers", str(processors)]
        return
    from ray.cluster_utils import Cluster

    head = {"num_cpus": processors, "include_dashboard": False, "object_store_memory": 100_000_000}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        yield ["--ray", cluster.address]
    finally:
        cluster.shutdown()


def measured(source: Path, out: Path, options: list[str]) -> Run:
    """Run the command, and watch the memory of all processes that carry our mark."""
    command = [sys.executable, "-m", "briefbench", "label", str(source), "--out", str(out), "--overwrite", *options]
    done = threading.Event()
    peak = [0.0]
    watch = threading.Thread(target=_watch, args=(done, peak))
    watch.start()
    start = time.perf_counter()
    try:
        process = subprocess.run(command, check=True, capture_output=True, text=True)
    finally:
        seconds = time.perf_counter() - start
        done.set()
        watch.join()
    rate = re.search(r"([0-9,]+) a second", process.stdout)
    found = hashlib.sha256()
    for part in sorted(out.glob("part-*")):
        found.update(part.read_bytes())
    return Run(seconds, rate[1] if rate else "?", peak[0], found.hexdigest())


def _watch(done: threading.Event, peak: list[float]) -> None:
    mark = f"BRIEFBENCH_BENCHMARK={os.environ['BRIEFBENCH_BENCHMARK']}".encode()
    while not done.wait(0.2):
        for path in Path("/proc").glob("[0-9]*"):
            try:
                # Python processes alone: Ray's own servers are not what is measured.
                ours = mark in (path / "environ").read_bytes() and int(path.name) != os.getpid()
                if ours and b"python" in (path / "cmdline").read_bytes():
                    memory = (path / "status").read_text().partition("VmHWM:")[2].split()[0]
                    peak[0] = max(peak[0], int(memory) / 1024)
            except (OSError, IndexError):  # it is gone
                continue


def _report(what: str, rows: int, run: Run, first: Run) -> None:
    ratio = first.seconds / run.seconds
    same = "same bytes" if run.parts == first.parts else "OTHER BYTES"
    print(f"{what}: {rows / run.seconds:,.0f} rows/s ({run.said} without the start), ratio {ratio:.2f}", end=", ")
    print(f"largest process {run.megabytes:.0f} MB, {same}", flush=True)


def main() -> None:
    """Measure every size with every kind of workers."""
    arguments = sys.argv[1:]
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    options = arguments[cut + 1 :]
    sizes = [int(one) for one in arguments[:cut] if one != "--full"] or list(SIZES)
    sizes += [FULL] if "--full" in arguments[:cut] else []
    os.environ |= {"BRIEFBENCH_BENCHMARK": str(os.getpid()), "RAY_USAGE_STATS_ENABLED": "0", "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as name:
        for rows in sizes:
            source = Path(name, f"{rows}.parquet")
            write_rows(source, rows)
            first = None
            for workers, ray in FULL_RUNS if rows == FULL else RUNS:
                with address(workers, ray) as where:
                    run = measured(source, Path(name, "out"), [*where, *options])
                first = first or run
                kind = "Ray" if ray else "Daft" if workers > 1 else "no Daft"
                _report(f"{rows:,} rows, {workers} workers, {kind}", rows, run, first)
            source.unlink()


if __name__ == "__main__":
    main()
