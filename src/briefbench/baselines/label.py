"""Labelling new text with a baseline of the leaderboard: a saved model where there is one, else fitted when needed."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from briefbench import __version__
from briefbench.baselines.base import Chosen, Fitted, read_examples, unlabelled
from briefbench.baselines.registry import baseline_of
from briefbench.baselines.saved import SUFFIX, Origin, load, stored
from briefbench.dataset.load import bundled_release
from briefbench.dataset.release import read_checksums
from briefbench.errors import UnknownNameError
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.systems import read_result
from briefbench.project import shipped
from briefbench.schema import TASKS

#: What labels where no baseline is named: the first of these with a saved model, else the last, fitted.
DEFAULT_MODELS = ("distilled", "light")
DEFAULT_MODEL = DEFAULT_MODELS[-1]


@dataclass(frozen=True)
class Labelled:
    """A label with the model's probability for it, between 0 and 1, calibrated on validation."""

    label: str
    confidence: float


@dataclass(frozen=True)
class Model:
    """A fitted baseline with its name and a signature: which code and data made it, and which file if one is named."""

    name: str
    signature: str
    fitted: Fitted

    def predict(self, texts: Sequence[str]) -> Predictions:
        """Return a label of every task for every text, with probabilities where the baseline has them."""
        return self.fitted.predict(unlabelled(texts))


def load_model(name: str | None = None, dataset: Path | None = None) -> Model:
    """Return the very system whose scores stand on the leaderboard, trained on the train part of a release.

    ``name`` is a baseline, or the path of a model's file, which ends in ``.safetensors``; without one it is the best of
    `DEFAULT_MODELS`. A baseline's model is read from ``baselines/models/`` beside the release, or from those that
    BriefBench comes with, if one was made from this release; otherwise it is fitted, in seconds to minutes.

    Raises:
        UnknownNameError: there is no such baseline, or it does not look at the text.
        InputError: the file of the model is missing, damaged, or made for other labels.
        MissingExtraError: the baseline needs packages that are not installed.
        ReleaseError, ChecksumError: there is no release, or it was tampered with.
    """
    if name is not None and name.endswith(SUFFIX):
        origin, fitted = load(Path(name))
        return Model(origin.name, f"{_signature(origin.name, origin.data)}|file:{_digest(Path(name))}", fitted)
    folder = dataset if dataset is not None else bundled_release()
    names = DEFAULT_MODELS if name is None else (name,)
    wanted, data = [baseline_of(one) for one in names], read_checksums(folder).data
    for baseline in wanted:
        if baseline.load is not None:
            origin = Origin(baseline.name, data)
            found = stored((folder.parent / "baselines" / "models", *shipped("baselines/models", "models")), origin)
            if found is not None:
                return Model(origin.name, _signature(origin.name, origin.data), found)
    return fit_model(names[-1], folder)


def fit_model(name: str = DEFAULT_MODEL, dataset: Path | None = None) -> Model:
    """Fit a baseline on the train part of a release; errors as `load_model`."""
    baseline = baseline_of(name)
    if baseline.kind != "text":
        why = "needs gold labels" if baseline.kind == "probe" else "does not read the text"
        raise UnknownNameError(f"baseline {name!r} {why}, so it labels nothing; try {DEFAULT_MODEL}")
    folder = dataset if dataset is not None else bundled_release()
    examples = read_examples(dataset=folder)
    fitted = baseline.fit(examples["train"], examples["validation"], _stored_choice(name, folder))
    return Model(name, _signature(name, read_checksums(folder).data), fitted)


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


def _signature(name: str, data: str) -> str:
    return f"briefbench:{__version__}|model:{name}|data:{data[:12]}"


def _digest(path: Path) -> str:
    """Return the beginning of a file's SHA-256: what tells models of one name and release apart."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def _stored_choice(name: str, release: Path) -> Mapping[str, Chosen] | None:
    """Return the hyperparameters of the stored result that belongs to this very release, or ``None``."""
    for folder in shipped("baselines/results", "results"):
        path = folder / f"{name}.json"
        if path.is_file():
            result = read_result(path)
            return result.chosen if result.evaluation.data == read_checksums(release).data else None
    return None
