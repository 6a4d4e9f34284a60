"""A light model that also learns from the fine-tuned encoder: what it says of the train part and of its sentences.

Source: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015). A sentence alone is a text that
the encoder was not trained on, and as short and plain as those of other registers.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.base import Baseline, Chosen, Examples, Fitted, unlabelled
from briefbench.baselines.light.features import Features
from briefbench.baselines.light.fit import assembled, beside, columns_of, matrices
from briefbench.baselines.light.model import LightSystem
from briefbench.evaluation.metrics import macro_f1_of
from briefbench.schema import TASKS

#: Its members by name and seed; what they say is their mean.
TEACHERS = tuple(("minilm", seed) for seed in range(5))
# ``C`` as in `fit_light`; the teachers' share of a bullet's target was compared with others on weeks/validation.
_C, _SHARE = 10.0, 0.3
# The weights of a sentence against a bullet's; of equally good ones the first is taken. Sentences help where they say
# as much as a bullet does; the stance of most is neutral, and the little that the teachers give another label misleads.
_SENTENCE_WEIGHTS = (0.0, 0.3, 1.0)
_LEAST_PROBABILITY = 0.03
_SHORTEST = 25  # characters of a sentence
_BETWEEN = re.compile(r"(?<=[.!?\u201d\u2019\"])\s+(?=[A-Z\u201c\"])")


def fit_distilled(
    train: Examples,
    validation: Examples,
    chosen: Mapping[str, Chosen] | None = None,
    *,
    member: Callable[[Baseline, int], Fitted],
) -> LightSystem:
    """Fit on the train part and its sentences as the teachers see them; validation sets weights and temperatures."""
    from briefbench.baselines.registry import baseline_of

    teachers = [member(baseline_of(name), seed) for name, seed in TEACHERS]
    texts = unlabelled([*train.texts, *sentences(train.texts)])
    heard = [teacher.predict(texts).probabilities for teacher in teachers]
    columns = columns_of(Features.of(train.texts))
    blocks, held = matrices(columns, Features.of(texts.texts)), matrices(columns, Features.of(validation.texts))
    classifiers, settings = {}, {}
    for task in TASKS:
        said = np.mean([one[task.name] for one in heard], axis=0)
        known = beside(blocks, task), train.labels[task.name], said
        tried = [_settings(weight) for weight in _SENTENCE_WEIGHTS] if chosen is None else [chosen[task.name]]
        fitted = [_fit(*known, one) for one in tried]
        gold, seen = validation.labels[task.name], beside(held, task)
        scores = [macro_f1_of(gold, classifier.predict(seen), len(task)) for classifier in fitted]
        best = int(np.argmax(scores))
        classifiers[task.name] = fitted[best]
        settings[task.name] = {**tried[best], "validation_macro_f1": scores[best]}
    return assembled(columns, classifiers, settings, validation)


def _settings(sentence_weight: float) -> Chosen:
    return {"C": _C, "share": _SHARE, "sentence_weight": sentence_weight}


def _fit(features: Any, gold: NDArray[np.int64], said: NDArray[np.float64], settings: Chosen) -> Any:
    """Fit one task on the features of the bullets and then the sentences."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    share, sentence, c = (float(str(settings[key])) for key in ("share", "sentence_weight", "C"))
    rows, labels, weights = _targets(gold, said, share, sentence)
    with threadpool_limits(1, user_api="blas"):
        fitted = LogisticRegression(C=c, tol=1e-3, max_iter=1_000)
        return fitted.fit(features[rows], labels, sample_weight=weights)


def sentences(texts: Sequence[str]) -> list[str]:
    """Return the sentences of the texts that have more than one, without the shortest."""
    split = ([part for part in _BETWEEN.split(text) if len(part) > _SHORTEST] for text in texts)
    return [part for parts in split if len(parts) > 1 for part in parts]


def _targets(
    gold: NDArray[np.int64], said: NDArray[np.float64], share: float, sentence: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return a row for every likely label of every text: the text's number, the label, and its weight.

    A bullet's target is its gold label and, by ``share``, what the teachers say; a sentence's is what they say.
    Labels weigh as much as they are rare in the train part.

    Args:
        gold: the bullets' codes, ``(bullets,)``.
        said: the teachers' probabilities of the bullets, then of the sentences, ``(texts, labels)``.
        share: between 0 and 1.
        sentence: the weight of a sentence where a bullet's is 1.
    """
    target = said.copy()
    target[: len(gold)] *= share
    target[np.arange(len(gold)), gold] += 1 - share
    counts = np.bincount(gold, minlength=said.shape[1])
    likely = target > _LEAST_PROBABILITY
    likely[:, counts == 0] = False
    target[len(gold) :] *= sentence
    rows, labels = np.nonzero(likely & (target > 0))
    return rows, labels, target[rows, labels] * len(gold) / (len(counts) * counts[labels])
