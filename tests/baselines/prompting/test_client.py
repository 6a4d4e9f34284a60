"""The client against an endpoint: what it sends, what is tried again, what stops it, and what it costs."""

import asyncio
import datetime as dt
import email.utils
import json
import socket
import time

import pytest

from briefbench.baselines.prompting import client
from briefbench.baselines.prompting.budget import Budget, Limits, SpentError
from briefbench.baselines.prompting.client import ATTEMPTS, Answer, Endpoint, RefusedError
from briefbench.errors import EndpointError
from endpoint_support import BODY, KEY, Client, endpoint, failing_at_first


def test_a_good_answer_has_the_words_the_models_name_and_the_tokens() -> None:
    with endpoint(lambda one: one.say("combat", usage=(120, 7))) as fake:
        asked = Client(fake.url, key=KEY)
        assert asked.ask() == Answer("combat", "tiny-2", 120, 7)
    (one,) = fake.asked
    assert one.body == json.loads(BODY)
    assert one.headers["Authorization"] == f"Bearer {KEY}"
    assert one.handler.path == "/v1/chat/completions"
    assert (asked.budget.requests, asked.budget.tokens_in, asked.budget.tokens_out) == (1, 120, 7)
    assert asked.waits == []


def test_without_a_key_none_is_sent() -> None:
    with endpoint() as fake:
        Client(f"{fake.url}/").ask()
    assert "Authorization" not in fake.asked[0].headers


@pytest.mark.parametrize(
    ("said", "waits"),
    [("7", [7.0]), ("0", [0.0]), ("1.5", [1.5]), ("-3", [0.0]), ("120", [120.0]), ("soon", [1.0]), ("nan", [1.0])],
)
def test_the_wait_that_the_endpoint_asks_for_is_kept(said: str, waits: list[float]) -> None:
    with endpoint(failing_at_first(lambda one: one.fail(429, Retry_After=said))) as fake:
        asked = Client(fake.url)
        asked.ask()
    assert asked.waits == waits
    assert len(fake.asked) == 2


def test_a_wait_may_be_given_as_a_date() -> None:
    date = email.utils.format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60))
    with endpoint(failing_at_first(lambda one: one.fail(503, Retry_After=date))) as fake:
        asked = Client(fake.url)
        asked.ask()
    assert 0 < asked.waits[0] <= 60


def test_a_wait_that_is_too_long_stops_the_run_and_says_how_long_it_is() -> None:
    with endpoint(lambda one: one.fail(429, "slow down", Retry_After="3600")) as fake:
        asked = Client(fake.url)
        with pytest.raises(EndpointError, match=r"answered 429: slow down, and asks to wait 3600 s; run it again then"):
            asked.ask()
    assert (len(fake.asked), asked.waits) == (1, [])


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_failures_that_pass_are_tried_again_ever_later(status: int) -> None:
    with endpoint(failing_at_first(lambda one: one.fail(status), times=3)) as fake:
        asked = Client(fake.url)
        assert asked.ask().model == "tiny-2"
    assert asked.waits == [1.0, 2.0, 4.0]
    # Four requests were sent, of which one was answered and paid for.
    assert (asked.budget.requests, asked.budget.tokens_in, asked.budget.tokens_out) == (4, 100, 20)


def test_failures_that_do_not_pass_end_the_run_after_five_requests() -> None:
    with (
        endpoint(lambda one: one.fail(500, "out of order")) as fake,
        pytest.raises(EndpointError, match=r"answered 500: out of order, 5 times in a row; run it again later"),
    ):
        Client(fake.url).ask()
    assert len(fake.asked) == ATTEMPTS == 5


STOPS = {
    (401, KEY): r"refuses the key in OPENAI_API_KEY \(401\)",
    (403, KEY): r"refuses the key in OPENAI_API_KEY \(403\)",
    (401, ""): r"wants a key, in the environment variable OPENAI_API_KEY \(401\)",
    (404, KEY): r"has no such model, or no chat/completions \(404\); the address ends in /v1",
    (402, KEY): r"answered 402: no such luck for \[key\]",
    (413, KEY): r"answered 413: no such luck for \[key\]",
}


@pytest.mark.parametrize(("status", "key"), STOPS)
def test_what_does_not_pass_stops_at_once_in_one_line_without_the_key(status: int, key: str) -> None:
    with endpoint(lambda one: one.fail(status, f"no such\nluck for {KEY}")) as fake:
        asked = Client(fake.url, key=key)
        with pytest.raises(EndpointError, match=STOPS[status, key]) as refused:
            asked.ask()
    assert (len(fake.asked), asked.waits) == (1, [])
    assert KEY not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("status", [400, 422])
def test_a_request_that_is_malformed_is_an_error_of_its_own(status: int) -> None:
    with (
        endpoint(lambda one: one.fail(status, "unknown parameter")) as fake,
        pytest.raises(RefusedError, match=f"answered {status}: unknown parameter"),
    ):
        Client(fake.url).ask()
    assert len(fake.asked) == 1


def test_an_error_that_is_no_json_is_shown_up_to_its_first_words() -> None:
    with (
        endpoint(lambda one: one.send(400, b"<h1>bad</h1>\n" * 1000, "text/html")) as fake,
        pytest.raises(RefusedError, match=r"answered 400: <h1>bad</h1> <h1>") as refused,
    ):
        Client(fake.url).ask()
    assert len(str(refused.value)) < 300


def test_what_a_filter_keeps_from_the_model_is_an_empty_answer() -> None:
    with endpoint(lambda one: one.fail(400, "filtered", "content_filter")) as fake:
        assert Client(fake.url).ask() == Answer("", "", 0, 0)


@pytest.mark.parametrize(("content", "refusal"), [(None, None), ("", None), (None, "I cannot"), ("combat", "I cannot")])
def test_a_refusal_and_no_words_are_an_empty_answer(content: str | None, refusal: str | None) -> None:
    with endpoint(lambda one: one.say(content, refusal=refusal)) as fake:
        assert Client(fake.url).ask() == Answer("", "tiny-2", 100, 20)


def test_an_endpoint_that_counts_no_tokens_is_taken_at_the_most() -> None:
    with endpoint(lambda one: one.say("combat", usage=None)) as fake:
        asked = Client(fake.url)
        assert asked.ask() == Answer("combat", "tiny-2", None, None)
    assert asked.budget.tokens_out == 50
    assert asked.budget.tokens_in >= len(BODY) / 3


def test_a_key_that_the_endpoint_repeats_is_not_kept() -> None:
    with endpoint(lambda one: one.say(f"my key is {KEY}")) as fake:
        assert Client(fake.url, key=KEY).ask().content == "my key is [key]"


def test_a_stand_in_for_a_key_takes_no_word_out_of_an_answer() -> None:
    with endpoint(lambda one: one.say("neutral")) as fake:
        assert Client(fake.url, key="n").ask().content == "neutral"


def test_what_listens_nowhere_is_said_and_costs_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        asked = Client(f"http://127.0.0.1:{free.getsockname()[1]}/v1")
        with pytest.raises(EndpointError, match=r"nothing answers at http://127\.0\.0\.1:\d+/v1 .* 5 times in a row"):
            asked.ask()
    assert (asked.budget.tokens_in, asked.budget.tokens_out) == (0, 0)


def test_every_attempt_is_within_the_budget() -> None:
    with endpoint(lambda one: one.fail(500)) as fake, pytest.raises(SpentError, match="the limit of 3 requests"):
        Client(fake.url, limits=Limits(requests=3)).ask()
    assert len(fake.asked) == 3


@pytest.mark.parametrize(
    ("url", "key", "message"),
    [
        ("ftp://127.0.0.1/v1", "", "no http or https address"),
        ("127.0.0.1:8000/v1", "", "no http or https address"),
        ("", "", "no http or https address"),
        ("http://", "", "no http or https address"),
        ("http://127.0.0.1:99999999/v1", "", "no http or https address"),
        ("http://me:secret-word@127.0.0.1/v1", "", "no name, password or query"),
        ("https://example.org/v1?api_key=secret-word", "", "no name, password or query"),
        ("https://example.org/v1#secret-word", "", "no name, password or query"),
        ("http://example.org/v1", "secret-word", "would travel in the clear to http://example.org/v1; use https"),
        ("https://example.org/v1", "secret-word\nX-Other: 1", "OPENAI_API_KEY holds signs that no key has"),
        ("https://example.org/v1", "secret-word\u00e9", "OPENAI_API_KEY holds signs that no key has"),
        ("https://example.org/v1", "secret-word two", "OPENAI_API_KEY holds signs that no key has"),
    ],
)
def test_an_address_or_key_that_cannot_be_used_is_refused_without_showing_a_secret(
    url: str, key: str, message: str
) -> None:
    with pytest.raises(EndpointError, match=message) as refused:
        Endpoint(url, key, 1.0)
    assert "secret-word" not in str(refused.value)


def test_the_key_is_not_in_the_endpoints_own_words() -> None:
    assert KEY not in repr(Endpoint("https://example.org/v1", KEY, 1.0))


def test_a_connection_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ATTEMPTS", 1)
    with endpoint() as fake:
        Client(fake.url).ask(times=3)
    assert len({one.handler.client_address for one in fake.asked}) == 1


def test_waiting_is_real_where_no_other_way_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    with endpoint(failing_at_first(lambda one: one.fail(503, Retry_After="0.05"))) as fake:

        async def run() -> None:
            async with Endpoint(fake.url, "", 30.0) as opened:
                await opened.ask(BODY, Budget(Limits(), 50))

        before = time.monotonic()
        asyncio.run(run())
    assert time.monotonic() - before >= 0.05  # a lower bound: no load can break it
