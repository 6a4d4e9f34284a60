"""Submissions: what is accepted says all that the board needs; what is not is refused with the field that is wrong."""

import os
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from briefbench.errors import BriefbenchError, InputError, PredictionError, SubmissionError, VerificationError
from briefbench.evaluation.predictions import read_predictions, write_predictions
from briefbench.evaluation.reference import Reference, read_reference
from briefbench.evaluation.scoring import score
from briefbench.evaluation.submissions import (
    TEMPLATE,
    check_name,
    names,
    prepare,
    read_submission,
    read_system,
    scored,
)
from briefbench.evaluation.systems import SystemResult
from briefbench.files import to_json, write_all
from briefbench.schema import TASKS

SYSTEM = """\
description = "a drawer of rules"
parameters = 12
training_data = "BriefBench weeks/train"
test_set_seen = "no"
contact = "Ada, ada@example.org"
"""


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference()


@pytest.fixture
def folder(reference: Reference, tmp_path: Path) -> Path:
    """A submission that was prepared, described and scored."""
    place = tmp_path / "submissions" / "mine"
    place.mkdir(parents=True)
    (place / "predictions.parquet").write_bytes(write_predictions(reference.bullet_ids, reference.labels))
    (place / "system.toml").write_text(SYSTEM)
    write_all(scored(place, reference)[1])
    return place


def test_a_prepared_submission_holds_all_that_was_predicted(reference: Reference, tmp_path: Path) -> None:
    tables = {task.name: np.eye(len(task))[reference.labels[task.name]] for task in TASKS}
    source = tmp_path / "p.parquet"
    source.write_bytes(
        write_predictions(
            reference.bullet_ids,
            reference.labels,
            tables,
            spans=reference.spans,
            source_types=reference.source_types,
        )
    )
    files = prepare("mine", source, tmp_path / "submissions", reference)
    place = tmp_path / "submissions" / "mine"
    assert files[place / "system.toml"] == TEMPLATE.encode()
    write_all(files)
    kept = read_predictions(place / "predictions.parquet", reference)
    assert kept.digest() == read_predictions(source, reference).digest()


def test_preparing_again_replaces_predictions_and_keeps_the_description(reference: Reference, folder: Path) -> None:
    source = folder.parent.parent / "p.parquet"
    source.write_bytes((folder / "predictions.parquet").read_bytes())
    assert set(prepare("mine", source, folder.parent, reference)) == {folder / "predictions.parquet"}


def test_the_template_must_be_filled_in(tmp_path: Path) -> None:
    (tmp_path / "system.toml").write_text(TEMPLATE)
    with pytest.raises(SubmissionError, match=r"system\.toml: description is empty; fill it in"):
        read_system(tmp_path / "system.toml")
    filled = TEMPLATE.replace('test_set_seen = ""', 'test_set_seen = "no"')
    (tmp_path / "system.toml").write_text(filled)
    with pytest.raises(SubmissionError, match=r"system\.toml: description is empty; fill it in"):
        read_system(tmp_path / "system.toml")


def test_a_scored_submission_is_read_with_its_result(reference: Reference, folder: Path) -> None:
    found = read_submission(folder, reference)
    assert (found.name, found.system.parameters) == ("mine", 12)
    assert found.result is not None
    assert found.result.kind == "submission"
    assert found.result.description == "a drawer of rules"
    assert found.result.evaluation.headline is not None
    assert found.result.evaluation.headline.value == 1.0


def test_a_submission_that_was_not_scored_has_no_result(reference: Reference, folder: Path) -> None:
    (folder / "result.json").unlink()
    assert read_submission(folder, reference).result is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../x",
        "../../x",
        "a/b",
        "A",
        "ä",
        "a_b",
        "-a",
        "a-",
        "a" * 41,
        "a\n",
        "con.",
        "a b",
        "\x1b[31m",
        "²",
    ],
)
def test_a_name_that_could_leave_its_folder_or_mislead_is_refused(name: str) -> None:
    with pytest.raises(SubmissionError, match="a name has 1 to 40 of a-z, 0-9 and -") as refusal:
        check_name(name)
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize("name", ["a", "0", "mine-2", "a" * 40])
def test_plain_names_pass(name: str) -> None:
    assert check_name(name) == name


def test_the_name_of_a_baseline_is_taken() -> None:
    with pytest.raises(SubmissionError, match="submission majority: a baseline has this name; choose another"):
        check_name("majority", ["majority"])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('description = "a drawer of rules"\n', "", "Object missing required field `description`"),
        ("parameters = 12", 'parameters = "12"', "Expected `int`, got `str` - at `$.parameters`"),
        ("parameters = 12", "parameters = -1", "parameters must be from 0 to 1,000,000,000,000,000; give how many"),
        ("parameters = 12", "parameters = 1979-05-27", "- at `$.parameters`"),
        ('"no"', '"perhaps"', "test_set_seen is 'perhaps'; write no, yes or unknown"),
        ('"no"', '"yes"', "test_set_seen is 'yes'; say more in test_set_note"),
        ('"no"', '"unknown"', "test_set_seen is 'unknown'; say more in test_set_note"),
        ('"a drawer of rules"', '"  "', "description is empty; fill it in"),
        ('"Ada, ada@example.org"', '""', "contact is empty; fill it in"),
        ('"Ada, ada@example.org"', '"Ada"', "contact has no mail address and no web address; add one"),
        ('"a drawer of rules"', '"""two\nlines"""', "description must be one printable line of at most 300 characters"),
        ('"a drawer of rules"', '"\\u001B[31m"', "description must be one printable line"),
        ('"a drawer of rules"', f'"{"x" * 301}"', "description must be one printable line of at most 300 characters"),
        ("parameters = 12", "parameters = 12\nrank = 1", "Object contains unknown field `rank`"),
        ("parameters = 12", "parameters = 12\nparameters = 13", "not TOML in UTF-8: Cannot overwrite a value"),
        (
            "parameters = 12",
            'parameters = 12\nurl = "javascript:alert(1)"',
            "url is no web address; begin with https://",
        ),
        ("parameters = 12", 'parameters = 12\nurl = "https://a b"', "url is no web address"),
        ("parameters = 12", "[parameters]", "- at `$.parameters`"),
    ],
)
def test_a_wrong_field_is_refused_by_name(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in SYSTEM
    (tmp_path / "system.toml").write_text(SYSTEM.replace(old, new))
    with pytest.raises(SubmissionError) as refusal:
        read_system(tmp_path / "system.toml")
    assert words in str(refusal.value)
    assert str(refusal.value).startswith(str(tmp_path / "system.toml"))


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("run.py", lambda path: path.write_text("print(1)")),
        (".hidden", lambda path: path.write_text("x")),
        ("more", lambda path: path.mkdir()),
        ("result.json", lambda path: (path.unlink(), os.mkfifo(path))),
        ("system.toml", lambda path: (path.unlink(), path.symlink_to("/etc/hostname"))),
    ],
)
def test_nothing_but_the_three_plain_files_may_be_there(reference: Reference, folder: Path, name: str, make) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    make(folder / name)
    for read in (read_submission, scored):
        with pytest.raises(SubmissionError, match=f"{name}: a submission has only the files predictions.parquet"):
            read(folder, reference)


def test_a_folder_that_is_a_link_is_refused(reference: Reference, folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)
    with pytest.raises(SubmissionError, match="link: no such folder"):
        read_submission(link, reference)


def test_a_task_that_is_not_predicted_is_refused(reference: Reference, folder: Path) -> None:
    labels = {"topic": reference.labels["topic"]}
    (folder / "predictions.parquet").write_bytes(write_predictions(reference.bullet_ids, labels))
    with pytest.raises(SubmissionError, match="submission mine: stance and source_type is not predicted"):
        read_submission(folder, reference)


def test_a_result_that_the_predictions_do_not_score_is_refused_by_field(reference: Reference, folder: Path) -> None:
    result = msgspec.json.decode((folder / "result.json").read_bytes())
    result["evaluation"]["tasks"][1]["accuracy"]["value"] = 0.5
    (folder / "result.json").write_bytes(msgspec.json.encode(result))
    with pytest.raises(
        VerificationError, match=r"tasks\[1\]\.accuracy\.value: stored 0\.5, recomputed 1\.0; run brief"
    ):
        read_submission(folder, reference)


def test_a_result_with_a_bootstrap_of_the_submitters_choice_is_refused(reference: Reference, folder: Path) -> None:
    chosen = score(read_predictions(folder / "predictions.parquet", reference), reference, seed=7)
    result = msgspec.json.decode((folder / "result.json").read_bytes(), type=SystemResult)
    (folder / "result.json").write_text(to_json(replace(result, evaluation=chosen)))
    with pytest.raises(VerificationError, match=r"signature: stored .*seed7, recomputed .*seed12345; run briefbench"):
        read_submission(folder, reference)


@pytest.mark.parametrize(("field", "value"), [("name", "other"), ("kind", "text"), ("description", "the best of all")])
def test_a_result_that_says_other_than_the_description_is_refused(
    reference: Reference, folder: Path, field: str, value: str
) -> None:
    result = msgspec.json.decode((folder / "result.json").read_bytes())
    (folder / "result.json").write_bytes(msgspec.json.encode(result | {field: value}))
    with pytest.raises(SubmissionError, match=r"names another system or description than system\.toml"):
        read_submission(folder, reference)


@pytest.mark.parametrize("name", ["predictions.parquet", "system.toml"])
def test_a_missing_file_is_named(reference: Reference, folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"{name}: no such file"):
        read_submission(folder, reference)


def test_predictions_of_another_split_are_refused(reference: Reference, folder: Path) -> None:
    other = read_reference("weeks/validation")
    (folder / "predictions.parquet").write_bytes(write_predictions(other.bullet_ids, other.labels))
    with pytest.raises(PredictionError, match="is not in weeks/test"):
        scored(folder, reference)


def test_names_are_listed_in_order_and_strange_ones_refused(folder: Path) -> None:
    (folder.parent / "another").mkdir()
    (folder.parent / "README.md").write_text("x")
    assert names(folder.parent) == ["another", "mine"]
    assert names(folder.parent / "nowhere") == []
    (folder.parent / "Strange").mkdir()
    with pytest.raises(BriefbenchError, match="'Strange': a name has"):
        names(folder.parent)
