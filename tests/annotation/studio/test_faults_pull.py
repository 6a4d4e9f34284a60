"""Pulls that cannot be finished: no file changes, nothing temporary stays, and the next one makes it whole."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio_faults import Exchange, call, exported, gate, own, project_of, ready, vote_on
from studio_support import COMMAND, Desk, Server


@pytest.fixture(scope="module")
def desk(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A project whose annotator has voted on everything, pulled."""
    made = ready(server, tmp_path_factory.mktemp("pull") / "p", ["Steady"], 6)
    made.run("push", "Steady")
    made.run("vote", "--annotator", "Steady", "--from", made.votes("P1"))
    made.run("pull", "Steady")
    return made


def state(desk: Desk) -> dict[str, bytes]:
    """Return all files of the annotation folder, the temporary ones too."""
    return {str(path): path.read_bytes() for path in desk.annotation.rglob("*") if path.is_file()}


def vote_once_more(desk: Desk) -> None:
    """Change an answer on the server, so that a pull has something to write."""
    (last,) = exported(desk, "Steady")[0].annotations
    topic = "economy" if "combat" in str(last.result) else "combat"
    with own(desk, "Steady") as studio:
        call(studio, "PATCH", f"/api/annotations/{last.id}/", json={"result": vote_on(desk, topic=topic)[1]})


def test_a_connection_that_breaks_within_an_answer_changes_no_file(desk: Desk) -> None:
    before = state(desk)

    def half(exchange: Exchange) -> bytes:
        answer = exchange.forward()
        return answer[: len(answer) // 2] if exchange.line.endswith("/export") else answer

    with gate(desk.server, half) as opened:
        assert "run the command again" in desk.run("pull", "Steady", "--url", opened.url, status=1)
    assert state(desk) == before


def test_a_full_disk_leaves_the_files_as_they_were(desk: Desk) -> None:
    vote_once_more(desk)
    before = state(desk)
    limit = len(before[str(desk.votes("Steady"))])  # bytes a file, which the history exceeds
    program = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2); "
    program += "from briefbench.commands import main; sys.exit(main(sys.argv[2:]))"
    command = [sys.executable, "-c", program, str(limit), "annotate", "pull", "Steady"]
    done = subprocess.run(command, cwd=desk.root, env=desk.environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    history = desk.annotation / "history" / "Steady.csv"
    assert done.stderr == f"briefbench: error: {history}: cannot be written: File too large\n"
    assert state(desk) == before
    desk.run("pull", "Steady")
    assert state(desk) != before


def test_a_folder_that_cannot_be_written_is_named(desk: Desk) -> None:
    vote_once_more(desk)
    before = state(desk)
    desk.votes("Steady").parent.chmod(0o555)
    try:
        done = without_privileges(desk, "pull", "Steady")
    finally:
        desk.votes("Steady").parent.chmod(0o755)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"briefbench: error: {desk.votes('Steady')}: cannot be written: Permission denied\n"
    assert state(desk) == before


def test_a_pull_that_broke_off_between_its_two_files_is_made_whole_by_the_next(desk: Desk) -> None:
    old = desk.votes("Steady").read_bytes()
    vote_once_more(desk)
    desk.run("pull", "Steady")
    whole = state(desk)
    desk.votes("Steady").write_bytes(old)
    desk.run("pull", "Steady")
    assert state(desk) == whole


def test_two_pulls_at_once_write_the_same(desk: Desk) -> None:
    vote_once_more(desk)
    started = [desk.start("pull", "Steady") for _ in range(2)]
    ended = [one.communicate(timeout=60) for one in started]
    assert [one.returncode for one in started] == [0, 0], ended
    assert ended[0] == ended[1]
    after = state(desk)
    desk.run("pull", "Steady")
    assert state(desk) == after


def test_a_project_that_is_deleted_meanwhile_costs_no_recorded_vote(server: Server, tmp_path: Path) -> None:
    desk = ready(server, tmp_path / "p", ["Gone"], 6)
    desk.run("push", "Gone", "--limit", "4")
    desk.run("vote", "--annotator", "Gone", "--from", desk.votes("P1"), "--bulk")
    desk.run("pull", "Gone")
    before = state(desk)

    def delete(exchange: Exchange) -> bytes:
        if exchange.line.endswith(("/import", "/export")):
            with server.studio() as studio:
                call(studio, "DELETE", f"/api/projects/{project_of(desk, 'Gone').id}/")
        return exchange.forward()

    for step in ("pull", "push"):
        with gate(server, delete) as opened:
            said = desk.run(step, "Gone", "--url", opened.url, status=1)
        assert "it was deleted meanwhile; make it anew with briefbench annotate init" in said
        said = desk.run("pull", "Gone", status=1)
        assert "Gone has no project on this server; make one with briefbench annotate init Gone" in said
        assert state(desk) == before
        desk.run("init", "Gone")
        desk.run("invite", "Gone")
    desk.run("pull", "Gone")
    assert state(desk) == before, "a project without tasks takes no recorded vote away"
    desk.run("push", "Gone")
    said = desk.run("pull", "Gone", status=1)
    assert "has answers on 6 bullets" in said
    assert "post them with briefbench annotate vote, or pass --drop-missing" in said
    assert state(desk) == before
    desk.run("vote", "--annotator", "Gone", "--from", desk.votes("Gone"))
    desk.run("pull", "Gone")
    assert desk.votes("Gone").read_bytes() == before[str(desk.votes("Gone"))]


def without_privileges(desk: Desk, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command that heeds the rights of files, even where root runs the tests."""
    command = [*COMMAND, *arguments]
    if os.geteuid() == 0:
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", *command]
    return subprocess.run(command, cwd=desk.root, env=desk.environment, capture_output=True, text=True, check=False)
