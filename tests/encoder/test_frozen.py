"""A frozen encoder under a linear head: unit vectors of every text by itself, and a head that learns from them."""

import numpy as np
import pytest

from briefbench.baselines.base import Examples, unlabelled
from briefbench.baselines.encoder.frozen import embed, fit_frozen
from briefbench.baselines.encoder.weights import load_encoder
from briefbench.errors import InputError
from briefbench.schema import TASK_NAMES, TASKS

CHOSEN = {task: {"C": 30.0, "class_weight": None} for task in TASK_NAMES}


def test_vectors_have_unit_length_and_do_not_depend_on_company_or_order(tiny_encoder: str, train: Examples) -> None:
    encoder, tokenizer = load_encoder(tiny_encoder)
    texts = [*train.texts[:40], "today " * 50, "the choir"]
    together = embed(encoder, tokenizer, texts, 64)
    assert together.shape == (42, 32)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    backwards = embed(encoder, tokenizer, texts[::-1], 64)[::-1]
    alone = np.vstack([embed(encoder, tokenizer, [text], 64) for text in texts])
    np.testing.assert_allclose(together, backwards, atol=0.02)  # bfloat16
    np.testing.assert_allclose(together, alone, atol=0.02)


def test_what_lies_beyond_the_last_token_is_not_read(tiny_encoder: str) -> None:
    encoder, tokenizer = load_encoder(tiny_encoder)
    first, second, third = embed(encoder, tokenizer, ["bank " * 6 + word for word in ("choir", "river", "")], 8)
    np.testing.assert_allclose(first, second, atol=1e-6)
    np.testing.assert_allclose(first, third, atol=1e-6)


def test_the_head_learns_and_the_encoder_is_not_counted(
    tiny_encoder: str, train: Examples, validation: Examples
) -> None:
    fitted = fit_frozen(train, validation, CHOSEN, encoder=tiny_encoder)
    predicted = fitted.predict(unlabelled(validation.texts))
    for task in TASKS:
        assert predicted.labels[task.name].tolist() == validation.labels[task.name].tolist()
        np.testing.assert_allclose(predicted.probabilities[task.name].sum(axis=1), 1, atol=1e-12)
    assert fitted.parameters == len(TASKS) * 4 * (32 + 1)
    assert fitted.chosen == CHOSEN


def test_an_encoder_that_is_not_there_is_refused_in_one_line(train: Examples, validation: Examples) -> None:
    with pytest.raises(InputError, match=r"encoder \./nowhere: cannot be loaded") as caught:
        fit_frozen(train, validation, encoder="./nowhere")
    assert "\n" not in str(caught.value)


def test_the_packaged_encoder_puts_like_with_like() -> None:
    encoder, tokenizer = load_encoder("all-MiniLM-L6-v2")
    trench, infantry, choir = embed(
        encoder, tokenizer, ["Infantry held the trench.", "Soldiers stayed dug in.", "A choir sang at a wedding."], 32
    )
    assert trench @ infantry > trench @ choir + 0.1
