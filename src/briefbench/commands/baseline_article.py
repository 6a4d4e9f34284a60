"""``briefbench baseline article ARTICLE --against FOLDER``: the baselines that read text on an article of others."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from briefbench.project import add_root_option, find_project
from briefbench.schema import PROTOCOLS, TASK_NAMES

if TYPE_CHECKING:
    from briefbench.baselines.base import Baseline
    from briefbench.evaluation.systems import SystemResult
    from briefbench.project import Project


def add_parser(steps: Any) -> argparse.ArgumentParser:
    """Add the step to the verb, and return its parser."""
    parser: argparse.ArgumentParser = steps.add_parser(
        "article",
        help="count what the baselines that read text get right on an article with recorded votes",
        description="Label the article's bullets, and write labels and a page, without its text, under "
        "baselines/external/. Labels that other baselines gave the same bullets before stay.",
    )
    parser.add_argument("article", type=Path, metavar="ARTICLE", help="text or saved HTML")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a baseline (default: all that can be fitted here)")
    parser.add_argument("--against", type=Path, required=True, metavar="FOLDER", help="votes on its bullets")
    add_root_option(parser)
    parser.set_defaults(run=run)
    return parser


def run(options: argparse.Namespace) -> int:
    """Fit every baseline as its stored result says, label, count; write both files when all are done."""
    from briefbench.annotation.standoff import article_of, read_agreed, voters
    from briefbench.baselines.article import PAGE, RESULTS, Article, label, merged, ordered, read_article_labels, render
    from briefbench.baselines.base import read_examples
    from briefbench.baselines.shelf import MODELS, Shelf
    from briefbench.baselines.transfer import name_of
    from briefbench.console import print_table, track
    from briefbench.dataset.ingest import found_bullets, read_article
    from briefbench.dataset.release import read_checksums
    from briefbench.files import to_json, write_all

    project = find_project(options.root)
    bullets = found_bullets(options.article, read_article(options.article))
    agreed = read_agreed(options.against, bullets)
    data = read_checksums(project.dataset).data
    texts = [bullet.text for bullet in bullets]
    stored = _stored(_chosen(options.names), project, data)
    article = Article.of(article_of(options.against), data, texts)
    folder = project.baselines / "external" / article.name
    before = read_article_labels(folder / RESULTS)
    examples = read_examples(dataset=project.dataset)
    shelf = Shelf(project.baselines / MODELS, data, PROTOCOLS[0], reuse=options.reuse)
    found = {
        one.name: label(one, examples, texts, result.chosen, fitter=shelf.fit)
        for one, result in track(stored, "fitting baselines")
    }
    whole = merged(before, article, found)
    page = render(whole, agreed, voters(options.against), name_of(options.against, project.root))
    write_all({folder / RESULTS: to_json(whole).encode(), folder / PAGE: page.encode()})
    rows = [(name, *counts.values()) for name, counts in ordered(whole, agreed)]
    print_table(f"right of {article.bullets} bullets", ("baseline", *TASK_NAMES, "all three"), rows)
    print(f"all figures: {folder / PAGE}")
    return 0


def _chosen(names: list[str]) -> "list[Baseline]":
    from briefbench.baselines.extras import require
    from briefbench.baselines.registry import BASELINES, baseline_of
    from briefbench.commands.baseline import available_here
    from briefbench.errors import UnknownNameError

    if not names:
        return list(available_here([baseline for baseline in BASELINES if baseline.kind == "text"]))
    chosen = [baseline_of(name) for name in dict.fromkeys(names)]
    for baseline in chosen:
        if baseline.kind != "text":
            raise UnknownNameError(f"baseline {baseline.name!r} does not read the text alone, so it labels no article")
        require(baseline)
    return chosen


def _stored(chosen: "list[Baseline]", project: "Project", data: str) -> "list[tuple[Baseline, SystemResult]]":
    """Return the baselines with their stored results, from which the hyperparameters come."""
    from briefbench.errors import InputError
    from briefbench.evaluation.systems import read_result

    found = [(one, read_result(project.baselines / "results" / f"{one.name}.json")) for one in chosen]
    for baseline, result in found:
        if result.evaluation.data != data:
            raise InputError(f"result {baseline.name}: of another release; run briefbench baseline run {baseline.name}")
    return found
