"""Labelling new text: the system of the leaderboard, its confidence, and what it refuses to do."""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from briefbench.baselines import label, linear
from briefbench.baselines.base import read_examples
from briefbench.baselines.label import DEFAULT_MODEL, DEFAULT_MODELS, Model, fit_model, label_texts, load_model
from briefbench.baselines.saved import Origin, Storable, encode
from briefbench.dataset.release import build, read_checksums, write
from briefbench.errors import InputError, ReleaseError, UnknownNameError
from briefbench.evaluation.predictions import read_predictions
from briefbench.evaluation.reference import read_reference
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
    return fit_model("tfidf-lr", release)


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
    fit_model("tfidf-lr")
    stored = read_result(ROOT / "baselines" / "results" / "tfidf-lr.json")
    assert searches == [stored.chosen]


def test_on_another_release_the_choice_of_the_leaderboard_is_not_used(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searches = record_fits(monkeypatch)
    fit_model("tfidf-lr", release)
    assert searches == [None]


@pytest.fixture(scope="module")
def light(release: Path) -> Model:
    return fit_model("light", release)


def put(model: Model, folder: Path, origin: Origin) -> Path:
    """Save a model below a project's ``baselines/models/``, and return its file."""
    path = folder / "baselines" / "models" / origin.file
    path.parent.mkdir(parents=True, exist_ok=True)
    assert isinstance(model.fitted, Storable)
    path.write_bytes(encode(model.fitted, origin))
    return path


@pytest.fixture
def project(release: Path, tmp_path: Path) -> Path:
    """A project with a release of its own and no model."""
    return Path(shutil.copytree(release, tmp_path / "dataset")).parent


def never(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be fitted."""

    def fail(*arguments: object) -> None:
        raise AssertionError("fitted")

    monkeypatch.setattr(label, "fit_model", fail)


def test_a_saved_model_of_the_release_labels_without_a_fit(
    light: Model, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = read_checksums(project / "dataset").data
    put(light, project, Origin("light", data))
    never(monkeypatch)
    for name in (None, "light"):
        found = load_model(name, project / "dataset")
        assert (found.name, found.signature) == ("light", light.signature)
        assert label_texts(found, TEXTS) == label_texts(light, TEXTS)


def test_the_best_of_the_saved_models_is_the_default(light: Model, project: Path) -> None:
    data = read_checksums(project / "dataset").data
    for name in reversed(DEFAULT_MODELS):
        put(light, project, Origin(name, data))
        assert load_model(None, project / "dataset").name == name


@pytest.mark.parametrize(
    "origin", [Origin("light", "0" * 64), Origin("light", "", seed=1), Origin("light", "", "publishers")]
)
def test_a_saved_model_of_something_else_is_not_used(
    light: Model, project: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = origin.data or read_checksums(project / "dataset").data
    put(light, project, replace(origin, data=data)).rename(project / "baselines" / "models" / "light.safetensors")
    monkeypatch.setattr(label, "fit_model", lambda name, folder: (name, folder))
    assert load_model(None, project / "dataset") == ("light", project / "dataset")


def test_a_damaged_model_is_refused_and_not_passed_over(project: Path) -> None:
    path = project / "baselines" / "models" / "light.safetensors"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no model")
    with pytest.raises(InputError, match="not a model of briefbench"):
        load_model(None, project / "dataset")


def test_a_file_may_be_named_whatever_release_it_was_made_from(light: Model, tmp_path: Path) -> None:
    path = put(light, tmp_path, Origin("light", "f" * 64))
    found = load_model(str(path), tmp_path / "nowhere")
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.signature.endswith(f"|model:light|data:ffffffffffff|file:{content[:12]}")
    assert label_texts(found, TEXTS) == label_texts(light, TEXTS)
    with pytest.raises(InputError, match="no such file"):
        load_model(str(tmp_path / "gone.safetensors"))


def test_the_model_that_comes_with_briefbench_is_that_of_its_release_and_of_its_stored_predictions() -> None:
    model = load_model()
    assert model.name == DEFAULT_MODELS[0]
    assert model.signature.endswith(f"|data:{read_checksums(ROOT / 'dataset').data[:12]}")
    stored = read_predictions(ROOT / "baselines" / "predictions" / f"{model.name}.parquet", read_reference())
    found = model.predict(read_examples()["test"].texts)
    for task, codes in stored.labels.items():
        assert found.labels[task].tolist() == codes.tolist()
        # Of rounded rows the largest takes what is left over of the others.
        np.testing.assert_allclose(found.probabilities[task], stored.probabilities[task], atol=1e-3)


def record_fits(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any] | None]:
    """Let no classifier be fitted, and note the hyperparameters that each fit was given."""
    given: list[Mapping[str, Any] | None] = []

    def note(featurize: Any, classifier: str, train: Any, validation: Any, chosen: Mapping[str, Any] | None) -> None:
        given.append(chosen)

    monkeypatch.setattr(linear, "_fit", note)
    return given
