"""The command line as a whole: exit statuses, one-line errors, pipes, and a start that loads nothing heavy."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import briefbench
from briefbench.commands import baseline, main
from briefbench.commands.annotate import config
from briefbench.errors import BriefbenchError
from tests_support import SmallProject

VERBS = (
    "ingest",
    "annotate",
    "release",
    "baseline",
    "evaluate",
    "compare",
    "verify",
    "submit",
    "leaderboard",
    "site",
    "label",
)
HEAVY = ("numpy", "pyarrow", "datasets", "sklearn", "scipy", "pandas", "trafilatura", "rich", "msgspec", "jinja2")

Refused = Callable[..., str]


def python(*arguments: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    # Buffered, as for most people: what is left in the buffer is written at the very end.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(
        command, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False, timeout=120, env=environment
    )


def test_the_version_is_printed() -> None:
    done = python("-m", "briefbench", "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"briefbench {briefbench.__version__}\n", "")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line[:4] == "    " and line[4] != " "] == list(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([verb, "--help"])
    assert stopped.value.code == 0
    assert f"usage: briefbench {verb}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["release"],
        ["release", "publish"],
        ["baseline"],
        ["baseline", "run"],
        ["annotate"],
        ["evaluate"],
        ["evaluate", "p.csv", "--task", "mood"],
        ["evaluate", "p.csv", "--nonsense"],
        ["evaluate", "p.csv", "--resamples", "0"],
        ["evaluate", "p.csv", "--resamples", "1000000"],
        ["evaluate", "p.csv", "--seed", "-1"],
        ["evaluate", "p.csv", "--seed", "²"],
        ["evaluate", "p.csv", "--json", "--latex"],
        ["compare"],
        ["compare", "a.csv", "b.csv", "--task", "span"],
        ["verify"],
        ["submit"],
        ["submit", "prepare", "name"],
        ["release", "build", "--min-test-class", "many"],
        ["label"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_status_2_and_the_usage(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("usage: briefbench")


def test_an_interruption_ends_with_status_130_and_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(options: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(baseline, "run_list", interrupted)
    assert main(["baseline", "list"]) == 130
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "briefbench: interrupted; nothing half-written is left\n")


def test_an_interrupted_run_leaves_no_file_behind(
    in_small_project: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["release", "build", "--min-test-class", "1"]) == 0

    def interrupted(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    assert main(["baseline", "run", "majority"]) == 130
    assert not [path for path in (in_small_project.root / "baselines").rglob("*") if path.is_file()]


def test_an_error_of_several_lines_is_printed_on_one(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(options: object) -> int:
        raise BriefbenchError("first\nsecond\r\nthird\u2028fourth")

    monkeypatch.setattr(config, "run", fails)
    assert refused("annotate", "config") == "briefbench: error: first second third fourth\n"


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["baseline", "list"], ["annotate", "config"]], ids=" ".join
)
def test_a_reader_who_leaves_early_sees_no_traceback(arguments: list[str]) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = python("-m", "briefbench", *arguments, stdout=write_end)
    os.close(write_end)
    assert done.stderr == ""
    assert done.returncode in (0, 1)


@pytest.mark.parametrize(
    "code",
    [
        "import briefbench",
        "import briefbench.commands",
        "from briefbench.commands import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass",
        "from briefbench.commands import main\ntry:\n    main(['label', '--help'])\nexcept SystemExit:\n    pass",
    ],
    ids=["import", "commands", "help", "label help"],
)
def test_starting_loads_nothing_heavy(code: str) -> None:
    check = f"{code}\nimport sys\nprint(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    done = python("-c", check)
    assert (done.returncode, done.stderr) == (0, "[]\n")


def test_the_package_offers_what_it_documents_and_nothing_else() -> None:
    assert sorted(dir(briefbench)) == ["__version__", "compute_metrics", "evaluate", "load", "scorer"]
    assert callable(briefbench.load)
    assert callable(briefbench.evaluate)
    with pytest.raises(AttributeError, match="has no attribute 'train'"):
        briefbench.train  # noqa: B018


@pytest.mark.parametrize(
    "arguments",
    [["release", "build"], ["release", "verify"], ["baseline", "run", "majority"], ["leaderboard"]],
    ids=" ".join,
)
def test_outside_a_project_the_user_is_told_where_to_go(
    refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    message = refused(*arguments)
    assert message == (
        "briefbench: error: no annotation/bullets.jsonl here or in any folder above; go to a project, or name it "
        "with --root FOLDER\n"
    )
    assert f"no annotation/bullets.jsonl in {tmp_path}; go to" in refused(*arguments, "--root", tmp_path)
    assert list(tmp_path.iterdir()) == []
