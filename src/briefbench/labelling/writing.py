"""What comes out: the columns of a labelled row, a part as Parquet or JSONL, and parts merged into one file."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from briefbench.errors import InputError
from briefbench.evaluation.predictions import Predictions
from briefbench.labelling.records import Record
from briefbench.schema import TASKS

Format = Literal["parquet", "jsonl"]
#: Probabilities are rounded to so many digits: their last bits differ from processor to processor.
DIGITS = 4

# A row group is closed at so many rows or characters.
_GROUP_ROWS, _GROUP_SIZE = 50_000, 32 << 20
_COPY = 1 << 20


class Shape(NamedTuple):
    """What every row has beside labels: the model's signature, and whether there are ids and texts."""

    model: str
    ids: bool
    texts: bool


class Rows(NamedTuple):
    """Labelled rows of one file."""

    file: str
    records: Sequence[Record]
    predicted: Predictions

    def labels(self) -> Iterator[tuple[str, Sequence[str], NDArray[np.int64], NDArray[np.float64]]]:
        """Yield every task's name, its labels, and the code and the rounded probability of every row."""
        for task in TASKS:
            codes = self.predicted.labels[task.name]
            table = self.predicted.probabilities[task.name]
            yield task.name, task.names, codes, np.round(table[np.arange(len(codes)), codes], DIGITS)


class JsonlWriter:
    """Writes labelled rows as JSON lines."""

    def __init__(self, stream: BinaryIO, shape: Shape) -> None:
        """Write to ``stream``."""
        self._stream, self._shape = stream, shape

    def write(self, rows: Rows) -> None:
        """Write rows."""
        labels = [
            (name, [names[code] for code in codes.tolist()], f"{name}_probability", probabilities.tolist())
            for name, names, codes, probabilities in rows.labels()
        ]
        encode = msgspec.json.Encoder().encode
        for number, record in enumerate(rows.records):
            line: dict[str, object] = {"file": rows.file, "row": record.row}
            if self._shape.ids:
                line["id"] = record.id
            for name, chosen, probability, values in labels:
                line[name], line[probability] = chosen[number], values[number]
            line["model"] = self._shape.model
            if self._shape.texts:
                line["text"] = record.text
            self._stream.write(encode(line) + b"\n")

    def close(self) -> None:
        """Finish the file; its stream stays open."""


class ParquetWriter:
    """Writes labelled rows as Parquet; a row group is kept in memory until it is full."""

    def __init__(self, stream: BinaryIO, shape: Shape) -> None:
        """Write to ``stream``."""
        import pyarrow.parquet as pq

        self._shape = shape
        self._schema = parquet_schema(shape)
        self._writer = pq.ParquetWriter(stream, self._schema, compression="zstd")
        self._held: list[Any] = []
        self._rows = self._size = 0

    def write(self, rows: Rows) -> None:
        """Write rows."""
        self._held.append(self._batch(rows))
        self._rows += len(rows.records)
        self._size += self._held[-1].nbytes
        if self._rows >= _GROUP_ROWS or self._size >= _GROUP_SIZE:
            self._flush()

    def close(self) -> None:
        """Finish the file; its stream stays open."""
        if self._held:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        table = pa.Table.from_batches(self._held, self._schema).unify_dictionaries()
        self._writer.write_table(table, row_group_size=_GROUP_ROWS)
        self._held, self._rows, self._size = [], 0, 0

    def _batch(self, rows: Rows) -> Any:
        import pyarrow as pa

        count = len(rows.records)
        same = pa.array(np.zeros(count, dtype=np.int32))
        arrays = [
            pa.DictionaryArray.from_arrays(same, [rows.file]),
            pa.array([r.row for r in rows.records], pa.int64()),
        ]
        if self._shape.ids:
            arrays.append(pa.array([record.id for record in rows.records], pa.string()))
        for _, names, codes, probabilities in rows.labels():
            arrays.append(pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), list(names)))
            arrays.append(pa.array(probabilities, pa.float64()))
        arrays.append(pa.DictionaryArray.from_arrays(same, [self._shape.model]))
        if self._shape.texts:
            arrays.append(pa.array([record.text for record in rows.records], pa.string()))
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)


def parquet_schema(shape: Shape) -> Any:
    """Return the Arrow schema of labelled rows, with the model's signature among its metadata."""
    import pyarrow as pa

    label = pa.dictionary(pa.int32(), pa.string())
    fields = [("file", label), ("row", pa.int64())]
    fields += [("id", pa.string())] if shape.ids else []
    for task in TASKS:
        fields += [(task.name, label), (f"{task.name}_probability", pa.float64())]
    fields += [("model", label)] + ([("text", pa.string())] if shape.texts else [])
    return pa.schema(fields, metadata={"briefbench.model": shape.model})


WRITERS: Mapping[Format, type[JsonlWriter] | type[ParquetWriter]] = {"jsonl": JsonlWriter, "parquet": ParquetWriter}


@contextmanager
def placed(place: Path) -> Iterator[BinaryIO]:
    """Open a file beside its place; it takes the place when all of it is on disk, and is gone if anything fails.

    Raises:
        InputError: it cannot be written.
    """
    temporary: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".tmp")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(place)
        temporary = None
        _sync(place.parent)
    except OSError as error:
        raise InputError(f"{place}: cannot be written: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def merge(parts: Iterable[Path], place: Path, form: Format, shape: Shape) -> None:
    """Write all parts, in their order, as one file.

    Raises:
        InputError: it cannot be written.
    """
    with placed(place) as stream:
        if form == "parquet":
            import pyarrow.parquet as pq

            with pq.ParquetWriter(stream, parquet_schema(shape), compression="zstd") as writer:
                for path in parts:
                    with pq.ParquetFile(path) as part:
                        for group in range(part.num_row_groups):
                            writer.write_table(part.read_row_group(group), row_group_size=_GROUP_ROWS)
            return
        for path in parts:
            with path.open("rb") as part:
                while block := part.read(_COPY):
                    stream.write(block)


def _sync(folder: Path) -> None:
    """Bring a folder's list of names to disk, where the system can."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
