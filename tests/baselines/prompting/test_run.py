"""A run asks for every bullet once, in whatever order answers come, and goes on where it stopped."""

import asyncio
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from briefbench.baselines.base import Examples
from briefbench.baselines.prompting.budget import Budget, Limits, SpentError
from briefbench.baselines.prompting.cache import Cache
from briefbench.baselines.prompting.client import Endpoint
from briefbench.baselines.prompting.prompts import RESPONSE_FORMAT, make_prompt
from briefbench.baselines.prompting.run import Request, Run, estimate
from briefbench.errors import EndpointError
from briefbench.schema import TASKS, TOPIC
from endpoint_support import GOOD, Asked, endpoint

TEXTS = tuple(f"Bridge number {i} fell." for i in range(8))
PROMPT = make_prompt(Examples([], [], {}, {task.name: np.zeros(0, dtype=np.int64) for task in TASKS}), 0, 1)


@dataclass
class Runner:
    """Runs over one cache, and notes the waits in place of waiting."""

    cache: Path
    waits: list[float] = field(default_factory=list)

    def request(self, url: str, model: str = "tiny", seed: int = 1) -> Request:
        return Request(url, model, PROMPT, seed, answer_tokens=50)

    def __call__(
        self,
        url: str,
        texts: Sequence[str] = TEXTS,
        *,
        concurrency: int = 4,
        limits: Limits | None = None,
        model: str = "tiny",
        seed: int = 1,
    ) -> Run:
        async def wait(seconds: float) -> None:
            self.waits.append(seconds)

        with Cache.opened(self.cache) as cache:
            opened = Endpoint(url, "", 30.0, wait)
            done = Run(self.request(opened.url, model, seed), opened, cache, Budget(limits or Limits(), 50))
            asyncio.run(done.ask(texts, concurrency=concurrency))
        return done


@pytest.fixture
def run(tmp_path: Path) -> Runner:
    return Runner(tmp_path / "answers.jsonl")


def test_every_bullet_is_asked_about_once_with_everything_that_repeats_it(run: Runner) -> None:
    with endpoint() as fake:
        done = run(fake.url)
    assert done.stopped is None
    assert {text: one.labels for text, one in done.found.items()} == dict.fromkeys(TEXTS, GOOD)
    assert sorted(fake.bullets) == sorted(TEXTS)
    for one in fake.asked:
        assert one.body == {
            "model": "tiny",
            "messages": PROMPT.first(one.bullet),
            "temperature": 0,
            "seed": 1,
            "max_tokens": 50,
            "response_format": RESPONSE_FORMAT,
        }


def test_a_second_run_asks_nothing_and_finds_the_same(run: Runner) -> None:
    with endpoint() as fake:
        first = run(fake.url)
        second = run(fake.url)
        assert len(fake.asked) == len(TEXTS)
    assert second.found == first.found
    assert second.budget.requests == 0


def test_another_model_seed_or_endpoint_is_asked_anew(run: Runner) -> None:
    with endpoint() as fake, endpoint() as other:
        run(fake.url)
        run(fake.url, model="large")
        run(fake.url, seed=2)
        run(other.url)
        assert (len(fake.asked), len(other.asked)) == (3 * len(TEXTS), len(TEXTS))


def test_answers_that_come_out_of_order_go_to_their_own_bullets(run: Runner) -> None:
    topics = TOPIC.names
    turned = threading.Condition()
    answered: list[str] = []

    def last_comes_first(one: Asked) -> None:
        # After the one that goes ahead, each waits until those asked after it in the same round are answered.
        place = TEXTS.index(one.bullet)
        with turned:
            turned.wait_for(lambda: place in (0, 7) or TEXTS[place + 1] in answered, timeout=30)
            answered.append(one.bullet)
            one.label(topic=topics[place])
            turned.notify_all()

    with endpoint(last_comes_first) as fake:
        done = run(fake.url, concurrency=7)
    assert answered == [TEXTS[0], *reversed(TEXTS[1:])]
    assert {text: one.labels["topic"] for text, one in done.found.items() if one.labels} == dict(
        zip(TEXTS, topics, strict=False)
    )


def test_no_more_requests_are_open_than_allowed(run: Runner) -> None:
    now, most, lock = [0], [0], threading.Lock()

    def count(one: Asked) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        threading.Event().wait(0.02)
        with lock:
            now[0] -= 1
        one.label()

    with endpoint(count) as fake:
        run(fake.url, concurrency=3)
    assert most[0] <= 3


BAD = {
    "words": ("The topic is combat.", "it is not one JSON object and nothing else"),
    "nothing": ("", "it is empty"),
    "an unknown label": (json.dumps(GOOD | {"topic": "war"}), "'war' is not one of the labels of topic"),
    "two labels": (json.dumps(GOOD | {"stance": "mixed, neutral"}), "is not one of the labels of stance"),
    "one key more": (json.dumps(GOOD | {"why": "so"}), "and no others"),
    "a key twice": (json.dumps(GOOD)[:-1] + ', "topic": "combat"}', "a key stands in it twice"),
    "two objects": (json.dumps(GOOD) * 2, "it is not one JSON object"),
}


@pytest.mark.parametrize("name", BAD)
def test_an_answer_that_is_not_labels_is_asked_for_once_more_and_the_fault_is_said(run: Runner, name: str) -> None:
    said, fault = BAD[name]
    with endpoint(lambda one: one.label() if one.again else one.say(said)) as fake:
        done = run(fake.url, TEXTS[:1])
    first, second = fake.asked
    assert second.body["messages"][:-2] == first.body["messages"]
    assert fault in second.body["messages"][-1]["content"]
    assert done.found[TEXTS[0]].labels == GOOD
    assert len(done.found[TEXTS[0]].answers) == 2


@pytest.mark.parametrize("name", BAD)
def test_a_second_answer_that_is_not_labels_either_is_no_label_and_not_asked_again(run: Runner, name: str) -> None:
    with endpoint(lambda one: one.say(BAD[name][0])) as fake:
        done = run(fake.url, TEXTS[:1])
        assert done.found[TEXTS[0]].labels is None
        assert run(fake.url, TEXTS[:1]).found == done.found
    assert len(fake.asked) == 2


def test_a_refusal_is_no_label(run: Runner) -> None:
    with endpoint(lambda one: one.say(None, refusal="I cannot help with war.")) as fake:
        assert run(fake.url, TEXTS[:1]).found[TEXTS[0]].labels is None


def unformatted(one: Asked) -> None:
    if "response_format" in one.body:
        one.fail(400, "response_format is not supported")
    else:
        one.label()


def test_an_endpoint_without_response_format_is_asked_without_it_and_told_once(run: Runner) -> None:
    with endpoint(unformatted) as fake:
        done = run(fake.url)
        assert done.stopped is None
        assert {text: one.labels for text, one in done.found.items()} == dict.fromkeys(TEXTS, GOOD)
        assert ["response_format" in one.body for one in fake.asked] == [True, *[False] * len(TEXTS)]
        assert not any(answer.formatted for one in done.found.values() for answer in one.answers)
        run(fake.url, (*TEXTS, "One more bridge fell."))
    assert ["response_format" in one.body for one in fake.asked[9:]] == [False]


def test_a_request_that_is_malformed_either_way_stops_the_run(run: Runner) -> None:
    with endpoint(lambda one: one.fail(400, "too long")) as fake:
        done = run(fake.url)
    assert isinstance(done.stopped, EndpointError)
    assert "answered 400: too long" in str(done.stopped)
    assert len(fake.asked) == 2


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refused_key_or_model_stops_the_run_at_the_first_request(run: Runner, status: int) -> None:
    with endpoint(lambda one: one.fail(status)) as fake:
        done = run(fake.url)
    assert isinstance(done.stopped, EndpointError)
    assert len(fake.asked) == 1


def test_a_run_that_an_endpoint_ended_goes_on_with_what_is_missing(run: Runner) -> None:
    with endpoint(lambda one: one.fail(500) if one.bullet == TEXTS[3] else one.label()) as fake:
        done = run(fake.url, concurrency=1)
        assert list(done.found) == list(TEXTS[:3])
        assert "5 times in a row" in str(done.stopped)
        assert run.waits == [1.0, 2.0, 4.0, 8.0]
        assert run(fake.url, [text for text in TEXTS if text != TEXTS[3]]).stopped is None
    assert sorted(set(fake.bullets)) == sorted(TEXTS)
    assert [fake.bullets.count(text) for text in TEXTS] == [1, 1, 1, 5, 1, 1, 1, 1]


@pytest.mark.parametrize("concurrency", [1, 4])
def test_what_was_begun_when_the_endpoint_fails_is_kept(run: Runner, concurrency: int) -> None:
    with endpoint(lambda one: one.fail(402, "no money") if one.number == 5 else one.label()) as fake:
        done = run(fake.url, concurrency=concurrency)
        assert len(Cache.read(run.cache).answers) == len(fake.asked) - 1 == len(done.found)
        assert run(fake.url).stopped is None
    assert len(fake.asked) == len(TEXTS) + 1


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_limit_ends_a_run_and_the_next_goes_on(run: Runner, concurrency: int) -> None:
    with endpoint() as fake:
        for answered in (3, 6):
            done = run(fake.url, concurrency=concurrency, limits=Limits(requests=3))
            assert isinstance(done.stopped, SpentError)
            assert len(done.found) == answered == len(fake.asked)
        assert run(fake.url, limits=Limits(requests=3)).stopped is None
    assert sorted(fake.bullets) == sorted(TEXTS)


def test_what_is_to_be_asked_is_told_before_without_asking(run: Runner) -> None:
    with endpoint(lambda one: one.say("I cannot say") if one.bullet == TEXTS[1] else one.label()) as fake:
        request = run.request(fake.url)
        before = estimate(request, Cache(run.cache), TEXTS)
        assert fake.asked == []
        assert before.requests == len(TEXTS)
        assert before.tokens_out == 50 * len(TEXTS)
        size = len(request.body(PROMPT.first(TEXTS[0]), formatted=True))
        assert size * 8 / 4 < before.tokens_in < size * 8 / 2
        # Two bullets: one good answer, one that is asked for once more but for the limit.
        run(fake.url, TEXTS[:2], limits=Limits(requests=2))
        assert estimate(request, Cache.read(run.cache), TEXTS).requests == len(TEXTS) - 1
        run(fake.url, TEXTS[:2])
        assert estimate(request, Cache.read(run.cache), TEXTS).requests == len(TEXTS) - 2
