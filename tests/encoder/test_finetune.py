"""The fine-tuned encoder: it learns, repeats itself, and points into the text exactly where somebody is named."""

import numpy as np
import pytest

from briefbench.baselines.base import Examples, unlabelled
from briefbench.baselines.encoder.finetune import EncoderSystem, Settings, fit_encoder
from briefbench.schema import SOURCE_TYPE, TASK_NAMES, TASKS, UNATTRIBUTED

SILENT = SOURCE_TYPE.codes[UNATTRIBUTED]
# Texts that leave the labels open, of many lengths.
MIXED = ["bank river choir", "the reactor", "today " * 30, "ministers near water , said alder .", "festival", "unheard"]


@pytest.fixture(scope="module")
def settings(tiny_encoder: str) -> Settings:
    return Settings(encoder=tiny_encoder, epochs=8, batch=8, encoder_rate=5e-3, head_rate=2e-2, dropout=0.0)


@pytest.fixture(scope="module")
def talkative(train: Examples) -> Examples:
    """The train part, in which a quarter of the bullets are on nobody's word."""
    labels = dict(train.labels)
    labels["source_type"] = np.where(train.labels["source_type"] == 3, SILENT, train.labels["source_type"])
    spans = np.where((labels["source_type"] == SILENT)[:, None], -1, train.spans)
    return Examples(train.bullet_ids, train.texts, {}, labels, spans)


@pytest.fixture(scope="module")
def fitted(settings: Settings, talkative: Examples) -> EncoderSystem:
    return fit_encoder(talkative, talkative, settings=settings)


def test_it_learns_what_the_words_give_away(fitted: EncoderSystem, talkative: Examples) -> None:
    predicted = fitted.predict(unlabelled(talkative.texts))
    for task in TASKS:
        assert predicted.labels[task.name].tolist() == talkative.labels[task.name].tolist()
        np.testing.assert_allclose(predicted.probabilities[task.name].sum(axis=1), 1, atol=1e-12)


def test_a_span_lies_inside_the_text_and_is_absent_exactly_where_nobody_is_named(
    fitted: EncoderSystem, talkative: Examples
) -> None:
    texts = [*talkative.texts, *MIXED]
    predicted = fitted.predict(unlabelled(texts))
    assert predicted.spans is not None
    silent = predicted.labels["source_type"] == SILENT
    assert 0 < silent.sum() < len(texts)
    for text, (start, end), nobody in zip(texts, predicted.spans.tolist(), silent, strict=True):
        assert (start, end) == (-1, -1) if nobody else 0 <= start < end <= len(text)


def test_the_same_seed_and_what_was_chosen_give_the_same_labels(
    fitted: EncoderSystem, settings: Settings, talkative: Examples
) -> None:
    again = fit_encoder(talkative, talkative, fitted.chosen)
    assert again.settings == settings
    assert again.chosen == fitted.chosen
    before, after = (one.predict(unlabelled(MIXED)) for one in (fitted, again))
    for task in TASK_NAMES:
        assert before.labels[task].tolist() == after.labels[task].tolist()


def test_a_text_is_labelled_the_same_alone_in_company_and_in_any_order(fitted: EncoderSystem) -> None:
    together = fitted.predict(unlabelled(MIXED)).probabilities
    backwards = fitted.predict(unlabelled(MIXED[::-1])).probabilities
    for task in TASK_NAMES:
        alone = np.vstack([fitted.predict(unlabelled([text])).probabilities[task] for text in MIXED])
        np.testing.assert_allclose(together[task], backwards[task][::-1], atol=0.05)  # bfloat16
        np.testing.assert_allclose(together[task], alone, atol=0.05)


def test_every_epoch_is_reported(settings: Settings, talkative: Examples) -> None:
    from dataclasses import replace

    seen: list[int] = []
    fit_encoder(
        talkative, talkative, settings=replace(settings, epochs=2), report=lambda epoch, system: seen.append(epoch)
    )
    assert seen == [1, 2]
