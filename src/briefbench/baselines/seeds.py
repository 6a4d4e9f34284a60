"""How far the scores of a baseline spread over the seeds of its training: every seed's labels, and what they score.

Seed 0 is the published system, with predictions and a result of its own. Of the other seeds only the labels are stored,
so that they can be fitted one at a time, in any order, and put together from what is there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.base import Baseline, Examples, Fitted
from briefbench.baselines.run import fit, run
from briefbench.errors import PredictionError, UnknownNameError
from briefbench.evaluation import metrics
from briefbench.evaluation.predictions import read_predictions, write_predictions
from briefbench.evaluation.reference import Reference
from briefbench.evaluation.systems import SeedScores, SystemResult, read_result
from briefbench.files import to_json, write_all
from briefbench.schema import TASKS


def seed_file(name: str, seed: int) -> str:
    """Return where the labels of a seed other than 0 lie, below ``baselines/``."""
    return f"seeds/{name}-{seed}.parquet"


def seeds_of(
    chosen: Sequence[Baseline], protocol: str, seed: int | None, *, strict: bool
) -> list[tuple[Baseline, int]]:
    """Return which baselines to run with which seeds on a protocol: all seeds on ``weeks``, seed 0 on the others.

    Given a ``seed``, it alone; baselines that lack it are refused with ``strict`` and passed over without.

    Raises:
        UnknownNameError: a baseline, or every one of them, has no such seed on this protocol.
    """
    many = {one.name: one.seeds_on(protocol) for one in chosen}
    if seed is None:
        return [(one, k) for one in chosen for k in range(many[one.name])]
    having = [one for one in chosen if seed < many[one.name]]
    if not having or (strict and len(having) < len(chosen)):
        lacking = next(one for one in chosen if one not in having)
        has = "seed 0 alone" if many[lacking.name] == 1 else f"the seeds 0 to {many[lacking.name] - 1}"
        raise UnknownNameError(f"no seed {seed}: on {protocol} baseline {lacking.name} has {has}")
    return [(one, seed) for one in having]


def run_and_store(
    baseline: Baseline,
    examples: Mapping[str, Examples],
    reference: Reference,
    seed: int,
    folder: Path,
    *,
    fitter: Callable[..., Fitted] = fit,
) -> tuple[str, SeedScores]:
    """Run one seed of a baseline, write its files below ``folder``, and return the baseline's name and the scores.

    Seed 0 gives predictions and result; another one its labels, and the result refreshed where seed 0 is stored.
    """
    if seed == 0:
        done = run(baseline, examples, reference, fitter=fitter)
        result = with_seeds(done.result, baseline, reference, folder)
        files = replace(done, result=result).files()
        scores = {task.task: task.macro_f1.value for task in result.evaluation.tasks}
    else:
        labels = fitter(baseline, examples, seed=seed).predict(examples["test"]).labels
        files = {seed_file(baseline.name, seed): write_predictions(examples["test"].bullet_ids, labels)}
        scores = macro_f1_of(labels, reference)
        path = folder / "results" / f"{baseline.name}.json"
        stored = read_result(path) if path.is_file() else None
        if stored is not None and stored.evaluation.data == reference.data:
            refreshed = with_seeds(stored, baseline, reference, folder, {seed: labels})
            files[f"results/{baseline.name}.json"] = to_json(refreshed).encode()
    write_all({folder / name: data for name, data in files.items()})
    return baseline.name, SeedScores(seed, scores, _mean(scores))


def with_seeds(
    result: SystemResult,
    baseline: Baseline,
    reference: Reference,
    folder: Path,
    fresh: Mapping[int, Mapping[str, NDArray[np.int64]]] | None = None,
) -> SystemResult:
    """Return a result with the scores of every seed: its own for 0, then the ``fresh`` labels, then the stored ones.

    A seed is missing where nothing is stored, or what is stored labels other bullets, as after a new release.
    """
    if baseline.seeds == 1:
        return result
    tasks = {task.task: task.macro_f1.value for task in result.evaluation.tasks}
    found = [SeedScores(0, tasks, _mean(tasks))]
    for seed in range(1, baseline.seeds):
        labels = (fresh or {}).get(seed) or stored_labels(folder, baseline.name, seed, reference)
        if labels is not None:
            scores = macro_f1_of(labels, reference)
            found.append(SeedScores(seed, scores, _mean(scores)))
    return replace(result, seeds=tuple(found))


def stored_labels(folder: Path, name: str, seed: int, reference: Reference) -> Mapping[str, NDArray[np.int64]] | None:
    """Return the stored labels of a seed other than 0, or ``None`` where there are none for these bullets."""
    path = folder / seed_file(name, seed)
    if not path.is_file():
        return None
    try:
        labels = read_predictions(path, reference).labels
    except PredictionError:
        return None
    return labels if len(labels) == len(TASKS) else None


def macro_f1_of(labels: Mapping[str, NDArray[np.int64]], reference: Reference) -> dict[str, float]:
    """Return the macro-F1 of labels by task, without intervals."""
    return {task.name: metrics.macro_f1_of(reference.labels[task.name], labels[task.name], len(task)) for task in TASKS}


def spread(values: list[float]) -> tuple[float, float]:
    """Return the mean and the standard deviation, with n - 1, of at least two values."""
    return float(np.mean(values)), float(np.std(values, ddof=1))


def _mean(scores: Mapping[str, float]) -> float:
    return sum(scores.values()) / len(scores)
