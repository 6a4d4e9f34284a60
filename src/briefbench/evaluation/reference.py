"""The reference that predictions are scored against: ids, gold codes and weeks of one split, and the data's hash."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from briefbench.dataset.load import bundled_release, read_tables
from briefbench.dataset.release import read_checksums
from briefbench.errors import UnknownNameError
from briefbench.schema import DEFAULT_SPLIT, PROTOCOLS, SPLITS, TASK_NAMES, listing


@dataclass(frozen=True)
class Reference:
    """One split of one protocol; ``labels`` (codes by task) and ``weeks`` follow the order of ``bullet_ids``."""

    split: str
    data: str
    bullet_ids: Sequence[str]
    labels: Mapping[str, NDArray[np.int64]]
    weeks: Sequence[str]


def read_reference(split: str = DEFAULT_SPLIT, dataset: str | Path | None = None) -> Reference:
    """Read the reference of a split such as ``weeks/test``.

    Raises:
        UnknownNameError: no such split.
        ReleaseError, ChecksumError: there is no release, or it was tampered with.
    """
    protocol, _, part = split.partition("/")
    if protocol not in PROTOCOLS or part not in SPLITS:
        raise UnknownNameError(
            f"no split {split!r}; write PROTOCOL/PART with {listing(PROTOCOLS)}, and {listing(SPLITS)}"
        )
    folder = Path(dataset) if dataset is not None else bundled_release()
    columns = read_tables("default", protocol=protocol, dataset=folder)[part].to_pydict()
    return Reference(
        split=split,
        data=read_checksums(folder).data,
        bullet_ids=columns["bullet_id"],
        labels={task: np.array(columns[task], dtype=np.int64) for task in TASK_NAMES},
        weeks=columns["week"],
    )
