"""JSON lines and CSV: what only one of them can get wrong, and what each may do differently."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from briefbench.errors import PredictionError
from briefbench.evaluation.predictions import formats, matching
from briefbench.evaluation.predictions.columns import FLAT
from briefbench.schema import STANCE
from predictions_support import ENCODERS, EXPECTED, GOOD, HEADER, IDS, REFERENCE, as_csv, even, read, refusal, rows_of

LINE = '{"bullet_id": "b0", "stance": "neutral"}\n'
ROWS = rows_of(HEADER, GOOD)
SHARES = [even(STANCE, **{stance: 1.0}) for _, stance in GOOD]


def quick(path: Path) -> bool:
    """Tell whether a file is read without going through its rows."""
    opened = formats.open_file(path, len(REFERENCE))
    return opened.table is not None and matching.match(opened.table, "", REFERENCE) is not None


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_flat_columns_of_probabilities_are_read_in_every_format(tmp_path: Path, kind: str) -> None:
    """A data frame has flat columns; a file that is written from it must not lose its probabilities in silence."""
    names = {label: name for name, label in FLAT["stance_probabilities"].items()}
    rows = [
        {"bullet_id": i, **{names[label]: share for label, share in shares.items()}}
        for i, shares in zip(IDS, SHARES, strict=True)
    ]
    found = read(tmp_path, kind, ENCODERS[kind](rows))
    assert found.probabilities["stance"].tolist() == np.eye(4)[EXPECTED].tolist()
    rows[2][names["mixed"]] = 2.5
    assert "bullet b2: stance_probabilities of mixed is 2.5" in refusal(tmp_path, kind, ENCODERS[kind](rows))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_files_saved_on_windows_are_read(tmp_path: Path, mark: str, end: str) -> None:
    table = as_csv(ROWS).decode().replace("b2", "\nb2").replace("\n", end)
    lines = "\n\n".join(json.dumps(row) for row in ROWS).replace("\n", end)
    assert read(tmp_path, "csv", mark + table).labels["stance"].tolist() == EXPECTED
    assert read(tmp_path, "jsonl", mark + lines).labels["stance"].tolist() == EXPECTED


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_utf_16_and_latin_1_are_refused_with_the_line(tmp_path: Path, kind: str) -> None:
    for encoding in ("utf-16", "utf-32"):
        content = ENCODERS[kind](ROWS).decode().encode(encoding)
        assert "line 1: not UTF-8; save the file as UTF-8" in refusal(tmp_path, kind, content)
    assert "line 2: not UTF-8" in refusal(tmp_path, kind, b"\nb\xe9,mixed\n")
    assert "not UTF-8" in refusal(tmp_path, kind, ENCODERS[kind](ROWS).replace(b"bullet_id", b"bullet_\xed\xa0\x80", 1))


def test_what_is_no_kind_of_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        PredictionError, match=r"mine\.txt: unknown format; name the file \*\.parquet, \*\.jsonl, \*\.csv"
    ):
        read(tmp_path, "txt", b"")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("hello", "line 2: not JSON"),
        ("null", "line 2: not a JSON object"),
        ("1", "line 2: not a JSON object"),
        ("[]", "line 2: not a JSON object"),
        ('"b1"', "line 2: not a JSON object"),
        ("{}", "line 2: lacks the key 'bullet_id'; give every line the keys of the first one"),
        ('{"bullet_id": "b1", "topic": "combat"}', "line 2: lacks the key 'stance'; give every line"),
        ('{"bullet_id": "b1"}', "line 2: lacks the key 'stance'"),
        ('{"bullet_id": "b1", "stance": "mixed", "\\u001b\\n": 1}', "line 2: has another key '\\x1b\\n'; give every"),
        ('{"bullet_id": "b1", "stance": "mixed", "stance": "neutral"}', "line 2: a key stands twice; keep one"),
        ('{"bullet_id": "b1", "stance": "mixed", "\\u0073tance": "neutral"}', "line 2: a key stands twice"),
        ('{"bullet_id": "b1", "stance" : "mixed","stance"\t: "mixed"}', "line 2: a key stands twice"),
        ('{"bullet_id": "b1", "stance": null}', "line 2, bullet b1: no stance"),
        ('{"bullet_id": "b1", "stance": NaN}', "line 2, bullet b1: no stance"),
        ('{"bullet_id": "b1", "stance": Infinity}', "line 2, bullet b1: unknown stance inf"),
        ('{"bullet_id": "b1", "stance": 2}', "line 2, bullet b1: unknown stance 2"),
        ('{"bullet_id": "b1", "stance": false}', "line 2, bullet b1: unknown stance False"),
        ('{"bullet_id": "b1", "stance": ["mixed"]}', "line 2, bullet b1: unknown stance ['mixed']"),
        ('{"bullet_id": 1, "stance": "mixed"}', "line 2: bullet_id 1 is not in"),
        ('{"bullet_id": ["b1"], "stance": "mixed"}', "line 2: bullet_id ['b1'] is not in"),
        ('{"bullet_id": "\\ud800", "stance": "mixed"}', "line 2: bullet_id '\\ud800' is not in"),
        ('{"bullet_id": "b1", "stance": "\\udfff"}', "line 2, bullet b1: unknown stance '\\udfff'"),
        ('{"bullet_id": "b1", "stance": "mi\x1bxed"}', "line 2: not JSON: Invalid control character"),
        ('{"bullet_id": "b1", "stance": ' + "[" * 100_000 + "]" * 100_000 + "}", "line 2: not JSON: maximum recursion"),
        ('{"bullet_id": "b1", "stance": ' + "[" * 300 + "]" * 300 + "}", "line 2, bullet b1: unknown stance [[[["),
        ('{"bullet_id": "b1", "stance": ' + "9" * 5000 + "}", "line 2: not JSON: Exceeds the limit"),
        (f"{LINE.strip()},{LINE.strip()}", "line 2: not JSON: Extra data"),
        (
            '{"bullet_id": "b1", "stance": "mixed"} {"bullet_id": "b2", "stance": "mixed"}',
            "line 2: not JSON: Extra data",
        ),
        (
            '{"bullet_id": "b1", "stance": "mixed"}\r{"bullet_id": "b2", "stance": "mixed"}',
            "line 2: not JSON: Extra data",
        ),
        ('{"bullet_id": "b1",\n"stance": "mixed"}', "line 2: not JSON"),
    ],
    ids=lambda value: value[:45],
)
def test_a_bad_json_line_is_refused(tmp_path: Path, line: str, words: str) -> None:
    assert words in refusal(tmp_path, "jsonl", f"{LINE}{line}\n")


def test_a_first_json_line_that_is_no_object_is_refused(tmp_path: Path) -> None:
    assert "line 1: not JSON" in refusal(tmp_path, "jsonl", f"[\n{LINE}]\n")
    for line in ("null", "[]", "{}", "0", '"bullet_id"', '["bullet_id", "stance"]'):
        assert refusal(tmp_path, "jsonl", f"{line}\n{LINE}").startswith("mine.jsonl: ")


@pytest.mark.parametrize("first", [json.dumps({"bullet_id": "b0", "stance_probabilities": SHARES[0]})])
@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("null", "stance_probabilities is None; expected a number for every label by name"),
        ("[0.25, 0.25, 0.25, 0.25]", "stance_probabilities is [0.25, 0.25, 0.25, 0.25]; expected"),
        ("{}", "stance_probabilities has no label 'pro_ukraine'"),
        ('{"pro_ukraine": 0, "pro_russia": 0, "mixed": 0, "neutral": 1, "angry": 0}', "has an unknown label 'angry'"),
        ('{"pro_ukraine": 0, "pro_russia": 0, "mixed": 0, "mixed": 0, "neutral": 1}', "line 2: a key stands twice"),
        ('{"pro_ukraine": 0, "pro_russia": 0, "mixed": NaN, "neutral": 1}', "of mixed is nan"),
        ('{"pro_ukraine": 0, "pro_russia": 0, "mixed": 1e999, "neutral": 1}', "of mixed is inf"),
        ('{"pro_ukraine": 0, "pro_russia": 0, "mixed": true, "neutral": 0}', "of mixed is True"),
        ('{"pro_ukraine": 0, "pro_russia": 0, "mixed": "1", "neutral": 0}', "of mixed is '1'"),
        (f'{{"pro_ukraine": 0, "pro_russia": 0, "mixed": {"9" * 400}, "neutral": 1}}', "of mixed is 9999999"),
        ('{"pro_ukraine": 0, "pro_russia": 0, "mixed": -1e-9, "neutral": 1}', "of mixed is -1e-09"),
        ('{"pro_ukraine": 0, "pro_russia": 0, "mixed": 0, "neutral": 0.5}', "add up to 0.5; expected 1"),
    ],
    ids=lambda value: value[:45],
)
def test_json_probabilities_that_are_none_are_refused(tmp_path: Path, first: str, cell: str, words: str) -> None:
    message = refusal(tmp_path, "jsonl", f'{first}\n{{"bullet_id": "b1", "stance_probabilities": {cell}}}\n')
    assert message.startswith("mine.jsonl: line 2")
    assert words in message


def test_json_probabilities_may_be_whole_numbers(tmp_path: Path) -> None:
    shares = [{name: int(share) for name, share in one.items()} for one in SHARES]
    lines = [json.dumps({"bullet_id": i, "stance_probabilities": one}) for i, one in zip(IDS, shares, strict=True)]
    found = read(tmp_path, "jsonl", "\n".join(lines).replace("0,", "-0,", 1))
    assert found.probabilities["stance"].tolist() == np.eye(4)[EXPECTED].tolist()
    assert not np.signbit(found.probabilities["stance"]).any()


def test_a_json_line_without_the_keys_of_a_span_is_not_taken_for_one_without_a_span(tmp_path: Path) -> None:
    lines = [f'{{"bullet_id": "{i}", "span_start": null, "span_end": null}}' for i in IDS]
    assert read(tmp_path, "jsonl", "\n".join(lines)).spans is not None
    lines[2] = '{"bullet_id": "b2"}'
    assert "line 3: lacks the key 'span_end'" in refusal(tmp_path, "jsonl", "\n".join(lines))


@pytest.mark.parametrize("ends", ["1.0, 2.0", "true, 2", '"1", "2"', "1, null", "1, 99999999999999999999", "1e0, 2e0"])
def test_json_spans_that_are_none_are_refused(tmp_path: Path, ends: str) -> None:
    start, end = ends.split(", ")
    lines = [f'{{"bullet_id": "{i}", "span_start": {start}, "span_end": {end}}}' for i in IDS]
    assert "line 1, bullet b0: span " in refusal(tmp_path, "jsonl", "\n".join(lines))


@pytest.mark.parametrize("content", ["", "\n\n", "  \n\t\n", "\ufeff"])
def test_a_file_of_nothing_but_blank_lines_is_empty(tmp_path: Path, content: str) -> None:
    assert refusal(tmp_path, "jsonl", content) == "mine.jsonl: the file is empty"


def test_a_json_line_may_name_its_keys_in_another_order(tmp_path: Path) -> None:
    lines = [json.dumps(row) for row in ROWS]
    lines[1] = '{"stance": "mixed", "bullet_id": "b1"}'
    assert read(tmp_path, "jsonl", "\n".join(lines)).labels["stance"].tolist() == EXPECTED


@pytest.mark.parametrize("content", ["\n\n", "\r\n", "\ufeff"])
def test_a_csv_without_a_header_is_empty(tmp_path: Path, content: str) -> None:
    assert refusal(tmp_path, "csv", content) == "mine.csv: the file is empty"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("b0\n", "mine.csv: line 2: 1 cells for 2 columns"),
        ("b0,neutral,\n", "mine.csv: line 2: 3 cells for 2 columns"),
        ("b0,neutral\n\n \n", "mine.csv: line 4: 1 cells for 2 columns"),
        ('b0,"neutral\n', "mine.csv, line 2: not CSV"),
        ('b0,"neutral"x\n', "mine.csv, line 2: not CSV"),
        ('b0,"neut"ral\nb1,mixed\nb2,mixed\nb3,mixed\n', "mine.csv, line 2: not CSV"),
        ('b0,mixed\nb1,mixed\nb2,mixed\nb3,"mixed', "mine.csv, line 5: not CSV"),
        ('b0,""\n', "mine.csv: line 2, bullet b0: no stance"),
        ("b0,neu\0tral\n", "mine.csv: line 2, bullet b0: unknown stance 'neu\\x00tral'"),
        ("b0," + "x" * 200_000 + "\n", "mine.csv, line 2: not CSV: field larger than"),
        ('b0,"=CMD(""x"")"\n', "mine.csv: line 2, bullet b0: unknown stance '=CMD(\"x\")'"),
        ("b0,nan\n", "mine.csv: line 2, bullet b0: unknown stance 'nan'"),
        ("b0,3\n", "mine.csv: line 2, bullet b0: unknown stance '3'"),
    ],
    ids=lambda value: value[:30],
)
def test_a_bad_csv_row_is_refused(tmp_path: Path, rows: str, words: str) -> None:
    assert words in refusal(tmp_path, "csv", f"bullet_id,stance\n{rows}")


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("nan", "of mixed is 'nan'; expected a number from 0 to 1"),
        ("inf", "of mixed is 'inf'"),
        ("1_0", "of mixed is '1_0'"),
        ("1e999", "of mixed is inf"),
        ("0x1", "of mixed is '0x1'"),
        ("\u0661", "of mixed is '\\u0661'"),
        ("", "of mixed is ''"),
        ("-0.5", "of mixed is -0.5"),
        ("0,5", "line 2: 6 cells for 5 columns"),
        ("0.5", "add up to 0.5"),
    ],
)
def test_csv_probabilities_that_are_none_are_refused(tmp_path: Path, cell: str, words: str) -> None:
    header = ",".join(["bullet_id", *FLAT["stance_probabilities"]])
    assert words in refusal(tmp_path, "csv", f"{header}\nb0,0,0,{cell},0\n")


def test_csv_probabilities_in_one_cell_are_refused_and_not_passed_over(tmp_path: Path) -> None:
    rows = [f"{i},{stance},{{}}" for i, stance in GOOD]
    message = refusal(tmp_path, "csv", "\n".join(["bullet_id,stance,stance_probabilities", *rows]))
    assert "line 2, bullet b0: stance_probabilities is '{}'; expected a number for every label by name" in message


@pytest.mark.parametrize("cell", ["0x1", "1.0", "1_1", "\u0661", "one", "1,0", "+", "9" * 5000])
def test_csv_spans_that_are_no_whole_numbers_are_refused(tmp_path: Path, cell: str) -> None:
    rows = [f'{i},"{cell}",5' for i in IDS]
    content = "\n".join(["bullet_id,span_start,span_end", *rows])
    assert "line 2, bullet b0: span '" in refusal(tmp_path, "csv", content)
    assert refusal(tmp_path, "csv", content.replace('"', "")).startswith("mine.csv: line 2")


def test_a_semicolon_between_cells_is_refused_with_the_columns_that_are_allowed(tmp_path: Path) -> None:
    message = refusal(tmp_path, "csv", "bullet_id;stance\nb0;neutral\nb1;mixed\n")
    assert "unknown column 'bullet_id;stance'; allowed are bullet_id, topic, stance, source_type, topic_prob" in message


@pytest.mark.parametrize("quoted", [0, 1, 2, 3], ids=["minimal", "all", "text", "none"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_csv_may_quote_its_cells_and_is_read_quickly_all_the_same(tmp_path: Path, quoted: int, end: str) -> None:
    import csv

    stream = io.StringIO()
    csv.writer(stream, quoting=quoted, lineterminator=end).writerows([HEADER, *GOOD])
    assert read(tmp_path, "csv", stream.getvalue()).labels["stance"].tolist() == EXPECTED
    assert quick(tmp_path / "mine.csv")
