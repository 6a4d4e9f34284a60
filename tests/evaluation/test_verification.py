"""Verification: an untouched result passes, and whatever was changed in it is named."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from briefbench.dataset.release import build, write
from briefbench.errors import InputError, PredictionError, UnknownNameError, VerificationError
from briefbench.evaluation import Evaluation, evaluate
from briefbench.evaluation.predictions import write_predictions
from briefbench.evaluation.reference import Reference, read_reference
from briefbench.evaluation.verification import difference, options_of, verify
from briefbench.files import to_json
from briefbench.schema import TASKS
from evaluation_support import Codes, noisy
from tests_support import SmallProject

BY = ("publisher", "2023-03-01")
Fields = dict[str, Any]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = SmallProject.write(tmp_path_factory.mktemp("verify") / "project", count=90)
    write(build(project.annotation, min_test_class=1), project.root / "dataset")
    return project.root / "dataset"


def predicted(reference: Reference, *, whole: bool = True) -> bytes:
    """Return a file that predicts labels and, as a ``whole`` one, everything else, with some mistakes."""
    random = np.random.default_rng(1)
    labels = {task.name: noisy(random, reference.labels[task.name], len(task)) for task in TASKS}
    if not whole:
        return write_predictions(reference.bullet_ids, labels)
    return write_predictions(
        reference.bullet_ids,
        labels,
        {task.name: random.dirichlet(np.ones(len(task)), len(reference)) for task in TASKS},
        spans=reference.spans[np.where(random.random(len(reference)) < 0.8, np.arange(len(reference)), 0)],
        source_types=reference.source_types,
    )


@pytest.fixture(scope="module")
def stored(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result beside its predictions, with slices, spans, sets, probabilities and options of its own."""
    folder = tmp_path_factory.mktemp("stored")
    predictions = folder / "predictions.parquet"
    predictions.write_bytes(predicted(read_reference(dataset=release)))
    found = evaluate(predictions, dataset=release, by=BY, resamples=60, seed=7, interval="percentile")
    (folder / "result.json").write_text(to_json(found))
    return folder / "result.json"


def fields(path: Path) -> Fields:
    return dict(msgspec.json.decode(path.read_bytes()))


def leaves(value: object, where: str = "") -> Iterator[tuple[str, object]]:
    """Yield every number and text of a result with its place, such as ``tasks[0].mcc.value``."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(inner, f"{where}.{key}".lstrip("."))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from leaves(inner, f"{where}[{i}]")
    else:
        yield where, value


def changed(whole: Fields, where: str, new: object = None) -> Fields:
    """Return a copy in which one field has another value."""
    steps = [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", where)]
    copy = deepcopy(whole)
    inner: Any = copy
    for step in steps[:-1]:
        inner = inner[step]
    old = inner[steps[-1]]
    inner[steps[-1]] = new if new is not None else f"{old}x" if isinstance(old, str) else old + 1
    return copy


def written(folder: Path, whole: object, stored: Path) -> Path:
    """Write a result and its predictions into a folder."""
    (folder / "predictions.parquet").write_bytes((stored.parent / "predictions.parquet").read_bytes())
    path = folder / "result.json"
    path.write_bytes(msgspec.json.encode(whole))
    return path


def test_an_untouched_result_is_recomputed_with_its_own_options(stored: Path, release: Path) -> None:
    found = verify(stored, dataset=release)
    assert found == msgspec.json.decode(stored.read_bytes(), type=Evaluation)
    assert options_of(found) == {"interval": "percentile", "resamples": 60, "seed": 7, "by": BY}
    assert found.span is not None
    assert found.source_types is not None
    assert len(found.slices) == 6


def test_every_kind_of_field_is_compared_and_named(stored: Path) -> None:
    whole = fields(stored)
    truth = msgspec.convert(whole, Evaluation)
    assert difference(truth, truth) is None
    kinds = {re.sub(r"\d+", "*", where): where for where, value in leaves(whole) if value is not None}
    assert len(kinds) > 60
    for where in kinds.values():
        found = difference(msgspec.convert(changed(whole, where), Evaluation), truth)
        assert found is not None, where
        assert found.startswith(f"{where}: stored "), where


@pytest.mark.parametrize(
    "where",
    [
        "bullets",
        "weeks",
        "predictions",
        "tasks[0].macro_f1.value",
        "tasks[0].macro_f1.interval.low",
        "tasks[1].accuracy.interval.high",
        "tasks[1].mcc.signature",
        "tasks[1].vote_share.metric",
        "tasks[2].labels[3].precision",
        "tasks[2].labels[3].label",
        "tasks[2].labels[10].support",
        "tasks[1].confusion[2][3]",
        "tasks[0].calibration_error.value",
        "tasks[0].soft_cross_entropy.value",
        "tasks[0].brier.interval.low",
        "tasks[0].calibration[14].bullets",
        "tasks[0].calibration[2].confidence",
        "headline.value",
        "headline.signature",
        "span.token_f1.value",
        "span.exact_match.interval.high",
        "source_types.macro_f1.value",
        "source_types.labels[1].f1",
        "slices[0].groups[1].accuracy",
        "slices[0].groups[0].interval.low",
        "slices[4].groups[0].name",
        "slices[0].worst",
        "slices[5].signature",
    ],
)
def test_a_changed_field_is_named(stored: Path, release: Path, tmp_path: Path, where: str) -> None:
    path = written(tmp_path, changed(fields(stored), where), stored)
    with pytest.raises(
        VerificationError, match=re.escape(f": not what {tmp_path}/predictions.parquet scores: {where}: ")
    ):
        verify(path, dataset=release)


@pytest.mark.parametrize("change", [1e-7, -1e-7])
def test_a_score_that_moved_by_a_ten_millionth_does_not_pass_and_one_by_the_last_digits_does(
    stored: Path, release: Path, tmp_path: Path, change: float
) -> None:
    whole = fields(stored)
    value = whole["headline"]["value"]
    with pytest.raises(VerificationError, match=r"headline\.value: stored "):
        verify(written(tmp_path, changed(whole, "headline.value", value + change), stored), dataset=release)
    verify(written(tmp_path, changed(whole, "headline.value", value + change / 1e6), stored), dataset=release)


@pytest.mark.parametrize("where", ["tasks[0].labels", "tasks[1].calibration", "slices[2].groups"])
def test_a_list_that_was_emptied_is_named(stored: Path, release: Path, tmp_path: Path, where: str) -> None:
    path = written(tmp_path, changed(fields(stored), where, []), stored)
    with pytest.raises(VerificationError, match=rf"{re.escape(where)}: stored \(\), recomputed "):
        verify(path, dataset=release)


def test_a_result_without_the_slices_is_the_one_that_was_never_asked_for_them(
    stored: Path, release: Path, tmp_path: Path
) -> None:
    assert verify(written(tmp_path, fields(stored) | {"slices": []}, stored), dataset=release).slices == ()


@pytest.mark.parametrize("where", ["headline", "span", "source_types"])
def test_a_part_set_to_nothing_is_named(stored: Path, release: Path, tmp_path: Path, where: str) -> None:
    whole = fields(stored) | {where: None}
    with pytest.raises(VerificationError, match=rf"{where}: stored None, recomputed "):
        verify(written(tmp_path, whole, stored), dataset=release)


def test_without_spans_and_sets_the_hash_of_the_predictions_tells(stored: Path, release: Path, tmp_path: Path) -> None:
    whole = fields(stored) | {"span": None, "source_types": None}
    with pytest.raises(VerificationError, match="scores: predictions: stored "):
        verify(written(tmp_path, whole, stored), dataset=release)


@pytest.mark.parametrize("where", ["better", "tasks[1].better", "slices[0].groups[0].better", "headline.better"])
def test_a_field_that_no_result_has_is_refused(stored: Path, release: Path, tmp_path: Path, where: str) -> None:
    whole = fields(stored)
    inner: Any = whole
    for step in re.findall(r"[^.\[\]]+", where)[:-1]:
        inner = inner[int(step) if step.isdigit() else step]
    inner["better"] = 1.0
    with pytest.raises(InputError, match=re.escape(f"has a field '{where}' that no result has")):
        verify(written(tmp_path, whole, stored), dataset=release)


def test_scores_on_other_data_are_not_compared(stored: Path, release: Path, tmp_path: Path) -> None:
    path = written(tmp_path, fields(stored) | {"data": "f" * 64}, stored)
    data = read_reference(dataset=release).data[:12]
    with pytest.raises(VerificationError, match=rf"data: scored on ffffffffffff, this release is {data}; name the rel"):
        verify(path, dataset=release)
    with pytest.raises(VerificationError, match="data: scored on "):
        verify(stored)  # the release that comes with the package is another


def test_another_prediction_file_is_named_as_what_does_not_score_this(
    stored: Path, release: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.parquet"
    other.write_bytes(predicted(read_reference(dataset=release), whole=False))
    with pytest.raises(VerificationError, match=rf"not what {re.escape(str(other))} scores: predictions: stored "):
        verify(stored, other, release)


@pytest.mark.parametrize("ending", ["parquet", "jsonl", "csv"])
@pytest.mark.parametrize("layout", ["beside", "folders"])
def test_predictions_are_found_in_both_layouts(release: Path, tmp_path: Path, layout: str, ending: str) -> None:
    places = {
        "beside": (tmp_path / "result.json", tmp_path / f"predictions.{ending}"),
        "folders": (tmp_path / "results" / "mine.json", tmp_path / "predictions" / f"mine.{ending}"),
    }
    result, predictions = places[layout]
    for path in (result, predictions):
        path.parent.mkdir(exist_ok=True)
    reference = read_reference(dataset=release)
    rows = [
        {"bullet_id": identifier, "topic": TASKS[0].names[code]}
        for identifier, code in zip(reference.bullet_ids, reference.labels["topic"], strict=True)
    ]
    text = {
        "csv": "bullet_id,topic\n" + "".join(f"{row['bullet_id']},{row['topic']}\n" for row in rows),
        "jsonl": "".join(f"{msgspec.json.encode(row).decode()}\n" for row in rows),
    }
    data = write_predictions(reference.bullet_ids, {"topic": reference.labels["topic"]})
    predictions.write_bytes(text[ending].encode() if ending in text else data)
    result.write_text(to_json(evaluate(predictions, dataset=release, resamples=20)))
    assert verify(result, dataset=release).task("topic").accuracy.value == 1.0
    predictions.unlink()
    with pytest.raises(InputError, match="no predictions beside it; name them with --predictions FILE"):
        verify(result, dataset=release)


@pytest.mark.parametrize("tasks", [["topic"], ["stance", "topic"], [task.name for task in TASKS]])
def test_a_result_of_some_tasks_is_verified_on_those(
    stored: Path, release: Path, tmp_path: Path, tasks: list[str]
) -> None:
    found = evaluate(stored.parent / "predictions.parquet", task=tasks, dataset=release, resamples=20)
    assert found.span is None
    again = verify(written(tmp_path, found, stored), dataset=release)
    assert again == found
    assert len(again.tasks) == len(tasks)


def test_a_result_of_spans_alone_is_verified(release: Path, tmp_path: Path) -> None:
    reference = read_reference(dataset=release)
    predictions = tmp_path / "predictions.parquet"
    labels: dict[str, Codes] = {}
    predictions.write_bytes(write_predictions(reference.bullet_ids, labels, spans=reference.spans))
    path = tmp_path / "result.json"
    path.write_text(to_json(evaluate(predictions, dataset=release, resamples=20)))
    assert verify(path, dataset=release).tasks == ()


def test_a_stored_system_is_verified_by_its_evaluation(stored: Path, release: Path, tmp_path: Path) -> None:
    verify(written(tmp_path, {"name": "mine", "evaluation": fields(stored)}, stored), dataset=release)


@pytest.mark.parametrize(
    "signature",
    ["", "bca", "ci:bca,cluster_week,0,seed1", "ci:bca,cluster_week,200000,seed1", "ci:bca,cluster_day,50,seed1"],
)
def test_a_signature_that_names_no_known_bootstrap_is_refused(
    stored: Path, release: Path, tmp_path: Path, signature: str
) -> None:
    whole = changed(fields(stored), "tasks[0].macro_f1.signature", signature or "-")
    with pytest.raises(VerificationError, match="names no bootstrap that this version knows"):
        verify(written(tmp_path, whole, stored), dataset=release)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"null", b'{"evaluation": 3}', b"\xff", b"[" * 100_000])
def test_what_is_no_result_is_refused(stored: Path, release: Path, tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, {}, stored)
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"result\.json: not a result of briefbench evaluate --json"):
        verify(path, dataset=release)


def test_forged_names_and_lost_predictions_are_one_line_errors(stored: Path, release: Path, tmp_path: Path) -> None:
    whole = fields(stored)
    with pytest.raises(UnknownNameError, match="no split 'weeks/exam'"):
        verify(written(tmp_path, whole | {"split": "weeks/exam"}, stored), dataset=release)
    with pytest.raises(UnknownNameError, match="cannot slice by 'mood'"):
        verify(written(tmp_path, changed(whole, "slices[0].by", "mood"), stored), dataset=release)
    with pytest.raises(PredictionError, match="is not in weeks/train"):
        verify(written(tmp_path, whole | {"split": "weeks/train"}, stored), dataset=release)
    with pytest.raises(InputError, match=r"missing\.json"):
        verify(tmp_path / "missing.json", dataset=release)
