"""Labelling new text: the system of the leaderboard, its confidence, and what it refuses to do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from briefbench.baselines import linear
from briefbench.baselines.label import DEFAULT_MODEL, Model, fit_model, label_texts
from briefbench.dataset.release import build, write
from briefbench.errors import ReleaseError, UnknownNameError
from briefbench.evaluation.systems import read_result
from briefbench.schema import TASKS
from tests_support import ROOT, SmallProject

TEXTS = ("Infantry held the trench.", "Ministers welcomed sanctions.", "Singers praised soldiers.", "", "Zzz \x1b[31m")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small release."""
    project = SmallProject.write(tmp_path_factory.mktemp("label") / "project")
    write(build(project.annotation, min_test_class=1), project.root / "dataset")
    return project.root / "dataset"


@pytest.fixture(scope="module")
def model(release: Path) -> Model:
    return fit_model(dataset=release)


def test_every_text_gets_a_label_of_every_task_with_a_confidence(model: Model) -> None:
    labelled = label_texts(model, TEXTS)
    assert len(labelled) == len(TEXTS)
    for labels in labelled:
        assert list(labels) == [task.name for task in TASKS]
        for task in TASKS:
            assert labels[task.name].label in task.names
            assert 0 < labels[task.name].confidence <= 1
    assert [labels["topic"].label for labels in labelled[:3]] == ["combat", "economy", "society"]


def test_the_confidence_is_the_probability_of_the_label(model: Model) -> None:
    known, _, _, empty, unknown = label_texts(model, TEXTS)
    assert known["stance"].confidence > 0.9
    assert empty["stance"].confidence == unknown["stance"].confidence < 0.5


def test_labels_do_not_depend_on_what_else_is_labelled(model: Model) -> None:
    together = label_texts(model, TEXTS)
    for text, labels in zip(TEXTS, together, strict=True):
        alone = label_texts(model, [text])[0]
        assert {task: one.label for task, one in alone.items()} == {task: one.label for task, one in labels.items()}
        for task in alone:
            assert alone[task].confidence == pytest.approx(labels[task].confidence, abs=1e-9)


@pytest.mark.parametrize("name", ["majority", "stratified", "section", "publisher", "month"])
def test_a_baseline_that_does_not_read_labels_nothing(release: Path, name: str) -> None:
    with pytest.raises(UnknownNameError, match=f"baseline '{name}' does not read the text.*try {DEFAULT_MODEL}"):
        fit_model(name, release)


def test_a_probe_labels_nothing_since_it_needs_gold_labels(release: Path) -> None:
    with pytest.raises(UnknownNameError, match=f"baseline 'masked-lr' needs gold labels.*try {DEFAULT_MODEL}"):
        fit_model("masked-lr", release)


def test_a_model_without_probabilities_is_refused(release: Path) -> None:
    with pytest.raises(UnknownNameError, match=f"gives no probabilities, so no confidence; try {DEFAULT_MODEL}"):
        label_texts(fit_model("tfidf-svm", release), TEXTS)


def test_an_unknown_model_is_refused_with_those_there_are(release: Path) -> None:
    with pytest.raises(UnknownNameError, match="no baseline 'bert'; the baselines are majority, "):
        fit_model("bert", release)


def test_a_folder_without_a_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="no release here"):
        fit_model(dataset=tmp_path)


def test_on_the_bundled_release_the_choice_of_the_leaderboard_is_used_without_a_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searches = record_fits(monkeypatch)
    fit_model()
    stored = read_result(ROOT / "baselines" / "results" / f"{DEFAULT_MODEL}.json")
    assert searches == [stored.chosen]


def test_on_another_release_the_choice_of_the_leaderboard_is_not_used(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searches = record_fits(monkeypatch)
    fit_model(dataset=release)
    assert searches == [None]


def record_fits(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any] | None]:
    """Let no classifier be fitted, and note the hyperparameters that each fit was given."""
    given: list[Mapping[str, Any] | None] = []

    def note(featurize: Any, classifier: str, train: Any, validation: Any, chosen: Mapping[str, Any] | None) -> None:
        given.append(chosen)

    monkeypatch.setattr(linear, "_fit", note)
    return given
