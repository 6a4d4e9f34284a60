"""The reader of Inspect's logs."""

import importlib
import zipfile
from pathlib import Path
from typing import Any

from briefbench.errors import InputError, PredictionError
from briefbench.integrations.answers import Answer, Answers
from briefbench.schema import task_of

#: The name under which the tasks' scorer stands in a log.
SCORER = "briefbench"


def read_log(path: Path) -> Answers:
    """Read a log (``.eval`` or ``.json``) of one of the BriefBench tasks; needs the package ``inspect-ai``.

    Raises:
        InputError: it is not such a log, or ``inspect-ai`` is missing.
        PredictionError: the run did not end well, a sample has no score, a bullet stands twice, or a label is unknown.
    """
    log = _read(path)
    if log.status != "success":
        raise PredictionError(f"{path}: the run's status is {log.status}; finish it with inspect eval-retry")
    answers: Answers | None = None
    for sample in log.samples or []:
        score = (sample.scores or {}).get(SCORER)
        metadata = (score.metadata if score else None) or {}
        if not {"task", "gold", "predicted"} <= metadata.keys():
            raise PredictionError(f"{path}: sample {sample.id} has no score of a BriefBench task; run it again")
        answers = answers if answers is not None else Answers(task_of(metadata["task"]), str(path))
        answers.add(str(sample.id), Answer(metadata["gold"], metadata["predicted"]))
    if answers is None:
        raise InputError(f"{path}: the log has no samples; run without --no-log-samples")
    return answers


def _read(path: Path) -> Any:
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        reader = importlib.import_module("inspect_ai.log")
    except ModuleNotFoundError as error:
        raise InputError(f"{path}: reading it needs inspect-ai; run this where Inspect is installed") from error
    try:
        return reader.read_eval_log(str(path))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: not a log of Inspect: {error}") from error
