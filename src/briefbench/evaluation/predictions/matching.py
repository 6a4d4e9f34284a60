"""Matching a table of predictions to the bullets at once, column by column; anything unusual is left to the row reader.

What this accepts, the row reader accepts with the same outcome; it is here so that a million rows take no time.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from briefbench.evaluation.predictions.columns import (
    BULLET_ID,
    FLAT,
    PROBABILITIES,
    SOURCE_TYPES,
    SPAN_END,
    SPAN_START,
    SUM_TOLERANCE,
    check_columns,
    is_text,
    normalised,
)
from briefbench.evaluation.predictions.record import Predictions
from briefbench.evaluation.reference import Reference
from briefbench.schema import SOURCE_TYPE, TASKS, Task


class _UnusualError(Exception):
    """The table is not plainly right."""


def match(table: pa.Table, where: str, reference: Reference) -> Predictions | None:
    """Return the predictions of a table, or ``None`` if any cell is not plainly right.

    Raises:
        PredictionError: the columns are not those of predictions.
    """
    columns = check_columns(where, table.column_names)
    try:
        order = _order(table[BULLET_ID], reference)
        flat = table.flatten()
        probabilities = {
            task.name: _probabilities(flat, list(FLAT[PROBABILITIES[task.name]]))[order]
            for task in TASKS
            if PROBABILITIES[task.name] in columns
        }
        labels = {task.name: _codes(flat[task.name], task)[order] for task in TASKS if task.name in columns}
        labels |= {task: rows.argmax(axis=1) for task, rows in probabilities.items() if task not in labels}
        return Predictions(
            labels={task.name: labels[task.name] for task in TASKS if task.name in labels},
            probabilities=probabilities,
            spans=_spans(flat, order, reference.text_lengths) if SPAN_START in columns else None,
            source_types=_types(flat[SOURCE_TYPES])[order] if SOURCE_TYPES in columns else None,
        )
    except (_UnusualError, pa.ArrowException, KeyError):
        return None


def _order(column: pa.ChunkedArray, reference: Reference) -> Any:
    """Return the index that puts rows into the order of the reference's bullets."""
    if len(column) != len(reference) or len(reference) == 0 or not is_text(column.type):
        raise _UnusualError
    ids = column.cast(pa.string()).combine_chunks()
    if ids.equals(reference.ids):
        return slice(None)
    order = _order_by_key(ids, reference.ids)
    if order is not None:
        return order
    positions = pc.index_in(ids, value_set=reference.ids)
    if positions.null_count:
        raise _UnusualError
    order = np.full(len(reference), -1, dtype=np.int64)
    order[positions.to_numpy()] = np.arange(len(reference))
    if order.min() < 0:
        raise _UnusualError
    return order


def _order_by_key(ids: pa.StringArray, wanted: pa.StringArray) -> NDArray[np.int64] | None:
    """Return the order of ids of one width by sorting a number made of each, if that happens to be right."""
    keys = [_keys(ids), _keys(wanted)]
    if keys[0] is None or keys[1] is None:
        return None
    order = np.empty(len(ids), dtype=np.int64)
    order[np.argsort(keys[1])] = np.argsort(keys[0])
    return order if ids.take(pa.array(order)).equals(wanted) else None


def _keys(ids: pa.StringArray) -> NDArray[np.uint64] | None:
    """Return a number for every id, mixed from its bytes, or ``None`` if the ids are not of one width."""
    offsets = np.frombuffer(ids.buffers()[1], dtype=np.int32)[ids.offset :][: len(ids) + 1]
    width = int(offsets[1] - offsets[0])
    if ids.null_count or width == 0 or (np.diff(offsets) != width).any():
        return None
    text = np.frombuffer(ids.buffers()[2], dtype=np.uint8)[offsets[0] : offsets[-1]].reshape(-1, width)
    padded = np.zeros((len(ids), -(-width // 8) * 8), dtype=np.uint8)
    padded[:, :width] = text
    keys = np.zeros(len(ids), dtype=np.uint64)
    for word in padded.view(np.uint64).T:
        keys = (keys ^ word) * np.uint64(0x9E3779B97F4A7C15)
    return keys


def _codes(column: pa.ChunkedArray, task: Task) -> NDArray[np.int64]:
    """Return the label codes of a column of names."""
    parts = []
    for chunk in column.chunks:
        encoded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
        codes = np.array([task.codes.get(name, -1) for name in encoded.dictionary.to_pylist()], dtype=np.int64)
        if encoded.null_count:
            raise _UnusualError
        parts.append(codes[encoded.indices.to_numpy()])
    found: NDArray[np.int64] = np.concatenate(parts)
    if found.min() < 0:
        raise _UnusualError
    return found


def _probabilities(flat: pa.Table, names: list[str]) -> NDArray[np.float64]:
    columns = [flat[name].cast(pa.float64()) for name in names]
    if any(column.null_count for column in columns):
        raise _UnusualError
    raw = np.column_stack([column.to_numpy() for column in columns])
    if not (raw.min() >= 0 and raw.max() <= 1 + SUM_TOLERANCE):  # NaN fails both
        raise _UnusualError
    if np.abs(raw.sum(axis=1) - 1).max() > SUM_TOLERANCE / 2:
        raise _UnusualError  # near the limit the row reader's way of adding decides
    return normalised(raw)


def _spans(flat: pa.Table, order: Any, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    columns = [flat[name].combine_chunks() for name in (SPAN_START, SPAN_END)]
    if not all(pa.types.is_integer(column.type) or pa.types.is_null(column.type) for column in columns):
        raise _UnusualError
    missing = [column.is_null().to_numpy(zero_copy_only=False) for column in columns]
    ends: NDArray[np.int64] = np.stack(
        [column.cast(pa.int64()).fill_null(-1).to_numpy() for column in columns], axis=1
    )[order]
    inside = (ends[:, 0] >= 0) & (ends[:, 0] < ends[:, 1]) & (ends[:, 1] <= lengths)
    if (missing[0] != missing[1]).any() or not (inside | missing[0][order]).all():
        raise _UnusualError
    return ends


def _types(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    cells = column.combine_chunks()
    if is_text(cells.type):
        cells = pc.split_pattern(cells, ";")
    counts = cells.value_lengths().fill_null(0).to_numpy()
    if counts.min() < 1:
        raise _UnusualError
    found = np.zeros((len(cells), len(SOURCE_TYPE)), dtype=np.bool_)
    found[np.repeat(np.arange(len(cells)), counts), _codes(pa.chunked_array([cells.flatten()]), SOURCE_TYPE)] = True
    if (found.sum(axis=1) != counts).any():
        raise _UnusualError
    return found
