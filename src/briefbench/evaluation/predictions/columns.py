"""The columns of a prediction file, and what a cell of each may hold; a wrong cell is a one-line `PredictionError`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import isfinite, isnan
from reprlib import Repr
from typing import TypeGuard

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from briefbench.errors import PredictionError
from briefbench.schema import SOURCE_TYPE, TASK_NAMES, Task, listing, task_of

BULLET_ID, SPAN_START, SPAN_END, SOURCE_TYPES = "bullet_id", "span_start", "span_end", "source_types"
#: The column with a task's probabilities, by task.
PROBABILITIES = {task: f"{task}_probabilities" for task in TASK_NAMES}
#: Every column that a file may have.
COLUMNS = (BULLET_ID, *TASK_NAMES, *PROBABILITIES.values(), SPAN_START, SPAN_END, SOURCE_TYPES)
#: The flat columns that may stand for a column of probabilities: ``topic_probabilities.combat`` and so on.
FLAT = {column: {f"{column}.{label}": label for label in task_of(task).names} for task, column in PROBABILITIES.items()}
#: How far the sum of a bullet's probabilities may be from 1, so that rounded ones pass; they are divided by their sum.
SUM_TOLERANCE = 1e-3

# Sums this near to 1 are left alone, so that what was divided once, stored and read again stays the same.
_EXACT = 1e-12
_SHOWN = 60
_BRIEF = Repr()
_BRIEF.maxlevel, _BRIEF.maxstring = 4, 4 * _SHOWN


def shown(value: object) -> str:
    """Return a value from a file for a message: printable, on one line, cut when long."""
    try:
        text = _BRIEF.repr(value[:_SHOWN] if isinstance(value, str) else value)
    except ValueError:  # a number of thousands of digits
        text = f"<{type(value).__name__}>"
    text = text.encode("ascii", "backslashreplace").decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def check_columns(where: str, columns: Sequence[str]) -> list[str]:
    """Return the columns in their order, flat ones taken together, after checking that they make a prediction file.

    Raises:
        PredictionError: a column is unknown, stands twice, or needs another that is not there.
    """
    doubled = next((name for name, count in Counter(columns).items() if count > 1), None)
    if doubled is not None:
        raise PredictionError(f"{where}: column {shown(doubled)} stands twice; keep one")
    names = list(dict.fromkeys(_whole(name) for name in columns))
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise PredictionError(f"{where}: unknown column {shown(unknown[0])}; allowed are {listing(COLUMNS)}")
    for column, flat in FLAT.items():
        missing = [name for name in flat if name not in columns]
        if len(missing) < len(flat) and (missing or column in columns):
            lack = f"has no column {missing[0]}" if missing else f"has {column} beside its flat columns"
            raise PredictionError(f"{where}: {lack}; give the probability of every label once")
    if (SPAN_START in names) != (SPAN_END in names):
        raise PredictionError(f"{where}: has one of {SPAN_START} and {SPAN_END}; give both")
    if BULLET_ID not in names or len(names) == 1:
        raise PredictionError(
            f"{where}: the columns are {listing(names) if names else 'none'}; "
            f"needed are {BULLET_ID} and at least one of {listing(COLUMNS[1:])}"
        )
    return names


def check_types(where: str, schema: pa.Schema) -> None:
    """Check that the Arrow types of checked columns can hold their cells.

    Numbers, truth values and nothing pass where names or ends of spans belong, so that the message can name a row.

    Raises:
        PredictionError: a column has another type, or the fields of its structs are not the labels.
    """
    for name, kind in zip(schema.names, schema.types, strict=True):
        expected = _expected(name, kind)
        if expected is not None:
            raise PredictionError(f"{where}: column {name} is of type {shown(str(kind))}; expected {expected}")
        if name in FLAT:
            fields = Counter(field.name for field in kind)
            fields.subtract(FLAT[name].values())
            odd = next((label for label, count in fields.items() if count), None)
            if odd is not None:
                lack = "no" if fields[odd] < 0 else "an unknown or second"
                raise PredictionError(f"{where}: column {name} has {lack} field {shown(odd)}; give every label once")


def is_text(kind: pa.DataType) -> bool:
    """Tell whether a column of this type holds strings, written out or by dictionary."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _expected(name: str, kind: pa.DataType) -> str | None:
    """Return what a column should be of instead, or ``None`` if its type can hold its cells."""
    if name in FLAT:
        right = pa.types.is_struct(kind) and all(_is_number(field.type) for field in kind)
        return None if right else "a struct with a number for every label"
    if _whole(name) in FLAT:
        return None if _is_number(kind) else "numbers"
    if name == SOURCE_TYPES:
        right = (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and is_text(kind.value_type)
        return None if right else "lists of strings"
    if is_text(kind) or _is_number(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return None
    return "whole numbers" if name in (SPAN_START, SPAN_END) else "strings"


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _whole(name: str) -> str:
    """Return the column that a flat column belongs to; any other name as it is."""
    column = name.partition(".")[0]
    return column if name in FLAT.get(column, ()) else name


def cells_by_column(columns: Sequence[str], row: Mapping[str, object]) -> dict[str, object]:
    """Return the cells of a row with flat columns taken together into one cell, as a struct has them."""
    return {
        column: row[column] if column in row else {label: row[name] for name, label in FLAT[column].items()}
        for column in columns
    }


def label_code(task: Task, cell: object, where: str) -> int:
    """Return the code of a label's name."""
    if cell is None or cell == "" or (isinstance(cell, float) and isnan(cell)):
        raise PredictionError(f"{where}: no {task.name}; every bullet needs a label")
    code = task.codes.get(cell) if isinstance(cell, str) else None
    if code is None:
        raise PredictionError(f"{where}: unknown {task.name} {shown(cell)}; expected {listing(task.names)}")
    return code


def probability_row(task: Task, cell: object, where: str) -> list[float]:
    """Return the probabilities of the labels in the table's order, not yet divided by their sum."""
    column = PROBABILITIES[task.name]
    if not isinstance(cell, Mapping):
        raise PredictionError(f"{where}: {column} is {shown(cell)}; expected a number for every label by name")
    odd = next((name for name in [*task.names, *cell] if (name in cell) != (name in task.codes)), None)
    if odd is not None:
        lack = "an unknown" if odd in cell else "no"
        raise PredictionError(f"{where}: {column} has {lack} label {shown(odd)}; expected {listing(task.names)}")
    row = []
    for label in task.names:
        value = cell[label]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or abs(value) > 2 or not isfinite(value) or value < 0:  # noqa: PLR2004 (a huge int has no float)
            raise PredictionError(f"{where}: {column} of {label} is {shown(value)}; expected a number from 0 to 1")
        row.append(float(value))
    if abs(sum(row) - 1) > SUM_TOLERANCE:
        raise PredictionError(f"{where}: {column} add up to {sum(row):.6g}; expected 1")
    return row


def span(start: object, end: object, length: int, where: str) -> tuple[int, int]:
    """Return start and end of a span in a text of ``length`` code points, (-1, -1) where both are missing."""
    if start is None and end is None:
        return (-1, -1)
    if not (_is_whole(start) and _is_whole(end)):
        raise PredictionError(
            f"{where}: span {shown(start)} to {shown(end)}; "
            "expected two whole numbers (in pandas of type Int64), or nothing in both"
        )
    if not 0 <= start < end <= length:
        raise PredictionError(
            f"{where}: span {shown(start)} to {shown(end)} does not lie in the text of {length} characters"
        )
    return start, end


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def type_codes(cell: object, where: str) -> list[int]:
    """Return the codes of a set of source types; ``unattributed`` may stand beside others, as it does in gold."""
    if not isinstance(cell, list) or not cell:
        raise PredictionError(f"{where}: {SOURCE_TYPES} is {shown(cell)}; expected a list with at least one type")
    unknown = [name for name in cell if not isinstance(name, str) or name not in SOURCE_TYPE.codes]
    if unknown:
        raise PredictionError(
            f"{where}: unknown type {shown(unknown[0])} in {SOURCE_TYPES}; expected {listing(SOURCE_TYPE.names)}"
        )
    codes = [SOURCE_TYPE.codes[name] for name in cell]
    if len(set(codes)) < len(codes):
        raise PredictionError(f"{where}: {SOURCE_TYPES} repeats a type; name each once")
    return codes


def normalised(raw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide rows by their sums, except those whose sum is 1 but for rounding; -0 becomes 0."""
    sums = raw.sum(axis=1, keepdims=True)
    rows: NDArray[np.float64] = raw / np.where(np.abs(sums - 1) <= _EXACT, 1.0, sums) + 0.0
    return rows
