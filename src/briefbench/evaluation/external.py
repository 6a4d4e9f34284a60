"""Bullets from elsewhere: votes of ours on text of others, to see how far a system carries. The text stays outside."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa

from briefbench.annotation.gold import decide_all
from briefbench.annotation.votes import read_adjudications, read_all_votes, read_annotators, rows
from briefbench.dataset.splits import iso_week
from briefbench.errors import InputError, RecordError
from briefbench.evaluation.reference import Reference
from briefbench.files import read_bytes, read_text, sha256
from briefbench.schema import TASKS

COLUMNS = ("bullet_id", "date", "characters", "sha256")


@dataclass(frozen=True)
class External:
    """A set of bullets from elsewhere: the reference to score against, and the SHA-256 of every text by bullet id."""

    name: str
    reference: Reference
    digests: Mapping[str, str]


class _Text(msgspec.Struct):
    id: str
    text: str


def read_external(folder: Path) -> External:
    """Read ``bullets.csv``, ``annotators.csv``, ``votes/`` and ``adjudication.csv`` of a folder and decide the gold.

    Raises:
        RecordError: a record is malformed.
        GoldError: the votes do not decide the gold of every bullet.
        InputError: a file is missing.
    """
    bullets = _bullets(folder / "bullets.csv")
    # Of a text no more than its length is looked at.
    blanks = {identifier: " " * int(row["characters"]) for identifier, row in bullets.items()}
    annotators = read_annotators(folder / "annotators.csv")
    votes = read_all_votes(folder / "votes", annotators, blanks)
    adjudications = read_adjudications(folder / "adjudication.csv", blanks)
    gold = decide_all(blanks, votes, annotators, adjudications)
    columns = {task.name: [task.codes[gold[one].labels[task.name]] for one in bullets] for task in TASKS}
    shares = {f"{task.name}_soft": [list(gold[one].soft[task.name]) for one in bullets] for task in TASKS}
    weeks = [iso_week(dt.date.fromisoformat(row["date"])) for row in bullets.values()]
    table = pa.table({"bullet_id": list(bullets), **columns, **shares, "week": weeks})
    names = ["bullets.csv", "annotators.csv", *(f"votes/{name}.csv" for name in votes), "adjudication.csv"]
    data = sha256(b"".join(read_bytes(folder / name, limit=1 << 26) for name in names))
    digests = {identifier: row["sha256"] for identifier, row in bullets.items()}
    return External(folder.resolve().name, Reference(f"external/{folder.resolve().name}", data, table), digests)


def read_texts(path: Path, external: External) -> list[str]:
    """Read the texts from JSON lines with ``id`` and ``text``, in the order of the reference; others are passed over.

    Raises:
        RecordError: a line is malformed, a text is missing, stands twice, or has another SHA-256.
    """
    found: dict[str, str] = {}
    decoder = msgspec.json.Decoder(_Text)
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            one = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeEncodeError) as error:
            raise RecordError(f"{path}, line {number}: no object with id and text: {error}") from error
        if one.id not in external.digests:
            continue
        if one.id in found:
            raise RecordError(f"{path}, line {number}, bullet {one.id}: stands in a line above already")
        if sha256(one.text.encode()) != external.digests[one.id]:
            raise RecordError(f"{path}, line {number}, bullet {one.id}: not the text that was labelled")
        found[one.id] = one.text
    missing = [identifier for identifier in external.digests if identifier not in found]
    if missing:
        raise RecordError(f"{path}: {len(missing)} of {len(external.digests)} texts are missing ({missing[0]} …)")
    return [found[identifier] for identifier in external.digests]


def _bullets(path: Path) -> dict[str, dict[str, str]]:
    bullets: dict[str, dict[str, str]] = {}
    for where, row in rows(path, COLUMNS):
        if row["bullet_id"] in bullets:
            raise RecordError(f"{where}, bullet {row['bullet_id']}: stands in a row above already")
        if not re.fullmatch(r"\d{1,5}", row["characters"]) or not re.fullmatch(r"[0-9a-f]{64}", row["sha256"]):
            raise RecordError(f"{where}, bullet {row['bullet_id']}: characters or sha256 is malformed")
        try:
            dt.date.fromisoformat(row["date"])
        except ValueError:
            raise RecordError(f"{where}, bullet {row['bullet_id']}: no date like 2026-11-22") from None
        bullets[row["bullet_id"]] = row
    if not bullets:
        raise InputError(f"{path}: no bullet in the file")
    return dict(sorted(bullets.items()))
