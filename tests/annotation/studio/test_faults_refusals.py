"""Tokens, versions and addresses that are no good, and what is no Label Studio: one clear sentence each."""

import http.server
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from briefbench.annotation.studio import client
from briefbench.annotation.studio.client import Studio
from studio_faults import (
    Exchange,
    answering,
    call,
    cut,
    exported,
    gate,
    own,
    ready,
)
from studio_support import Desk, Server


@pytest.fixture(scope="module")
def desk(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A project whose annotator has voted on everything, pulled."""
    made = ready(server, tmp_path_factory.mktemp("refusals") / "p", ["Token"], 6)
    made.run("push", "Token")
    made.run("vote", "--annotator", "Token", "--from", made.votes("P1"))
    return made


def test_a_token_that_is_no_longer_good_is_renewed_by_invite(desk: Desk) -> None:
    kept = desk.workspace.accounts()["Token"].token
    with own(desk, "Token") as studio:
        call(studio, "POST", "/api/token/blacklist/", json={"refresh": kept})
    votes = ("vote", "--annotator", "Token", "--from", "annotation/votes/P1.csv")
    with desk.server.studio() as studio:
        (task, *_) = exported(desk, "Token")
        call(studio, "DELETE", f"/api/annotations/{task.annotations[0].id}/")
    said = desk.run(*votes, status=1)
    assert "refuses the token (401): it is expired or of another server" in said
    assert "briefbench annotate invite NAME --renew" in said
    desk.run("invite", "Token", "--renew")
    assert "Token: 1 of 6 answers posted" in desk.run(*votes)
    assert Counter(len(task.annotations) for task in exported(desk, "Token")) == {1: 6}


def test_the_manager_s_token_reset_on_the_server_is_said(desk: Desk) -> None:
    with own(desk, "Token") as studio:
        legacy = str(call(studio, "GET", "/api/current-user/token").json()["token"])
        desk.run("pull", "Token", LABEL_STUDIO_API_KEY=legacy)
        call(studio, "POST", "/api/current-user/reset-token/")
    said = desk.run("pull", "Token", status=1, LABEL_STUDIO_API_KEY=legacy)
    assert "refuses the token (401)" in said
    assert "set LABEL_STUDIO_API_KEY" in said
    assert legacy not in said


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("nonsense", "refuses the token (401)"),
        ("a.b.c", "refuses the token (401)"),
        ("ключ", "LABEL_STUDIO_API_KEY has characters that no token has"),
        ("two\nlines", "LABEL_STUDIO_API_KEY has characters that no token has"),
    ],
)
def test_what_is_no_token_is_refused_and_not_repeated(desk: Desk, token: str, said: str) -> None:
    error = desk.run("pull", "Token", status=1, LABEL_STUDIO_API_KEY=token)
    assert said in error
    assert token.split(maxsplit=1)[0] not in error


def test_an_access_that_expires_midway_is_renewed(desk: Desk) -> None:
    late = iter([True])

    def expired(exchange: Exchange) -> bytes:
        if exchange.line.endswith("/export") and next(late, False):
            return answering("401 Unauthorized", '{"detail": "Token is expired"}')
        return exchange.forward()

    token = desk.workspace.accounts()["Token"].token
    with gate(desk.server, expired) as opened:
        desk.run("pull", "Token", "--url", opened.url, LABEL_STUDIO_API_KEY=token)
        assert opened.lines.count("POST /api/token/refresh/") == 2


def test_an_invitation_that_breaks_off_can_be_repeated(server: Server, tmp_path: Path) -> None:
    desk = server.project(tmp_path / "p", 3)
    desk.run("init", "Torn")
    for where in ("POST /user/signup/", "POST /api/token/"):
        with gate(server, cut(where)) as opened:
            desk.run("invite", "Torn", "--email", "Torn@Example.org", "--url", opened.url, status=1)
    assert "new account torn@example.org, password " in desk.run("invite", "Torn")
    desk.run("push", "Torn")
    desk.run("vote", "--annotator", "Torn", "--from", desk.votes("P1"))
    desk.run("pull", "Torn")
    assert desk.votes("Torn").read_bytes() == desk.votes("P1").read_bytes()


@pytest.mark.parametrize(
    ("release", "said"),
    [
        ("1.19.9", "is version 1.19.9; tested is 1.23.2, at least 1.20 of that major version is needed"),
        ("2.0.0", "is version 2.0.0; tested is 1.23.2"),
        ("unknown", "is version unknown; tested is 1.23.2"),
    ],
)
def test_another_version_is_refused(desk: Desk, release: str, said: str) -> None:
    with gate(desk.server, versioned(release)) as opened:
        assert said in desk.run("pull", "Token", "--url", opened.url, status=1)


def test_a_newer_minor_version_works_with_a_note(desk: Desk) -> None:
    with gate(desk.server, versioned("1.24.0")) as opened:
        said = desk.run("pull", "Token", "--url", opened.url)
    assert f"note: {opened.url} runs Label Studio 1.24.0; tested is 1.23.2" in said


def versioned(release: str) -> Callable[[Exchange], bytes]:
    """Return a server's answers, but for its version."""
    return lambda exchange: (
        answering("200 OK", f'{{"release": "{release}"}}') if "/api/version" in exchange.line else exchange.forward()
    )


@contextmanager
def html() -> Iterator[int]:
    """Serve pages that are no interface."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.wfile.write(answering("200 OK", "<h1>It works!</h1>", "text/html"))

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield listener.server_address[1]
        listener.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"\x00\xff SSH-2.0 nonsense\r\n\r\n", "no answer from Label Studio"),
        (answering("500 Oops", "{}"), "is not Label Studio; check the address"),
        (answering("302 Found\r\nLocation: /elsewhere", ""), "is not Label Studio; check the address"),
        (answering("200 OK\r\nContent-Encoding: gzip", "no gzip"), "no answer from Label Studio"),
        (answering("200 OK", '{"release": 1}'), "is not Label Studio; check the address"),
        (b"", "no answer from Label Studio"),
    ],
)
def test_what_is_no_label_studio_is_refused(desk: Desk, answer: bytes, said: str) -> None:
    with gate(desk.server, lambda _: answer) as opened:
        assert said in desk.run("pull", "Token", "--url", opened.url, status=1)
        assert opened.lines == ["GET /api/version/"]


def test_a_web_server_is_refused(desk: Desk) -> None:
    with html() as port:
        url = f"http://127.0.0.1:{port}"
        assert f"what answers at {url} is not Label Studio" in desk.run("pull", "--url", url, status=1)


def test_a_server_that_never_answers_is_given_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, refused: Callable[..., str]
) -> None:
    monkeypatch.setattr(client, "GREETING", 1.0)
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "any")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        said = refused("annotate", "pull", "--root", desk.root, "--url", url)
    assert f"no answer from Label Studio at {url} in 1 s to GET /api/version/" in said


def test_an_answer_that_takes_too_long_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SECONDS", 1.0)
    done = threading.Event()

    def slow(exchange: Exchange) -> bytes | None:
        done.wait(30)
        return None

    with gate(server, slow) as opened, Studio(opened.url, server.workspace.token()) as studio:
        with pytest.raises(client.StudioError, match="in 1 s to GET /api/users/; run it again: it goes on"):
            studio.users()
        done.set()


@pytest.mark.parametrize(
    "address", ["http://[::1", "http://a..ä", f"http://{'a' * 70}.example", "ftp://x", "127.0.0.1"]
)
def test_an_address_that_is_none_is_refused(desk: Desk, address: str) -> None:
    assert "http" in desk.run("pull", "Token", "--url", address, status=1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\\ud800", "not a bullet"),
        ("\\u0000", "the text has the character U+0000"),
        ("\\u2028", "the text has the character U+2028"),
    ],
)
def test_a_hostile_text_is_refused_before_anything_is_sent(
    server: Server, tmp_path: Path, text: str, said: str
) -> None:
    desk = server.project(tmp_path / "p", 3)
    bullets = desk.annotation / "bullets.jsonl"
    bullets.write_text(bullets.read_text().replace("Infantry", f"In{text}fantry", 1))
    with gate(server, Exchange.forward) as opened:
        assert said in desk.run("push", "--url", opened.url, status=1)
        assert opened.lines == ["GET /api/version/"]
