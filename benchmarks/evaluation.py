"""How fast scoring is. Peers: reading the same file with pyarrow, and the usual loop around scikit-learn's f1_score.

The loop draws the same weeks; the benchmark stops if its interval differs. Everything that is measured at a million
bullets runs in a process of its own, so that its peak memory is its own.
"""

import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from briefbench.evaluation import score
from briefbench.evaluation.bootstrap import draw_weights
from briefbench.evaluation.predictions import read_predictions
from briefbench.evaluation.reference import Reference
from briefbench.schema import TASKS
from measure import peak_megabytes, process_seconds, report, seconds

PEER_RESAMPLES = 50
RESAMPLES = 10_000
WEEKS = 182
STORED = Path(__file__).resolve().parents[1] / "baselines" / "predictions" / "tfidf-svm.parquet"


def synthetic(bullets: int) -> tuple[pa.Table, pa.Table]:
    """Return a random reference and predictions that agree on two bullets of three."""
    random = np.random.default_rng(1)
    ids = pa.array([f"2023{i // 10_000:04d}-{i:06x}" for i in range(bullets)])
    weeks = pa.array([f"2023-W{week:03d}" for week in random.integers(0, WEEKS, bullets)])
    reference, predicted = {"bullet_id": ids, "week": weeks}, {"bullet_id": ids}
    wrong = random.random(bullets) < 1 / 3
    for task in TASKS:
        gold = random.integers(0, len(task), bullets)
        codes = np.where(wrong, random.permutation(gold), gold)
        reference[task.name] = pa.array(gold)
        reference[f"{task.name}_soft"] = pa.FixedSizeListArray.from_arrays(np.eye(len(task))[gold].ravel(), len(task))
        predicted[task.name] = pa.DictionaryArray.from_arrays(codes.astype(np.int32), list(task.names)).cast(
            pa.string()
        )
    return pa.table(reference), pa.table(predicted)


def row_loop(reference: Reference, predicted: NDArray[np.int64], resamples: int) -> NDArray[np.float64]:
    """Return the percentile interval of the first task as the usual loop computes it."""
    task = TASKS[0]
    cluster, weeks = reference.weeks
    rows = [np.flatnonzero(cluster == week) for week in range(len(weeks))]
    values = []
    for weights in draw_weights(len(weeks), resamples=resamples):
        drawn = np.concatenate([np.tile(rows[week], int(times)) for week, times in enumerate(weights) if times])
        gold = reference.labels[task.name][drawn]
        values.append(f1_score(gold, predicted[drawn], labels=range(len(task)), average="macro", zero_division=0))
    return np.quantile(values, [0.025, 0.975])


def against_scikit_learn(bullets: int) -> None:
    """Time three tasks against the loop on one, after showing that both give the same interval."""
    tables = synthetic(bullets)
    reference = Reference("weeks/test", "0" * 64, tables[0])
    predictions = read_predictions(tables[1], reference)
    loop = partial(row_loop, reference, predictions.labels[TASKS[0].name], PEER_RESAMPLES)
    ours = score(predictions, reference, resamples=PEER_RESAMPLES, interval="percentile").tasks[0].macro_f1.interval
    if ours is None or not np.allclose([ours.low, ours.high], loop(), atol=1e-12):
        sys.exit("the two intervals differ")
    print(
        f"{bullets:,} bullets, {RESAMPLES:,} resamples; the loop, on one task of three, is measured at {PEER_RESAMPLES}"
    )
    peer = seconds(loop, runs=1) * RESAMPLES / PEER_RESAMPLES
    report("three tasks with intervals", seconds(lambda: score(predictions, reference)), "scikit-learn loop", peer)


def against_reading(kind: str, folder: Path) -> None:
    """Time reading, matching and scoring a million predictions against reading the file alone."""
    reference = Reference("weeks/test", "0" * 64, mapped(folder / "reference.arrow"))
    for part in (reference.ids, reference.labels, reference.shares, reference.weeks):
        len(part)  # the reference is read before the clock starts
    path, read = {
        "parquet": (folder / "predictions.parquet", pq.read_table),
        "shuffled parquet": (folder / "shuffled.parquet", pq.read_table),
        "csv": (folder / "predictions.csv", pa_csv.read_csv),
    }[kind]
    before = peak_megabytes()
    ours = seconds(lambda: score(read_predictions(path, reference), reference, resamples=RESAMPLES))
    after = peak_megabytes()
    report(f"1,000,000 predictions, {kind}: read, match, score", ours, "pyarrow reads it", seconds(lambda: read(path)))
    print(f"  peak memory {after:.0f} MB, of which the reference and the libraries {before:.0f} MB")
    if kind == "parquet":
        predictions = read_predictions(path, reference)
        for resamples in (1_000, 10_000, 100_000):
            taken = seconds(partial(score, predictions, reference, resamples=resamples), runs=3)
            print(f"  scoring alone with {resamples:,} resamples: {taken:.3f} s", flush=True)


def mapped(path: Path) -> pa.Table:
    """Return a table whose bytes stay in the file, so that the memory measured is that of the work."""
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def main() -> None:
    """Compare with both peers, then time the command on the real test part."""
    for bullets in (1_000,):
        against_scikit_learn(bullets)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reference, predicted = synthetic(1_000_000)
        with pa.ipc.new_file(folder / "reference.arrow", reference.schema) as writer:
            writer.write_table(reference)
        pq.write_table(predicted, folder / "predictions.parquet")
        pa_csv.write_csv(predicted, folder / "predictions.csv")
        order = np.random.default_rng(2).permutation(predicted.num_rows)
        pq.write_table(predicted.take(order), folder / "shuffled.parquet")
        for kind in ("parquet", "csv", "shuffled parquet"):
            subprocess.run([sys.executable, __file__, kind, name], check=True)
    bare = process_seconds(["-c", "import pyarrow.parquet"])
    report(
        "briefbench evaluate on weeks/test",
        process_seconds(["-m", "briefbench", "evaluate", str(STORED)]),
        "importing pyarrow",
        bare,
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        against_reading(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
