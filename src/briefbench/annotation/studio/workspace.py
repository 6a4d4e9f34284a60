"""The project's private folder ``.label-studio/``: the server's address, secrets and data, the annotators' accounts.

Git ignores the folder, and only the user can read it. Whatever the environment says comes before what stands in it.
"""

import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from briefbench.errors import InputError, StudioError
from briefbench.files import read_bytes, write_private

T = TypeVar("T")

_LIMIT = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


class Account(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account on the server; the administrator's ``token`` has 40 hexadecimal digits."""

    email: str
    password: str
    token: str


@dataclass(frozen=True)
class Workspace:
    """The private folder of a project."""

    folder: Path

    @property
    def data(self) -> Path:
        """The server's own data."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.folder / "server.log"

    def prepare(self) -> None:
        """Make the folder, for the user alone and out of Git's sight."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.folder.chmod(0o700)
        if not (self.folder / ".gitignore").exists():
            write_private(self.folder / ".gitignore", b"*\n")

    def secrets(self, environment: Mapping[str, str] = os.environ) -> Account:
        """Return the administrator's account: from the environment, else as kept, else generated and kept.

        Raises:
            InputError: the environment's token or email has another form, or the kept file is damaged.
        """
        self.prepare()
        path = self.folder / "secrets.json"
        made = Account("admin@briefbench.localhost", secrets.token_urlsafe(15), secrets.token_hex(20))
        kept = _read(path, Account) if path.exists() else made
        named = {
            field: environment[f"LABEL_STUDIO_{name}"]
            for field, name in (("email", "USERNAME"), ("password", "PASSWORD"), ("token", "USER_TOKEN"))
            if environment.get(f"LABEL_STUDIO_{name}")
        }
        found = msgspec.structs.replace(kept, **named)
        if not re.fullmatch(r"[0-9a-f]{40}", found.token):
            raise InputError(
                "LABEL_STUDIO_USER_TOKEN must have 40 hexadecimal digits; make some with openssl rand -hex 20"
            )
        check_email(found.email)
        write_private(path, msgspec.json.encode(found))
        return found

    def keep_url(self, url: str) -> None:
        """Keep the server's address for the other commands."""
        self.prepare()
        write_private(self.folder / "url", url.encode() + b"\n")

    def url(self, named: str | None = None, environment: Mapping[str, str] = os.environ) -> str:
        """Return the server's address: as named, from the environment, else that of the last ``serve``.

        Raises:
            StudioError: there is none, or it is no http address.
        """
        path = self.folder / "url"
        url = named or environment.get("LABEL_STUDIO_URL") or ""
        if not url and path.exists():
            url = read_bytes(path, limit=_LIMIT).decode("utf-8", "replace").strip()
        if not url:
            raise StudioError(
                "no Label Studio is known; start one with briefbench annotate serve, or name one with --url "
                "(LABEL_STUDIO_URL)"
            )
        if not re.fullmatch(r"https?://[^/\s?#]+(/[^\s?#]*)?", url):
            raise StudioError(f"the address {url!r} is no http or https address")
        return url.rstrip("/")

    def token(self, environment: Mapping[str, str] = os.environ) -> str:
        """Return the token that manages projects: from the environment, else that of the server started here.

        Raises:
            StudioError: there is none, or it can be none.
        """
        named = environment.get("LABEL_STUDIO_API_KEY", "").strip()
        if named and not re.fullmatch("[!-~]+", named):
            raise StudioError("LABEL_STUDIO_API_KEY has characters that no token has; copy the token once more")
        if named:
            return named
        path = self.folder / "secrets.json"
        if not path.exists():
            raise StudioError(
                "no token for Label Studio: set LABEL_STUDIO_API_KEY to one of its page Account & Settings, or start a "
                "server here with briefbench annotate serve"
            )
        return _read(path, Account).token

    def accounts(self) -> dict[str, Account]:
        """Return the annotators' accounts by name."""
        path = self.folder / "accounts.json"
        return dict(_read(path, dict[str, Account])) if path.exists() else {}

    def keep_account(self, name: str, account: Account) -> None:
        """Keep an annotator's account."""
        self.prepare()
        known = self.accounts() | {name: account}
        write_private(self.folder / "accounts.json", msgspec.json.format(msgspec.json.encode(known), indent=2) + b"\n")

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Hold the project's lock for a step that changes the server or the votes; wait for another one's end.

        Raises:
            StudioError: another step holds it for ten minutes.
        """
        from filelock import FileLock, Timeout

        from briefbench.console import say

        self.prepare()
        lock = FileLock(self.folder / "lock")
        try:
            try:
                lock.acquire(timeout=0)
            except Timeout:
                say(f"{what}: waiting for another briefbench annotate to end")
                lock.acquire(timeout=600)
        except Timeout:
            raise StudioError(
                f"{what}: another briefbench annotate has been running for ten minutes; end it first"
            ) from None
        try:
            yield
        finally:
            lock.release()


def check_name(name: str) -> str:
    """Return an annotator's name if it can be a file's name too.

    Raises:
        InputError: it cannot.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"annotator {name!r}: a name has up to 32 letters, digits, - and _, and begins with neither sign"
        )
    return name


def check_email(email: str) -> str:
    """Return an email address if it has the form of one.

    Raises:
        InputError: it has not.
    """
    if not re.fullmatch(r"[^@\s()<>]+@[^@\s()<>]+\.[^@\s()<>]+", email):
        raise InputError(f"{email!r} is no email address")
    return email


def _read(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(read_bytes(path, limit=_LIMIT), type=kind)
    except msgspec.DecodeError as error:
        raise InputError(f"{path}: damaged ({error}); restore it, or delete it and begin with a new server") from error
