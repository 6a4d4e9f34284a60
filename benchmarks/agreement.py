"""How long agreement takes. Peer: the point estimate of the krippendorff package, for the three tasks.

Ours is the whole report: alpha with intervals by task, label, pair and month, before and after adjudication, confusion,
spans, the ceiling and the effect of the instructions; all but the models of crowd-kit. The benchmark stops if any alpha
that both give differs by more than 1e-12. Every size runs in a process of its own, so that its peak memory is its own.
"""

import subprocess
import sys
from datetime import date
from itertools import combinations

import krippendorff
import numpy as np

from briefbench.annotation.reliability.alpha import Draws
from briefbench.annotation.reliability.ballots import Ballots
from briefbench.annotation.reliability.report import Report, report
from briefbench.annotation.votes import Annotator
from briefbench.schema import SOURCE_TYPE, TASKS, UNATTRIBUTED
from measure import peak_megabytes, seconds

SIZES = (10_000, 100_000, 1_000_000)
ANNOTATORS = 3
RESAMPLES = 1_000
TOLERANCE = 1e-12
_FIRST, _DAYS = date(2022, 2, 24).toordinal(), 1277
_TEXT = "Officials said on the day that the talks about grain and prisoners would go on for another week in the city."


def synthetic(bullets: int) -> Ballots:
    """Return three annotators' votes, one label in ten of which is drawn at random, and spans that differ as often."""
    random = np.random.default_rng(1)
    codes = {}
    for task in TASKS:
        votes = np.repeat(random.integers(0, len(task), (bullets, 1), dtype=np.int8), ANNOTATORS, axis=1)
        wrong = random.random(votes.shape) < 0.1  # noqa: PLR2004
        votes[wrong] = random.integers(0, len(task), int(wrong.sum()), dtype=np.int8)
        codes[task.name] = votes
    start = random.integers(0, 8, (bullets, ANNOTATORS), dtype=np.int32)
    start[random.random(start.shape) < 0.9] = 0  # noqa: PLR2004
    spans = np.stack([start, start + 20], axis=2)
    spans[codes[SOURCE_TYPE.name] == SOURCE_TYPE.codes[UNATTRIBUTED]] = -1
    return Ballots(
        annotators=tuple(
            Annotator(f"A{i}", "model", "none", "all" if i else "some", counts_toward_gold=True, note="")
            for i in range(ANNOTATORS)
        ),
        ids=range(bullets),
        texts=[_TEXT] * bullets,
        days=_FIRST + np.sort(random.integers(0, _DAYS, bullets)),
        codes=codes,
        decisions={task.name: np.full(bullets, -1, dtype=np.int8) for task in TASKS},
        spans=spans,
    )


def peer(ballots: Ballots, columns: list[int], task: str) -> float:
    """Return the alpha of some annotators as the krippendorff package computes it."""
    data = ballots.codes[task][:, columns].T
    return float(krippendorff.alpha(reliability_data=data, level_of_measurement="nominal"))


def compare(ballots: Ballots, found: Report) -> None:
    """Stop if an alpha of the report is not that of the package: every task, one label against the rest, every pair."""
    everybody = list(range(ANNOTATORS))
    gaps = []
    for task in TASKS:
        ours = found.group.tasks[task.name]
        gaps.append(ours.alpha.value - peer(ballots, everybody, task.name))
        rest = (ballots.codes[task.name] == 0).astype(np.int8).T
        theirs = krippendorff.alpha(reliability_data=rest, level_of_measurement="nominal")
        gaps.append(ours.labels[task.names[0]].value - theirs)
        for pair, columns in zip(found.pairs, combinations(everybody, 2), strict=True):
            gaps.append(pair.tasks[task.name].alpha.value - peer(ballots, list(columns), task.name))
    widest = max(map(abs, gaps))
    if not widest <= TOLERANCE:
        sys.exit(f"the two differ by {widest}")
    print(f"  {len(gaps)} alphas, the widest gap {widest:.1e}")


def measure(bullets: int) -> None:
    """Time one size against the package."""
    ballots = synthetic(bullets)
    before = peak_megabytes()
    found = report(ballots, Draws(RESAMPLES), aggregation=False)
    after = peak_megabytes()
    ours = seconds(lambda: report(ballots, Draws(RESAMPLES), aggregation=False), runs=3)
    everybody = list(range(ANNOTATORS))
    theirs = seconds(lambda: [peer(ballots, everybody, task.name) for task in TASKS], runs=1)
    print(
        f"{bullets:,} bullets, {ANNOTATORS} votes, {RESAMPLES:,} resamples, whole report: {ours:.2f} s; "
        f"krippendorff, three point estimates: {theirs:.2f} s, ratio {ours / theirs:.3f}; "
        f"peak memory {after:.0f} MB, of which the votes and the libraries {before:.0f} MB",
        flush=True,
    )
    compare(ballots, found)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
    else:
        for size in SIZES:
            subprocess.run([sys.executable, __file__, str(size)], check=True)
