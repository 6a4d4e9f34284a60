"""Fine-tuning of an encoder on all three tasks and the source's phrase at once, and the system that comes of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from briefbench.baselines.base import Chosen, Examples
from briefbench.baselines.calibration import fit_temperature, scale, softmax
from briefbench.baselines.encoder.network import Network, groups
from briefbench.baselines.encoder.weights import DEFAULT_ENCODER, load_encoder
from briefbench.evaluation.predictions import Predictions
from briefbench.schema import SOURCE_TYPE, TASK_NAMES, TASKS, UNATTRIBUTED

_LONGEST_SPAN = 40  # tokens
# Batches are as long as a multiple of this, so that few shapes occur and each is prepared once.
_STEP = 16


@dataclass(frozen=True)
class Settings:
    """How the encoder is trained; what of it was chosen, was chosen on validation."""

    encoder: str = DEFAULT_ENCODER
    epochs: int = 6
    batch: int = 32
    tokens: int = 192
    encoder_rate: float = 1e-4
    head_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.1
    dropout: float = 0.1
    smoothing: float = 0.05
    span_weight: float = 0.3


@dataclass(frozen=True)
class Encoded:
    """Tokenized bullets: ids by bullet, and of every token its first and last code point in the text."""

    ids: Sequence[Sequence[int]]
    offsets: Sequence[Sequence[tuple[int, int]]]

    def batches(self, size: int, order: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], Any, Any]]:
        """Yield the bullets of an order in batches: their places, ids and mask, ``(bullets, tokens)``."""
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            longest = -(-max(len(self.ids[row]) for row in rows) // _STEP) * _STEP
            ids = torch.zeros((len(rows), longest), dtype=torch.long)
            mask = torch.zeros((len(rows), longest), dtype=torch.long)
            for i, row in enumerate(rows):
                ids[i, : len(self.ids[row])] = torch.tensor(self.ids[row])
                mask[i, : len(self.ids[row])] = 1
            yield rows, ids, mask


@dataclass(frozen=True, eq=False)
class EncoderSystem:
    """A fine-tuned encoder; ``temperatures`` scale the log-probabilities of each task."""

    network: Network
    tokenizer: Any
    settings: Settings
    temperatures: Mapping[str, float]

    @property
    def chosen(self) -> Mapping[str, Chosen]:
        """The settings, the same for every task."""
        return {task: asdict(self.settings) for task in TASK_NAMES}

    @property
    def parameters(self) -> int:
        """All weights, the frozen word vectors included."""
        return sum(part.numel() for part in self.network.parameters())

    def tensors(self) -> tuple[Mapping[str, NDArray[Any]], Mapping[str, Any]]:
        """Return what the file of the model holds."""
        from briefbench.baselines.encoder.store import tensors

        return tensors(self)

    def predict(self, examples: Examples) -> Predictions:
        """Return labels, probabilities, and the source's phrase where the predicted source type has one."""
        logits, spans = _infer(self.network, _encode(self.tokenizer, examples.texts, self.settings), self.settings)
        tables = {task.name: scale(softmax(logits[task.name]), self.temperatures.get(task.name, 1.0)) for task in TASKS}
        labels = {name: table.argmax(axis=1) for name, table in tables.items()}
        silent = labels[SOURCE_TYPE.name] == SOURCE_TYPE.codes[UNATTRIBUTED]
        spans[silent] = -1
        return Predictions(labels, tables, spans=spans)


def fit_encoder(
    train: Examples,
    validation: Examples,
    chosen: Mapping[str, Chosen] | None = None,
    *,
    seed: int = 0,
    settings: Settings = Settings(),
    report: Callable[[int, EncoderSystem], None] | None = None,
) -> EncoderSystem:
    """Fine-tune on the train part; the validation part only sets the temperatures.

    ``report`` is called after every epoch with the number of epochs done and the system as it is.
    """
    if chosen is not None:
        settings = Settings(**dict[str, Any](chosen[TASK_NAMES[0]]))
    torch.manual_seed(seed)
    encoder, tokenizer = load_encoder(settings.encoder)
    network = Network(encoder, encoder.config.hidden_size, settings.dropout)
    encoded = _encode(tokenizer, train.texts, settings)
    system = EncoderSystem(network, tokenizer, settings, {})
    rng = np.random.default_rng(seed)
    steps = -(-len(train) // settings.batch) * settings.epochs
    optimizer = torch.optim.AdamW(
        groups(network, settings.encoder_rate, settings.head_rate, settings.weight_decay), fused=True
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps, settings.warmup))
    weights = {task.name: _class_weights(train.labels[task.name], len(task)) for task in TASKS}
    pointers = _pointers(encoded, train.spans) if train.spans is not None else None
    for epoch in range(settings.epochs):
        network.train()
        for rows, ids, mask in encoded.batches(settings.batch, _by_length(encoded, rng, settings.batch)):
            with torch.autocast("cpu", torch.bfloat16):
                logits, pointed = network(ids, mask)
            loss = _loss(logits, rows, train, weights, settings)
            if pointers is not None:
                target = torch.from_numpy(pointers[rows])
                loss = loss + settings.span_weight * functional.cross_entropy(pointed.float(), target)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        if report is not None:
            report(epoch + 1, system)
    return finished(system, validation)


def finished(system: EncoderSystem, validation: Examples) -> EncoderSystem:
    """Round the weights to half precision, which is how they are stored, and fit the temperatures on validation."""
    with torch.no_grad():
        for part in system.network.parameters():
            part.copy_(part.half())
    logits, _ = _infer(system.network, _encode(system.tokenizer, validation.texts, system.settings), system.settings)
    temperatures = {
        task.name: fit_temperature(softmax(logits[task.name]), validation.labels[task.name]) for task in TASKS
    }
    return replace(system, temperatures=temperatures)


def _loss(
    logits: Sequence[torch.Tensor],
    rows: NDArray[np.int64],
    train: Examples,
    weights: Mapping[str, torch.Tensor],
    settings: Settings,
) -> torch.Tensor:
    losses = [
        functional.cross_entropy(
            logits[k].float(),
            torch.from_numpy(train.labels[task.name][rows]),
            weight=weights[task.name],
            label_smoothing=settings.smoothing,
        )
        for k, task in enumerate(TASKS)
    ]
    return torch.stack(losses).sum()


def _class_weights(codes: NDArray[np.int64], labels: int) -> torch.Tensor:
    """Return weights by label, one over the square root of its count, of mean 1 over the bullets."""
    counts = np.bincount(codes, minlength=labels)
    weights = 1 / np.sqrt(np.maximum(counts, 1))
    return torch.tensor(weights * counts.sum() / (weights * counts).sum(), dtype=torch.float32)


def _rate(step: int, steps: int, warmup: float) -> float:
    rising = warmup * steps
    return (step + 1) / rising if step < rising else max(0.0, (steps - step) / (steps - rising))


def _by_length(encoded: Encoded, rng: np.random.Generator, batch: int) -> NDArray[np.int64]:
    """Return a random order in which bullets of a batch are about as long as each other."""
    order = rng.permutation(len(encoded.ids))
    pool = 20 * batch
    sorted_pools = [
        sorted(order[start : start + pool], key=lambda row: len(encoded.ids[row]))
        for start in range(0, len(order), pool)
    ]
    flat = [row for rows in sorted_pools for row in rows]
    chunks = [flat[start : start + batch] for start in range(0, len(flat), batch)]
    return np.array([row for i in rng.permutation(len(chunks)) for row in chunks[i]], dtype=np.int64)


def _encode(tokenizer: Any, texts: Sequence[str], settings: Settings) -> Encoded:
    found = tokenizer(list(texts), truncation=True, max_length=settings.tokens, return_offsets_mapping=True)
    return Encoded(found["input_ids"], found["offset_mapping"])


def _pointers(encoded: Encoded, spans: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return first and last token of every span, ``(bullets, 2)``; token 0 where there is none."""
    found = np.zeros((len(spans), 2), dtype=np.int64)
    for row, (start, end) in enumerate(spans.tolist()):
        inside = [i for i, (first, last) in enumerate(encoded.offsets[row]) if first < end and last > start]
        if start >= 0 and inside:
            found[row] = inside[0], inside[-1]
    return found


@torch.inference_mode()
def _infer(
    network: Network, encoded: Encoded, settings: Settings
) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.int64]]:
    """Return the logits by task, and the best span of every bullet in code points, longest bullets first in memory."""
    network.eval()
    count = len(encoded.ids)
    logits = {task.name: np.zeros((count, len(task))) for task in TASKS}
    spans = np.full((count, 2), -1, dtype=np.int64)
    order = np.array(sorted(range(count), key=lambda row: len(encoded.ids[row])), dtype=np.int64)
    for rows, ids, mask in encoded.batches(settings.batch, order):
        with torch.autocast("cpu", torch.bfloat16):
            found, pointed = network(ids, mask)
        for k, task in enumerate(TASKS):
            logits[task.name][rows] = found[k].float().numpy()
        for row, table in zip(rows, pointed.float().numpy(), strict=True):
            spans[row] = _span(table, encoded.offsets[row])
    return logits, spans


def _span(table: NDArray[np.float32], offsets: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return the span, in code points, whose start and end logits ``(tokens, 2)`` have the largest sum."""
    tokens = len(offsets) - 1  # the last one stands for no word
    sums = table[1:tokens, :1] + table[1:tokens, 1]
    allowed = np.triu(np.ones_like(sums, dtype=bool)) & ~np.triu(np.ones_like(sums, dtype=bool), _LONGEST_SPAN)
    if not allowed.any():
        return -1, -1
    first, last = divmod(int(np.where(allowed, sums, -np.inf).argmax()), sums.shape[1])
    return offsets[first + 1][0], offsets[last + 1][1]
