"""The website of a leaderboard and its corpus: two files that need no server, no network and no other file."""

from pathlib import Path
from typing import TYPE_CHECKING

from briefbench.errors import InputError
from briefbench.files import read_bytes
from briefbench.site.corpus import read_corpus
from briefbench.site.pages import GENERATOR, PAGES, render_pages

if TYPE_CHECKING:
    from briefbench.evaluation.leaderboard import Board

__all__ = ["check_place", "render_site"]

_LIMIT = 1 << 30


def render_site(board: "Board", release: Path) -> dict[str, bytes]:
    """Return the website's files by relative path: ``index.html`` and ``explorer.html``.

    The same board and release give the same bytes.

    Args:
        board: the ranked systems with their predictions; every score on the site comes from here.
        release: the folder of the release, for bullets, votes and agreement.

    Raises:
        ReleaseError, ChecksumError: there is no release, or it was tampered with.
    """
    return render_pages(board, read_corpus(release))


def check_place(folder: Path) -> None:
    """Make sure that writing a website to a folder overwrites nothing but an older website.

    Raises:
        InputError: a page of that name is there, and BriefBench did not write it.
    """
    for path in (folder / name for name in PAGES):
        if path.exists() and GENERATOR.encode() not in read_bytes(path, limit=_LIMIT):
            raise InputError(f"{path}: not written by briefbench site; remove it, or choose another --out")
