"""The span finder: it learns where the phrase stands, marks one inside the text or none, and changes no label."""

from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from briefbench.baselines.base import Examples
from briefbench.baselines.linear import fit_tfidf
from briefbench.baselines.span_features import Columns, tokenize
from briefbench.baselines.span_finder import LONGEST, SpanFinder, WithSpans, fit_finder, with_spans
from briefbench.schema import SOURCE_TYPE, TASK_NAMES, UNATTRIBUTED

SPEAKERS = ("the mayor", "Mayor Ada Byron", "a nurse", "nurse Grace Hopper", "the harbor master", "officials in Kyiv")
NEWS = ("ice closed the harbor", "the clinic has water", "two mills burned", "a bridge opened on Monday")
NOBODY = SOURCE_TYPE.codes[UNATTRIBUTED]
CHOSEN = {task: {"C": 10.0, "class_weight": None} for task in TASK_NAMES}


def corpus() -> Examples:
    """Return bullets of three shapes, every speaker with all news, and bullets on nobody's word."""
    texts, spans, codes = [], [], []
    for speaker in SPEAKERS:
        for news in NEWS:
            head = speaker[0].upper() + speaker[1:]
            for before, phrase, after in (
                ("", head, f" said that {news}."),
                (f"{news.capitalize()}, ", speaker, " said."),
                (f"{news.capitalize()}, according to ", speaker, "."),
            ):
                texts.append(before + phrase + after)
                spans.append((len(before), len(before) + len(phrase)))
                codes.append(0)
    texts += [f"{news.capitalize()} again." for news in NEWS]
    spans += [(-1, -1)] * len(NEWS)
    codes += [NOBODY] * len(NEWS)
    labels = {
        task: np.minimum(np.array(codes, dtype=np.int64), NOBODY if task == "source_type" else 1) for task in TASK_NAMES
    }
    return Examples([f"b{i}" for i in range(len(texts))], texts, {}, labels, np.array(spans, dtype=np.int64))


CORPUS = corpus()


@cache
def fitted() -> SpanFinder:
    found = fit_finder(CORPUS)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def finder() -> SpanFinder:
    return fitted()


def test_it_finds_the_phrases_it_was_shown_and_one_it_was_not(finder: SpanFinder) -> None:
    assert CORPUS.spans is not None
    marked = CORPUS.spans[:, 0] >= 0
    found = finder.find(CORPUS.texts)
    assert (found == CORPUS.spans)[marked].all(axis=1).mean() > 0.95
    text = "Snow fell, the old priest said."
    start, end = finder.find([text])[0]
    assert text[start:end] == "the old priest"


def test_labels_and_probabilities_stay_the_same_and_nobody_has_no_phrase() -> None:
    fit = partial(fit_tfidf, "lr")
    plain, both = fit(CORPUS, CORPUS, CHOSEN), with_spans(fit)(CORPUS, CORPUS, CHOSEN)
    before, after = plain.predict(CORPUS), both.predict(CORPUS)
    for task in TASK_NAMES:
        np.testing.assert_array_equal(before.labels[task], after.labels[task])
        np.testing.assert_array_equal(before.probabilities[task], after.probabilities[task])
    assert before.spans is None
    assert after.spans is not None
    nobody = after.labels["source_type"] == NOBODY
    assert 0 < nobody.sum() < len(CORPUS)
    assert ((after.spans == -1).all(axis=1) == nobody).all()
    assert isinstance(both, WithSpans)
    assert both.parameters == plain.parameters + both.finder.parameters
    assert both.chosen == plain.chosen


@pytest.mark.parametrize("spans", [None, np.full((len(CORPUS), 2), -1)])
def test_without_a_marked_phrase_there_is_no_finder_and_no_span(spans: np.ndarray | None) -> None:
    bare = replace(CORPUS, spans=spans)
    assert fit_finder(bare) is None
    assert with_spans(partial(fit_tfidf, "lr"))(bare, CORPUS, CHOSEN).predict(CORPUS).spans is None


def test_nothing_is_learnt_from_bullets_without_a_phrase(finder: SpanFinder) -> None:
    more = replace(
        CORPUS,
        texts=[*CORPUS.texts, "Zebras said zebras."],
        spans=np.concatenate((CORPUS.spans, [[-1, -1]])) if CORPUS.spans is not None else None,
    )
    again = fit_finder(more)
    assert again is not None
    np.testing.assert_array_equal(again.weights, finder.weights)


def test_a_phrase_does_not_depend_on_what_else_is_read(finder: SpanFinder) -> None:
    texts = ["", *CORPUS.texts[:9], ",,, ,", 'said, "x', "“Snow fell,", "", "   "]
    together = finder.find(texts)
    for text, span in zip(texts, together, strict=True):
        assert finder.find([text])[0].tolist() == span.tolist()


def test_a_text_without_a_token_has_no_phrase(finder: SpanFinder) -> None:
    assert finder.find(["", " \n\t"]).tolist() == [[-1, -1], [-1, -1]]
    assert finder.find([]).shape == (0, 2)


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_any_text_with_a_token_has_a_phrase_inside_it(text: str) -> None:
    start, end = fitted().find([text])[0].tolist()
    if text.strip():
        assert 0 <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert len(tokenize([text[start:end]]).bounds) <= LONGEST + len(tokenize([""]).bounds)
    else:
        assert (start, end) == (-1, -1)


def test_the_pair_that_scores_highest_is_taken_and_never_one_too_far_apart_or_turned_around() -> None:
    columns = Columns.fit(tokenize(["start filler end"] * 2))
    scores = np.zeros((sum(map(len, columns.kept)), 2))
    tokens = tokenize(["start", "end"])
    features = columns.matrix(tokens).toarray()
    first, second = (tokens.limits[i, 0] for i in (0, 1))
    word = features[first] - features[second]
    scores[word > 0, 0], scores[word < 0, 1] = 1.0, 1.0
    finder = SpanFinder(columns, scores)

    def found(text: str) -> str:
        start, end = finder.find([text])[0]
        return text[start:end]

    assert found("odd start odd end odd") == "start odd end"
    assert found("odd end odd start odd") != "end odd start"
    far = f"start{' odd' * LONGEST} end"
    assert len(found(far).split()) <= LONGEST
    assert found(f"start{' odd' * (LONGEST - 2)} end").split()[-1] == "end"


def test_a_long_text_is_no_trap(finder: SpanFinder) -> None:
    assert finder.find(["the mayor said " * 20_000])[0].tolist() != [-1, -1]  # a table of all pairs would not fit
