"""The command line: one file a verb, each with ``add_parser`` and ``run``. Only ``main`` turns errors into statuses."""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence

from briefbench import __version__
from briefbench.commands import annotate, baseline, evaluate, ingest, label, leaderboard, release
from briefbench.errors import BriefbenchError


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="briefbench",
        description="Live-briefing bullets on Russia's war in Ukraine: from an article to a leaderboard.",
    )
    parser.add_argument("--version", action="version", version=f"briefbench {__version__}")
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in (ingest, annotate, release, baseline, evaluate, leaderboard, label):
        module.add_parser(verbs)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 refused, 2 wrong usage, 130 interrupted."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    options = build_parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        status = run(options)
        sys.stdout.flush()
        return status
    except BriefbenchError as error:
        print(f"briefbench: error: {' '.join(str(error).splitlines())}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("briefbench: interrupted; nothing half-written is left", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
