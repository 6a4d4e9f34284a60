"""Which bullets an annotator gets, and in which order."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ORDERS = ("random", "uncertain", "file")


def shuffled(ids: Sequence[str], seed: int) -> list[str]:
    """Return ids in an order that looks random, is fixed by the seed, and keeps when bullets are added."""
    return sorted(ids, key=lambda identifier: hashlib.sha256(f"{seed}:{identifier}".encode()).digest())


def most_uncertain(ids: Sequence[str], entropy: NDArray[np.float64]) -> list[str]:
    """Return ids by falling entropy, shape ``(ids,)``; equal ones in the given order."""
    return [ids[i] for i in np.argsort(-entropy, kind="stable")]


def mean_entropy(texts: Sequence[str], model: str, dataset: Path | None) -> NDArray[np.float64]:
    """Return a baseline's Shannon entropy for every text, in nats, the mean over the tasks: shape ``(texts,)``.

    Raises:
        UnknownNameError: there is no such baseline, or it has no probabilities.
    """
    from scipy.stats import entropy

    from briefbench.baselines.label import DEFAULT_MODEL, load_model
    from briefbench.errors import UnknownNameError

    probabilities = load_model(model, dataset).predict(texts).probabilities
    if not probabilities:
        raise UnknownNameError(f"baseline {model!r} has no probabilities, so no entropy; try {DEFAULT_MODEL}")
    found: NDArray[np.float64] = np.mean([entropy(table, axis=1) for table in probabilities.values()], axis=0)
    return found


def assign(ids: Sequence[str], present: Mapping[str, Collection[str]], votes: int | None) -> dict[str, list[str]]:
    """Share bullets out, in order, so that every one has ``votes`` annotators, or all of them where that is ``None``.

    Bullets that an annotator has count; the rest go to those who have the fewest. What comes out is the same whether
    everything is shared out at once or in parts, but for who gets what.

    Args:
        ids: the bullets in the order in which they are to be labelled.
        present: what each annotator has already, by name.
        votes: how many annotators a bullet is to have, at most as many as there are.

    Returns:
        the bullets to add for each annotator.
    """
    add: dict[str, list[str]] = {name: [] for name in present}
    wanted = set(ids)
    load = {name: len(wanted.intersection(have)) for name, have in present.items()}
    for identifier in ids:
        without = [name for name, have in present.items() if identifier not in have]
        missing = len(without) if votes is None else votes - (len(present) - len(without))
        for name in sorted(without, key=_least(load, identifier))[: max(missing, 0)]:
            add[name].append(identifier)
            load[name] += 1
    return add


def _least(load: Mapping[str, int], identifier: str) -> Callable[[str], tuple[int, bytes]]:
    """Return the order in which annotators take a bullet: the least laden first, then one that varies by bullet."""
    return lambda name: (load[name], hashlib.sha256(f"{identifier}:{name}".encode()).digest())
