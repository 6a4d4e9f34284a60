"""Static word vectors: the mean of a text's vectors, at unit length, under a logistic regression for each task.

The vectors are those of WordLlama, 256 numbers each, which its package carries: nothing is downloaded.
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.base import Chosen, Examples
from briefbench.baselines.linear import LinearSystem, fit_dense
from briefbench.errors import MissingExtraError


def fit_static(train: Examples, validation: Examples, chosen: Mapping[str, Chosen] | None = None) -> LinearSystem:
    """Fit on the mean vectors; penalty and class weights are chosen on validation.

    Raises:
        MissingExtraError: WordLlama is not installed.
    """
    vectors = load_vectors()
    return fit_dense(lambda texts: embed(vectors, texts), train, validation, chosen)


def load_vectors() -> Any:
    """Load the packaged vectors and their tokenizer; never from the network.

    Raises:
        MissingExtraError: WordLlama is not installed.
    """
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        import wordllama
    except ImportError as error:
        raise MissingExtraError("embeddings", "wordllama") from error
    finally:  # its import turns on the logging of the whole program
        root.handlers[:] = handlers
        root.setLevel(level)
    # Its loader looks for the packaged tokenizer in a folder of another name and would fetch it. As a cache the
    # package's own folder has all that is needed.
    return wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)


def embed(vectors: Any, texts: Sequence[str]) -> NDArray[np.float64]:
    """Return the mean vector of each text at unit length, ``(texts, 256)``; zeros for a text without a word."""
    means = np.asarray(vectors.embed(list(texts)), dtype=np.float64)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    unit: NDArray[np.float64] = means / np.where(lengths > 0, lengths, 1)
    return unit
