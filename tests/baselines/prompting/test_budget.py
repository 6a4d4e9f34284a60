"""No request is sent that might go beyond a limit, and none is held back that fits."""

import asyncio
from collections.abc import Coroutine

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.baselines.prompting.budget import Budget, Limits, SpentError

SIZE = 300  # bytes, so at most 100 tokens until an answer shows more


async def spend(budget: Budget, tokens_in: int | None = None, tokens_out: int = 0, size: int = SIZE) -> None:
    async with budget.request(size) as bill:
        await asyncio.sleep(0)
        if tokens_in is not None:
            bill.tokens_in, bill.tokens_out = tokens_in, tokens_out


def spend_all(*requests: Coroutine[None, None, None]) -> list[str]:
    """Run requests side by side, and return the limits at which any stopped."""

    async def run() -> list[BaseException | None]:
        return await asyncio.gather(*requests, return_exceptions=True)

    found = asyncio.run(run())
    assert all(one is None or isinstance(one, SpentError) for one in found)
    return [str(one) for one in found if one is not None]


def test_the_last_request_that_is_allowed_is_sent_and_no_other() -> None:
    budget = Budget(Limits(requests=3), 50)
    assert spend_all(*(spend(budget, 1, 1) for _ in range(5))) == ["the limit of 3 requests"] * 2
    assert budget.requests == 3


def test_a_request_waits_for_open_ones_that_may_use_less_than_their_most() -> None:
    # Two at their most are 300 tokens; one after the other, three fit into 220.
    budget = Budget(Limits(tokens=220), 50)
    assert spend_all(*(spend(budget, 20, 10) for _ in range(3))) == []
    assert (budget.tokens_in, budget.tokens_out) == (60, 30)


def test_a_request_that_might_go_beyond_the_tokens_is_not_sent() -> None:
    budget = Budget(Limits(tokens=299), 50)
    assert spend_all(spend(budget, 100, 50), spend(budget, 100, 50)) == ["the limit of 299 tokens"]
    assert budget.requests == 1


def test_a_request_that_just_fits_is_sent() -> None:
    budget = Budget(Limits(tokens=300), 50)
    assert spend_all(spend(budget, 100, 50), spend(budget, 100, 50)) == []


def test_the_cost_is_counted_in_the_prices_of_asking_and_answering() -> None:
    limits = Limits(cost=0.001, price_in=2.0, price_out=8.0)
    assert limits.price(1_000_000, 0) == 2.0
    assert limits.price(0, 1_000_000) == 8.0
    budget = Budget(limits, 50)  # at most 0.0006 USD a request
    assert spend_all(spend(budget, 100, 50), spend(budget, 100, 50)) == ["the limit of 0.001 USD"]
    assert budget.cost == pytest.approx(0.0006)


def test_what_nobody_knows_the_tokens_of_counts_with_the_most() -> None:
    budget = Budget(Limits(), 50)
    assert spend_all(spend(budget)) == []
    assert (budget.tokens_in, budget.tokens_out) == (100, 50)


def test_the_estimate_rises_with_an_answer_that_shows_more_and_never_falls() -> None:
    budget = Budget(Limits(), 50)
    spend_all(spend(budget, 150, 1))
    assert budget.most(SIZE).tokens_in == 150
    spend_all(spend(budget, 10, 1))
    assert budget.most(2 * SIZE).tokens_in == 300


def test_a_request_that_fails_is_closed_and_holds_nobody_back() -> None:
    budget = Budget(Limits(tokens=200), 50)

    async def fail() -> None:
        async with budget.request(SIZE) as bill:
            bill.tokens_in = bill.tokens_out = 0
            raise ValueError("broken")

    async def run() -> None:
        with pytest.raises(ValueError, match="broken"):
            await fail()
        await spend(budget, 100, 50)

    asyncio.run(run())
    assert (budget.requests, budget.tokens_in) == (2, 100)


@given(
    st.lists(st.tuples(st.integers(1, 900), st.integers(0, 300), st.integers(0, 50)), max_size=12),
    st.integers(0, 1500),
    st.integers(0, 12),
)
def test_no_limit_is_ever_passed(asked: list[tuple[int, int, int]], tokens: int, requests: int) -> None:
    budget = Budget(Limits(requests=requests, tokens=tokens), 50)
    spend_all(*(spend(budget, min(tokens_in, size // 3), out, size) for size, tokens_in, out in asked))
    assert budget.tokens_in + budget.tokens_out <= tokens
    assert budget.requests <= requests
