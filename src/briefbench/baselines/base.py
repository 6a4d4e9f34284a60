"""What every baseline shares: the examples it sees, the fitted system it returns, its entry in the registry."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from briefbench.dataset.load import read_tables
from briefbench.schema import SPLITS, TASK_NAMES

#: Chosen hyperparameters of one task.
Chosen = Mapping[str, object]


@dataclass(frozen=True)
class Examples:
    """Bullets as a system sees them, one entry a bullet in every sequence; ``labels`` holds the gold codes by task.

    ``fields`` holds the sections, publishers and months that the shortcut baselines look at, by name.
    """

    bullet_ids: Sequence[str]
    texts: Sequence[str]
    fields: Mapping[str, Sequence[str]]
    labels: Mapping[str, NDArray[np.int64]]

    def __len__(self) -> int:
        return len(self.bullet_ids)


class Fitted(Protocol):
    """A fitted system."""

    @property
    def chosen(self) -> Mapping[str, Chosen]:
        """The hyperparameters chosen on validation, by task; empty where there was nothing to choose."""

    def predict(self, examples: Examples) -> dict[str, NDArray[np.int64]]:
        """Return a label code for every bullet, by task: arrays of shape ``(bullets,)``."""

    def probabilities(self, examples: Examples) -> dict[str, NDArray[np.float64]] | None:
        """Return the probability of every label by task, ``(bullets, labels)``, or ``None`` if the system has none."""


@dataclass(frozen=True)
class Baseline:
    """An entry of the registry.

    ``fit`` takes the train and the validation examples and sees nothing else; given hyperparameters by task that were
    chosen before, it does not search for them again.
    """

    name: str
    kind: Literal["floor", "shortcut", "text"]
    description: str
    fit: Callable[[Examples, Examples, Mapping[str, Chosen] | None], Fitted]

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
    )
