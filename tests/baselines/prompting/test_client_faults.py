"""The client against an endpoint that misbehaves: nothing it breaks is taken for an answer, and nothing is endless."""

import json
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from briefbench.baselines.prompting.client import ATTEMPTS, LIMIT
from briefbench.errors import EndpointError
from endpoint_support import BODY, KEY, Asked, Client, endpoint, failing_at_first

Behave = Callable[[Asked], None]


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """An event that lets an endpoint which answers nothing end with its test."""
    event = threading.Event()
    yield event
    event.set()


def broken_off(one: Asked) -> None:
    one.handler.send_response(200)
    one.handler.send_header("Content-Type", "application/json")
    one.handler.send_header("Content-Length", "5000")
    one.handler.end_headers()
    one.handler.wfile.write(b'{"choices": [')
    one.handler.close_connection = True


def hung_up(one: Asked) -> None:
    one.handler.connection.shutdown(socket.SHUT_RDWR)
    one.handler.close_connection = True


def compressed(one: Asked) -> None:
    one.send(200, b"\x1f\x8b", headers={"Content-Encoding": "gzip"})


NO_ANSWERS: dict[str, tuple[Behave, str]] = {
    "broken off": (broken_off, "broke off"),
    "hung up": (hung_up, "broke off"),
    "not JSON": (lambda one: one.send(200, b"all is well"), "no chat completion"),
    "not UTF-8": (lambda one: one.send(200, b'{"choices": "\xff"}'), "no chat completion"),
    "HTML": (lambda one: one.send(200, b"<html>Log in</html>", "text/html; charset=utf-8"), "gave 'text/html' and"),
    "JSON under a wrong name": (lambda one: one.send(200, b'{"choices": []}', "text/plain"), "gave 'text/plain' and"),
    "no content type": (lambda one: one.send(200, b'{"choices": []}', None), "gave 'nothing' and not JSON"),
    "nothing at all": (lambda one: one.send(200, b""), "no chat completion"),
    "no choices": (lambda one: one.send(200, b'{"object": "chat.completion"}'), "no chat completion"),
    "empty choices": (lambda one: one.send(200, b'{"choices": []}'), "no chat completion"),
    "two choices": (lambda one: one.send(200, json.dumps({"choices": [{"message": {}}] * 2}).encode()), "no chat comp"),
    "another shape": (lambda one: one.send(200, b'{"choices": [{"message": {"content": 3}}]}'), "no chat completion"),
    "tokens below nothing": (lambda one: one.say("combat", usage=(-5, 1)), "no chat completion"),
    "brackets without end": (lambda one: one.send(200, b'{"choices": ' + b"[" * 200_000), "no chat completion"),
    "half a surrogate": (lambda one: one.send(200, b'{"choices": [{"message": {"content": "\\ud800"}}]}'), "no chat"),
}


@pytest.mark.parametrize("name", NO_ANSWERS)
def test_what_is_no_answer_is_asked_for_again_and_never_taken_for_the_models(name: str) -> None:
    behave, message = NO_ANSWERS[name]
    with endpoint(failing_at_first(behave)) as fake:
        asked = Client(fake.url)
        assert asked.ask().model == "tiny-2"
    assert asked.waits == [1.0]
    # What nobody knows the tokens of counts with the most that it can have used.
    most = asked.budget.most(len(BODY))
    assert asked.budget.tokens_out == 20 + most.tokens_out
    assert asked.budget.tokens_in >= 100
    with endpoint(behave) as fake, pytest.raises(EndpointError, match=message):
        Client(fake.url).ask()
    assert len(fake.asked) == ATTEMPTS


def test_an_answer_that_never_comes_is_not_waited_for(released: threading.Event) -> None:
    with endpoint(failing_at_first(lambda one: released.wait(30) and None)) as fake:
        asked = Client(fake.url, timeout=0.2)
        assert asked.ask().model == "tiny-2"
        released.set()
    assert asked.waits == [1.0]


def test_an_answer_that_comes_in_drops_is_not_waited_for_either(released: threading.Event) -> None:
    def drop(one: Asked) -> None:
        one.handler.send_response(200)
        one.handler.send_header("Content-Type", "application/json")
        one.handler.send_header("Content-Length", "5000")
        one.handler.end_headers()
        while not released.wait(0.02):
            one.handler.wfile.write(b" ")

    with endpoint(drop) as fake, pytest.raises(EndpointError, match=r"no answer from .* in 0\.1 s, 5 times in a row"):
        Client(fake.url, timeout=0.1).ask()


def test_an_answer_of_fifty_megabytes_is_not_read_to_its_end() -> None:
    sent = []

    def pour(one: Asked) -> None:
        one.handler.send_response(200)
        one.handler.send_header("Content-Type", "application/json")
        one.handler.send_header("Content-Length", str(50 << 20))
        one.handler.end_headers()
        for _ in range(50):
            one.handler.wfile.write(b" " * (1 << 20))
            sent.append(1 << 20)

    with endpoint(pour) as fake, pytest.raises(EndpointError, match=f"more than {LIMIT:,} bytes"):
        Client(fake.url).ask()
    assert len(fake.asked) == 1
    assert sum(sent) < 50 << 20


def test_an_answer_that_is_packed_although_nobody_asked_is_not_unpacked() -> None:
    with endpoint(compressed) as fake, pytest.raises(EndpointError, match="packs its answers"):
        Client(fake.url).ask()
    assert fake.asked[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304])
def test_a_redirect_is_not_followed_and_the_key_stays_here(status: int) -> None:
    with (
        endpoint() as other,
        endpoint(lambda one: one.fail(status, Location=f"{other.url}/chat/completions")) as fake,
        pytest.raises(EndpointError, match=rf"sends its requests elsewhere \({status}\); give the final address"),
    ):
        Client(fake.url, key=KEY).ask()
    assert (len(fake.asked), other.asked) == (1, [])
