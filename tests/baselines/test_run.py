"""Running a baseline: the stored files say all that is needed to get the same scores again."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from briefbench.baselines.base import Examples, read_examples
from briefbench.baselines.extras import available
from briefbench.baselines.registry import BASELINES, baseline_of
from briefbench.baselines.run import Run, run
from briefbench.dataset.release import build, write
from briefbench.errors import InputError, UnknownNameError
from briefbench.evaluation import evaluate
from briefbench.evaluation.reference import read_reference
from briefbench.evaluation.systems import SystemResult, read_result, read_results
from briefbench.schema import TASK_NAMES
from tests_support import SmallProject

Prepared = dict[str, Run]

# Those that can be fitted with what is installed here; the encoders have tests and an environment of their own.
HERE = [baseline for baseline in BASELINES if available(baseline)]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small release."""
    project = SmallProject.write(tmp_path_factory.mktemp("run") / "project")
    write(build(project.annotation, min_test_class=1), project.root / "dataset")
    return project.root / "dataset"


@pytest.fixture(scope="module")
def examples(release: Path) -> dict[str, Examples]:
    return read_examples(dataset=release)


@pytest.fixture(scope="module")
def runs(release: Path, examples: dict[str, Examples]) -> Prepared:
    """Every baseline that can be fitted here, run on the small release."""
    return {baseline.name: run(baseline, examples, read_reference(dataset=release)) for baseline in HERE}


@pytest.mark.parametrize("name", [baseline.name for baseline in HERE])
def test_the_stored_predictions_give_the_stored_scores(
    runs: Prepared, release: Path, tmp_path: Path, name: str
) -> None:
    files = runs[name].files()
    assert set(files) == {f"predictions/{name}.parquet", f"results/{name}.json"}
    path = tmp_path / f"{name}.parquet"
    path.write_bytes(files[f"predictions/{name}.parquet"])
    stored = msgspec.json.decode(files[f"results/{name}.json"], type=SystemResult)
    assert stored == runs[name].result
    assert evaluate(path, dataset=release) == stored.evaluation
    assert (stored.name, stored.kind, stored.description) == (
        name,
        baseline_of(name).kind,
        baseline_of(name).description,
    )


def test_running_again_gives_the_same_bytes(runs: Prepared, release: Path, examples: dict[str, Examples]) -> None:
    again = run(baseline_of("tfidf-lr"), examples, read_reference(dataset=release))
    assert again.files() == runs["tfidf-lr"].files()


def test_the_test_labels_cannot_change_a_prediction(
    runs: Prepared, release: Path, examples: dict[str, Examples]
) -> None:
    swapped = {task: codes[::-1] for task, codes in examples["test"].labels.items()}
    spoiled = {**examples, "test": replace(examples["test"], labels=swapped)}
    for name in ("stratified", "section", "tfidf-lr", "tfidf-svm"):
        found = run(baseline_of(name), spoiled, read_reference(dataset=release))
        assert found.result.chosen == runs[name].result.chosen
        for task in TASK_NAMES:
            assert found.predictions.labels[task].tolist() == runs[name].predictions.labels[task].tolist()


def test_only_systems_with_probabilities_have_a_calibration_error(runs: Prepared) -> None:
    for name in ("majority", "stratified", "tfidf-svm"):
        assert all(task.calibration_error is None for task in runs[name].result.evaluation.tasks)
    for name in ("section", "publisher", "month", "tfidf-lr"):
        errors = [task.calibration_error for task in runs[name].result.evaluation.tasks]
        assert all(error is not None and 0 <= error.value <= 1 for error in errors)


def test_stored_probabilities_have_four_digits_and_sum_to_one(runs: Prepared) -> None:
    for table in runs["tfidf-lr"].predictions.probabilities.values():
        np.testing.assert_allclose(table * 10_000, np.rint(table * 10_000), atol=1e-8)
        np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-12)


def test_the_text_baselines_learn_the_small_corpus_and_the_floors_do_not(runs: Prepared) -> None:
    def accuracy(name: str) -> float:
        return runs[name].result.evaluation.task("stance").accuracy.value

    assert accuracy("tfidf-lr") == accuracy("tfidf-svm") == 1.0
    assert accuracy("majority") < 0.5


def test_examples_hold_what_shortcuts_may_see_and_no_more(examples: dict[str, Examples]) -> None:
    train = examples["train"]
    assert set(train.fields) == {"section", "publisher", "month"}
    assert all(len(month) == 7 for month in train.fields["month"])
    assert len(train) == len(train.texts) == len(train.fields["publisher"]) == 39


def test_examples_of_an_unknown_protocol_are_refused(release: Path) -> None:
    with pytest.raises(UnknownNameError, match="no protocol 'months'"):
        read_examples("months", release)


def test_results_are_read_in_the_order_of_their_names(runs: Prepared, tmp_path: Path) -> None:
    for one in runs.values():
        for name, content in one.files().items():
            if name.startswith("results/"):
                (tmp_path / Path(name).name).write_bytes(content)
    assert [result.name for result in read_results(tmp_path)] == sorted(runs)


def test_a_folder_without_results_is_refused_with_the_command_that_makes_them(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no stored result; run briefbench baseline run all"):
        read_results(tmp_path / "nowhere")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"name": 1}', b"\xff\xfe", b"null", b"[" * 100_000])
def test_what_is_no_result_is_refused_with_its_path(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"broken\.json: not a result: .*; make it again"):
        read_result(path)
