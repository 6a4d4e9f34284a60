"""Recomputing a stored result from its predictions, and naming the first field that differs."""

import re
from math import isclose
from pathlib import Path
from typing import Any

import msgspec

from briefbench.console import printable
from briefbench.errors import InputError, VerificationError
from briefbench.evaluation.predictions import read_predictions
from briefbench.evaluation.reference import read_reference
from briefbench.evaluation.results import Evaluation
from briefbench.evaluation.scoring import score
from briefbench.files import read_bytes

_LIMIT = 16_000_000
_SHOWN = 160
# Every property is one more bootstrap; seven have a name, and a few dates may be asked for.
_PROPERTIES = 20
_FORMATS = ("parquet", "jsonl", "csv")
# A stored number may differ in its last digits, as logarithms do from one processor to another.
_RELATIVE, _ABSOLUTE = 1e-9, 1e-8
_RESAMPLING = re.compile(r"ci:(bca|percentile),cluster_week,([1-9]\d{0,4}|100000),seed(\d{1,18})$", re.ASCII)


def verify(result: Path, predictions: Path | None = None, dataset: str | Path | None = None) -> Evaluation:
    """Score the predictions of a stored result again, in the way its signatures name, and compare every field.

    Args:
        result: what ``briefbench evaluate --json`` printed, or a stored result of a baseline or submission.
        predictions: the prediction file; by default ``predictions.*`` beside the result, or the file of the result's
            name in the folder ``predictions`` beside the result's own folder.
        dataset: the folder of a release; by default the one that comes with BriefBench.

    Returns:
        the recomputed evaluation.

    Raises:
        VerificationError: a field differs; the message names it.
        InputError: the result or its predictions cannot be read.
        PredictionError, ReleaseError, UnknownNameError: as `briefbench.evaluate`.
    """
    stored = _read(result)
    reference = read_reference(stored.split, dataset)
    if stored.data != reference.data:
        raise VerificationError(
            f"{result}: data: scored on {printable(stored.data[:12])}, this release is {reference.data[:12]}; "
            "name the release it was scored on with --dataset"
        )
    file = predictions if predictions is not None else _beside(result)
    read = read_predictions(file, reference)
    if stored.tasks and stored.span is None and stored.source_types is None:  # it may be of some tasks only
        read = read.only([task.task for task in stored.tasks])
    again = score(read, reference, **options_of(stored))
    found = difference(stored, again)
    if found is not None:
        raise VerificationError(f"{result}: not what {file} scores: {found}")
    return again


def options_of(stored: Evaluation) -> dict[str, Any]:
    """Return the options that a stored evaluation was scored with, as `score` takes them.

    Raises:
        VerificationError: its first signature does not name them.
    """
    first = next(stored.scores(), None)
    found = _RESAMPLING.search(first[1].signature) if first else None
    if found is None:
        raise VerificationError("signature: names no bootstrap that this version knows; score the predictions again")
    by = tuple(dict.fromkeys(one.by for one in stored.slices))
    if len(by) > _PROPERTIES:
        raise VerificationError(f"slices: by {len(by):,} properties; at most {_PROPERTIES} are recomputed")
    if any(len(name) > _SHOWN for name in by):
        raise VerificationError(f"slices: by a property whose name is longer than {_SHOWN} characters")
    return {"interval": found[1], "resamples": int(found[2]), "seed": int(found[3]), "by": by}


def difference(stored: Evaluation, again: Evaluation) -> str | None:
    """Return the first field in which two evaluations differ, with both values, or ``None``."""
    return _difference(msgspec.to_builtins(stored), msgspec.to_builtins(again), "")


def _difference(one: object, other: object, where: str) -> str | None:
    """Compare plain values, numbers to the last few digits."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        parts = ((one[key], other[key], f"{where}.{key}".lstrip(".")) for key in one)
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        parts = ((*pair, f"{where}[{i}]") for i, pair in enumerate(zip(one, other, strict=True)))
    elif isinstance(one, float) and isinstance(other, float):
        same = isclose(one, other, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
        return None if same else f"{where}: stored {one}, recomputed {other}"
    else:
        return None if one == other else f"{where}: stored {_brief(one)}, recomputed {_brief(other)}"
    return next((found for part in parts if (found := _difference(*part)) is not None), None)


def _brief(value: object) -> str:
    text = str(value)
    return printable(text if len(text) < _SHOWN else f"{text[:_SHOWN]}…")


def _read(path: Path) -> Evaluation:
    try:
        whole = msgspec.json.decode(read_bytes(path, limit=_LIMIT))
        inner = whole["evaluation"] if isinstance(whole, dict) and "evaluation" in whole else whole
        stored = msgspec.convert(inner, type=Evaluation)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        said = printable(str(error))[:_SHOWN]
        raise InputError(f"{path}: not a result of briefbench evaluate --json: {said}") from error
    unknown = _unknown(inner, msgspec.to_builtins(stored), "")
    if unknown is not None:
        raise InputError(f"{path}: has a field {unknown[:_SHOWN]!r} that no result has; remove it")
    return stored


def _unknown(raw: object, known: object, where: str) -> str | None:
    """Return the first field that a decoded file has and the record made of it has not, or ``None``."""
    if isinstance(raw, dict) and isinstance(known, dict):
        extra = next((key for key in raw if key not in known), None)
        if extra is not None:
            return f"{where}.{extra}".lstrip(".")
        parts = ((raw[key], known[key], f"{where}.{key}".lstrip(".")) for key in raw)
    elif isinstance(raw, list) and isinstance(known, list | tuple):
        parts = ((*pair, f"{where}[{i}]") for i, pair in enumerate(zip(raw, known, strict=True)))
    else:
        return None
    return next((found for part in parts if (found := _unknown(*part)) is not None), None)


def _beside(result: Path) -> Path:
    folder, name = result.parent, result.stem
    places = [folder / f"predictions.{ending}" for ending in _FORMATS]
    places += [folder.parent / "predictions" / f"{name}.{ending}" for ending in _FORMATS]
    for place in places:
        if place.is_file():
            return place
    raise InputError(f"{result}: no predictions beside it; name them with --predictions FILE")
