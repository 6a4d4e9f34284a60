"""The functions that the task files for lm-evaluation-harness name, and the reader of the samples that it logs.

A document is a bullet with the columns ``bullet_id``, ``task``, ``text``, ``instructions``, ``question``, ``choices``
and ``label``. What it yields for every metric is its task, its gold label and the label it was given.
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from briefbench.dataset.load import read_tables
from briefbench.errors import InputError
from briefbench.files import read_text
from briefbench.integrations import answers as scoring
from briefbench.integrations.answers import Answer, Answers
from briefbench.integrations.asking import instructions, label_of, question
from briefbench.schema import task_of

if TYPE_CHECKING:
    from datasets import DatasetDict

#: What a document yields: task, gold label, given label or nothing.
Item = tuple[str, str, str | None]

_LIMIT = 1 << 30


class _Document(msgspec.Struct):
    bullet_id: str


class _Sample(msgspec.Struct):
    """What is read of a line that ``--log_samples`` wrote."""

    doc: _Document
    macro_f1: Item
    filtered_resps: list[Any]


def load(briefbench_task: str, **_: Any) -> "DatasetDict":
    """Return the documents of a task by split of the protocol ``weeks``, from the release that comes with BriefBench.

    The harness passes its own metadata along, which is not needed.
    """
    from datasets import Dataset, DatasetDict

    task = task_of(briefbench_task)
    asked = f"{instructions(task)}\n\n"
    documents = DatasetDict()
    for split, table in read_tables(task.name).items():
        texts = table["text"].to_pylist()
        documents[split] = Dataset.from_dict(
            {
                "bullet_id": table["bullet_id"].to_pylist(),
                "task": [task.name] * len(texts),
                "text": texts,
                "instructions": [asked] * len(texts),
                "question": [question(task, text) for text in texts],
                "choices": [list(task.names)] * len(texts),
                "label": [task.names[code] for code in table["label"].to_pylist()],
            }
        )
    return documents


def most_likely(doc: Mapping[str, Any], results: Sequence[tuple[float, bool]]) -> dict[str, Item]:
    """Take the label of the largest log-likelihood, the first of equals; none where there is no finite largest one."""
    likelihoods = np.array([likelihood for likelihood, _ in results], dtype=np.float64)
    found = doc["choices"][int(likelihoods.argmax())] if isfinite(likelihoods.max()) else None
    return _items(doc, found)


def generated(doc: Mapping[str, Any], results: Sequence[str]) -> dict[str, Item]:
    """Take the label that the generated text is; none where it is not exactly one."""
    return _items(doc, label_of(task_of(doc["task"]), results[0]))


def macro_f1(items: Sequence[Item]) -> float:
    """Aggregate to macro-F1 over the declared labels."""
    return scoring.macro_f1(task_of(items[0][0]), _answers(items))


def accuracy(items: Sequence[Item]) -> float:
    """Aggregate to accuracy."""
    return scoring.accuracy(task_of(items[0][0]), _answers(items))


def unparsable(items: Sequence[Item]) -> int:
    """Count the answers that were not exactly one label."""
    return scoring.unparsable(_answers(items))


def read_samples(path: Path) -> Answers:
    """Read a file ``samples_briefbench_*.jsonl`` of ``--log_samples``.

    Raises:
        InputError: it is not such a file.
        PredictionError: a bullet stands twice, or a label is unknown.
    """
    lines = [line for line in read_text(path, limit=_LIMIT).split("\n") if line]
    if not lines:
        raise InputError(f"{path}: the file is empty; run with --log_samples")
    answers: Answers | None = None
    for number, line in enumerate(lines, start=1):
        try:
            sample = msgspec.json.decode(line, type=_Sample)
        except (msgspec.DecodeError, RecursionError) as error:
            raise InputError(f"{path}: line {number}: not a logged sample of a BriefBench task: {error}") from error
        task, gold, predicted = sample.macro_f1
        answers = answers if answers is not None else Answers(task_of(task), str(path))
        if task != answers.task.name:
            raise InputError(f"{path}: line {number}: a sample of {task} among those of {answers.task.name}")
        answers.add(sample.doc.bullet_id, Answer(gold, predicted))
        probabilities = _probabilities(sample.filtered_resps, len(answers.task))
        if probabilities is not None:
            answers.probabilities[sample.doc.bullet_id] = probabilities
    assert answers is not None  # noqa: S101 (there is a line)
    return answers


def _items(doc: Mapping[str, Any], predicted: str | None) -> dict[str, Item]:
    item = (doc["task"], doc["label"], predicted)
    return {"macro_f1": item, "accuracy": item, "unparsable": item}


def _answers(items: Sequence[Item]) -> list[Answer]:
    return [Answer(gold, predicted) for _, gold, predicted in items]


def _probabilities(responses: list[Any], labels: int) -> NDArray[np.float64] | None:
    """Return the log-likelihoods of the labels, which are logged as strings, as probabilities that add up to 1."""
    if len(responses) != labels or not all(isinstance(response, list) for response in responses):
        return None
    try:
        likelihoods = np.array([float(response[0]) for response in responses])
    except (ValueError, TypeError, IndexError):
        return None
    if not isfinite(likelihoods.max()):
        return None
    odds = np.exp(likelihoods - likelihoods.max())
    shares: NDArray[np.float64] = odds / odds.sum()
    return shares
