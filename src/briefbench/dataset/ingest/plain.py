"""From plain text to blocks: bullets, and the paragraphs between them, with wrapped lines joined.

A block is one line of cleaned text; what a paragraph is for the article (title, heading, prose) is decided later.
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field

from briefbench.dataset.ingest import shapes
from briefbench.dataset.ingest.clean import one_line, visible

#: A text with a longer line than this is not wrapped: there, every line is a paragraph of its own.
_WRAP_WIDTH = 160


class Kind(enum.Enum):
    """What a block is, as far as its own form tells."""

    TEXT = "text"
    BULLET = "bullet"
    HEADING = "heading"


@dataclass(frozen=True)
class Block:
    """One block of an article, cleaned to a single line."""

    kind: Kind
    text: str


@dataclass
class _Open:
    """The block that the next line may continue; ``indent`` is the column where a bullet's own text starts."""

    kind: Kind
    mark: str = ""
    indent: int = 0
    first: bool = False
    lines: list[str] = field(default_factory=list)

    def close(self) -> Block | None:
        text = one_line(" ".join(self.lines))
        return Block(self.kind, text) if text else None


def split_blocks(text: str) -> list[Block]:
    """Split a plain text into its blocks, in order. No word is lost: only bullet marks and rules are dropped."""
    lines = visible(text).split("\n")
    return [block for opened in _open_blocks(lines) if (block := opened.close())]


def _open_blocks(lines: list[str]) -> Iterator[_Open]:
    width = max(map(len, lines))
    current: _Open | None = None
    gap = True  # whether a blank line, or the start, is right before
    before_mark = _before_marks(lines)
    for number, line in enumerate(lines):
        heading = shapes.markdown_heading(line)
        if heading is not None:
            if current is not None:
                yield current
            # The one of the first level is the article's title, which is looked for among plain blocks.
            yield _Open(Kind.TEXT if heading[0] == 1 else Kind.HEADING, lines=[heading[1]])
            current, gap = None, True
            continue
        mark = _accepted_mark(line, None if gap else current, current)
        if mark is None and (not line.strip() or shapes.is_separator(line)):
            gap = True
            continue
        if mark is None and current is not None and _continues(line, current, gap, before_mark[number], width):
            current.lines.append(line)
        else:
            if current is not None:
                yield current
            current = _start(line, mark, first=current is None)
        gap = False
    if current:
        yield current


def _start(line: str, mark: tuple[str, int] | None, *, first: bool) -> _Open:
    if mark is None:
        return _Open(Kind.TEXT, first=first, lines=[line])
    return _Open(Kind.BULLET, mark=mark[0], indent=mark[1], lines=[line[mark[1] :]])


def _before_marks(lines: list[str]) -> list[bool]:
    """Tell for every line whether the next line that is not blank starts with a bullet mark."""
    flags, marked = [], False
    for line in reversed(lines):
        flags.append(marked)
        if line.strip():
            marked = shapes.bullet_mark(line) is not None
    return flags[::-1]


def _accepted_mark(line: str, above: _Open | None, last: _Open | None) -> tuple[str, int] | None:
    """Return the line's mark unless it is a dash or number that a wrapped sentence put at the start of the line."""
    mark = shapes.bullet_mark(line)
    if mark is None or (shapes.is_separator(line) and not _is_bare_glyph(line, mark)):
        return None
    if above is None or not (mark[0][0].isdigit() or mark[0] in shapes.DASHES):
        return mark
    previous = one_line(above.lines[-1])
    if mark[0][0].isdigit():
        follows = last is not None and last.mark[:-1].isdigit() and int(mark[0][:-1]) == int(last.mark[:-1]) + 1
        begins = mark[0][:-1] == "1" and (shapes.ends_sentence(previous) or _heads(above, previous))
        return mark if follows or begins else None
    nested = above.kind is Kind.BULLET and mark[0] in "-*·" and line[0].isspace()
    if nested or above.mark == mark[0] or shapes.ends_sentence(previous) or _heads(above, previous):
        return mark
    return None


def _is_bare_glyph(line: str, mark: tuple[str, int]) -> bool:
    return mark[0] in shapes.GLYPHS and not line[mark[1] :].strip()


def _heads(above: _Open, previous: str) -> bool:
    return above.kind is Kind.TEXT and len(above.lines) == 1 and shapes.is_heading(previous, before_bullet=True)


def _continues(line: str, current: _Open, gap: bool, before_mark: bool, width: int) -> bool:
    """Say whether an unmarked line belongs to the block above it, in a text whose longest line has ``width``."""
    here, above = one_line(line), one_line(current.lines[-1])
    heads_next = before_mark and shapes.is_heading(here, before_bullet=True)
    if current.kind is Kind.BULLET:
        if gap:  # a second paragraph of the bullet stands under its text
            return not heads_next and 0 < current.indent <= len(line) - len(line.lstrip())
        return not above or not (heads_next and shapes.ends_sentence(above))
    if gap or width > _WRAP_WIDTH or shapes.is_furniture(above):
        return False
    if current.first and len(current.lines) == 1 and (heads_next or _ended_early(above, here, width)):
        return False  # a title with the next paragraph right under it
    if shapes.is_furniture(here) and not shapes.is_credit(here):
        return False
    return not (heads_next and shapes.ends_sentence(above))


def _ended_early(above: str, here: str, width: int) -> bool:
    """Say whether the next line's first word would have fitted into the line above, so that nothing was wrapped."""
    word = here.split(" ", 1)[0]
    return not word[:1].islower() and len(above) + 1 + len(word) <= width
