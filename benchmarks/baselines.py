"""What each baseline costs: a fit, the speed of labelling, the numbers it learns, and memory. Peer: ``tfidf-lr``.

Every baseline runs in a process of its own, on one thread, so that its peak memory is its own. The fit of one that is
made of others is its own, without theirs, which are read from ``baselines/models/`` where they can be stored.
``baselines/costs.json`` gets what is measured: the baselines that are named, beside the peer, or all that can run here;
those of others stay if they were measured on such a machine.

With all extras: .venv-encoder/bin/python benchmarks/baselines.py [NAME ...]
"""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import msgspec

from briefbench.baselines.base import Baseline, Fitted, read_examples
from briefbench.baselines.registry import BASELINES, baseline_of
from briefbench.baselines.report.costs import FIGURES, PEER, Cost, Costs, read_costs
from briefbench.baselines.run import fit
from briefbench.baselines.shelf import MODELS, Shelf
from briefbench.dataset.release import read_checksums
from briefbench.errors import BriefbenchError
from briefbench.evaluation.systems import read_result
from briefbench.files import to_json, write_bytes
from briefbench.project import find_project
from briefbench.schema import PROTOCOLS
from measure import peak_megabytes

T = TypeVar("T")

FOLDER = Path(__file__).resolve().parents[1] / "baselines"
RUNS = 3
# No time is given as less than this.
RESOLUTION = 1e-6
# A fit that takes longer than this is not repeated.
LONG = 5.0
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), "1")


def measure(name: str) -> Cost:
    """Return the costs of a baseline with its stored hyperparameters; the times are the least of a few runs."""
    baseline, examples = baseline_of(name), read_examples()
    chosen = read_result(FOLDER / "results" / f"{name}.json").chosen
    shelf = Shelf(FOLDER / MODELS, read_checksums(find_project(None).dataset).data, PROTOCOLS[0], reuse=True)

    def once() -> tuple[Fitted, float]:
        others = 0.0

        def members(one: Baseline) -> Sequence[Fitted]:
            nonlocal others
            found, taken = timed(lambda: shelf.seeds(one, examples))
            others += taken
            return found

        found, taken = timed(lambda: fit(baseline, examples, chosen, members=members))
        return found, max(taken - others, RESOLUTION)

    fitted, taken = once()
    if taken < LONG:
        taken = min(taken, *(once()[1] for _ in range(RUNS - 1)))
    labelled = min(timed(lambda: fitted.predict(examples["test"]))[1] for _ in range(RUNS))
    return Cost(fitted.parameters, taken, len(examples["test"]) / labelled, peak_megabytes())


def timed(call: Callable[[], T]) -> tuple[T, float]:
    """Return what a call gives and its processor time: on one thread that is its time on a machine that is idle."""
    start = time.process_time()
    found = call()
    return found, max(time.process_time() - start, RESOLUTION)


def in_a_process(name: str) -> Cost | None:
    """Measure a baseline in a process of its own; ``None`` where it cannot run here, with a line that says why."""
    done = subprocess.run(
        [sys.executable, __file__, "--measure", name],
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines() or [f"its process ended with status {done.returncode}"]
    if done.returncode:
        print(f"{name}: left out: {lines[-1]}", flush=True)
        return None
    return msgspec.json.decode(lines[-1], type=Cost)


def processor() -> str:
    """Return the processor's name as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def main() -> None:
    """Measure the peer, then the others, and print a line each."""
    wanted = sys.argv[1:] or [one.name for one in BASELINES]
    found: dict[str, Cost] = {}
    for name in dict.fromkeys([PEER, *wanted]):
        cost = in_a_process(name)
        if cost is None:
            if name == PEER:
                sys.exit(f"{PEER} cannot be measured, and the others are held against it")
            continue
        found[name] = cost
        peer = found[PEER]
        print(
            f"{name}: {cost.parameters:,} parameters; fit {cost.fit_seconds:.2f} s, ratio to {PEER} "
            f"{cost.fit_seconds / peer.fit_seconds:.2f}; {cost.bullets_per_second:,.0f} bullets a second, ratio "
            f"{cost.bullets_per_second / peer.bullets_per_second:.2f}; {cost.peak_megabytes:.0f} MB, ratio "
            f"{cost.peak_megabytes / peer.peak_megabytes:.2f}",
            flush=True,
        )
    write_bytes(FOLDER / FIGURES, to_json(merged(found)).encode())


def merged(found: dict[str, Cost]) -> Costs:
    """Return the costs that were found here, and of other baselines the stored ones if they are of such a machine."""
    fresh = Costs(processor(), os.cpu_count() or 1, platform.python_version(), dict(sorted(found.items())))
    stored = read_costs(FOLDER / FIGURES)
    if stored is None or replace(stored, baselines=fresh.baselines) != fresh:
        return fresh
    return replace(fresh, baselines=dict(sorted({**stored.baselines, **found}.items())))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        try:
            print(msgspec.json.encode(measure(sys.argv[2])).decode())
        except BriefbenchError as error:
            print(error)
            sys.exit(1)
    else:
        main()
