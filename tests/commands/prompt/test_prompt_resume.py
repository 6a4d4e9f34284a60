"""Where ``briefbench baseline prompt`` is broken off: by a kill, an interrupt or a limit, and how it goes on."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from briefbench.baselines.prompting.cache import Cache
from briefbench.commands import main
from briefbench.schema import TASK_NAMES
from endpoint_support import KEY, Asked, Fake, arguments, endpoint

Refused = Callable[..., str]


class Halting:
    """Answers as ``knowing`` until the sixth request, which it lets wait."""

    def __init__(self, answer: Callable[[Asked], None]) -> None:  # noqa: D107
        self.answer, self.reached, self.go_on = answer, threading.Event(), threading.Event()

    def __call__(self, one: Asked) -> None:
        if one.number == 6:
            self.reached.set()
            self.go_on.wait(60)
            one.handler.close_connection = True
        else:
            self.answer(one)


@pytest.fixture
def halting(knowing: Callable[[Asked], None]) -> Iterator[Halting]:
    found = Halting(knowing)
    yield found
    found.go_on.set()


def started(fake: Fake) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "briefbench", *arguments(fake, "--concurrency", "1")]
    environment = {**os.environ, "OPENAI_API_KEY": KEY}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def test_a_run_that_is_killed_goes_on_and_ends_as_one_that_was_not(
    project: Path, halting: Halting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with endpoint(halting) as fake:
        process = started(fake)
        assert halting.reached.wait(60)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        halting.go_on.set()
        assert process.returncode == -signal.SIGKILL
        assert not Path("p.parquet").exists()
        # As if it had been killed in the middle of a write, too.
        with Path("p.answers.jsonl").open("ab") as stream:
            stream.write(b'{"key":"00')
        assert main(arguments(fake)) == 0
        begun = fake.bullets
        assert main(arguments(fake, out="unbroken.parquet")) == 0
    assert len(begun) == 13
    assert len(set(begun)) == 12
    assert begun.count(begun[5]) == 2  # that which never got an answer
    assert Path("p.parquet").read_bytes() == Path("unbroken.parquet").read_bytes()
    assert Path("p.json").read_bytes() == Path("unbroken.json").read_bytes()


def test_an_interrupt_ends_a_run_in_one_line_and_the_next_goes_on(project: Path, halting: Halting) -> None:
    with endpoint(halting) as fake:
        process = started(fake)
        assert halting.reached.wait(60)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        halting.go_on.set()
        assert (process.returncode, out) == (130, "")
        assert err == "briefbench: interrupted; nothing half-written is left\n"
        assert main(arguments(fake)) == 0
    assert len(fake.asked) == 13


def test_two_runs_on_one_file_of_answers_are_refused(project: Path, refused: Refused) -> None:
    with endpoint() as fake, Cache.opened(Path("p.answers.jsonl")):
        assert "p.answers.jsonl: another run is using it" in refused(*arguments(fake))
    assert fake.asked == []


LIMITS = {
    "requests": (["--max-requests", "5"], "the limit of 5 requests: "),
    "tokens": (["--max-tokens-total", "4000"], "the limit of 4,000 tokens: "),
    "cost": (["--max-cost", "0.01", "--price-in", "2", "--price-out", "8"], "the limit of 0.01 USD: "),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_stops_in_one_line_with_status_2_and_a_rerun_goes_on(
    project: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options, message = LIMITS[name]
    with endpoint(lambda one: one.say(json.dumps(dict.fromkeys(TASK_NAMES, "mixed")), usage=(1000, 30))) as fake:
        assert main(arguments(fake, *options)) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"briefbench: stopped before {message}")
        assert "no predictions are written, and a rerun goes on from" in err
        assert err.count("\n") == 1
        assert not Path("p.parquet").exists()
        assert not Path("p.json").exists()
        stopped = len(fake.asked)
        assert 0 < stopped < 12
        assert main(arguments(fake, "--price-in", "2", "--price-out", "8")) == 0
    # Every answer is refused, so each bullet is asked about twice, and none of the requests twice.
    assert len(fake.asked) == 24
    assert f"this run used {24 - stopped} requests" in capsys.readouterr().out


def test_a_dry_run_sends_nothing_writes_nothing_and_tells_what_there_is_to_do(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(project.rglob("*"))
    with endpoint() as fake:
        assert main(arguments(fake, "--dry-run", "--price-in", "1000", "--price-out", "1000")) == 0
        out = capsys.readouterr().out
        assert out.startswith("12 bullets of weeks/test, 0 of them answered in the cache\n12 requests, at most about ")
        assert "2,400 out, " in out
        assert " USD\n" in out
        assert fake.asked == []
        assert sorted(project.rglob("*")) == before
        main(arguments(fake, "--max-requests", "5"))
        assert main(arguments(fake, "--dry-run")) == 0
    out = capsys.readouterr().out
    assert "12 bullets of weeks/test, 5 of them answered in the cache\n7 requests" in out
    assert "USD" not in out
