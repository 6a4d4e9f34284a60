"""``briefbench site``: the leaderboard and an explorer of the corpus as a website of two files."""

import argparse
from pathlib import Path
from typing import Any

from briefbench.project import add_root_option, find_project


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "site",
        help="write the leaderboard and an explorer of the bullets as web pages",
        description="Write two web pages, leaderboard and explorer, that open from disk and ask for nothing else.",
    )
    add_root_option(parser)
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where to write (default: the project's site/)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read the board, render, write, and say how to open it."""
    from briefbench.console import say
    from briefbench.evaluation.leaderboard import read_board
    from briefbench.files import write_all
    from briefbench.site import check_place, render_site

    project = find_project(options.root)
    folder = options.out or project.root / "site"
    check_place(folder)
    say("scoring the stored predictions …")
    board = read_board(project)
    pages = render_site(board, project.dataset)
    write_all({folder / name: content for name, content in pages.items()})
    size = sum(map(len, pages.values())) / 1e6
    print(f"{' and '.join(pages)} written to {folder} ({size:.1f} MB); open {folder / 'index.html'} in a browser")
    return 0
