"""The light model: it learns, its tables give what its matrices give, and no text's labels depend on another's."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.baselines import saved
from briefbench.baselines.base import Examples, unlabelled
from briefbench.baselines.light import lexicon, model
from briefbench.baselines.light.features import GROUPS, Features
from briefbench.baselines.light.fit import fit_light, matrices
from briefbench.baselines.light.model import LightSystem
from briefbench.baselines.saved import Origin
from briefbench.errors import InputError
from briefbench.schema import TASK_NAMES, TASKS

SENTENCES = (
    "Infantry held the trench near the river.",
    "Ministers said sanctions on banks would follow.",
    "Singers opened a festival, according to the choir.",
    "Reactor cooling water ran low, the agency said.",
)
CHOSEN = {task: {"C": 3.0, "class_weight": "balanced"} for task in TASK_NAMES}
ORIGIN = Origin("light", "0" * 64)
TEXT = st.lists(
    st.sampled_from([*" ".join(SENTENCES).split(), "\u2014", "2,000", "na\u00efve\u00a0dog", "\U0001f600"])
).map(" ".join)


def examples(codes: list[int]) -> Examples:
    """Return bullets whose words give their labels away."""
    texts = [f"{SENTENCES[code]} Day {i}." for i, code in enumerate(codes)]
    return Examples([f"b{i}" for i in range(len(codes))], texts, {}, {task: np.array(codes) for task in TASK_NAMES})


TRAIN, VALIDATION = examples([0, 1, 2, 3] * 8), examples([3, 2, 1, 0] * 2)


@pytest.fixture(scope="module")
def fitted() -> LightSystem:
    return fit_light(TRAIN, VALIDATION, CHOSEN)


def test_it_learns_what_words_give_away(fitted: LightSystem) -> None:
    found = fitted.predict(unlabelled([SENTENCES[2], SENTENCES[0], SENTENCES[3]]))
    for task in TASKS:
        assert found.labels[task.name].tolist() == [2, 0, 3]
        np.testing.assert_allclose(found.probabilities[task.name].sum(axis=1), 1, atol=1e-12)
        assert (found.probabilities[task.name][:, 4:] == 0).all()  # labels that train lacks


def test_fitting_again_with_what_was_chosen_gives_the_same_bytes(fitted: LightSystem) -> None:
    assert fitted.chosen == CHOSEN
    first = fit_light(TRAIN, VALIDATION)
    again = fit_light(TRAIN, VALIDATION, first.chosen)
    assert saved.encode(again, ORIGIN) == saved.encode(first, ORIGIN) != saved.encode(fitted, ORIGIN)


@given(st.lists(TEXT, min_size=1, max_size=6))
def test_the_tables_of_words_give_what_the_matrices_of_texts_give(fitted: LightSystem, texts: list[str]) -> None:
    blocks = matrices(fitted.columns, Features.of(texts))
    expected = sum(blocks[group] @ fitted.weights[group].astype(np.float64) for group in GROUPS) + fitted.intercepts
    np.testing.assert_allclose(fitted.scores(texts), expected, atol=2e-4)


def test_topic_does_not_see_who_speaks(fitted: LightSystem) -> None:
    assert not fitted.weights["speech"][:, : len(TASKS[0])].any()
    assert fitted.weights["speech"].any()


TEXTS = [*SENTENCES, "", " ", "Nothing known here", "Singers said: \u201cno\u201d", "\u4e2d\u6587" * 400] * 3


def test_no_text_depends_on_its_company_or_on_what_was_seen_before(
    fitted: LightSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = fitted.scores(TEXTS)
    monkeypatch.setattr(lexicon, "_MOST", 4)  # so that the lexicon begins anew all the time
    monkeypatch.setattr(model, "CHUNK", 2)
    fresh = replace(fitted)
    for number, text in enumerate(TEXTS):
        assert fresh.scores([text]).tobytes() == together[number : number + 1].tobytes()
    for task, table in fresh.label(TEXTS).probabilities.items():
        assert table.tobytes() == fitted.label(TEXTS[:-1] + TEXTS[-1:]).probabilities[task].tobytes()


@pytest.mark.parametrize("most", [1, 40, 90, 10_000])
def test_texts_are_taken_apart_some_bytes_at_a_time_and_none_is_lost(
    fitted: LightSystem, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(model, "CHUNK", most)
    monkeypatch.setattr(
        LightSystem, "scores", lambda _, texts: seen.append(texts.to_pylist()) or np.zeros((len(texts), model.WIDTH))
    )
    fitted.label(pa.array(["x", *TEXTS]).slice(1))
    assert [text for texts in seen for text in texts] == TEXTS
    assert all(len(texts) == 1 or len("".join(texts).encode()) <= most for texts in seen)
    assert (len(seen) == 1) == (most == 10_000)


def test_arrow_arrays_and_lists_are_labelled_alike(fitted: LightSystem) -> None:
    for array in (pa.array(TEXTS), pa.array(["x", *TEXTS]).slice(1)):
        assert fitted.label(array).labels["topic"].tolist() == fitted.label(TEXTS).labels["topic"].tolist()


def test_nothing_gets_no_label(fitted: LightSystem) -> None:
    assert fitted.label([]).probabilities["stance"].shape == (0, 4)


def test_a_saved_model_is_the_model(fitted: LightSystem, tmp_path: Path) -> None:
    path = tmp_path / ORIGIN.file
    path.write_bytes(saved.encode(fitted, ORIGIN))
    origin, again = saved.load(path)
    assert origin == ORIGIN
    assert again.chosen == fitted.chosen
    found, expected = again.predict(unlabelled(TEXTS)), fitted.predict(unlabelled(TEXTS))
    for task in TASK_NAMES:
        assert found.probabilities[task].tobytes() == expected.probabilities[task].tobytes()


@pytest.mark.parametrize(
    ("array", "change", "why"),
    [
        ("words.keys", lambda a: a[::-1].copy(), "not in rising order"),
        ("words.keys", lambda a: a.astype(np.int64), "has type int64"),
        ("words.weights", lambda a: a[:-1].copy(), "has type float16 and shape"),
        ("words.weights", lambda a: np.full_like(a, np.inf), "not finite"),
        ("speech.idf", lambda a: a * np.float32("nan"), "not finite"),
        ("intercepts", lambda a: a[:3].copy(), "shape"),
        ("characters.keys", None, "characters.keys"),
    ],
)
def test_a_damaged_model_is_refused(fitted: LightSystem, tmp_path: Path, array: str, change: object, why: str) -> None:
    arrays, settings = fitted.tensors()
    changed = dict(arrays)
    if callable(change):
        changed[array] = change(arrays[array])
    else:
        del changed[array]

    class Other(LightSystem):
        def tensors(self) -> tuple[dict[str, object], dict[str, object]]:  # type: ignore[override]
            return changed, dict(settings)

    other = Other(fitted.columns, fitted.weights, fitted.intercepts, fitted.temperatures, fitted.chosen)
    path = tmp_path / ORIGIN.file
    path.write_bytes(saved.encode(other, ORIGIN))
    with pytest.raises(InputError, match=f"damaged model: .*{why}.*; save it again"):
        saved.load(path)
