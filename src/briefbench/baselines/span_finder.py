"""A finder of the phrase that names the source: two logistic regressions over tokens, of its start and of its end.

The phrase is the pair of tokens whose scores add up highest, in this order and not too far apart. The finder goes with
any baseline that labels source types.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.base import Around, Chosen, Examples, Fitted
from briefbench.baselines.span_features import Columns, Tokens, tokenize
from briefbench.evaluation.predictions import Predictions
from briefbench.schema import SOURCE_TYPE, UNATTRIBUTED

#: The most tokens that a phrase may have.
LONGEST = 20

# Of 0.1, 0.3 and 1 the best by token F1 on weeks/validation; the tight tolerance brings every machine to one place.
_C, _TOLERANCE = 0.3, 1e-4


@dataclass(frozen=True)
class SpanFinder:
    """The fitted finder: what it sees of a token, and the weights of start and end by column, ``(columns, 2)``."""

    columns: Columns
    weights: NDArray[np.float64]

    @property
    def parameters(self) -> int:
        """The weights; an intercept would change no place."""
        return self.weights.size

    def find(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return start and end of the likeliest phrase of every text, in code points, ``(texts, 2)``.

        A text of white space alone has none: -1.
        """
        tokens = tokenize(texts)
        return _decode(tokens, self.columns.matrix(tokens) @ self.weights)


def fit_finder(train: Examples) -> SpanFinder | None:
    """Fit on the bullets whose phrase is marked; without any there is nothing to learn, and no finder."""
    if train.spans is None or (train.spans < 0).all():
        return None
    marked = np.flatnonzero(train.spans[:, 0] >= 0)
    tokens = tokenize([train.texts[i] for i in marked.tolist()])
    columns = Columns.fit(tokens)
    return SpanFinder(columns, _weights(columns.matrix(tokens), _targets(tokens, train.spans[marked])))


@dataclass(frozen=True)
class WithSpans(Around):
    """A fitted system whose predictions also have the phrase, wherever it takes a bullet for somebody's word."""

    finder: SpanFinder

    @property
    def parameters(self) -> int:
        """Those of the system and of the finder."""
        return self.system.parameters + self.finder.parameters

    def predict(self, examples: Examples) -> Predictions:
        """Return the system's predictions with spans: none exactly where the source type is ``unattributed``."""
        predicted, spans = self.system.predict(examples), self.finder.find(examples.texts)
        spans[predicted.labels[SOURCE_TYPE.name] == SOURCE_TYPE.codes[UNATTRIBUTED]] = -1
        return replace(predicted, spans=spans)


def with_spans(fit: Callable[..., Fitted]) -> Callable[..., Fitted]:
    """Return the fit of a baseline with a finder beside it, where the train part has marked phrases."""

    @wraps(fit)
    def fitted(train: Examples, validation: Examples, chosen: Mapping[str, Chosen] | None = None) -> Fitted:
        system, finder = fit(train, validation, chosen), fit_finder(train)
        return WithSpans(system, finder) if finder is not None else system

    return fitted


def _weights(features: Any, targets: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Fit one regression on where phrases start and one on where they end."""
    from sklearn.linear_model import LogisticRegression

    fitted = [LogisticRegression(C=_C, solver="liblinear", tol=_TOLERANCE).fit(features, ends) for ends in targets.T]
    weights: NDArray[np.float64] = np.stack([one.coef_[0] for one in fitted], axis=1)
    return weights


def _targets(tokens: Tokens, spans: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which tokens start and which end the phrase of their text, ``(tokens, 2)``; one that it cuts counts."""
    targets = np.zeros((len(tokens.words), 2), dtype=bool)
    for (first, last), (start, end) in zip(tokens.limits, spans, strict=True):
        bounds = tokens.bounds[first:last]
        targets[first + np.searchsorted(bounds[:, 1], start, side="right"), 0] = True
        targets[first + np.searchsorted(bounds[:, 0], end) - 1, 1] = True
    return targets


def _decode(tokens: Tokens, scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bounds of the best pair of tokens in every text; of equal pairs the first."""
    found = np.full((len(tokens.limits), 2), -1)
    for i, (first, last) in enumerate(tokens.limits.tolist()):
        if first < last:
            ends = np.concatenate((scores[first:last, 1], np.full(LONGEST - 1, -np.inf)))
            pairs = scores[first:last, :1] + np.lib.stride_tricks.sliding_window_view(ends, LONGEST)
            start, further = divmod(int(pairs.argmax()), LONGEST)
            found[i] = tokens.bounds[first + start, 0], tokens.bounds[first + start + further, 1]
    return found
