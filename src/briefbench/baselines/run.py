"""Running a baseline: fit, predict the test part, score, and the two files that keep it reproducible."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isclose
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.base import Baseline, Examples
from briefbench.baselines.calibration import expected_calibration_error
from briefbench.errors import InputError
from briefbench.evaluation import score
from briefbench.evaluation.predictions import Predictions, read_predictions, write_predictions
from briefbench.evaluation.reference import Reference
from briefbench.evaluation.results import Evaluation
from briefbench.files import read_bytes, to_json

_LIMIT = 16_000_000
# Probabilities differ in their last bits from processor to processor; the labels, and so the scores, do not.
_CALIBRATION_DIGITS = 6


@dataclass(frozen=True)
class SystemResult:
    """A system's entry on the leaderboard: what it is, what was chosen on validation, and its scores, unrounded.

    ``calibration_error`` is the expected calibration error on the scored split by task, for systems with probabilities.
    """

    name: str
    kind: Literal["floor", "shortcut", "text"]
    description: str
    evaluation: Evaluation
    chosen: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    calibration_error: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """A finished run: the label codes by task, and the result."""

    labels: Mapping[str, NDArray[np.int64]]
    bullet_ids: tuple[str, ...]
    result: SystemResult

    def files(self) -> dict[str, bytes]:
        """Return the files that store the run, by path below ``baselines/``."""
        return {
            f"predictions/{self.result.name}.parquet": write_predictions(self.bullet_ids, self.labels),
            f"results/{self.result.name}.json": to_json(self.result).encode(),
        }


def run(baseline: Baseline, examples: Mapping[str, Examples], reference: Reference) -> Run:
    """Fit on train and validation, predict the test bullets, and score them against ``reference``."""
    fitted = baseline.fit(examples["train"], examples["validation"], None)
    labels = fitted.predict(examples["test"])
    result = SystemResult(
        name=baseline.name,
        kind=baseline.kind,
        description=baseline.description,
        evaluation=score(Predictions(labels), reference),
        chosen=fitted.chosen,
        calibration_error={
            task: round(expected_calibration_error(table, reference.labels[task]), _CALIBRATION_DIGITS)
            for task, table in (fitted.probabilities(examples["test"]) or {}).items()
        },
    )
    return Run(labels, tuple(examples["test"].bullet_ids), result)


def read_result(path: Path) -> SystemResult:
    """Read a stored result.

    Raises:
        InputError: the file is missing or not a result.
    """
    try:
        return msgspec.json.decode(read_bytes(path, limit=_LIMIT), type=SystemResult)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a result: {error}; run briefbench baseline run again") from error


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


def check_scores(results: Sequence[SystemResult], predictions: Path, reference: Reference) -> None:
    """Score the stored predictions again and compare with the stored results.

    Raises:
        InputError, PredictionError: predictions are missing or refused, or a result is not what they score.
    """
    for result in results:
        again = score(read_predictions(predictions / f"{result.name}.parquet", reference), reference)
        if not _same(msgspec.to_builtins(result.evaluation), msgspec.to_builtins(again)):
            raise InputError(
                f"result {result.name}: not what its predictions score on data {reference.data[:12]}; "
                f"run briefbench baseline run {result.name}"
            )


def _same(one: object, other: object) -> bool:
    """Compare plain values, numbers to the last few bits, in which processors may differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=1e-12)
    return one == other
