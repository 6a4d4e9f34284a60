"""Broken-off work, against the real server: one clear sentence or a correct resume; nothing is lost, nothing doubled."""

import itertools
import threading
from collections import Counter
from pathlib import Path

import pytest

from briefbench.annotation.studio import push as pushing
from briefbench.annotation.studio.client import Studio
from briefbench.annotation.studio.projects import desks
from briefbench.annotation.studio.push import Suggestions, post, push
from briefbench.annotation.studio.regions import to_regions
from briefbench.annotation.votes import read_answers
from briefbench.errors import StudioError
from studio_faults import (
    Exchange,
    assert_each_once,
    call,
    cut,
    exported,
    gate,
    killed,
    own,
    predictions,
    project_of,
    ready,
    vote_on,
)
from studio_support import Desk, Server, until

LABELS = {"topic": "combat", "stance": "neutral", "source_type": "unattributed"}


def each_of(desk: Desk) -> Counter[str]:
    return Counter(bullet.id for bullet in desk.bullets)


class Every:
    """Hang up at the request of a number, before or after the server has it."""

    def __init__(self) -> None:
        """Begin with none."""
        self.number, self.after, self.seen = 0, False, 0

    def __call__(self, exchange: Exchange) -> bytes | None:
        self.seen += 1
        if self.seen != self.number:
            return exchange.forward()
        if self.after:
            exchange.forward()
        return None

    def arm(self, number: int, *, after: bool) -> None:
        self.number, self.after, self.seen = number, after, 0


def test_a_push_cut_at_any_request_goes_on_where_it_stopped(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "CHUNK", 2)
    desk = ready(server, tmp_path / "p", ["CutPush"], 100)
    bullets = {bullet.id: bullet for bullet in desk.bullets}
    told = Suggestions("test", lambda found: [LABELS for _ in found])
    every = Every()
    points = itertools.product(itertools.count(1), (False, True))
    with gate(server, every) as opened, Studio(opened.url, server.workspace.token()) as studio:
        at = desks(studio)["CutPush"]
        for size, (number, after) in zip(range(3, len(bullets), 3), points, strict=False):
            every.arm(number, after=after)
            try:
                push(studio, [at], bullets, list(bullets)[:size], suggestions=told)
            except StudioError as error:
                assert "run the command again: it goes on where it stopped" in str(error)
            else:
                break
        assert number > 8, "a push of three bullets in chunks of two makes nine requests"
        push(studio, [at], bullets, list(bullets), suggestions=told)
    assert_each_once(desk, "CutPush")
    assert predictions(desk, "CutPush") == each_of(desk)


def test_votes_cut_at_any_request_are_posted_once(server: Server, tmp_path: Path) -> None:
    desk = ready(server, tmp_path / "p", ["CutVote"], 30)
    desk.run("push")
    bullets = {bullet.id: bullet for bullet in desk.bullets}
    answers = read_answers(desk.votes("P1"), "CutVote", {bullet.id: bullet.text for bullet in desk.bullets})
    every = Every()
    points = itertools.product(itertools.count(1), (False, True))
    with gate(server, every) as opened, server.studio() as studio:
        at = desks(studio)["CutVote"]
        for size, (number, after) in zip(range(2, 30, 2), points, strict=False):
            every.arm(number, after=after)
            some = dict(list(answers.items())[:size])
            # a connection of its own for each, as every command has
            with Studio(opened.url, desk.workspace.accounts()["CutVote"].token) as own_:
                try:
                    post(studio, own_, at, some, bullets)
                except StudioError as error:
                    assert "run the command again: it goes on where it stopped" in str(error)
                else:
                    break
        assert number > 3, "the token and two votes make three requests"
    desk.run("vote", "--annotator", "CutVote", "--from", desk.votes("P1"))
    desk.run("pull", "CutVote")
    assert desk.votes("CutVote").read_bytes() == desk.votes("P1").read_bytes()
    assert [len(task.annotations) for task in exported(desk, "CutVote")] == [1] * 30


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_push_goes_on_where_it_stopped(server: Server, tmp_path: Path, after: bool) -> None:
    names = [f"KillPush{after}A", f"KillPush{after}B"]
    desk = ready(server, tmp_path / "p", names, 12)
    killed(desk, f"/{project_of(desk, names[0]).id}/import", "push", after=after)
    killed(desk, f"/{project_of(desk, names[1]).id}/import", "push", after=after)
    killed(desk, "/import/predictions", "push", "--suggest", after=after)
    desk.run("push", "--suggest", *names)
    assert_each_once(desk, *names)
    for name in names:
        assert predictions(desk, name) == each_of(desk)


@pytest.mark.parametrize("after", [False, True])
def test_killed_votes_go_on_where_they_stopped(server: Server, tmp_path: Path, after: bool) -> None:
    name = f"KillVote{after}"
    desk = ready(server, tmp_path / "p", [name], 12)
    votes = ("vote", "--annotator", name, "--from", "annotation/votes/P1.csv")
    bulk = "/import" if after else "/annotations/"
    desk.run("push", "--limit", "6")
    killed(desk, "/annotations/" if after else "/import", *votes, "--bulk", after=after)
    killed(desk, "/annotations/", *votes, "--bulk", after=after)
    assert f"{name}: " in desk.run(*votes, "--bulk")
    desk.run("pull", name)
    assert desk.votes(name).read_bytes() == desk.votes("P1").read_bytes()
    assert [len(task.annotations) for task in exported(desk, name)] == [1] * 12
    del bulk
