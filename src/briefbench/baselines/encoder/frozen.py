"""A frozen encoder: the mean of its tokens, at unit length, under a logistic regression for each task."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from briefbench.baselines.base import Chosen, Examples
from briefbench.baselines.encoder.weights import DEFAULT_ENCODER, load_encoder
from briefbench.baselines.linear import LinearSystem, fit_dense

_BATCH = 32
_TOKENS = 192


def fit_frozen(
    train: Examples,
    validation: Examples,
    chosen: Mapping[str, Chosen] | None = None,
    *,
    encoder: str = DEFAULT_ENCODER,
) -> LinearSystem:
    """Fit on the embeddings of an encoder; penalty and class weights are chosen on validation.

    Raises:
        InputError, MissingExtraError: as `weights.load_encoder`.
    """
    body, tokenizer = load_encoder(encoder)
    return fit_dense(lambda texts: embed(body, tokenizer, texts, _TOKENS), train, validation, chosen)


def pooled(encoder: Any, tokenizer: Any, texts: Sequence[str], tokens: int) -> torch.Tensor:
    """Return the mean of each text's first ``tokens`` tokens at unit length, ``(texts, width)``."""
    batch = tokenizer(list(texts), truncation=True, max_length=tokens, padding=True, return_tensors="pt")
    with torch.autocast("cpu", torch.bfloat16):
        states = encoder(**batch).last_hidden_state
    present = batch["attention_mask"].unsqueeze(2).float()
    return functional.normalize((states.float() * present).sum(1) / present.sum(1))


@torch.inference_mode()
def embed(encoder: Any, tokenizer: Any, texts: Sequence[str], tokens: int) -> NDArray[np.float64]:
    """Return `pooled` of any number of texts, those about as long as each other in one batch."""
    encoder.eval()
    found = np.zeros((len(texts), encoder.config.hidden_size), dtype=np.float64)
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    for start in range(0, len(order), _BATCH):
        rows = order[start : start + _BATCH]
        found[rows] = pooled(encoder, tokenizer, [texts[row] for row in rows], tokens).numpy()
    return found
