"""Linear classifiers of scikit-learn over sparse features, with hyperparameters chosen on validation by macro-F1.

Two families are built on them: the shortcuts, which see one field and never the text, and TF-IDF of the text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.base import Chosen, Examples
from briefbench.baselines.calibration import fit_temperature, scale
from briefbench.baselines.features import KINDS, PLAIN_KINDS, vectorizer
from briefbench.evaluation.metrics import macro_f1_of
from briefbench.evaluation.predictions import Predictions
from briefbench.schema import TASK_NAMES, TASKS, TOPIC, Task

_SEED = 12345
_WEIGHTED: list[dict[str, object]] = [
    {"C": c, "class_weight": weight} for c, weight in product((0.3, 1.0, 3.0, 10.0, 30.0), (None, "balanced"))
]

#: The hyperparameters that are tried for each kind of classifier; of equal ones the first is taken.
GRIDS: Mapping[str, Sequence[dict[str, object]]] = {
    "lr": _WEIGHTED,
    "svm": _WEIGHTED,
    "softmax": [{"C": c, "class_weight": "balanced"} for c in (3.0, 10.0)],  # a fit takes long
    "dense": _WEIGHTED,  # the same on a few hundred dense columns, where a fit takes a second
    "nb": [{"alpha": alpha, "norm": norm} for alpha, norm in product((0.03, 0.1, 0.3, 1.0), (False, True))],
}

Featurize = Callable[[Examples], Any]


@dataclass(frozen=True)
class LinearSystem:
    """One scikit-learn classifier a task, each over features of its own, which tasks may share.

    ``temperatures`` scale the log-probabilities of each task, where its classifier gives probabilities.
    """

    featurize: Mapping[str, Featurize]
    classifiers: Mapping[str, Any]
    chosen: Mapping[str, Chosen]
    temperatures: Mapping[str, float]

    @property
    def parameters(self) -> int:
        """The weights and intercepts of all classifiers."""
        return sum(_weights(classifier) for classifier in self.classifiers.values())

    def predict(self, examples: Examples) -> Predictions:
        """Return the label of the highest score for every bullet and task.

        Probabilities, where there are any, are scaled on validation; a label that the train part lacks has zero.
        """
        features = _features(self.featurize, examples)
        labels, probabilities = {}, {}
        for task in TASKS:
            classifier, seen = self.classifiers[task.name], features[task.name]
            labels[task.name] = classifier.predict(seen)
            if task.name in self.temperatures:
                table = np.zeros((len(examples), len(task)))
                table[:, classifier.classes_] = scale(classifier.predict_proba(seen), self.temperatures[task.name])
                probabilities[task.name] = table
        return Predictions(labels, probabilities)


def fit_shortcut(
    name: str, train: Examples, validation: Examples, chosen: Mapping[str, Chosen] | None = None
) -> LinearSystem:
    """Fit a logistic regression on the one-hot encoding of one field (``section``, ``publisher`` or ``month``)."""
    from sklearn.preprocessing import OneHotEncoder

    encoder = OneHotEncoder(handle_unknown="ignore").fit(_column(train.fields[name]))
    return _fit(
        _same(lambda examples: encoder.transform(_column(examples.fields[name]))), "lr", train, validation, chosen
    )


def fit_tfidf(
    classifier: str,
    train: Examples,
    validation: Examples,
    chosen: Mapping[str, Chosen] | None = None,
    *,
    kinds: Sequence[str] = ("words",),
) -> LinearSystem:
    """Fit a classifier of `GRIDS` on the TF-IDF of some `features.KINDS` of the text."""
    return _fit(_same(_of_text(kinds, train.texts)), classifier, train, validation, chosen)


def fit_attribution(train: Examples, validation: Examples, chosen: Mapping[str, Chosen] | None = None) -> LinearSystem:
    """Fit a multinomial logistic regression that also sees who is said to speak, but for the topic."""
    everything, plain = _of_text(KINDS, train.texts), _of_text(PLAIN_KINDS, train.texts)
    featurize = {task.name: plain if task is TOPIC else everything for task in TASKS}
    return _fit(featurize, "softmax", train, validation, chosen)


def fit_dense(
    embed: Callable[[Sequence[str]], NDArray[np.float64]],
    train: Examples,
    validation: Examples,
    chosen: Mapping[str, Chosen] | None = None,
) -> LinearSystem:
    """Fit a multinomial logistic regression on vectors of the texts, ``(bullets, columns)``, in double precision."""
    return _fit(_same(lambda examples: embed(examples.texts)), "dense", train, validation, chosen)


def _of_text(kinds: Sequence[str], texts: Sequence[str]) -> Featurize:
    fitted = vectorizer(kinds).fit(texts)

    def featurize(examples: Examples) -> Any:
        return fitted.transform(examples.texts)

    return featurize


def _same(featurize: Featurize) -> dict[str, Featurize]:
    return dict.fromkeys(TASK_NAMES, featurize)


def _features(featurize: Mapping[str, Featurize], examples: Examples) -> dict[str, Any]:
    """Return every task's features; those that tasks share are computed once."""
    found = {one: one(examples) for one in dict.fromkeys(featurize.values())}
    return {task: found[one] for task, one in featurize.items()}


def _fit(
    featurize: Mapping[str, Featurize],
    classifier: str,
    train: Examples,
    validation: Examples,
    chosen: Mapping[str, Chosen] | None,
) -> LinearSystem:
    seen, held = _features(featurize, train), _features(featurize, validation)
    fitted = {
        task.name: fit_classifier(
            task,
            classifier,
            (seen[task.name], train.labels[task.name]),
            (held[task.name], validation.labels[task.name]),
            chosen[task.name] if chosen is not None else None,
        )
        for task in TASKS
    }
    return LinearSystem(
        featurize,
        {name: one.classifier for name, one in fitted.items()},
        {name: one.chosen for name, one in fitted.items()},
        {name: one.temperature for name, one in fitted.items() if one.temperature is not None},
    )


@dataclass(frozen=True)
class FittedClassifier:
    """A task's classifier, its hyperparameters, and the temperature of its probabilities where it has any."""

    classifier: Any
    chosen: Chosen
    temperature: float | None


def fit_classifier(
    task: Task, kind: str, train: tuple[Any, Any], held_out: tuple[Any, Any], chosen: Chosen | None = None
) -> FittedClassifier:
    """Fit one classifier of `GRIDS` on features and gold codes; search its hyperparameters unless they are ``chosen``.

    Args:
        task: the task.
        kind: the kind of classifier.
        train: features ``(bullets, columns)`` and codes ``(bullets,)`` of the train part.
        held_out: those of the validation part.
        chosen: hyperparameters that were chosen before.
    """
    from threadpoolctl import threadpool_limits

    # The vectors are short: threads of the linear algebra library gain nothing, and on a busy machine they wait for
    # each other for minutes.
    with threadpool_limits(1, user_api="blas"):
        settings = _search(task, kind, train, held_out) if chosen is None else chosen
        classifier = _make(kind, settings, train[1]).fit(*train)
        temperature = None if kind == "svm" else _temperature(classifier, *held_out)
    return FittedClassifier(classifier, settings, temperature)


def _search(task: Task, classifier: str, train: tuple[Any, Any], held_out: tuple[Any, Any]) -> Chosen:
    """Return the hyperparameters of the best macro-F1 on validation; of equals the first."""
    tried: list[tuple[float, dict[str, object]]] = []
    for candidate in GRIDS[classifier]:
        predicted = _make(classifier, candidate, train[1]).fit(*train).predict(held_out[0])
        tried.append((macro_f1_of(held_out[1], predicted, len(task)), candidate))
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
    from sklearn.naive_bayes import ComplementNB
    from sklearn.svm import LinearSVC

    if len(set(codes.tolist())) == 1:  # the train part has one label only: nothing to separate
        return DummyClassifier(strategy="most_frequent")
    if classifier == "nb":
        return ComplementNB(alpha=settings["alpha"], norm=settings["norm"])
    c, class_weight = settings["C"], settings["class_weight"]
    if classifier in ("softmax", "dense"):
        return LogisticRegression(C=c, class_weight=class_weight, tol=1e-6, max_iter=5_000)
    if classifier == "svm":
        return LinearSVC(C=c, class_weight=class_weight, tol=1e-5, max_iter=50_000, random_state=_SEED)
    # The tight tolerance brings every machine to the same optimum, and so to the same labels; liblinear, one label
    # against the rest, gets there many times faster than a multinomial fit, at the same macro-F1.
    return OneVsRestClassifier(LogisticRegression(C=c, class_weight=class_weight, solver="liblinear", tol=1e-6))


def _weights(classifier: Any) -> int:
    """Count the numbers that a classifier fitted; one against the rest has a classifier a label."""
    if hasattr(classifier, "estimators_"):
        return sum(map(_weights, classifier.estimators_))
    return sum(
        getattr(classifier, name).size
        for name in ("coef_", "intercept_", "feature_log_prob_")
        if hasattr(classifier, name)
    )


def _column(values: Sequence[str]) -> NDArray[np.object_]:
    return np.array(values, dtype=object).reshape(-1, 1)
