"""The reference that predictions are scored against: the bullets of one split with their gold, and the data's hash."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from briefbench.dataset.load import bundled_release, read_tables
from briefbench.dataset.release import read_checksums
from briefbench.errors import UnknownNameError
from briefbench.schema import DEFAULT_SPLIT, PROTOCOLS, SOURCE_TYPE, SPLITS, TASK_NAMES, listing


@dataclass(frozen=True, eq=False)
class Reference:
    """One split of one protocol. ``table`` has the columns of the release's ``default`` config, a row a bullet.

    Everything else is read from the table when first asked for, in the order of its rows.
    """

    split: str
    data: str
    table: pa.Table

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @cached_property
    def ids(self) -> pa.StringArray:
        """The bullets' ids as one Arrow array."""
        return self.table["bullet_id"].cast(pa.string()).combine_chunks()

    @cached_property
    def bullet_ids(self) -> list[str]:
        """The bullets' ids."""
        return list(self.ids.to_pylist())

    @cached_property
    def labels(self) -> Mapping[str, NDArray[np.int64]]:
        """The gold codes by task, each of shape ``(bullets,)``."""
        return {task: self.table[task].to_numpy().astype(np.int64) for task in TASK_NAMES}

    @cached_property
    def shares(self) -> Mapping[str, NDArray[np.float64]]:
        """The share of the votes of every label by task, each of shape ``(bullets, labels)``."""
        columns = {task: self.table[f"{task}_soft"].combine_chunks() for task in TASK_NAMES}
        return {task: column.flatten().to_numpy().reshape(len(self), -1) for task, column in columns.items()}

    @cached_property
    def weeks(self) -> tuple[NDArray[np.int64], list[str]]:
        """The code of every bullet's ISO week, shape ``(bullets,)``, and the weeks in order."""
        return coded(self.table["week"])

    @cached_property
    def texts(self) -> list[str]:
        """The bullets' texts."""
        return list(self.table["text"].to_pylist())

    @cached_property
    def text_lengths(self) -> NDArray[np.int64]:
        """The texts' lengths in code points."""
        lengths: NDArray[np.int64] = pc.utf8_length(self.table["text"]).to_numpy().astype(np.int64)
        return lengths

    @cached_property
    def spans(self) -> NDArray[np.int64]:
        """Start and end of the phrase that names the source, ``(bullets, 2)``, in code points; -1 where it has none."""
        ends = [self.table[name].fill_null(-1).to_numpy().astype(np.int64) for name in ("span_start", "span_end")]
        return np.stack(ends, axis=1)

    @cached_property
    def source_types(self) -> NDArray[np.bool_]:
        """Which source types a bullet has, the main one and the others: shape ``(bullets, types)``."""
        found = np.zeros((len(self), len(SOURCE_TYPE)), dtype=np.bool_)
        found[np.arange(len(self)), self.labels["source_type"]] = True
        others = self.table["other_source_types"].combine_chunks()
        found[pc.list_parent_indices(others).to_numpy(), others.flatten().to_numpy()] = True
        return found


def coded(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    """Return a code for every string of a column, and the strings in order."""
    encoded = column.combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    names = sorted(values)
    rank = {name: code for code, name in enumerate(names)}
    codes = np.array([rank[value] for value in values], dtype=np.int64)
    return codes[encoded.indices.to_numpy()], names


def read_reference(split: str = DEFAULT_SPLIT, dataset: str | Path | None = None) -> Reference:
    """Read the reference of a split such as ``weeks/test``.

    Raises:
        UnknownNameError: no such split.
        ReleaseError, ChecksumError: there is no release, or it was tampered with.
    """
    protocol, _, part = split.partition("/")
    if protocol not in PROTOCOLS or part not in SPLITS:
        raise UnknownNameError(
            f"no split {split[:60]!r}; write PROTOCOL/PART with {listing(PROTOCOLS)}, and {listing(SPLITS)}"
        )
    folder = Path(dataset) if dataset is not None else bundled_release()
    table = read_tables("default", protocol=protocol, dataset=folder)[part]
    return Reference(split=split, data=read_checksums(folder).data, table=table)
