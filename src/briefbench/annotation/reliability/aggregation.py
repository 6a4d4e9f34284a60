"""From the votes on a bullet to one label: by majority, or by a model of how reliable each annotator is.

The majority is the default and the gold rule. Dawid and Skene (1979) estimate a confusion matrix for each annotator,
MACE (Hovy et al. 2013) how often each guesses; both come from crowd-kit and need the extra ``aggregation``.
"""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from briefbench.annotation.reliability.ballots import Codes, label_counts
from briefbench.annotation.votes import Vote
from briefbench.errors import InputError, UnknownNameError
from briefbench.schema import Task, listing

Floats = NDArray[np.float64]

MAJORITY = "majority"

# Two labels are equally probable where they agree to this many digits; then the first in the task's order is taken.
_DIGITS = 9
_SEED = 0


def aggregate(method: str, task: Task, votes: Mapping[str, Mapping[str, Vote]]) -> dict[str, tuple[str, float]]:
    """Return the label of every bullet with its probability, by bullet id in order.

    Under ``majority`` the probability is the share of the votes, and bullets without a label that has more than half
    of them are left out. The models give every bullet a label; they are fitted the same way every time.

    Args:
        method: one of `METHODS`.
        task: the task to aggregate.
        votes: annotator to bullet id to vote; all of these votes count.

    Raises:
        UnknownNameError: no such method.
        InputError: crowd-kit is not installed.
    """
    ids = sorted(set().union(*votes.values()))
    row = {identifier: place for place, identifier in enumerate(ids)}
    codes = np.full((len(ids), len(votes)), -1, dtype=np.int64)
    for column, by_bullet in enumerate(votes.values()):
        for identifier, vote in by_bullet.items():
            codes[row[identifier], column] = task.codes[vote.labels[task.name]]
    labels, probabilities = aggregate_codes(method, codes, len(task))
    return {
        identifier: (task.names[label], probability)
        for identifier, label, probability in zip(ids, labels.tolist(), probabilities.tolist(), strict=True)
        if label >= 0
    }


def aggregate_codes(method: str, codes: Codes, labels: int) -> tuple[Codes, Floats]:
    """Return the label of every row of codes ``(bullets, annotators)``, -1 for none, and its probability.

    Raises:
        UnknownNameError: no such method.
        InputError: crowd-kit is not installed.
    """
    if method not in METHODS:
        raise UnknownNameError(f"no way to aggregate called {method!r}; the ways are {listing(METHODS)}")
    (voted,) = np.nonzero((codes >= 0).any(axis=1))
    found, probability = np.full(len(codes), -1), np.zeros(len(codes))
    if len(voted):
        shares = np.round(_METHODS[method](codes[voted], labels), _DIGITS)
        found[voted], probability[voted] = shares.argmax(axis=1), shares.max(axis=1)
    if method == MAJORITY:
        found = np.where(2 * probability > 1, found, -1)
    return found, probability


def require_crowdkit() -> None:
    """Refuse to go on without crowd-kit.

    Raises:
        InputError: it is not installed.
    """
    try:
        import crowdkit  # noqa: F401
    except ImportError:
        raise InputError(
            "Dawid-Skene and MACE need crowd-kit; install briefbench[aggregation], or do without them: by majority, "
            "in the agreement report with --no-aggregation"
        ) from None


def _majority(codes: Codes, labels: int) -> Floats:
    counts = label_counts(codes, labels)
    shares: Floats = counts / counts.sum(axis=1, keepdims=True)
    return shares


def _dawid_skene(codes: Codes, labels: int) -> Floats:
    require_crowdkit()
    from crowdkit.aggregation.classification.dawid_skene import DawidSkene

    return _fitted(DawidSkene(n_iter=100), codes, labels)


def _mace(codes: Codes, labels: int) -> Floats:
    """Fit MACE once: crowd-kit starts every restart from the same seed, so that more of them change nothing."""
    require_crowdkit()
    from crowdkit.aggregation.classification.mace import MACE

    return _fitted(MACE(n_restarts=1, random_state=_SEED), codes, labels)


def _fitted(model: Any, codes: Codes, labels: int) -> Floats:
    """Return the posterior probabilities ``(bullets, labels)`` of a fitted model of crowd-kit.

    Workers and labels are numbered as they appear: MACE of crowd-kit 1.4 mixes them up where their order of appearance
    is not their sorted order. A label without a vote is not known to the model and has probability 0.
    """
    import pandas as pd

    task, worker = np.nonzero(codes >= 0)
    label, names = pd.factorize(codes[task, worker])
    frame = pd.DataFrame({"task": task, "worker": pd.factorize(worker)[0], "label": label})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of crowd-kit, about how it calls pandas
        posterior = model.fit_predict_proba(frame)
    found = np.zeros((len(codes), labels))
    found[:, names[posterior.columns.to_numpy()]] = posterior.sort_index().to_numpy()
    return found


_METHODS: Mapping[str, Callable[[Codes, int], Floats]] = {
    MAJORITY: _majority,
    "dawid-skene": _dawid_skene,
    "mace": _mace,
}
#: How votes can be aggregated; the first is the default.
METHODS = tuple(_METHODS)
