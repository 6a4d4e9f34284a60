"""``briefbench baseline prompt``: label the bullets of a split by asking a language model at an endpoint."""

import argparse
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from briefbench.errors import InputError
from briefbench.project import add_dataset_option, add_split_option, find_release, number_option

if TYPE_CHECKING:
    from briefbench.baselines.prompting.budget import Budget, Limits
    from briefbench.baselines.prompting.cache import Cache
    from briefbench.baselines.prompting.record import Record
    from briefbench.baselines.prompting.run import Request, Run
    from briefbench.evaluation.reference import Reference

_MANY = 10**12


def add_parser(steps: Any) -> None:
    """Add the step to the command line."""
    parser: argparse.ArgumentParser = steps.add_parser(
        "prompt",
        help="ask a language model for the labels of a split",
        description="Ask a model at an OpenAI-compatible endpoint for the labels of every bullet, and write a "
        "prediction file and a record beside it. The API key is read from OPENAI_API_KEY only. Every answer is kept: a "
        "run that was broken off goes on where it stopped. docs/prompting.md says what is asked, and how it is read.",
    )
    parser.add_argument("--endpoint", required=True, metavar="URL", help="such as http://127.0.0.1:8000/v1")
    parser.add_argument("--model", required=True, metavar="NAME", help="the model's name at the endpoint")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.parquet", help="where the predictions go")
    parser.add_argument(
        "--shots", type=number_option(0, 64), default=0, metavar="K", help="examples of the train part (default 0)"
    )
    add_split_option(parser)
    add_dataset_option(parser)
    parser.add_argument(
        "--seed", type=number_option(0, 2**31 - 1), default=12345, metavar="N", help="of examples and model (12345)"
    )
    parser.add_argument(
        "--answer-tokens", type=number_option(1, 100_000), default=200, metavar="N", help="the longest answer (200)"
    )
    parser.add_argument("--max-requests", type=number_option(1, _MANY), metavar="N", help="stop before more requests")
    parser.add_argument("--max-tokens-total", type=number_option(1, _MANY), metavar="N", help="stop before more tokens")
    parser.add_argument("--max-cost", type=_decimal(0, 1e9), metavar="USD", help="stop before a higher cost")
    parser.add_argument("--price-in", type=_decimal(0, 1e9), metavar="USD", help="of a million tokens asked")
    parser.add_argument("--price-out", type=_decimal(0, 1e9), metavar="USD", help="of a million tokens answered")
    parser.add_argument(
        "--concurrency", type=number_option(1, 256), default=4, metavar="N", help="requests at a time (default 4)"
    )
    parser.add_argument(
        "--timeout", type=_decimal(0.01, 86400), default=120.0, metavar="S", help="seconds a request (default 120)"
    )
    parser.add_argument("--cache", type=Path, metavar="FILE", help="the answers (default: FILE.answers.jsonl)")
    parser.add_argument("--dry-run", action="store_true", help="count requests, tokens and cost; send nothing")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Ask for what is missing, and write all or nothing; the status is 2 where a limit was reached."""
    from briefbench.baselines.base import read_examples
    from briefbench.baselines.prompting.budget import Budget, Limits
    from briefbench.baselines.prompting.cache import Cache
    from briefbench.baselines.prompting.client import Endpoint
    from briefbench.baselines.prompting.prompts import make_prompt
    from briefbench.baselines.prompting.run import Request, Run
    from briefbench.evaluation.reference import read_reference

    _check(options)
    dataset = find_release(options.dataset)
    reference = read_reference(options.split, dataset)
    protocol = options.split.partition("/")[0]
    prompt = make_prompt(read_examples(protocol, dataset)["train"], options.shots, options.seed)
    endpoint = Endpoint(options.endpoint, os.environ.get("OPENAI_API_KEY", "").strip(), options.timeout)
    request = Request(endpoint.url, options.model, prompt, options.seed, options.answer_tokens)
    limits = Limits(
        options.max_requests,
        options.max_tokens_total,
        options.max_cost,
        options.price_in or 0.0,
        options.price_out or 0.0,
    )
    path = options.cache or options.out.with_suffix(".answers.jsonl")
    if options.dry_run:
        return _foresee(request, Cache.read(path), reference, limits)
    with Cache.opened(path) as cache:
        asked = Run(request, endpoint, cache, Budget(limits, request.answer_tokens))
        return _ask(options, asked, reference)


def _ask(options: argparse.Namespace, asked: "Run", reference: "Reference") -> int:
    import asyncio
    from functools import partial

    from briefbench.baselines.prompting.budget import SpentError
    from briefbench.baselines.prompting.record import predictions, record
    from briefbench.console import printable, track
    from briefbench.files import to_json, write_all

    texts = list(dict.fromkeys(reference.texts))
    asking = partial(track, description="asking the model")
    asyncio.run(asked.ask(texts, concurrency=options.concurrency, track=asking))
    if isinstance(asked.stopped, SpentError):
        print(
            f"briefbench: stopped before {asked.stopped}: {len(asked.found)} of {len(texts)} bullets are answered, "
            f"{_used(asked.budget)}; no predictions are written, and a rerun goes on from "
            f"{printable(str(asked.cache.path))}",
            file=sys.stderr,
        )
        return 2
    if asked.stopped is not None:
        raise asked.stopped
    found = record(asked.request, asked.found, reference)
    files = {
        options.out: predictions(asked.found, reference, str(options.out)),
        options.out.with_suffix(".json"): to_json(found).encode(),
    }
    write_all(files)
    _close(found, asked.budget, options.out)
    return 0


def _foresee(request: "Request", cache: "Cache", reference: "Reference", limits: "Limits") -> int:
    from briefbench.baselines.prompting.run import estimate

    texts = list(dict.fromkeys(reference.texts))
    found = estimate(request, cache, texts)
    cost = f", {limits.price(found.tokens_in, found.tokens_out):.2f} USD" if limits.priced else ""
    print(
        f"{len(texts)} bullets of {reference.split}, {len(texts) - found.requests} of them answered in the cache\n"
        f"{found.requests} requests, at most about {found.tokens_in:,} tokens in and {found.tokens_out:,} out{cost}\n"
        "an answer that is not labels is asked for once more; nothing was sent"
    )
    return 0


def _close(found: "Record", budget: "Budget", out: Path) -> None:
    from briefbench.console import printable

    print(
        f"{found.bullets} bullets, {found.without_labels} without labels (they count as wrong), "
        f"{found.asked_again} asked twice; {_used(budget)}"
    )
    name = printable(str(out))
    print(f"{name}: briefbench evaluate {name} --split {found.split}")


def _used(budget: "Budget") -> str:
    cost = f", {budget.cost:.2f} USD" if budget.limits.priced else ""
    return (
        f"this run used {budget.requests} requests, {budget.tokens_in:,} tokens in and {budget.tokens_out:,} out{cost}"
    )


def _check(options: argparse.Namespace) -> None:
    """Refuse what would only be found wrong after the requests were paid for."""
    if options.out.suffix != ".parquet":
        raise InputError(f"{options.out}: predictions are written as Parquet; name a file that ends in .parquet")
    for path in (options.out, options.out.with_suffix(".json")):
        if path.exists() and not path.is_file():
            raise InputError(f"{path}: cannot be written: it is no regular file")
    if (options.price_in is None) != (options.price_out is None):
        raise InputError("give both prices, --price-in and --price-out")
    if options.max_cost is not None and options.price_in is None:
        raise InputError("--max-cost needs --price-in and --price-out")
    if options.shots and options.split.endswith("/train"):
        raise InputError("examples are drawn from the train part, so it cannot be scored with them; use --shots 0")


def _decimal(least: float, most: float) -> Callable[[str], float]:
    """Return the type of an option that is a number between two bounds."""

    def parse(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {least:g} to {most:,.0f}")
        return number

    return parse
