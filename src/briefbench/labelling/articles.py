"""Articles: every bullet of a text or a saved page is a record; an article that cannot be read is one bad row."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from briefbench.errors import InputError
from briefbench.labelling.records import Record, bad


class Reading(msgspec.Struct, frozen=True):
    """How articles are read, as the options of ``briefbench label`` say."""

    encoding: str | None = None
    prose: bool = False
    lead: bool = False


def read(path: Path, reading: Reading) -> Iterator[Record]:
    """Yield the bullets of an article; their numbers are their positions."""
    from briefbench.dataset.ingest import found_bullets, read_article

    try:
        article = read_article(path, encoding=reading.encoding)
        bullets = found_bullets(path, article, prose=reading.prose, lead=reading.lead)
    except InputError as error:
        yield bad(None, None, str(error).removeprefix(f"{path}: "))
        return
    yield from (Record(number, bullet.id, bullet.text) for number, bullet in enumerate(bullets, start=1))
