"""The release: a pure function from ``annotation/`` to the files of ``dataset/``, written all or nothing and verified.

``checksums.json`` names the bytes of every file, and for every table a digest of its content that does not depend on
the Parquet writer. The digest over all tables is the data's hash, which every score carries in its signature.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from briefbench.dataset.card import read_card_text, render_card
from briefbench.dataset.sources import read_sources
from briefbench.dataset.splits import assign
from briefbench.dataset.stats import Stats, compute
from briefbench.dataset.tables import CONFIGS, build_tables
from briefbench.errors import ChecksumError, ReleaseError
from briefbench.files import read_bytes, sha256, to_json, write_all
from briefbench.schema import MIN_TEST_CLASS, PROTOCOLS, SPLITS

CHECKSUMS = "checksums.json"
TABLES = tuple(f"data/{config}/{split}.parquet" for config in CONFIGS for split in SPLITS)
FILES = ("README.md", "stats.json", *TABLES)
_LIMIT = 1 << 32


class FileSum(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The SHA-256 and size in bytes of a released file; of a table also its rows and the digest of its content."""

    sha256: str
    bytes: int
    rows: int | None = None
    content: str | None = None


class Checksums(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of ``checksums.json``: the data's hash and what is known of every file."""

    data: str
    files: dict[str, FileSum]


@dataclass(frozen=True)
class Release:
    """A release in memory: the bytes of every file by relative path, with the facts and the hash of its data."""

    files: Mapping[str, bytes]
    stats: Stats
    data: str


@dataclass(frozen=True)
class Verification:
    """What `verify` found: the files checked, the data's hash, and the tables whose bytes another writer wrote."""

    files: int
    data: str
    rewritten: tuple[str, ...]


class BuildOptions(msgspec.Struct, frozen=True):
    """How a release was built; stored in ``stats.json``, so that it can be verified in the same way."""

    skip_unlabelled: bool = False
    min_test_class: int = MIN_TEST_CLASS
    protocols: tuple[str, ...] = PROTOCOLS


class _StatsOptions(msgspec.Struct, frozen=True):
    options: BuildOptions


def build(
    annotation: Path,
    *,
    skip_unlabelled: bool = False,
    min_test_class: int = MIN_TEST_CLASS,
    protocols: Sequence[str] = PROTOCOLS,
) -> Release:
    """Build the release from the files under ``annotation``; nothing else goes in, and nothing is written.

    Args:
        annotation: the folder of the sources.
        skip_unlabelled: leave out bullets without a counted vote.
        min_test_class: the fewest bullets of any class in a test part.
        protocols: the split protocols to offer; ``weeks`` is always among them.

    Raises:
        RecordError, GoldError, LeakageError, InputError: the sources do not make a release.
    """
    sources = read_sources(annotation, skip_unlabelled=skip_unlabelled)
    options = BuildOptions(skip_unlabelled, min_test_class, tuple(name for name in PROTOCOLS if name in protocols))
    assignments = assign(sources.units, min_test_class=min_test_class, protocols=options.protocols)
    stats = compute(sources, assignments, msgspec.to_builtins(options))
    tables = {
        f"data/{config}/{split}.parquet": table
        for config, parts in build_tables(sources, assignments).items()
        for split, table in parts.items()
    }
    files = {name: parquet_bytes(table) for name, table in tables.items()}
    contents = {name: content_digest(table) for name, table in tables.items()}
    data = data_hash(contents)
    files["stats.json"] = to_json(stats).encode()
    files["README.md"] = render_card(stats, read_card_text(annotation / "card.toml")).encode()
    sums = {
        name: FileSum(
            sha256(content), len(content), tables[name].num_rows if name in tables else None, contents.get(name)
        )
        for name, content in sorted(files.items())
    }
    files[CHECKSUMS] = to_json(Checksums(data, sums)).encode()
    return Release(files=files, stats=stats, data=data)


def write(release: Release, folder: Path, also: Mapping[Path, bytes] | None = None) -> None:
    """Write a release to ``folder``, and other files with it: all are complete before the first replaces an older one.

    Raises:
        ReleaseError: the folder has files and is no release.
        InputError: a file cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise ReleaseError(f"{folder}: not a folder; choose another --out")
    strangers = [path for path in folder.glob("*") if not path.name.startswith(".")] if folder.exists() else []
    if strangers:
        try:
            read_checksums(folder)
        except ReleaseError as error:
            raise ReleaseError(
                f"{folder}: has files but is no sound release; remove it, or choose another --out"
            ) from error
    write_all({folder / name: data for name, data in release.files.items()} | dict(also or {}))


def verify(folder: Path, rebuilt: Release | None = None) -> Verification:
    """Check every file of a release against its checksums and, if given, against a release rebuilt from its sources.

    Raises:
        ChecksumError: a file does not have the bytes that its checksum names.
        ReleaseError: a file is missing or unknown, or the release differs from the rebuilt one.
    """
    sums = read_checksums(folder)
    for name in FILES:
        data = checked_bytes(folder, name, sums)
        if name in TABLES:
            _check_content(folder / name, data, sums.files[name])
    strangers = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not _is_ours(path.relative_to(folder))
    )
    if strangers:
        raise ReleaseError(f"{folder}: {strangers[0]} does not belong to the release; remove it")
    rewritten: list[str] = []
    if rebuilt is not None:
        built = msgspec.json.decode(rebuilt.files[CHECKSUMS], type=Checksums)
        for name in FILES:
            if sums.files[name] == built.files[name]:
                continue
            if sums.files[name].content is None or sums.files[name].content != built.files[name].content:
                raise ReleaseError(f"{folder / name}: differs from what its sources give; run briefbench release build")
            rewritten.append(name)
    return Verification(files=len(FILES), data=sums.data, rewritten=tuple(rewritten))


def _is_ours(path: Path) -> bool:
    """Say whether a release may hold a file; hidden ones outside ``data/`` are the Hub's and git's."""
    hidden = path.parts[0].startswith(".")
    return hidden or path.as_posix() in (*FILES, CHECKSUMS)


def _check_content(path: Path, data: bytes, expected: FileSum) -> None:
    try:
        table = parquet_table(data)
    except (pa.ArrowException, OSError) as error:
        raise ReleaseError(f"{path}: not a Parquet file; build the release anew") from error
    if (content_digest(table), table.num_rows, len(data)) != (expected.content, expected.rows, expected.bytes):
        raise ChecksumError(f"{path}: its rows are not those that {CHECKSUMS} names; fetch or build the release again")


def read_options(folder: Path) -> BuildOptions:
    """Read from a release how it was built.

    Raises:
        ReleaseError, ChecksumError: there is no release, it was tampered with, or it does not say.
    """
    try:
        return msgspec.json.decode(
            checked_bytes(folder, "stats.json", read_checksums(folder)), type=_StatsOptions
        ).options
    except msgspec.DecodeError as error:
        raise ReleaseError(f"{folder / 'stats.json'}: does not say how it was built; build the release anew") from error


def read_checksums(folder: Path) -> Checksums:
    """Read ``checksums.json`` of a release.

    Raises:
        ReleaseError: there is no release in ``folder``, or its checksums are malformed.
        ChecksumError: the data's hash is not that of the tables.
    """
    path = folder / CHECKSUMS
    if not path.is_file():
        raise ReleaseError(f"{folder}: no release here ({CHECKSUMS} is missing); run briefbench release build")
    try:
        sums = msgspec.json.decode(read_bytes(path, limit=_LIMIT), type=Checksums)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReleaseError(f"{path}: malformed: {error}; build the release anew") from error
    missing = set(FILES) - set(sums.files)
    if missing:
        raise ReleaseError(f"{path}: says nothing of {min(missing)}; build the release anew")
    if sums.data != data_hash({name: sums.files[name].content or "" for name in TABLES}):
        raise ChecksumError(f"{path}: the data's hash is not that of the tables it lists; build the release anew")
    return sums


def checked_bytes(folder: Path, name: str, sums: Checksums) -> bytes:
    """Return the bytes of a released file after comparing them with its checksum.

    Raises:
        ChecksumError: the bytes differ.
        ReleaseError: the file is missing.
    """
    path = folder / name
    if not path.is_file():
        raise ReleaseError(f"{path}: missing from the release; fetch or build it again")
    data = read_bytes(path, limit=_LIMIT)
    digest = sha256(data)
    if digest != sums.files[name].sha256:
        raise ChecksumError(
            f"{path}: its SHA-256 is {digest[:12]}…, the release says {sums.files[name].sha256[:12]}…; "
            "the file was changed or damaged, so fetch or build it again"
        )
    return data


def data_hash(contents: Mapping[str, str]) -> str:
    """Return the hash of a release's data: the SHA-256 over the content digests of its tables, by name."""
    return sha256("".join(f"{name} {contents[name]}\n" for name in TABLES).encode())


def parquet_bytes(table: pa.Table) -> bytes:
    """Return a table as Parquet; the same table and pyarrow version give the same bytes."""
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd", version="2.6")
    return stream.getvalue()


def parquet_table(data: bytes) -> pa.Table:
    """Return the table of a Parquet file in memory.

    No thread reads ahead: one of Arrow's that outlives a short command aborts the interpreter as it ends.
    """
    return pq.ParquetFile(pa.BufferReader(data), pre_buffer=False).read(use_threads=False)


def content_digest(table: pa.Table) -> str:
    """Return the SHA-256 of a table's features (column names, label names) and rows as canonical JSON lines."""
    encode: Any = msgspec.json.Encoder(order="deterministic").encode
    features = (table.schema.metadata or {}).get(b"huggingface", b"")
    return sha256(b"\n".join([features, encode(table.column_names), *map(encode, table.to_pylist())]))
