"""Reading predictions: a file, a `datasets.Dataset` or an Arrow table, for exactly the bullets of a reference."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from briefbench.errors import PredictionError
from briefbench.evaluation.predictions import columns as cells
from briefbench.evaluation.predictions.columns import (
    BULLET_ID,
    PROBABILITIES,
    SOURCE_TYPES,
    SPAN_END,
    SPAN_START,
    shown,
)
from briefbench.evaluation.predictions.formats import Opened, open_file, open_table
from briefbench.evaluation.predictions.matching import match
from briefbench.evaluation.predictions.record import Predictions
from briefbench.evaluation.reference import Reference
from briefbench.schema import SOURCE_TYPE, TASKS, Task

if TYPE_CHECKING:
    from datasets import Dataset


def read_predictions(source: "str | Path | pa.Table | Dataset", reference: Reference) -> Predictions:
    """Read predictions for exactly the bullets of ``reference``, matched by id.

    Args:
        source: a Parquet, JSONL or CSV file, an Arrow table, or a `datasets.Dataset`. The columns are ``bullet_id`` and
            any of the tasks (label names), ``<task>_probabilities`` (a number for every label by name, or a flat column
            each as CSV has it, ``topic_probabilities.combat``), ``span_start`` with ``span_end`` (code points, or
            nothing), and ``source_types`` (a list of label names; in CSV with ``;`` between them). A task with
            probabilities and no labels is predicted as its most probable label, the first of equals.
        reference: the bullets.

    Raises:
        PredictionError: anything is missing, extra, doubled, unknown, empty or malformed.
        InputError: the file cannot be read.
    """
    where, opened = _open(source, reference)
    matched = None if opened.table is None else match(opened.table, where, reference)
    return matched if matched is not None else read_rows(where, opened, reference)


def read_rows(where: str, opened: Opened, reference: Reference) -> Predictions:
    """Read predictions row by row, strictly.

    Raises:
        PredictionError: as `read_predictions`.
    """
    columns, rows = opened.rows()
    collector = _Collector(where, columns, reference)
    for place, row in rows:
        collector.add(place, row)
    return collector.finish()


def _open(source: "str | Path | pa.Table | Dataset", reference: Reference) -> tuple[str, Opened]:
    if isinstance(source, str | Path):
        return str(source), open_file(Path(source), len(reference))
    if isinstance(source, pa.Table):
        return "the table", open_table(source, "the table")
    datasets = sys.modules.get("datasets")  # whoever has a Dataset has loaded it
    if datasets is None or not isinstance(source, datasets.Dataset):
        raise PredictionError(
            f"predictions of type {type(source).__name__}; give a file, an Arrow table or a datasets.Dataset"
        )
    return "the dataset", open_table(_named(source), "the dataset")


def _named(dataset: "Dataset") -> pa.Table:
    """Return the table of a dataset, with names in place of the codes of its ``ClassLabel`` columns."""
    table = dataset.with_format("arrow")[:]
    for column, feature in dataset.features.items():
        names = getattr(feature, "names", None)
        if names is not None:
            codes = table[column].combine_chunks().dictionary_encode()
            known = [names[code] if 0 <= code < len(names) else str(code) for code in codes.dictionary.to_pylist()]
            named = pa.DictionaryArray.from_arrays(codes.indices, pa.array(known, pa.string()))
            table = table.set_column(table.column_names.index(column), column, named)
    return table


class _Collector:
    """Takes rows one by one and refuses the first wrong one."""

    def __init__(self, where: str, columns: list[str], reference: Reference) -> None:
        self.where, self.reference = where, reference
        self.position = {identifier: i for i, identifier in enumerate(reference.bullet_ids)}
        self.seen: dict[str, str] = {}
        bullets = len(reference)
        self.labels = {task: np.full(bullets, -1, dtype=np.int64) for task in TASKS if task.name in columns}
        self.probabilities = {
            task: np.zeros((bullets, len(task))) for task in TASKS if PROBABILITIES[task.name] in columns
        }
        self.spans = np.full((bullets, 2), -1, dtype=np.int64) if SPAN_START in columns else None
        types = np.zeros((bullets, len(SOURCE_TYPE)), dtype=np.bool_)
        self.types = types if SOURCE_TYPES in columns else None

    def add(self, place: str, row: Mapping[str, object]) -> None:
        """Take one row."""
        identifier = self._identifier(place, row[BULLET_ID])
        position, where = self.position[identifier], f"{place}, bullet {identifier}"
        for task, labels in self.labels.items():
            labels[position] = cells.label_code(task, row[task.name], where)
        for task, table in self.probabilities.items():
            table[position] = cells.probability_row(task, row[PROBABILITIES[task.name]], where)
        if self.spans is not None:
            length = int(self.reference.text_lengths[position])
            self.spans[position] = cells.span(row[SPAN_START], row[SPAN_END], length, where)
        if self.types is not None:
            self.types[position, cells.type_codes(row[SOURCE_TYPES], where)] = True

    def _identifier(self, place: str, cell: object) -> str:
        if not isinstance(cell, str) or cell not in self.position:
            data = self.reference.data[:12]
            raise PredictionError(
                f"{place}: bullet_id {shown(cell)} is not in {self.reference.split} of data {data}; "
                "predict only its bullets"
            )
        if cell in self.seen:
            raise PredictionError(f"{place}: bullet {cell} was predicted before, in {self.seen[cell]}; keep one row")
        self.seen[cell] = place.rpartition(": ")[2]
        return cell

    def finish(self) -> Predictions:
        """Return the predictions, if none is missing."""
        split, bullets = self.reference.split, len(self.position)
        if not self.seen:
            raise PredictionError(f"{self.where}: no prediction in the file; {bullets} bullets of {split} wait")
        missing = [identifier for identifier in self.reference.bullet_ids if identifier not in self.seen]
        if missing:
            raise PredictionError(
                f"{self.where}: {len(missing)} of the {bullets} bullets of {split} have no prediction, "
                f"the first is {missing[0]}; predict every bullet"
            )
        probabilities = {task.name: cells.normalised(table) for task, table in self.probabilities.items()}
        return Predictions(
            labels={task.name: self._task_labels(task, probabilities) for task in TASKS if self._has(task)},
            probabilities=probabilities,
            spans=self.spans,
            source_types=self.types,
        )

    def _has(self, task: Task) -> bool:
        return task in self.labels or task in self.probabilities

    def _task_labels(self, task: Task, probabilities: dict[str, Any]) -> Any:
        return self.labels[task] if task in self.labels else probabilities[task.name].argmax(axis=1)
