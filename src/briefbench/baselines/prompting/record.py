"""What a finished run leaves: a prediction file, and beside it a record that says how to repeat it."""

from collections import Counter
from collections.abc import Mapping

import msgspec

from briefbench import __version__
from briefbench.baselines.prompting.run import Labelled, Request
from briefbench.evaluation.reference import Reference
from briefbench.integrations import answers as rule
from briefbench.schema import TASKS


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the predictions: all that says how to repeat them, and nothing that differs between runs."""

    version: str
    model: str
    answered_by: list[str]
    endpoint: str
    split: str
    data: str
    shots: list[str]
    seed: int
    temperature: int
    max_tokens: int
    prompt: str
    bullets: int
    without_labels: int
    asked_again: int
    answers: int
    answers_formatted: int
    tokens_in: int
    tokens_out: int
    answers_without_tokens: int


def record(request: Request, found: Mapping[str, Labelled], reference: Reference) -> Record:
    """Return the record of a finished run; tokens are those of the answers in use, whichever run asked for them."""
    labelled = [found[text] for text in dict.fromkeys(reference.texts)]
    answers = [answer for one in labelled for answer in one.answers]
    texts = Counter(reference.texts)
    return Record(
        version=__version__,
        model=request.model,
        answered_by=sorted({answer.model for answer in answers} - {""}),
        endpoint=request.url,
        split=reference.split,
        data=reference.data,
        shots=list(request.prompt.shown),
        seed=request.seed,
        temperature=0,
        max_tokens=request.answer_tokens,
        prompt=request.prompt.digest,
        bullets=len(reference),
        without_labels=sum(texts[text] for text, one in found.items() if one.labels is None),
        asked_again=sum(len(one.answers) > 1 for one in labelled),
        answers=len(answers),
        answers_formatted=sum(answer.formatted for answer in answers),
        tokens_in=sum(answer.tokens_in or 0 for answer in answers),
        tokens_out=sum(answer.tokens_out or 0 for answer in answers),
        answers_without_tokens=sum(None in (answer.tokens_in, answer.tokens_out) for answer in answers),
    )


def predictions(found: Mapping[str, Labelled], reference: Reference, where: str) -> bytes:
    """Return the labels as a prediction file; a bullet without is written as wrong in all tasks (`rule`)."""
    runs = {task.name: rule.Answers(task, where) for task in TASKS}
    for i, (identifier, text) in enumerate(zip(reference.bullet_ids, reference.texts, strict=True)):
        labels = found[text].labels
        for task in TASKS:
            gold = task.names[reference.labels[task.name][i]]
            runs[task.name].add(identifier, rule.Answer(gold, labels[task.name] if labels else None))
    return rule.predictions(runs, reference)
