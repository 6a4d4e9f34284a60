"""What the benchmarks share: the time of a call or a process, its peak memory, and a line for each figure."""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence


def seconds(call: Callable[[], object], *, runs: int = 5) -> float:
    """Return the median wall time of a call."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def process_seconds(arguments: Sequence[str], *, runs: int = 9) -> float:
    """Return the median wall time of a Python process, start-up included."""
    return seconds(
        lambda: subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL), runs=runs
    )


def peak_megabytes() -> float:
    """Return the peak memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(what: str, ours: float, peer: str, theirs: float) -> None:
    """Print one figure as a ratio to its peer."""
    print(f"{what}: {ours:.3f} s, {peer}: {theirs:.3f} s, ratio {ours / theirs:.3f}", flush=True)
