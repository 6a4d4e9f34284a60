"""Hostile descriptions and results of submissions: each is refused in one short line, soon, whatever it says."""

import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import pytest

from briefbench.errors import BriefbenchError, InputError, SubmissionError
from briefbench.evaluation.submissions import read_submission, read_system
from briefbench.evaluation.systems import read_result
from briefbench.evaluation.verification import verify
from tests_support import ROOT

#: Seconds that a refusal may take.
SOON = 10
STORED = ROOT / "baselines" / "results" / "majority.json"
PREDICTIONS = ROOT / "baselines" / "predictions" / "majority.parquet"
SYSTEM = {
    "description": '"a drawer of rules"',
    "parameters": "12",
    "training_data": '"BriefBench weeks/train"',
    "test_set_seen": '"no"',
    "contact": '"Ada, ada@example.org"',
    "url": '"https://example.org/rules"',
}


def toml(**changes: str) -> bytes:
    """Return a valid description with some fields changed."""
    return "".join(f"{field} = {value}\n" for field, value in (SYSTEM | changes).items()).encode()


def refused(call: Callable[[], object], path: Path | None = None) -> str:
    """Return the line that refuses, after checking that it is one, short, and came soon."""
    began = time.perf_counter()
    with pytest.raises(BriefbenchError) as caught:
        call()
    assert time.perf_counter() - began < SOON
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 700
    assert path is None or message.startswith(f"{path}: ")
    return message


@pytest.fixture
def system(tmp_path: Path) -> Path:
    return tmp_path / "system.toml"


def test_the_description_that_the_others_are_made_of_is_accepted(system: Path) -> None:
    """Else every refusal below might have another reason."""
    system.write_bytes(toml())
    assert read_system(system).parameters == 12


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "missing required field `description`"),
        (b"\xff\xfe", "not TOML in UTF-8"),
        (toml().decode().encode("utf-16"), "not TOML in UTF-8"),
        (b"\xef\xbb\xbf" + toml(), "not TOML in UTF-8"),
        (b"\0" * 10_000, "not TOML in UTF-8"),
        (b"description = " + b"[" * 9_000, "not TOML in UTF-8"),
        (b"description = " + b"{a=" * 6_000, "not TOML in UTF-8"),
        (b"description" + b".a" * 9_000 + b" = 1", "Expected `str`, got `object`"),
        (b"[" + b"a." * 9_000 + b"a]", "unknown field `a`"),
        (toml() + toml(), "not TOML in UTF-8"),
        (toml() + b"extra = 1\n", "unknown field `extra`"),
        (toml() + b'"\\u001b[31m\\n" = 1\n', "unknown field `\\x1b[31m\\n`"),
        (toml() + b'"' + b"k" * 19_000 + b'" = 1\n', "unknown field `kkk"),
        (toml() + b"# " + b"x" * 1_000_000, "larger than the 20,000 bytes"),
        (toml(description='"' + "x" * 1_000_000 + '"'), "larger than the 20,000 bytes"),
        (toml(description='"' + "x" * 301 + '"'), "description must be one printable line of at most 300 characters"),
        (toml(description='"""two\nlines"""'), "description must be one printable line"),
        (toml(description='"\\u001b]0;title\\u0007"'), "description must be one printable line"),
        (toml(training_data='"\\u202egnp.exe"'), "training_data must be one printable line"),
        (toml(contact='"\\u0000"'), "contact must be one printable line"),
        (toml(description='"\\ud800"'), "not TOML in UTF-8"),
        (toml(description='"  "'), "description is empty; fill it in"),
        (toml(description="12"), "Expected `str`, got `int` - at `$.description`"),
        (toml(description='["a"]'), "Expected `str`, got `array`"),
        (toml(contact="2024-01-01"), "at `$.contact`"),
        (toml(parameters="9" * 5000), "not TOML in UTF-8: Exceeds the limit"),
        (toml(parameters="0x" + "f" * 15_000), "parameters must be from 0 to 1,000,000,000,000,000"),
        (toml(parameters="-1"), "parameters must be from 0 to"),
        (toml(parameters="true"), "at `$.parameters`"),
        (toml(parameters="1.5"), "at `$.parameters`"),
        (toml(parameters="inf"), "at `$.parameters`"),
        (toml(parameters='"12"'), "at `$.parameters`"),
        (toml(test_set_seen='"perhaps"'), "test_set_seen"),
        (toml(test_set_seen='"' + "x" * 15_000 + '"'), "test_set_seen is 'xxx"),
        (toml(test_set_seen='"yes"'), "test_set_seen is 'yes'; say more in test_set_note"),
        (toml(test_set_seen="false"), "test_set_seen"),
        (toml(url='"javascript:alert(1)"'), "url is no web address; begin with https://"),
        (toml(url='"https://example.org/ x"'), "url is no web address"),
        (toml(url='"https://example.org/\\"onclick=\\"x"'), "url is no web address"),
        (toml(url='"https://example.org/<script>"'), "url is no web address"),
        (toml(url='"https://"'), "url is no web address"),
        (toml(url='"https://example.org\\n"'), "url must be one printable line"),
    ],
    ids=lambda value: repr(value[:40]),
)
def test_a_hostile_description_is_refused(system: Path, content: bytes, words: str) -> None:
    system.write_bytes(content)
    message = refused(lambda: read_system(system), system)
    assert words in message


def test_a_description_that_is_no_file_is_refused(system: Path) -> None:
    refused(lambda: read_system(system), system)
    system.symlink_to(system)
    refused(lambda: read_system(system), system)
    system.unlink()
    system.symlink_to("/dev/zero")
    assert "not a regular file" in refused(lambda: read_system(system), system)


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """The fields of an honest evaluation."""
    return dict(msgspec.json.decode(STORED.read_bytes())["evaluation"])


@pytest.fixture
def result(tmp_path: Path) -> Path:
    return tmp_path / "result.json"


def test_the_result_that_the_others_are_made_of_is_verified(whole: dict[str, Any], result: Path) -> None:
    result.write_bytes(msgspec.json.encode(whole))
    assert verify(result, PREDICTIONS).bullets == whole["bullets"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"\0" * 1000,
        b"[" * 15_000_000,
        b'{"evaluation":' * 1_000_000,
        b'{"evaluation": {"tasks": ' + b"[" * 500_000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"bullets": ' + b"9" * 5000 + b"}",
        b'{"bullets": 1e999}',
        b'{"split": "\\ud800"}',
        b'{"split": "\xff"}',
        b"\xef\xbb\xbf{}",
        '{"split": "weeks/test"}'.encode("utf-16"),
        b'{"' + b"k" * 15_000_000 + b'": 1}',
        b" " * 17_000_000,
        b'"' + b"x" * 15_000_000 + b'"',
        b"[" + b"{}," * 1_000_000 + b"{}]",
    ],
    ids=lambda value: repr(value[:24]),
)
def test_a_hostile_result_is_refused_by_every_reader(result: Path, content: bytes) -> None:
    result.write_bytes(content)
    refused(lambda: verify(result, PREDICTIONS), result)
    refused(lambda: read_result(result), result)


LONG = "x" * 1_000_000
ESCAPES = "\x1b]0;title\x07\u202e\n" * 9


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("split",), LONG),
        (("split",), ESCAPES),
        (("split",), "../../weeks/test"),
        (("data",), LONG),
        (("data",), ESCAPES),
        (("bullets",), int("9" * 4000)),
        (("bullets",), -1),
        (("bullets",), True),
        (("weeks",), 1.5),
        (("predictions",), LONG),
        (("predictions",), ESCAPES),
        (("tasks",), []),
        (("tasks",), [[]] * 100_000),
        (("tasks", 0, "task"), LONG),
        (("tasks", 0, "task"), "mood"),
        (("tasks", 1, "task"), "topic"),
        (("tasks", 0, "macro_f1", "value"), 1e308),
        (("tasks", 0, "macro_f1", "value"), "0.5"),
        (("tasks", 0, "macro_f1", "interval"), None),
        (("tasks", 0, "macro_f1", "metric"), ESCAPES),
        (("tasks", 0, "macro_f1", "signature"), LONG),
        (("tasks", 0, "macro_f1", "signature"), "ci:bca,cluster_week,999999999,seed1"),
        (("tasks", 0, "macro_f1", "signature"), "ci:bca,cluster_week,10,seed" + "9" * 5000),
        (("tasks", 0, "macro_f1", "signature"), "ci:bca,cluster_week,-5,seed1"),
        (("tasks", 0, "confusion"), [[0] * 1000] * 1000),
        (("tasks", 0, "confusion", 0, 0), int("9" * 4000)),
        (("tasks", 0, "labels"), []),
        (("tasks", 0, "labels", 0, "label"), LONG),
        (("headline",), None),
        (("headline", "value"), 0),
        (("headline", LONG), 1),
        (("span",), {"exact_match": 1}),
        (("extra",), LONG),
        ((ESCAPES,), 1),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_hostile_field_of_a_result_is_refused(
    whole: dict[str, Any], result: Path, where: tuple[str | int, ...], value: object
) -> None:
    changed: Any = deepcopy(whole)
    inner = changed
    for step in where[:-1]:
        inner = inner[step]
    inner[where[-1]] = value
    result.write_bytes(msgspec.json.encode(changed))
    refused(lambda: verify(result, PREDICTIONS))


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ([f"{2000 + i // 300}-{i % 12 + 1:02d}-{i % 28 + 1:02d}" for i in range(9000)], "at most 20 are recomputed"),
        ([LONG], "a property whose name is longer than 160 characters"),
        ([ESCAPES[:100]], "cannot slice by"),
        (["mood"], "cannot slice by 'mood'"),
        (["month", "month"], "slices: stored"),
    ],
    ids=["many", "long", "escapes", "unknown", "twice"],
)
def test_hostile_slices_of_a_result_are_refused(
    whole: dict[str, Any], result: Path, properties: list[str], words: str
) -> None:
    slices = [{"by": by, "task": "topic", "groups": [], "worst": "", "signature": ""} for by in properties]
    result.write_bytes(msgspec.json.encode(whole | {"slices": slices}))
    assert words in refused(lambda: verify(result, PREDICTIONS))


@pytest.mark.parametrize("name", ["predictions.parquet", "system.toml", "result.json"])
@pytest.mark.parametrize("target", ["/dev/zero", "/etc/passwd", "loop"])
def test_a_link_in_the_folder_of_a_submission_is_not_followed(tmp_path: Path, name: str, target: str) -> None:
    from briefbench.evaluation.reference import read_reference

    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / name).symlink_to(folder / name if target == "loop" else target)
    message = refused(lambda: read_submission(folder, read_reference()))
    assert f"{name}: a submission has only the files" in message


def test_errors_of_a_description_and_a_result_are_of_the_kinds_that_callers_expect(system: Path, result: Path) -> None:
    system.write_bytes(b"=")
    with pytest.raises(SubmissionError):
        read_system(system)
    result.write_bytes(b"=")
    with pytest.raises(InputError):
        read_result(result)
