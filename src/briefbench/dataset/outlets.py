"""Outlets: one key for all spellings of a publisher's name, so that a split by outlet is not undone by a spelling."""

import re
from collections.abc import Mapping
from pathlib import Path

from briefbench.annotation.votes import rows
from briefbench.errors import RecordError

COLUMNS = ("publisher", "outlet")
_DOMAIN = re.compile(r"\.(?:com|net|org|info|news|eu|in|co|ca|de|ru|ua)$")
_NOT_LETTERS = re.compile(r"[\W_]+")


def read_aliases(path: Path) -> dict[str, str]:
    """Read ``outlets.csv``: publishers that are an outlet of another name. A missing file means no alias.

    Raises:
        RecordError: a row is malformed or a publisher stands twice.
    """
    aliases: dict[str, str] = {}
    if not path.exists():
        return aliases
    for where, row in rows(path, COLUMNS):
        if not row["publisher"] or not row["outlet"] or row["publisher"] in aliases:
            raise RecordError(f"{where}: publisher {row['publisher']!r} stands twice, or a cell is empty")
        aliases[row["publisher"]] = row["outlet"]
    return aliases


def outlet_key(publisher: str | None, aliases: Mapping[str, str]) -> str:
    """Return the outlet of a publisher: its alias if it has one, without case, article, domain ending and punctuation.

    Bullets that name no publisher count as one outlet, since nothing shows that they come from several.
    """
    if publisher is None:
        return "unknown"
    name = aliases.get(publisher, publisher).casefold().removeprefix("the ")
    return _NOT_LETTERS.sub("", _DOMAIN.sub("", name)) or name
