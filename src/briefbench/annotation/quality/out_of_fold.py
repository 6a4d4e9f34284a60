"""Out-of-fold probabilities: for every bullet those of a baseline that has seen nothing of its week.

Whole ISO weeks stay in one fold, and with them bullets of one page and near duplicates, as in the split ``weeks``.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.base import Baseline, Chosen, Examples
from briefbench.baselines.registry import baseline_of
from briefbench.dataset.sources import Sources
from briefbench.dataset.splits import Units, components
from briefbench.errors import InputError, UnknownNameError
from briefbench.evaluation.systems import read_result
from briefbench.project import shipped
from briefbench.schema import TASKS

#: Fewer folds than this leave nothing to train on beside the fold held out and the one that calibrates.
LEAST_FOLDS = 3

Table = NDArray[np.float64]


def text_baseline(name: str) -> Baseline:
    """Return the baseline of that name, which reads the text.

    Raises:
        UnknownNameError: there is none, or it does not read the text.
    """
    baseline = baseline_of(name)
    if baseline.kind != "text":
        raise UnknownNameError(f"baseline {name!r} does not read the text, so it doubts nothing; try tfidf-lr")
    return baseline


def stored_choice(name: str, baselines: Path) -> Mapping[str, Chosen] | None:
    """Return the hyperparameters of a baseline's stored result: the project's, else those that BriefBench comes with.

    ``None`` where there are none, so that every fold searches for its own.
    """
    for folder in (baselines / "results", *shipped("baselines/results", "results")):
        if (folder / f"{name}.json").is_file():
            return read_result(folder / f"{name}.json").chosen
    return None


def folds_of(units: Units, count: int) -> NDArray[np.int64]:
    """Return the fold of every bullet, from 0: ``(bullets,)``; the folds are about equally large.

    Raises:
        InputError: there are fewer unrelated weeks than folds.
    """
    from sklearn.model_selection import GroupKFold

    groups = components(len(units.dates), [units.weeks, units.pages], units.pairs)
    if len(set(groups.tolist())) < count:
        raise InputError(
            f"{count} folds need {count} weeks that share no page and no near duplicate; there are "
            f"{len(set(groups.tolist()))}, so add bullets of other weeks, or pass fewer --folds"
        )
    folds = np.zeros(len(groups), dtype=np.int64)
    for fold, (_, held_out) in enumerate(GroupKFold(count).split(groups, groups=groups)):
        folds[held_out] = fold
    return folds


def fold_probabilities(
    sources: Sources, baseline: Baseline, chosen: Mapping[str, Chosen] | None, folds: NDArray[np.int64], fold: int
) -> dict[str, Table]:
    """Return by task the probabilities of every label for the bullets of one fold: ``(bullets of the fold, labels)``.

    The next fold calibrates the probabilities, all others are trained on.

    Raises:
        UnknownNameError: the baseline gives no probabilities.
    """
    after = (fold + 1) % (int(folds.max()) + 1)
    train, validation, held_out = (
        examples_of(sources, rows) for rows in ((folds != fold) & (folds != after), folds == after, folds == fold)
    )
    found = baseline.fit(train, validation, chosen).predict(held_out).probabilities
    if not found:
        raise UnknownNameError(f"baseline {baseline.name!r} gives no probabilities; try tfidf-lr")
    return {task.name: found[task.name] for task in TASKS}


def examples_of(sources: Sources, rows: NDArray[np.bool_]) -> Examples:
    """Return some of the bullets with their gold, as baselines take them; ``rows`` is a mask ``(bullets,)``."""
    kept = [bullet for bullet, wanted in zip(sources.bullets, rows.tolist(), strict=True) if wanted]
    spans = [sources.gold[bullet.id].span or (-1, -1) for bullet in kept]
    return Examples(
        bullet_ids=[bullet.id for bullet in kept],
        texts=[bullet.text for bullet in kept],
        fields={
            "section": [bullet.section for bullet in kept],
            "publisher": [bullet.publisher or "" for bullet in kept],
            "month": [bullet.date.isoformat()[:7] if bullet.date else "" for bullet in kept],
        },
        labels={task: codes[rows] for task, codes in sources.units.labels.items()},
        spans=np.array(spans, dtype=np.int64).reshape(-1, 2),
    )
