"""Adjudication over a real server: disputes without names go, decisions come back, and the gold follows them."""

import json
from pathlib import Path

import pytest

from briefbench.annotation.reliability.aggregation import METHODS
from briefbench.annotation.studio.client import Studio
from briefbench.annotation.studio.decisions import disputes, merge
from briefbench.annotation.studio.projects import chosen_desks
from briefbench.annotation.votes import Adjudication, read_all_votes, read_annotators
from briefbench.commands import main
from briefbench.commands.annotate.adjudicate import METHODS as OFFERED
from briefbench.errors import StudioError
from studio_support import Desk, Server

LABELS = {"topic": "society", "source_type": "private_party"}
KEYS = [("b1", "topic"), ("b2", "stance")]


def disputed(desk: Desk) -> list[tuple[str, str]]:
    """Let P2 differ from P1 on the topic of the first bullet and the source type of the first two attributed ones."""
    path = desk.votes("P2")
    lines = path.read_text().splitlines()
    changed = {lines[1].split(",")[0]: ("topic", 1, "justice")}
    for line in [line for line in lines[1:] if ",unattributed," not in line][:2]:
        changed[line.split(",")[0]] = ("source_type", 3, "armed_group")
    for place, line in enumerate(lines):
        cells = line.split(",")
        if cells[0] in changed:
            _, column, label = changed[cells[0]]
            cells[column] = label
            lines[place] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n")
    return sorted((identifier, task) for identifier, (task, _, _) in changed.items())


def decide(desk: Desk, name: str, decisions: dict[tuple[str, str], str]) -> None:
    """Decide as the adjudicator's account, as the page would post it."""
    with desk.server.studio() as studio:
        (found,) = chosen_desks(studio, [name], decisions=True)
        rows = {(row.data["bullet_id"], row.data["task"]): row.id for row in studio.tasks(found.project.id)}
    with Studio(desk.server.url, desk.workspace.accounts()[name].token) as own:
        for key, label in decisions.items():
            values = [("decision", "choices", [label]), ("reason", "text", ["because\nit says, so"])]
            own.annotate(
                rows[key],
                [
                    {"from_name": n, "to_name": "text", "type": kind, "value": {kind: value}}
                    for n, kind, value in values
                ],
            )


def some(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def test_disputes_go_without_names_and_decisions_come_back(server: Server, tmp_path: Path) -> None:
    desk = server.project(tmp_path / "project")
    keys = disputed(desk)
    assert f"Judge1: {some(len(keys), 'dispute')} added" in desk.run("adjudicate", "Judge1")
    desk.run("invite", "Judge1")
    assert f"Judge1: 0 disputes added, {len(keys)} in all" in desk.run("adjudicate", "Judge1")
    with server.studio() as studio:
        (found,) = chosen_desks(studio, ["Judge1"], decisions=True)
        shown = json.dumps([row.data for row in studio.tasks(found.project.id)])
    assert "P1" not in shown
    assert "P2" not in shown
    assert "armed_group: 1 vote" in shown
    first = keys[0]
    decide(desk, "Judge1", {first: LABELS[first[1]]})
    assert f"Judge1: 1 decision, {some(len(keys) - 1, 'dispute')} left" in desk.run("adjudicate", "Judge1", "--pull")
    path = desk.annotation / "adjudication.csv"
    assert path.read_text().splitlines()[1:] == [
        f'{first[0]},{first[1]},{LABELS[first[1]]},"because it says, so",Judge1'
    ]
    before = path.read_bytes()
    desk.run("adjudicate", "Judge1", "--pull")
    assert path.read_bytes() == before
    decide(desk, "Judge1", {key: LABELS[key[1]] for key in keys[1:]})
    desk.run("adjudicate", "Judge1", "--pull")
    assert main(["release", "build", "--root", str(desk.root), "--min-test-class", "1"]) == 0


def test_a_decision_that_the_votes_need_no_more_is_left_out(server: Server, tmp_path: Path) -> None:
    desk = server.project(tmp_path / "project")
    keys = disputed(desk)
    desk.run("adjudicate", "Judge2")
    desk.run("invite", "Judge2")
    decide(desk, "Judge2", {keys[0]: LABELS[keys[0][1]]})
    desk.votes("P2").write_bytes(desk.votes("P1").read_bytes())
    assert "left out: 1 decision on bullets whose votes agree now" in desk.run("adjudicate", "Judge2", "--pull")


def test_an_unknown_label_or_another_account_is_refused(server: Server, tmp_path: Path) -> None:
    desk = server.project(tmp_path / "project")
    keys = disputed(desk)
    desk.run("adjudicate", "Judge3", "--pull", status=1)
    desk.run("adjudicate", "Judge3")
    assert "Judge3 has no account" in desk.run("adjudicate", "Judge3", "--pull", status=1)
    desk.run("invite", "Judge3")
    decide(desk, "Judge3", {keys[0]: "weather"})
    before = (desk.annotation / "adjudication.csv").read_bytes()
    said = desk.run("adjudicate", "Judge3", "--pull", status=1)
    assert f"bullet {keys[0][0]}: unknown {keys[0][1]} 'weather'" in said
    assert (desk.annotation / "adjudication.csv").read_bytes() == before


def test_disputes_are_those_of_the_votes_that_count(server: Server, tmp_path: Path) -> None:
    desk = server.project(tmp_path / "project")
    keys = disputed(desk)
    texts = {bullet.id: bullet.text for bullet in desk.bullets}
    annotators = read_annotators(desk.annotation / "annotators.csv")
    votes = read_all_votes(desk.annotation / "votes", annotators, texts)
    assert list(disputes(votes, annotators)) == keys


def decision(key: tuple[str, str], label: str, who: str) -> Adjudication:
    return Adjudication(*key, label, "why", who)


def test_merging_keeps_what_others_decided_and_replaces_ones_own() -> None:
    open_ = dict.fromkeys(KEYS)
    kept = {KEYS[0]: decision(KEYS[0], "combat", "J"), KEYS[1]: decision(KEYS[1], "mixed", "J")}
    merged, needless = merge(kept, {KEYS[0]: decision(KEYS[0], "strikes", "J")}, open_)  # type: ignore[arg-type]
    assert [one.label for one in merged] == ["strikes", "mixed"]
    assert needless == []
    merged, _ = merge(kept, {KEYS[0]: decision(KEYS[0], "combat", "K")}, open_)  # type: ignore[arg-type]
    assert [one.adjudicator for one in merged] == ["J", "J"]
    with pytest.raises(StudioError, match="bullet b1, topic: J has decided combat, K strikes; remove one"):
        merge(kept, {KEYS[0]: decision(KEYS[0], "strikes", "K")}, open_)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["dawid-skene", "mace"])
def test_a_model_of_the_voters_decides_what_nobody_has(server: Server, tmp_path: Path, method: str) -> None:
    desk = server.project(tmp_path / "project")
    keys = disputed(desk)
    (desk.annotation / "adjudication.csv").write_text(
        f"bullet_id,task,label,reason,adjudicator\n{keys[0][0]},{keys[0][1]},{LABELS[keys[0][1]]},why,P1\n"
    )
    assert f"{method}: {some(len(keys) - 1, 'decision')}, 0 disputes left" in desk.run("adjudicate", "--by", method)
    rows = (desk.annotation / "adjudication.csv").read_text().splitlines()[1:]
    assert [row.split(",")[-1] for row in rows].count(method) == len(keys) - 1
    assert f"{method}: probability " in rows[-1]
    assert f"{method},model,crowd-kit" in (desk.annotation / "annotators.csv").read_text()
    assert main(["release", "build", "--root", str(desk.root), "--min-test-class", "1"]) == 0


def test_the_models_that_can_decide_are_those_that_aggregate() -> None:
    assert ("majority", *OFFERED) == METHODS


def test_who_decides_must_be_said_once(server: Server, tmp_path: Path) -> None:
    desk = server.project(tmp_path / "project")
    assert "name an adjudicator, or pass --by" in desk.run("adjudicate", status=1)
    assert "not both" in desk.run("adjudicate", "Judge4", "--by", "mace", status=1)
