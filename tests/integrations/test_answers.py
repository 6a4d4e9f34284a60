"""Answers: one without a label is wrong in the score and in the file, and a run that does not fit is refused."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import accuracy_score, f1_score

from briefbench.errors import PredictionError
from briefbench.evaluation.reference import Reference
from briefbench.integrations.answers import Answer, Answers, accuracy, collect, macro_f1, predictions, unparsable
from briefbench.schema import STANCE

GOLD = ["pro_ukraine", "neutral", "mixed", "neutral"]


@pytest.fixture
def reference() -> Reference:
    """Four bullets with a stance."""
    codes = [STANCE.codes[name] for name in GOLD]
    return Reference(
        "weeks/test",
        "0" * 64,
        pa.table({"bullet_id": list("abcd"), **dict.fromkeys(("topic", "stance", "source_type"), codes)}),
    )


def given(*predicted: str | None) -> Answers:
    answers = Answers(STANCE, "run")
    for identifier, gold, label in zip("abcd", GOLD, predicted, strict=True):
        answers.add(identifier, Answer(gold, label))
    return answers


def test_the_score_is_scikit_learns_with_the_label_after_the_gold_one_for_an_answer_without_a_label() -> None:
    answers = list(given("pro_ukraine", None, None, "neutral").by_bullet.values())
    counted = ["pro_ukraine", "pro_ukraine", "neutral", "neutral"]
    theirs = f1_score(GOLD, counted, labels=STANCE.names, average="macro", zero_division=0)
    assert macro_f1(STANCE, answers) == pytest.approx(theirs, abs=1e-12)
    assert accuracy(STANCE, answers) == accuracy_score(GOLD, counted) == 0.5
    assert unparsable(answers) == 2


def test_the_file_has_a_wrong_label_for_an_answer_without_one(reference: Reference) -> None:
    answers = given("pro_ukraine", None, None, "neutral")
    table = pq.read_table(pa.BufferReader(predictions({"stance": answers}, reference)))
    assert table["stance"].to_pylist() == ["pro_ukraine", "pro_ukraine", "neutral", "neutral"]
    assert table["bullet_id"].to_pylist() == list("abcd")


def test_probabilities_are_written_only_if_every_bullet_has_them(reference: Reference) -> None:
    answers = given(*GOLD)
    answers.probabilities = {identifier: np.full(4, 0.25) for identifier in "abc"}
    assert "probabilities" not in str(
        pq.read_schema(pa.BufferReader(predictions({"stance": answers}, reference))).names
    )
    answers.probabilities["d"] = np.full(4, 0.25)
    assert "stance_probabilities" in pq.read_schema(pa.BufferReader(predictions({"stance": answers}, reference))).names


def test_a_second_answer_or_an_unknown_label_is_refused() -> None:
    answers = given(*GOLD)
    with pytest.raises(PredictionError, match="bullet 'a' was answered twice"):
        answers.add("a", Answer("mixed", "mixed"))
    with pytest.raises(PredictionError, match="bullet 'e': unknown stance 'combat'"):
        answers.add("e", Answer("mixed", "combat"))


def test_a_run_over_other_bullets_or_other_gold_is_refused(reference: Reference) -> None:
    answers = given(*GOLD)
    del answers.by_bullet["c"]
    with pytest.raises(PredictionError, match="1 of 4 bullets have no answer to stance, the first is c"):
        predictions({"stance": answers}, reference)
    answers.add("c", Answer("neutral", "mixed"))
    with pytest.raises(PredictionError, match="bullet c was scored against neutral, its label is mixed"):
        predictions({"stance": answers}, reference)
    answers.add("e", Answer("mixed", "mixed"))
    with pytest.raises(PredictionError, match="bullet 'e' is not in weeks/test"):
        predictions({"stance": answers}, reference)


def test_two_runs_of_one_task_are_refused() -> None:
    with pytest.raises(PredictionError, match="answers stance, as run does; name one run"):
        collect([given(*GOLD), given(*GOLD)])
