"""The one place that gets a model. A reference travels to the workers, and every worker makes its own model of it."""

from functools import lru_cache
from pathlib import Path

import msgspec

from briefbench.baselines.label import DEFAULT_MODEL, Model, load_model
from briefbench.errors import UnknownNameError


class ModelReference(msgspec.Struct, frozen=True):
    """What a model is made of: a baseline's name or the path of a saved model, and the release's folder.

    Without a name it is the best one saved for the release; without a folder the release that BriefBench comes with.
    """

    name: str | None = None
    dataset: str | None = None


@lru_cache(maxsize=1)
def open_model(reference: ModelReference) -> Model:
    """Return the model of a reference; a process makes it once.

    Raises:
        UnknownNameError: it gives no probabilities.
        UnknownNameError, InputError, MissingExtraError, ReleaseError, ChecksumError: as `load_model`.
    """
    model = make_model(reference)
    if not model.predict(["Officials met."]).probabilities:
        raise UnknownNameError(f"this baseline gives no probabilities, so no confidence; try {DEFAULT_MODEL}")
    return model


def make_model(reference: ModelReference) -> Model:
    """Make the model of a reference: read it, or fit it where none is stored.

    Raises:
        UnknownNameError, InputError, MissingExtraError, ReleaseError, ChecksumError: as `load_model`.
    """
    return load_model(reference.name, None if reference.dataset is None else Path(reference.dataset))
