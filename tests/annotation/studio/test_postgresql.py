"""The workflow on PostgreSQL, which a team needs: a throwaway cluster of Debian's package, started by the test."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from briefbench.annotation.studio.projects import desks
from briefbench.annotation.studio.push import push
from briefbench.annotation.studio.suggestions import Source, suggest
from studio_faults import assert_each_once, exported, hammering, predictions, processes, ready
from studio_support import Server, clean_environment, free_port, serving
from tests_support import SmallProject

LABELS = {"topic": "combat", "stance": "neutral", "source_type": "unattributed"}
USER, DATABASE = "team", "studio"


def program(name: str) -> str:
    """Return the newest PostgreSQL's program of a name: Debian puts them outside the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    path = str(found[-1]) if found else shutil.which(name)
    assert path, f"no {name} on this machine: install Debian's package postgresql"
    return path


@contextmanager
def cluster(password: str) -> Iterator[int]:
    """Run a cluster of one's own, whose only user needs a password, and yield its port on 127.0.0.1."""
    port = free_port()
    # PostgreSQL refuses to run as root; the user it runs as cannot enter the folders of root's tests.
    person = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    identity = {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []} if person else {}
    with tempfile.TemporaryDirectory(prefix="briefbench-postgresql-") as name:
        folder = Path(name)
        (folder / "password").write_text(password)
        if person:
            for path in (folder, folder / "password"):
                os.chown(path, person.pw_uid, person.pw_gid)

        def run(command: str, *arguments: str) -> None:
            done = subprocess.run(
                [program(command), *arguments],
                cwd=folder,
                env=clean_environment() | {"PGPASSWORD": password},
                stdin=subprocess.DEVNULL,
                capture_output=command != "pg_ctl",  # the server keeps what it inherits
                text=True,
                check=False,
                **identity,
            )
            assert done.returncode == 0, done.stderr

        data = str(folder / "data")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        run("initdb", "-D", data, "-U", USER, "--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "-E", "UTF8")
        run("pg_ctl", "-D", data, "-l", str(folder / "log"), "-o", options, "-w", "start")
        try:
            run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", USER, DATABASE)
            yield port
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Label Studio on PostgreSQL; the password comes by the environment and stands in no list of processes."""
    root = SmallProject.write(tmp_path_factory.mktemp("postgresql") / "project", 3).root
    password = f"pass@{secrets.token_hex(4)}"
    with cluster(password) as port:
        address = f"postgresql://{USER}@127.0.0.1:{port}/{DATABASE}"
        with serving(root, "--database", address, PGPASSWORD=password) as server:
            assert not (server.workspace.data / "label_studio.sqlite3").exists()
            assert not [one.command for one in processes() if password in one.command]
            yield server


def test_the_workflow_on_postgresql(team: Server, tmp_path: Path) -> None:
    desk = ready(team, tmp_path / "p", ["A1", "A2"], 12)
    assert "A1: 12 tasks added, 12 in all, 12 new suggestions shown" in desk.run(
        "push", "--suggest", "--show-suggestions"
    )
    assert "A1: 0 tasks added, 12 in all" in desk.run("push")
    desk.run("vote", "--annotator", "A1", "--from", "annotation/votes/P1.csv")
    desk.run("vote", "--annotator", "A2", "--from", "annotation/votes/P2.csv")
    desk.run("pull")
    assert desk.votes("A1").read_bytes() == desk.votes("P1").read_bytes()
    assert desk.votes("A2").read_bytes() == desk.votes("P2").read_bytes()
    assert_each_once(desk, "A1", "A2")
    assert set(predictions(desk, "A1").values()) == {1}


def test_an_annotator_may_post_while_a_push_runs(team: Server, tmp_path: Path) -> None:
    desk = ready(team, tmp_path / "p", ["Busy"], 90)
    bullets = {bullet.id: bullet for bullet in desk.bullets}
    desk.run("push", "Busy", "--limit", "10")
    told = Source("test", lambda found: [LABELS for _ in found])
    with team.studio() as studio:
        at = desks(studio)["Busy"]
        with hammering(desk, "Busy", posts=1000) as acknowledged:
            push(studio, [at], bullets, list(bullets)[:50])
            (pushed,) = push(studio, [at], bullets, list(bullets))
            path = desk.annotation / "suggestions" / "Busy.csv"
            suggest(studio, at, pushed.tasks, bullets, source=told, path=path, show=True)
    assert_each_once(desk, "Busy")
    assert set(predictions(desk, "Busy").values()) == {1}
    assert acknowledged
    assert set(acknowledged) <= {one.id for task in exported(desk, "Busy") for one in task.annotations}
