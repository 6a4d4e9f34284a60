"""`briefbench.evaluate`: from a file or a table to figures whose signature names all that went in, and that travel."""

from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from datasets import Dataset

import briefbench
from briefbench.dataset.release import build, write
from briefbench.errors import PredictionError, UnknownNameError
from briefbench.evaluation import Evaluation
from briefbench.evaluation.predictions import write_predictions
from briefbench.evaluation.reference import Reference, read_reference
from briefbench.files import to_json
from briefbench.schema import PROTOCOLS, SPLITS, TASKS
from evaluation_support import Codes, noisy, sklearn_macro_f1
from tests_support import SmallProject


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


def half_right(reference: Reference, seed: int) -> dict[str, Codes]:
    random = np.random.default_rng(seed)
    return {task.name: noisy(random, reference.labels[task.name], len(task), 0.5) for task in TASKS}


@pytest.mark.parametrize("bundled", [True, False], ids=["bundled release", "own release"])
def test_a_file_is_scored_against_the_gold_of_its_release(small: Path, tmp_path: Path, bundled: bool) -> None:
    folder = None if bundled else small
    reference = read_reference(dataset=folder)
    labels = half_right(reference, 1)
    found = briefbench.evaluate(store(tmp_path / "p.parquet", reference, labels), dataset=folder, resamples=50)
    scores = [sklearn_macro_f1(task, reference.labels[task.name], labels[task.name]) for task in TASKS]
    assert [result.macro_f1.value for result in found.tasks] == pytest.approx(scores, abs=1e-12)
    assert found.headline is not None
    assert found.headline.value == pytest.approx(np.mean(scores), abs=1e-12)
    assert (found.bullets, found.weeks) == (len(reference), len(reference.weeks[1]))
    assert (found.split, found.data) == ("weeks/test", reference.data)


def test_perfect_predictions_count_a_label_that_no_bullet_has_as_zero(small: Path, perfect: Path) -> None:
    found = briefbench.evaluate(perfect, dataset=small, resamples=20)
    for task in TASKS:
        result = found.task(task.name)
        assert {one.f1 for one in result.labels if one.support} == {1.0}
        assert {one.f1 for one in result.labels if not one.support} == {0.0}
        assert result.macro_f1.value == result.attainable == pytest.approx(3 / len(task), abs=1e-12)
        assert result.accuracy.value == result.mcc.value == 1.0


def test_perfect_predictions_on_the_bundled_test_part_score_one(tmp_path: Path) -> None:
    reference = read_reference()
    path = store(tmp_path / "p.parquet", reference, dict(reference.labels))
    found = briefbench.evaluate(path, resamples=20)
    assert [result.macro_f1.value for result in found.tasks] == [1.0, 1.0, 1.0]
    assert [result.attainable for result in found.tasks] == [1.0, 1.0, 1.0]
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
    assert found.task("topic").accuracy.value == 1.0
    assert f"|split:{split}|" in found.task("topic").macro_f1.signature


def test_a_file_a_path_as_text_a_table_and_a_dataset_score_the_same(small: Path, tmp_path: Path) -> None:
    reference = read_reference(dataset=small)
    labels = half_right(reference, 3)
    columns = {"bullet_id": reference.bullet_ids}
    columns |= {task.name: [task.names[code] for code in labels[task.name]] for task in TASKS}
    path = store(tmp_path / "p.parquet", reference, labels)
    found = [
        briefbench.evaluate(source, dataset=small, resamples=20)
        for source in (path, str(path), pa.table(columns), Dataset.from_dict(columns))
    ]
    assert found[1:] == [found[0]] * 3


def test_the_order_of_the_rows_in_the_file_changes_nothing(small: Path, tmp_path: Path) -> None:
    reference = read_reference(dataset=small)
    labels, order = half_right(reference, 4), np.random.default_rng(0).permutation(len(reference))
    one = store(tmp_path / "one.parquet", reference, labels)
    other = tmp_path / "other.parquet"
    ids = [reference.bullet_ids[i] for i in order]
    other.write_bytes(write_predictions(ids, {name: codes[order] for name, codes in labels.items()}))
    assert briefbench.evaluate(one, dataset=small, resamples=50) == briefbench.evaluate(
        other, dataset=small, resamples=50
    )


def test_predictions_of_one_split_are_refused_on_another(small: Path, perfect: Path) -> None:
    with pytest.raises(PredictionError, match=r"row 1: bullet_id .* is not in weeks/train"):
        briefbench.evaluate(perfect, split="weeks/train", dataset=small)


def test_an_unknown_split_task_property_or_interval_is_refused(small: Path, perfect: Path) -> None:
    with pytest.raises(UnknownNameError, match="no split 'weeks/dev'"):
        briefbench.evaluate(perfect, split="weeks/dev", dataset=small)
    with pytest.raises(UnknownNameError, match="no task 'mood'; the tasks are topic"):
        briefbench.evaluate(perfect, task="mood", dataset=small)
    with pytest.raises(UnknownNameError, match="cannot slice by 'mood'"):
        briefbench.evaluate(perfect, by="mood", dataset=small)
    with pytest.raises(UnknownNameError, match="no interval 'mood'; the intervals are bca and percentile"):
        briefbench.evaluate(perfect, interval="mood", dataset=small)  # type: ignore[arg-type]


def test_a_task_that_the_file_does_not_predict_is_refused(small: Path, tmp_path: Path) -> None:
    reference = read_reference(dataset=small)
    path = store(tmp_path / "p.parquet", reference, {"topic": reference.labels["topic"]})
    with pytest.raises(UnknownNameError, match="no column for task 'stance'"):
        briefbench.evaluate(path, task="stance", dataset=small)


def test_one_task_alone_scores_as_it_does_beside_the_others(small: Path, perfect: Path) -> None:
    whole = briefbench.evaluate(perfect, dataset=small, by=["year", "section"], resamples=50)
    alone = briefbench.evaluate(str(perfect), task="stance", dataset=str(small), by="year", resamples=50)
    assert alone.tasks == (whole.task("stance"),)
    assert alone.slices == tuple(one for one in whole.slices if (one.by, one.task) == ("year", "stance"))
    assert alone.headline is None
    assert len(whole.slices) == 2 * len(TASKS)


def test_the_signatures_name_data_split_labels_interval_resamples_and_seed(small: Path, perfect: Path) -> None:
    data = read_reference(dataset=small).data
    found = briefbench.evaluate(perfect, dataset=small)
    assert found.task("stance").macro_f1.signature == (
        f"briefbench:0.1|data:{data[:12]}|split:weeks/test|task:stance|metric:macro_f1|labels:4"
        "|ci:bca,cluster_week,10000,seed12345"
    )
    assert found.headline is not None
    assert "|task:mean|metric:macro_f1|labels:27|" in found.headline.signature
    other = briefbench.evaluate(perfect, dataset=small, resamples=77, seed=5, interval="percentile")
    assert other.task("stance").mcc.signature.endswith("|metric:mcc|labels:4|ci:percentile,cluster_week,77,seed5")
    signatures = [score.signature for one in (found, other) for _, score in one.scores()]
    assert len(set(signatures)) == len(signatures) == 2 * 13


def test_the_same_call_gives_the_same_result_and_another_seed_another_interval(tmp_path: Path) -> None:
    reference = read_reference()
    path = store(tmp_path / "p.parquet", reference, half_right(reference, 2))
    first = briefbench.evaluate(path, resamples=200)
    assert first == briefbench.evaluate(path, resamples=200)
    other = briefbench.evaluate(path, resamples=200, seed=1)
    assert other.task("topic").macro_f1.value == first.task("topic").macro_f1.value
    assert other.task("topic").macro_f1.interval != first.task("topic").macro_f1.interval


def test_a_result_survives_json_to_the_last_digit(small: Path, perfect: Path) -> None:
    found = briefbench.evaluate(perfect, dataset=small, by="month", resamples=50)
    assert msgspec.json.decode(to_json(found), type=Evaluation) == found


def test_a_result_prints_its_scores(small: Path, perfect: Path) -> None:
    found = briefbench.evaluate(perfect, dataset=small, resamples=50)
    assert repr(found) == "Evaluation(weeks/test: macro-F1 topic 0.250, stance 0.750, source_type 0.273, mean 0.424)"
