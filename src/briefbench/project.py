"""Where a project's folders are: the nearest folder, from where the user stands upward, that has ``annotation/``."""

import argparse
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from briefbench.errors import InputError
from briefbench.schema import DEFAULT_SPLIT, PROTOCOLS, SPLITS


@dataclass(frozen=True)
class Project:
    """The folders of a project that runs the workflow: this repository, or a team's own."""

    root: Path

    @property
    def annotation(self) -> Path:
        """Bullets, votes, annotators, adjudications."""
        return self.root / "annotation"

    @property
    def dataset(self) -> Path:
        """The release."""
        return self.root / "dataset"

    @property
    def baselines(self) -> Path:
        """Stored predictions and results."""
        return self.root / "baselines"

    @property
    def leaderboard(self) -> Path:
        """The rendered leaderboard."""
        return self.root / "leaderboard"

    @property
    def private(self) -> Path:
        """What a Label Studio of this project needs and nobody else may see."""
        return self.root / ".label-studio"


def shipped(in_checkout: str, in_package: str) -> tuple[Path, Path]:
    """Return where a folder that comes with BriefBench may be, in the order to look: a checkout, the package."""
    package = Path(__file__).resolve().parent
    return package.parents[1] / in_checkout, package / in_package


def add_root_option(parser: argparse.ArgumentParser) -> None:
    """Give a command the option ``--root``."""
    parser.add_argument(
        "--root", type=Path, metavar="FOLDER", help="the project: by default the nearest folder upward with annotation/"
    )


def add_dataset_option(parser: argparse.ArgumentParser) -> None:
    """Give a command the option ``--dataset``."""
    parser.add_argument(
        "--dataset",
        type=Path,
        metavar="FOLDER",
        help="a release: by default that of the project you stand in, else the one BriefBench comes with",
    )


def add_split_option(parser: argparse.ArgumentParser) -> None:
    """Give a command the option ``--split``."""
    parser.add_argument(
        "--split",
        default=DEFAULT_SPLIT,
        metavar="PROTOCOL/PART",
        help=f"{', '.join(PROTOCOLS)} / {', '.join(SPLITS)} (default {DEFAULT_SPLIT})",
    )


def add_bootstrap_options(parser: argparse.ArgumentParser) -> None:
    """Give a command the options ``--resamples`` and ``--seed``."""
    parser.add_argument(
        "--resamples", type=number_option(1, 100_000), default=10_000, metavar="N", help="default 10000"
    )
    parser.add_argument("--seed", type=number_option(0, 10**18), default=12345, metavar="N", help="default 12345")


def find_release(dataset: Path | None) -> Path | None:
    """Return the named release, or that of the nearest project upward; ``None`` means the one BriefBench comes with."""
    if dataset is not None:
        return dataset
    project = nearest_project()
    return project.dataset if project and (project.dataset / "checksums.json").is_file() else None


def nearest_project() -> Project | None:
    """Return the nearest project from the current folder upward, if there is one."""
    here = Path.cwd()
    return next((Project(folder) for folder in (here, *here.parents) if _is_project(folder)), None)


def find_project(root: Path | None) -> Project:
    """Return the project at ``root``, or the nearest one upward from the current folder.

    Raises:
        InputError: there is no ``annotation/bullets.jsonl``.
    """
    project = nearest_project() if root is None else Project(root)
    if project is not None and _is_project(project.root):
        return project
    where = f"in {root}" if root is not None else "here or in any folder above"
    raise InputError(f"no annotation/bullets.jsonl {where}; go to a project, or name it with --root FOLDER")


def _is_project(folder: Path) -> bool:
    return (folder / "annotation" / "bullets.jsonl").is_file()


def number_option(least: int, most: int) -> Callable[[str], int]:
    """Return the type of an option that is a whole number between two bounds."""

    def parse(text: str) -> int:
        number = int(text) if re.fullmatch(r"[0-9]{1,18}", text) else -1
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most:,}")
        return number

    return parse
