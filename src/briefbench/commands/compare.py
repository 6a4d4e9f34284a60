"""``briefbench compare A B…``: are systems told apart by this split? Paired tests, effects, and where they differ."""

import argparse
import sys
from pathlib import Path
from typing import Any

from briefbench.project import add_bootstrap_options, add_dataset_option, add_split_option, find_release
from briefbench.schema import TASK_NAMES


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "compare",
        help="compare systems by paired tests",
        description="Compare every pair of prediction files: difference in macro-F1 with the interval of a paired "
        "cluster bootstrap, p-values of bootstrap and approximate randomization by week, Holm's correction over all "
        "lines, Cohen's g, and on how many bullets they differ.",
    )
    parser.add_argument("predictions", type=Path, nargs="+", metavar="FILE", help="two files or more")
    parser.add_argument(
        "--task", choices=(*TASK_NAMES, "mean"), action="append", default=[], help="only on this; may be repeated"
    )
    add_split_option(parser)
    add_dataset_option(parser)
    add_bootstrap_options(parser)
    parser.add_argument(
        "--bullets",
        type=Path,
        metavar="FILE.jsonl",
        help="write the bullets on which systems differ, with their text",
    )
    parser.add_argument("--json", action="store_true", help="print everything as JSON, unrounded")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare and print."""
    import msgspec

    from briefbench.commands.evaluate import names_of
    from briefbench.evaluation.comparison import compare, differing_bullets
    from briefbench.evaluation.predictions import read_predictions
    from briefbench.evaluation.reference import read_reference
    from briefbench.files import to_json, write_bytes

    reference = read_reference(options.split, find_release(options.dataset))
    systems = {name: read_predictions(path, reference) for name, path in names_of(options.predictions).items()}
    found = compare(systems, reference, scores=options.task, resamples=options.resamples, seed=options.seed)
    if options.bullets:
        lines = [msgspec.json.encode(one) + b"\n" for one in differing_bullets(systems, reference)]
        write_bytes(options.bullets, b"".join(lines))
    if options.json:
        sys.stdout.write(to_json(found))
    else:
        _print(f"{reference.split}: {len(reference)} bullets, {len(reference.weeks[1])} weeks", found)
        if options.bullets:
            print(f"{len(lines)} differing labels written to {options.bullets}")
    return 0


def _print(title: str, found: Any) -> None:
    from briefbench.console import print_table

    rows = [
        (
            one.first,
            one.second,
            one.task,
            f"{one.value:+.3f}",
            "" if one.interval is None else f"{one.interval.low:+.3f} to {one.interval.high:+.3f}",
            f"{one.bootstrap_p:.4f}",
            f"{one.p_value:.4f}",
            f"{one.holm_p:.4f}",
            one.differ,
            f"{one.first_only} : {one.second_only}",
            f"{one.effect:+.3f}",
        )
        for one in found
    ]
    header = (
        *("first", "second", "task", "macro-F1", "95% interval", "p bootstrap", "p randomization", "p Holm"),
        *("differ on", "right alone", "Cohen's g"),
    )
    print_table(title, header, rows, numbers_from=3)
    for signature in sorted({one.signature for one in found}):
        print(signature)
