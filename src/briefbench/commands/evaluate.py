"""``briefbench evaluate PREDICTIONS``: score a prediction file, with intervals and signatures."""

import argparse
import sys
from pathlib import Path
from typing import Any

from briefbench.project import add_dataset_option, find_release
from briefbench.schema import DEFAULT_SPLIT, PROTOCOLS, SPLITS, TASK_NAMES


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "evaluate",
        help="score a prediction file",
        description="Score a Parquet, JSONL or CSV file with bullet_id and a column of label names for each task.",
    )
    parser.add_argument("predictions", type=Path, metavar="PREDICTIONS")
    parser.add_argument("--task", choices=TASK_NAMES, help="score one task only")
    parser.add_argument(
        "--split",
        default=DEFAULT_SPLIT,
        metavar="PROTOCOL/PART",
        help=f"{', '.join(PROTOCOLS)} / {', '.join(SPLITS)} (default {DEFAULT_SPLIT})",
    )
    add_dataset_option(parser)
    parser.add_argument("--json", action="store_true", help="print everything as JSON, unrounded")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Score and print."""
    from briefbench.evaluation import evaluate
    from briefbench.files import to_json

    evaluation = evaluate(
        options.predictions, task=options.task, split=options.split, dataset=find_release(options.dataset)
    )
    if options.json:
        sys.stdout.write(to_json(evaluation))
    else:
        _print(evaluation)
    return 0


def _print(evaluation: Any) -> None:
    from briefbench.console import print_table

    rows = [
        (result.task, f"{result.macro_f1:.3f}", _interval(result.interval), f"{result.accuracy:.3f}")
        for result in evaluation.tasks
    ]
    if evaluation.headline:
        rows.append(("mean", f"{evaluation.headline.value:.3f}", _interval(evaluation.headline.interval), ""))
    title = f"{evaluation.split}: {evaluation.bullets} bullets, {evaluation.weeks} weeks"
    print_table(title, ("task", "macro-F1", "95% interval", "accuracy"), rows)
    by_label = [
        (result.task, label.label, f"{label.precision:.3f}", f"{label.recall:.3f}", f"{label.f1:.3f}", label.support)
        for result in evaluation.tasks
        for label in result.labels
    ]
    print_table("by label", ("task", "label", "precision", "recall", "F1", "bullets"), by_label, numbers_from=2)
    for result in evaluation.tasks:
        if result.attainable < 1:
            print(f"{result.task}: some labels have no bullet here and count as 0; at most {result.attainable:.3f}")
    for scored in (*evaluation.tasks, *filter(None, [evaluation.headline])):
        print(scored.signature)


def _interval(interval: Any) -> str:
    return f"{interval.low:.3f} to {interval.high:.3f}"
