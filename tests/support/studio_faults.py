"""What goes wrong between a client and a server, made to happen: cut connections, killed processes, other answers."""

import os
import re
import signal
import socket
import socketserver
import sqlite3
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from briefbench.annotation.studio.client import Studio
from briefbench.annotation.studio.projects import desks
from briefbench.annotation.studio.records import Project, Task
from briefbench.annotation.studio.regions import to_regions
from briefbench.annotation.votes import Vote
from briefbench.errors import StudioError
from studio_support import Desk, Server


@dataclass(frozen=True)
class Exchange:
    """A request that a client has sent through a `Gate`, and the way to the server behind it."""

    request: bytes
    port: int

    @property
    def line(self) -> str:
        """The method and the path, as ``POST /api/projects/1/import``."""
        method, path = self.request.split(b" ", 2)[:2]
        return f"{method.decode()} {path.decode().split('?')[0]}"

    @property
    def body(self) -> bytes:
        return self.request.partition(b"\r\n\r\n")[2]

    def with_body(self, text: str) -> "Exchange":
        """Return the request with another body."""
        head = self.request.partition(b"\r\n\r\n")[0].decode()
        body = text.encode()
        head = re.sub(r"(?i)(content-length: )\d+", rf"\g<1>{len(body)}", head)
        return Exchange(head.encode() + b"\r\n\r\n" + body, self.port)

    def forward(self) -> bytes:
        """Let the server have the request, and return its whole answer, or as much of it as came."""
        with socket.create_connection(("127.0.0.1", self.port)) as server:
            server.sendall(self.request.replace(b"onnection: keep-alive", b"onnection: close", 1))
            return _all(server)


Meddler = Callable[[Exchange], bytes | None]


@dataclass
class Gate:
    """A port that a client takes for the server; ``meddle`` returns what it is answered, ``None`` to hang up."""

    port: int
    meddle: Meddler
    lines: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def gate(server: Server, meddle: Meddler) -> Iterator[Gate]:
    """Stand between a client and a server; every connection carries one request."""
    opened = Gate(0, meddle)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            request = _request(self.request)
            if request:
                exchange = Exchange(request, server.port)
                opened.lines.append(exchange.line)
                answer = opened.meddle(exchange)
                with suppress(OSError):  # the client was killed
                    self.request.sendall(answer or b"")

    class Listener(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Listener(("127.0.0.1", 0), Handler) as listener:
        opened.port = listener.server_address[1]
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield opened
        finally:
            listener.shutdown()
            thread.join()


def _request(client: socket.socket) -> bytes:
    """Read one request: its head, and as much of a body as that says."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = client.recv(1 << 16)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    sizes = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while len(body) < int(sizes[0] if sizes else 0):
        part = client.recv(1 << 16)
        if not part:
            return b""
        body += part
    return head + b"\r\n\r\n" + body


def _all(server: socket.socket) -> bytes:
    parts = []
    with suppress(ConnectionResetError):  # the server was killed
        while part := server.recv(1 << 16):
            parts.append(part)
    return b"".join(parts)


def answering(status: str, body: str, kind: str = "application/json") -> bytes:
    """Return an answer of HTTP."""
    data = body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    return head.encode() + data


@dataclass(frozen=True)
class Process:
    """A process of this machine as everybody sees it."""

    pid: int
    parent: int
    command: str


def processes() -> list[Process]:
    """Return the processes that run now, with their command lines, as ``ps`` would list them."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:  # it has just ended
            continue
        if state != "Z":
            found.append(Process(int(folder.name), int(parent), command))
    return found


def label_studio(server: Server) -> int:
    """Return the process of the Label Studio that ``annotate serve`` started; it leads a group of its own."""
    (found,) = [one.pid for one in processes() if one.parent == server.process.pid]
    return found


def kill(server: Server) -> str:
    """Kill Label Studio and whatever it started as a power cut would; return what ``annotate serve`` says to that."""
    os.killpg(label_studio(server), signal.SIGKILL)
    assert server.process.wait(30) == 1
    assert server.process.stdout is not None
    return server.process.stdout.read()


def copy_data(server: Server, root: Path) -> None:
    """Give the project at ``root`` a server's accounts and database: a start without them takes a minute."""
    old, new = server.workspace, type(server.workspace)(root / ".label-studio")
    new.prepare()
    new.data.mkdir(mode=0o700)
    for name in ("secrets.json", "data/.env"):
        (new.folder / name).write_bytes((old.folder / name).read_bytes())
    source = sqlite3.connect(f"file:{old.data / 'label_studio.sqlite3'}?mode=ro", uri=True)
    target = sqlite3.connect(new.data / "label_studio.sqlite3")
    source.backup(target)
    source.close()
    target.close()


def project_of(desk: Desk, name: str) -> Project:
    """Return an annotator's project on the server."""
    with desk.server.studio() as studio:
        return desks(studio)[name].project


def exported(desk: Desk, name: str) -> list[Task]:
    """Return an annotator's tasks with all that stands on them, from the server itself."""
    with desk.server.studio() as studio:
        return studio.export(desks(studio)[name].project.id)


def own(desk: Desk, name: str) -> Studio:
    """Return a connection under an annotator's account."""
    return Studio(desk.server.url, desk.workspace.accounts()[name].token)


def call(studio: Studio, method: str, path: str, **request: object) -> httpx2.Response:
    """Send a request of one's own under an account, past the workflow."""
    return studio._send(method, path, **request)


def predictions(desk: Desk, name: str) -> Counter[str]:
    """Return how many suggestions each bullet of an annotator has, counted one by one."""
    with desk.server.studio() as studio:
        project = desks(studio)[name].project.id
        bullets = {row.id: row.data["bullet_id"] for row in studio.tasks(project)}
        made = call(studio, "GET", "/api/predictions/", params={"project": project}).json()
    return Counter(bullets[one["task"]] for one in made)


def vote_on(desk: Desk, index: int = 0, **labels: str) -> tuple[str, list[dict[str, object]]]:
    """Return a bullet's id and regions that vote on it."""
    bullet = desk.bullets[index]
    chosen = {"topic": "combat", "stance": "neutral", "source_type": "unattributed"} | labels
    vote = Vote(bullet.id, "", chosen, (), None, 1, "2026-01-02")
    return bullet.id, to_regions(vote, bullet.text)


def assert_each_once(desk: Desk, *names: str) -> None:
    """Every annotator has a task for every bullet, and one only."""
    for name in names:
        found = Counter(str(task.data["bullet_id"]) for task in exported(desk, name))
        assert found == Counter(bullet.id for bullet in desk.bullets), name


def ready(server: Server, root: Path, names: Sequence[str], count: int) -> Desk:
    """Make a project with annotators who can log in, and no task yet."""
    desk = server.project(root, count)
    desk.run("init", *names)
    desk.run("invite", *names)
    return desk


def killed(desk: Desk, where: str, *arguments: str, after: bool) -> None:
    """Run a command and kill it at its first request that ends with ``where``, before or after the server has that."""
    started: list[subprocess.Popen[str]] = []
    begin = threading.Event()

    def meddle(exchange: Exchange) -> bytes | None:
        if not exchange.line.endswith(where):
            return exchange.forward()
        if after:
            exchange.forward()
        begin.wait(30)
        started[0].kill()
        return None

    with gate(desk.server, meddle) as opened:
        started.append(desk.start(*arguments, "--url", opened.url))
        begin.set()
        out, err = started[0].communicate(timeout=60)
    assert started[0].returncode == -signal.SIGKILL, (where, out, err)


def cut(where: str) -> Meddler:
    """Hang up at the first request that ends with ``where``, after the server has had it."""
    first = iter([True])

    def meddle(exchange: Exchange) -> bytes | None:
        answer = exchange.forward()
        return None if exchange.line.endswith(where) and next(first, False) else answer

    return meddle


@contextmanager
def hammering(desk: Desk, name: str, *, posts: int) -> Iterator[list[int]]:
    """Let an annotator post without a pause until the block ends; yield the ids that the server acknowledges.

    On SQLite the server waits 3, 6, 12 … seconds for a locked database, so that ``posts`` bounds the time it takes.
    """
    acknowledged: list[int] = []
    tasks = [task.id for task in exported(desk, name)]
    _, regions = vote_on(desk)
    stop = threading.Event()

    def work() -> None:
        for number in range(posts):
            if not stop.is_set():
                path = f"/api/tasks/{tasks[number % len(tasks)]}/annotations/"
                with suppress(StudioError):  # what the server refuses, the annotator knows
                    acknowledged.append(call(studio, "POST", path, json={"result": regions}).json()["id"])

    with own(desk, name) as studio:
        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield acknowledged
        finally:
            stop.set()
            thread.join()
