"""SetFit: few bullets a label; an encoder learns which two have the same label, a logistic regression which label.

Source: Tunstall et al., "Efficient Few-Shot Learning Without Prompts" (2022). The step that compares bullets stands
here, not the setfit package: release 1.2.0 hands its batch size, log and progress settings to transformers 5 too late
to have effect, and every pair costs two forward passes, where here all pairs of a batch are compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from briefbench.baselines.base import Chosen, Examples
from briefbench.baselines.calibration import scale
from briefbench.baselines.encoder.frozen import embed, pooled
from briefbench.baselines.encoder.weights import DEFAULT_ENCODER, load_encoder
from briefbench.baselines.linear import FittedClassifier, fit_classifier
from briefbench.evaluation.predictions import Predictions
from briefbench.schema import TASK_NAMES, TASKS

_HEAD: Chosen = {"C": 1.0, "class_weight": None}


@dataclass(frozen=True)
class Settings:
    """How the encoder is tuned; ``shots`` are the bullets a label, ``batch`` those that a step compares."""

    encoder: str = DEFAULT_ENCODER
    shots: int = 16
    steps: int = 20
    batch: int = 32
    tokens: int = 128
    rate: float = 2e-5


@dataclass(frozen=True, eq=False)
class SetFitSystem:
    """One encoder and one logistic regression a task."""

    encoders: Mapping[str, Any]
    tokenizer: Any
    heads: Mapping[str, FittedClassifier]
    settings: Settings

    @property
    def chosen(self) -> Mapping[str, Chosen]:
        """The settings, the same for every task."""
        return {task: asdict(self.settings) for task in TASK_NAMES}

    @property
    def parameters(self) -> int:
        """All weights of the three encoders, the frozen word vectors included, without the heads."""
        return sum(part.numel() for encoder in self.encoders.values() for part in encoder.parameters())

    def predict(self, examples: Examples) -> Predictions:
        """Return labels and probabilities, scaled on validation; a label that the train part lacks has zero."""
        labels, tables = {}, {}
        for task in TASKS:
            head = self.heads[task.name]
            vectors = embed(self.encoders[task.name], self.tokenizer, examples.texts, self.settings.tokens)
            table = np.zeros((len(examples), len(task)))
            table[:, head.classifier.classes_] = scale(head.classifier.predict_proba(vectors), head.temperature or 1.0)
            labels[task.name], tables[task.name] = table.argmax(axis=1), table
        return Predictions(labels, tables)


def fit_setfit(
    train: Examples,
    validation: Examples,
    chosen: Mapping[str, Chosen] | None = None,
    *,
    seed: int = 0,
    settings: Settings = Settings(),
) -> SetFitSystem:
    """Draw the bullets of each label by ``seed`` and fit each task; the validation part only sets the temperatures.

    Raises:
        InputError, MissingExtraError: as `weights.load_encoder`.
    """
    if chosen is not None:
        settings = Settings(**dict[str, Any](chosen[TASK_NAMES[0]]))
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    encoders, heads = {}, {}
    for task in TASKS:
        encoder, tokenizer = load_encoder(settings.encoder)
        codes = train.labels[task.name]
        rows = shots(codes, settings.shots, rng)
        texts = [train.texts[row] for row in rows]
        _tune(encoder, tokenizer, texts, codes[rows], settings=settings, rng=rng)
        seen, held_out = (embed(encoder, tokenizer, part, settings.tokens) for part in (texts, validation.texts))
        gold = validation.labels[task.name]
        heads[task.name] = fit_classifier(task, "dense", (seen, codes[rows]), (held_out, gold), _HEAD)
        encoders[task.name] = encoder
    return SetFitSystem(encoders, tokenizer, heads, settings)


def shots(codes: NDArray[np.int64], count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the rows of ``count`` random bullets of each label, or of all where a label has fewer."""
    return np.concatenate([rng.permutation(np.flatnonzero(codes == code))[:count] for code in np.unique(codes)])


def contrast(vectors: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """Return how far the cosines of all pairs are from 1 for one label and 0 for two: the mean of both mean squares.

    Pairs of one label and pairs of two count alike, however many there are.

    Args:
        vectors: embeddings of unit length, ``(bullets, width)``.
        codes: their labels, ``(bullets,)``.
    """
    first, second = torch.triu_indices(len(codes), len(codes), 1)
    cosines = (vectors[first] * vectors[second]).sum(1)
    same = (codes[first] == codes[second]).float()
    apart = 1 - same
    alike_error = (same * (1 - cosines).square()).sum() / same.sum().clamp(1)
    return (alike_error + (apart * cosines.square()).sum() / apart.sum().clamp(1)) / 2


def _tune(
    encoder: Any,
    tokenizer: Any,
    texts: Sequence[str],
    codes: NDArray[np.int64],
    *,
    settings: Settings,
    rng: np.random.Generator,
) -> None:
    """Train the encoder in place, but for its table of word vectors, at a rate that falls to zero."""
    encoder.get_submodule("embeddings").requires_grad_(requires_grad=False)
    inner = [part for part in encoder.parameters() if part.requires_grad]
    optimizer = torch.optim.AdamW(inner, lr=settings.rate, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / max(1, settings.steps))
    encoder.train()
    for _ in range(settings.steps):
        rows = _draw(codes, settings.batch, rng)
        vectors = pooled(encoder, tokenizer, [texts[row] for row in rows], settings.tokens)
        contrast(vectors, torch.from_numpy(codes[rows])).backward()
        torch.nn.utils.clip_grad_norm_(inner, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()


def _draw(codes: NDArray[np.int64], size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return rows of a batch: a few random labels, and about as many random bullets of each."""
    labels = rng.permutation(np.unique(codes))[: max(2, size // 4)]
    return np.concatenate(
        [rng.permutation(np.flatnonzero(codes == label))[: max(2, size // len(labels))] for label in labels]
    )
