"""Records found block by block: whatever the sizes of blocks and parts, the parts make up the whole."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from briefbench.labelling import cells, splitting
from briefbench.labelling.records import Columns
from briefbench.labelling.splitting import Cut, cut, raw_records

tiny = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
CELLS = st.text(st.sampled_from('ab,"\n\r é\u2028'), max_size=6)


@pytest.fixture(params=[3, 1 << 20])
def small_blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in blocks of a few bytes, and in one."""
    monkeypatch.setattr(splitting, "_BLOCK", request.param)


def cuts_of(path: Path, first: int, every: int, *, quoted: bool) -> list[Cut]:
    found = list(cut(path, 0, first, every, quoted=quoted))
    assert [one.records for one in found[:-1]] == [first, *[every] * len(found)][: max(len(found) - 1, 0)]
    assert all(0 < one.records <= (every if number else first) for number, one in enumerate(found))
    assert [one.start for one in found] == [0, *(one.end for one in found)][: len(found)]
    return found


@tiny
@given(lines=st.lists(st.binary(max_size=5).map(lambda line: line.replace(b"\n", b"")), max_size=12), data=st.data())
def test_the_lines_of_all_parts_are_the_lines_of_the_file(
    small_blocks: None, tmp_path: Path, lines: list[bytes], data: st.DataObject
) -> None:
    text = b"".join(line + b"\n" for line in lines)
    text = text[:-1] if data.draw(st.booleans()) else text
    expected = text.split(b"\n")[:-1] if text.endswith(b"\n") else text.split(b"\n") if text else []
    (tmp_path / "f").write_bytes(text)
    cuts = cuts_of(tmp_path / "f", data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4)), quoted=False)
    found = [[*raw_records(tmp_path / "f", one.start, one.end, quoted=False)] for one in cuts]
    assert [len(part) for part in found] == [one.records for one in cuts]
    assert [raw.data.rstrip(b"\n") for part in found for raw in part] == expected
    assert b"".join(raw.data for part in found for raw in part) == text


@tiny
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8), end=st.sampled_from(["\n", "\r\n"]), data=st.data()
)
def test_the_records_of_all_parts_are_those_that_the_csv_module_reads(
    small_blocks: None, tmp_path: Path, rows: list[tuple[str, str]], end: str, data: st.DataObject
) -> None:
    stream = io.StringIO()
    # The csv module leaves a lone carriage return bare, which RFC 4180 does not allow.
    bare = not any("\r" in cell for row in rows for cell in row) and data.draw(st.booleans())
    writer = csv.writer(stream, lineterminator=end, quoting=csv.QUOTE_MINIMAL if bare else csv.QUOTE_ALL)
    writer.writerows([("id", "text"), *rows])
    text = stream.getvalue()
    text = text.removesuffix(end) if data.draw(st.booleans()) else text
    path = tmp_path / "f.csv"
    path.write_text(data.draw(st.sampled_from(["", "\ufeff"])) + text, "utf-8", newline="")
    names, begin = cells.header(path)
    assert names == ["id", "text"]
    every = data.draw(st.integers(1, 3))
    found, number = [], 1
    for one in cut(path, begin, every, every, quoted=True):
        part = list(cells.read(path, one.start, one.end, number, Columns("text", "id")))
        assert [record.row for record in part] == [*range(number, number + one.records)]
        number += one.records
        found += part
    expected = list(csv.reader(io.StringIO(text, newline=""), strict=True))[1:]
    assert len(found) == len(expected) == len(rows)
    for record, (identity, body) in zip(found, expected, strict=True):
        assert (record.fault == "") == bool(body.strip())
        assert record.id == identity
        assert record.text == ("" if record.fault else body)


def test_a_record_that_is_too_long_is_marked_and_only_its_beginning_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splitting, "MAX_RECORD", 9_000)
    monkeypatch.setattr(splitting, "_BLOCK", 1_000)
    lines = [b"a" * 8_999 + b"\n", b"b" * 9_000 + b"\n", b"c" * 60_000 + b"\n", b"d\n", b"e" * 9_001]
    (tmp_path / "f").write_bytes(b"".join(lines))
    found = list(raw_records(tmp_path / "f", 0, None, quoted=False))
    assert [raw.long for raw in found] == [False, True, True, False, True]
    assert [raw.data for raw in found if not raw.long] == [lines[0], lines[3]]
    for raw, line in zip(found, lines, strict=True):
        assert line.startswith(raw.data)
        assert 0 < len(raw.data) <= (4_096 if raw.long else len(line))
