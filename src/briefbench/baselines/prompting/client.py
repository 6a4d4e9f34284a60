"""The endpoint: OpenAI's chat interface over HTTP, every answer checked. Nothing else speaks to it.

The ``openai`` package is not used. Its retries are requests that no budget sees, it follows redirects, reads answers of
any size and does not check them against its own types: all that it would bring, a run here must switch off or do again.
"""

import asyncio
import email.utils
import math
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Annotated, Self

import httpx2
import msgspec

from briefbench import __version__
from briefbench.baselines.prompting.budget import Bill, Budget
from briefbench.errors import EndpointError
from briefbench.evaluation.predictions import shown

#: How often a request is sent before the run stops, and the longest time that an endpoint may ask to wait in between.
ATTEMPTS, LONGEST_WAIT = 5, 120.0
#: The largest answer that is read.
LIMIT = 4 << 20

_PASSING = {408, 409, 425, 429}  # and whatever is 500 or more
_MALFORMED = {400, 422}
_HERE = ("127.0.0.1", "localhost", "::1")
# What servers without keys are given as one is no secret, and may stand in a good answer.
_SECRET = 8

Count = Annotated[int, msgspec.Meta(ge=0, le=10**9)]


class Answer(msgspec.Struct, frozen=True):
    """What a model answered, nothing if it refused; the name it goes by; the tokens used, if the endpoint says them.

    ``formatted`` is whether the request had ``response_format``, which whoever asks knows.
    """

    content: str
    model: str = ""
    tokens_in: Count | None = None
    tokens_out: Count | None = None
    formatted: bool = False


class RefusedError(EndpointError):
    """The endpoint takes the request for malformed, such as one with a parameter that it does not know."""


class _PassingError(EndpointError):
    """What may be gone a little later; ``after`` is the time in seconds that the endpoint asks to wait."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class _Usage(msgspec.Struct):
    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None


class _Said(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Said


class _Completion(msgspec.Struct):
    choices: Annotated[list[_Choice], msgspec.Meta(min_length=1, max_length=1)]
    model: str | None = None
    usage: _Usage | None = None


class _Reason(msgspec.Struct):
    message: str | None = None
    code: str | int | None = None


class _Failure(msgspec.Struct):
    error: _Reason


@dataclass
class Endpoint:
    """An endpoint at ``url`` (up to ``/v1``), asked under ``key``, or under none; ``timeout`` is in seconds a request.

    ``pause`` waits between two attempts.

    Raises:
        EndpointError: the address cannot be used, or the key cannot, or would travel in the clear.
    """

    url: str
    key: str = field(repr=False)
    timeout: float
    pause: Callable[[float], Awaitable[object]] = asyncio.sleep

    def __post_init__(self) -> None:
        address = _address(self.url)
        self.url = str(address).rstrip("/")
        if not (self.key.isascii() and self.key.isprintable() and " " not in self.key):
            raise EndpointError("OPENAI_API_KEY holds signs that no key has; set it again")
        here = address.host in _HERE
        if self.key and address.scheme == "http" and not here:
            raise EndpointError(f"OPENAI_API_KEY would travel in the clear to {self.url}; use https, or unset it")
        headers = {"User-Agent": f"briefbench/{__version__}", "Accept-Encoding": "identity"}
        headers |= {"Authorization": f"Bearer {self.key}"} if self.key else {}
        # This machine itself is not asked through a proxy.
        self._client = httpx2.AsyncClient(headers=headers, timeout=None, trust_env=not here)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def ask(self, body: bytes, budget: Budget) -> Answer:
        """Send a request until it is answered, at most `ATTEMPTS` times; every one of them is within the budget.

        Raises:
            SpentError: the budget does not allow it.
            RefusedError: the endpoint says that the request is malformed.
            EndpointError: there is no answer.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with budget.request(len(body)) as bill:
                    return await self._once(body, bill)
            except _PassingError as error:
                if attempt == ATTEMPTS:
                    raise EndpointError(f"{error}, {ATTEMPTS} times in a row; run it again later: it goes on") from None
                wait = 2.0 ** (attempt - 1) if error.after is None else error.after
                if wait > LONGEST_WAIT:
                    raise EndpointError(f"{error}, and asks to wait {wait:.0f} s; run it again then") from None
            await self.pause(wait)
        raise AssertionError

    async def _once(self, body: bytes, bill: Bill) -> Answer:
        """Send a request once, and put onto its bill what it used, as far as that is known."""
        target, headers = f"{self.url}/chat/completions", {"Content-Type": "application/json"}
        try:
            async with (
                asyncio.timeout(self.timeout),
                self._client.stream("POST", target, content=body, headers=headers) as answer,
            ):
                data = await self._read(answer)
        except (TimeoutError, httpx2.TimeoutException):
            raise _PassingError(f"no answer from {self.url} in {self.timeout:g} s") from None
        except httpx2.ConnectError as error:
            bill.tokens_in = bill.tokens_out = 0
            raise _PassingError(f"nothing answers at {self.url} ({self._clean(str(error))})") from None
        except (httpx2.RequestError, UnicodeError) as error:
            raise _PassingError(f"{self.url} broke off ({self._clean(str(error))})") from None
        if not answer.is_success:
            bill.tokens_in = bill.tokens_out = 0
            return self._failed(answer, data)
        found = self._decoded(answer, data)
        if found.tokens_in is not None and found.tokens_out is not None:
            bill.tokens_in, bill.tokens_out = found.tokens_in, found.tokens_out
        return found

    async def _read(self, answer: httpx2.Response) -> bytes:
        if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise EndpointError(f"{self.url} packs its answers although it was asked not to; use another endpoint")
        data = b""
        async for part in answer.aiter_raw():
            data += part
            if len(data) > LIMIT:
                raise EndpointError(f"{self.url} gave an answer of more than {LIMIT:,} bytes; it is not read")
        return data

    def _decoded(self, answer: httpx2.Response, data: bytes) -> Answer:
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise _PassingError(f"{self.url} gave {shown(self._clean(kind or 'nothing'))} and not JSON")
        try:
            found = msgspec.json.decode(data, type=_Completion)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _PassingError(f"{self.url} gave what is no chat completion ({self._clean(str(error))})") from None
        said, usage = found.choices[0].message, found.usage or _Usage()
        content = "" if said.refusal else said.content or ""
        return Answer(
            self._clean(content), self._clean(found.model or "")[:200], usage.prompt_tokens, usage.completion_tokens
        )

    def _failed(self, answer: httpx2.Response, data: bytes) -> Answer:
        """Raise what a status that is no success means; a bullet that a filter keeps from the model gets no answer."""
        status = answer.status_code
        if answer.has_redirect_location or 300 <= status < 400:  # noqa: PLR2004
            raise EndpointError(f"{self.url} sends its requests elsewhere ({status}); give the final address")
        if status in (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN):
            what = "refuses the key in" if self.key else "wants a key, in the environment variable"
            raise EndpointError(f"{self.url} {what} OPENAI_API_KEY ({status})")
        if status == httpx2.codes.NOT_FOUND:
            raise EndpointError(f"{self.url} has no such model, or no chat/completions (404); the address ends in /v1")
        said, code = self._said(data)
        message = f"{self.url} answered {status}{f': {said}' if said else ''}"
        if status in _PASSING or status >= httpx2.codes.INTERNAL_SERVER_ERROR:
            raise _PassingError(message, _wait(answer.headers))
        if code == "content_filter":
            return Answer("", tokens_in=0, tokens_out=0)
        raise (RefusedError if status in _MALFORMED else EndpointError)(message)

    def _said(self, data: bytes) -> tuple[str, str | int | None]:
        """Return what an error says, on one line and without the key, and its code."""
        reason = _Reason()
        with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            reason = msgspec.json.decode(data, type=_Failure).error
        text = reason.message or data[:1000].decode("utf-8", "replace")
        return re.sub(r"\s+", " ", self._clean(text)).strip()[:200], reason.code

    def _clean(self, text: str) -> str:
        return text.replace(self.key, "[key]") if len(self.key) >= _SECRET else text


def _address(url: str) -> httpx2.URL:
    """Return an address that has nothing secret in it."""
    try:
        address = httpx2.URL(url)
    except (httpx2.InvalidURL, UnicodeError):
        address = httpx2.URL()
    if address.userinfo or address.query or address.fragment:
        raise EndpointError("the address of an endpoint has no name, password or query; the key is in OPENAI_API_KEY")
    if address.scheme not in ("http", "https") or not address.host or (address.port or 1) >= 1 << 16:
        raise EndpointError("the endpoint is no http or https address; give one such as http://127.0.0.1:8000/v1")
    return address


def _wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that ``Retry-After`` asks to wait, which come as a number or as a date."""
    text = headers.get("Retry-After", "")
    try:
        seconds = float(text)
    except ValueError:
        try:
            date = email.utils.parsedate_to_datetime(text)
            seconds = (date.astimezone(UTC) - datetime.now(UTC)).total_seconds()
        except (ValueError, OverflowError):
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None
