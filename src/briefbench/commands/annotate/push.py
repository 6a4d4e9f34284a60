"""``briefbench annotate push`` and ``vote``: bullets, and recorded votes, to the server."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from briefbench.commands.annotate.options import add_names, add_server_options
from briefbench.project import number_option

if TYPE_CHECKING:
    from briefbench.annotation.studio.suggestions import Source
    from briefbench.dataset.records import Bullet

_MODEL = "tfidf-lr"


def add_step(steps: Any) -> None:
    """Add the steps to the verb."""
    push: argparse.ArgumentParser = steps.add_parser("push", help="send bullets to the annotators' projects")
    add_names(push, "*", "annotators (default: those of annotators.csv)")
    add_server_options(push, "push")
    push.add_argument(
        "--order",
        choices=("random", "uncertain", "file"),
        default="random",
        help="random (default), by a baseline's uncertainty, or as in bullets.jsonl",
    )
    push.add_argument("--seed", type=number_option(0, 10**18), default=12345, metavar="N", help="default 12345")
    push.add_argument(
        "--assign",
        type=number_option(1, 1000),
        metavar="K",
        help="share the bullets out, K votes each; by default all vote on all",
    )
    push.add_argument(
        "--limit", type=number_option(1, 10**9), metavar="N", help="only the first N bullets in that order"
    )
    push.add_argument("--suggest", action="store_true", help="keep a baseline's labels in suggestions/NAME.csv, hidden")
    push.add_argument(
        "--show-suggestions", action="store_true", help="with --suggest: the annotators see them, preselected"
    )
    push.add_argument("--model", default=_MODEL, metavar="NAME", help=f"the baseline (default {_MODEL})")
    push.set_defaults(run=run_push)
    vote: argparse.ArgumentParser = steps.add_parser("vote", help="post recorded votes under an annotator's account")
    add_server_options(vote, "vote")
    vote.add_argument("--annotator", required=True, metavar="NAME")
    vote.add_argument("--from", required=True, type=Path, metavar="FILE", dest="source", help="votes/NAME.csv")
    vote.add_argument(
        "--bulk",
        action="store_true",
        help="import bullets that have no task yet together with their votes: much faster",
    )
    vote.set_defaults(run=run_vote)


def run_push(options: argparse.Namespace) -> int:
    """Order and send the bullets."""
    from briefbench.annotation.studio.plan import mean_entropy, most_uncertain, shuffled
    from briefbench.annotation.studio.push import push
    from briefbench.annotation.studio.suggestions import suggest
    from briefbench.commands.annotate.connect import connected, progress
    from briefbench.errors import InputError
    from briefbench.project import find_release

    if options.show_suggestions and not options.suggest:
        raise InputError("--show-suggestions shows what --suggest stores; pass both")
    with connected(options) as link:
        bullets = link.bullets
        desks = link.desks(options.names)
        if options.assign and options.assign > len(desks):
            raise InputError(f"--assign {options.assign}: there are only {len(desks)} annotators; invite more")
        order = list(bullets)
        if options.order == "random":
            order = shuffled(order, options.seed)
        if options.order == "uncertain":
            entropy = mean_entropy(list(link.texts.values()), options.model, find_release(None))
            order = most_uncertain(order, entropy)
            span = f"{entropy.max():.2f} to {entropy.min():.2f} nats"
            print(f"order: {options.model}'s mean entropy over the three tasks, highest first ({span})")
        order = order[: options.limit]
        source = _source(options.model) if options.suggest else None
        with progress("tasks", len(order) * (options.assign or len(desks))) as advance:
            pushed = push(link.studio, desks, bullets, order, votes=options.assign, advance=advance)
        for desk, one in zip(desks, pushed, strict=True):
            told = ""
            if source is not None:
                path = link.project.annotation / "suggestions" / f"{desk.annotator}.csv"
                made = suggest(
                    link.studio, desk, one.tasks, bullets, source=source, path=path, show=options.show_suggestions
                )
                told = f", {made} new suggestions {'shown' if options.show_suggestions else 'hidden'}"
            print(f"{one.annotator}: {one.added} tasks added, {len(one.tasks)} in all{told}")
    return 0


def run_vote(options: argparse.Namespace) -> int:
    """Post recorded votes."""
    from briefbench.annotation.studio.client import Studio
    from briefbench.annotation.studio.push import post, post_in_bulk
    from briefbench.annotation.votes import read_answers
    from briefbench.commands.annotate.connect import connected, progress
    from briefbench.errors import StudioError

    with connected(options) as link:
        bullets = link.bullets
        answers = read_answers(options.source, options.annotator, link.texts)
        (desk,) = link.desks([options.annotator])
        with progress("votes", len(answers)) as advance:
            if options.bulk:
                posted = post_in_bulk(link.studio, desk, answers, bullets, advance=advance)
            account = link.workspace.accounts().get(options.annotator)
            if account is None:
                raise StudioError(
                    f"the account of {desk.annotator} is not known here; briefbench annotate invite {desk.annotator}"
                )
            with Studio(link.studio.url, account.token) as own:
                rest = post(link.studio, own, desk, answers, bullets, advance=advance)
        posted = rest + (posted if options.bulk else 0)
        print(
            f"{desk.annotator}: {posted} of {len(answers)} answers posted, {len(answers) - posted} were there already"
        )
    return 0


def _source(model: str) -> "Source":
    """Return a baseline as a source of suggestions, named by what it was trained on."""
    from briefbench.annotation.studio.suggestions import Source
    from briefbench.baselines.label import label_texts, load_model
    from briefbench.project import find_release
    from briefbench.schema import TASK_NAMES

    fitted = load_model(model, find_release(None))

    def labels(bullets: Sequence["Bullet"]) -> list[Mapping[str, str]]:
        found = label_texts(fitted, [bullet.text for bullet in bullets])
        return [{task: one[task].label for task in TASK_NAMES} for one in found]

    return Source(fitted.signature, labels)
