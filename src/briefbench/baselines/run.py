"""Running a baseline: fit, predict the test part, score, and the two files that keep it reproducible."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.base import Baseline, Chosen, Examples, Fitted
from briefbench.dataset.release import parquet_table
from briefbench.evaluation import score
from briefbench.evaluation.predictions import Predictions, read_predictions, write_predictions
from briefbench.evaluation.reference import Reference
from briefbench.evaluation.systems import SystemResult
from briefbench.files import to_json
from briefbench.schema import PROTOCOLS

# Probabilities differ in their last bits from processor to processor; the labels, and so the scores, do not.
_DIGITS = 4


@dataclass(frozen=True)
class Run:
    """A finished run: the prediction file, what it says, and the result."""

    stored: bytes
    predictions: Predictions
    result: SystemResult

    def files(self) -> dict[str, bytes]:
        """Return the files that store the run, by path below ``baselines/``."""
        return {
            f"predictions/{self.result.name}.parquet": self.stored,
            f"results/{self.result.name}.json": to_json(self.result).encode(),
        }


def run(
    baseline: Baseline,
    examples: Mapping[str, Examples],
    reference: Reference,
    *,
    chosen: Mapping[str, Chosen] | None = None,
    fitter: Callable[..., Fitted] | None = None,
) -> Run:
    """Fit on train and validation, predict the test bullets, and score the stored predictions against ``reference``.

    Hyperparameters that were ``chosen`` before are not searched for again. ``fitter`` is `fit` or what stands for it.
    """
    fitted = (fitter or fit)(baseline, examples, chosen)
    found = fitted.predict(examples["test"])
    rounded = {task: _rounded(table) for task, table in found.probabilities.items()}
    stored = write_predictions(examples["test"].bullet_ids, found.labels, rounded, spans=found.spans)
    predictions = read_predictions(parquet_table(stored), reference)
    result = SystemResult(
        name=baseline.name,
        kind=baseline.kind,
        description=baseline.description,
        evaluation=score(predictions, reference),
        chosen=fitted.chosen,
    )
    return Run(stored, predictions, result)


def fit(
    baseline: Baseline,
    examples: Mapping[str, Examples],
    chosen: Mapping[str, Chosen] | None = None,
    *,
    seed: int = 0,
    members: Callable[[Baseline], Sequence[Fitted]] | None = None,
) -> Fitted:
    """Fit on train and validation; only a baseline whose training is random is told the seed.

    ``members`` gives one that is made of others all seeds of a baseline; without it they are fitted here.
    """
    options: dict[str, object] = {"seed": seed} if baseline.seeds > 1 else {}
    if baseline.composite:
        options["members"] = members or (lambda one: [fit(one, examples, seed=k) for k in range(one.seeds)])
    return baseline.fit(examples["train"], examples["validation"], chosen, **options)


def protocol_folder(baselines: Path, protocol: str) -> Path:
    """Return where the files of a protocol lie: those of ``weeks``, the default, in ``baselines/`` itself."""
    return baselines if protocol == PROTOCOLS[0] else baselines / protocol


def _rounded(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round probabilities ``(bullets, labels)`` so that rows still sum to 1: what is left over goes to the largest."""
    unit = 10**_DIGITS
    whole = np.rint(table * unit)
    whole[np.arange(len(table)), table.argmax(axis=1)] += unit - whole.sum(axis=1)
    rounded: NDArray[np.float64] = whole / unit
    return rounded
