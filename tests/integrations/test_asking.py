"""Asking and reading: the prompt has the label table's words, and only an answer that is exactly one label counts."""

import pytest

from briefbench.integrations.asking import instructions, label_of, question
from briefbench.schema import SOURCE_TYPE, STANCE, TASKS, TOPIC, Task


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_instructions_have_the_question_and_every_definition_of_the_label_table(task: Task) -> None:
    asked = instructions(task)
    assert task.question in asked
    for label in task.labels:
        assert f"\n- {label.name}: {label.definition}" in asked
        assert label.excludes in asked
    assert asked.count("\n- ") == len(task)


def test_the_question_ends_with_the_cue_of_the_label() -> None:
    assert question(SOURCE_TYPE, "A mayor spoke of a quiet night.") == (
        "Bullet: A mayor spoke of a quiet night.\nSource type:"
    )


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_label_is_read_in_the_dresses_that_models_give_it(task: Task) -> None:
    for name in task.names:
        spaced = name.replace("_", " ")
        for answer in (
            name,
            f"  {name}\n",
            name.upper(),
            spaced.capitalize(),
            spaced.title(),
            name.replace("_", "-"),
            name.replace("_", "\\_"),
            f"**{name}**",
            f"`{name}`",
            f'"{name}".',
            f"'{spaced}'",
            f"\u2018{name}\u2019",
            f"Answer: {name}",
            f"**Label:** {name}.",
            f"topic: {name}",
            f"Source type : {name}",
        ):
            assert label_of(task, answer) == name, answer


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        (TOPIC, ""),
        (TOPIC, " \n"),
        (TOPIC, "."),
        (TOPIC, "Topic:"),
        (TOPIC, "The topic is combat."),
        (TOPIC, "not combat"),
        (TOPIC, "combat, strikes"),
        (TOPIC, "combat or strikes"),
        (TOPIC, "combat combat"),
        (TOPIC, "combat\n\nThe troops advanced."),
        (TOPIC, "combat: the troops advanced"),
        (TOPIC, "fighting"),
        (TOPIC, "combats"),
        (TOPIC, "0"),
        (TOPIC, "A"),
        (TOPIC, "pro_ukraine"),
        (STANCE, "pro"),
        (STANCE, "proukraine"),
        (STANCE, "combat"),
        (SOURCE_TYPE, "official"),
        (SOURCE_TYPE, "unknown"),
    ],
)
def test_nothing_is_guessed_from_an_answer_that_is_not_exactly_one_label(task: Task, answer: str) -> None:
    assert label_of(task, answer) is None
