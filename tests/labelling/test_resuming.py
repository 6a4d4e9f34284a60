"""A run that was killed goes on to the same bytes; what an earlier run made is never mixed with something else."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from briefbench.commands import main
from briefbench.labelling import model, parts, workspace
from briefbench.labelling.workspace import finished
from table_support import StubModel, read_labels, tree, write_table
from tests_support import ROOT

Label = Callable[..., list[dict[str, Any]]]
Stopped = Callable[..., str]
CHILD = ROOT / "tests" / "support" / "table_support.py"
ROWS = [{"id": f"r{i}", "text": f"Sentence {i} of the day."} for i in range(60)]


def child(*arguments: str | Path, seconds: float = 0.0) -> subprocess.Popen[str]:
    command = [sys.executable, str(CHILD), str(seconds), *map(str, arguments), "--workers", "1"]
    environment = dict(os.environ) | {"PYTHONPATH": str(CHILD.parent)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def kill_in_the_middle(process: subprocess.Popen[str], receipts: Path) -> None:
    """Kill a run when it has finished two parts."""
    deadline = time.monotonic() + 120
    while len(list(receipts.glob("part-*"))) < 2:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("out", ["out", "out.parquet"])
def test_a_killed_run_goes_on_to_the_bytes_of_an_unbroken_one(
    label: Label, tmp_path: Path, capsys: pytest.CaptureFixture[str], out: str
) -> None:
    source = write_table(tmp_path / "in.jsonl", ROWS)
    options = ("--part-rows", "4", "--with-text")
    folder = tmp_path / (out if out == "out" else f"{out}.parts")
    kill_in_the_middle(child(source, "--out", tmp_path / out, *options, seconds=0.05), folder / "_receipts")
    names = [path.name for path in folder.glob("part-*.parquet")]
    assert 2 <= len(names) < 15
    for name in names:
        assert pq.read_table(folder / name).num_rows == 4, "no part is half there"
    there = len(finished(folder, "parquet", 15))
    resumed = label(source, *options, out=out)
    captured = capsys.readouterr()
    assert f"going on in {folder}: {there} of 15 parts are finished\n" in captured.err
    assert f" in 15 parts ({there} were there), " in captured.out
    (tmp_path / "whole").mkdir()
    assert label(source, *options, out=f"whole/{out}") == resumed
    assert [row["id"] for row in resumed] == [row["id"] for row in ROWS]
    if out == "out":
        assert tree(tmp_path / "out") == tree(tmp_path / "whole" / "out")
    else:
        assert (tmp_path / out).read_bytes() == (tmp_path / "whole" / out).read_bytes()
        assert not folder.exists()


def test_parts_that_are_finished_are_not_labelled_again(
    label: Label, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_table(tmp_path / "in.csv", ROWS)
    label(source, "--part-rows", "20", out="out")
    (tmp_path / "out" / "part-00001.parquet").unlink()
    seen: list[str] = []

    class Watched(StubModel):
        def predict(self, texts: Any) -> Any:
            seen.extend(texts)
            return super().predict(texts)

    model.open_model.cache_clear()
    monkeypatch.setattr(model, "make_model", lambda reference: Watched())
    assert len(label(source, "--part-rows", "20", out="out")) == len(ROWS)
    assert [text for text in seen if text.startswith("Sentence")] == [row["text"] for row in ROWS[20:40]]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--part-rows", "30"), "--part-rows (20, now 30)"),
        (("--with-text",), "--with-text (False, now True)"),
        (("--format", "jsonl"), "--format (parquet, now jsonl)"),
        (("--id-column", "text"), "--id-column (id, now text)"),
        (("--text-column", "id"), "--text-column (text, now id)"),
    ],
)
def test_other_options_are_refused_with_what_differs(
    label: Label, stopped: Stopped, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    source = write_table(tmp_path / "in.jsonl", ROWS)
    label(source, "--part-rows", "20", out="out")
    before = tree(tmp_path / "out")
    line = stopped(1, source, "--out", tmp_path / "out", "--part-rows", "20", *options)
    assert f"was made with something else: {words}; name another --out or --overwrite" in line
    assert tree(tmp_path / "out") == before


def test_another_model_or_input_is_refused_until_it_may_overwrite(
    label: Label, stopped: Stopped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_table(tmp_path / "in.jsonl", ROWS)
    label(source, "--part-rows", "20", out="out")
    os.utime(source, ns=(1, 1))
    size = f"1 files of {source.stat().st_size:,} bytes"
    assert f"the input ({size} changed since)" in stopped(1, source, "--out", tmp_path / "out", "--part-rows", "20")
    write_table(source, ROWS[:30])
    line = stopped(1, source, "--out", tmp_path / "out", "--part-rows", "20")
    assert f"the input ({size}, now 1 files of {source.stat().st_size:,} bytes)" in line
    monkeypatch.setattr(StubModel, "signature", "briefbench:other")
    model.open_model.cache_clear()
    assert "the model (briefbench:test|model:checksums, now briefbench:other)" in stopped(
        1, source, "--out", tmp_path / "out", "--part-rows", "20"
    )
    found = label(source, "--part-rows", "20", "--overwrite", out="out")
    assert len(found) == 30
    assert {row["model"] for row in found} == {"briefbench:other"}


def test_a_finished_file_is_replaced_only_where_it_may_be(label: Label, stopped: Stopped, tmp_path: Path) -> None:
    source = write_table(tmp_path / "in.jsonl", ROWS)
    label(source)
    assert "out.parquet: is there already; name another --out or --overwrite" in stopped(
        1, source, "--out", tmp_path / "out.parquet"
    )
    write_table(source, ROWS[:5])
    assert len(label(source, "--overwrite")) == 5


def test_a_second_run_into_the_same_folder_is_refused(label: Label, stopped: Stopped, tmp_path: Path) -> None:
    source = write_table(tmp_path / "in.jsonl", ROWS)
    label(source, out="out")
    with FileLock(tmp_path / "out" / ".lock"):
        assert "out: another run is writing there; wait for it" in stopped(1, source, "--out", tmp_path / "out")
        assert "another run is writing there" in stopped(1, source, "--out", tmp_path / "out", "--overwrite")
    label(source, out="out")


def test_a_worker_of_a_run_that_was_replaced_writes_nothing(
    label: Label, stopped: Stopped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_table(tmp_path / "in.jsonl", ROWS)
    check = workspace.check_mine

    def taken_over(folder: Path, key: str) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps(manifest | {"model": "another"}))
        check(folder, key)

    monkeypatch.setattr(parts, "check_mine", taken_over)
    assert "out: another run has taken this folder over" in stopped(1, source, "--out", tmp_path / "out")
    assert sorted(tree(tmp_path / "out")) == ["manifest.json"]


def test_an_input_that_changes_under_a_run_is_refused(
    stopped: Stopped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_table(tmp_path / "in.jsonl", ROWS)

    class Meddler(StubModel):
        def predict(self, texts: Any) -> Any:
            source.write_bytes(source.read_bytes() + b'{"id": "late", "text": "Late."}\n')
            return super().predict(texts)

    monkeypatch.setattr(model, "make_model", lambda reference: Meddler())
    assert "in.jsonl: changed while it was read" in stopped(1, source, "--out", tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


def test_a_manifest_that_is_none_is_refused(stopped: Stopped, tmp_path: Path) -> None:
    source = write_table(tmp_path / "in.jsonl", ROWS)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").write_text('{"model": 5}')
    assert "manifest.json: no manifest of briefbench label" in stopped(1, source, "--out", tmp_path / "out")


def test_a_full_disk_is_told_in_one_line_and_leaves_no_part(
    stopped: Stopped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_table(tmp_path / "in.jsonl", ROWS)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("briefbench.labelling.writing.os.fsync", full)
    assert "cannot be written: No space left on device" in stopped(1, source, "--out", tmp_path / "out")
    assert not list((tmp_path / "out").glob("*part*"))


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_memory_does_not_grow_with_the_input(tmp_path: Path, form: str) -> None:
    peaks = []
    for number, rows in enumerate((2_500, 20_000)):
        table = [{"id": f"r{i}", "text": f"Sentence {i}. " + "word " * 1_000} for i in range(rows)]
        source = write_table(tmp_path / f"{number}.{form}", table, group=800)
        del table
        process = child(source, "--out", tmp_path / f"out{number}.parquet", "--part-rows", "1000", "--with-text")
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        peaks.append(int(out.split()[-1]))
        assert pq.ParquetFile(tmp_path / f"out{number}.parquet").metadata.num_rows == rows
    assert peaks[1] - peaks[0] < 44_000, "kilobytes, where there are 88 MB more of text"


def test_progress_is_shown_on_a_terminal_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_table(tmp_path / "in.jsonl", ROWS)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["label", str(source), "--out", str(tmp_path / "out"), "--part-rows", "7", "--workers", "1"]) == 0
    err = capsys.readouterr().err
    assert "60 of 60 rows" in err
    assert "rows/s" in err
    assert read_labels(tmp_path / "out")[0]["id"] == "r0"
