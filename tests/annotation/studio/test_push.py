"""Pushing to a real server: orders, shares and suggestions arrive as planned, and once."""

from pathlib import Path

import pytest

from briefbench.annotation.studio.plan import shuffled
from briefbench.annotation.studio.projects import chosen_desks
from briefbench.annotation.studio.records import Row
from briefbench.annotation.studio.suggestions import read_suggestions
from studio_support import Desk, Server


@pytest.fixture
def desk(server: Server, tmp_path: Path) -> Desk:
    return server.project(tmp_path / "project")


def tasks(desk: Desk, annotator: str) -> list[Row]:
    """Return an annotator's tasks in the order in which they are labelled."""
    with desk.server.studio() as studio:
        (found,) = chosen_desks(studio, [annotator])
        return studio.tasks(found.project.id)


def ids(desk: Desk, annotator: str) -> list[str]:
    return [row.data["bullet_id"] for row in tasks(desk, annotator)]


def test_tasks_come_in_the_order_of_the_seed_with_what_an_annotator_needs(desk: Desk) -> None:
    desk.run("init", "Push1")
    assert "Push1: 30 tasks added, 30 in all" in desk.run("push", "Push1", "--seed", "7")
    bullets = {bullet.id: bullet for bullet in desk.bullets}
    assert ids(desk, "Push1") == shuffled(list(bullets), 7)
    for row in tasks(desk, "Push1"):
        bullet = bullets[row.data["bullet_id"]]
        shown = {"text": bullet.text, "section": bullet.section, "date": str(bullet.date)}
        assert row.data == {"bullet_id": bullet.id} | shown


def test_the_first_bullets_then_the_rest(desk: Desk) -> None:
    desk.run("init", "Push2")
    assert "10 tasks added" in desk.run("push", "Push2", "--order", "file", "--limit", "10")
    assert "20 tasks added, 30 in all" in desk.run("push", "Push2", "--order", "file")
    assert ids(desk, "Push2") == [bullet.id for bullet in desk.bullets]


def test_the_most_uncertain_bullets_come_first_and_it_says_so(desk: Desk) -> None:
    desk.run("init", "Push3")
    assert "order: tfidf-lr's mean entropy over the three tasks, highest first" in desk.run(
        "push", "Push3", "--order", "uncertain", "--limit", "5"
    )
    few = ids(desk, "Push3")
    desk.run("push", "Push3", "--order", "uncertain")
    assert ids(desk, "Push3")[:5] == few
    assert len(set(ids(desk, "Push3"))) == 30


def test_bullets_are_shared_out_with_two_votes_each(desk: Desk) -> None:
    names = ("Push4", "Push5", "Push6")
    desk.run("init", *names)
    desk.run("push", *names, "--assign", "2", "--limit", "12")
    desk.run("push", *names, "--assign", "2")
    given = [ids(desk, name) for name in names]
    assert [len(one) for one in given] == [20, 20, 20]
    counts = [sum(bullet.id in one for one in given) for bullet in desk.bullets]
    assert counts == [2] * 30
    assert "--assign 4: there are only 3 annotators" in desk.run("push", *names, "--assign", "4", status=1)


def test_hidden_suggestions_never_reach_the_server_and_shown_ones_do(desk: Desk) -> None:
    desk.run("init", "Push7")
    desk.run("push", "Push7", "--limit", "10")
    assert "0 tasks added, 10 in all, 10 new suggestions shown" in desk.run(
        "push", "Push7", "--limit", "10", "--suggest", "--show-suggestions"
    )
    assert "20 tasks added, 30 in all, 20 new suggestions hidden" in desk.run("push", "Push7", "--suggest")
    path = desk.annotation / "suggestions" / "Push7.csv"
    before = path.read_bytes()
    kept = read_suggestions(path)
    shown = {row.data["bullet_id"]: row.total_predictions for row in tasks(desk, "Push7")}
    assert shown == {one.bullet_id: int(one.shown) for one in kept.values()}
    assert sum(shown.values()) == 10
    assert all(one.model.startswith("briefbench:") for one in kept.values())
    assert all("|model:tfidf-lr|data:" in one.model for one in kept.values())
    assert "0 new suggestions shown" in desk.run("push", "Push7", "--suggest", "--show-suggestions")
    assert path.read_bytes() == before
    assert "pass both" in desk.run("push", "Push7", "--show-suggestions", status=1)


def test_a_damaged_file_of_suggestions_is_refused(desk: Desk) -> None:
    desk.run("init", "Push11")
    desk.run("push", "Push11", "--suggest", "--limit", "3")
    path = desk.annotation / "suggestions" / "Push11.csv"
    path.write_text(path.read_text().replace(",false,", ",perhaps,"))
    assert "line 2: bullet" in desk.run("push", "Push11", "--suggest", status=1)


def test_nobody_to_push_to(desk: Desk) -> None:
    said = desk.run("push", "Nobody", status=1)
    assert "annotator Nobody has no project on this server; make one with briefbench annotate init Nobody" in said


@pytest.mark.parametrize("name", ["../A1", "A 1", "", "-A", "x" * 33, "Ä1"])
def test_a_name_that_is_no_file_name_is_refused(desk: Desk, name: str) -> None:
    assert "a name has up to 32 letters" in desk.run("init", "--", name, status=1)


def test_init_and_invite_change_nothing_the_second_time(desk: Desk) -> None:
    first = desk.run("init", "Push8", "--kind", "model", "--model", "a model", "--uncounted")
    assert "added to" in first
    table = (desk.annotation / "annotators.csv").read_text()
    assert "Push8,model,a model,annotation/guidelines.md,false,\n" in table
    assert "is there already" in desk.run("init", "Push8")
    assert (desk.annotation / "annotators.csv").read_text() == table
    desk.run("invite", "Push8", "--email", "push8@example.org")
    account = desk.workspace.accounts()["Push8"]
    assert "new account" not in desk.run("invite", "Push8")
    assert desk.workspace.accounts()["Push8"] == account
    desk.run("invite", "Push8", "--renew")
    assert desk.workspace.accounts()["Push8"].token != account.token
    assert (desk.root / ".label-studio" / "accounts.json").stat().st_mode & 0o777 == 0o600


def test_an_email_that_is_taken_and_one_that_is_none(desk: Desk) -> None:
    desk.run("init", "Push9", "Push10")
    desk.run("invite", "Push9", "--email", "push9@example.org")
    said = desk.run("invite", "Push10", "--email", "push9@example.org", status=1)
    assert "made no account for push9@example.org: User with this email already exists" in said
    assert "is no email address" in desk.run("invite", "Push10", "--email", "nobody", status=1)
    assert "invite them one by one" in desk.run("invite", "Push9", "Push10", "--email", "a@example.org", status=1)
