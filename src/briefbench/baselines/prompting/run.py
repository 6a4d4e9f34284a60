"""A run over bullets: ask for what the cache does not have, once more where an answer is not labels, and keep count."""

import asyncio
import itertools
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import msgspec

from briefbench.baselines.prompting.budget import Budget, Limits, SpentError
from briefbench.baselines.prompting.cache import Cache
from briefbench.baselines.prompting.client import Answer, Endpoint, RefusedError
from briefbench.baselines.prompting.prompts import (
    RESPONSE_FORMAT,
    Message,
    NoLabelsError,
    Prompt,
    read_answer,
)
from briefbench.errors import BriefbenchError
from briefbench.files import sha256


@dataclass(frozen=True)
class Request:
    """What is asked of a model for every bullet, the bullet apart; with the endpoint's ``url`` it determines all."""

    url: str
    model: str
    prompt: Prompt
    seed: int
    answer_tokens: int

    def body(self, messages: Sequence[Message], *, formatted: bool) -> bytes:
        """Return a request's body, with ``response_format`` if ``formatted``."""
        fields: dict[str, Any] = {"model": self.model, "messages": messages, "temperature": 0, "seed": self.seed}
        fields["max_tokens"] = self.answer_tokens
        if formatted:
            fields["response_format"] = RESPONSE_FORMAT
        return msgspec.json.encode(fields, order="deterministic")

    def key(self, body: bytes) -> str:
        """Return the key of a request's answer."""
        return sha256(self.url.encode() + b"\n" + body)


@dataclass(frozen=True)
class Labelled:
    """A bullet's labels by task, ``None`` where the model gave none, and the answers that they come from, in order."""

    labels: Mapping[str, str] | None
    answers: tuple[Answer, ...]


@dataclass
class Run:
    """A run that asks through ``endpoint``: what it found by text, and why it stopped early, if it did."""

    request: Request
    endpoint: Endpoint
    cache: Cache
    budget: Budget
    found: dict[str, Labelled] = field(default_factory=dict)
    stopped: SpentError | BriefbenchError | None = None
    _formatted: bool = True

    async def ask(
        self, texts: Sequence[str], *, concurrency: int, track: Callable[[Sequence[str]], Iterable[str]] = iter
    ) -> None:
        """Find the labels of all texts, up to ``concurrency`` at a time; ``track`` shows how far it came.

        Where a limit is reached or the endpoint fails, nothing more is begun; what was begun is awaited, since it is
        paid for.
        """
        self._formatted = not any(self._plain(text) in self.cache.answers for text in texts)
        missing = [text for text in texts if _missing(self.request, self.cache, text) is not None]
        async with self.endpoint:
            await self._work(iter([text for text in texts if text not in set(missing)]))
            with closing(_generated(track(missing))) as queue:
                # One alone at first: it shows whether the endpoint takes the key, the model and response_format.
                await self._work(itertools.islice(queue, 1))
                async with asyncio.TaskGroup() as group:
                    for _ in range(concurrency):
                        group.create_task(self._work(queue))

    async def _work(self, queue: Iterator[str]) -> None:
        while self.stopped is None and (text := next(queue, None)) is not None:
            try:
                self.found[text] = await self._labelled(text)
            except (SpentError, BriefbenchError) as error:
                self.stopped = self.stopped or error

    def _plain(self, text: str) -> str:
        return self.request.key(self.request.body(self.request.prompt.first(text), formatted=False))

    async def _labelled(self, text: str) -> Labelled:
        """Ask for a bullet's labels, and once more where the answer is not exactly that."""
        prompt = self.request.prompt
        first = await self._answer(prompt.first(text))
        try:
            return Labelled(read_answer(first.content), (first,))
        except NoLabelsError as error:
            second = await self._answer(prompt.again(text, first.content, str(error)))
        try:
            return Labelled(read_answer(second.content), (first, second))
        except NoLabelsError:
            return Labelled(None, (first, second))

    async def _answer(self, messages: Sequence[Message]) -> Answer:
        """Return the answer of the cache, else that of the endpoint, without ``response_format`` if it takes none."""
        known = cached(self.request, self.cache, messages)
        if known is not None:
            return known
        formatted = self._formatted
        body = self.request.body(messages, formatted=formatted)
        try:
            answer = await self.endpoint.ask(body, self.budget)
        except RefusedError:
            if not formatted:
                raise
            formatted, body = False, self.request.body(messages, formatted=False)
            answer = await self.endpoint.ask(body, self.budget)
            self._formatted = False
        answer = msgspec.structs.replace(answer, formatted=formatted)
        self.cache.put(self.request.key(body), answer)
        return answer


def cached(request: Request, cache: Cache, messages: Sequence[Message]) -> Answer | None:
    """Return a cache's answer to messages, that to a request with ``response_format`` first."""
    keys = (request.key(request.body(messages, formatted=formatted)) for formatted in (True, False))
    return next((cache.answers[key] for key in keys if key in cache.answers), None)


@dataclass(frozen=True)
class Estimate:
    """What a run has yet to ask: requests, if every answer is good at once, and the most tokens that these can use."""

    requests: int
    tokens_in: int
    tokens_out: int


def estimate(request: Request, cache: Cache, texts: Sequence[str]) -> Estimate:
    """Return what is still to be asked for texts, without asking."""
    budget, found = Budget(Limits(), request.answer_tokens), Estimate(0, 0, 0)
    for text in texts:
        messages = _missing(request, cache, text)
        if messages is not None:
            most = budget.most(len(request.body(messages, formatted=True)))
            found = Estimate(found.requests + 1, found.tokens_in + most.tokens_in, found.tokens_out + most.tokens_out)
    return found


def _missing(request: Request, cache: Cache, text: str) -> Sequence[Message] | None:
    """Return the messages that the cache has no answer to, if there are any."""
    messages = request.prompt.first(text)
    answer = cached(request, cache, messages)
    if answer is None:
        return messages
    try:
        read_answer(answer.content)
    except NoLabelsError as error:
        messages = request.prompt.again(text, answer.content, str(error))
        return messages if cached(request, cache, messages) is None else None
    return None


def _generated(items: Iterable[str]) -> Generator[str]:
    yield from items
