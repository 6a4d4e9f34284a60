"""From blocks to an article: its title, date, lead and sections, and from those to bullets.

Whatever is not the title, the date or a heading stays as a bullet or a paragraph: nothing is thrown away here.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from briefbench.dataset.ingest import shapes
from briefbench.dataset.ingest.plain import Block, Kind
from briefbench.dataset.records import MAX_TEXT, Bullet, bullet_id
from briefbench.errors import InputError

#: The section of the bullets that are made from the paragraphs before the first heading.
LEAD = "Lead"

_TITLE_WORDS = 30
#: A date line counts only among the first blocks, where an article is dated.
_DATE_BLOCKS = 12


@dataclass(frozen=True)
class Item:
    """A bullet or, with ``bullet`` false, a paragraph of prose."""

    text: str
    bullet: bool


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it, in order; the heading is empty where bullets stand under none."""

    heading: str
    items: tuple[Item, ...]

    @property
    def bullets(self) -> tuple[str, ...]:
        """The texts of the section's bullets."""
        return tuple(item.text for item in self.items if item.bullet)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The section's prose."""
        return tuple(item.text for item in self.items if not item.bullet)


@dataclass(frozen=True)
class Article:
    """A live briefing: ``lead`` holds the lines before the first heading or bullet, captions and bylines included."""

    title: str | None
    date: dt.date | None
    lead: tuple[str, ...]
    sections: tuple[Section, ...]


def build_article(blocks: Sequence[Block], *, title: str | None = None, date: dt.date | None = None) -> Article:
    """Arrange blocks into an article; a title and date that a page states go before those found in its text."""
    rest = list(blocks)
    title = _take_stated_title(rest, title) if title else _take_title(rest)
    if date is None:
        date = _take_date(rest)
    rest = _with_headings(rest)
    if not any(block.kind is Kind.HEADING for block in rest):
        items = tuple(_item(block) for block in rest)
        return Article(title, date, (), (Section("", items),) if items else ())
    body = next(number for number, block in enumerate(rest) if block.kind is not Kind.TEXT)
    return Article(title, date, tuple(block.text for block in rest[:body]), tuple(_sections(rest[body:])))


def article_bullets(
    article: Article,
    *,
    date: dt.date | None = None,
    publisher: str | None = None,
    url: str | None = None,
    provenance: Literal["open", "standoff"] = "standoff",
    prose: bool = False,
    lead: bool = False,
) -> list[Bullet]:
    """Return the article's bullets in article order, with ``position`` counting from 1.

    ``date`` goes before the article's own. ``prose`` makes bullets of the paragraphs of sections, ``lead`` of those
    lines of the lead that are full sentences, under the section ``Lead``.

    Raises:
        InputError: a text is longer than a bullet may be.
    """
    day = date or article.date
    bullets = []
    for position, (section, text) in enumerate(_chosen(article, prose=prose, lead=lead), start=1):
        if len(text) > MAX_TEXT:
            raise InputError(
                f"bullet {position} ({text[:40]}…) has {len(text):,} characters, more than the {MAX_TEXT:,} allowed; "
                "split it, or check that the file's lists are marked"
            )
        bullets.append(
            Bullet(
                id=bullet_id(day, text),
                date=day,
                section=section,
                text=text,
                publisher=publisher,
                url=url,
                provenance=provenance,
                title=article.title,
                position=position,
            )
        )
    return bullets


def lead_sentences(article: Article) -> tuple[str, ...]:
    """Return the lines of the lead that are full sentences: no caption, byline, reading time or signpost."""
    return tuple(text for text in article.lead if shapes.is_sentence(text))


def without_repeats(bullets: Sequence[Bullet]) -> tuple[list[Bullet], list[Bullet]]:
    """Return the bullets without those that repeat an earlier one, and the repeats; positions stay as they are.

    Raises:
        InputError: two different texts share one id.
    """
    first: dict[str, Bullet] = {}
    repeats = []
    for bullet in bullets:
        seen = first.setdefault(bullet.id, bullet)
        if seen.text != bullet.text:
            raise InputError(
                f"two bullets share the id {bullet.id} ({seen.text[:40]}…, {bullet.text[:40]}…); "
                "give --date, or reword one"
            )
        if seen is not bullet:
            repeats.append(bullet)
    return list(first.values()), repeats


def _chosen(article: Article, *, prose: bool, lead: bool) -> Iterator[tuple[str, str]]:
    if lead:
        yield from ((LEAD, text) for text in lead_sentences(article))
    for section in article.sections:
        yield from ((section.heading, item.text) for item in section.items if item.bullet or prose)


def _take_stated_title(blocks: list[Block], title: str) -> str:
    """Drop the page's own repetition of its title."""
    for number, block in enumerate(blocks[:_DATE_BLOCKS]):
        if block.kind is not Kind.BULLET and block.text.casefold() == title.casefold():
            del blocks[number]
            break
    return title


def _take_title(blocks: list[Block]) -> str | None:
    """Take the first block as the title if it is one: unmarked, short, no sentence, and not all there is."""
    if len(blocks) < 2 or blocks[0].kind is not Kind.TEXT:  # noqa: PLR2004
        return None
    first = blocks[0].text
    if len(first.split()) > _TITLE_WORDS or shapes.ends_sentence(first, ".…;,") or shapes.is_furniture(first):
        return None
    del blocks[0]
    return first


def _take_date(blocks: list[Block]) -> dt.date | None:
    for number, block in enumerate(blocks[:_DATE_BLOCKS]):
        if block.kind is Kind.BULLET:
            break
        if date := shapes.read_date(block.text):
            del blocks[number]
            return date
    return None


def _with_headings(blocks: list[Block]) -> list[Block]:
    """Turn every paragraph that heads a bullet, or plainly heads prose, into a heading."""
    stated = any(block.kind is Kind.HEADING for block in blocks)
    return [
        Block(Kind.HEADING, block.text) if _heads(block, after, stated=stated) else block
        for block, after in zip_longest(blocks, blocks[1:])
    ]


def _heads(block: Block, after: Block | None, *, stated: bool) -> bool:
    if block.kind is not Kind.TEXT or after is None or after.kind is Kind.HEADING:
        return False
    if after.kind is Kind.BULLET:
        return shapes.is_heading(block.text, before_bullet=True)
    # Where a page marks its headings, a short paragraph before another is a byline or caption.
    return not stated and shapes.is_heading(block.text, before_bullet=False) and shapes.is_sentence(after.text)


def _item(block: Block) -> Item:
    return Item(block.text, bullet=block.kind is Kind.BULLET)


def _sections(blocks: Sequence[Block]) -> Iterator[Section]:
    heading, items = "", list[Item]()
    for block in blocks:
        if block.kind is not Kind.HEADING:
            items.append(_item(block))
            continue
        if heading or items:
            yield Section(heading, tuple(items))
        heading, items = block.text, []
    yield Section(heading, tuple(items))
