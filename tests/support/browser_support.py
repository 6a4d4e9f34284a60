"""A Chromium for tests: pages that keep what they asked for and complained of, and the contrast of what they show."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the installed Chromium; a machine without one fails the test, since skipping would hide it."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.fail(f"no Chromium found ({', '.join(_NAMES)}); install one, or deselect with -m 'not browser'")
    # As root, as in many containers, Chromium starts only without its sandbox.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page with everything that it requested, logged and threw."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, browser: Browser, path: Path, fragment: str = "", **options: Any) -> "Watched":
        """Open a file from disk in a fresh profile; ``options`` are those of the profile, such as a viewport."""
        page = browser.new_context(**options).new_page()
        page.set_default_timeout(10_000)
        watched = cls(page)
        page.on("request", lambda request: watched.requests.append(request.url))
        page.on("console", lambda message: watched.complaints.append(message.text))
        page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        page.goto(path.as_uri() + fragment)
        return watched

    def close(self) -> None:
        """Close the page, which must have been quiet: no message, no error, no request but for files on disk."""
        harmed = self.page.evaluate("() => window.harmed ?? null")
        self.page.context.close()
        assert harmed is None
        assert self.complaints == []
        assert [url for url in self.requests if not url.startswith("file:")] == []


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus, as somebody without a mouse would."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"thirty tabs do not reach {selector}")


def written(folder: Path, pages: Mapping[str, bytes]) -> Path:
    """Write a website to a folder and return the folder."""
    for name, content in pages.items():
        (folder / name).write_bytes(content)
    return folder


#: The smallest screen that the website promises to fit.
PHONE = {"width": 360, "height": 740}
#: Unfolds everything that can be unfolded.
OPEN_ALL = "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"
#: Returns how many elements of running text end beyond the right edge of the screen.
PAST_THE_EDGE = """() => [...document.querySelectorAll("h1, h2, p, li, .field")].filter(
  (one) => !one.closest(".scroll") && one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1,
).length"""
#: Returns every visible text whose contrast with what is behind it is below 4.5, as WCAG 2.2 (1.4.3) computes it.
FAINT_TEXTS = """() => {
  const rgba = (value) => {
    const parts = value.match(/[\\d.]+(e-?\\d+)?/g).map(Number);
    const scale = value.startsWith("color(") ? 255 : 1;
    return [...parts.slice(0, 3).map((part) => part * scale), parts[3] ?? 1];
  };
  const luminance = (color) => {
    const [r, g, b] = color.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color[3] > 0.99) return color.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || element.closest(":disabled, .zero, .unseen, script, style, title, option")) continue;
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const color = rgba(element.closest("svg") ? style.fill : style.color).slice(0, 3);
    const [light, dark] = [luminance(color), luminance(behind(element))].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) faint.push(`${text.slice(0, 40)}: ${contrast.toFixed(2)}`);
  }
  return faint;
}"""
