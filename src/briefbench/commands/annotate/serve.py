"""``briefbench annotate serve``: a real Label Studio on this machine, until it is interrupted."""

import argparse
import os
import signal
from pathlib import Path
from types import FrameType
from typing import Any

from briefbench.project import add_root_option, find_project, number_option


def add_step(steps: Any) -> None:
    """Add the step to the verb."""
    serve: argparse.ArgumentParser = steps.add_parser(
        "serve", help="start Label Studio on 127.0.0.1; end it with Ctrl-C"
    )
    add_root_option(serve)
    serve.add_argument("--port", type=number_option(1, 65535), default=8080, metavar="N", help="default 8080")
    serve.add_argument(
        "--database",
        default=os.environ.get("BRIEFBENCH_DATABASE"),
        metavar="URL",
        help="postgresql://USER:PASSWORD@HOST:PORT/NAME for a team (BRIEFBENCH_DATABASE, PGPASSWORD); default SQLite",
    )
    serve.add_argument(
        "--environment",
        type=Path,
        metavar="FOLDER",
        help="where Label Studio is installed on first use; by default in the user's cache (BRIEFBENCH_LABEL_STUDIO)",
    )
    serve.add_argument("--install", action="store_true", help="only install Label Studio")
    serve.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until a signal or the server's own end."""
    from briefbench.annotation.studio.server import database_settings, environment_folder, install, running
    from briefbench.annotation.studio.workspace import Workspace
    from briefbench.errors import StudioError

    if options.install:
        install(environment_folder(options.environment), lambda line: print(line, flush=True))
        return 0
    workspace = Workspace(find_project(options.root).private)
    database = database_settings(options.database) if options.database else None
    account = workspace.secrets()
    program = install(environment_folder(options.environment), lambda line: print(line, flush=True))
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, _interrupt)
    print("starting Label Studio (the first start makes its database: a minute)", flush=True)
    try:
        with running(workspace, program, port=options.port, account=account, database=database) as (process, url):
            print(f"Label Studio answers at {url}")
            print(f"log in as {account.email}, password in {workspace.folder / 'secrets.json'}")
            print("next, in another terminal: briefbench annotate init NAME; end this one with Ctrl-C", flush=True)
            status = process.wait()
            raise StudioError(f"Label Studio ended by itself with status {status}; its log is {workspace.log}")
    except KeyboardInterrupt:
        print("Label Studio has stopped", flush=True)
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
