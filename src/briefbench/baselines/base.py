"""What every baseline shares: the examples it sees, the fitted system it returns, its entry in the registry."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from briefbench.dataset.load import read_tables
from briefbench.evaluation.predictions import Predictions
from briefbench.schema import PROTOCOLS, SPLITS, TASK_NAMES

#: Chosen hyperparameters of one task.
Chosen = Mapping[str, object]


@dataclass(frozen=True)
class Examples:
    """Bullets as a system sees them, one entry a bullet in every sequence; ``labels`` holds the gold codes by task.

    ``fields`` holds the sections, publishers and months that the shortcut baselines look at, by name. ``spans`` holds
    start and end of the phrase that names the source, in code points, ``(bullets, 2)``, -1 where there is none; it is
    ``None`` where nobody marked any.
    """

    bullet_ids: Sequence[str]
    texts: Sequence[str]
    fields: Mapping[str, Sequence[str]]
    labels: Mapping[str, NDArray[np.int64]]
    spans: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.bullet_ids)


class Fitted(Protocol):
    """A fitted system."""

    @property
    def chosen(self) -> Mapping[str, Chosen]:
        """The hyperparameters chosen on validation, by task; empty where there was nothing to choose."""

    @property
    def parameters(self) -> int:
        """How many numbers were fitted."""

    def predict(self, examples: Examples) -> Predictions:
        """Return a label for every bullet and task, with probabilities and source spans where the system has them."""


@dataclass(frozen=True)
class Around:
    """What stands around a fitted system and changes what it sees or says; all else is the system's."""

    system: Fitted

    @property
    def chosen(self) -> Mapping[str, Chosen]:
        """What was chosen for the system."""
        return self.system.chosen

    @property
    def parameters(self) -> int:
        """Those of the system."""
        return self.system.parameters


@dataclass(frozen=True)
class Baseline:
    """An entry of the registry.

    ``fit`` takes the train and the validation examples and sees nothing else; given hyperparameters by task that were
    chosen before, it does not search for them again. ``extra`` is what must be installed for it, as in
    ``pip install 'briefbench[encoder]'``. Where training is random, ``seeds`` says over how many seeds its scores are
    spread, and ``fit`` also takes ``seed=``, 0 by default. Where a fitted system can be stored, ``load`` makes it again
    of the arrays and settings in its file. One that is ``composite`` is made of other baselines, and ``fit`` also takes
    ``members=``, which returns all fitted seeds of a baseline.
    """

    name: str
    kind: Literal["floor", "shortcut", "probe", "text"]
    description: str
    fit: Callable[..., Fitted]
    extra: str = ""
    seeds: int = 1
    load: Callable[[Mapping[str, NDArray[Any]], Mapping[str, Any]], Fitted] | None = None
    composite: bool = False

    def seeds_on(self, protocol: str) -> int:
        """Return over how many seeds it is trained on a protocol: all on ``weeks``, on the others the first alone."""
        return self.seeds if protocol == PROTOCOLS[0] else 1

    def __repr__(self) -> str:
        return f"Baseline({self.name})"


def read_examples(protocol: str = "weeks", dataset: str | Path | None = None) -> dict[str, Examples]:
    """Read the examples of a release by split.

    Raises:
        ReleaseError, ChecksumError, UnknownNameError: as `briefbench.load`.
    """
    tables = read_tables("default", protocol=protocol, dataset=dataset)
    return {split: _examples(tables[split].to_pydict()) for split in SPLITS}


def unlabelled(texts: Sequence[str]) -> Examples:
    """Return examples that have nothing but a text, for systems that look at nothing else."""
    return Examples(bullet_ids=[str(i) for i in range(len(texts))], texts=texts, fields={}, labels={})


def _examples(columns: Mapping[str, list[Any]]) -> Examples:
    return Examples(
        bullet_ids=columns["bullet_id"],
        texts=columns["text"],
        fields={
            "section": columns["section"],
            "publisher": [publisher or "" for publisher in columns["publisher"]],
            "month": [date[:7] for date in columns["date"]],
        },
        labels={task: np.array(columns[task], dtype=np.int64) for task in TASK_NAMES},
        spans=np.array(
            [
                (-1, -1) if start is None else (start, end)
                for start, end in zip(columns["span_start"], columns["span_end"], strict=True)
            ],
            dtype=np.int64,
        ).reshape(-1, 2),
    )
