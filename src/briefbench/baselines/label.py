"""Labelling new text with a baseline of the leaderboard, fitted on the train part of the release when it is needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from briefbench import __version__
from briefbench.baselines.base import Chosen, Fitted, read_examples, unlabelled
from briefbench.baselines.registry import baseline_of
from briefbench.dataset.load import bundled_release
from briefbench.dataset.release import read_checksums
from briefbench.errors import UnknownNameError
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.systems import read_result
from briefbench.project import shipped
from briefbench.schema import TASKS

DEFAULT_MODEL = "tfidf-lr"


@dataclass(frozen=True)
class Labelled:
    """A label with the model's probability for it, between 0 and 1, calibrated on validation."""

    label: str
    confidence: float


@dataclass(frozen=True)
class Model:
    """A fitted baseline with its name, and a signature that says which code and which data made it."""

    name: str
    signature: str
    fitted: Fitted

    def predict(self, texts: Sequence[str]) -> Predictions:
        """Return a label of every task for every text, with probabilities where the baseline has them."""
        return self.fitted.predict(unlabelled(texts))


def fit_model(name: str = DEFAULT_MODEL, dataset: Path | None = None) -> Model:
    """Fit a baseline on the train part of a release: the very system whose scores stand on the leaderboard.

    Raises:
        UnknownNameError: there is no such baseline, or it does not look at the text.
        ReleaseError, ChecksumError: there is no release, or it was tampered with.
    """
    baseline = baseline_of(name)
    if baseline.kind != "text":
        raise UnknownNameError(f"baseline {name!r} does not read the text, so it labels nothing; try {DEFAULT_MODEL}")
    folder = dataset if dataset is not None else bundled_release()
    examples = read_examples(dataset=folder)
    fitted = baseline.fit(examples["train"], examples["validation"], _stored_choice(name, folder))
    data = read_checksums(folder).data
    return Model(name, f"briefbench:{__version__}|model:{name}|data:{data[:12]}", fitted)


def label_texts(model: Model, texts: Sequence[str]) -> list[dict[str, Labelled]]:
    """Label texts: for every text and task the label and the probability that the model gives it.

    Raises:
        UnknownNameError: the model has no probabilities.
    """
    if not texts:
        return []
    predicted = model.predict(texts)
    codes, probabilities = predicted.labels, predicted.probabilities
    if not probabilities:
        raise UnknownNameError(f"this baseline gives no probabilities, so no confidence; try {DEFAULT_MODEL}")
    return [
        {
            task.name: Labelled(
                task.names[codes[task.name][i]], float(probabilities[task.name][i, codes[task.name][i]])
            )
            for task in TASKS
        }
        for i in range(len(texts))
    ]


def _stored_choice(name: str, release: Path) -> Mapping[str, Chosen] | None:
    """Return the hyperparameters of the stored result that belongs to this very release, or ``None``."""
    for folder in shipped("baselines/results", "results"):
        path = folder / f"{name}.json"
        if path.is_file():
            result = read_result(path)
            return result.chosen if result.evaluation.data == read_checksums(release).data else None
    return None
