"""An ensemble: the log-probabilities of a fine-tuned encoder's seeds and of a TF-IDF system, weighed on validation."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.base import Baseline, Chosen, Examples, Fitted
from briefbench.baselines.calibration import fit_temperature, softmax
from briefbench.evaluation.metrics import macro_f1_of
from briefbench.evaluation.predictions import Predictions
from briefbench.schema import SOURCE_TYPE, TASKS, UNATTRIBUTED

#: What it is made of: the seeds of the first share one weight, the second has the other.
ENCODER, LINEAR = "minilm", "attribution-lr"
# The weight of the linear member; of equal ones the first is taken. A finer grid would fit the noise of validation.
_GRID = (0.2, 0.3, 0.4, 0.5)
_FLOOR = 1e-6

Members = Callable[[Baseline], Sequence[Fitted]]


@dataclass(frozen=True)
class Ensemble:
    """Fitted members, and by task the weight of the last one and a temperature."""

    members: Sequence[Fitted]
    chosen: Mapping[str, Chosen]
    temperatures: Mapping[str, float]

    @property
    def parameters(self) -> int:
        """Those of all members."""
        return sum(member.parameters for member in self.members)

    def predict(self, examples: Examples) -> Predictions:
        """Return the labels of the highest mean with probabilities, and the phrase that most members point at."""
        found = [member.predict(examples) for member in self.members]
        tables = {}
        for task in TASKS:
            scores = _mean([one.probabilities[task.name] for one in found], _weight(self.chosen[task.name]))
            tables[task.name] = softmax(scores / self.temperatures[task.name])
        labels = {name: table.argmax(axis=1) for name, table in tables.items()}
        spans = _commonest([one.spans for one in found if one.spans is not None], len(examples))
        spans[labels[SOURCE_TYPE.name] == SOURCE_TYPE.codes[UNATTRIBUTED]] = -1
        return Predictions(labels, tables, spans=spans)


def fit_ensemble(
    train: Examples, validation: Examples, chosen: Mapping[str, Chosen] | None = None, *, members: Members
) -> Ensemble:
    """Take the members, fitted on the train part, and set their weights and the temperatures on validation."""
    from briefbench.baselines.registry import baseline_of

    fitted = [*members(baseline_of(ENCODER)), *members(baseline_of(LINEAR))]
    found = [one.predict(validation) for one in fitted]
    settings: dict[str, Chosen] = {}
    temperatures: dict[str, float] = {}
    for task in TASKS:
        tables, gold = [one.probabilities[task.name] for one in found], validation.labels[task.name]
        settings[task.name] = chosen[task.name] if chosen is not None else _search(tables, gold)
        scores = _mean(tables, _weight(settings[task.name]))
        temperatures[task.name] = fit_temperature(softmax(scores), gold)
    return Ensemble(fitted, settings, temperatures)


def _search(tables: Sequence[NDArray[np.float64]], gold: NDArray[np.int64]) -> Chosen:
    """Return the weight of the best macro-F1, and that score."""
    labels = tables[0].shape[1]

    def score(weight: float) -> float:
        predicted = _mean(tables, weight).argmax(axis=1)
        return macro_f1_of(gold, predicted, labels)

    best = max(_GRID, key=score)
    return {"weight": best, "validation_macro_f1": score(best)}


def _mean(tables: Sequence[NDArray[np.float64]], weight: float) -> NDArray[np.float64]:
    """Return the mean of the logarithms, ``(bullets, labels)``; the last table has ``weight``, the others the rest."""
    logs = [np.log(np.maximum(table, _FLOOR)) for table in tables]
    mean: NDArray[np.float64] = (1 - weight) * np.mean(logs[:-1], axis=0) + weight * logs[-1]
    return mean


def _commonest(spans: Sequence[NDArray[np.int64]], bullets: int) -> NDArray[np.int64]:
    """Return for every bullet the span of most members that have one, of equals the first; -1 where none has."""
    found = np.full((bullets, 2), -1, dtype=np.int64)
    for row in range(bullets):
        counts = Counter((int(one[row, 0]), int(one[row, 1])) for one in spans if one[row, 0] >= 0)
        if counts:
            found[row] = counts.most_common(1)[0][0]
    return found


def _weight(chosen: Chosen) -> float:
    return float(str(chosen["weight"]))
