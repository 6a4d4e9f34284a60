"""How fast the explorer shows 5,000 bullets, from disk. Peer: the same bullets as one static HTML table.

Both are timed in one browser, in turns, from the start of the navigation to the second frame after the page has loaded,
when the list stands on the screen.
"""

import statistics
import tempfile
from collections.abc import Iterable
from html import escape
from pathlib import Path

from playwright.sync_api import Browser

from briefbench.evaluation.leaderboard import read_board
from briefbench.project import Project
from briefbench.site.corpus import Corpus, Row, read_corpus
from briefbench.site.pages import render_pages
from browser import chromium

PROJECT = Project(Path(__file__).resolve().parents[1])
BULLETS = 5_000
RUNS = 9

_WHEN_DRAWN = """addEventListener("load", () => requestAnimationFrame(() => requestAnimationFrame(
  () => { window.drawn = performance.now(); })));"""


def enlarged(corpus: Corpus) -> Corpus:
    """Return the corpus with as many of its bullets again, under ids of their own, as make `BULLETS`."""
    again = [row | {"bullet_id": f"{row['bullet_id']}-again"} for row in map(dict, corpus.bullets)]
    rows = [*corpus.bullets, *again[: max(0, BULLETS - len(corpus.bullets))]]
    return Corpus(rows, corpus.votes, corpus.facts)


def plain_table(rows: Iterable[Row]) -> str:
    """Return the bullets' id, date, publisher and text as a page with one table and nothing else."""
    cells = ("bullet_id", "date", "publisher", "text")
    lines = ("".join(f"<td>{escape(str(row[name]))}</td>" for name in cells) for row in rows)
    return f'<!doctype html><meta charset="utf-8"><table>{"".join(f"<tr>{line}</tr>" for line in lines)}</table>'


def milliseconds(browser: Browser, path: Path, listed: str, number: int) -> float:
    """Open a page in a fresh profile, check what it lists, and return when it was drawn."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.add_init_script(_WHEN_DRAWN)
    page.goto(path.as_uri())
    drawn = page.evaluate(
        "async () => { while (!window.drawn) await new Promise(requestAnimationFrame); return drawn; }"
    )
    if page.locator(listed).count() != number:
        raise SystemExit(f"{path.name} does not list {number} bullets")
    page.context.close()
    return float(drawn)


def main() -> None:
    """Write both pages and time them in turns."""
    corpus = enlarged(read_corpus(PROJECT.dataset))
    pages = render_pages(read_board(PROJECT), corpus)
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        explorer, table = Path(name, "explorer.html"), Path(name, "table.html")
        explorer.write_bytes(pages["explorer.html"])
        table.write_text(plain_table(corpus.bullets), encoding="utf-8")
        ours, theirs = [], []
        for _ in range(RUNS):
            ours.append(milliseconds(browser, explorer, ".bullet", 50))
            theirs.append(milliseconds(browser, table, "tr", len(corpus.bullets)))
        sizes = [path.stat().st_size / 1e6 for path in (explorer, table)]
    mine, peer = statistics.median(ours), statistics.median(theirs)
    print(
        f"{len(corpus.bullets):,} bullets drawn, median of {RUNS}: explorer {mine:.0f} ms ({sizes[0]:.1f} MB, worst "
        f"{max(ours):.0f} ms), plain table {peer:.0f} ms ({sizes[1]:.1f} MB, worst {max(theirs):.0f} ms), "
        f"ratio {mine / peer:.2f}"
    )


if __name__ == "__main__":
    main()
