"""Predictions in memory, in the order of the reference's bullets, and as a Parquet file."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from briefbench.dataset.release import parquet_bytes
from briefbench.evaluation.predictions.columns import (
    BULLET_ID,
    PROBABILITIES,
    SOURCE_TYPES,
    SPAN_END,
    SPAN_START,
)
from briefbench.schema import SOURCE_TYPE, TASKS


@dataclass(frozen=True, eq=False)
class Predictions:
    """What was predicted, in the order of the reference's bullets; parts that were not predicted are missing.

    Attributes:
        labels: label codes by task, ``(bullets,)``.
        probabilities: by task, ``(bullets, labels)``; rows sum to 1.
        spans: start and end in code points, ``(bullets, 2)``; -1 where no phrase names the source.
        source_types: which source types a bullet has, ``(bullets, types)``.
    """

    labels: Mapping[str, NDArray[np.int64]]
    probabilities: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    spans: NDArray[np.int64] | None = None
    source_types: NDArray[np.bool_] | None = None

    def only(self, tasks: Collection[str]) -> "Predictions":
        """Return the labels and probabilities of some tasks, without spans and sets."""
        return Predictions(
            {name: codes for name, codes in self.labels.items() if name in tasks},
            {name: table for name, table in self.probabilities.items() if name in tasks},
        )

    def digest(self) -> str:
        """Return the SHA-256 of all that was predicted, whatever the format and the order of the file."""
        parts: dict[str, NDArray[np.generic]] = {name: codes.astype("u1") for name, codes in self.labels.items()}
        parts |= {PROBABILITIES[name]: table.astype("<f8") for name, table in self.probabilities.items()}
        parts |= {} if self.spans is None else {"spans": self.spans.astype("<i8")}
        parts |= {} if self.source_types is None else {SOURCE_TYPES: self.source_types.astype("u1")}
        found = hashlib.sha256()
        for name in sorted(parts):
            found.update(f"{name}{parts[name].shape}".encode())
            found.update(np.ascontiguousarray(parts[name]).data)
        return found.hexdigest()


def write_predictions(
    bullet_ids: Sequence[str],
    labels: Mapping[str, NDArray[np.int64]],
    probabilities: Mapping[str, NDArray[np.float64]] | None = None,
    *,
    spans: NDArray[np.int64] | None = None,
    source_types: NDArray[np.bool_] | None = None,
) -> bytes:
    """Return predictions as Parquet; shapes as in `Predictions`."""
    columns: dict[str, pa.Array] = {BULLET_ID: pa.array(bullet_ids, pa.string())}
    for task in TASKS:
        if task.name in labels:
            columns[task.name] = pa.array([task.names[code] for code in labels[task.name]], pa.string())
    for task in TASKS:
        if probabilities and task.name in probabilities:
            parts = [pa.array(column) for column in probabilities[task.name].T]
            columns[PROBABILITIES[task.name]] = pa.StructArray.from_arrays(parts, names=list(task.names))
    if spans is not None:
        for name, ends in zip((SPAN_START, SPAN_END), spans.T, strict=True):
            columns[name] = pa.array(ends, pa.int32(), mask=ends < 0)
    if source_types is not None:
        names = [[SOURCE_TYPE.names[code] for code in np.flatnonzero(row)] for row in source_types]
        columns[SOURCE_TYPES] = pa.array(names, pa.list_(pa.string()))
    return parquet_bytes(pa.table(columns))
