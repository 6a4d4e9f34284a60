"""The fitted baselines: what they may look at, what they learn, and that nothing of the test part reaches them."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import pytest

from briefbench.baselines import linear
from briefbench.baselines.base import Examples, unlabelled
from briefbench.baselines.linear import fit_shortcut, fit_tfidf
from briefbench.evaluation.metrics import confusion, label_scores, macro_f1
from briefbench.evaluation.predictions import Predictions
from briefbench.schema import TASK_NAMES, TASKS

WORDS = ("infantry trench river", "sanctions bank ministers", "singers choir festival", "reactor cooling water")
CHOSEN = {task: {"C": 3.0, "class_weight": None} for task in TASK_NAMES}
TFIDF = pytest.mark.parametrize("classifier", ["lr", "svm"])


class Untouchable(Sequence[str]):
    """Texts that must not be looked at."""

    def __getitem__(self, item: object) -> str:
        raise AssertionError("a shortcut looked at a text")

    def __len__(self) -> int:
        raise AssertionError("a shortcut counted the texts")

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("a shortcut read the texts")


def make(codes: Sequence[int], texts: Sequence[str] | None = None, fields: Sequence[str] | None = None) -> Examples:
    """Return examples with these codes in every task; by default texts and sections give the codes away."""
    return Examples(
        bullet_ids=[f"b{i}" for i in range(len(codes))],
        texts=[f"{WORDS[code]} today" for code in codes] if texts is None else texts,
        fields={"section": [f"S{code}" for code in codes] if fields is None else fields},
        labels={task: np.array(codes, dtype=np.int64) for task in TASK_NAMES},
    )


def lists(predicted: Predictions) -> dict[str, list[int]]:
    return {task: codes.tolist() for task, codes in predicted.labels.items()}


TRAIN = make([0, 1, 2, 3] * 8)
VALIDATION = make([3, 2, 1, 0] * 2)


def test_a_shortcut_learns_what_its_field_gives_away_and_never_touches_a_text() -> None:
    train, validation, test = (make(codes, Untouchable()) for codes in ([0, 1, 2, 3] * 8, [3, 2, 1, 0] * 2, [1, 0, 3]))
    fitted = fit_shortcut("section", train, validation)
    assert lists(fitted.predict(test)) == {key: [1, 0, 3] for key in TASK_NAMES}
    probabilities = fitted.predict(test).probabilities
    assert probabilities["stance"].argmax(axis=1).tolist() == [1, 0, 3]


def test_a_shortcut_takes_a_value_it_never_saw() -> None:
    fitted = fit_shortcut("section", TRAIN, VALIDATION)
    assert fitted.predict(make([0, 1], fields=["new", ""])).labels["topic"].shape == (2,)


@TFIDF
def test_tfidf_learns_words_and_looks_at_no_field(classifier: str) -> None:
    train, validation = (Examples(part.bullet_ids, part.texts, {}, part.labels) for part in (TRAIN, VALIDATION))
    fitted = fit_tfidf(classifier, train, validation)
    assert lists(fitted.predict(unlabelled([WORDS[2], WORDS[0]]))) == {key: [2, 0] for key in TASK_NAMES}
    assert set(fitted.chosen) == set(TASK_NAMES)


@TFIDF
def test_predictions_do_not_depend_on_the_labels_of_what_is_predicted(classifier: str) -> None:
    fitted = fit_tfidf(classifier, TRAIN, VALIDATION)
    texts = [WORDS[1], WORDS[3], "nothing known"]
    predicted = lists(fitted.predict(make([1, 3, 0], texts)))
    assert predicted == lists(fitted.predict(make([0, 0, 3], texts))) == lists(fitted.predict(unlabelled(texts)))


@TFIDF
def test_the_words_of_validation_are_not_learnt(classifier: str) -> None:
    other = make([0, 1, 2, 3] * 4, ["unheard unseen unknown"] * 16)
    fitted = fit_tfidf(classifier, TRAIN, other, CHOSEN)
    features = fitted.featurize["topic"](unlabelled(["unheard unseen unknown"]))
    assert features.nnz == 0


@TFIDF
def test_the_hyperparameters_are_those_of_the_best_macro_f1_on_validation(classifier: str) -> None:
    rng = np.random.default_rng(4)
    codes = rng.integers(0, 4, 60).tolist()
    texts = [f"{WORDS[code if rng.random() < 0.7 else rng.integers(4)]} {WORDS[rng.integers(4)]}" for code in codes]
    train, validation = make(codes[:40], texts[:40]), make(codes[40:], texts[40:])
    fitted = fit_tfidf(classifier, train, validation)
    for task in TASKS:
        scores = []
        for c in (0.3, 1.0, 3.0, 10.0, 30.0):
            for weight in (None, "balanced"):
                settings = {name: {"C": c, "class_weight": weight} for name in TASK_NAMES}
                predicted = fit_tfidf(classifier, train, validation, settings).predict(validation).labels[task.name]
                table = confusion(validation.labels[task.name], predicted, len(task))
                scores.append((float(macro_f1(label_scores(table))), c, weight))
        best = max(scores, key=lambda one: one[0])
        chosen = fitted.chosen[task.name]
        assert (chosen["validation_macro_f1"], chosen["C"], chosen["class_weight"]) == best


@pytest.mark.parametrize("fit", [partial(fit_shortcut, "section"), partial(fit_tfidf, "lr"), partial(fit_tfidf, "svm")])
def test_what_was_chosen_before_is_not_searched_again_and_predicts_the_same(
    fit: Callable[..., linear.LinearSystem], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fit(TRAIN, VALIDATION)

    def never(*arguments: object) -> None:
        raise AssertionError("searched again")

    monkeypatch.setattr(linear, "_search", never)
    again = fit(TRAIN, VALIDATION, first.chosen)
    assert again.chosen == first.chosen
    assert lists(again.predict(VALIDATION)) == lists(first.predict(VALIDATION))
    before, after = first.predict(VALIDATION).probabilities, again.predict(VALIDATION).probabilities
    assert {task: table.tolist() for task, table in before.items()} == {
        task: table.tolist() for task, table in after.items()
    }


def test_probabilities_sum_to_one_and_their_best_label_is_the_predicted_one() -> None:
    fitted = fit_tfidf("lr", TRAIN, VALIDATION)
    mixed = unlabelled([f"{WORDS[i]} {WORDS[j]} {WORDS[i]}" for i in range(4) for j in range(4)])
    probabilities, predicted = fitted.predict(mixed).probabilities, fitted.predict(mixed).labels
    for task in TASKS:
        table = probabilities[task.name]
        assert table.shape == (16, len(task))
        assert table.min() >= 0
        np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-12)
        best = table.max(axis=1)
        np.testing.assert_allclose(table[np.arange(16), predicted[task.name]], best, rtol=1e-9)


def test_a_label_that_train_lacks_is_never_predicted_and_has_no_probability() -> None:
    fitted = fit_tfidf("lr", make([0, 1, 3] * 8), make([0, 1, 2, 3] * 2))
    probabilities = fitted.predict(VALIDATION).probabilities
    for task in TASKS:
        absent = [code for code in range(len(task)) if code not in (0, 1, 3)]
        assert (probabilities[task.name][:, absent] == 0).all()
        np.testing.assert_allclose(probabilities[task.name].sum(axis=1), 1, atol=1e-12)
        assert not set(absent) & set(fitted.predict(VALIDATION).labels[task.name].tolist())


@TFIDF
def test_a_train_part_with_two_labels_is_enough(classifier: str) -> None:
    fitted = fit_tfidf(classifier, make([0, 3] * 8), make([0, 3] * 2))
    assert fitted.predict(make([3, 0])).labels["stance"].tolist() == [3, 0]


def test_an_svm_claims_no_probabilities() -> None:
    assert fit_tfidf("svm", TRAIN, VALIDATION, CHOSEN).predict(VALIDATION).probabilities == {}


@TFIDF
def test_fitting_twice_gives_the_same_system(classifier: str) -> None:
    first, second = (fit_tfidf(classifier, TRAIN, VALIDATION) for _ in range(2))
    assert first.chosen == second.chosen
    assert first.temperatures == second.temperatures
    assert lists(first.predict(VALIDATION)) == lists(second.predict(VALIDATION))


@pytest.mark.parametrize("fit", [partial(fit_tfidf, "lr"), partial(fit_tfidf, "svm"), partial(fit_shortcut, "section")])
def test_a_task_with_one_label_in_train_is_predicted_as_that_label(fit: Callable[..., linear.LinearSystem]) -> None:
    fitted = fit(make([2] * 12), make([2, 1, 2]))
    assert lists(fitted.predict(make([0, 2]))) == {task: [2, 2] for task in TASK_NAMES}


def test_confidence_is_scaled_on_what_is_served_even_where_train_lacks_a_label() -> None:
    whole = fit_tfidf("lr", make([0, 1, 2] * 8), make([2, 1, 0] * 3))
    holed = fit_tfidf("lr", make([0, 1, 2] * 8), make([2, 1, 0] * 3 + [3] * 3))
    assert whole.temperatures == pytest.approx(holed.temperatures)
