"""Linear classifiers of scikit-learn over sparse features, with hyperparameters chosen on validation by macro-F1.

Two families are built on them: the shortcuts, which see one field and never the text, and word TF-IDF.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.base import Chosen, Examples
from briefbench.baselines.calibration import fit_temperature, scale
from briefbench.evaluation.metrics import confusion, label_scores, macro_f1
from briefbench.schema import TASKS, Task

_SEED = 12345
_C = (0.3, 1.0, 3.0, 10.0, 30.0)
_CLASS_WEIGHT = (None, "balanced")

Featurize = Callable[[Examples], Any]


@dataclass(frozen=True)
class LinearSystem:
    """One scikit-learn classifier a task over shared features.

    ``temperatures`` scale the log-probabilities of each task, where its classifier gives probabilities.
    """

    featurize: Featurize
    classifiers: Mapping[str, Any]
    chosen: Mapping[str, Chosen]
    temperatures: Mapping[str, float]

    def predict(self, examples: Examples) -> dict[str, NDArray[np.int64]]:
        """Return the label of the highest score for every bullet, by task."""
        features = self.featurize(examples)
        return {task: classifier.predict(features) for task, classifier in self.classifiers.items()}

    def probabilities(self, examples: Examples) -> dict[str, NDArray[np.float64]] | None:
        """Return the probabilities by task, scaled on validation; a label that the train part lacks has zero."""
        if not self.temperatures:
            return None
        features = self.featurize(examples)
        result = {}
        for task in TASKS:
            classifier = self.classifiers[task.name]
            result[task.name] = np.zeros((len(examples), len(task)))
            scaled = scale(classifier.predict_proba(features), self.temperatures[task.name])
            result[task.name][:, classifier.classes_] = scaled
        return result


def fit_shortcut(
    name: str, train: Examples, validation: Examples, chosen: Mapping[str, Chosen] | None = None
) -> LinearSystem:
    """Fit a logistic regression on the one-hot encoding of one field (``section``, ``publisher`` or ``month``)."""
    from sklearn.preprocessing import OneHotEncoder

    encoder = OneHotEncoder(handle_unknown="ignore").fit(_column(train.fields[name]))
    return _fit(lambda examples: encoder.transform(_column(examples.fields[name])), "lr", train, validation, chosen)


def fit_tfidf(
    classifier: str, train: Examples, validation: Examples, chosen: Mapping[str, Chosen] | None = None
) -> LinearSystem:
    """Fit a classifier (``lr`` or ``svm``) on TF-IDF of the words and word pairs that two train bullets share."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2).fit(train.texts)
    return _fit(lambda examples: vectorizer.transform(examples.texts), classifier, train, validation, chosen)


def _fit(
    featurize: Featurize,
    classifier: str,
    train: Examples,
    validation: Examples,
    chosen: Mapping[str, Chosen] | None,
) -> LinearSystem:
    from threadpoolctl import threadpool_limits

    features, held_out = featurize(train), featurize(validation)
    classifiers: dict[str, Any] = {}
    settings: dict[str, Chosen] = {}
    temperatures: dict[str, float] = {}
    # The vectors are short: threads of the linear algebra library gain nothing, and on a busy machine they wait for
    # each other for minutes.
    with threadpool_limits(1, user_api="blas"):
        for task in TASKS:
            codes, gold = train.labels[task.name], validation.labels[task.name]
            if chosen is None:
                settings[task.name] = _search(task, classifier, (features, codes), (held_out, gold))
            else:
                settings[task.name] = chosen[task.name]
            classifiers[task.name] = _make(classifier, settings[task.name], codes).fit(features, codes)
            if classifier == "lr":
                temperatures[task.name] = _temperature(classifiers[task.name], held_out, gold)
    return LinearSystem(featurize, classifiers, settings, temperatures)


def _search(task: Task, classifier: str, train: tuple[Any, Any], held_out: tuple[Any, Any]) -> Chosen:
    """Return the hyperparameters of the best macro-F1 on validation; of equals the first."""
    tried: list[tuple[float, dict[str, object]]] = []
    for c, class_weight in product(_C, _CLASS_WEIGHT):
        candidate: dict[str, object] = {"C": c, "class_weight": class_weight}
        predicted = _make(classifier, candidate, train[1]).fit(*train).predict(held_out[0])
        tried.append((float(macro_f1(label_scores(confusion(held_out[1], predicted, len(task))))), candidate))
    score, best = max(tried, key=lambda one: one[0])
    return best | {"validation_macro_f1": score}


def _temperature(classifier: Any, held_out: Any, gold: NDArray[np.int64]) -> float:
    """Fit the temperature on the validation bullets whose label the classifier knows."""
    known = np.isin(gold, classifier.classes_)
    columns = np.searchsorted(classifier.classes_, gold[known])
    return fit_temperature(classifier.predict_proba(held_out)[known], columns) if known.any() else 1.0


def _make(classifier: str, settings: Chosen, codes: NDArray[np.int64]) -> Any:
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.svm import LinearSVC

    if len(set(codes.tolist())) == 1:  # the train part has one label only: nothing to separate
        return DummyClassifier(strategy="most_frequent")
    c, class_weight = settings["C"], settings["class_weight"]
    if classifier == "svm":
        return LinearSVC(C=c, class_weight=class_weight, tol=1e-5, max_iter=50_000, random_state=_SEED)
    # The tight tolerance brings every machine to the same optimum, and so to the same labels; liblinear, one label
    # against the rest, gets there many times faster than a multinomial fit, at the same macro-F1.
    return OneVsRestClassifier(LogisticRegression(C=c, class_weight=class_weight, solver="liblinear", tol=1e-6))


def _column(values: Sequence[str]) -> NDArray[np.object_]:
    return np.array(values, dtype=object).reshape(-1, 1)
