"""Outlets: one key for all spellings of a publisher's name, so that a split by outlet is not undone by a spelling."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from briefbench.annotation.votes import rows
from briefbench.errors import RecordError

COLUMNS = ("publisher", "outlet")
_DOMAIN = re.compile(r"\.(?:com|net|org|info|eu|in|co|ca|de|ru|ua)$")
_NOT_LETTERS = re.compile(r"[\W_]+")


def read_aliases(path: Path) -> dict[str, str]:
    """Read ``outlets.csv`` as keys of publishers to keys of their outlets. A missing file means no alias.

    Raises:
        RecordError: a row is malformed, a publisher stands twice, or an outlet is itself another outlet's publisher.
    """
    aliases: dict[str, str] = {}
    if not path.exists():
        return aliases
    for where, row in rows(path, COLUMNS):
        publisher, outlet = spelling(row["publisher"]), spelling(row["outlet"])
        if not publisher or not outlet or publisher in aliases:
            raise RecordError(f"{where}: publisher {row['publisher']!r} stands twice, or a cell is empty")
        aliases[publisher] = outlet
    chained = sorted(set(aliases.values()) & aliases.keys())
    if chained:
        raise RecordError(
            f"{path}: {chained[0]} is an outlet and a publisher of another one; name the last outlet in both"
        )
    return aliases


def outlet_key(publisher: str | None, aliases: Mapping[str, str]) -> str:
    """Return the outlet of a publisher: its spelling's key, or that of the outlet it is an alias of.

    Bullets that name no publisher count as one outlet, since nothing shows that they come from several.
    """
    key = spelling(publisher or "")
    return aliases.get(key, key) or "unknown"


def spelling(name: str) -> str:
    """Return a name without case, article, domain ending and punctuation."""
    plain = name.strip().casefold().removeprefix("the ")
    return _NOT_LETTERS.sub("", _DOMAIN.sub("", plain)) or plain


def page_key(url: str | None) -> str | None:
    """Return an address without scheme, ``www.``, fragment and final slash, so that two spellings are one page."""
    if url is None:
        return None
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.casefold().removeprefix('www.')}{parts.path.rstrip('/')}{query}"
