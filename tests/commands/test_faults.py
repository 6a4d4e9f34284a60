"""Faults of the machine and half-finished work: one line, no traceback, nothing half-written."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from briefbench.commands import main
from briefbench.console import printable
from tests_support import ROOT, SmallProject

LONG = "a" * 300
BUILD = ("release", "build", "--min-test-class", "1")


def briefbench(redirection: str) -> subprocess.CompletedProcess[str]:
    """Run a command that prints a table, through a shell that redirects it."""
    command = f"exec '{sys.executable}' -m briefbench baseline list {redirection}"
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=ROOT)


def test_a_full_disk_behind_standard_output_is_one_line() -> None:
    done = briefbench("> /dev/full")
    assert done.returncode == 1
    assert done.stderr == "briefbench: error: standard output: No space left on device\n"


def test_a_closed_standard_output_is_no_traceback() -> None:
    done = briefbench(">&-")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("evaluate", f"{LONG}.csv"),
        ("label", f"{LONG}.txt"),
        ("ingest", f"{LONG}.txt"),
        ("release", "verify", "--checksums-only", "--dataset", LONG),
        ("baseline", "run", "majority", "--root", LONG),
    ],
    ids=lambda arguments: " ".join(arguments[:2]).replace(LONG, "long"),
)
def test_a_path_that_the_system_refuses_is_one_line(refused: Callable[..., str], arguments: tuple[str, ...]) -> None:
    assert "File name too long" in refused(*arguments)


def test_a_name_cannot_send_codes_to_the_terminal(refused: Callable[..., str]) -> None:
    assert refused("evaluate", "x\x1b[31m.csv") == "briefbench: error: x\\x1b[31m.csv: no such file\n"
    assert printable("é “q” \x07\u202e\u2028") == "é “q” \\x07\\u202e\\u2028"


@pytest.mark.parametrize("name", ["README.md", "DATASHEET.md"])
def test_broken_markers_stop_a_build_before_anything_is_written(
    in_small_project: SmallProject, refused: Callable[..., str], name: str
) -> None:
    block = {"README.md": "facts", "DATASHEET.md": "counts"}[name]
    (in_small_project.root / name).write_text(f"<!-- {block}:begin -->\nno end\n")
    assert f"needs the lines <!-- {block}:begin -->" in refused(*BUILD)
    assert not (in_small_project.root / "dataset").exists()


def test_a_board_that_cannot_be_written_leaves_the_readme_as_it_was(
    in_small_project: SmallProject, refused: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(list(BUILD)) == 0
    assert main(["baseline", "run", "majority"]) == 0
    capsys.readouterr()
    readme = "<!-- leaderboard:begin -->\nold\n<!-- leaderboard:end -->\n"
    (in_small_project.root / "README.md").write_text(readme)
    (in_small_project.root / "leaderboard").write_text("a file where the folder should be")
    assert "cannot be written" in refused("leaderboard")
    assert (in_small_project.root / "README.md").read_text() == readme


def test_predictions_and_result_of_a_run_are_written_together_or_not_at_all(
    in_small_project: SmallProject, refused: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(list(BUILD)) == 0
    capsys.readouterr()
    (in_small_project.root / "baselines" / "predictions" / "majority.parquet").mkdir(parents=True)
    assert "majority.parquet: cannot be written: it is no regular file" in refused("baseline", "run", "majority")
    assert not (in_small_project.root / "baselines" / "results").exists()


def test_a_forged_data_hash_is_not_repeated_in_a_signature(
    in_small_project: SmallProject, refused: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(list(BUILD)) == 0
    out = capsys.readouterr().out
    sums = in_small_project.root / "dataset" / "checksums.json"
    true_hash = out.split("data ")[1].strip()
    sums.write_text(sums.read_text().replace(f'"data": "{true_hash}', f'"data": "{"0" * 12}'))
    (in_small_project.root / "p.csv").write_text("bullet_id,stance\n")
    for arguments in (("release", "verify", "--checksums-only"), ("evaluate", "p.csv")):
        assert "the data's hash is not that of the tables" in refused(*arguments)


def test_all_may_stand_beside_other_names(in_small_project: SmallProject, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(list(BUILD)) == 0
    assert main(["baseline", "run", "majority", "all", "--protocol", "weeks"]) == 0
    assert "tfidf-svm" in capsys.readouterr().out


def test_a_negative_minimum_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["release", "build", "--min-test-class", "-5"])
    assert caught.value.code == 2
    assert "is no whole number from 0 up" in capsys.readouterr().err


def test_the_machine_readable_output_holds_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from briefbench.baselines import label

    names = {"topic": "combat", "stance": "neutral", "source_type": "unattributed"}
    answer = {task: label.Labelled(name, 0.5) for task, name in names.items()}
    monkeypatch.setattr(label, "load_model", lambda name, dataset: None)
    monkeypatch.setattr(label, "label_texts", lambda model, texts: [answer for _ in texts])
    article, votes = tmp_path / "a.txt", tmp_path / "votes"
    article.write_text("• A depot burned near the port.\n• Two envoys met in the capital.\n")
    votes.mkdir()
    header = "article,position,section,topic,stance,source_type,other_source_types,span_start,span_end,round,created_at"
    rows = [f"a,{n},,combat,neutral,unattributed,,,,1,2026-01-02" for n in (1, 2)]
    (votes / "P1.csv").write_text("\n".join([header, *rows]) + "\n")
    assert main(["label", str(article), "--json", "--against", str(votes)]) == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == out.count('{"id"') == 2
    assert "topic: 2 of 2 right" in err
    assert "against votes of annotators of whom nothing is recorded" in err
