"""Reading the votes column by column; anything unusual is left to the strict readers.

What this accepts, the strict readers accept with the same outcome; it is here so that a million bullets take seconds.
"""

import datetime as dt
import re
from hashlib import sha256
from operator import lt
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from briefbench.annotation.reliability.ballots import UNDATED, Ballots, Bullets, Column, assemble, column_of
from briefbench.annotation.votes import (
    ANSWER_COLUMNS,
    VOTE_COLUMNS,
    parse_vote,
    read_adjudications,
    read_all_votes,
    read_annotators,
    read_votes,
)
from briefbench.dataset.records import MAX_TEXT, Bullet, bullet_fault, bullet_id, read_bullets
from briefbench.errors import BriefbenchError
from briefbench.files import read_bytes
from briefbench.schema import SOURCE_TYPE, TASKS, UNATTRIBUTED, Task

_MOST = 1 << 31
# What `urlsplit` surely takes for an address.
_ADDRESS = re.compile(r"https?://[a-z0-9.-]+(/[!-~]*)?")
# Hexadecimal digits of the text's hash in an id.
_HASH = 6
_NATURAL = re.compile(r"[0-9]{1,9}")


class _UnusualError(Exception):
    """The file is not plainly right."""


def read_ballots(folder: Path) -> Ballots:
    """Read bullets, annotators, votes and adjudications from the folder ``annotation/`` of a project.

    Raises:
        RecordError: a record is malformed, or a vote file's annotator is not in ``annotators.csv``.
        GoldError: a decision stands where the counted votes agree, and does not say so.
        InputError: a file is missing, or there is no vote file.
    """
    bullets = _read_bullets(folder / "bullets.jsonl")
    annotators = read_annotators(folder / "annotators.csv")
    paths = sorted((folder / "votes").glob("*.csv"), key=lambda path: path.stem)
    if not paths or any(path.stem not in annotators for path in paths):
        read_all_votes(folder / "votes", annotators, {})  # says what is wrong
    ids = pa.array(bullets.ids, pa.string())
    lengths = np.fromiter(map(len, bullets.texts), dtype=np.int64, count=len(bullets.ids))
    columns = {}
    for path in paths:
        try:
            columns[path.stem] = _read_column(path, ids, lengths)
        except (_UnusualError, BriefbenchError, pa.ArrowException):
            votes = read_votes(path, path.stem, dict(zip(bullets.ids, bullets.texts, strict=True)))
            columns[path.stem] = column_of(votes, {identifier: row for row, identifier in enumerate(bullets.ids)})
    adjudications = read_adjudications(folder / "adjudication.csv", set(bullets.ids))
    return assemble(bullets, columns, annotators, adjudications)


def _read_bullets(path: Path) -> Bullets:
    try:
        return _read_plain_bullets(path)
    except (_UnusualError, msgspec.DecodeError, OSError):
        bullets = read_bullets(path)
    days = [bullet.date.toordinal() if bullet.date else UNDATED for bullet in bullets]
    return Bullets([bullet.id for bullet in bullets], [bullet.text for bullet in bullets], np.array(days))


def _read_plain_bullets(path: Path) -> Bullets:
    """Read bullets; what is ASCII and printable needs few of the checks of `bullet_fault`."""
    decode, address = msgspec.json.Decoder(Bullet).decode, _ADDRESS.fullmatch
    begins: dict[dt.date | None, tuple[str, int]] = {}
    names: set[tuple[str | None, ...]] = set()
    ids, texts, days = [], [], []
    with path.open("rb") as stream:
        for bullet in map(decode, stream):
            text, date, url = bullet.text, bullet.date, bullet.url
            if date not in begins:
                begins[date] = bullet_id(date, "")[:-_HASH], date.toordinal() if date else UNDATED
            begin, day = begins[date]
            named = (bullet.section, bullet.publisher, bullet.batch, bullet.title)
            plain = (
                text.isascii()
                and text.isprintable()
                and 0 < len(text.strip()) == len(text) <= MAX_TEXT
                and bullet.id == begin + sha256(text.encode()).hexdigest()[:_HASH]
                and (url is None or address(url))
                and bullet.position is None
                and named in names
            )
            if not plain:
                if bullet_fault(bullet):
                    raise _UnusualError
                names.add(named)
            ids.append(bullet.id)
            texts.append(text)
            days.append(day)
    if not all(map(lt, ids, ids[1:])):
        order = sorted(range(len(ids)), key=ids.__getitem__)
        ids, texts, days = [ids[row] for row in order], [texts[row] for row in order], [days[row] for row in order]
    if not ids or not all(map(lt, ids, ids[1:])):
        raise _UnusualError
    return Bullets(ids, texts, np.array(days, dtype=np.int64))


def _read_column(path: Path, ids: pa.StringArray, lengths: NDArray[np.int64]) -> Column:
    """Read a vote file that is plainly right."""
    data = read_bytes(path, limit=_MOST)
    if b'"' in data or b"\r" in data:
        raise _UnusualError
    types = pa_csv.ConvertOptions(column_types=dict.fromkeys(VOTE_COLUMNS, pa.string()))
    table = pa_csv.read_csv(pa.BufferReader(data), convert_options=types)
    if tuple(table.column_names) != VOTE_COLUMNS:
        raise _UnusualError
    row = _rows(table["bullet_id"], ids)
    _check_made(table)
    abstained = np.ones(len(row), dtype=np.bool_)
    for name in ANSWER_COLUMNS:
        abstained &= pc.equal(table[name], "").to_numpy()
    if abstained.any():
        table, row = table.filter(pa.array(~abstained)), row[~abstained]
    column = Column.empty(len(ids))
    for task in TASKS:
        column.codes[task.name][row] = _codes(table[task.name], task)
    source_types = column.codes[SOURCE_TYPE.name][row]
    _check_others(table["other_source_types"], source_types)
    column.spans[row] = _spans(table, source_types == SOURCE_TYPE.codes[UNATTRIBUTED], lengths[row])
    return column


def _rows(column: pa.ChunkedArray, ids: pa.StringArray) -> NDArray[np.int64]:
    """Return the row of every bullet of a column."""
    found = column.combine_chunks()
    if found.equals(ids):
        return np.arange(len(ids))
    rows = pc.index_in(found, value_set=ids)
    if rows.null_count:
        raise _UnusualError
    row: NDArray[np.int64] = rows.to_numpy().astype(np.int64)
    if len(row) and np.bincount(row).max() > 1:
        raise _UnusualError
    return row


def _check_made(table: pa.Table) -> None:
    if not all(map(_NATURAL.fullmatch, pc.unique(table["round"]).to_pylist())):
        raise _UnusualError
    for moment in pc.unique(table["created_at"]).to_pylist():
        try:
            dt.datetime.fromisoformat(moment)
        except ValueError:
            raise _UnusualError from None


def _codes(column: pa.ChunkedArray, task: Task) -> NDArray[np.int8]:
    encoded = column.combine_chunks().dictionary_encode()
    codes = np.array([task.codes.get(name, -1) for name in encoded.dictionary.to_pylist()], dtype=np.int8)
    found: NDArray[np.int8] = codes[encoded.indices.to_numpy()]
    if len(found) and found.min() < 0:
        raise _UnusualError
    return found


def _check_others(column: pa.ChunkedArray, source_types: NDArray[np.int8]) -> None:
    """Put every combination of a source type and other ones before the strict reader once."""
    encoded = column.combine_chunks().dictionary_encode()
    cells = encoded.dictionary.to_pylist()
    together = np.unique(encoded.indices.to_numpy().astype(np.int64) * len(SOURCE_TYPE) + source_types)
    for others, code in zip(*divmod(together, len(SOURCE_TYPE)), strict=True):
        source_type = SOURCE_TYPE.names[code]
        span = ("", "") if source_type == UNATTRIBUTED else ("0", "1")
        labels = {task.name: task.names[0] for task in TASKS} | {SOURCE_TYPE.name: source_type}
        row = dict(zip(VOTE_COLUMNS, ("", *labels.values(), cells[others], *span, "1", "2026-01-02"), strict=True))
        parse_vote(row, "", "", 1, "")


def _spans(table: pa.Table, unattributed: NDArray[np.bool_], lengths: NDArray[np.int64]) -> NDArray[np.int32]:
    ends = np.full((len(lengths), 2), -1, dtype=np.int32)
    marked = pa.array(~unattributed)
    for end, name in enumerate(("span_start", "span_end")):
        missing = pc.equal(table[name], "").to_numpy()
        cells = table[name].filter(marked)
        if (missing != unattributed).any() or not pc.all(pc.match_substring_regex(cells, "^[0-9]{1,9}$")).as_py():
            raise _UnusualError
        ends[~unattributed, end] = cells.cast(pa.int32()).to_numpy()
    if not (unattributed | ((ends[:, 0] < ends[:, 1]) & (ends[:, 1] <= lengths))).all():
        raise _UnusualError
    return ends
