"""A headless Chromium for the benchmarks and pictures of the website."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the installed Chromium."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        sys.exit(f"no Chromium found ({', '.join(_NAMES)}); install one")
    # As root, as in many containers, Chromium starts only without its sandbox.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()
