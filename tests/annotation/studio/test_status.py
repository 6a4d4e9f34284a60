"""Status: counts, speed and disagreement as they are on the server, and what the disagreement is not."""

import json
from pathlib import Path

from briefbench.annotation.studio.status import _origins, _rate
from briefbench.annotation.studio.suggestions import Suggestion, equal
from briefbench.annotation.votes import Vote
from studio_support import Desk, Server


def test_status_counts_what_stands_on_the_server(server: Server, tmp_path: Path) -> None:
    desk: Desk = server.project(tmp_path / "project", 12)
    desk.run("init", "State1", "State2", "State3", "--kind", "model", "--model", "m")
    desk.run("invite", "State1", "State2", "State3")
    desk.run("push", "State1", "State2", "State3")
    rows = desk.votes("P1").read_text().splitlines()
    skipped = rows[1].split(",")
    other = rows[2].replace(",combat,", ",justice,").replace(",economy,", ",justice,").replace(",society,", ",justice,")
    (desk.root / "one.csv").write_text("\n".join(rows[:9]) + "\n")
    (desk.root / "two.csv").write_text(
        "\n".join([rows[0], f"{skipped[0]},,,,,,,1,2026-01-02", other, *rows[3:6]]) + "\n"
    )
    desk.run("vote", "--annotator", "State1", "--from", "one.csv")
    desk.run("vote", "--annotator", "State2", "--from", "two.csv")
    found = json.loads(desk.run("status", "State1", "State2", "State3", "--json"))
    one, two, three = found["annotators"]
    assert [(each["tasks"], each["votes"], each["skipped"], each["left"]) for each in (one, two, three)] == [
        (12, 8, 0, 4),
        (12, 4, 1, 7),
        (12, 0, 0, 12),
    ]
    assert one["account"] == "state1@briefbench.localhost"
    assert one["per_hour"] > 0
    assert three["per_hour"] is None
    assert found["agreement"]["bullets"] == 4
    assert found["agreement"]["differences"] == {"topic": 1, "stance": 0, "source_type": 0}
    assert found["agreement"]["kind"] == "self-consistency"
    assert "self-consistency" in found["note"]
    printed = desk.run("status", "State1", "State2", "State3")
    assert "State1, State2: self-consistency on 4 bullets with two votes or more" in printed
    assert "25.0%" in printed
    assert found["note"] in printed
    assert "no bullet has votes of two annotators yet" in desk.run("status", "State1")


def test_votes_are_compared_with_shown_and_hidden_suggestions() -> None:
    labels = {"topic": "combat", "stance": "neutral", "source_type": "unattributed"}
    suggestions = {
        name: Suggestion(name, labels, shown, "m") for name, shown in (("a", True), ("b", False), ("c", False))
    }
    votes = {
        name: Vote(name, "A", labels | {"topic": topic}, (), None, 1, "")
        for name, topic in (("a", "combat"), ("b", "society"))
    }
    assert equal(suggestions, votes, shown=True) == {"topic": (1, 1), "stance": (1, 1), "source_type": (1, 1)}
    assert equal(suggestions, votes, shown=False) == {"topic": (0, 1), "stance": (1, 1), "source_type": (1, 1)}
    assert equal(suggestions, {}, shown=True) == {}


def test_pauses_are_no_work() -> None:
    times = [f"2026-01-02T10:{minute:02d}:00.0Z" for minute in (0, 1, 2, 45, 46)]
    assert _rate(times) == 60
    assert _rate(times[:1]) is None
    assert _rate([]) is None


def test_origins_are_counted_by_task() -> None:
    cells = ["topic:prediction;stance:manual", "", "topic:prediction-changed", "topic:prediction"]
    assert _origins(cells) == {"topic": {"prediction": 2, "prediction-changed": 1}, "stance": {"manual": 1}}
