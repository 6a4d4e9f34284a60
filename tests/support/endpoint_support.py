"""A chat endpoint on this machine's loopback that answers as a test wants it to, and remembers what it was asked."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from briefbench.baselines.prompting.budget import Budget, Limits
from briefbench.baselines.prompting.client import Answer, Endpoint

#: A key that would be seen wherever it stands, and a request.
KEY = "sk-test-0123456789abcdef"
BODY = json.dumps({"messages": [{"role": "user", "content": '{"bullet": "A bridge fell."}'}]}).encode()
GOOD = {"topic": "combat", "stance": "neutral", "source_type": "unattributed"}


@dataclass(frozen=True)
class Asked:
    """One request: its number from 1 on, its body and headers, and the connection under it for those who break it."""

    number: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    handler: BaseHTTPRequestHandler = field(repr=False)

    @property
    def bullet(self) -> str:
        """The bullet that is asked about: that of the last message which is one."""
        found = [json.loads(one["content"]) for one in self.body["messages"] if one["content"].startswith('{"bullet"')]
        return str([one for one in found if "bullet" in one][-1]["bullet"])

    @property
    def again(self) -> bool:
        return str(self.body["messages"][-1]["content"]).startswith("That answer was refused")

    def send(
        self, status: int, data: bytes, kind: str | None = "application/json", headers: Mapping[str, str] | None = None
    ) -> None:
        """Send an answer of HTTP."""
        self.handler.send_response(status)
        if kind is not None:
            self.handler.send_header("Content-Type", kind)
        self.handler.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.handler.send_header(name, value)
        self.handler.end_headers()
        self.handler.wfile.write(data)

    def say(self, content: str | None, *, usage: Any = (100, 20), refusal: str | None = None) -> None:
        """Answer as a model that says ``content``."""
        message = {"role": "assistant", "content": content, "refusal": refusal}
        body = {"id": "x", "model": "tiny-2", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
        if usage is not None:
            body["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
        self.send(200, json.dumps(body).encode())

    def label(self, **labels: str) -> None:
        """Answer with good labels."""
        self.say(json.dumps(GOOD | labels))

    def fail(self, status: int, message: str = "no", code: str | None = None, **headers: str) -> None:
        """Answer as an endpoint that fails."""
        data = json.dumps({"error": {"message": message, "code": code}}).encode()
        self.send(status, data, headers={name.replace("_", "-"): value for name, value in headers.items()})


@dataclass
class Fake:
    """A running endpoint: its address, and its requests in the order in which they came."""

    url: str
    asked: list[Asked] = field(default_factory=list)

    @property
    def bullets(self) -> list[str]:
        return [one.bullet for one in self.asked]


@contextmanager
def endpoint(behave: Callable[[Asked], None] = Asked.label) -> Iterator[Fake]:
    """Run an endpoint that does with every request what ``behave`` says."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                one = Asked(len(fake.asked) + 1, body, dict(self.headers.items()), self)
                fake.asked.append(one)
            with suppress(OSError):  # the client was killed, or would not wait
                behave(one)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        fake = Fake(f"http://127.0.0.1:{server.server_address[1]}/v1")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()


def failing_at_first(fail: Callable[[Asked], None], times: int = 1) -> Callable[[Asked], None]:
    """Do what ``fail`` says to the first requests, and give the others good labels."""
    return lambda one: fail(one) if one.number <= times else one.label()


@dataclass
class Client:
    """Asks one endpoint, and notes the waits in place of waiting."""

    url: str
    key: str = ""
    timeout: float = 30.0
    limits: Limits = field(default_factory=Limits)
    waits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.budget = Budget(self.limits, answer_tokens=50)

    def ask(self, times: int = 1) -> Answer:
        async def wait(seconds: float) -> None:
            self.waits.append(seconds)

        async def run() -> Answer:
            async with Endpoint(self.url, self.key, self.timeout, wait) as opened:
                return [await opened.ask(BODY, self.budget) for _ in range(times)][-1]

        return asyncio.run(run())


def arguments(fake: Fake, *more: str, out: str = "p.parquet") -> list[str]:
    """Return a command line that asks an endpoint."""
    return ["baseline", "prompt", "--endpoint", fake.url, "--model", "tiny", "--out", out, *more]
