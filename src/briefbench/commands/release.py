"""``briefbench release build | verify``: from ``annotation/`` to ``dataset/``, and proof that they belong together."""

import argparse
from pathlib import Path
from typing import Any

from briefbench.project import Project, add_root_option, find_project, nearest_project
from briefbench.schema import MIN_TEST_CLASS, PROTOCOLS

#: The blocks of the project's texts that a build brings up to date: file and name.
BLOCKS = (("DATASHEET.md", "counts"), ("README.md", "facts"))


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser("release", help="build or verify the released dataset")
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)
    build = steps.add_parser("build", help="bullets, votes and adjudications to dataset/")
    verify = steps.add_parser("verify", help="rebuild in memory and compare with dataset/ and its checksums")
    for step in (build, verify):
        add_root_option(step)
    build.add_argument("--skip-unlabelled", action="store_true", help="leave out bullets without a counted vote")
    build.add_argument(
        "--min-test-class",
        type=_natural,
        metavar="N",
        default=MIN_TEST_CLASS,
        help=f"fewest test bullets of a class (default {MIN_TEST_CLASS})",
    )
    build.add_argument(
        "--protocols",
        nargs="+",
        choices=PROTOCOLS,
        default=PROTOCOLS,
        help="the split protocols to offer (default all); weeks is always among them",
    )
    build.add_argument("--out", type=Path, metavar="FOLDER", help="where to write (default: the project's dataset/)")
    verify.add_argument(
        "--dataset", type=Path, metavar="FOLDER", help="what to verify (default: the project's dataset/)"
    )
    verify.add_argument("--checksums-only", action="store_true", help="do not rebuild from the sources")
    build.set_defaults(run=run_build)
    verify.set_defaults(run=run_verify)


def run_build(options: argparse.Namespace) -> int:
    """Build and write the release; bring the generated blocks of the project's texts up to date."""
    from briefbench.dataset.card import render_counts, render_facts
    from briefbench.dataset.release import write
    from briefbench.markdown import with_block

    project = find_project(options.root)
    protocols = ("weeks", *options.protocols)
    release = _build(
        project.annotation,
        skip_unlabelled=options.skip_unlabelled,
        min_test_class=options.min_test_class,
        protocols=protocols,
    )
    folder = options.out or project.dataset
    texts: dict[Path, bytes] = {}
    if options.out is None:
        for (name, block), render in zip(BLOCKS, (render_counts, render_facts), strict=True):
            texts |= with_block(project.root / name, block, render(release.stats))
    write(release, folder, texts)
    _print_splits(release.stats)
    print(
        f"{release.stats.bullets:,} bullets, {len(release.files)} files written to {folder}; data {release.data[:12]}"
    )
    return 0


def run_verify(options: argparse.Namespace) -> int:
    """Verify a release against its checksums and its sources."""
    import msgspec

    from briefbench.dataset.load import bundled_release
    from briefbench.dataset.release import read_options, verify

    rebuilt = None
    if options.checksums_only:
        here = Project(options.root) if options.root is not None else nearest_project()
        folder = options.dataset or (here.dataset if here is not None else bundled_release())
    else:
        project = find_project(options.root)
        folder = options.dataset or project.dataset
        rebuilt = _build(project.annotation, **msgspec.to_builtins(read_options(folder)))
    found = verify(folder, rebuilt)
    if rebuilt is not None:
        _print_splits(rebuilt.stats)
    against = "their checksums" if rebuilt is None else "their checksums and what the sources give"
    print(f"{found.files} files in {folder} agree with {against}; data {found.data[:12]}")
    if found.rewritten:
        print(
            f"{len(found.rewritten)} tables have the same content but other bytes than this pyarrow writes; "
            "install the versions in constraints.txt to compare bytes"
        )
    return 0


def _print_splits(stats: Any) -> None:
    """Print the leakage report: sizes, the smallest class of a test part, and what the parts of each protocol share."""
    from briefbench.console import print_table
    from briefbench.dataset.card import split_rows

    header, rows = split_rows(stats)
    measures, *protocols = zip(header, *rows, strict=True)  # a protocol a column, which fits any terminal
    print_table("splits", measures, protocols)


def _natural(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):  # noqa: PLR2004
        raise argparse.ArgumentTypeError(f"{value!r} is no whole number from 0 up")
    return int(value)


def _build(annotation: Path, **options: Any) -> Any:
    from briefbench.console import say
    from briefbench.dataset.release import build

    say(f"building the release from {annotation} …")
    return build(annotation, **options)
