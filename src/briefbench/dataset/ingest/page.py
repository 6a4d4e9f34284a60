"""From a saved page to blocks: trafilatura reads the article's body, once its surroundings are cut away.

The title is the page's one ``h1``, else what its metadata say; the date is only what its metadata say.
"""

import copy
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from briefbench.dataset.ingest import shapes
from briefbench.dataset.ingest.clean import one_line, visible
from briefbench.dataset.ingest.furniture import isolate_article
from briefbench.dataset.ingest.plain import Block, Kind, split_blocks
from briefbench.errors import InputError

_TAG = re.compile(r"</?(?:p|li|ul|ol|h[1-6]|div|article|section|span|br|a)(?:\s[^<>]{0,300})?/?>", re.IGNORECASE)
_MANY_TAGS = 4
#: Deeper pages than any newspaper's: the parser would drop what is nested a little deeper still.
_DEPTH = 200
#: More than any article's: trafilatura's time grows with the square of the number of paragraphs.
_ELEMENTS = 100_000
_REFERENCE = re.compile(r"&#(x[0-9a-f]{1,12}|[0-9]{1,12});?", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """What a saved page holds: the title and date that it states, and the blocks of its article."""

    title: str | None
    date: dt.date | None
    blocks: list[Block]


def is_html(text: str) -> bool:
    """Tell a page from plain text by its content: how it starts, or how many tags it has."""
    start = text[:2000].lstrip().lower()
    if start.startswith(("<!doctype html", "<html")) or (start.startswith("<") and "<html" in start):
        return True
    tags = [found[0] for found, _ in zip(_TAG.finditer(text), range(200), strict=False)]
    return len(tags) >= _MANY_TAGS and any(tag.startswith("</") for tag in tags)


def read_page(text: str, path: Path) -> Page:
    """Return title, date and blocks of the article in an HTML page.

    Raises:
        InputError: the page cannot be parsed, is nested too deeply or too large, or names half of a surrogate pair.
    """
    import trafilatura

    source = _REFERENCE.sub(lambda found: _checked_reference(found, path), visible(text))
    if "<html" not in source[:5000].lower():  # trafilatura reads no bare fragment
        source = f"<html><body>{source}</body></html>"
    tree: Any = trafilatura.load_html(source)
    if tree is None or tree.xpath(f"boolean(//*[count(ancestor::*) > {_DEPTH}])"):
        raise InputError(f"{path}: not readable as HTML, or nested too deeply; save the page again, or only its text")
    if tree.xpath("count(//*)") > _ELEMENTS:
        raise InputError(
            f"{path}: has more than {_ELEMENTS:,} HTML elements, too many for an article; save only its text"
        )
    title, date = _stated(tree)
    body = tree.find("body")
    if body is not None and [child.tag for child in body] == ["pre"]:  # a text file, saved from a browser
        return Page(None, None, split_blocks(body[0].text_content()))
    return Page(title, date, list(_blocks(_extract(isolate_article(tree)))))


def _stated(tree: Any) -> tuple[str | None, dt.date | None]:
    """Return the title and the date that a page states; trafilatura alone would take its first ``h2`` as the title."""
    from trafilatura.metadata import extract_metadata

    # The extensive search would take a date from a link or the small print.
    stated = extract_metadata(copy.deepcopy(tree), date_config={"original_date": True, "extensive_search": False})
    date = dt.date.fromisoformat(stated.date) if stated.date else None
    headings = {tag: [one_line(heading.text_content()) for heading in tree.iter(tag)] for tag in ("h1", "h2", "h3")}
    titles = list(filter(None, headings["h1"]))
    title = titles[0] if len(titles) == 1 else one_line(stated.title or "")
    return (None if title in headings["h2"] + headings["h3"] else title or None), date


def _extract(page: Any) -> Any:
    import trafilatura
    from trafilatura.settings import DEFAULT_CONFIG, Document

    config = copy.deepcopy(DEFAULT_CONFIG)
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "0")  # else a short article is read again as one long paragraph
    found = trafilatura.bare_extraction(
        page,
        output_format="xml",
        fast=True,  # its fallbacks are other extractors, which know no lists
        favor_recall=True,
        include_comments=False,
        config=config,
    )
    return found.body if isinstance(found, Document) else page.makeelement("body")


def _checked_reference(found: re.Match[str], path: Path) -> str:
    digits = found[1].lower()
    code = int(digits[1:], 16) if digits.startswith("x") else int(digits)
    if 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004 - the surrogates
        raise InputError(f"{path}: {found[0]} is half of a UTF-16 surrogate pair, which is no character; correct it")
    if 0x80 <= code <= 0x9F:  # noqa: PLR2004 - old pages number Windows-1252 so, and browsers read it so
        return bytes([code]).decode("cp1252", errors="replace")
    return found[0]


def _blocks(body: Any) -> Iterator[Block]:
    """Yield the blocks of trafilatura's tree: heads, lists, paragraphs, and containers of these."""
    yield from split_blocks(" ".join((body.text or "").split()))
    for element in body:
        if element.tag == "list":
            yield from _items(element)
        elif element.tag == "head":
            yield from _block(Kind.HEADING, element)
        elif element.find(".//list") is None and element.find(".//p") is None:
            # A paragraph may hold several bullets, each with its own mark, between line breaks.
            yield from split_blocks("\n".join(_lines(element)))
        else:
            yield from _blocks(element)
        yield from split_blocks(" ".join((element.tail or "").split()))


def _items(element: Any) -> Iterator[Block]:
    for item in element:
        yield from _block(Kind.BULLET, item)
        for nested in item.iter("list"):
            if next(nested.iterancestors("item")) is item:
                yield from _items(nested)


def _block(kind: Kind, element: Any) -> Iterator[Block]:
    text = one_line(" ".join(_lines(element)))
    mark = shapes.bullet_mark(text)
    if kind is Kind.BULLET and mark and mark[0] in shapes.GLYPHS:
        text = text[mark[1] :]
    if text and not shapes.is_separator(text):
        yield Block(kind, text)


def _lines(element: Any) -> list[str]:
    """Return the lines of an element's text, without the lists inside it."""
    lines: list[list[str]] = [[]]
    for piece in _pieces(element):
        if piece is None:
            lines.append([])
        else:
            lines[-1].append(piece)
    return [" ".join("".join(line).split()) for line in lines]


def _pieces(element: Any) -> Iterator[str | None]:
    """Yield an element's own pieces of text, and ``None`` wherever a line ends."""
    yield element.text or ""
    for child in element:
        if child.tag in {"lb", "list"}:
            yield None
        else:
            yield from _pieces(child)
            if child.tag == "p":
                yield None
        yield child.tail or ""
