"""Every answer on disk as soon as it is there: JSON lines that are only ever added to, one run at a time.

A line is one answer under the hash of all that determines it. Bullets and API keys do not stand in the file.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import msgspec

from briefbench.baselines.prompting.client import Answer
from briefbench.errors import InputError
from briefbench.files import read_bytes

_FIRST = b'{"briefbench":"answers of a language model","version":1}\n'
_LIMIT = 1 << 28


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: str
    answer: Answer


@dataclass
class Cache:
    """The answers of a file by key, and the file open to take more."""

    path: Path
    answers: dict[str, Answer] = field(default_factory=dict)
    _end: int = 0
    _descriptor: int = -1

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file's answers; one that does not exist has none, and a last line that was cut off is none.

        Raises:
            InputError: it is no file of answers, or was changed by somebody else.
        """
        if not path.exists():
            return cls(path)
        data = read_bytes(path, limit=_LIMIT)
        whole = data[: data.rfind(b"\n") + 1]
        if not whole.startswith(_FIRST) and not (whole == b"" and _FIRST.startswith(data)):
            raise InputError(f"{path}: not a file of answers that this version writes; name another with --cache")
        cache = cls(path, _end=len(whole))
        for number, line in enumerate(whole.splitlines()[1:], start=2):
            try:
                found = msgspec.json.decode(line, type=_Line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise InputError(f"{path}, line {number}: damaged ({error}); delete the line to ask again") from error
            cache.answers.setdefault(found.key, found.answer)
        return cache

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator[Self]:
        """Hold a file for one run, and take away the last line where an earlier run was killed while it wrote it.

        Raises:
            InputError: as `read`; another run holds the file; it cannot be written.
        """
        from filelock import FileLock, Timeout

        path = path.resolve()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path.with_name(f"{path.name}.lock"))
            lock.acquire(timeout=0)
        except Timeout:
            raise InputError(f"{path}: another run is using it; wait for its end, or name another --cache") from None
        except OSError as error:
            raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error
        try:
            cache = cls.read(path)
            cache._open()
            try:
                yield cache
            finally:
                os.close(cache._descriptor)
        finally:
            lock.release()

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer; when this returns it is on disk.

        Raises:
            InputError: the disk is full or gone; what the file held before stays readable.
        """
        self._append(msgspec.json.encode(_Line(key, answer)) + b"\n")
        self.answers[key] = answer

    def _open(self) -> None:
        try:
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            os.ftruncate(self._descriptor, self._end)
        except OSError as error:
            raise InputError(f"{self.path}: cannot be written: {error.strerror}") from error
        if self._end == 0:
            self._append(_FIRST)

    def _append(self, line: bytes) -> None:
        try:
            if os.write(self._descriptor, line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._descriptor)
        except OSError as error:
            os.ftruncate(self._descriptor, self._end)  # what comes next begins a line
            raise InputError(f"{self.path}: cannot be written: {error.strerror}") from error
        self._end += len(line)
