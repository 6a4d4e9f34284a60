"""``briefbench evaluate FILE…``: score prediction files, with intervals and signatures."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from briefbench.errors import InputError
from briefbench.project import add_bootstrap_options, add_dataset_option, add_split_option, find_release
from briefbench.schema import TASK_NAMES


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "evaluate",
        help="score prediction files",
        description="Score Parquet, JSONL or CSV files with bullet_id and label names of at least one task; also "
        "<task>_probabilities, span_start with span_end, source_types. docs/metrics.md defines every figure.",
    )
    parser.add_argument("predictions", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--task", choices=TASK_NAMES, action="append", help="score only this task; may be repeated")
    add_split_option(parser)
    add_dataset_option(parser)
    parser.add_argument(
        "--by",
        action="append",
        default=[],
        metavar="PROPERTY",
        help="figures by group: month, year, publisher, section, length, quotation, votes, or before and from a date "
        "(YYYY-MM-DD); may be repeated",
    )
    parser.add_argument("--interval", choices=("bca", "percentile"), default="bca", help="default bca")
    add_bootstrap_options(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print all of it as JSON, unrounded (many files: by name)")
    form.add_argument("--markdown", action="store_true", help="print rows for a paper in Markdown")
    form.add_argument("--latex", action="store_true", help="print rows for a paper in LaTeX")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Score and print."""
    from briefbench.evaluation import evaluate
    from briefbench.evaluation.render import paper_rows
    from briefbench.files import to_json

    if options.by and (options.markdown or options.latex):
        raise InputError("rows for a paper have no groups; leave out --by, or --markdown and --latex")
    dataset = find_release(options.dataset)
    evaluations = {
        name: evaluate(
            path,
            task=options.task,
            split=options.split,
            dataset=dataset,
            by=options.by,
            resamples=options.resamples,
            seed=options.seed,
            interval=options.interval,
        )
        for name, path in names_of(options.predictions).items()
    }
    if options.json:
        sys.stdout.write(to_json(evaluations if len(evaluations) > 1 else next(iter(evaluations.values()))))
    elif options.markdown or options.latex:
        sys.stdout.write(paper_rows(evaluations, "latex" if options.latex else "markdown"))
    else:
        _print(evaluations)
    return 0


def names_of(paths: list[Path]) -> dict[str, Path]:
    """Return the files by the shortest name that tells them apart: file name without ending, else the whole path.

    Raises:
        InputError: a file is named twice.
    """
    doubled = next((path for path in paths if paths.count(path) > 1), None)
    if doubled is not None:
        raise InputError(f"{doubled}: the command names the same file twice; name it once")
    stems = [path.stem for path in paths]
    return {path.stem if stems.count(path.stem) == 1 else str(path): path for path in paths}


def _print(evaluations: Mapping[str, Any]) -> None:
    from briefbench.console import print_table

    many = len(evaluations) > 1
    one = next(iter(evaluations.values()))
    rows = [
        (name, what, score.metric, f"{score.value:.3f}", _interval(score.interval))
        for name, evaluation in evaluations.items()
        for what, score in evaluation.scores()
        if not many or score.metric == "macro_f1"
    ]
    skip = 0 if many else 1
    title = f"{one.split}: {one.bullets} bullets, {one.weeks} weeks"
    header = ("file", "task", "score", "value", "95% interval")[skip:]
    print_table(title, header, [row[skip:] for row in rows], numbers_from=3 - skip)
    if not many:
        _print_labels(one)
    for name, evaluation in evaluations.items():
        _print_slices(f"{name}, " if many else "", evaluation)
    _print_notes(one)
    for signature in sorted({score.signature for e in evaluations.values() for _, score in e.scores()}):
        print(signature)


def _print_labels(evaluation: Any) -> None:
    from briefbench.console import print_table

    parts = [(result.task, result.labels) for result in evaluation.tasks]
    if evaluation.source_types:
        parts.append(("source_types", evaluation.source_types.labels))
    rows = [
        (what, label.label, f"{label.precision:.3f}", f"{label.recall:.3f}", f"{label.f1:.3f}", label.support)
        for what, labels in parts
        for label in labels
    ]
    if rows:
        print_table("by label", ("task", "label", "precision", "recall", "F1", "bullets"), rows, numbers_from=2)


def _print_slices(prefix: str, evaluation: Any) -> None:
    from briefbench.console import print_table

    for part in evaluation.slices:
        rows = [
            (
                f"{group.name} (worst)" if group.name == part.worst else group.name,
                group.bullets,
                group.weeks,
                f"{group.accuracy:.3f}",
                _interval(group.interval),
                group.resampled,
                f"{group.macro_f1:.3f}",
                group.labels,
            )
            for group in part.groups
        ]
        header = ("group", "bullets", "weeks", "accuracy", "95% interval", "resampled", "macro-F1", "over labels")
        print_table(f"{prefix}{part.task} by {part.by}", header, rows)
        print(f"{part.signature}\n")


def _print_notes(evaluation: Any) -> None:
    from briefbench.evaluation.bootstrap import FEW_CLUSTERS

    for result in evaluation.tasks:
        if result.attainable < 1:
            print(f"{result.task}: some labels have no bullet here and count as 0; at most {result.attainable:.3f}")
    if evaluation.weeks < FEW_CLUSTERS:
        print(f"only {evaluation.weeks} weeks: the intervals are too narrow to be trusted")


def _interval(interval: Any) -> str:
    return "" if interval is None else f"{interval.low:.3f} to {interval.high:.3f}"
