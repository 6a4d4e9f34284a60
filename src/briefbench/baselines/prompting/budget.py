"""A run's limits of requests, tokens and cost: every request is admitted before it is sent, at the most it can use."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

#: Tokens a byte, as an upper estimate until an answer shows a higher one: English has some four bytes a token.
TOKENS_A_BYTE = 1 / 3


class SpentError(Exception):
    """The next request might go beyond a limit; the text names the limit."""


@dataclass(frozen=True)
class Limits:
    """The most that a run may use, ``None`` for no limit; prices are in USD for a million tokens."""

    requests: int | None = None
    tokens: int | None = None
    cost: float | None = None
    price_in: float = 0.0
    price_out: float = 0.0

    @property
    def priced(self) -> bool:
        """Whether prices are known."""
        return (self.price_in, self.price_out) != (0, 0)

    def price(self, tokens_in: int, tokens_out: int) -> float:
        """Return what tokens cost, in USD."""
        return (tokens_in * self.price_in + tokens_out * self.price_out) / 1e6


@dataclass
class Bill:
    """What one request used, or at most can have used until its answer says it."""

    tokens_in: int
    tokens_out: int


@dataclass
class Budget:
    """What a run has used under its ``limits``; ``answer_tokens`` is the most that an answer may have.

    Requests of which nobody knows what they used, such as those that were never answered, count with the most.
    """

    limits: Limits
    answer_tokens: int
    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    _rate: float = TOKENS_A_BYTE
    _open: list[Bill] = field(default_factory=list)
    _closed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def cost(self) -> float:
        """What was used so far, in USD."""
        return self.limits.price(self.tokens_in, self.tokens_out)

    def most(self, size: int) -> Bill:
        """Return the most that a request of ``size`` bytes can use."""
        return Bill(math.ceil(size * self._rate), self.answer_tokens)

    @asynccontextmanager
    async def request(self, size: int) -> AsyncIterator[Bill]:
        """Admit one request of ``size`` bytes, and add what its bill says in the end.

        Where only the open requests stand in the way, their answers are awaited: they mostly use less than the most.

        Raises:
            SpentError: it might go beyond a limit.
        """
        while (spent := self._beyond(bill := self.most(size))) is not None:
            if not self._open:
                raise SpentError(spent)
            self._closed.clear()
            await self._closed.wait()
        most = bill.tokens_in
        self.requests += 1
        self._open.append(bill)
        try:
            yield bill
        finally:
            self._open = [one for one in self._open if one is not bill]
            self.tokens_in += bill.tokens_in
            self.tokens_out += bill.tokens_out
            if bill.tokens_in > most:
                self._rate = bill.tokens_in / size
            self._closed.set()

    def _beyond(self, bill: Bill) -> str | None:
        """Name the limit that a request might go beyond, all open ones taken at their most."""
        tokens_in = self.tokens_in + sum(one.tokens_in for one in [*self._open, bill])
        tokens_out = self.tokens_out + sum(one.tokens_out for one in [*self._open, bill])
        limits = self.limits
        if limits.requests is not None and self.requests >= limits.requests:
            return f"the limit of {limits.requests:,} requests"
        if limits.tokens is not None and tokens_in + tokens_out > limits.tokens:
            return f"the limit of {limits.tokens:,} tokens"
        if limits.cost is not None and limits.price(tokens_in, tokens_out) > limits.cost:
            return f"the limit of {limits.cost:g} USD"
        return None
