"""Broken-off work against the real server: one clear sentence or a correct resume; nothing is lost, nothing doubled."""

import itertools
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from briefbench.annotation.studio import projects, suggestions
from briefbench.annotation.studio import push as pushing
from briefbench.annotation.studio.client import Studio
from briefbench.annotation.studio.projects import desks
from briefbench.annotation.studio.push import post, push
from briefbench.annotation.studio.suggestions import Source, suggest
from briefbench.annotation.votes import read_answers
from briefbench.errors import StudioError
from studio_faults import (
    Exchange,
    assert_each_once,
    exported,
    gate,
    hammering,
    killed,
    own,
    predictions,
    project_of,
    ready,
    vote_on,
)
from studio_support import Desk, Server
from tests_support import SmallProject

LABELS = {"topic": "combat", "stance": "neutral", "source_type": "unattributed"}
TOLD = Source("test", lambda found: [LABELS for _ in found])
AGAIN = "run the command again: it goes on where it stopped"


class Every:
    """Hang up at the request of a number, after the server has had it: what it did, the client does not know."""

    def __init__(self) -> None:
        """Begin with none."""
        self.number, self.seen = 0, 0

    def __call__(self, exchange: Exchange) -> bytes | None:
        self.seen += 1
        answer = exchange.forward()
        return None if self.seen == self.number else answer

    def arm(self, number: int) -> None:
        self.number, self.seen = number, 0


def broken_off(work: Callable[..., object], *arguments: object, **options: object) -> bool:
    """Do some work; say whether it broke off, with the sentence that says how to go on."""
    said = ""
    try:
        work(*arguments, **options)
    except StudioError as error:
        said = str(error)
    assert AGAIN in said or not said
    return bool(said)


def send(studio: Studio, desk: Desk, at: projects.Desk, size: int) -> None:
    """Push the first bullets and show a suggestion on each, as the command does."""
    bullets = {bullet.id: bullet for bullet in desk.bullets}
    (pushed,) = push(studio, [at], bullets, list(bullets)[:size])
    path = desk.annotation / "suggestions" / f"{at.annotator}.csv"
    suggest(studio, at, pushed.tasks, bullets, source=TOLD, path=path, show=True)


def each_of(desk: Desk) -> Counter[str]:
    return Counter(bullet.id for bullet in desk.bullets)


def test_a_push_cut_at_any_request_goes_on_where_it_stopped(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "CHUNK", 2)
    monkeypatch.setattr(suggestions, "CHUNK", 2)
    desk = ready(server, tmp_path / "p", ["CutPush"], 45)
    every = Every()
    with gate(server, every) as opened, Studio(opened.url, server.workspace.token()) as studio:
        at = desks(studio)["CutPush"]
        for number in itertools.count(1):
            every.arm(number)
            if not broken_off(send, studio, desk, at, 3 * number):
                break
        assert number > 8, "to list, send, list and suggest three bullets in twos takes eight requests"
        assert 3 * number < len(desk.bullets)
        every.arm(0)
        send(studio, desk, at, len(desk.bullets))
    assert_each_once(desk, "CutPush")
    assert predictions(desk, "CutPush") == each_of(desk)
    assert project_of(desk, "CutPush").show_collab_predictions


def test_votes_cut_at_any_request_are_posted_once(server: Server, tmp_path: Path) -> None:
    desk = ready(server, tmp_path / "p", ["CutVote"], 15)
    desk.run("push", "CutVote")
    bullets = {bullet.id: bullet for bullet in desk.bullets}
    answers = read_answers(desk.votes("P1"), "CutVote", {bullet.id: bullet.text for bullet in desk.bullets})
    every = Every()
    with gate(server, every) as opened, server.studio() as studio:
        at = desks(studio)["CutVote"]
        for number in itertools.count(1):
            every.arm(number)
            some = dict(list(answers.items())[: 2 * number])
            with Studio(opened.url, desk.workspace.accounts()["CutVote"].token) as annotator:
                if not broken_off(post, studio, annotator, at, some, bullets):
                    break
        assert number > 3, "a token and two votes are three requests"
    desk.run("vote", "--annotator", "CutVote", "--from", desk.votes("P1"))
    desk.run("pull", "CutVote")
    assert desk.votes("CutVote").read_bytes() == desk.votes("P1").read_bytes()
    assert [len(task.annotations) for task in exported(desk, "CutVote")] == [1] * 15


def test_a_killed_push_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    names = ["KillPush1", "KillPush2"]
    desk = ready(server, tmp_path / "p", names, 9)
    first, second = (f"/{project_of(desk, name).id}/import" for name in names)
    killed(desk, first, "push", *names, "--limit", "5", after=False)
    killed(desk, first, "push", *names, "--limit", "5", after=True)
    killed(desk, second, "push", *names, after=True)
    killed(desk, "/import/predictions", "push", "--suggest", "--show-suggestions", *names, after=True)
    desk.run("push", "--suggest", "--show-suggestions", *names)
    assert_each_once(desk, *names)
    for name in names:
        assert predictions(desk, name) == each_of(desk)


def test_killed_votes_go_on_where_they_stopped(server: Server, tmp_path: Path) -> None:
    desk = ready(server, tmp_path / "p", ["KillVote"], 9)
    votes = ("vote", "--annotator", "KillVote", "--from", "annotation/votes/P1.csv", "--bulk")
    desk.run("push", "--limit", "4", "KillVote")
    for where in ("/import", "/annotations/"):
        for after in (False, True):
            killed(desk, where, *votes, after=after)
    desk.run(*votes)
    desk.run("pull", "KillVote")
    assert desk.votes("KillVote").read_bytes() == desk.votes("P1").read_bytes()
    assert [len(task.annotations) for task in exported(desk, "KillVote")] == [1] * 9


def test_what_a_dead_client_sent_and_the_server_does_late_is_cleared_away(server: Server, tmp_path: Path) -> None:
    desk = ready(server, tmp_path / "p", ["Late"], 6)
    bullets = {bullet.id: bullet for bullet in desk.bullets}
    held: list[Exchange] = []

    def hold(exchange: Exchange) -> bytes | None:
        if "/import" not in exchange.line:
            return exchange.forward()
        held.append(exchange)
        return None

    with gate(server, hold) as opened, Studio(opened.url, server.workspace.token()) as studio:
        at = desks(studio)["Late"]
        with pytest.raises(StudioError, match=AGAIN):
            send(studio, desk, at, 6)
        with server.studio() as direct:
            push(direct, [at], bullets, list(bullets))
        with pytest.raises(StudioError, match=AGAIN):
            send(studio, desk, at, 6)
        with server.studio() as direct:
            send(direct, desk, at, 6)
    for exchange in held:
        assert b" 201 " in exchange.forward().split(b"\r\n")[0]
    tasks = exported(desk, "Late")
    assert len(tasks) == 12
    assert max(predictions(desk, "Late").values()) == 2
    identifier, regions = vote_on(desk)
    copy = [task.id for task in tasks if task.data["bullet_id"] == identifier][1]
    with own(desk, "Late") as annotator, server.studio() as direct:
        annotator.annotate(copy, regions)
        send(direct, desk, at, 6)
    assert_each_once(desk, "Late")
    assert predictions(desk, "Late") == each_of(desk) - Counter([identifier]), "the copy that was voted on had none"
    assert {task.id: len(task.annotations) for task in exported(desk, "Late")}[copy] == 1, (
        "the vote on the copy is kept"
    )


def test_an_import_that_loses_its_votes_is_seen_and_made_good(server: Server, tmp_path: Path) -> None:
    """On SQLite the server answers 201 and drops them where anybody posts meanwhile; here they are dropped for sure."""
    desk = ready(server, tmp_path / "p", ["Lossy"], 6)

    def lose(exchange: Exchange) -> bytes:
        if not exchange.line.endswith("/import"):
            return exchange.forward()
        tasks = json.loads(exchange.body)
        return exchange.with_body(json.dumps([{"data": task["data"]} for task in tasks])).forward()

    votes = ("vote", "--annotator", "Lossy", "--from", "annotation/votes/P1.csv", "--bulk")
    with gate(server, lose) as opened:
        said = desk.run(*votes, "--url", opened.url, status=1)
    assert "made 6 tasks, 0 annotations and 0 predictions of the 6, 6 and 0 sent" in said
    assert "let nobody annotate meanwhile, and run it again" in said
    assert "Lossy: 6 of 6 answers posted" in desk.run(*votes)
    desk.run("pull", "Lossy")
    assert desk.votes("Lossy").read_bytes() == desk.votes("P1").read_bytes()
    assert_each_once(desk, "Lossy")


def test_an_annotator_may_post_while_a_push_runs(server: Server, tmp_path: Path) -> None:
    desk = ready(server, tmp_path / "p", ["Busy"], 90)
    desk.run("push", "Busy", "--limit", "10")
    with server.studio() as studio:
        at = desks(studio)["Busy"]
        for size in (50, 90):
            with hammering(desk, "Busy", posts=15) as acknowledged:
                send(studio, desk, at, size)
            assert acknowledged
            kept = {one.id for task in exported(desk, "Busy") for one in task.annotations}
            assert set(acknowledged) <= kept
    assert_each_once(desk, "Busy")
    assert predictions(desk, "Busy") == each_of(desk)


def test_two_pushes_at_once_send_each_bullet_once(server: Server, tmp_path: Path) -> None:
    desk = ready(server, tmp_path / "p", ["Twins"], 60)
    other = Desk(SmallProject.write(tmp_path / "other", 60).root, server)
    started = [one.start("push", "Twins") for one in (desk, desk, other)]
    for one in started:
        said = one.communicate(timeout=60)
        assert one.returncode == 0, said
    desk.run("push", "Twins")
    assert_each_once(desk, "Twins")
