"""What a line looks like: a sentence, a heading, a date, a bullet, or the furniture that surrounds an article.

Every test is on one cleaned line and is linear in its length.
"""

import datetime as dt
import re

_HEADING_WORDS = 12
_SENTENCE_WORDS = 5
_CLOSERS = "\"'\u201d\u2019»)]"
_SEPARATOR = re.compile(r"[\s\-\u2013\u2014=_*#~•·|]+")
#: Marks that begin no word.
GLYPHS = "•‣◦▪▫■□●○∙►▶➤➢✓✔★\u2043\uf0b7"
#: Marks that may also be a dash within a sentence; an en dash and an em dash among them.
DASHES = "-\u2013\u2014*·"
_GLYPH = re.compile(rf"(\s*)([{GLYPHS}])\s*")
_SOFT_MARK = re.compile(rf"(\s*)([{DASHES}]|[0-9]{{1,2}}[.)])\s+(?=\S)")
_MARKDOWN_HEADING = re.compile(r"(#{1,6}) +(\S.*)")
_READING_TIME = re.compile(r"[0-9]{1,3}[ -]?min(?:ute)?s?(?: read)?", re.IGNORECASE)
_BYLINE = re.compile(r"(?:By|Par|Von) [A-ZÀ-ÞА-Я]")
_CREDIT = re.compile(r"[(\[][^()\[\]]{0,80}(?:/|AP|AFP|Reuters|Getty Images|EPA|Handout|Photo)[^()\[\]]{0,80}[)\]]$")
_STAMP = re.compile(r"(?:last )?(?:updated|published|posted|modified)\b[^0-9]{0,40}[0-9].{0,80}", re.IGNORECASE)
_SIGNPOST = re.compile(r"here(?:[\u2019']s| is| are) (?:the latest|what)\b", re.IGNORECASE)
_BUTTONS = re.compile(
    r"advertisement|comments?|follow|gift(?: article)?|listen(?: to article)?|menu|print|save|share|sign (?:in|up)|"
    r"skip to main content|subscribe",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\.?,? ", re.IGNORECASE)
_DATE_LINE = re.compile(
    r"(?:(?:first |last )?(?:published|updated|posted)(?: on| at)?:? )?(.{6,40}?)(?: at .{1,30})?", re.IGNORECASE
)
_DATE_FORMATS = ("%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y", "%Y-%m-%d")


def is_separator(line: str) -> bool:
    """Say whether a line is only a rule such as ``* * *`` or a mark with nothing behind it."""
    return _SEPARATOR.fullmatch(line) is not None


def bullet_mark(line: str) -> tuple[str, int] | None:
    """Return a line's bullet mark and where its text starts, or ``None``.

    A dash, asterisk or number needs white space behind it, so that ``-5`` and ``2023.`` are no marks; the round and
    square glyphs, which begin no word, do not.
    """
    found = _GLYPH.match(line) or _SOFT_MARK.match(line)
    return (found[2], found.end()) if found else None


def markdown_heading(line: str) -> tuple[int, str] | None:
    """Return level and text of a Markdown heading such as ``## Key developments``, or ``None``."""
    found = _MARKDOWN_HEADING.fullmatch(line)
    return (len(found[1]), found[2]) if found else None


def ends_sentence(line: str, marks: str = ".!?…:;") -> bool:
    """Say whether a line ends with one of ``marks``, before closing quotes and brackets."""
    return line.rstrip(_CLOSERS).endswith(tuple(marks))


def is_sentence(line: str) -> bool:
    """Say whether a line reads as a full sentence rather than a caption, a byline or a reading time."""
    return len(line.split()) >= _SENTENCE_WORDS and ends_sentence(line, ".!?…") and not _SIGNPOST.match(line)


def is_furniture(line: str) -> bool:
    """Say whether a line is a reading time, byline, credit, time stamp or button: its own line, and never a heading."""
    if len(line) > 400:  # noqa: PLR2004 - furniture is short
        return False
    if _READING_TIME.fullmatch(line) or _BUTTONS.fullmatch(line) or read_date(line) or is_credit(line):
        return True
    signed = _BYLINE.match(line) or _STAMP.fullmatch(line)
    return signed is not None and len(line.split()) <= _HEADING_WORDS and not ends_sentence(line)


def is_credit(line: str) -> bool:
    """Say whether a line ends with the credit of a photograph, as captions do."""
    return _CREDIT.search(line[-200:]) is not None


def is_heading(line: str, *, before_bullet: bool) -> bool:
    """Say whether a line may head what follows it: short, capitalized, not a sentence, no furniture.

    Directly before a bullet a question or a colon may end it; before a paragraph they may not.
    """
    if len(line) > 200 or len(line.split()) > _HEADING_WORDS or is_furniture(line):  # noqa: PLR2004
        return False
    if ends_sentence(line, ".!…;,") or (not before_bullet and (ends_sentence(line) or _SIGNPOST.match(line))):
        return False
    first = next((character for character in line if character.isalnum()), "")
    return bool(first) and not first.islower() and any(map(str.isalpha, line))


def read_date(line: str) -> dt.date | None:
    """Return the date of a line that is entirely a date with its month as a word, or in ISO form.

    ``Published``, ``Updated``, a weekday and a time of day may stand beside it. ``05/06/2023`` is not guessed.
    """
    if len(line) > 100:  # noqa: PLR2004 - a dated sentence, not a date
        return None
    found = _DATE_LINE.fullmatch(line)
    if not found:
        return None
    written = _WEEKDAY.sub("", found[1], count=1).replace(",", " ")
    written = re.sub(r"(?<=[0-9])(?:st|nd|rd|th)\b|\.", "", written)
    for form in _DATE_FORMATS:
        try:
            return dt.datetime.strptime(" ".join(written.split()).replace("Sept ", "Sep "), form).date()
        except ValueError:
            continue
    return None
