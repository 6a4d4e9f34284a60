"""Bullets: the record, its rules, and the strict reader and writer of ``bullets.jsonl``."""

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from briefbench.errors import RecordError
from briefbench.files import read_text, write_bytes

MAX_TEXT = 10_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufeff\ufffe\uffff]")


class Bullet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One bullet of a live briefing.

    ``date`` is the day of the briefing (``None`` where an article does not say it), ``published`` that of the page at
    ``url``. ``provenance`` is ``open`` for text that may be released and ``standoff`` for a publisher's own text.
    ``batch`` is the writing batch; ``title`` and ``position`` (from 1) place the bullet in an ingested article.
    """

    id: str
    date: dt.date | None
    section: str
    text: str
    publisher: str | None = None
    url: str | None = None
    published: dt.date | None = None
    provenance: Literal["open", "standoff"]
    batch: str | None = None
    title: str | None = None
    position: int | None = None


def bullet_id(date: dt.date | None, text: str) -> str:
    """Return a bullet id: the date as ``YYYYMMDD`` (or ``undated``), a hyphen, six hex digits of the text's SHA-256."""
    day = date.strftime("%Y%m%d") if date else "undated"
    return f"{day}-{hashlib.sha256(text.encode('utf-8')).hexdigest()[:6]}"


def text_fault(text: str) -> str | None:
    """Say what makes ``text`` unfit for a bullet, or return ``None``."""
    if not text.strip():
        return "the text is empty"
    if text != text.strip():
        return "the text begins or ends with white space"
    if len(text) > MAX_TEXT:
        return f"the text is longer than {MAX_TEXT:,} characters"
    found = _CONTROL.search(text)
    if found:
        return f"the text has the character U+{ord(found[0]):04X} at {found.start()}, which no text needs"
    if not unicodedata.is_normalized("NFC", text):
        return "the text is not in Unicode's NFC form"
    return None


def bullet_fault(bullet: Bullet) -> str | None:
    """Say which rule of its record a bullet breaks, or return ``None``."""
    fault = text_fault(bullet.text) or _fields_fault(bullet)
    if fault is None and bullet.id != bullet_id(bullet.date, bullet.text):
        fault = f"the id should be {bullet_id(bullet.date, bullet.text)}, after its date and text"
    return fault


def _fields_fault(bullet: Bullet) -> str | None:
    for name in ("section", "publisher", "url", "batch", "title"):
        value = getattr(bullet, name)
        if value is not None and _CONTROL.search(value):
            return f"{name} has a control character"
        if value is not None and not value.strip() and name != "section":
            return f"{name} is empty; write null where it is not known"
    if bullet.url is not None and not _is_address(bullet.url):
        return "url is no http or https address"
    if bullet.position is not None and bullet.position < 1:
        return "position counts from 1"
    return None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def read_bullets(path: Path) -> list[Bullet]:
    """Read ``bullets.jsonl``, one bullet a line in any order, each id the hash of its text; return them sorted by id.

    Raises:
        RecordError: a line is not a bullet, or breaks a rule; the message names file, line and id.
        InputError: the file cannot be read.
    """
    bullets = sorted(_parse(path), key=lambda bullet: bullet.id)
    if not bullets:
        raise RecordError(f"{path}: no bullet in the file")
    return bullets


def write_bullets(path: Path, bullets: Iterable[Bullet]) -> None:
    """Write bullets as JSON lines in UTF-8, all or nothing."""
    write_bytes(path, encode_bullets(bullets))


def encode_bullets(bullets: Iterable[Bullet]) -> bytes:
    """Return bullets as JSON lines in UTF-8."""
    return b"".join(msgspec.json.encode(bullet) + b"\n" for bullet in bullets)


def _parse(path: Path) -> Iterator[Bullet]:
    decoder = msgspec.json.Decoder(Bullet)
    seen: dict[str, int] = {}
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            bullet = decoder.decode(line)
        except msgspec.DecodeError as error:
            raise RecordError(f"{where}: not a bullet: {error}") from error
        fault = bullet_fault(bullet)
        if fault is None and bullet.id in seen:
            fault = f"the bullet stands in line {seen[bullet.id]} already; keep one"
        if fault:
            raise RecordError(f"{where}, bullet {bullet.id}: {fault}")
        seen[bullet.id] = number
        yield bullet
