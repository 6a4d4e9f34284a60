"""Rows that cannot be labelled: the first one stops the run in one line, or all are set aside and counted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from briefbench.commands import main
from briefbench.labelling import parquet, records, splitting
from table_support import read_labels
from tests_support import FIXTURES

Stopped = Callable[..., str]
REMEDY = "; mend it, or set such rows aside with --set-aside"

JSONL = [
    (b'{"id": "x", "text": "Caf\xe9."}', None, "not UTF-8 at byte 25 of the record"),
    (b'{"id": "x", "text": "One."', None, "not JSON: "),
    (b'{"id": "x", "text": "\\ud800"}', None, "not JSON: "),
    (b'["x", "One."]', None, "not a JSON object"),
    (b"null", None, "not a JSON object"),
    (b"", None, "an empty line"),
    (b"[" * 100_000, None, "not JSON"),
    (b'{"id": "x"}', "x", "no text"),
    (b'{"text": "One."}', None, "no id"),
    (b'{"id": "x", "text": null}', "x", "text is null; expected a string"),
    (b'{"id": "x", "text": 5}', "x", "text is a number; expected a string"),
    (b'{"id": "x", "text": ["One."]}', "x", "text is a list; expected a string"),
    (b'{"id": "x", "text": {}}', "x", "text is an object; expected a string"),
    (b'{"id": "x", "text": ""}', "x", "text is empty"),
    ('{"id": "x", "text": " \\n\u3000"}'.encode(), "x", "text is nothing but white space"),
    (b'{"id": null, "text": "One."}', None, "id is null; expected a string or a whole number"),
    (b'{"id": true, "text": "One."}', None, "id is a truth value; expected a string or a whole number"),
    (b'{"id": 1.5, "text": "One."}', None, "id is a number; expected a string or a whole number"),
]  # fmt: skip
CSV = [
    (b"x,Caf\xe9.", None, "not UTF-8 at byte 6 of the record"),
    (b"x", None, "1 cells; the header has 2"),
    (b"x,One,two.", None, "3 cells; the header has 2"),
    (b"", None, "1 cells; the header has 2"),
    (b'x,A "quoted" word.', None, "not CSV: a quote or line end where none may be"),
    (b'x,"One." two', None, "not CSV: a quote or line end where none may be"),
    (b"x,One.\rTwo.", None, "not CSV: a carriage return outside of quotes"),
    (b"x,", "x", "text is empty"),
    (b'x," "', "x", "text is nothing but white space"),
]
PARQUET = [
    (b"x", None, "x", "text is null; expected a string"),
    (None, b"One.", None, "id is null; expected a string or a whole number"),
    (b"x", b"Caf\xe9.", "x", "text is not UTF-8 at its byte 4"),
    (b"\xff", b"One.", None, "id is not UTF-8"),
    (b"x", b"", "x", "text is empty"),
    (b"x", b"a" * 5_000, "x", "longer than the 4,000 bytes that are read"),
]


@pytest.fixture
def check(stopped: Stopped, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """Label a table whose second row is bad, without and with setting it aside, and return the reject."""

    def run(source: Path, identity: str | None, reason: str) -> dict[str, Any]:
        out = tmp_path / "out"
        line = stopped(2, source, "--out", out, "--part-rows", "1")
        where = f"{source.name}, row 2" + (f", id {identity}" if identity else "")
        assert line.startswith(f"briefbench: error: {where}: {reason}")
        assert line.endswith(REMEDY)
        assert len(line) < 400
        assert len(read_labels(out)) == 1, "what was finished is kept"
        assert main(["label", str(source), "--out", str(out), "--part-rows", "1", "--workers", "1", "--set-aside"]) == 0
        printed = capsys.readouterr().out
        assert "labelled 2 rows in 3 parts (1 were there)" in printed
        assert f"; 1 row set aside in {out}.rejects.jsonl; written to" in printed
        assert [(row["row"], row["id"]) for row in read_labels(out)] == [(1, "good"), (3, "last")]
        (reject,) = [json.loads(one) for one in (tmp_path / "out.rejects.jsonl").read_text("utf-8").splitlines()]
        assert (reject["file"], reject["row"], reject["id"]) == (source.name, 2, identity)
        assert reject["reason"].startswith(reason)
        assert len(reject["excerpt"]) <= 2_000
        assert reject["excerpt"].isprintable() or reject["excerpt"] == ""
        found: dict[str, Any] = reject
        return found

    return run


@pytest.mark.parametrize(("line", "identity", "reason"), JSONL)
def test_a_bad_line_of_json(
    check: Callable[..., dict[str, Any]], tmp_path: Path, line: bytes, identity: str | None, reason: str
) -> None:
    good = b'{"id": "good", "text": "One."}', line, b'{"id": "last", "text": "Three."}'
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(good))
    check(tmp_path / "in.jsonl", identity, reason)


@pytest.mark.parametrize(("line", "identity", "reason"), CSV)
def test_a_bad_record_of_csv(
    check: Callable[..., dict[str, Any]], tmp_path: Path, line: bytes, identity: str | None, reason: str
) -> None:
    (tmp_path / "in.csv").write_bytes(b"id,text\r\n" + b"\r\n".join([b"good,One.", line, b"last,Three."]))
    check(tmp_path / "in.csv", identity, reason)


@pytest.mark.parametrize("bad", PARQUET)
def test_a_bad_row_of_parquet(
    check: Callable[..., dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    bad: tuple[bytes | None, bytes | None, str | None, str],
) -> None:
    key, text, identity, reason = bad
    for module in (parquet, records):
        monkeypatch.setattr(module, "MAX_RECORD", 4_000)
    columns = {"id": [b"good", key, b"last"], "text": [b"One.", text, b"Three."]}
    table = {name: pa.array(cells, pa.binary()).view(pa.string()) for name, cells in columns.items()}
    pq.write_table(pa.table(table), tmp_path / "in.parquet")
    check(tmp_path / "in.parquet", identity, reason)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "in.jsonl",
            ['{"id": "good", "text": "One."}', '{"id": "x", "text": "%s"}', '{"id": "last", "text": "Three."}'],
        ),
        ("in.csv", ["id,text\ngood,One.", 'x,"%s"', "last,Three."]),
    ],
)
def test_a_record_that_is_too_long(
    check: Callable[..., dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, lines: list[str]
) -> None:
    for module in (splitting, records):
        monkeypatch.setattr(module, "MAX_RECORD", 4_000)
    (tmp_path / name).write_text("\n".join(lines).replace("%s", "a" * 5_000))
    reject = check(tmp_path / name, None, "longer than the 4,000 bytes that are read")
    assert reject["excerpt"].startswith(lines[1][:3])


def test_what_a_terminal_would_obey_is_escaped_in_an_excerpt(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": "\\u001b[31mx\\u202e", "text": 1, "more": "\x7f\u202e"}\n')
    out = tmp_path / "out"
    assert main(["label", str(path), "--out", str(out), "--workers", "1", "--set-aside"]) == 0
    (reject,) = [json.loads(one) for one in (tmp_path / "out.rejects.jsonl").read_text().splitlines()]
    assert reject["id"] == "\x1b[31mx\u202e", "an id is kept to the letter where a program reads it"
    assert reject["excerpt"].isprintable()


def test_the_line_that_stops_a_run_is_printable(stopped: Stopped, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": "\\u001b[31mx\\u202e\\n", "text": 1}\n')
    line = stopped(2, path, "--out", tmp_path / "out")
    assert "in.jsonl, row 1, id \\x1b[31mx\\u202e\\n: text is a number" in line


def test_an_article_without_bullets_is_one_bad_row(stopped: Stopped, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes((FIXTURES / "briefing.txt").read_bytes())
    (folder / "b.txt").write_text("Just a sentence.\n")
    line = stopped(2, folder, "--out", tmp_path / "out.jsonl")
    assert line.startswith("briefbench: error: b.txt: no bullet found")
    assert main(["label", str(folder), "--out", str(tmp_path / "out.jsonl"), "--workers", "1", "--set-aside"]) == 0
    assert len(read_labels(tmp_path / "out.jsonl")) == 12
    (reject,) = [json.loads(one) for one in (tmp_path / "out.jsonl.rejects.jsonl").read_text().splitlines()]
    assert (reject["file"], reject["row"], reject["id"]) == ("b.txt", None, None)


def test_rows_set_aside_by_an_earlier_run_stop_one_that_sets_none_aside(
    stopped: Stopped, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "in.jsonl", tmp_path / "out"
    path.write_text('{"id": "a", "text": "One."}\n{"id": "b"}\n')
    assert main(["label", str(path), "--out", str(out), "--workers", "1", "--set-aside"]) == 0
    capsys.readouterr()
    assert "in.jsonl, row 2, id b: no text" in stopped(2, path, "--out", out)


def test_a_run_without_rejects_leaves_no_reject_file(stopped: Stopped, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "One."}\n')
    assert main(["label", str(path), "--out", str(tmp_path / "out"), "--workers", "1", "--set-aside"]) == 0
    assert sorted(one.name for one in tmp_path.iterdir()) == ["in.jsonl", "out"]


def test_the_reject_file_of_an_earlier_run_does_not_outlive_its_output(tmp_path: Path) -> None:
    path, command = tmp_path / "in.jsonl", ["--out", str(tmp_path / "out"), "--workers", "1", "--set-aside"]
    path.write_text('{"text": 1}\n')
    assert main(["label", str(path), *command]) == 0
    assert (tmp_path / "out.rejects.jsonl").exists()
    path.write_text('{"text": "One."}\n')
    assert main(["label", str(path), *command, "--overwrite"]) == 0
    assert not (tmp_path / "out.rejects.jsonl").exists()
