"""Tables to label, a model that answers at once, and a program that labels with it.

Run as a program, it labels as the command does, with that model, which takes so many seconds for every batch; at the
end it prints the most memory that it had, in KB.
"""

import csv
import io
import json
import os
import sys
import time
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from briefbench.evaluation.predictions import Predictions
from briefbench.schema import TASKS

SIGNATURE = "briefbench:test|model:checksums"
#: Texts and ids that a careless reader or writer spoils; all of them are good.
ODD = (
    ("plain", "Crews cleared the northern road."),
    ("🚜-1", "Фермери прибрали поле 🌾, сказав голова."),
    ("\u202eמזהה", "\u200fהמשלחת הגיעה\u200e to the river port."),
    ("a\u2028b", "Line\u2028separator and paragraph\u2029separator stay inside."),
    ('q"u,o', 'She said "no, never"; then left.'),
    ("zero\0byte", "A\0byte of nothing, and \ufeff a mark inside."),
    ("e\u0301", "Cafe\u0301 owners, decomposed on purpose."),
    ("é", "Café owners, composed on purpose."),
    (" spaced ", "  Spaces at both ends stay.  "),
    ("lines", "First line.\nSecond line.\r\nThird, after a carriage return."),
)


class StubModel:
    """A model whose labels are the checksums of the texts."""

    name, signature = "checksums", SIGNATURE

    def __init__(self, seconds: float = 0.0, gate: Path | None = None) -> None:
        """Take so many seconds for every batch, and longer at a ``gate``, a file that holds a number.

        While it is there, texts that end in a number so high wait, and a file ``held-PID`` beside it tells who does.
        """
        self._seconds, self._gate = seconds, gate

    def predict(self, texts: Sequence[str]) -> Predictions:
        """Return labels and probabilities that depend on each text alone."""
        time.sleep(self._seconds)
        while self._gate is not None and _holds(self._gate, texts):
            self._gate.with_name(f"held-{os.getpid()}").touch()
            time.sleep(0.01)
        sums = np.array([zlib.crc32(text.encode()) for text in texts], dtype=np.int64)
        labels, probabilities = {}, {}
        for task in TASKS:
            codes = sums % len(task)
            table = np.full((len(texts), len(task)), 0.25 / len(task))
            table[np.arange(len(texts)), codes] += 0.75
            labels[task.name], probabilities[task.name] = codes, table
        return Predictions(labels, probabilities)


def _holds(gate: Path, texts: Sequence[str]) -> bool:
    try:
        first = int(gate.read_text())
    except FileNotFoundError:
        return False
    numbers = (text.rpartition(" ")[2] for text in texts)
    return any(number.isdecimal() and int(number) >= first for number in numbers)


def expected_topic(text: str) -> str:
    """Return the topic that the model gives a text."""
    return TASKS[0].names[zlib.crc32(text.encode()) % len(TASKS[0])]


def write_table(path: Path, rows: Sequence[Mapping[str, Any]], group: int | None = None) -> Path:
    """Write rows as the format that the name ends in, in row groups of ``group`` rows or in three."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8", newline="")
    elif path.suffix == ".csv":
        stream = io.StringIO()
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(stream.getvalue(), "utf-8", newline="")
    else:
        pq.write_table(pa.Table.from_pylist(list(rows)), path, row_group_size=group or max(1, len(rows) // 3))
    return path


def read_labels(out: Path) -> list[dict[str, Any]]:
    """Read labelled rows from a file, or from a folder's parts in order."""
    paths = sorted([*out.glob("part-*.parquet"), *out.glob("part-*.jsonl")]) if out.is_dir() else [out]
    found: list[dict[str, Any]] = []
    for path in paths:
        if path.suffix == ".parquet":
            found += pq.read_table(path).to_pylist()
        else:
            found += [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    return found


def tree(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file in a folder but the lock, by name."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def _main(seconds: float, arguments: list[str]) -> int:
    from briefbench.commands import main
    from briefbench.labelling import model

    model.make_model = lambda reference: StubModel(seconds)  # type: ignore[assignment, return-value]
    status = main(["label", *arguments])
    print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
    return status


if __name__ == "__main__":
    sys.exit(_main(float(sys.argv[1]), sys.argv[2:]))
