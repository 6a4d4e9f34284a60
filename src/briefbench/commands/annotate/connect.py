"""What the steps that speak to a server share: its options, and the connection."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from briefbench.annotation.studio.client import TESTED, Studio
from briefbench.annotation.studio.workspace import Workspace
from briefbench.dataset.records import Bullet, read_bullets
from briefbench.project import Project, find_project

if TYPE_CHECKING:
    from briefbench.annotation.studio.projects import Desk
    from briefbench.annotation.votes import Annotator


@dataclass(frozen=True)
class Connection:
    """A project and its server, under the account that manages projects."""

    project: Project
    workspace: Workspace
    studio: Studio

    def desks(self, names: Sequence[str]) -> "list[Desk]":
        """Return the projects of the named annotators; by default of those that ``annotators.csv`` names.

        Raises:
            StudioError: one has none, or nobody has.
        """
        from briefbench.annotation.studio.projects import choose, desks

        known = desks(self.studio)
        return choose(known, names or [name for name in known if name in self.annotators])

    @cached_property
    def annotators(self) -> "dict[str, Annotator]":
        """The annotators of ``annotators.csv`` by name; none where there is no such file yet.

        Raises:
            RecordError: the file is malformed.
        """
        from briefbench.annotation.votes import read_annotators

        path = self.project.annotation / "annotators.csv"
        return read_annotators(path) if path.exists() else {}

    @cached_property
    def bullets(self) -> dict[str, Bullet]:
        """The project's bullets by id, in order of id.

        Raises:
            RecordError: a text is unfit for the server or the release.
        """
        return {bullet.id: bullet for bullet in read_bullets(self.project.annotation / "bullets.jsonl")}

    @cached_property
    def texts(self) -> dict[str, str]:
        """The bullets' texts by id."""
        return {identifier: bullet.text for identifier, bullet in self.bullets.items()}


@contextmanager
def connected(options: argparse.Namespace) -> Iterator[Connection]:
    """Connect to the server that the options, the environment or the last ``serve`` name, alone on this project.

    Raises:
        StudioError: it does not answer, is another program, or is too old.
    """
    project = find_project(options.root)
    workspace = Workspace(project.private)
    url, token = workspace.url(options.url), workspace.token()
    with Studio(url, token) as studio, workspace.alone(f"annotate {options.step}"):
        release = studio.version()
        if release != TESTED:
            print(f"note: {url} runs Label Studio {release}; tested is {TESTED}", file=sys.stderr)
        yield Connection(project, workspace, studio)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar with rate and time left where standard error is a terminal; yield what moves it."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)
