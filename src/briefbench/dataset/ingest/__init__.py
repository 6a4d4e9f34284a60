"""Articles in, bullets out: reads the text or the saved page of a live briefing.

`read_article` finds title, date, headings, bullets and prose; `article_bullets` makes the records.
"""

from pathlib import Path

from briefbench.dataset.ingest.article import (
    Article,
    Item,
    Section,
    article_bullets,
    build_article,
    lead_sentences,
    without_repeats,
)
from briefbench.dataset.ingest.decode import MAX_BYTES, read_article_text
from briefbench.dataset.ingest.page import is_html, read_page
from briefbench.dataset.ingest.plain import split_blocks
from briefbench.dataset.ingest.report import counted, found_bullets, left_out

__all__ = [
    "MAX_BYTES",
    "Article",
    "Item",
    "Section",
    "article_bullets",
    "counted",
    "found_bullets",
    "lead_sentences",
    "left_out",
    "read_article",
    "without_repeats",
]


def read_article(path: Path, *, encoding: str | None = None) -> Article:
    """Read an article from its plain text or its saved HTML page, which the content tells apart.

    ``encoding`` goes before what the file says or suggests.

    Raises:
        InputError: the file cannot be read, is larger than ``MAX_BYTES``, or is no text; the message names it.
    """
    text = read_article_text(path, encoding=encoding)
    if is_html(text):
        page = read_page(text, path)
        return build_article(page.blocks, title=page.title, date=page.date)
    return build_article(split_blocks(text))
