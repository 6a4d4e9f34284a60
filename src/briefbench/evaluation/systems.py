"""Systems and their stored results: what a system is, its scores, and proof that its predictions score just that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from briefbench.console import printable
from briefbench.errors import InputError, VerificationError
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.reference import Reference
from briefbench.evaluation.results import Evaluation
from briefbench.evaluation.scoring import score
from briefbench.evaluation.verification import difference
from briefbench.files import read_bytes

#: ``floor`` reads nothing, ``shortcut`` one field and never the text, ``probe`` a text with something hidden that only
#: the gold labels tell, ``text`` the text; ``submission``: from outside.
Kind = Literal["floor", "shortcut", "probe", "text", "submission"]

_LIMIT = 16_000_000


@dataclass(frozen=True)
class SeedScores:
    """The macro-F1 of one seed by task, and their mean."""

    seed: int
    macro_f1: Mapping[str, float]
    mean: float


@dataclass(frozen=True)
class SystemResult:
    """A system's stored entry: what it is, what was chosen on validation, and its scores, unrounded.

    The scores are those of seed 0. Where training is random, ``seeds`` has all seeds whose labels are stored.
    """

    name: str
    kind: Kind
    description: str
    evaluation: Evaluation
    chosen: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    seeds: tuple[SeedScores, ...] = ()


def read_result(path: Path) -> SystemResult:
    """Read a stored result.

    Raises:
        InputError: the file is missing or not a result.
    """
    try:
        return msgspec.json.decode(read_bytes(path, limit=_LIMIT), type=SystemResult)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path}: not a result: {printable(str(error))[:120]}; make it again") from error


def read_results(folder: Path) -> list[SystemResult]:
    """Read all stored results of a folder, in the order of their names.

    Raises:
        InputError: there is none, one is malformed, or one has another name than its file.
    """
    results = []
    for path in sorted(folder.glob("*.json")):
        result = read_result(path)
        if result.name != path.stem:
            raise InputError(f"{path}: holds the result of another system; rename the file or run the baseline again")
        results.append(result)
    if not results:
        raise InputError(f"{folder}: no stored result; run briefbench baseline run all")
    return results


def check_result(result: SystemResult, predictions: Predictions, reference: Reference, remedy: str) -> None:
    """Score the predictions again, with the defaults that all systems share, and compare every field with the result.

    Raises:
        VerificationError: a field differs; the message names it and ends with ``remedy``.
    """
    again = score(predictions, reference)
    found = difference(result.evaluation, again)
    if found is not None:
        raise VerificationError(
            f"result {result.name}: not what its predictions score on data {reference.data[:12]}: {found}; {remedy}"
        )
