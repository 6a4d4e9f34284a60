"""How often the 95% intervals hold the truth, in simulated test parts whose weeks differ as those of weeks/test do.

Each simulated part has some weeks, and the true macro-F1 of its system is known. Printed for each task and number of
weeks: the share of intervals that hold the truth, how often it lies below and above them, and their mean width; for
BCa, for the percentile interval, and for the peer, a percentile interval that resamples bullets as if they were
independent.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from briefbench.evaluation.bootstrap import Clusters, Interval, bca_interval, percentile_interval
from briefbench.evaluation.metrics import confusion, label_scores, macro_f1
from briefbench.evaluation.predictions import Predictions, read_predictions
from briefbench.evaluation.reference import Reference, read_reference
from briefbench.evaluation.scoring import as_scores, side_by_side
from briefbench.schema import TASKS, Task

STORED = Path(__file__).parents[1] / "baselines" / "predictions" / "tfidf-lr.parquet"
RUNS, RESAMPLES = 1_000, 2_000
WEEKS = (5, 10, 20, 38, 80)
# Bullets of a week: a negative binomial with the corpus' mean of 26 and variance of 188 (182 weeks).
MEAN_BULLETS, SIZE = 26, 4.2
# An intraclass correlation below this, or below 0, is taken as this: the weeks may differ more than a sample shows.
LEAST_ALIKE = 0.01

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


class World(NamedTuple):
    """What parts are drawn from: a system's expected confusion table, and how alike the bullets of one week are.

    ``labels_alike`` and ``errors_alike`` are intraclass correlations: of the gold labels of one week, and of the
    system's answers to the bullets of one week and gold label.
    """

    table: Floats
    labels_alike: float
    errors_alike: float

    @property
    def truth(self) -> float:
        """The macro-F1 that the system has in the long run."""
        return float(macro_f1(label_scores(self.table)))


def world(task: Task, reference: Reference, predictions: Predictions) -> World:
    """Measure a world on a split; a tenth of a bullet in every cell keeps rare mistakes possible."""
    gold, predicted, (weeks, _) = reference.labels[task.name], predictions.labels[task.name], reference.weeks
    table = confusion(gold, predicted, len(task)) + 0.1
    return World(table / table.sum(), alike(gold, weeks, np.zeros_like(gold)), alike(predicted, weeks, gold))


def alike(answers: Codes, weeks: Codes, kinds: Codes) -> float:
    """Return the intraclass correlation within weeks of the answers to one kind of bullet, at least `LEAST_ALIKE`.

    It is how much more often two answers to one kind are equal in one week than in two, as a share of the most that
    this could be.
    """
    excess = room = 0.0
    for kind in np.unique(kinds):
        rows = kinds == kind
        counts = np.zeros((weeks.max() + 1, answers.max() + 1))
        np.add.at(counts, (weeks[rows], answers[rows]), 1)
        same, pairs = (counts * (counts - 1)).sum(), (counts.sum(axis=1) * (counts.sum(axis=1) - 1)).sum()
        whole = counts.sum(axis=0)
        others = whole.sum() * (whole.sum() - 1) - pairs
        chance = ((whole * (whole - 1)).sum() - same) / others if others else 1.0
        excess += same - chance * pairs
        room += (1 - chance) * pairs
    return max(excess / room, LEAST_ALIKE)


def part(random: np.random.Generator, weeks: int, source: World) -> Codes:
    """Return confusion tables of some weeks, ``(weeks, labels, labels)``, whose expected sum is the world's table."""
    shares = source.table.sum(axis=1)
    rows = source.table / shares[:, None]
    tables = []
    for _ in range(weeks):
        bullets = random.negative_binomial(SIZE, SIZE / (SIZE + MEAN_BULLETS))
        gold = random.multinomial(bullets, random.dirichlet(shares * (1 / source.labels_alike - 1)))
        answers = [random.dirichlet(row * (1 / source.errors_alike - 1)) for row in rows]
        tables.append([random.multinomial(count, row) for count, row in zip(gold, answers, strict=True)])
    return np.array(tables)


def intervals(tables: Codes, resamples: int, seed: int, random: np.random.Generator) -> dict[str, Interval]:
    """Return the intervals of one simulated part by name."""
    weeks, labels = tables.shape[:2]
    clusters = Clusters(np.zeros(0, dtype=np.int64), weeks, resamples, seed)
    values = macro_f1(as_scores(clusters.total(side_by_side(tables))))
    drawn, jackknife = values[1 : 1 + resamples], values[1 + resamples :]
    whole = tables.sum(axis=0)
    rows = random.multinomial(whole.sum(), (whole / whole.sum()).ravel(), size=resamples)
    return {
        "BCa": bca_interval(drawn, float(values[0]), jackknife),
        "percentile": percentile_interval(drawn),
        "bullets": percentile_interval(macro_f1(label_scores(rows.reshape(-1, labels, labels)))),
    }


class Coverage(NamedTuple):
    """Of the intervals of one name: the shares that hold the truth, lie above and below it, and the mean width."""

    holds: float
    truth_below: float
    truth_above: float
    width: float


def coverage(source: World, weeks: int, runs: int = RUNS, resamples: int = RESAMPLES) -> dict[str, Coverage]:
    """Simulate parts of so many weeks; the number of weeks seeds the draws."""
    random = np.random.default_rng(weeks)
    found = [intervals(part(random, weeks, source), resamples, run, random) for run in range(runs)]
    results = {}
    for name in found[0]:
        low, high = (np.array([getattr(one[name], end) for one in found]) for end in ("low", "high"))
        below, above = float((source.truth < low).mean()), float((source.truth > high).mean())
        results[name] = Coverage(1 - below - above, below, above, float((high - low).mean()))
    return results


def main() -> None:
    """Simulate every task at several numbers of weeks, after the stored predictions of tfidf-lr on weeks/test."""
    runs = int(sys.argv[1]) if sys.argv[1:] else RUNS
    reference = read_reference()
    predictions = read_predictions(STORED, reference)
    for task in TASKS:
        source = world(task, reference, predictions)
        print(f"{task.name}: true macro-F1 {source.truth:.3f}", end="")
        print(f", alike in a week: labels {source.labels_alike:.3f}, answers {source.errors_alike:.3f}")
        for weeks in WEEKS:
            for name, one in coverage(source, weeks, runs).items():
                print(
                    f"  {weeks} weeks, {name}: {one.holds:.3f} hold the truth (it lies below {one.truth_below:.3f}, "
                    f"above {one.truth_above:.3f}), width {one.width:.3f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
