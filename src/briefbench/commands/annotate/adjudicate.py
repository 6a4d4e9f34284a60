"""``briefbench annotate adjudicate``: what votes differ on, or a classifier doubts, decided by somebody."""

import argparse
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from briefbench.commands.annotate.options import add_names, add_server_options
from briefbench.project import number_option

if TYPE_CHECKING:
    from briefbench.annotation.studio.decisions import Dispute, Key
    from briefbench.annotation.votes import Adjudication, Annotator, Vote
    from briefbench.project import Project

#: The ways to aggregate that decide ties: all but the majority.
METHODS = ("dawid-skene", "mace")


def add_step(steps: Any) -> None:
    """Add the step to the verb."""
    adjudicate: argparse.ArgumentParser = steps.add_parser(
        "adjudicate", help="decide the bullets on which the counted votes differ"
    )
    add_names(adjudicate, "?", "the adjudicator, whose project gets the disputes")
    add_server_options(adjudicate, "adjudicate")
    adjudicate.add_argument("--pull", action="store_true", help="fetch the decisions into adjudication.csv")
    adjudicate.add_argument(
        "--doubts",
        type=number_option(1, 10**9),
        metavar="N",
        help="send the first N labels of doubts.csv that nobody has decided, in place of the disputes",
    )
    adjudicate.add_argument(
        "--by",
        choices=METHODS,
        help="let a model of the voters decide what nobody has (needs briefbench[aggregation])",
    )
    adjudicate.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Send disputes, fetch decisions, or let a model decide."""
    from briefbench.errors import InputError

    if options.doubts and (options.by or options.pull):
        raise InputError("--doubts sends doubts to a person; pass neither --by nor --pull with it")
    if options.by and options.names:
        raise InputError("name an adjudicator, or pass --by, not both")
    if options.by:
        return _by_model(options)
    if not options.names:
        raise InputError("who decides? name an adjudicator, or pass --by")
    return _pull(options) if options.pull else _push(options)


def _push(options: argparse.Namespace) -> int:
    from briefbench.annotation.studio.decisions import (
        agreements,
        push_disputes,
        push_doubts,
        render_decision_config,
    )
    from briefbench.annotation.studio.projects import open_desk, vote_settings
    from briefbench.annotation.studio.workspace import check_name
    from briefbench.commands.annotate.connect import connected

    name = check_name(options.names)
    with connected(options) as link:
        votes, annotators, disputed, kept = _state(link.project, link.texts)
        doubted = _doubted(link.project, options.doubts, agreements(votes, annotators), kept) if options.doubts else []
        others = {key for key, one in kept.items() if one.adjudicator != name}
        settings = vote_settings(link.project.annotation / "guidelines.md") | {"label_config": render_decision_config()}
        desk, _ = open_desk(link.studio, name, decisions=True, **settings)
        where = f"{link.studio.url}/projects/{desk.project.id}"
        if options.doubts:
            added = push_doubts(link.studio, desk, doubted, link.bullets)
            print(f"{name}: {_some(added, 'doubt')} added, {len(doubted)} open: {where}")
        else:
            open_ = [dispute for key, dispute in disputed.items() if key not in others]
            added = push_disputes(link.studio, desk, open_, link.bullets)
            print(f"{name}: {_some(added, 'dispute')} added, {len(open_)} in all: {where}")
        if desk.account is None:
            print(f"next: briefbench annotate invite {name}")
    return 0


def _pull(options: argparse.Namespace) -> int:
    from briefbench.annotation.studio.decisions import agreements, pull_decisions
    from briefbench.annotation.studio.projects import chosen_desks
    from briefbench.annotation.votes import Annotator
    from briefbench.commands.annotate.connect import connected

    with connected(options) as link:
        votes, annotators, disputed, kept = _state(link.project, link.texts)
        (desk,) = chosen_desks(link.studio, [options.names], decisions=True)
        decided = pull_decisions(link.studio, desk, link.bullets, agreements(votes, annotators))
        who = Annotator(options.names, "human", "", "annotation/guidelines.md", False, "adjudicator")
        _write(link.project, annotators, who, kept=kept, decided=decided, disputed=disputed)
    return 0


def _by_model(options: argparse.Namespace) -> int:
    from importlib.metadata import version

    from briefbench.annotation.reliability.aggregation import aggregate
    from briefbench.annotation.votes import Adjudication, Annotator
    from briefbench.dataset.records import read_bullets
    from briefbench.project import find_project
    from briefbench.schema import TASKS

    project = find_project(options.root)
    texts = {bullet.id: bullet.text for bullet in read_bullets(project.annotation / "bullets.jsonl")}
    votes, annotators, disputed, kept = _state(project, texts)
    counted = {name: cast for name, cast in votes.items() if annotators[name].counts_toward_gold}
    decided: dict[Key, Adjudication] = {}
    for task in TASKS:
        labels = aggregate(options.by, task, counted)
        for identifier, name in disputed:
            if name == task.name and (identifier, name) not in kept:
                label, probability = labels[identifier]
                reason = f"{options.by}: probability {probability:.3f}"
                decided[identifier, name] = Adjudication(identifier, name, label, reason, options.by)
    who = Annotator(options.by, "model", f"crowd-kit {version('crowd-kit')}", "none: it sees votes only", False, "")
    _write(project, annotators, who, kept=kept, decided=decided, disputed=disputed)
    return 0


def _doubted(
    project: "Project", count: int, agreed: "Mapping[Key, str]", kept: "Mapping[Key, Adjudication]"
) -> "list[Key]":
    """Return the first doubts about labels on which the votes agree still, and on which nobody has decided."""
    from briefbench.annotation.quality.doubts import FILE, read_doubts
    from briefbench.errors import InputError

    path = project.annotation / FILE
    if not path.exists():
        raise InputError(f"{path}: no such file; find the doubts first, with briefbench annotate doubts")
    doubts = {(one.bullet_id, one.task): one.given for one in read_doubts(path)}
    return [key for key, given in doubts.items() if key not in kept and agreed.get(key) == given][:count]


def _state(
    project: "Project", texts: Mapping[str, str]
) -> "tuple[dict[str, dict[str, Vote]], dict[str, Annotator], dict[Key, Dispute], dict[Key, Adjudication]]":
    """Return votes, annotators, disputes and the decisions taken so far."""
    from briefbench.annotation.studio.decisions import disputes
    from briefbench.annotation.votes import read_adjudications, read_all_votes, read_annotators

    annotators = read_annotators(project.annotation / "annotators.csv")
    votes = read_all_votes(project.annotation / "votes", annotators, texts)
    path = project.annotation / "adjudication.csv"
    return votes, annotators, disputes(votes, annotators), read_adjudications(path, texts) if path.exists() else {}


def _write(
    project: "Project",
    annotators: "Mapping[str, Annotator]",
    who: "Annotator",
    *,
    kept: "Mapping[Key, Adjudication]",
    decided: "Mapping[Key, Adjudication]",
    disputed: "Mapping[Key, Dispute]",
) -> None:
    """Write adjudication.csv, and annotators.csv if the adjudicator is not in it yet."""
    from briefbench.annotation.studio.decisions import merge
    from briefbench.annotation.votes import encode_adjudications, encode_annotators
    from briefbench.files import write_all

    merged, needless = merge(kept, decided, disputed)
    path = project.annotation / "adjudication.csv"
    files = {path: encode_adjudications(merged)}
    if who.name not in annotators:
        files[project.annotation / "annotators.csv"] = encode_annotators([*annotators.values(), who])
    write_all(files)
    left = len(disputed.keys() - {(one.bullet_id, one.task) for one in merged})
    print(f"{who.name}: {_some(len(decided) - len(needless), 'decision')}, {_some(left, 'dispute')} left: {path}")
    if needless:
        print(
            f"left out: {_some(len(needless), 'decision')} on bullets whose votes agree now ({needless[0][0]} …)",
            file=sys.stderr,
        )


def _some(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
