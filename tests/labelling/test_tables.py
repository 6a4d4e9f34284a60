"""Tables in, labels out: every row once, in order, its id to the letter, whatever the format and the parts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from briefbench.commands import main
from briefbench.labelling import parquet
from briefbench.schema import TASKS
from table_support import ODD, SIGNATURE, expected_topic, read_labels, tree, write_table
from tests_support import FIXTURES

Label = Callable[..., list[dict[str, Any]]]
Stopped = Callable[..., str]
FORMATS = ("jsonl", "csv", "parquet")
ROWS = [{"id": identity, "text": text, "more": number} for number, (identity, text) in enumerate(ODD * 3)]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("out", ["out.parquet", "out.jsonl", "out"])
@pytest.mark.parametrize("rows", ["7", "50000"])
def test_every_row_is_labelled_once_in_order_with_its_id_to_the_letter(
    label: Label, tmp_path: Path, form: str, out: str, rows: str
) -> None:
    found = label(write_table(tmp_path / f"in.{form}", ROWS), "--part-rows", rows, "--with-text", out=out)
    assert [(row["id"], row["text"]) for row in found] == list(ODD * 3)
    assert [row["row"] for row in found] == list(range(1, len(ROWS) + 1))
    assert {(row["file"], row["model"]) for row in found} == {(f"in.{form}", SIGNATURE)}
    for row in found:
        assert row["topic"] == expected_topic(row["text"])
        for task in TASKS:
            assert row[task.name] in task.names
            assert row[f"{task.name}_probability"] == round(0.75 + 0.25 / len(task), 4)


def test_parquet_says_in_its_metadata_which_model_it_is_from_and_writes_labels_by_dictionary(
    label: Label, tmp_path: Path
) -> None:
    label(write_table(tmp_path / "in.jsonl", ROWS), "--part-rows", "7")
    file = pq.ParquetFile(tmp_path / "out.parquet")
    assert file.schema_arrow.metadata[b"briefbench.model"].decode() == SIGNATURE
    columns = [
        "file",
        "row",
        "id",
        *(name for task in TASKS for name in (task.name, f"{task.name}_probability")),
        "model",
    ]
    assert file.schema_arrow.names == columns
    for name in ("file", "model", *(task.name for task in TASKS)):
        assert pa.types.is_dictionary(file.schema_arrow.field(name).type)


@pytest.mark.parametrize("out", ["out.parquet", "out.jsonl", "out"])
def test_two_runs_write_the_same_bytes(label: Label, tmp_path: Path, out: str) -> None:
    source = write_table(tmp_path / "in.csv", ROWS)
    for place in (f"1/{out}", f"2/{out}"):
        (tmp_path / place).parent.mkdir()
        label(source, "--part-rows", "7", out=place)
    first, second = tree(tmp_path / "1"), tree(tmp_path / "2")
    assert first == second
    assert len(first) > 0


def test_a_file_is_all_that_is_left_of_a_run(label: Label, tmp_path: Path) -> None:
    label(write_table(tmp_path / "in" / "a.jsonl", ROWS), "--part-rows", "7")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out.parquet"]


def test_byte_order_marks_and_windows_line_ends_are_no_part_of_the_records(label: Label, tmp_path: Path) -> None:
    for form in ("jsonl", "csv"):
        path = write_table(tmp_path / f"in.{form}", [{"id": "a", "text": "One."}, {"id": "b", "text": "Two."}])
        data = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + data)
        found = label(path, "--with-text", out=f"{form}.jsonl")
        assert [(row["id"], row["text"]) for row in found] == [("a", "One."), ("b", "Two.")]


def test_a_nul_and_surrogate_pairs_in_json_escapes_are_characters(label: Label, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"id": "\\u0000", "text": "A \\ud83d\\ude9c and a \\u0000."}\n')
    (row,) = label(tmp_path / "in.jsonl", "--with-text")
    assert (row["id"], row["text"]) == ("\0", "A 🚜 and a \0.")


@pytest.mark.parametrize("form", FORMATS)
def test_columns_of_other_names_are_read_where_they_are_named(label: Label, tmp_path: Path, form: str) -> None:
    rows = [{"bullet_id": f"b{i}", "key": f"k{i}", "body": f"Sentence {i}.", "text": ""} for i in range(4)]
    source = write_table(tmp_path / f"in.{form}", rows)
    usual = label(source, "--text-column", "body", "--with-text", out="usual.jsonl")
    assert [(row["id"], row["text"]) for row in usual] == [(row["bullet_id"], row["body"]) for row in rows]
    named = label(source, "--text-column", "body", "--id-column", "key", out="named.jsonl")
    assert [row["id"] for row in named] == ["k0", "k1", "k2", "k3"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_table_without_ids_gets_none(label: Label, tmp_path: Path, form: str) -> None:
    found = label(write_table(tmp_path / f"in.{form}", [{"text": "One."}, {"text": "Two."}]), "--with-text")
    assert [row["text"] for row in found] == ["One.", "Two."]
    assert "id" not in found[0]


def test_whole_numbers_are_ids_too(label: Label, tmp_path: Path) -> None:
    rows = [{"id": 7, "text": "One."}, {"id": -(2**60), "text": "Two."}]
    for form in ("jsonl", "parquet"):
        assert [row["id"] for row in label(write_table(tmp_path / f"in.{form}", rows), out=f"{form}.jsonl")] == [
            "7",
            str(-(2**60)),
        ]


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
)
def test_parquet_texts_of_every_type_of_string_are_read(label: Label, tmp_path: Path, kind: pa.DataType) -> None:
    texts = [text for _, text in ODD]
    column = (
        pa.array(texts, pa.string()).dictionary_encode().cast(kind)
        if pa.types.is_dictionary(kind)
        else pa.array(texts, kind)
    )
    pq.write_table(pa.table({"text": column}), tmp_path / "in.parquet", row_group_size=3)
    assert [row["text"] for row in label(tmp_path / "in.parquet", "--with-text", "--part-rows", "4")] == texts


def test_parts_may_begin_anywhere_in_a_row_group(label: Label, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_BATCH", 4)
    rows = [{"id": f"r{i}", "text": f"Sentence {i}."} for i in range(50)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet", row_group_size=23)
    for size in ("6", "23", "49"):
        found = label(tmp_path / "in.parquet", "--part-rows", size, "--with-text", out=f"{size}.jsonl")
        assert [(row["id"], row["text"]) for row in found] == [(row["id"], row["text"]) for row in rows]


@pytest.mark.parametrize("form", FORMATS)
def test_parts_go_on_from_one_file_of_a_folder_to_the_next(label: Label, tmp_path: Path, form: str) -> None:
    names = ("a", "b/c", "b/d", "é")
    for name in names:
        write_table(
            tmp_path / "in" / f"{name}.{form}", [{"id": f"{name}{i}", "text": f"Sentence {i}."} for i in range(5)]
        )
    found = label(tmp_path / "in", "--part-rows", "7", out="out")
    assert [(row["file"], row["row"], row["id"]) for row in found] == [
        (f"{name}.{form}", i + 1, f"{name}{i}") for name in names for i in range(5)
    ]
    sizes = [len(pq.read_table(path)) for path in sorted((tmp_path / "out").glob("part-*.parquet"))]
    assert sizes == [7, 7, 6]


def test_articles_of_a_folder_become_bullets(label: Label, tmp_path: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    for name, source in (("a.html", "briefing.html"), ("sub/b.txt", "briefing.txt")):
        (tmp_path / "in" / name).write_bytes((FIXTURES / source).read_bytes())
    found = label(tmp_path / "in", "--with-text")
    assert [(row["file"], row["row"]) for row in found] == [
        (n, i) for n in ("a.html", "sub/b.txt") for i in range(1, 13)
    ]
    assert [row["text"] for row in found[:12]] == [row["text"] for row in found[12:]]
    assert all(row["id"].startswith("2023") for row in found)
    assert len(label(tmp_path / "in" / "a.html", "--prose", out="prose.parquet")) > 12


def test_hidden_files_and_links_that_leave_the_folder_are_left_out(
    label: Label, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    for name in ("in/a.jsonl", "in/.hidden.jsonl", "in/.git/b.jsonl", "else/c.jsonl"):
        write_table(tmp_path / name, [{"text": f"From {name}."}])
    (folder / "away.jsonl").symlink_to(tmp_path / "else" / "c.jsonl")
    (folder / "folder").symlink_to(tmp_path / "else")
    (folder / "again.jsonl").symlink_to(folder / "a.jsonl")
    found = label(folder)
    assert [row["file"] for row in found] == ["a.jsonl", "again.jsonl"]
    assert "2 links in " in capsys.readouterr().err


def test_an_input_without_records_gives_an_output_without_rows(label: Label, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").touch()
    (tmp_path / "in.csv").write_text("id,text\n")
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "in.parquet")
    for form in FORMATS:
        assert label(tmp_path / f"in.{form}", out=f"{form}.parquet") == []
        assert pq.read_schema(tmp_path / f"{form}.parquet").names[:2] == ["file", "row"]
        assert label(tmp_path / f"in.{form}", out=form) == []


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "in: no file to label"),
        ({".a.jsonl": b"{}"}, "in: no file to label"),
        ({"a.jsonl": b"{}", "b.csv": b"text\n"}, "in: holds jsonl (a.jsonl) and csv (b.csv); give"),
        ({"a.txt": b"x", "b.parquet": b"x"}, "in: holds article (a.txt) and parquet (b.parquet)"),
        ({"a.jsonl": b"{}", "b.zip": b"PK"}, "b.zip: of no kind that is read"),
        ({"a.csv": b""}, "a.csv: no header"),
        ({"a.csv": b"\xff\n"}, "a.csv: the header is not UTF-8"),
        ({"a.csv": b"text,text\n"}, "a.csv: column 'text' stands twice"),
        ({"a.csv": b"title,body\nx,y\n"}, "no column 'text'; the columns are title, body; name one with --text-column"),
        ({"a.csv": b"id,text\n", "b.csv": b"text\n"}, "b.csv: no column 'id'"),
        ({"a.parquet": b"PAR1 not"}, "a.parquet: not readable as Parquet"),
    ],
)  # fmt: skip
def test_folders_that_cannot_be_labelled_are_refused(
    stopped: Stopped, tmp_path: Path, files: dict[str, bytes], words: str
) -> None:
    (tmp_path / "in").mkdir()
    for name, data in files.items():
        (tmp_path / "in" / name).write_bytes(data)
    assert words in stopped(1, tmp_path / "in", "--out", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"text": [1, 2]}, "column 'text' is of type int64; expected strings"),
        ({"text": [b"x", b"y"]}, "column 'text' is of type binary; expected strings"),
        ({"id": [1.5, 2.5], "text": ["One.", "Two."]}, "column 'id' is of type double"),
        ({"body": ["One."]}, "no column 'text'; the columns are body"),
    ],
)
def test_parquet_columns_of_other_types_are_refused(
    stopped: Stopped, tmp_path: Path, table: dict[str, list[Any]], words: str
) -> None:
    pq.write_table(pa.table(table), tmp_path / "in.parquet")
    assert words in stopped(1, tmp_path / "in.parquet", "--out", tmp_path / "out")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "in.jsonl: a table or folder needs --out"),
        (("--out", "out", "--json"), "--json is for an article"),
        (("--out", "out", "--against", "votes"), "--against is for an article"),
        (("--out", "out", "--ray", "auto"), "--workers is for one machine"),
        (("--out", "o.jsonl", "--format", "parquet"), "o.jsonl: ends as jsonl, but --format is parquet"),
        (("--out", "in.jsonl"), "in.jsonl: is also the output"),
        (("--out", "in.jsonl", "--overwrite"), "in.jsonl: is also the output"),
        (("--out", "folder.parquet"), "folder.parquet: is a folder; name a file"),
        (("--out", "there.parquet"), "there.parquet: is there already; name another --out or --overwrite"),
        (("--out", "full"), "full: holds files that briefbench label did not write"),
        (("--out", "full", "--overwrite"), "full: holds files that briefbench label did not write"),
        (("--out", "full/mine.txt"), "mine.txt: is no folder"),
        (("--out", "full/mine.txt/out"), "cannot be written: Not a directory"),
    ],
)
def test_options_that_do_not_go_together_are_refused_and_nothing_is_touched(
    stopped: Stopped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_table(tmp_path / "in.jsonl", ROWS)
    (tmp_path / "folder.parquet").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "there.parquet").touch()
    (tmp_path / "full" / "mine.txt").write_text("Mine.\n")
    before = tree(tmp_path)
    assert words in stopped(1, "in.jsonl", *options)
    assert tree(tmp_path) == before


def test_an_output_inside_the_folder_that_is_read_is_refused(stopped: Stopped, tmp_path: Path) -> None:
    write_table(tmp_path / "in" / "a.jsonl", ROWS)
    for out in ("in/out", "in/out.parquet", "in"):
        assert "lies in the folder that is read" in stopped(1, tmp_path / "in", "--out", tmp_path / out)


def test_options_of_tables_are_refused_where_labels_are_printed(stopped: Stopped) -> None:
    assert "--set-aside needs --out" in stopped(1, FIXTURES / "briefing.txt", "--set-aside")


def test_without_daft_several_workers_are_refused_and_one_is_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("briefbench.labelling.runner.find_spec", lambda name: None)
    source, out = write_table(tmp_path / "in.jsonl", ROWS), str(tmp_path / "out")
    assert main(["label", str(source), "--out", out, "--part-rows", "7", "--workers", "2"]) == 1
    assert "--workers 1 needs none), is not installed; run pip install 'briefbench[scale]'" in capsys.readouterr().err
    assert main(["label", str(source), "--out", out, "--ray", "auto"]) == 1
    assert "Ray is not installed; run pip install 'briefbench[ray]'" in capsys.readouterr().err
    assert not Path(out).exists()
    assert main(["label", str(source), "--out", out, "--workers", "2"]) == 0, "one part needs one worker"
    assert len(read_labels(Path(out))) == len(ROWS)


def test_the_closing_line_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_table(tmp_path / "in.jsonl", ROWS)
    assert main(["label", str(source), "--out", str(tmp_path / "out"), "--part-rows", "7", "--workers", "1"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("labelled 30 rows in 5 parts, ")
    assert out.endswith(f" a second; written to {tmp_path / 'out'}\n")
    assert err == ""
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (manifest["model"], manifest["parts"], manifest["input"]["files"]) == (SIGNATURE, 5, 1)
    assert str(tmp_path) not in json.dumps(manifest)
