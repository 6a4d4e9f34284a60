"""Adjudication over a real server: disputes without names go, decisions come back, and the gold follows them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from briefbench.annotation.quality.doubts import Doubt, encode_doubts
from briefbench.annotation.reliability.aggregation import METHODS
from briefbench.annotation.studio.client import Studio
from briefbench.annotation.studio.decisions import disputes, merge
from briefbench.annotation.studio.projects import chosen_desks
from briefbench.annotation.votes import Adjudication, read_all_votes, read_annotators
from briefbench.commands import main
from briefbench.commands.annotate.adjudicate import METHODS as OFFERED
from briefbench.dataset.load import read_tables
from briefbench.errors import StudioError
from briefbench.schema import TOPIC
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
            values = [("decision", "choices", "choices", [label])]
            values += [("reason", "textarea", "text", ["because\nit says, so"])]
            own.annotate(
                rows[key],
                [
                    {"from_name": name, "to_name": "text", "type": control, "value": {kind: value}}
                    for name, control, kind, value in values
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


def doubted(desk: Desk) -> list[tuple[str, str]]:
    """Write three doubts, the last of a label that nobody has given, and return their bullets and tasks."""
    bullets = desk.bullets
    rows = [line.split(",") for line in desk.votes("P1").read_text().splitlines()[1:]]
    keys = [(rows[i][0], "topic") for i in (5, 8, 9)]
    given = [rows[5][1], rows[8][1], "nuclear"]
    assert [bullets[i].id for i in (5, 8, 9)] == [identifier for identifier, _ in keys]
    (desk.annotation / "doubts.csv").write_bytes(
        encode_doubts(
            Doubt(rank, task, identifier, label, "information", 0.01, 0.9, 2, False, "m")
            for rank, ((identifier, task), label) in enumerate(zip(keys, given, strict=True), start=1)
        )
    )
    return keys


def test_doubts_go_without_any_label_and_decisions_on_them_override_the_votes(server: Server, tmp_path: Path) -> None:
    desk = server.project(tmp_path / "project")
    assert "find the doubts first" in desk.run("adjudicate", "Judge5", "--doubts", "2", status=1)
    first, second, stale = doubted(desk)
    votes = {name: desk.votes(name).read_bytes() for name in ("P1", "P2")}
    assert "Judge5: 1 doubt added, 1 open" in desk.run("adjudicate", "Judge5", "--doubts", "1")
    desk.run("invite", "Judge5")
    assert "Judge5: 1 doubt added, 2 open" in desk.run("adjudicate", "Judge5", "--doubts", "9")
    assert "Judge5: 0 doubts added, 2 open" in desk.run("adjudicate", "Judge5", "--doubts", "9")
    with server.studio() as studio:
        (found,) = chosen_desks(studio, ["Judge5"], decisions=True)
        shown = [row.data for row in studio.tasks(found.project.id)]
    assert sorted((data["bullet_id"], data["task"]) for data in shown) == sorted([first, second])
    assert stale not in [(data["bullet_id"], data["task"]) for data in shown]
    for data in shown:
        assert data["proposals"] == "Decide afresh: no label is proposed."
        assert [choice["value"] for choice in data["choices"]] == list(TOPIC.names)
        assert set(data) == {
            "bullet_id",
            "task",
            "text",
            "section",
            "date",
            "question",
            "proposals",
            "choices",
            "doubt",
        }
    agreed = read_all_votes(
        desk.annotation / "votes",
        read_annotators(desk.annotation / "annotators.csv"),
        {bullet.id: bullet.text for bullet in desk.bullets},
    )["P1"]
    given, kept = agreed[first[0]].labels["topic"], agreed[second[0]].labels["topic"]
    chosen = "economy" if given == "society" else "society"
    decide(desk, "Judge5", {first: chosen, second: kept})
    assert "Judge5: 2 decisions, 0 disputes left" in desk.run("adjudicate", "Judge5", "--pull")
    rows = (desk.annotation / "adjudication.csv").read_text().splitlines()
    assert rows[0] == "bullet_id,task,label,reason,adjudicator,overrides"
    assert sorted(row.split(",")[0] + row.rsplit(",", 2)[1] + row.rsplit(",", 1)[1] for row in rows[1:]) == sorted(
        [f"{first[0]}Judge5{given}", f"{second[0]}Judge5{kept}"]
    )
    assert "Judge5: 0 doubts added, 0 open" in desk.run("adjudicate", "Judge5", "--doubts", "9")
    assert main(["release", "build", "--root", str(desk.root), "--min-test-class", "1"]) == 0
    (row,) = [row for row in read_tables_of(desk) if row["bullet_id"] == first[0]]
    assert (row["topic"], row["disputed"]) == (TOPIC.codes[chosen], [])
    assert row["topic_soft"][TOPIC.codes[given]] == 1.0
    assert [one["label"] for one in row["adjudications"]] == [chosen]
    assert {name: desk.votes(name).read_bytes() for name in votes} == votes


def test_a_doubt_on_which_votes_came_to_differ_is_an_ordinary_dispute(server: Server, tmp_path: Path) -> None:
    desk = server.project(tmp_path / "project")
    first, *_ = doubted(desk)
    desk.run("adjudicate", "Judge6", "--doubts", "1")
    desk.run("invite", "Judge6")
    decide(desk, "Judge6", {first: "justice"})
    path = desk.votes("P2")
    path.write_text(
        "\n".join(
            line if not line.startswith(first[0]) else ",".join([first[0], "nuclear", *line.split(",")[2:]])
            for line in path.read_text().splitlines()
        )
        + "\n"
    )
    assert "Judge6: 1 decision, 0 disputes left" in desk.run("adjudicate", "Judge6", "--pull")
    assert (desk.annotation / "adjudication.csv").read_text().splitlines() == [
        "bullet_id,task,label,reason,adjudicator",
        f'{first[0]},topic,justice,"because it says, so",Judge6',
    ]


def read_tables_of(desk: Desk) -> list[dict[str, Any]]:
    tables = read_tables("default", dataset=desk.root / "dataset")
    return [row for table in tables.values() for row in table.to_pylist()]


def decision(key: tuple[str, str], label: str, who: str) -> Adjudication:
    return Adjudication(*key, label, "why", who)


def test_merging_keeps_what_overrides_agreed_votes_and_leaves_out_the_rest() -> None:
    overriding = Adjudication(*KEYS[0], "combat", "why", "J", overrides="strikes")
    merged, needless = merge({}, {KEYS[0]: overriding, KEYS[1]: decision(KEYS[1], "mixed", "J")}, {})
    assert merged == [overriding]
    assert needless == [KEYS[1]]
    assert merge({KEYS[0]: overriding}, {}, {}) == ([overriding], [])
    with pytest.raises(StudioError, match="J has decided combat, K strikes"):
        merge({KEYS[0]: overriding}, {KEYS[0]: replace(overriding, label="strikes", adjudicator="K")}, {})


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
