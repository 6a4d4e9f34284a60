"""The probe: it sees everything but the phrase that names the source, and cannot do without gold spans."""

from dataclasses import replace

import numpy as np
import pytest

from briefbench.baselines.base import Examples, unlabelled
from briefbench.baselines.masked import MASK, fit_masked, mask
from briefbench.errors import InputError
from briefbench.schema import TASK_NAMES

CHOSEN = {task: {"C": 10.0, "class_weight": None} for task in TASK_NAMES}
SPEAKERS, NEWS = ("The mayor", "A nurse"), ("ice closed the harbor", "the clinic has water")


def make(speakers: list[int], news: list[int], codes: list[int], *, marked: bool = True) -> Examples:
    """Return bullets in which a speaker says some news; the speaker is marked."""
    texts = [f"{SPEAKERS[speaker]} said {NEWS[what]}" for speaker, what in zip(speakers, news, strict=True)]
    spans = np.array([(0, len(SPEAKERS[speaker])) for speaker in speakers], dtype=np.int64)
    labels = {task: np.array(codes, dtype=np.int64) for task in TASK_NAMES}
    return Examples([f"b{i}" for i in range(len(codes))], texts, {}, labels, spans if marked else None)


def test_the_phrase_is_cut_out_and_a_text_without_one_stays_as_it_is() -> None:
    examples = replace(unlabelled(["Ice came, the mayor said.", "Ice came."]), spans=np.array([(10, 19), (-1, -1)]))
    masked = mask(examples)
    assert masked.texts == [f"Ice came, {MASK} said.", "Ice came."]
    assert masked.spans is None
    assert examples.texts == ["Ice came, the mayor said.", "Ice came."]


def test_what_only_the_phrase_tells_is_not_learnt() -> None:
    speakers, news = [0, 1] * 10, [0, 0, 1, 1] * 5
    by_speaker = make(speakers, news, speakers)
    predicted = fit_masked(by_speaker, by_speaker, CHOSEN).predict(by_speaker)
    for task in TASK_NAMES:  # the two speakers of the same news are the same to it
        assert predicted.labels[task][:2].tolist() in ([0, 0], [1, 1])
        np.testing.assert_array_equal(predicted.probabilities[task][0], predicted.probabilities[task][1])


def test_what_the_rest_tells_is_learnt() -> None:
    by_news = make([0, 1] * 10, [0, 0, 1, 1] * 5, [0, 0, 1, 1] * 5)
    fitted = fit_masked(by_news, by_news, CHOSEN)
    assert fitted.predict(by_news).labels["topic"].tolist() == [0, 0, 1, 1] * 5
    assert fitted.chosen == CHOSEN
    assert fitted.parameters > 0


def test_the_mask_itself_is_no_feature() -> None:
    examples = make([0, 1] * 10, [0, 1] * 10, [0, 1] * 10)
    fitted = fit_masked(examples, examples, CHOSEN)
    with_mask, without = (replace(unlabelled([text]), spans=np.array([(-1, -1)])) for text in (MASK, ""))
    np.testing.assert_array_equal(
        fitted.predict(with_mask).probabilities["topic"], fitted.predict(without).probabilities["topic"]
    )


def test_bullets_without_marked_phrases_are_refused_wherever_they_come_in() -> None:
    good, bad = (make([0, 1] * 4, [0, 1] * 4, [0, 1] * 4, marked=marked) for marked in (True, False))
    message = "these bullets do not say which phrase names the source.*use a text baseline"
    for train, validation in ((bad, good), (good, bad)):
        with pytest.raises(InputError, match=message):
            fit_masked(train, validation, CHOSEN)
    with pytest.raises(InputError, match=message):
        fit_masked(good, good, CHOSEN).predict(bad)
