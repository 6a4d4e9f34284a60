"""The input: which files there are, of what one kind, and which of their columns hold texts and ids."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from briefbench.errors import InputError
from briefbench.labelling import cells, jsonl, parquet
from briefbench.labelling.records import ID_COLUMNS, Columns
from briefbench.schema import listing

Kind = Literal["article", "jsonl", "csv", "parquet"]

_TABLES: dict[str, Kind] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_ARTICLES = (".txt", ".md", ".html", ".htm")


@dataclass(frozen=True)
class Source:
    """A file of the input: its name below the root with forward slashes, and what tells whether it changed."""

    name: str
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Sources:
    """The files of the input, all of one kind, by name; ``left_out`` counts links that were not followed."""

    root: Path
    kind: Kind
    files: tuple[Source, ...]
    left_out: int = 0

    def path(self, source: Source) -> Path:
        """Return where a file is."""
        return self.root / source.name

    @property
    def size(self) -> int:
        """All files in bytes."""
        return sum(source.size for source in self.files)

    @property
    def fingerprint(self) -> str:
        """A SHA-256 over the files' names, sizes and times of change."""
        found = hashlib.sha256()
        for source in self.files:
            found.update(f"{source.name}\0{source.size}\0{source.mtime_ns}\n".encode())
        return found.hexdigest()


def is_table(path: Path) -> bool:
    """Tell whether a path is one that is labelled to a file: a table or a folder."""
    return path.is_dir() or path.suffix.lower() in _TABLES


def find_sources(path: Path) -> Sources:
    """Find the files of an input: the file itself, or all files of a folder but hidden ones.

    Raises:
        InputError: there is nothing to label, the files are of several kinds, or one cannot be told or read.
    """
    if not path.is_dir():
        if not path.is_file():
            raise InputError(f"{path}: {'not a regular file' if path.exists() else 'no such file'}")
        return Sources(path.parent, _TABLES.get(path.suffix.lower(), "article"), (_source(path, path.name),))
    names, left_out = _names(path)
    if not names:
        raise InputError(f"{path}: no file to label; give a folder with articles or with tables of one kind")
    kinds: dict[Kind, str] = {}
    for name in names:
        suffix = Path(name).suffix.lower()
        if suffix not in _TABLES and suffix not in _ARTICLES:
            known = listing([*_ARTICLES, *_TABLES])
            raise InputError(f"{path / name}: of no kind that is read ({known}); move it out of the folder")
        kinds.setdefault(_TABLES.get(suffix, "article"), name)
    if len(kinds) > 1:
        (one, first), (other, second) = list(kinds.items())[:2]
        raise InputError(f"{path}: holds {one} ({first}) and {other} ({second}); give a folder with files of one kind")
    return Sources(path, next(iter(kinds)), tuple(_source(path / name, name) for name in names), left_out)


def find_columns(sources: Sources, text: str, identity: str | None) -> Columns:
    """Find the columns, after checking that every file with a header or a schema has them.

    Without a named id column, the first file says whether there is one of the usual names.

    Raises:
        InputError: a file cannot be read, or a column is missing; the message names the columns there are.
    """
    first = sources.path(sources.files[0])
    if sources.kind == "article":
        return Columns("text", "id")
    if sources.kind == "jsonl":
        return Columns(text, identity or next(filter(None, (jsonl.id_column(path) for path in _some(sources))), None))
    names = _column_names(sources.kind, first)
    columns = Columns(text, identity or next((name for name in ID_COLUMNS if name in names and name != text), None))
    for source in sources.files:
        path = sources.path(source)
        names = _column_names(sources.kind, path)
        for option, name in zip(("--text-column", "--id-column"), columns, strict=True):
            if name is not None and name not in names:
                shown = ", ".join(found[:40] for found in names[:20])
                raise InputError(f"{path}: no column {name!r}; the columns are {shown}; name one with {option}")
    return columns


def _some(sources: Sources) -> Iterator[Path]:
    """Yield the first file that holds anything."""
    yield from [sources.path(source) for source in sources.files if source.size][:1]


def _column_names(kind: Kind, path: Path) -> Sequence[str]:
    if kind == "csv":
        return cells.header(path)[0]
    with parquet.opened(path) as file:
        return list(file.schema_arrow.names)


def _names(folder: Path) -> tuple[list[str], int]:
    """Return the names of all files below a folder but hidden ones, and how many links were not followed."""
    names, left_out = [], 0
    home = folder.resolve()
    for place, folders, files in os.walk(folder, onerror=_unreadable):
        left_out += sum(Path(place, name).is_symlink() for name in folders if not name.startswith("."))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            path = Path(place, name)
            if name.startswith("."):
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(home):
                left_out += 1
                continue
            names.append(path.relative_to(folder).as_posix())
    return sorted(names), left_out


def _unreadable(error: OSError) -> None:
    raise InputError(f"{error.filename}: cannot be read: {error.strerror}") from error


def _source(path: Path, name: str) -> Source:
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{path}: the file's name is not UTF-8; rename it") from error
    try:
        status = path.stat()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if not path.is_file():
        raise InputError(f"{path}: not a regular file; move it out of the folder")
    return Source(name, status.st_size, status.st_mtime_ns)
