"""A part from its records to its file: the one function that does the work, in this process, in another, or on Ray."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from briefbench.baselines.label import Model
from briefbench.console import printable
from briefbench.errors import BriefbenchError, InputError
from briefbench.labelling.articles import Reading
from briefbench.labelling.model import ModelReference, open_model
from briefbench.labelling.plan import Part, Slice, read_slice
from briefbench.labelling.records import Columns, Record, batches
from briefbench.labelling.sources import Kind
from briefbench.labelling.workspace import (
    Receipt,
    Reject,
    check_mine,
    part_path,
    read_receipt,
    read_rejects,
    receipt_path,
)
from briefbench.labelling.writing import WRITERS, Format, JsonlWriter, ParquetWriter, Rows, Shape, placed

# So many records, or not many more characters, are held and labelled at once.
_BATCH_ROWS, _BATCH_SIZE = 2_048, 8 << 20
_LONGEST_ID = 200


class Job(msgspec.Struct, frozen=True):
    """What is the same for all parts of a run; it travels to the workers as JSON.

    ``key`` is that of the folder's manifest, ``signature`` the model's.
    """

    root: str
    kind: Kind
    columns: Columns
    reading: Reading
    folder: str
    format: Format
    texts: bool
    set_aside: bool
    key: str
    model: ModelReference
    signature: str

    @property
    def shape(self) -> Shape:
        """What every labelled row has."""
        return Shape(self.signature, self.columns.id is not None, self.texts)


class Outcome(msgspec.Struct, frozen=True):
    """How a part ended: its counts, or the bad row or other ``error`` that stopped it."""

    part: int
    rows: int = 0
    rejected: int = 0
    bad_row: str = ""
    error: str = ""


class _BadRowError(Exception):
    """The first bad row of a part, where none are set aside."""


def label_part(part: Part, job: Job) -> Outcome:
    """Label a part and write it with its receipt; one that has its receipt is not labelled again.

    The outcome depends on part and job alone: not on the process, the machine or the order of the parts.
    """
    place = part_path(Path(job.folder), part.number, job.format)
    receipt = receipt_path(Path(job.folder), part.number)
    try:
        if receipt.exists() and place.exists():
            return finished_outcome(read_receipt(receipt), job)
        return _labelled(part, job, place, receipt)
    except _BadRowError as error:
        return Outcome(part.number, bad_row=str(error))
    except BriefbenchError as error:
        return Outcome(part.number, error=str(error))


def finished_outcome(receipt: Receipt, job: Job) -> Outcome:
    """Return the outcome of a part that was finished before: a row that was set aside then may stop this run."""
    if receipt.rejected and not job.set_aside:
        first = next(read_rejects(receipt_path(Path(job.folder), receipt.part)))
        return Outcome(receipt.part, bad_row=_told(first))
    return Outcome(receipt.part, receipt.rows, receipt.rejected)


def _labelled(part: Part, job: Job, place: Path, receipt: Path) -> Outcome:
    from threadpoolctl import threadpool_limits

    model = open_model(job.model)
    if model.signature != job.signature:
        raise InputError(f"a worker's model is {model.signature}, not {job.signature}; install one version everywhere")
    rows = 0
    rejects: list[Reject] = []
    with threadpool_limits(limits=1), placed(place) as stream:
        with closing(WRITERS[job.format](stream, job.shape)) as writer:
            for piece in part.slices:
                for records in batches(_checked(piece, job), _BATCH_ROWS, _BATCH_SIZE):
                    bad = _write(writer, model, piece.file, records, job)
                    rows += len(records) - len(bad)
                    rejects += bad
        check_mine(Path(job.folder), job.key)
    counts = Receipt(part.number, rows, len(rejects))
    with placed(receipt) as stream:
        stream.writelines(msgspec.json.encode(line) + b"\n" for line in (counts, *rejects))
    return Outcome(part.number, rows, len(rejects))


def _write(
    writer: JsonlWriter | ParquetWriter, model: Model, file: str, records: list[Record], job: Job
) -> list[Reject]:
    """Label and write the good records, and return the bad ones."""
    bad = [_reject(file, record) for record in records if record.fault]
    if bad and not job.set_aside:
        raise _BadRowError(_told(bad[0]))
    good = [record for record in records if not record.fault]
    if good:
        writer.write(Rows(file, good, model.predict([record.text for record in good])))
    return bad


def _checked(piece: Slice, job: Job) -> Iterator[Record]:
    """Yield a slice's records; there must be as many as were planned."""
    count = 0
    try:
        for record in read_slice(Path(job.root), job.kind, piece, columns=job.columns, reading=job.reading):
            yield record
            count += 1
    except OSError as error:
        raise InputError(f"{piece.file}: cannot be read: {error.strerror or error}") from error
    if piece.rows and count != piece.rows:
        raise InputError(f"{piece.file}: changed while it was read; run again with --overwrite")


def _reject(file: str, record: Record) -> Reject:
    identity = record.id if record.id is None or len(record.id) <= _LONGEST_ID else f"{record.id[:_LONGEST_ID]}…"
    return Reject(file, record.row, identity, record.fault, record.excerpt)


def _told(reject: Reject) -> str:
    """Return the line that names a bad row."""
    where = reject.file + (f", row {reject.row}" if reject.row is not None else "")
    where += f", id {printable(reject.id)}" if reject.id is not None else ""
    return f"{where}: {reject.reason}; mend it, or set such rows aside with --set-aside"
