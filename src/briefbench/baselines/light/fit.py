"""Fitting the light model: scikit-learn's multinomial logistic regression over its columns, tuned on validation."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array, hstack

from briefbench.baselines.base import Chosen, Examples
from briefbench.baselines.calibration import fit_temperature
from briefbench.baselines.light.columns import Columns
from briefbench.baselines.light.features import GROUPS, LEAST, Features, Occurrences, grams, word_keys
from briefbench.baselines.light.model import WIDTH, LightSystem
from briefbench.baselines.linear import fit_classifier
from briefbench.schema import TASK_NAMES, TASKS, TOPIC, Task

# Who speaks says little about what the news is.
_USED = {task.name: GROUPS[:2] if task is TOPIC else GROUPS for task in TASKS}
_CHOSEN: Chosen = {"C": 10.0, "class_weight": "balanced"}  # of C 3, 10 and 30 the best on weeks/validation


def fit_light(train: Examples, validation: Examples, chosen: Mapping[str, Chosen] | None = None) -> LightSystem:
    """Fit the columns and weights on train; the validation part only sets the temperatures."""
    seen = Features.of(train.texts)
    columns = columns_of(seen)
    blocks, held = matrices(columns, seen), matrices(columns, Features.of(validation.texts))
    fitted = {
        task.name: fit_classifier(
            task,
            "softmax",
            (beside(blocks, task), train.labels[task.name]),
            (beside(held, task), validation.labels[task.name]),
            chosen[task.name] if chosen is not None else _CHOSEN,
        )
        for task in TASKS
    }
    classifiers = {name: one.classifier for name, one in fitted.items()}
    return assembled(columns, classifiers, {name: one.chosen for name, one in fitted.items()}, validation)


def assembled(
    columns: Mapping[str, Columns],
    classifiers: Mapping[str, Any],
    chosen: Mapping[str, Chosen],
    validation: Examples,
) -> LightSystem:
    """Return the model of fitted scikit-learn classifiers by task, with temperatures set on validation."""
    weights = {group: np.zeros((len(columns[group]), WIDTH), dtype=np.float32) for group in GROUPS}
    intercepts = np.full(WIDTH, -np.inf, dtype=np.float32)
    start = 0
    for task in TASKS:
        classifier, used = classifiers[task.name], _USED[task.name]
        rows, own = _scores(classifier)
        labels = start + classifier.classes_
        intercepts[labels] = own
        cuts = np.cumsum([0, *(len(columns[group]) for group in used)])
        for group, first, last in zip(used, cuts[:-1], cuts[1:], strict=True):
            if rows.shape[1]:
                # In the precision of the file, so that a saved model is the very one that was scored.
                weights[group][:, labels] = rows[:, first:last].T.astype(np.float16)
        start += len(task)
    system = LightSystem(columns, weights, intercepts, dict.fromkeys(TASK_NAMES, 1.0), chosen)
    return replace(system, temperatures=_temperatures(system, validation))


def _temperatures(system: LightSystem, validation: Examples) -> dict[str, float]:
    """Fit a temperature a task on the validation bullets whose label train has."""
    tables = system.predict(validation).probabilities
    found = {}
    for task in TASKS:
        gold = validation.labels[task.name]
        known = tables[task.name][np.arange(len(gold)), gold] > 0
        found[task.name] = fit_temperature(tables[task.name][known], gold[known]) if known.any() else 1.0
    return found


def matrices(columns: Mapping[str, Columns], seen: Features) -> dict[str, Any]:
    """Return the features of texts by group as `LightSystem.scores` weighs them: CSR matrices ``(texts, columns)``."""
    size = len(seen)
    counts = {group: _counts(columns[group], rows, keys, size) for group, (rows, keys) in _of_texts(seen).items()}
    idf = columns["characters"].idf.astype(np.float64)
    runs = _counts(columns["characters"], *grams(seen.stream.vocabulary), len(seen.traits))
    words = csr_matrix(
        (np.ones(len(seen.stream.words)), seen.stream.words, seen.stream.offsets), shape=(size, len(seen.traits))
    )
    found = {"characters": _scaled(words @ runs.multiply(idf).tocsr(), words @ (runs @ idf**2))}
    for group, table in counts.items():
        idf = columns[group].idf.astype(np.float64)
        found[group] = _scaled(table.multiply(idf).tocsr(), table @ idf**2)
    return found


def columns_of(seen: Features) -> dict[str, Columns]:
    """Return the columns of the train part by group."""
    size = len(seen)
    rows, keys = grams(seen.stream.vocabulary)
    # The runs of characters of a text are those of its words.
    owners = np.argsort(seen.stream.words, kind="stable")
    starts = np.searchsorted(seen.stream.words[owners], np.arange(len(seen.traits) + 1))
    repeats = np.diff(starts)[rows]
    within = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    positions = owners[np.repeat(starts[rows], repeats) + within]
    occurrences = {"characters": (seen.stream.texts[positions], np.repeat(keys, repeats)), **_of_texts(seen)}
    return {group: Columns.count(*occurrences[group], size, least) for group, least in zip(GROUPS, LEAST, strict=True)}


def _of_texts(seen: Features) -> dict[str, Occurrences]:
    pair_texts, pair_keys = seen.pairs()
    words = word_keys(seen.traits)[seen.stream.words]
    return {
        "words": (np.concatenate([seen.stream.texts, pair_texts]), np.concatenate([words, pair_keys])),
        "speech": seen.speech(),
    }


def _counts(columns: Columns, rows: NDArray[np.int32], keys: NDArray[np.uint64], size: int) -> Any:
    places, found = columns.find(keys)
    return csr_matrix((np.ones(len(places)), (rows[places], found)), shape=(size, len(columns)))


def _scaled(table: Any, squares: NDArray[np.float64]) -> Any:
    return diags_array(1 / np.sqrt(np.maximum(squares, 1e-12))) @ table


def beside(blocks: Mapping[str, Any], task: Task) -> Any:
    """Return the groups that a task's classifier sees as one matrix, ``(texts, columns)``."""
    return hstack([blocks[group] for group in _USED[task.name]], format="csr")


def _scores(classifier: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weights ``(labels, columns)`` and intercepts; of two labels scikit-learn keeps the second's alone."""
    if not hasattr(classifier, "coef_"):  # one label only
        return np.zeros((1, 0)), np.zeros(1)
    rows, own = classifier.coef_, classifier.intercept_
    return (np.vstack([-rows, rows]) / 2, np.hstack([-own, own]) / 2) if len(rows) == 1 else (rows, own)
