"""The folder of parts: what belongs to which run, what is finished, and one run at a time.

A part is finished when its receipt stands in ``_receipts/``, which is written after the part. A receipt is JSON lines:
the counts, then one line for every row that was set aside. ``manifest.json`` says what the parts were made of.
"""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from briefbench.errors import InputError
from briefbench.files import read_bytes, to_json, write_bytes
from briefbench.labelling.writing import Format

MANIFEST, RECEIPTS, _LOCK = "manifest.json", "_receipts", ".lock"
_LIMIT = 1 << 20


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a folder of parts was made of: equal manifests make equal bytes."""

    model: str
    input: dict[str, Any]
    options: dict[str, Any]
    parts: int

    @property
    def key(self) -> str:
        """A SHA-256 over everything."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()

    def differs(self, other: "Manifest") -> str:
        """Return what is not the same in another manifest, in words; empty where nothing differs."""
        found = []
        if self.model != other.model:
            found.append(f"the model ({self.model}, now {other.model})")
        found += [
            f"{name} ({self.options.get(name)}, now {other.options.get(name)})"
            for name in sorted({*self.options, *other.options})
            if self.options.get(name) != other.options.get(name)
        ]
        if self.input != other.input:
            counts = [f"{one.input.get('files')} files of {one.input.get('bytes'):,} bytes" for one in (self, other)]
            same = " changed since" if counts[0] == counts[1] else f", now {counts[1]}"
            found.append(f"the input ({counts[0]}{same})")
        return ", ".join(found)


class Receipt(msgspec.Struct, frozen=True):
    """How many rows of a part were labelled, and how many set aside."""

    part: int
    rows: int
    rejected: int


class Reject(msgspec.Struct, frozen=True):
    """A row that was set aside; ``row`` is ``None`` for a whole article."""

    file: str
    row: int | None
    id: str | None
    reason: str
    excerpt: str


def part_path(folder: Path, number: int, form: Format) -> Path:
    """Return where a part stands."""
    return folder / f"part-{number:05d}.{form}"


def receipt_path(folder: Path, number: int) -> Path:
    """Return where a part's receipt stands."""
    return folder / RECEIPTS / f"part-{number:05d}.jsonl"


def read_manifest(folder: Path) -> Manifest:
    """Read a folder's manifest.

    Raises:
        InputError: it is missing or is no manifest.
    """
    path = folder / MANIFEST
    try:
        return msgspec.json.decode(read_bytes(path, limit=_LIMIT), type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: no manifest of briefbench label ({error}); name another --out") from error


def read_receipt(path: Path) -> Receipt:
    """Read the counts of a receipt.

    Raises:
        InputError: it is no receipt.
    """
    try:
        with path.open("rb") as stream:
            return msgspec.json.decode(stream.readline(), type=Receipt)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: no receipt of a part ({error}); remove it and its part") from error


def read_rejects(path: Path) -> Iterator[Reject]:
    """Yield the rows that a receipt says were set aside."""
    with path.open("rb") as stream:
        stream.readline()
        for line in stream:
            yield msgspec.json.decode(line, type=Reject)


def check_mine(folder: Path, key: str) -> None:
    """Check that a folder of parts still belongs to a run, so that an old worker cannot write into a new one.

    Raises:
        InputError: it does not.
    """
    if read_manifest(folder).key != key:
        raise InputError(f"{folder}: another run has taken this folder over")


def finished(folder: Path, form: Format, parts: int) -> dict[int, Receipt]:
    """Return the receipts of the parts that are finished, by number."""
    found = {}
    for number in range(parts):
        path = receipt_path(folder, number)
        if path.exists() and part_path(folder, number, form).exists():
            found[number] = read_receipt(path)
    return found


@contextmanager
def opened(folder: Path, manifest: Manifest, *, overwrite: bool) -> Iterator[bool]:
    """Hold a folder of parts for one run; yield whether an earlier run with the same manifest goes on.

    What an unfinished run left half-written is cleared away.

    Raises:
        InputError: the folder is in use, holds something else, or was made of something else; or it cannot be written.
    """
    from filelock import FileLock, Timeout

    _check_empty(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise InputError(f"{folder}: another run is writing there; wait for it, or name another --out") from error
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror or error}") from error
    try:
        goes_on = _take(folder, manifest, overwrite)
        (folder / RECEIPTS).mkdir(exist_ok=True)
        yield goes_on
    finally:
        lock.release()


def clear(folder: Path) -> None:
    """Remove a folder of parts with all that a run wrote there, and the folder itself if nothing else is in it."""
    shutil.rmtree(folder / RECEIPTS, ignore_errors=True)
    for path in _written(folder):
        path.unlink(missing_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    (folder / _LOCK).unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def _check_empty(folder: Path) -> None:
    """Refuse a folder that holds anything but the parts of a run."""
    if folder.is_dir():
        if not (folder / MANIFEST).exists() and any(path.name != _LOCK for path in folder.iterdir()):
            raise InputError(f"{folder}: holds files that briefbench label did not write; name another --out")
    elif folder.exists():
        raise InputError(f"{folder}: is no folder; name another --out")


def _take(folder: Path, manifest: Manifest, overwrite: bool) -> bool:
    """Leave the folder with this manifest; return whether it had it before."""
    if (folder / MANIFEST).exists() and not overwrite:
        differs = read_manifest(folder).differs(manifest)
        if differs:
            raise InputError(f"{folder}: was made with something else: {differs}; name another --out or --overwrite")
        clear_temporary(folder)
        return True
    # The new manifest comes first: from then on no worker of an earlier run may write here.
    write_bytes(folder / MANIFEST, to_json(manifest).encode())
    shutil.rmtree(folder / RECEIPTS, ignore_errors=True)
    for path in _written(folder):
        path.unlink()
    return False


def clear_temporary(folder: Path) -> None:
    """Remove what workers that died had begun to write."""
    for path in [*folder.glob(".part-*.tmp"), *(folder / RECEIPTS).glob(".part-*.tmp")]:
        path.unlink(missing_ok=True)


def _written(folder: Path) -> Sequence[Path]:
    return [path for pattern in ("part-*.parquet", "part-*.jsonl", ".part-*.tmp") for path in folder.glob(pattern)]
