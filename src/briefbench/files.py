"""Reading and writing files safely: bounded reads, atomic writes, digests, canonical JSON."""

import csv
import hashlib
import io
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from briefbench.errors import InputError


def read_bytes(path: Path, *, limit: int) -> bytes:
    """Return the bytes of a regular file of at most ``limit`` bytes.

    Raises:
        InputError: the path is missing, not a regular file, unreadable, or larger than ``limit``.
    """
    try:
        if not path.exists():
            raise InputError(f"{path}: no such file")
        if not path.is_file():
            raise InputError(f"{path}: not a regular file")
        size = path.stat().st_size
        with path.open("rb") as stream:
            data = stream.read(limit + 1) if size <= limit else b""
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if max(size, len(data)) > limit:
        raise InputError(f"{path}: larger than the {limit:,} bytes that are read; split the file")
    return data


def read_text(path: Path, *, limit: int = 1 << 30) -> str:
    """Return the text of a UTF-8 file; a byte order mark is dropped.

    Raises:
        InputError: as `read_bytes`, or the bytes are not UTF-8.
    """
    data = read_bytes(path, limit=limit)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{path}, line {line}: not UTF-8; save the file as UTF-8") from error


def csv_rows(text: str, where: str) -> Iterator[tuple[int, list[str]]]:
    """Yield every row of a CSV text with the number of its last line; lines without a cell are passed over.

    Raises:
        InputError: the text is not CSV; the message names ``where`` and the line.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        yield from ((reader.line_num, cells) for cells in reader if cells)
    except csv.Error as error:
        raise InputError(f"{where}, line {reader.line_num}: not CSV: {error}") from error


def csv_text(header: Sequence[str], table: Iterable[Sequence[str]]) -> str:
    """Return CSV with Unix line ends, cells quoted only where they must be."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(table)
    return stream.getvalue()


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``: all of it or nothing."""
    write_all({path: data})


def write_private(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` as `write_bytes`, for nobody but the user to read."""
    write_all({path: data}, mode=0o600)


def write_all(files: Mapping[Path, bytes], *, mode: int = 0o644) -> None:
    """Write several files: each is complete on disk beside its place before the first one takes it, in the given order.

    A link is followed, so that its target is what changes. ``mode`` says who may read them.

    Raises:
        InputError: a file cannot be written; the older files are then untouched.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        for path, data in files.items():
            _stage(path.resolve(), data, mode, staged)
        for temporary, place in staged:
            temporary.replace(place)
    except OSError as error:
        raise InputError(f"{error.filename or 'disk'}: cannot be written: {error.strerror or error}") from error
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)


def _stage(place: Path, data: bytes, mode: int, staged: list[tuple[Path, Path]]) -> None:
    """Write ``data`` to a temporary file beside ``place``, and note both for renaming or clearing away."""
    if place.exists() and not place.is_file():
        raise InputError(f"{place}: cannot be written: it is no regular file")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".tmp")
        staged.append((Path(name), place))
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(mode)
    except OSError as error:
        raise InputError(f"{place}: cannot be written: {error.strerror or error}") from error


def to_json(value: Any) -> str:
    """Render ``value`` as indented JSON with sorted keys and a final newline; floats keep every digit."""
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=2).decode() + "\n"


def sha256(data: bytes) -> str:
    """Return the hexadecimal SHA-256 of ``data``."""
    return hashlib.sha256(data).hexdigest()
