"""``briefbench label ARTICLE``: an article's bullets with topic, stance, source type and a confidence."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from briefbench.project import add_dataset_option, find_release

_CUT = 70


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        "label",
        help="label the bullets of an article",
        description="Label the bullets of a live briefing (text or saved HTML) with a baseline fitted on the release.",
    )
    parser.add_argument("article", type=Path, metavar="ARTICLE")
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="votes recorded on this article, by position")
    parser.add_argument(
        "--model", default="tfidf-lr", metavar="NAME", help="a baseline that reads text (default tfidf-lr)"
    )
    add_dataset_option(parser)
    parser.add_argument("--encoding", metavar="NAME", help="the article's encoding, where it is not recognized")
    parser.add_argument("--prose", action="store_true", help="label the paragraphs of sections too")
    parser.add_argument("--lead", action="store_true", help="label the sentences before the first heading too")
    parser.add_argument("--json", action="store_true", help="print one JSON object a bullet")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Ingest, label, print, and compare with recorded votes where they are given."""
    from briefbench.annotation.standoff import read_agreed, voters
    from briefbench.baselines.label import fit_model, label_texts
    from briefbench.console import say
    from briefbench.dataset.ingest import found_bullets, left_out, read_article

    article = read_article(options.article, encoding=options.encoding)
    bullets = found_bullets(options.article, article, prose=options.prose, lead=options.lead)
    agreed = read_agreed(options.against, bullets) if options.against is not None else None
    say(f"fitting {options.model} on the release's train part …")
    model = fit_model(options.model, find_release(options.dataset))
    labelled = label_texts(model, [bullet.text for bullet in bullets])
    if options.json:
        _print_json(bullets, labelled)
    else:
        _print_table(article.title or options.article.name, bullets, labelled)
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
