"""SetFit: which bullets are drawn, what the comparison rewards, and a system that is the same for the same seed."""

import numpy as np
import pytest
import torch

from briefbench.baselines.base import Examples, unlabelled
from briefbench.baselines.encoder.setfit import SetFitSystem, Settings, contrast, fit_setfit, shots
from briefbench.schema import TASK_NAMES, TASKS


@pytest.fixture(scope="module")
def settings(tiny_encoder: str) -> Settings:
    return Settings(encoder=tiny_encoder, shots=4, steps=15, batch=16, tokens=32, rate=1e-2)


@pytest.fixture(scope="module")
def fitted(settings: Settings, train: Examples, validation: Examples) -> SetFitSystem:
    return fit_setfit(train, validation, settings=settings)


def test_so_many_bullets_of_each_label_are_drawn_by_seed_and_all_of_a_rare_one() -> None:
    codes = np.array([0] * 50 + [2] * 50 + [5] * 3)
    first, again, other = (shots(codes, 8, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.tolist() == again.tolist() != other.tolist()
    assert len(set(first.tolist())) == len(first)
    assert np.bincount(codes[first]).tolist() == [8, 0, 8, 0, 0, 3]


def test_the_comparison_is_zero_where_labels_are_apart_and_counts_both_kinds_of_pairs_alike() -> None:
    codes = torch.tensor([0, 0, 1])
    axes = torch.eye(2)
    assert contrast(axes[[0, 0, 1]], codes).item() == 0
    # One pair of the same label at a right angle; of the two of different labels one is the same: (1 + 1/2) / 2.
    assert contrast(axes[[0, 1, 0]], codes).item() == pytest.approx(0.75)
    assert contrast(axes[[0, 0]], torch.tensor([0, 1])).item() == pytest.approx(0.5)  # no pair of one label


def test_it_learns_from_four_bullets_a_label(fitted: SetFitSystem, validation: Examples) -> None:
    predicted = fitted.predict(unlabelled(validation.texts))
    for task in TASKS:
        assert predicted.labels[task.name].tolist() == validation.labels[task.name].tolist()
        table = predicted.probabilities[task.name]
        assert table.shape == (len(validation), len(task))
        np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-12)
        assert (table[:, 4:] == 0).all()  # labels that the train part lacks


def test_comparing_draws_bullets_of_a_label_together(
    fitted: SetFitSystem, settings: Settings, train: Examples, validation: Examples
) -> None:
    from dataclasses import replace

    from briefbench.baselines.encoder.frozen import embed

    untuned = fit_setfit(train, validation, settings=replace(settings, steps=0))

    def error(system: SetFitSystem) -> float:
        vectors = embed(system.encoders["topic"], system.tokenizer, validation.texts, 32)
        return contrast(torch.from_numpy(vectors), torch.from_numpy(validation.labels["topic"])).item()

    assert error(fitted) < 0.5 * error(untuned)


def test_the_same_seed_and_what_was_chosen_give_the_same_labels(
    fitted: SetFitSystem, settings: Settings, train: Examples, validation: Examples
) -> None:
    again = fit_setfit(train, validation, fitted.chosen)
    assert again.settings == settings
    assert again.chosen == fitted.chosen
    texts = unlabelled(["bank river choir", "the reactor", "today", "ministers near water"])
    before, after = (one.predict(texts) for one in (fitted, again))
    for task in TASK_NAMES:
        assert before.labels[task].tolist() == after.labels[task].tolist()
        np.testing.assert_allclose(before.probabilities[task], after.probabilities[task], atol=1e-6)


def test_another_seed_trains_another_encoder(
    fitted: SetFitSystem, settings: Settings, train: Examples, validation: Examples
) -> None:
    other = fit_setfit(train, validation, seed=1, settings=settings)
    texts = unlabelled(["bank river choir", "the reactor"])
    assert not np.allclose(
        fitted.predict(texts).probabilities["topic"], other.predict(texts).probabilities["topic"], atol=1e-6
    )
