"""Reading logged runs: whatever is no run of a BriefBench task is refused in one line."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest

from briefbench.errors import BriefbenchError, InputError, PredictionError
from briefbench.integrations import lm_eval
from briefbench.integrations.__main__ import main
from briefbench.integrations.inspect_log import read_log
from briefbench.schema import STANCE

DOCUMENT = {"task": "stance", "label": "mixed", "choices": list(STANCE.names)}


def line(**changes: Any) -> str:
    sample = {"doc": {"bullet_id": "a"}, "macro_f1": ["stance", "mixed", "neutral"], "filtered_resps": ["neutral"]}
    return json.dumps(sample | changes)


@pytest.fixture
def samples(tmp_path: Path) -> Callable[[str], Path]:
    """Write a file of logged samples."""

    def write(text: str) -> Path:
        path = tmp_path / "samples_briefbench_stance.jsonl"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("{", "line 1: not a logged sample"),
        (line() + "\n" + json.dumps({"doc": {"bullet_id": "b"}, "acc": 1.0}), "line 2: not a logged sample"),
        (line(macro_f1=[1.0]), "line 1: not a logged sample"),
        (line() + "\n" + line(macro_f1=["topic", "combat", None]), "line 2: a sample of topic among those of stance"),
        (line(macro_f1=["mood", "mixed", None]), "no task 'mood'"),
        (line(macro_f1=["stance", "mixed", "combat"]), "unknown stance 'combat'"),
        (line() + "\n" + line(), "bullet 'a' was answered twice"),
    ],
)
def test_a_file_that_is_not_of_logged_samples_is_refused(
    samples: Callable[[str], Path], text: str, message: str
) -> None:
    with pytest.raises(BriefbenchError, match=message):
        lm_eval.read_samples(samples(text))


@pytest.mark.parametrize(
    ("likelihoods", "label"),
    [
        ((-3.0, -1.0, -2.0, -4.0), "pro_russia"),
        ((-3.0, -1.0, -1.0, -4.0), "pro_russia"),
        ((float("-inf"), -5.0, float("-inf"), -6.0), "pro_russia"),
        ((float("nan"), -1.0, -2.0, -4.0), None),
        ((float("-inf"),) * 4, None),
    ],
)
def test_the_likeliest_label_is_the_first_of_the_largest_and_none_without_a_finite_one(
    likelihoods: tuple[float, ...], label: str | None
) -> None:
    found = lm_eval.most_likely(DOCUMENT, [(likelihood, False) for likelihood in likelihoods])
    assert set(found.values()) == {("stance", "mixed", label)}


@pytest.mark.parametrize("responses", [[["x", "False"]] * 4, [[]] * 4, [None] * 4, [["nan", "False"]] * 4, ["a"] * 4])
def test_responses_that_are_no_log_likelihoods_give_no_probabilities(
    samples: Callable[[str], Path], responses: list[Any]
) -> None:
    assert lm_eval.read_samples(samples(line(filtered_resps=responses))).probabilities == {}


def test_a_command_that_cannot_do_its_work_says_why_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, message in (
        (["lm-eval", str(tmp_path), "--out", "p.csv"], "p.csv: name the file *.parquet"),
        (["lm-eval", str(tmp_path), "--out", "p.parquet"], "no samples_briefbench_*.jsonl in this folder or below"),
        (["inspect", str(tmp_path), "--out", "p.parquet"], "no *_briefbench-*.eval in this folder or below"),
        (["inspect", str(tmp_path / "a.eval"), "--out", "p.parquet"], "a.eval: no such file"),
    ):
        assert main(arguments) == 1
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert err.startswith("briefbench: error: ")
        assert message in err


@pytest.fixture
def inspect_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Path]:
    """Let Inspect read a log as what is given, or raise it."""

    def say(outcome: Any) -> Path:
        def read(_: str) -> Any:
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setitem(sys.modules, "inspect_ai", ModuleType("inspect_ai"))
        monkeypatch.setitem(sys.modules, "inspect_ai.log", cast(Any, SimpleNamespace(read_eval_log=read)))
        path = tmp_path / "run.eval"
        path.write_bytes(b"")
        return path

    return say


def sample(**metadata: Any) -> SimpleNamespace:
    return SimpleNamespace(id="a", scores={"briefbench": SimpleNamespace(metadata=metadata)})


GOOD = {"task": "stance", "gold": "mixed", "predicted": None}


@pytest.mark.parametrize(
    ("status", "logged", "message"),
    [
        ("cancelled", [sample(**GOOD)], "status is cancelled"),
        ("success", None, "has no samples"),
        ("success", [SimpleNamespace(id="a", scores=None)], "sample a has no score of a BriefBench task"),
        ("success", [sample(gold="mixed")], "sample a has no score of a BriefBench task"),
        ("success", [sample(**GOOD)] * 2, "bullet 'a' was answered twice"),
        ("success", [sample(**GOOD | {"predicted": "combat"})], "unknown stance 'combat'"),
    ],
)
def test_a_log_that_is_not_of_a_whole_run_is_refused(
    inspect_says: Callable[[Any], Path], status: str, logged: list[Any] | None, message: str
) -> None:
    path = inspect_says(SimpleNamespace(status=status, samples=logged))
    with pytest.raises((InputError, PredictionError), match=message):
        read_log(path)


def test_a_file_that_inspect_cannot_read_is_refused(inspect_says: Callable[[Any], Path]) -> None:
    with pytest.raises(InputError, match=r"run\.eval: not a log of Inspect: torn"):
        read_log(inspect_says(ValueError("torn")))


def test_without_inspect_the_reader_says_where_to_run_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "inspect_ai.log", cast(Any, None))
    monkeypatch.setitem(sys.modules, "inspect_ai", ModuleType("inspect_ai"))
    path = tmp_path / "run.eval"
    path.write_bytes(b"")
    with pytest.raises(InputError, match="needs inspect-ai"):
        read_log(path)
