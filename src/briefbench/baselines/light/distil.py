"""A light model that also learns from the fine-tuned encoder: what it says of the train part and of its sentences.

Source: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015). A sentence alone is a text that
the encoder was not trained on, and as short and plain as those of other registers.
"""

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.base import Baseline, Chosen, Examples, Fitted, unlabelled
from briefbench.baselines.light.features import Features
from briefbench.baselines.light.fit import assembled, beside, columns_of, matrices
from briefbench.baselines.light.model import LightSystem
from briefbench.schema import TASK_NAMES, TASKS

#: Its teacher; what its seeds say is averaged.
TEACHER = "minilm"
# ``C`` as in `fit_light`; the teachers' share of a bullet's target, and the weight of a sentence against a bullet's,
# were compared on weeks/train and weeks/validation.
_CHOSEN: Chosen = {"C": 10.0, "share": 0.3, "sentence_weight": 1.0}
_LEAST_PROBABILITY = 0.03
_SHORTEST = 25  # characters of a sentence
_BETWEEN = re.compile(r"(?<=[.!?\u201d\u2019\"])\s+(?=[A-Z\u201c\"])")


def fit_distilled(
    train: Examples,
    validation: Examples,
    chosen: Mapping[str, Chosen] | None = None,
    *,
    members: Callable[[Baseline], Sequence[Fitted]],
) -> LightSystem:
    """Fit on the train part and its sentences as the teachers see them; temperatures are set on validation."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    from briefbench.baselines.registry import baseline_of

    settings = chosen if chosen is not None else dict.fromkeys(TASK_NAMES, _CHOSEN)
    teachers = members(baseline_of(TEACHER))
    texts = unlabelled([*train.texts, *sentences(train.texts)])
    heard = [teacher.predict(texts).probabilities for teacher in teachers]
    columns = columns_of(Features.of(train.texts))
    blocks = matrices(columns, Features.of(texts.texts))
    classifiers = {}
    for task in TASKS:
        share, sentence, c = (float(str(settings[task.name][key])) for key in ("share", "sentence_weight", "C"))
        said = np.mean([one[task.name] for one in heard], axis=0)
        rows, labels, weights = _targets(train.labels[task.name], said, share, sentence)
        with threadpool_limits(1, user_api="blas"):
            fitted = LogisticRegression(C=c, tol=1e-3, max_iter=1_000)
            classifiers[task.name] = fitted.fit(beside(blocks, task)[rows], labels, sample_weight=weights)
    return assembled(columns, classifiers, settings, validation)


def sentences(texts: Sequence[str]) -> list[str]:
    """Return the sentences of the texts that have more than one, without the shortest."""
    split = ([part for part in _BETWEEN.split(text) if len(part) > _SHORTEST] for text in texts)
    return [part for parts in split if len(parts) > 1 for part in parts]


def _targets(
    gold: NDArray[np.int64], said: NDArray[np.float64], share: float, sentence: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return a row for every likely label of every text: the text's number, the label, and its weight.

    A bullet's target is its gold label and, by ``share``, what the teachers say; a sentence's is what they say. In the
    bullets a label weighs as much as it is rare in the train part. In the sentences it does not: most say little, and
    the small probabilities of rare labels, so multiplied, would outweigh the right one.

    Args:
        gold: the bullets' codes, ``(bullets,)``.
        said: the teachers' probabilities of the bullets, then of the sentences, ``(texts, labels)``.
        share: between 0 and 1.
        sentence: the weight of a sentence where that of a bullet is 1 on average over the labels.
    """
    target = said.copy()
    target[: len(gold)] *= share
    target[np.arange(len(gold)), gold] += 1 - share
    counts = np.bincount(gold, minlength=said.shape[1])
    likely = target > _LEAST_PROBABILITY
    likely[:, counts == 0] = False
    weights = target * sentence
    weights[: len(gold)] = target[: len(gold)] * len(gold) / (len(counts) * np.maximum(counts, 1))
    rows, labels = np.nonzero(likely & (weights > 0))
    return rows, labels, weights[rows, labels]
