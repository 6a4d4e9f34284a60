"""Draw ``docs/site.png``, the README's picture of the website: the leaderboard with its intervals."""

import tempfile
from pathlib import Path

from briefbench.evaluation.leaderboard import read_board
from briefbench.project import Project
from briefbench.site import render_site
from browser import chromium

PROJECT = Project(Path(__file__).resolve().parents[1])
PICTURE = PROJECT.root / "docs" / "site.png"
_WIDTH, _MARGIN = 1200, 16


def main() -> None:
    """Render the site and take its picture."""
    pages = render_site(read_board(PROJECT), PROJECT.dataset)
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        for page, content in pages.items():
            Path(name, page).write_bytes(content)
        page = browser.new_page(viewport={"width": _WIDTH, "height": 1000}, color_scheme="light")
        page.goto(Path(name, "index.html").as_uri())
        plot = page.locator("figure").first.bounding_box()
        if plot is None:
            raise SystemExit("the leaderboard has no plot")
        height = plot["y"] + plot["height"] + _MARGIN
        page.screenshot(path=PICTURE, clip={"x": 0, "y": 0, "width": _WIDTH, "height": height})
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
