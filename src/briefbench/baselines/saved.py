"""Fitted models as safetensors files: arrays and plain text, from which nothing is ever executed.

A file says which code, which data and which labels made it; one that was made for other labels is refused.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import msgspec
import numpy as np
from numpy.typing import NDArray

from briefbench import __version__
from briefbench.baselines.base import Fitted
from briefbench.console import printable
from briefbench.errors import InputError
from briefbench.files import read_bytes
from briefbench.schema import PROTOCOLS, TASKS

SUFFIX = ".safetensors"
_FORMAT = "briefbench-model-1"
_ENTRY = "briefbench"
_LIMIT = 2_000_000_000
_LABELS = {task.name: list(task.names) for task in TASKS}

Arrays = Mapping[str, NDArray[Any]]


@runtime_checkable
class Storable(Fitted, Protocol):
    """A system that can be written to a file and read again."""

    def tensors(self) -> tuple[Arrays, Mapping[str, Any]]:
        """Return the arrays by name, and what else is needed, as plain JSON values."""


@dataclass(frozen=True)
class Origin:
    """What made a model: the baseline, the hash of the release, the protocol whose train part it saw, and the seed."""

    name: str
    data: str
    protocol: str = PROTOCOLS[0]
    seed: int = 0

    @property
    def file(self) -> str:
        """The name of its file."""
        parts = [
            self.name,
            *([self.protocol] if self.protocol != PROTOCOLS[0] else []),
            *([str(self.seed)] * (self.seed > 0)),
        ]
        return "-".join(parts) + SUFFIX


@dataclass(frozen=True)
class Saved:
    """A model's file, read: what made it, with which version of BriefBench, and what is in it."""

    origin: Origin
    version: str
    arrays: Arrays
    settings: Mapping[str, Any]


def encode(system: Storable, origin: Origin) -> bytes:
    """Return the bytes of a model's file; the same system gives the same bytes."""
    from safetensors.numpy import save as to_bytes

    arrays, settings = system.tensors()
    about = {
        "format": _FORMAT,
        "origin": asdict(origin),
        "version": __version__,
        "labels": _LABELS,
        "settings": settings,
    }
    content: bytes = to_bytes(
        {key: np.ascontiguousarray(array) for key, array in sorted(arrays.items())},
        # One entry: of several the order would change from run to run.
        metadata={_ENTRY: json.dumps(about, sort_keys=True)},
    )
    return content


def read(path: Path) -> Saved:
    """Read a model's file.

    Raises:
        InputError: it is missing, no model's file, damaged, or made for other labels.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    content = read_bytes(path, limit=_LIMIT)
    try:
        size = int.from_bytes(content[:8], "little")
        about = json.loads(json.loads(content[8 : 8 + size])["__metadata__"][_ENTRY])
        found = Saved(
            msgspec.convert(about["origin"], Origin), about["version"], from_bytes(content), about["settings"]
        )
        made_by, labels = about["format"], about["labels"]
    except (SafetensorError, KeyError, TypeError, ValueError, RecursionError, OverflowError) as error:
        raise InputError(f"{path}: not a model of briefbench: {printable(str(error))[:100]}; save it again") from error
    if made_by != _FORMAT or labels != _LABELS:
        raise InputError(f"{path}: a model of another format or for other labels; save it again with this version")
    return found


def load(path: Path) -> tuple[Origin, Fitted]:
    """Read a model's file, and return what made it and the system in it.

    Raises:
        InputError: as `read`, or its arrays are not those of a system of this name.
        MissingExtraError: what the system needs is not installed.
    """
    found = read(path)
    return found.origin, _restored(path, found)


def stored(folders: Iterable[Path], origin: Origin) -> Fitted | None:
    """Return the first model of this very origin in some folders, or ``None``; files of another origin are passed over.

    Raises:
        InputError, MissingExtraError: as `load`.
    """
    for folder in folders:
        path = folder / origin.file
        if path.is_file():
            found = read(path)
            if found.origin == origin:
                return _restored(path, found)
    return None


def _restored(path: Path, found: Saved) -> Fitted:
    from briefbench.baselines.registry import BASELINES

    baseline = next((one for one in BASELINES if one.name == found.origin.name), None)
    if baseline is None or baseline.load is None:
        raise InputError(f"{path}: a model {printable(found.origin.name)!r}, which this version cannot load")
    try:
        return baseline.load(found.arrays, found.settings)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise InputError(f"{path}: a damaged model: {printable(str(error))[:100]}; save it again") from error
