"""Draw the annotation guide's pictures, ``docs/annotate-*.png``: a bullet being labelled, and a dispute being decided.

A Label Studio is started for invented bullets, as the guide does it, and ended again.
"""

import datetime as dt
import json
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from briefbench.annotation.label_config import KEYS, SPAN_KEY
from briefbench.annotation.votes import ANNOTATOR_COLUMNS, VOTE_COLUMNS
from briefbench.dataset.records import Bullet, bullet_id, encode_bullets
from briefbench.files import csv_text
from browser import chromium

ROOT = Path(__file__).resolve().parents[1]
# The page without its panels at the right, which show nothing here.
SCREEN, SHOWN = {"width": 1280, "height": 900}, {"x": 0, "y": 48, "width": 960, "height": 852}
COLOURS = 64
SOURCE = "the mayor, Ada Lorn"
TEXTS = (
    f"Two drones struck a grain store at the port of Orle before dawn, {SOURCE}, said; nobody was hurt.",
    "Ministers of three neighbouring states met in Dorn and agreed to meet again in May.",
)
VOTES = (("P1", "strikes", "neutral"), ("P2", "economy", "neutral"), ("P3", "strikes", "neutral"))


def main() -> None:
    """Serve, invite, label, and take the pictures."""
    with tempfile.TemporaryDirectory() as name, serving(prepared(Path(name))) as url, chromium() as browser:
        root = Path(name)
        for steps in (("init", "Ines"), ("invite", "Ines"), ("push", "Ines", "--order", "file")):
            annotate(root, *steps)
        page = opened(browser, root, "Ines", f"{url}/projects/1")
        label(page)
        picture(page, "label")
        annotate(root, "adjudicate", "Jo")
        annotate(root, "invite", "Jo")
        page = opened(browser, root, "Jo", f"{url}/projects/2")
        page.keyboard.press(KEYS["topic"][1])
        page.locator("textarea").fill("The strike is the event; the grain store is what it hit.")
        picture(page, "decide")


def prepared(root: Path) -> Path:
    """Write two bullets, the codebook, and votes that differ on the first bullet."""
    folder = root / "annotation"
    (folder / "votes").mkdir(parents=True)
    place = {"section": "Key developments", "publisher": "Orle Courier", "url": "https://example.org/", "batch": "b1"}
    bullets = []
    for day, text in enumerate(TEXTS, 1):
        date = dt.date(2024, 3, day)
        bullets.append(
            Bullet(id=bullet_id(date, text), date=date, text=text, published=date, provenance="open", **place)
        )
    (folder / "bullets.jsonl").write_bytes(encode_bullets(bullets))
    (folder / "guidelines.md").write_bytes((ROOT / "annotation" / "guidelines.md").read_bytes())
    span = (str(TEXTS[0].index(SOURCE)), str(TEXTS[0].index(SOURCE) + len(SOURCE)))
    for voter, topic, stance in VOTES:
        row = [bullets[0].id, topic, stance, "ukrainian_official", "", *span, "1", "2024-03-02"]
        (folder / "votes" / f"{voter}.csv").write_text(csv_text(VOTE_COLUMNS, [row]), encoding="utf-8")
    people = [[voter, "human", "", "annotation/guidelines.md", "true", ""] for voter, _, _ in VOTES]
    (folder / "annotators.csv").write_text(csv_text(ANNOTATOR_COLUMNS, people), encoding="utf-8")
    return root


@contextmanager
def serving(root: Path) -> Iterator[str]:
    """Run ``annotate serve`` on a free port until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "briefbench", "annotate", "serve", "--port", port]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None or not any("answers at" in line for line in process.stdout):
                sys.exit("no server")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)


def annotate(root: Path, *arguments: str) -> None:
    """Run a step of ``briefbench annotate``."""
    subprocess.run([sys.executable, "-m", "briefbench", "annotate", *arguments], cwd=root, check=True)


def opened(browser: Browser, root: Path, name: str, project: str) -> Page:
    """Log in as an annotator, open the first task of the project, and close the codebook."""
    account = json.loads((root / ".label-studio" / "accounts.json").read_bytes())[name]
    page = browser.new_context(viewport=SCREEN, color_scheme="light").new_page()
    page.goto(f"{project}/data")
    page.fill("input[name=email]", account["email"])
    page.fill("input[name=password]", account["password"])
    page.click("button[type=submit]")
    page.get_by_role("button", name="Label All Tasks").click()
    page.locator(".codebook").wait_for()
    page.keyboard.press("Escape")
    page.locator(".codebook").wait_for(state="hidden")
    page.locator(".bb-top .lsf-richtext__line").wait_for()
    return page


def label(page: Page) -> None:
    """Answer the first bullet, with its source marked."""
    for key in (KEYS["topic"][1], KEYS["stance"][3], KEYS["source_type"][0], SPAN_KEY):
        page.keyboard.press(key)
    page.locator(".lsf-label_selected").wait_for()
    box = page.locator(".bb-top .lsf-richtext__line").evaluate(
        """(line, phrase) => {
          const range = document.createRange();
          const start = line.firstChild.data.indexOf(phrase);
          range.setStart(line.firstChild, start);
          range.setEnd(line.firstChild, start + phrase.length);
          return [...range.getClientRects()].map((one) => [one.left, one.right, one.top + one.height / 2]);
        }""",
        SOURCE,
    )
    page.mouse.move(box[0][0] + 1, box[0][2])
    page.mouse.down()
    page.mouse.move(box[-1][1] - 1, box[-1][2], steps=5)
    page.mouse.up()
    page.locator(".htx-highlight").first.wait_for()
    page.mouse.move(5, 600)


def picture(page: Page, name: str) -> None:
    """Write a picture of the page with few colours: a third of the size, and nobody sees it."""
    path = ROOT / "docs" / f"annotate-{name}.png"
    page.screenshot(path=path, clip=SHOWN)
    with Image.open(path) as image:
        few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    print(f"{path}: {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
