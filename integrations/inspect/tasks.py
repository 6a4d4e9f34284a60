"""BriefBench for Inspect: ``inspect eval integrations/inspect/tasks.py --model MODEL`` asks for all three labels."""

from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageSystem, ChatMessageUser, GenerateConfig
from inspect_ai.scorer import (
    CORRECT,
    INCORRECT,
    NOANSWER,
    Metric,
    SampleScore,
    Score,
    Scorer,
    Target,
    metric,
    scorer,
)
from inspect_ai.solver import TaskState, generate

from briefbench import schema
from briefbench.dataset.load import read_tables
from briefbench.integrations import answers
from briefbench.integrations.answers import Answer
from briefbench.integrations.asking import instructions, label_of, question


@task
def briefbench_topic() -> Task:
    """The topic of every bullet."""
    return _task("topic")


@task
def briefbench_stance() -> Task:
    """The stance of every bullet."""
    return _task("stance")


@task
def briefbench_source_type() -> Task:
    """The source type of every bullet."""
    return _task("source_type")


@metric(scores="unreduced")
def macro_f1() -> Metric:
    """Macro-F1 over the declared labels."""

    def compute(scores: list[SampleScore]) -> float:
        return answers.macro_f1(_declared(scores), _answers(scores))

    return compute


@metric(scores="unreduced")
def accuracy() -> Metric:
    """Share of answers that are the gold label."""

    def compute(scores: list[SampleScore]) -> float:
        return answers.accuracy(_declared(scores), _answers(scores))

    return compute


@metric(scores="unreduced")
def unparsable() -> Metric:
    """How many answers were not exactly one label; they count as wrong."""

    def compute(scores: list[SampleScore]) -> float:
        return answers.unparsable(_answers(scores))

    return compute


@scorer(metrics=[macro_f1(), accuracy(), unparsable()])
def briefbench(name: str) -> Scorer:
    """Score an answer as the label that it is, or as none. Logs are read by the name of this scorer."""

    async def score(state: TaskState, target: Target) -> Score:
        completion = state.output.completion
        predicted = label_of(schema.task_of(name), completion)
        reason = None if predicted else "invalid_response_format" if completion.strip() else "no_response"
        return Score(
            value=NOANSWER if predicted is None else CORRECT if predicted == target.text else INCORRECT,
            answer=predicted,
            explanation=completion,
            reason=reason,
            metadata={"task": name, "gold": target.text, "predicted": predicted},
        )

    return score


def _task(name: str) -> Task:
    """Return a task over the bullets of ``weeks/test``."""
    declared = schema.task_of(name)
    asked = instructions(declared)
    rows = read_tables(name)["test"].to_pylist()
    samples = [
        Sample(
            id=row["bullet_id"],
            input=[ChatMessageSystem(content=asked), ChatMessageUser(content=question(declared, row["text"]))],
            target=declared.names[row["label"]],
        )
        for row in rows
    ]
    return Task(
        dataset=MemoryDataset(samples, name=f"briefbench/{name}"),
        solver=generate(),
        scorer=briefbench(name),
        config=GenerateConfig(temperature=0.0),
    )


def _declared(scores: list[SampleScore]) -> schema.Task:
    return schema.task_of(_metadata(scores[0])["task"])


def _answers(scores: list[SampleScore]) -> list[Answer]:
    return [Answer(_metadata(one)["gold"], _metadata(one)["predicted"]) for one in scores]


def _metadata(score: SampleScore) -> dict[str, Any]:
    return score.score.metadata or {}
