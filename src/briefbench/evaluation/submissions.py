"""Submissions: a folder with predictions, a description in TOML, and the result that the predictions score."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from briefbench.console import printable
from briefbench.errors import InputError, SubmissionError
from briefbench.evaluation.predictions import Predictions, read_predictions, write_predictions
from briefbench.evaluation.reference import Reference
from briefbench.evaluation.scoring import score
from briefbench.evaluation.systems import SystemResult, check_result, read_result
from briefbench.files import read_bytes, to_json
from briefbench.schema import TASK_NAMES, listing

PREDICTIONS, SYSTEM, RESULT = "predictions.parquet", "system.toml", "result.json"
#: The files of a submission; nothing else may stand in its folder.
FILES = (PREDICTIONS, SYSTEM, RESULT)

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)
# Lines of the board that are no systems.
_RESERVED = ("ceiling", "mean")
_SEEN = ("no", "yes", "unknown")
_LIMIT = 20_000
_LONGEST = 300
_MOST_PARAMETERS = 10**15

TEMPLATE = """\
# What the leaderboard says of the system. Fill in every line; briefbench submit check NAME tells what is missing.

# What it is, in one line.
description = ""

# How many parameters it has; 0 if the word means nothing for it.
parameters = 0

# What it was trained, tuned or prompted with.
training_data = ""

# Was any bullet of the test part, or its label, seen in training, tuning or prompting: "no", "yes" or "unknown"?
test_set_seen = ""

# Where "yes" or "unknown": what was seen, or why it cannot be known.
test_set_note = ""

# Who answers questions: a name with a mail address or a web address.
contact = ""

# Where code, weights or a paper are; leave empty if nowhere.
url = ""
"""


class System(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What ``system.toml`` says; `TEMPLATE` explains every field."""

    description: str
    parameters: int
    training_data: str
    test_set_seen: str
    contact: str
    test_set_note: str = ""
    url: str = ""


@dataclass(frozen=True)
class Submission:
    """A submission that was read and checked; ``result`` is missing until it was scored."""

    name: str
    system: System
    predictions: Predictions
    result: SystemResult | None


def check_name(name: str, taken: Sequence[str] = ()) -> str:
    """Return the name if it can be a system's and its folder's.

    Raises:
        SubmissionError: it cannot, or a baseline has it.
    """
    if not _NAME.fullmatch(name):
        raise SubmissionError(
            f"submission {printable(name)[:60]!r}: a name has 1 to 40 of a-z, 0-9 and -, and begins and ends with a "
            "letter or digit"
        )
    if name in taken:
        raise SubmissionError(f"submission {name}: a baseline has this name; choose another")
    if name in _RESERVED:
        raise SubmissionError(f"submission {name}: the board has a line of this name; choose another")
    return name


def prepare(name: str, source: Path, folder: Path, reference: Reference) -> dict[Path, bytes]:
    """Return the files of a new submission, from predictions in any format; an existing ``system.toml`` is kept.

    Raises:
        SubmissionError: the name is not allowed, or a task is not predicted.
        PredictionError, InputError: the predictions are refused.
    """
    read = _complete(name, read_predictions(source, reference))
    stored = write_predictions(
        reference.bullet_ids, read.labels, read.probabilities, spans=read.spans, source_types=read.source_types
    )
    place = folder / check_name(name)
    described = {} if (place / SYSTEM).exists() else {place / SYSTEM: TEMPLATE.encode()}
    return {place / PREDICTIONS: stored} | described


def read_submission(folder: Path, reference: Reference) -> Submission:
    """Read the submission in a folder; a stored result must be what its predictions score.

    Raises:
        SubmissionError: the name, a file or a field breaks the rules.
        PredictionError, VerificationError, InputError: the predictions or the result are refused.
    """
    name, system, predictions = _read(folder, reference)
    if not (folder / RESULT).exists():
        return Submission(name, system, predictions, None)
    result = read_result(folder / RESULT)
    if (result.name, result.kind, result.description) != (name, "submission", system.description):
        raise SubmissionError(
            f"{folder / RESULT}: names another system or description than {SYSTEM}; run briefbench submit check {name}"
        )
    check_result(result, predictions, reference, f"run briefbench submit check {name}")
    return Submission(name, system, predictions, result)


def scored(folder: Path, reference: Reference) -> tuple[Submission, dict[Path, bytes]]:
    """Read and score a submission, whatever result it has, and return it with its result's file.

    Raises:
        SubmissionError, PredictionError, InputError: as `read_submission`.
    """
    name, system, predictions = _read(folder, reference)
    result = SystemResult(name, "submission", system.description, score(predictions, reference))
    found = Submission(name, system, predictions, result)
    return found, {folder / RESULT: to_json(result).encode()}


def read_system(path: Path) -> System:
    """Read and check ``system.toml``.

    Raises:
        SubmissionError: it is no TOML, a field is missing, unknown, empty, too long or of the wrong type.
        InputError: the file cannot be read.
    """
    try:
        system = msgspec.convert(tomllib.loads(read_bytes(path, limit=_LIMIT).decode()), type=System)
    except msgspec.ValidationError as error:
        said = printable(str(error))[:_LONGEST]
        raise SubmissionError(f"{path}: {said}; briefbench submit prepare writes a file with every field") from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is a bare ValueError
        raise SubmissionError(f"{path}: not TOML in UTF-8: {printable(str(error))[:_LONGEST]}") from error
    for field in ("description", "training_data", "contact", "test_set_note", "url"):
        _check_text(path, field, getattr(system, field), needed=field not in ("test_set_note", "url"))
    if not 0 <= system.parameters <= _MOST_PARAMETERS:
        raise SubmissionError(f"{path}: parameters must be from 0 to {_MOST_PARAMETERS:,}; give how many, or 0")
    if system.test_set_seen not in _SEEN:
        raise SubmissionError(f"{path}: test_set_seen is {system.test_set_seen[:20]!r}; write no, yes or unknown")
    if system.test_set_seen != "no" and not system.test_set_note:
        raise SubmissionError(f"{path}: test_set_seen is {system.test_set_seen!r}; say more in test_set_note")
    if "@" not in system.contact and "://" not in system.contact:
        raise SubmissionError(f"{path}: contact has no mail address and no web address; add one")
    if system.url and not re.fullmatch(r"https?://[^\s<>\"']+", system.url):
        raise SubmissionError(f"{path}: url is no web address; begin with https://")
    return system


def _read(folder: Path, reference: Reference) -> tuple[str, System, Predictions]:
    name = check_name(folder.name)
    if folder.is_symlink() or not folder.is_dir():
        raise SubmissionError(f"{folder}: no such folder; begin with briefbench submit prepare {name} FILE")
    for path in sorted(folder.iterdir()):
        if path.name not in FILES or path.is_symlink() or not path.is_file():
            raise SubmissionError(f"{printable(str(path))}: a submission has only the files {listing(FILES)}")
    system = read_system(folder / SYSTEM)
    return name, system, _complete(name, read_predictions(folder / PREDICTIONS, reference))


def _check_text(path: Path, field: str, text: str, *, needed: bool) -> None:
    if needed and not text.strip():
        raise SubmissionError(f"{path}: {field} is empty; fill it in")
    if len(text) > _LONGEST or printable(text) != text:
        raise SubmissionError(f"{path}: {field} must be one printable line of at most {_LONGEST} characters")


def _complete(name: str, read: Predictions) -> Predictions:
    missing = [task for task in TASK_NAMES if task not in read.labels]
    if missing:
        raise SubmissionError(
            f"submission {name}: {listing(missing)} is not predicted; the board needs all three tasks"
        )
    return read


def names(folder: Path) -> list[str]:
    """Return the names of all submissions in a folder, in order.

    Raises:
        SubmissionError: something in the folder has a name that no submission may have.
        InputError: the folder cannot be read.
    """
    if not folder.exists():
        return []
    try:
        return [check_name(path.name) for path in sorted(folder.iterdir()) if path.name != "README.md"]
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror}") from error
