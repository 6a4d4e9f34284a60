"""Generated Markdown: a cell cannot break its table, and a block's neighbours are never touched."""

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.errors import InputError
from briefbench.markdown import replace_block, table, with_block

DOCUMENT = "# Title\n\n<!-- facts:begin generated, do not edit -->\nold\nlines\n<!-- facts:end -->\n\nAfter.\n"
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))


def test_a_table_has_a_rule_that_aligns_its_numbers() -> None:
    assert table(("name", "count", "share"), [("river", 3, 0.5)]) == (
        "| name | count | share |\n| --- | ---: | ---: |\n| river | 3 | 0.5 |"
    )
    assert table(("a", "b"), [], numbers_from=2) == "| a | b |\n| --- | --- |"


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5))
def test_no_cell_adds_a_column_a_row_or_a_tag(rows: list[tuple[str, str]]) -> None:
    lines = table(("one", "two"), rows).split("\n")
    assert len(lines) == 2 + len(rows)
    for line, row in zip(lines[2:], rows, strict=True):
        assert "<" not in line
        assert line.startswith("| ")
        assert line.endswith(" |")
        assert len(separators(line)) == 3
        assert unescaped(line) == tuple(cell.replace("\n", " ").replace("&lt;", "<") for cell in row)


def separators(line: str) -> list[int]:
    """Return the places of the pipes that a backslash does not escape, reading from the left."""
    found, i = [], 0
    while i < len(line):
        if line[i] == "\\":
            i += 2
            continue
        if line[i] == "|":
            found.append(i)
        i += 1
    return found


def unescaped(line: str) -> tuple[str, ...]:
    pipes = separators(line)
    cells = [line[a + 2 : b - 1] for a, b in itertools.pairwise(pipes)]
    return tuple(re.sub(r"\\(.)", r"\1", cell).replace("&lt;", "<") for cell in cells)


def test_a_block_is_replaced_and_the_rest_kept() -> None:
    assert replace_block(DOCUMENT, "facts", "new", where="f") == DOCUMENT.replace("old\nlines", "new")


@given(st.text(st.characters(exclude_categories=["Cs"])).filter(lambda body: "facts:" not in body))
def test_a_body_is_taken_literally_and_a_second_time_changes_nothing(body: str) -> None:
    once = replace_block(DOCUMENT, "facts", body, where="f")
    before, after = DOCUMENT.split("old\nlines")
    assert once == before + body + after
    assert replace_block(once, "facts", body, where="f") == once


@pytest.mark.parametrize("body", ["\\1 \\2", "\\g<1>\\g<0>", "C:\\new\\table", "\\", "$1 & <b>"])
def test_backslashes_in_a_body_are_no_group_references(body: str) -> None:
    assert body in replace_block(DOCUMENT, "facts", body, where="f")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no markers\n",
        "<!-- facts:begin -->\nnever closed\n",
        "<!-- facts:end -->\n<!-- facts:begin -->\n",
        DOCUMENT + DOCUMENT,
        DOCUMENT.replace("facts", "other"),
    ],
    ids=["empty", "none", "no end", "wrong order", "twice", "another block"],
)
def test_a_document_without_its_one_block_is_refused_by_name(text: str) -> None:
    with pytest.raises(InputError, match=r"notes\.md: needs the lines <!-- facts:begin --> and ") as caught:
        replace_block(text, "facts", "new", where="notes.md")
    assert "\n" not in str(caught.value)


def test_a_block_whose_name_only_begins_alike_is_not_touched() -> None:
    text = DOCUMENT + DOCUMENT.replace("facts", "facts-two")
    assert (
        replace_block(text, "facts", "new", where="f") == DOCUMENT.replace("old\nlines", "new") + text[len(DOCUMENT) :]
    )


def test_a_name_is_no_pattern() -> None:
    with pytest.raises(InputError):
        replace_block(DOCUMENT, "f.cts", "new", where="f")


def test_a_files_new_content_has_the_block_replaced_and_nothing_is_written_yet(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(DOCUMENT, encoding="utf-8")
    assert with_block(path, "facts", "neu: Дніпро") == {path: DOCUMENT.replace("old\nlines", "neu: Дніпро").encode()}
    assert with_block(path, "facts", "old\nlines") == {path: DOCUMENT.encode()}
    assert path.read_text(encoding="utf-8") == DOCUMENT


def test_a_file_without_the_block_is_not_rewritten_and_none_is_made(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("mine\n", encoding="utf-8")
    assert with_block(path, "facts", "new") == {}
    assert with_block(tmp_path / "absent.md", "facts", "new") == {}


@pytest.mark.parametrize("text", ["<!-- facts:begin -->\nnever closed\n", DOCUMENT + DOCUMENT])
def test_a_file_whose_block_is_unclear_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "README.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"README\.md: needs the lines"):
        with_block(path, "facts", "new")


@pytest.mark.parametrize(
    "text",
    [
        "<!-- a:begin -->\nkeep me\n<!-- a:begin -->\nz\n<!-- a:end -->\n",
        "<!-- a:begin -->\nz\n<!-- a:end -->\nkeep me\n<!-- a:end -->\n",
    ],
)
def test_unbalanced_markers_delete_nothing(text: str) -> None:
    with pytest.raises(InputError, match="exactly once"):
        replace_block(text, "a", "new", where="x.md")
