"""`briefbench.evaluate`: its figures are scikit-learn's, its signature names all that went in, its result travels."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support

import briefbench
from briefbench.dataset.release import build, write
from briefbench.errors import PredictionError, UnknownNameError
from briefbench.evaluation import Evaluation
from briefbench.evaluation.predictions import write_predictions
from briefbench.evaluation.reference import Reference, read_reference
from briefbench.files import to_json
from briefbench.schema import PROTOCOLS, SPLITS, TASKS
from tests_support import SmallProject

Codes = NDArray[np.int64]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small release."""
    project = SmallProject.write(tmp_path_factory.mktemp("evaluate") / "project")
    write(build(project.annotation, min_test_class=1), project.root / "dataset")
    return project.root / "dataset"


@pytest.fixture
def perfect(small: Path, tmp_path: Path) -> Path:
    reference = read_reference(dataset=small)
    return store(tmp_path / "perfect.parquet", reference, dict(reference.labels))


def store(path: Path, reference: Reference, labels: dict[str, Codes]) -> Path:
    path.write_bytes(write_predictions(reference.bullet_ids, labels))
    return path


def noisy(reference: Reference, seed: int) -> dict[str, Codes]:
    """Return predictions of which about half are right."""
    rng = np.random.default_rng(seed)
    bullets = len(reference.bullet_ids)
    return {
        task.name: np.where(rng.random(bullets) < 0.5, reference.labels[task.name], rng.integers(0, len(task), bullets))
        for task in TASKS
    }


@pytest.mark.parametrize("bundled", [True, False], ids=["bundled release", "own release"])
def test_every_figure_is_scikit_learns(small: Path, tmp_path: Path, bundled: bool) -> None:
    folder = None if bundled else small
    reference = read_reference(dataset=folder)
    labels = noisy(reference, 1)
    found = briefbench.evaluate(store(tmp_path / "p.parquet", reference, labels), dataset=folder, resamples=50)
    scores = []
    for task in TASKS:
        gold, predicted, result = reference.labels[task.name], labels[task.name], found.task(task.name)
        scores.append(f1_score(gold, predicted, labels=range(len(task)), average="macro", zero_division=0))
        assert result.macro_f1 == pytest.approx(scores[-1], abs=1e-12)
        assert result.accuracy == pytest.approx(accuracy_score(gold, predicted), abs=1e-12)
        by_label = precision_recall_fscore_support(gold, predicted, labels=range(len(task)), zero_division=0)
        ours = [(one.precision, one.recall, one.f1, one.support) for one in result.labels]
        np.testing.assert_allclose(np.array(ours).T, np.array(by_label), atol=1e-12)
        assert [one.label for one in result.labels] == list(task.names)
        assert [one.predicted for one in result.labels] == np.bincount(predicted, minlength=len(task)).tolist()
        table = confusion_matrix(gold, predicted, labels=range(len(task)))
        assert np.array(result.confusion).tolist() == table.tolist()
        assert result.interval.low <= result.macro_f1 <= result.interval.high
    assert found.headline is not None
    assert found.headline.value == pytest.approx(np.mean(scores), abs=1e-12)
    assert (found.bullets, found.weeks) == (len(reference.bullet_ids), len(set(reference.weeks)))


def test_perfect_predictions_count_a_label_that_no_bullet_has_as_zero(small: Path, perfect: Path) -> None:
    found = briefbench.evaluate(perfect, dataset=small)
    for task in TASKS:
        result = found.task(task.name)
        assert {one.f1 for one in result.labels if one.support} == {1.0}
        assert {one.f1 for one in result.labels if not one.support} == {0.0}
        assert result.macro_f1 == pytest.approx(3 / len(task), abs=1e-12)
        assert result.accuracy == 1.0


def test_perfect_predictions_on_the_bundled_test_part_score_one(tmp_path: Path) -> None:
    reference = read_reference()
    path = store(tmp_path / "p.parquet", reference, dict(reference.labels))
    found = briefbench.evaluate(path, resamples=20)
    assert [result.macro_f1 for result in found.tasks] == [1.0, 1.0, 1.0]
    assert found.headline is not None
    assert found.headline.value == 1.0


@pytest.mark.parametrize("part", SPLITS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_split_can_be_scored(small: Path, tmp_path: Path, protocol: str, part: str) -> None:
    split = f"{protocol}/{part}"
    reference = read_reference(split, small)
    path = store(tmp_path / "p.parquet", reference, dict(reference.labels))
    found = briefbench.evaluate(path, split=split, dataset=small, resamples=20)
    assert found.split == split
    assert found.task("topic").accuracy == 1.0
    assert f"|split:{split}|" in found.task("topic").signature


def test_predictions_of_one_split_are_refused_on_another(small: Path, perfect: Path) -> None:
    with pytest.raises(PredictionError, match=r"row 1: bullet_id .* is not in weeks/train"):
        briefbench.evaluate(perfect, split="weeks/train", dataset=small)


def test_an_unknown_split_or_task_is_refused(small: Path, perfect: Path) -> None:
    with pytest.raises(UnknownNameError, match="no split 'weeks/dev'"):
        briefbench.evaluate(perfect, split="weeks/dev", dataset=small)
    with pytest.raises(UnknownNameError, match="has no column for task 'mood'"):
        briefbench.evaluate(perfect, task="mood", dataset=small)


def test_a_task_that_the_file_does_not_predict_is_refused(small: Path, tmp_path: Path) -> None:
    reference = read_reference(dataset=small)
    path = store(tmp_path / "p.parquet", reference, {"topic": reference.labels["topic"]})
    with pytest.raises(UnknownNameError, match="has no column for task 'stance'"):
        briefbench.evaluate(path, task="stance", dataset=small)


@pytest.mark.parametrize("tasks", [("topic",), ("topic", "stance")])
def test_the_headline_is_there_only_when_all_tasks_were_predicted(
    small: Path, tmp_path: Path, tasks: tuple[str, ...]
) -> None:
    reference = read_reference(dataset=small)
    path = store(tmp_path / "p.parquet", reference, {task: reference.labels[task] for task in tasks})
    found = briefbench.evaluate(path, dataset=small)
    assert found.headline is None
    assert tuple(result.task for result in found.tasks) == tasks
    with pytest.raises(KeyError):
        found.task("source_type")


def test_one_task_alone_scores_as_it_does_beside_the_others(small: Path, perfect: Path) -> None:
    whole = briefbench.evaluate(perfect, dataset=small)
    alone = briefbench.evaluate(str(perfect), task="stance", dataset=str(small))
    assert alone.tasks == (whole.task("stance"),)
    assert alone.headline is None


def test_the_signatures_name_data_split_labels_resamples_and_seed(small: Path, perfect: Path) -> None:
    data = read_reference(dataset=small).data
    found = briefbench.evaluate(perfect, dataset=small)
    assert found.task("stance").signature == (
        f"briefbench:0.1|data:{data[:12]}|split:weeks/test|task:stance|metric:macro_f1|labels:4"
        "|ci:cluster_week,10000,seed12345"
    )
    assert found.headline is not None
    assert "|task:mean|metric:macro_f1|labels:27|" in found.headline.signature
    other = briefbench.evaluate(perfect, dataset=small, resamples=77, seed=5)
    assert other.task("stance").signature.endswith("|ci:cluster_week,77,seed5")
    assert len({result.signature for result in (*found.tasks, *other.tasks)}) == 6


def test_the_same_call_gives_the_same_result_and_another_seed_another_interval(tmp_path: Path) -> None:
    reference = read_reference()
    path = store(tmp_path / "p.parquet", reference, noisy(reference, 2))
    first = briefbench.evaluate(path, resamples=200)
    assert first == briefbench.evaluate(path, resamples=200)
    other = briefbench.evaluate(path, resamples=200, seed=1)
    assert other.task("topic").macro_f1 == first.task("topic").macro_f1
    assert other.task("topic").interval != first.task("topic").interval


def test_a_result_survives_json_to_the_last_digit(small: Path, perfect: Path) -> None:
    found = briefbench.evaluate(perfect, dataset=small)
    assert msgspec.json.decode(to_json(found), type=Evaluation) == found


def test_a_result_prints_its_scores(small: Path, perfect: Path) -> None:
    found = briefbench.evaluate(perfect, dataset=small)
    assert repr(found) == "Evaluation(weeks/test: macro-F1 topic 0.250, stance 0.750, source_type 0.273)"
