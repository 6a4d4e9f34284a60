"""The command line: one file a verb, each with ``add_parser`` and ``run``. Only ``main`` turns errors into statuses."""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence

from briefbench import __version__
from briefbench.commands import (
    annotate,
    baseline,
    compare,
    evaluate,
    ingest,
    label,
    leaderboard,
    release,
    site,
    submit,
    verify,
)
from briefbench.console import printable
from briefbench.errors import BriefbenchError


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="briefbench",
        description="Live-briefing bullets on Russia's war in Ukraine: from an article to a leaderboard.",
    )
    parser.add_argument("--version", action="version", version=f"briefbench {__version__}")
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in (ingest, annotate, release, baseline, evaluate, compare, verify, submit, leaderboard, site, label):
        module.add_parser(verbs)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 refused, 2 wrong usage or a bad row, 130 interrupted.

    Where other threads go on with what was broken off, the process ends here, at once, with that status.
    """
    status = _run(arguments)
    runner = sys.modules.get("briefbench.labelling.runner")
    if runner is not None and runner.UNFINISHED.is_set():
        sys.stderr.flush()
        os._exit(status)
    return status


def _run(arguments: Sequence[str] | None) -> int:
    if sys.stdout is None:  # the user closed it
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        options = build_parser().parse_args(arguments)
        run: Callable[[argparse.Namespace], int] = options.run
        status = run(options)
        sys.stdout.flush()
    except SystemExit:  # help, the version, or wrong usage: all is said
        _flush()
        raise
    except BriefbenchError as error:
        return _refuse(str(error), error.status)
    except KeyboardInterrupt:
        print("briefbench: interrupted; nothing half-written is left", file=sys.stderr)
        return 130
    except BrokenPipeError:
        _silence_stdout()
        return 1
    except OSError as error:  # the disk, a permission, a name too long: the user's machine, not our fault
        _silence_stdout()
        return _refuse(f"{error.filename or 'standard output'}: {error.strerror or error}")
    return status


def _refuse(message: str, status: int = 1) -> int:
    line = " ".join(message.splitlines())
    print(f"briefbench: error: {printable(line)}", file=sys.stderr)
    return status


def _flush() -> None:
    """Flush standard output, if anybody still reads it."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence_stdout()


def _silence_stdout() -> None:
    """Keep the interpreter from complaining about what is still buffered for a standard output that is gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
