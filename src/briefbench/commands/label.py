"""``briefbench label INPUT``: topic, stance and source type, with confidence, of an article or a table of any size."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from briefbench.errors import InputError
from briefbench.project import add_dataset_option, find_release, number_option

_CUT = 70
_ONLY_WITH_OUT = (
    "format",
    "text_column",
    "id_column",
    "with_text",
    "set_aside",
    "overwrite",
    "part_rows",
    "workers",
    "ray",
)
_EPILOG = """\
Without --out, an article's labels are printed. With --out, INPUT may also be a folder (of articles, or of tables of one
kind), JSONL, CSV or Parquet of any size. Work is cut into parts; a run that was broken off is started again with the
same options and goes on after the last finished part. A row that cannot be labelled stops the run, with exit status 2;
with --set-aside it goes to OUT.rejects.jsonl instead. With --ray, the cluster's processors are the workers, and INPUT
and OUT must stand under the same paths on all of its nodes. docs/labelling.md says more.
"""


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "label",
        help="label an article, or a table of any size",
        description="Label the bullets of live briefings, or a table's texts, with a baseline of the leaderboard.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("input", type=Path, metavar="INPUT", help="text, saved HTML, JSONL, CSV, Parquet, or a folder")
    parser.add_argument(
        "--model",
        metavar="NAME",
        help="a baseline that reads text, or a model's .safetensors file (default: the best light one that is saved)",
    )
    add_dataset_option(parser)
    _add_article_options(parser.add_argument_group("articles"))
    _add_table_options(parser.add_argument_group("to a file or a folder"))
    parser.set_defaults(run=run)


def _add_article_options(group: Any) -> None:
    group.add_argument("--against", type=Path, metavar="FOLDER", help="votes recorded on this article, by position")
    group.add_argument("--encoding", metavar="NAME", help="the article's encoding, where it is not recognized")
    group.add_argument("--prose", action="store_true", help="label the paragraphs of sections too")
    group.add_argument("--lead", action="store_true", help="label the sentences before the first heading too")
    group.add_argument("--json", action="store_true", help="print one JSON object a bullet")


def _add_table_options(group: Any) -> None:
    group.add_argument(
        "--out",
        type=Path,
        metavar="OUT",
        help="a file ending in .parquet or .jsonl, or a folder that gets a file a part",
    )
    group.add_argument("--format", choices=("parquet", "jsonl"), help="of the parts in a folder (default parquet)")
    group.add_argument("--text-column", metavar="NAME", help="the column with the text (default text)")
    group.add_argument("--id-column", metavar="NAME", help="the column with the id (default id or bullet_id, if there)")
    group.add_argument("--with-text", action="store_true", help="write the text beside its labels")
    group.add_argument("--set-aside", action="store_true", help="write bad rows to OUT.rejects.jsonl and go on")
    group.add_argument("--overwrite", action="store_true", help="start anew where OUT was made of something else")
    group.add_argument(
        "--part-rows", type=number_option(1, 10_000_000), metavar="N", help="rows of a part (default 50000)"
    )
    group.add_argument(
        "--workers", type=number_option(1, 1024), metavar="N", help="processes, one thread each (default: all cores)"
    )
    group.add_argument("--ray", metavar="ADDRESS", help="label on the Ray cluster there, such as 10.0.0.1:6379 or auto")


def run(options: argparse.Namespace) -> int:
    """Label an article and print it, or label any input to a file.

    Raises:
        InputError: the input or the output is refused, or options do not go together.
        RowError: a row cannot be labelled, and such rows are not set aside.
    """
    from briefbench.labelling.sources import is_table

    if options.out is not None:
        return _run_to_file(options)
    given = next((f"--{name.replace('_', '-')}" for name in _ONLY_WITH_OUT if getattr(options, name)), None)
    what = "a table or folder" if is_table(options.input) else given
    if what is not None:
        raise InputError(f"{options.input}: {what} needs --out: a .parquet or .jsonl file, or a folder")
    return _run_article(options)


def _run_to_file(options: argparse.Namespace) -> int:
    from briefbench.baselines.saved import SUFFIX
    from briefbench.console import printable
    from briefbench.labelling.articles import Reading
    from briefbench.labelling.model import ModelReference
    from briefbench.labelling.plan import PART_ROWS
    from briefbench.labelling.run import Request, label

    given = next((f"--{name}" for name in ("against", "json") if getattr(options, name)), None)
    if given is not None:
        raise InputError(f"{given} is for an article whose labels are printed; leave --out out")
    if options.ray is not None and options.workers is not None:
        raise InputError("--workers is for one machine; on Ray the cluster's processors are the workers")
    release = find_release(options.dataset)
    # Workers stand elsewhere: what they are told must not depend on where we stand.
    named: str | None = options.model
    model = str(Path(named).resolve()) if named is not None and named.endswith(SUFFIX) else named
    request = Request(
        input=options.input,
        out=options.out,
        model=ModelReference(model, str(release.resolve()) if release is not None else None),
        format=options.format,
        text_column=options.text_column or "text",
        id_column=options.id_column,
        reading=Reading(options.encoding, options.prose, options.lead),
        with_text=options.with_text,
        set_aside=options.set_aside,
        overwrite=options.overwrite,
        part_rows=options.part_rows or PART_ROWS,
        workers=options.workers,
        ray=options.ray,
    )
    summary = label(request, lambda line: print(printable(line), file=sys.stderr, flush=True))
    print(printable(summary.line()))
    return 0


def _run_article(options: argparse.Namespace) -> int:
    """Ingest, label, print, and compare with recorded votes where they are given."""
    from briefbench.annotation.standoff import read_agreed, voters
    from briefbench.baselines.label import label_texts, load_model
    from briefbench.console import say
    from briefbench.dataset.ingest import found_bullets, left_out, read_article

    article = read_article(options.input, encoding=options.encoding)
    bullets = found_bullets(options.input, article, prose=options.prose, lead=options.lead)
    agreed = read_agreed(options.against, bullets) if options.against is not None else None
    say("reading the model, or fitting it on the release's train part …")
    model = load_model(options.model, find_release(options.dataset))
    labelled = label_texts(model, [bullet.text for bullet in bullets])
    if options.json:
        _print_json(bullets, labelled)
    else:
        _print_table(article.title or options.input.name, bullets, labelled)
    left = left_out(article, prose=options.prose, lead=options.lead)
    if left:
        print(f"left as prose: {left}", file=sys.stderr)
    if agreed is not None:
        # With --json standard output holds nothing but JSON lines.
        _print_comparison(agreed, labelled, voters(options.against), sys.stderr if options.json else sys.stdout)
    return 0


def _print_json(bullets: Sequence[Any], labelled: Sequence[Any]) -> None:
    import msgspec

    for bullet, labels in zip(bullets, labelled, strict=True):
        record = {"id": bullet.id, "position": bullet.position, "section": bullet.section, "text": bullet.text}
        sys.stdout.write(msgspec.json.encode(record | labels).decode() + "\n")


def _print_table(title: str, bullets: Sequence[Any], labelled: Sequence[Any]) -> None:
    from briefbench.console import print_table
    from briefbench.schema import TASK_NAMES

    rows: list[tuple[object, ...]] = []
    section = None
    for bullet, labels in zip(bullets, labelled, strict=True):
        if bullet.section != section:
            section = bullet.section
            rows.append(("", f"[{section}]", "", "", ""))
        text = bullet.text if len(bullet.text) <= _CUT else f"{bullet.text[:_CUT]}…"
        cells = [f"{labels[task].label} {labels[task].confidence:.2f}" for task in TASK_NAMES]
        rows.append((bullet.position, text, *cells))
    print_table(title, ("#", "[section] and text", *TASK_NAMES), rows, numbers_from=9, elastic=1)


def _print_comparison(agreed: dict[str, list[str | None]], labelled: Sequence[Any], who: str, out: TextIO) -> None:
    """Say how many labels are those on which the recorded votes agree; where they differ, nothing counts as right."""
    for task, gold in agreed.items():
        right = sum(labels[task].label == label for labels, label in zip(labelled, gold, strict=True))
        disputed = gold.count(None)
        note = f", {disputed} disputed" if disputed else ""
        print(f"{task}: {right} of {len(gold)} right{note}", file=out)
    whole = sum(all(labels[task].label == agreed[task][i] for task in agreed) for i, labels in enumerate(labelled))
    print(f"all three: {whole} of {len(labelled)} right, against votes of {who}", file=out)
