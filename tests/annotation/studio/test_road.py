"""The road over a real server: bullets and recorded votes go, the same bytes come back, however often."""

from pathlib import Path

import pytest

from briefbench.annotation.votes import VOTE_COLUMNS
from studio_support import Desk, Server, copy_votes
from tests_support import ROOT

COUNT = 40


@pytest.fixture(scope="module")
def recorded(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Some of the corpus's bullets in a project without votes, and beside it the votes recorded on them."""
    root = tmp_path_factory.mktemp("road")
    source = ROOT / "annotation"
    lines = (source / "bullets.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (root / "annotation").mkdir()
    (root / "annotation" / "bullets.jsonl").write_text("".join(lines[:: len(lines) // COUNT][:COUNT]), encoding="utf-8")
    desk = Desk(root, server)
    ids = {bullet.id: None for bullet in desk.bullets}
    for name in ("A1", "A2", "A3"):
        copy_votes(source / "votes" / f"{name}.csv", root / f"{name}.csv", ids)
    return desk


def files(desk: Desk) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(desk.annotation.glob("*/*.csv"))}


def test_recorded_votes_travel_through_a_server_and_come_back_to_the_byte(recorded: Desk) -> None:
    recorded.run("init", "A1", "A2", "A3", "--kind", "model")
    recorded.run("invite", "A1", "A2", "A3")
    assert f"A1: {COUNT} tasks added, {COUNT} in all" in recorded.run("push")
    for name in ("A1", "A2"):
        recorded.run("vote", "--annotator", name, "--from", f"{name}.csv")
    recorded.run("vote", "--annotator", "A3", "--from", "A3.csv")
    recorded.run("pull")
    for name in ("A1", "A2", "A3"):
        assert recorded.votes(name).read_bytes() == (recorded.root / f"{name}.csv").read_bytes()
    before = files(recorded)
    assert f"A1: 0 tasks added, {COUNT} in all" in recorded.run("push")
    assert f"0 of {COUNT} answers posted" in recorded.run("vote", "--annotator", "A1", "--from", "A1.csv")
    recorded.run("pull")
    assert files(recorded) == before
    assert before[recorded.votes("A1")].decode().startswith(",".join(VOTE_COLUMNS))
