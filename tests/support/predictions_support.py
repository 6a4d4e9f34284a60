"""Predictions for tests: a small split, prediction files in every format, and how a refusal is read."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from briefbench.errors import InputError, PredictionError
from briefbench.evaluation.predictions import Predictions, read_predictions
from briefbench.evaluation.reference import Reference
from briefbench.schema import SOURCE_TYPE, STANCE, TASKS, Task
from evaluation_support import reference_of

Row = dict[str, Any]

IDS = ("b0", "b1", "b2", "b3")
#: Texts of 12, 7, 5 and 30 code points; the first and the third have characters beyond the basic plane.
TEXTS = ("A 🚂 to Alder", "Envoys!", "🕊🕊🕊 ok", "The mayor of Birch sold bread.")
STANCES = ("neutral", "mixed", "pro_russia", "pro_ukraine")
HEADER = ("bullet_id", "stance")
GOOD = tuple(zip(IDS, STANCES, strict=True))
#: The codes of `STANCES`.
EXPECTED = [3, 2, 1, 0]


def split_of(ids: Sequence[str], texts: Sequence[str] | None = None) -> Reference:
    """Return a split of these bullets, all of one week."""
    columns = {} if texts is None else {"text": texts}
    return reference_of({}, ["2023-W01"] * len(ids), bullet_id=ids, **columns)


REFERENCE = split_of(IDS, TEXTS)


def rows_of(header: Sequence[str], cells: Sequence[Sequence[Any]]) -> list[Row]:
    """Return rows by column."""
    return [dict(zip(header, row, strict=True)) for row in cells]


def even(task: Task, **shares: float) -> dict[str, float]:
    """Return probabilities: the given ones, and 0 for the other labels."""
    return dict.fromkeys(task.names, 0.0) | shares


#: Predictions of one task, with everything that goes with it.
EVERYTHING: list[Row] = [
    {
        "bullet_id": "b2",
        "stance": "mixed",
        "stance_probabilities": even(STANCE, mixed=0.4, neutral=0.6),
        "span_start": 0,
        "span_end": 5,
        "source_types": ["expert_ngo", "armed_group"],
    },
    *(
        {
            "bullet_id": identifier,
            "stance": "neutral",
            "stance_probabilities": even(STANCE, pro_russia=0.25, neutral=0.75),
            "span_start": None,
            "span_end": None,
            "source_types": ["unattributed"],
        }
        for identifier in ("b0", "b3", "b1")
    ),
]


def as_table(rows: Sequence[Row]) -> pa.Table:
    """Return rows as an Arrow table; a column's type is inferred from its cells."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({name: pa.array([row.get(name) for row in rows]) for name in names})


def parquet(rows: Sequence[Row]) -> bytes:
    """Return rows as Parquet."""
    stream = io.BytesIO()
    pq.write_table(as_table(rows), stream)
    return stream.getvalue()


def jsonl(rows: Sequence[Row]) -> bytes:
    """Return rows as JSON lines."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def flat(row: Row) -> Row:
    """Return a row as CSV has it: probabilities in flat columns, sets with ``;``, nothing as an empty cell."""
    cells: Row = {}
    for name, cell in row.items():
        if isinstance(cell, Mapping):
            cells |= {f"{name}.{label}": value for label, value in cell.items()}
        elif isinstance(cell, list):
            cells[name] = ";".join("" if part is None else str(part) for part in cell)
        else:
            cells[name] = "" if cell is None else cell
    return cells


def as_csv(rows: Sequence[Row]) -> bytes:
    """Return rows as CSV."""
    cells = [flat(row) for row in rows]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(dict.fromkeys(name for row in cells for name in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(cells)
    return stream.getvalue().encode()


ENCODERS: Mapping[str, Callable[[Sequence[Row]], bytes]] = {"csv": as_csv, "jsonl": jsonl, "parquet": parquet}
KINDS = tuple(ENCODERS)


def place(kind: str, row: int) -> str:
    """Return how a message names data row ``row``, counted from 1."""
    return {"parquet": f": row {row}", "jsonl": f": line {row}", "csv": f": line {row + 1}"}[kind]


def read(folder: Path, kind: str, content: bytes | str, reference: Reference = REFERENCE) -> Predictions:
    """Write ``mine.KIND`` and read it."""
    path = folder / f"mine.{kind}"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_predictions(path, reference)


def refusal(folder: Path, kind: str, content: bytes | str, reference: Reference = REFERENCE) -> str:
    """Return the message that refuses a file, without its folder: one short printable line that names the file."""
    with pytest.raises((PredictionError, InputError)) as caught:
        read(folder, kind, content, reference)
    message = str(caught.value)
    assert message.isprintable()
    assert message.startswith(str(folder / f"mine.{kind}"))
    assert len(message) < len(str(folder)) + 500
    return message.removeprefix(f"{folder}/")


def assert_same(one: Predictions, other: Predictions) -> None:
    """Fail unless two predictions are the same to the last bit."""
    assert list(one.labels) == list(other.labels)
    assert list(one.probabilities) == list(other.probabilities)
    pairs = [(one.labels[name], other.labels[name]) for name in one.labels]
    pairs += [(one.probabilities[name], other.probabilities[name]) for name in one.probabilities]
    for part in ("spans", "source_types"):
        assert (getattr(one, part) is None) == (getattr(other, part) is None)
        if getattr(one, part) is not None:
            pairs.append((getattr(one, part), getattr(other, part)))
    for first, second in pairs:
        assert first.dtype == second.dtype
        np.testing.assert_array_equal(first, second)
    assert one.digest() == other.digest()


def seeded(seed: int) -> Random:
    """Return a source of chance."""
    return Random(seed)  # noqa: S311 (nothing is to be kept secret)


def random_rows(random: Random, reference: Reference) -> list[Row]:
    """Return valid predictions of some or all that can be predicted, in any order."""
    parts = random.sample(["labels", "probabilities", "spans", "sets"], random.randint(1, 4))
    tasks = random.sample(TASKS, random.randint(1, len(TASKS)))
    likely = random.sample(TASKS, random.randint(1, len(TASKS)))
    digits = random.choice([2, 4, 17])
    rows = []
    for identifier, text in zip(reference.bullet_ids, reference.texts, strict=True):
        row: Row = {"bullet_id": identifier}
        if "labels" in parts:
            row |= {task.name: random.choice(task.names) for task in tasks}
        if "probabilities" in parts:
            row |= {f"{task.name}_probabilities": _shares(random, task, digits) for task in likely}
        if "spans" in parts:
            ends = sorted(random.sample(range(len(text) + 1), 2)) if random.random() < 0.8 else [None, None]
            row |= dict(zip(("span_start", "span_end"), ends, strict=True))
        if "sets" in parts:
            row["source_types"] = random.sample(SOURCE_TYPE.names, random.randint(1, 4))
        rows.append(row)
    random.shuffle(rows)
    names = random.sample(list(rows[0]), len(rows[0]))
    return [{name: row[name] for name in names} for row in rows]


def _shares(random: Random, task: Task, digits: int) -> dict[str, float]:
    """Return probabilities of so many digits that add up to 1, or nearly so."""
    raw = [random.expovariate(1) if random.random() < 0.7 else 0.0 for _ in task.names]
    total = sum(raw) or 1.0
    shares = [round(value / total, digits) for value in raw]
    top = shares.index(max(shares))
    shares[top] = round(shares[top] + 1 - sum(shares), digits)
    return dict(zip(task.names, shares, strict=True))


def spoil(random: Random, rows: Sequence[Row]) -> list[Row]:
    """Return valid predictions with one fault in one row."""
    spoilt = [dict(row) for row in rows]
    at = random.randrange(len(spoilt))
    names = [name for name in spoilt[at] if name not in ("span_start", "span_end")]
    name = random.choice([*names, *(["spans"] if "span_start" in spoilt[at] else [])])
    row = spoilt[at]
    if name == "bullet_id":
        other = spoilt[at - 1]["bullet_id"]
        fault = random.choice(["", " ", other, other.upper() + "x", "../../" + other, None, "=1+1", "\u202e" + other])
        return (
            spoilt[:at] + spoilt[at + 1 :]
            if random.random() < 0.2
            else [*spoilt[:at], row | {name: fault}, *spoilt[at + 1 :]]
        )
    if name == "spans":
        start, end = random.choice([(3, None), (None, 3), (3, 3), (5, 4), (-1, 2), (0, 10**6), (-1, -1), (0, 2**40)])
        spoilt[at] = row | {"span_start": start, "span_end": end}
    elif name == "source_types":
        sets = [
            [],
            [""],
            None,
            ["combat"],
            ["news_media", "news_media"],
            [None, "news_media"],
        ]
        spoilt[at] = row | {name: random.choice(sets)}
    elif name.endswith("_probabilities"):
        spoilt[at] = row | {name: _spoilt_shares(random, row[name])}
    else:
        spoilt[at] = row | {
            name: random.choice(["", None, row[name].upper(), row[name] + " ", "0", "\x00", "=" + row[name]])
        }
    return spoilt


def _spoilt_shares(random: Random, shares: Mapping[str, float]) -> dict[str, float | None]:
    label = random.choice(list(shares))
    fault = random.choice(
        [float("nan"), float("inf"), -0.25, shares[label] + 0.01, 1.5, None, 1e300, float("-inf"), "drop"]
    )
    return {
        name: fault if name == label else share for name, share in shares.items() if name != label or fault != "drop"
    }
