"""The server that ``annotate serve`` runs: killed in the middle, stopped in every way, silent, and private."""

import signal
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from studio_faults import (
    Exchange,
    answering,
    assert_each_once,
    copy_data,
    exported,
    gate,
    kill,
    label_studio,
    processes,
)
from studio_support import COMMAND, ENVIRONMENT, Desk, Server, clean_environment, free_port, serving
from tests_support import SmallProject


@pytest.fixture
def root(server: Server, tmp_path: Path) -> Path:
    """A project with a server's data, not started yet."""
    made = SmallProject.write(tmp_path / "p", 12).root
    copy_data(server, made)
    return made


def serve(root: Path, *arguments: str) -> str:
    """Run ``annotate serve``, which ends by itself; return its one line of error."""
    command = [*COMMAND, "serve", "--environment", str(ENVIRONMENT), *arguments]
    done = subprocess.run(
        command, cwd=root, env=clean_environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.startswith("briefbench: error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def alive(pid: int) -> bool:
    return pid in {process.pid for process in processes()}


def test_a_server_killed_during_a_push_and_during_a_pull(root: Path) -> None:
    names = ["Power1", "Power2"]

    def fail(exchange: Exchange) -> bytes | None:
        """Cut the power when the second annotator's turn comes: before the server works on it, or within its answer."""
        if where not in exchange.line or next(turns):
            return exchange.forward()
        answer = exchange.forward() if where == "/export" else b""
        ended.append(kill(running))
        return answer[: len(answer) // 2] or None

    ended: list[str] = []
    port = free_port()
    with serving(root, port=port) as running:
        desk = Desk(root, running)
        desk.run("init", *names)
        desk.run("invite", *names)
        where, turns = "/import", iter([True, False])
        with gate(running, fail) as opened:
            said = desk.run("push", *names, "--url", opened.url, status=1)
    assert "start it with briefbench annotate serve, then run the command again: it goes on where it stopped" in said
    assert ended[0].endswith(f"Label Studio ended by itself with status -9; its log is {running.workspace.log}\n")
    with serving(root, port=port) as running:
        desk = Desk(root, running)
        assert "Power1: 0 tasks added, 12 in all\nPower2: 12 tasks added, 12 in all" in desk.run("push", *names)
        assert_each_once(desk, *names)
        for name in names:
            desk.run("vote", "--annotator", name, "--from", desk.votes("P1"))
        before = sorted(desk.annotation.glob("*/*"))
        where, turns = "/export", iter([True, False])
        with gate(running, fail) as opened:
            said = desk.run("pull", *names, "--url", opened.url, status=1)
    assert "run the command again" in said
    assert sorted(desk.annotation.glob("*/*")) == before
    with serving(root, port=port) as running:
        desk = Desk(root, running)
        desk.run("pull", *names)
        for name in names:
            assert desk.votes(name).read_bytes() == desk.votes("P1").read_bytes()
            assert [len(task.annotations) for task in exported(desk, name)] == [1] * 12


@contextmanager
def proxy() -> Iterator[tuple[str, list[bytes]]]:
    """Listen where programs are told to send what leaves this machine; yield the address and what came."""
    came: list[bytes] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            came.append(self.request.recv(1 << 16))
            self.request.sendall(answering("502 Bad Gateway", ""))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{listener.server_address[1]}", came
        listener.shutdown()
        thread.join()


def test_a_server_tells_nobody_and_keeps_its_secrets(root: Path) -> None:
    with proxy() as (address, came):
        everywhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"), address)
        with serving(root, **everywhere) as running:
            desk = Desk(root, running)
            desk.run("init", "Quiet", **everywhere)
            desk.run("invite", "Quiet", **everywhere)
            desk.run("push", "Quiet", **everywhere)
            account = desk.workspace.accounts()["Quiet"]
            browse(running.url, account.email, account.password)
            folder = running.workspace.folder
            kept = running.workspace.secrets()
            log = running.workspace.log.read_text()
            for secret in (kept.password, kept.token, account.password, account.token):
                assert not [one.command for one in processes() if secret in one.command]
                assert secret not in log
            assert folder.stat().st_mode & 0o777 == 0o700
            assert running.workspace.data.stat().st_mode & 0o777 == 0o700
            for name in ("secrets.json", "accounts.json", "server.log", "url", "data/.env"):
                assert (folder / name).stat().st_mode & 0o777 == 0o600, name
            assert "POST /user/login/" in log
            leader = label_studio(running)
            running.process.terminate()
            assert running.process.wait(60) == 0
            assert not alive(leader)
    assert came == []


def browse(url: str, email: str, password: str) -> None:
    """Look at some pages as somebody with a browser does."""
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    with httpx2.Client(base_url=url, trust_env=False, headers={"User-Agent": agent, "Referer": url}) as client:
        client.get("/user/login/")
        form = {"email": email, "password": password, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        assert client.post("/user/login/", data=form).status_code == 302
        for path in ("/projects/", "/api/projects/", "/user/account/", "/api/version/", "/api/current-user/whoami"):
            assert client.get(path, follow_redirects=True).is_success, path


def test_a_server_is_started_once_and_stopped_with_all_it_started(root: Path, server: Server) -> None:
    assert f"port {server.port} of 127.0.0.1 is not free" in serve(root, "--port", str(server.port))
    with serving(root) as running:
        leader = label_studio(running)
        said = serve(root, "--port", str(free_port()))
        assert f"a server of this project runs already; its log is {running.workspace.log}" in said
        running.process.send_signal(signal.SIGHUP)  # the terminal is closed
        assert running.process.wait(60) == 0
        assert running.process.stdout is not None
        assert running.process.stdout.read().endswith("Label Studio has stopped\n")
        assert not alive(leader)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_is_still_starting_can_be_stopped(root: Path, number: signal.Signals) -> None:
    command = [*COMMAND, "serve", "--environment", str(ENVIRONMENT), "--port", str(free_port())]
    children: list[int] = []
    with subprocess.Popen(command, cwd=root, env=clean_environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "starting Label Studio" in process.stdout.readline()
            while not children:
                assert process.poll() is None
                children = [one.pid for one in processes() if one.parent == process.pid]
            process.send_signal(number)
            assert process.wait(60) == 0
            assert process.stdout.read() == "Label Studio has stopped\n"
        finally:
            process.kill()
    assert not [pid for pid in children if alive(pid)]


def test_a_server_that_ends_at_once_says_where_its_log_is(root: Path) -> None:
    nobody = free_port()
    said = serve(root, "--port", str(free_port()), "--database", f"postgresql://u:p@127.0.0.1:{nobody}/studio")
    log = root / ".label-studio" / "server.log"
    assert "Label Studio ended with status 1: " in said
    assert said.endswith(f"its log is {log}\n")
    assert f"port {nobody} failed: Connection refused; its log" in said
    assert "expected postgresql://USER:PASSWORD@HOST:PORT/NAME" in serve(root, "--database", "mysql://u@h/d")
