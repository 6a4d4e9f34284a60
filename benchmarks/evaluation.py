"""How fast intervals are. Peer: the usual loop that draws rows of the weeks and calls scikit-learn's f1_score.

Both resample whole weeks from the same draws; the benchmark stops if their intervals differ.
"""

import sys
from functools import partial

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from briefbench.evaluation import score
from briefbench.evaluation.bootstrap import draw_weights
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.reference import Reference
from briefbench.schema import TASKS
from measure import peak_megabytes, report, seconds

PEER_RESAMPLES = 50
RESAMPLES = 10_000


def synthetic(bullets: int) -> tuple[Reference, Predictions]:
    """Return random gold and predictions that agree on two bullets of three, over 180 weeks."""
    random = np.random.default_rng(1)
    gold = {task.name: random.integers(0, len(task), bullets) for task in TASKS}
    wrong = random.random(bullets) < 1 / 3
    predicted = {name: np.where(wrong, random.permutation(codes), codes) for name, codes in gold.items()}
    weeks = [f"w{week:03d}" for week in random.integers(0, 180, bullets)]
    reference = Reference("weeks/test", "0" * 64, [str(i) for i in range(bullets)], gold, weeks)
    return reference, Predictions(predicted)


def row_loop(reference: Reference, predictions: Predictions, resamples: int) -> NDArray[np.float64]:
    """Return the interval of the first task as the usual loop computes it."""
    task = TASKS[0]
    weeks, cluster = np.unique(list(reference.weeks), return_inverse=True)
    rows = [np.flatnonzero(cluster == week) for week in range(len(weeks))]
    values = []
    for weights in draw_weights(len(weeks), resamples=resamples):
        drawn = np.concatenate([np.tile(rows[week], int(times)) for week, times in enumerate(weights) if times])
        gold, predicted = reference.labels[task.name][drawn], predictions.labels[task.name][drawn]
        values.append(f1_score(gold, predicted, labels=range(len(task)), average="macro", zero_division=0))
    return np.quantile(values, [0.025, 0.975])


def main() -> None:
    """Compare on the size of the test part, then show growth."""
    reference, predictions = synthetic(1_000)
    loop = seconds(lambda: row_loop(reference, predictions, PEER_RESAMPLES), runs=3) * RESAMPLES / PEER_RESAMPLES
    ours = score(predictions, reference, resamples=PEER_RESAMPLES).tasks[0].interval
    if not np.allclose([ours.low, ours.high], row_loop(reference, predictions, PEER_RESAMPLES), atol=1e-12):
        sys.exit("the two intervals differ")
    print(f"1,000 bullets, {RESAMPLES:,} resamples; the loop, on one task of three, is measured at {PEER_RESAMPLES}")
    report("three tasks with intervals", seconds(lambda: score(predictions, reference)), "scikit-learn loop", loop)
    for bullets in (10_000, 100_000, 1_000_000):
        reference, predictions = synthetic(bullets)
        print(f"{bullets:,} bullets: {seconds(partial(score, predictions, reference), runs=3):.3f} s", flush=True)
    print(f"peak memory {peak_megabytes():.0f} MB")


if __name__ == "__main__":
    main()
