"""``briefbench ingest``: articles as text or saved pages in, bullets as JSON lines out."""

import argparse
import datetime as dt
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from briefbench.errors import InputError

if TYPE_CHECKING:
    from briefbench.dataset.ingest import Article
    from briefbench.dataset.records import Bullet

_EPILOG = """\
Bullets come out in article order; "position" counts them. A release's bullets.jsonl wants them sorted by "id".
Without a date, an id begins with "undated-". The text of a publisher stays "standoff" and is never released.
--lead takes only the full sentences before the first heading: no caption, byline or reading time.
"""


def add_parser(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb and its options."""
    parser = verbs.add_parser(
        "ingest",
        help="split articles (text or saved HTML) into bullets",
        description="Split live-briefing articles, as plain text or saved HTML pages, into bullets.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", metavar="FILE", type=Path, nargs="+", help="an article's text or saved HTML page")
    parser.add_argument(
        "--out", metavar="FILE.jsonl", type=Path, help="write the bullets there, not to standard output"
    )
    parser.add_argument("--encoding", metavar="NAME", help="the files' encoding, where it is not found by itself")
    parser.add_argument(
        "--date", metavar="YYYY-MM-DD", type=_day, help="the day of the briefing; goes before a date found"
    )
    parser.add_argument("--publisher", metavar="NAME", help="the publisher to record with every bullet")
    parser.add_argument("--url", metavar="URL", help="the page to record with every bullet of one FILE")
    parser.add_argument(
        "--provenance",
        choices=("open", "standoff"),
        default="standoff",
        help="standoff (the default): a publisher's own text; open: text that may be released",
    )
    parser.add_argument("--prose", action="store_true", help="make bullets of the sections' paragraphs too")
    parser.add_argument(
        "--lead", action="store_true", help='make bullets of the lead\'s sentences too, as section "Lead"'
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read every article, then write every bullet: one refused file and nothing is written.

    Raises:
        InputError: a file is refused, holds no bullet, or the output cannot be written.
    """
    from briefbench.dataset.ingest import counted, found_bullets, read_article, without_repeats
    from briefbench.dataset.records import encode_bullets, write_bullets

    _check(options)
    articles = [(path, read_article(path, encoding=options.encoding)) for path in options.files]
    chosen = {name: getattr(options, name) for name in ("date", "publisher", "url", "provenance", "prose", "lead")}
    groups = [(path, article, found_bullets(path, article, **chosen)) for path, article in articles]
    bullets, repeats = without_repeats([bullet for _, _, group in groups for bullet in group])
    for path, article, group in groups:
        _report(path, article, group, options)
    if repeats:
        _say(
            f"left out as repeats: {', '.join(f'bullet {bullet.position} ({bullet.text[:40]}…)' for bullet in repeats)}"
        )
    if options.out is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(encode_bullets(bullets))
        return 0
    write_bullets(options.out, bullets)
    names = "; ".join(article.title or str(path) for path, article, _ in groups)
    _say(f"{counted(len(bullets), 'bullet')} from {counted(len(groups), 'article')}: {names}; written to {options.out}")
    return 0


def _check(options: argparse.Namespace) -> None:
    if options.url is not None and len(options.files) > 1:
        raise InputError("--url names the page of one article; give it with one FILE")
    if options.out is not None and options.out.exists():
        for path in options.files:
            if path.exists() and path.samefile(options.out):
                raise InputError(f"{path}: is also the output; name another file with --out")


def _report(path: Path, article: "Article", bullets: "list[Bullet]", options: argparse.Namespace) -> None:
    """Say on standard error what was left out and, to a person at a terminal, what was found."""
    from briefbench.dataset.ingest import counted, left_out

    prefix = f"{path}: " if len(options.files) > 1 else ""
    left = left_out(article, prose=options.prose, lead=options.lead)
    if left:
        _say(f"{prefix}left as prose: {left}")
    if options.out is not None or not sys.stderr.isatty():
        return
    date = bullets[0].date
    _say(f"{prefix}{article.title or 'no title'} ({date.isoformat() if date else 'no date'})")
    counts: dict[str, int] = {}
    for bullet in bullets:
        counts[bullet.section] = counts.get(bullet.section, 0) + 1
    for section, number in counts.items():
        _say(f"  {section or 'no heading'}: {counted(number, 'bullet')}")


def _day(value: str) -> dt.date:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    raise argparse.ArgumentTypeError(f"{value!r} is no date of the form YYYY-MM-DD")


def _say(line: str) -> None:
    print(line, file=sys.stderr)
