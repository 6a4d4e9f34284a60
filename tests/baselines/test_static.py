"""Static vectors under a linear head: no network, no word lost, and every text by itself."""

import logging
import socket

import numpy as np
import pytest

from briefbench.baselines.base import Examples, unlabelled
from briefbench.baselines.static import embed, fit_static, load_vectors
from briefbench.schema import TASK_NAMES, TASKS

WORDS = ("infantry trench river", "sanctions bank ministers", "singers choir festival", "reactor cooling water")
CHOSEN = {task: {"C": 3.0, "class_weight": None} for task in TASK_NAMES}


def make(codes: list[int]) -> Examples:
    """Return examples with these codes in every task, which the texts give away."""
    texts = [f"{WORDS[code]} on day {i}" for i, code in enumerate(codes)]
    return Examples(
        bullet_ids=[f"b{i}" for i in range(len(codes))],
        texts=texts,
        fields={},
        labels={task: np.array(codes, dtype=np.int64) for task in TASK_NAMES},
    )


TRAIN, VALIDATION = make([0, 1, 2, 3] * 8), make([3, 2, 1, 0] * 2)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way out is closed."""

    def closed(*arguments: object, **options: object) -> None:
        raise AssertionError("the network was asked")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, closed)
    for name in ("getaddrinfo", "create_connection"):
        monkeypatch.setattr(socket, name, closed)


def test_the_vectors_come_with_the_package_and_the_network_is_not_asked(no_network: None) -> None:
    vectors = embed(load_vectors(), ["Ministers met in Alder.", "Infantry held the trench."])
    assert vectors.shape == (2, 256)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_loading_leaves_the_programs_logging_as_it_was() -> None:
    root = logging.getLogger()
    before = list(root.handlers), root.level
    load_vectors()
    assert (list(root.handlers), root.level) == before


def test_words_of_one_field_are_nearer_than_others_and_no_word_at_all_is_zero() -> None:
    trench, infantry, choir, empty = embed(load_vectors(), ["a trench", "the infantry", "a choir", ""])
    assert trench @ infantry > trench @ choir
    assert not empty.any()


def test_it_learns_words_and_knows_their_neighbours() -> None:
    fitted = fit_static(TRAIN, VALIDATION, CHOSEN)
    predicted = fitted.predict(unlabelled([WORDS[2], WORDS[0], "soldiers and artillery", "an opera and its chorus"]))
    for task in TASKS:
        assert predicted.labels[task.name].tolist() == [2, 0, 0, 2]
        np.testing.assert_allclose(predicted.probabilities[task.name].sum(axis=1), 1, atol=1e-12)


def test_a_text_is_labelled_the_same_alone_and_in_any_company() -> None:
    fitted = fit_static(TRAIN, VALIDATION, CHOSEN)
    texts = [*WORDS, "a long note " * 40, ""]
    together = fitted.predict(unlabelled(texts)).probabilities["topic"]
    alone = [fitted.predict(unlabelled([text])).probabilities["topic"][0] for text in texts]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_the_penalty_is_searched_once_and_what_was_chosen_predicts_the_same() -> None:
    first = fit_static(TRAIN, VALIDATION)
    again = fit_static(TRAIN, VALIDATION, first.chosen)
    assert set(first.chosen["topic"]) == {"C", "class_weight", "validation_macro_f1"}
    assert again.chosen == first.chosen
    texts = unlabelled(["bank of the river", "ministers and singers"])
    before, after = (one.predict(texts).probabilities for one in (first, again))
    assert {task: table.tolist() for task, table in before.items()} == {
        task: table.tolist() for task, table in after.items()
    }
