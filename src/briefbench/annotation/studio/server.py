"""Running a real Label Studio: its own environment, made on first use, and a process that phones nobody."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import unquote, urlsplit

from briefbench.annotation.studio.client import TESTED
from briefbench.annotation.studio.workspace import Account, Workspace
from briefbench.errors import InputError, StudioError

#: Telemetry, update checks and error reports off, and no account without an invitation.
QUIET = {
    "LATEST_VERSION_CHECK": "false",
    "COLLECT_ANALYTICS": "false",
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
    "DISABLE_SIGNUP_WITHOUT_LINK": "true",
    "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
}
_FIRST_START, _STOP = 600.0, 15.0


def environment_folder(named: Path | None = None) -> Path:
    """Return where the server's environment is: as named, else in the user's cache, shared by all projects."""
    if named is not None:
        return named
    if os.environ.get("BRIEFBENCH_LABEL_STUDIO"):
        return Path(os.environ["BRIEFBENCH_LABEL_STUDIO"])
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "briefbench" / f"label-studio-{TESTED}"


def install(folder: Path, tell: Callable[[str], None]) -> Path:
    """Make the environment if it is not complete, and return the program in it.

    Raises:
        InputError: something else is in the folder.
        StudioError: pip could not install it; the message is pip's last line.
    """
    program, done = folder / "bin" / "label-studio", folder / f".label-studio-{TESTED}"
    ours = folder / ".made-by-briefbench"
    if done.exists() and program.exists():
        return program
    if folder.exists() and any(folder.iterdir()) and not ours.exists():
        raise InputError(f"{folder}: not empty, and not made by this command; name another folder with --environment")
    tell(f"installing Label Studio {TESTED} into {folder} (once; about 1 GB, some minutes)")
    shutil.rmtree(folder, ignore_errors=True)  # half an environment of an installation that was broken off
    folder.mkdir(parents=True)
    ours.touch()
    _run([sys.executable, "-m", "venv", str(folder)])
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    _run([*pip, f"label-studio=={TESTED}"])
    done.touch()
    return program


def database_settings(url: str) -> dict[str, str]:
    """Return the server's settings for a PostgreSQL database at ``postgresql://user:password@host:port/name``.

    A password that the address lacks is taken from ``PGPASSWORD``, so that it need not stand in a list of processes.

    Raises:
        InputError: it is no such address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or 5432
    except ValueError:
        parts, port = urlsplit(""), 0
    name = parts.path.lstrip("/")
    if parts.scheme not in ("postgresql", "postgres") or not (parts.hostname and parts.username and name):
        raise InputError("--database: expected postgresql://USER:PASSWORD@HOST:PORT/NAME")
    return {
        "DJANGO_DB": "default",
        "POSTGRE_USER": unquote(parts.username),
        "POSTGRE_PASSWORD": unquote(parts.password or os.environ.get("PGPASSWORD", "")),
        "POSTGRE_HOST": parts.hostname,
        "POSTGRE_PORT": str(port),
        "POSTGRE_NAME": unquote(name),
    }


@contextmanager
def running(
    workspace: Workspace, program: Path, *, port: int, account: Account, database: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Start the server on 127.0.0.1, wait until it is healthy, yield the process and its address, and stop it.

    Raises:
        StudioError: the port is taken, another server of this project runs, or the server ends before it is healthy.
    """
    from filelock import FileLock, Timeout

    workspace.prepare()
    lock = FileLock(workspace.folder / "serving")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StudioError(f"a server of this project runs already; its log is {workspace.log}") from None
    try:
        _check_port(port)
        process = None
        try:
            with _held_back():
                process = _start(workspace, program, port, account, database or {})
            url = f"http://127.0.0.1:{port}"
            _wait(process, url, workspace.log)
            workspace.keep_url(url)
            yield process, url
        finally:
            if process is not None:
                _stop(process)
    finally:
        lock.release()


@contextmanager
def _held_back() -> Iterator[None]:
    """Hold back the signals that end a program: a server that has just started and is not known yet would run on."""
    came: list[int] = []
    ends = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers = {number: signal.signal(number, lambda number, _: came.append(number)) for number in ends}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    for one in came:
        signal.raise_signal(one)


def _start(
    workspace: Workspace, program: Path, port: int, account: Account, database: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    workspace.data.mkdir(mode=0o700, exist_ok=True)
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("LABEL_STUDIO_", "POSTGRE_"))
    }
    own = {
        "LABEL_STUDIO_BASE_DATA_DIR": str(workspace.data),
        "LABEL_STUDIO_USERNAME": account.email,
        "LABEL_STUDIO_PASSWORD": account.password,
        "LABEL_STUDIO_USER_TOKEN": account.token,
        "PYTHONUNBUFFERED": "1",
    }
    command = [str(program), "start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port)]
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(workspace.log, flags, mode=0o600), "wb") as log:
        return subprocess.Popen(  # noqa: S603 (the program of our own environment)
            command,
            env=inherited | QUIET | own | dict(database),
            cwd=workspace.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # an interrupt at the terminal is ours to pass on
        )


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until ``/health`` answers; asked without a proxy of the environment."""
    end = time.monotonic() + _FIRST_START
    while time.monotonic() < end:
        if process.poll() is not None:
            lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
            # what is indented explains the line above it
            last = next((line for line in reversed(lines) if line.strip() and line[0].strip()), "nothing was printed")
            raise StudioError(f"Label Studio ended with status {process.returncode}: {last[:300]}; its log is {log}")
        if _healthy(url):
            return
        time.sleep(0.3)
    raise StudioError(f"Label Studio is not healthy after {_FIRST_START:.0f} s; its log is {log}")


def _healthy(url: str) -> bool:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server and whatever it started, softly at first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(_STOP)
        except subprocess.TimeoutExpired:
            continue
        break
    process.wait()


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StudioError(
                f"port {port} of 127.0.0.1 is not free ({error.strerror}); name another with --port"
            ) from None


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own interpreter)
    if done.returncode:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise StudioError(f"{' '.join(command[1:4])} failed: {lines[-1] if lines else f'status {done.returncode}'}")
