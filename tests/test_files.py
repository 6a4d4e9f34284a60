"""Files: what cannot be read is refused with its place, and a failed write costs nobody an older file."""

import csv
import hashlib
import io
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.errors import InputError
from briefbench.files import (
    csv_rows,
    read_bytes,
    read_text,
    sha256,
    to_json,
    write_all,
    write_bytes,
)


def everything_below(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_file_of_exactly_the_limit_is_read_and_one_byte_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"12345")
    assert read_bytes(path, limit=5) == b"12345"
    with pytest.raises(InputError, match=r"notes\.txt: larger than the 4 bytes"):
        read_bytes(path, limit=4)


def test_a_large_limit_is_named_in_a_readable_number(tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    path.write_bytes(b"x" * 1_235)
    with pytest.raises(InputError, match=r"1,234 bytes"):
        read_bytes(path, limit=1_234)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.csv: no such file"):
        read_bytes(tmp_path / "absent.csv", limit=10)


def test_a_folder_is_not_read_as_a_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a regular file"):
        read_text(tmp_path)


def test_a_path_below_a_file_is_refused_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="no such file"):
        read_bytes(tmp_path / "file" / "inner", limit=10)


def test_text_that_is_not_utf8_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes("a\nb\nca\u00f1\u00f3n\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"old\.csv, line 3: not UTF-8") as caught:
        read_text(path)
    assert "\n" not in str(caught.value)


def test_an_encoded_surrogate_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "surrogate.txt"
    path.write_bytes(b"first\n\xed\xa0\x80")
    with pytest.raises(InputError, match=r"line 2: not UTF-8"):
        read_text(path)


def test_one_byte_order_mark_is_dropped_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "marked.txt"
    path.write_bytes(b"\xef\xbb\xbfriver\n")
    assert read_text(path) == "river\n"
    path.write_bytes(b"\xef\xbb\xbf\xef\xbb\xbfriver\n")
    assert read_text(path) == "\ufeffriver\n"


def test_line_ends_are_not_translated(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes(b"one\r\ntwo\rthree\n")
    assert read_text(path) == "one\r\ntwo\rthree\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [('a,b\n1,"open', 2), ('a,b\n1,2\n3,"x"y\n', 3), ('a\n"two\nlines"z\n', 3)],
    ids=["quote never closed", "text after a quote", "after a cell of two lines"],
)
def test_unbalanced_quotes_name_their_line(text: str, line: int) -> None:
    with pytest.raises(InputError, match=rf"votes\.csv, line {line}: not CSV: ") as caught:
        list(csv_rows(text, "votes.csv"))
    assert "\n" not in str(caught.value)


def test_a_cell_beyond_the_csv_limit_is_refused_without_a_traceback() -> None:
    with pytest.raises(InputError, match=r"big\.csv, line 2: not CSV: field larger"):
        list(csv_rows(f"a\n{'x' * (csv.field_size_limit() + 1)}\n", "big.csv"))


def test_rows_before_a_broken_one_keep_their_line_numbers() -> None:
    rows = csv_rows('a,b\r\n\r\n"x\ny",2\r\n"', "f")
    assert [next(rows), next(rows)] == [(1, ["a", "b"]), (4, ["x\ny", "2"])]
    with pytest.raises(InputError, match="line 5"):
        next(rows)


def test_an_empty_text_has_no_rows() -> None:
    assert list(csv_rows("", "f")) == []
    assert list(csv_rows("\n\r\n\n", "f")) == []


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_no_cell_is_changed_on_its_way_through_csv(rows: list[list[str]], end: str) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    assert [cells for _, cells in csv_rows(stream.getvalue(), "f")] == rows


def test_a_write_makes_the_folders_it_needs_and_leaves_nothing_else(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a" / "b" / "c.txt", "Дніпро\n".encode())
    assert everything_below(tmp_path) == {"a/b/c.txt": "Дніпро\n".encode()}


def test_everyone_may_read_a_written_file(tmp_path: Path) -> None:
    write_bytes(tmp_path / "open.txt", b"x")
    assert (tmp_path / "open.txt").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
def test_the_older_file_survives_a_write_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    path = tmp_path / "release.json"
    path.write_bytes(b"older")

    def fails(descriptor: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(InputError if error is OSError else error):
        write_bytes(path, b"half a")
    assert everything_below(tmp_path) == {"release.json": b"older"}


def test_files_take_their_places_in_the_given_order_so_that_checksums_come_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places: list[str] = []
    replace = Path.replace

    def spy(self: Path, target: Path) -> Path:
        places.append(target.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", spy)
    write_all({tmp_path / name: b"x" for name in ("b", "a", "checksums.json")})
    assert places == ["b", "a", "checksums.json"]


@pytest.mark.parametrize("target", ["file/inner.txt", "file/deep/inner.txt"])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, target: str) -> None:
    (tmp_path / "file").write_bytes(b"not a folder")
    with pytest.raises(InputError, match=r"inner\.txt: cannot be written: ") as caught:
        write_bytes(tmp_path / target, b"x")
    assert "\n" not in str(caught.value)
    assert everything_below(tmp_path) == {"file": b"not a folder"}


def test_a_folder_is_never_replaced_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "taken" / "inner").mkdir(parents=True)
    with pytest.raises(InputError, match="taken: cannot be written"):
        write_bytes(tmp_path / "taken", b"x")
    assert (tmp_path / "taken" / "inner").is_dir()
    assert everything_below(tmp_path) == {}


NAMES = st.lists(st.sampled_from(["a", "b", "c", "d/e", "d/f"]), unique=True, min_size=1).map(tuple)


@given(names=NAMES, older=st.sets(st.sampled_from(["a", "b", "c", "d/e"])), data=st.data())
def test_several_files_are_written_all_or_none(
    tmp_path_factory: pytest.TempPathFactory, names: tuple[str, ...], older: set[str], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("many")
    write_bytes(folder / "blocked", b"a file where a folder would have to be")
    for name in older:
        write_bytes(folder / name, b"older")
    before = everything_below(folder)
    wanted = {name: f"newer {name}".encode() for name in names}
    (folder / "taken" / "inner").mkdir(parents=True)
    obstacle = data.draw(st.sampled_from(["blocked/inner", "taken"]))
    items = [(folder / name, content) for name, content in wanted.items()]
    place = data.draw(st.integers(0, len(items)))
    with pytest.raises(InputError, match=f"{obstacle}: cannot be written"):
        write_all(dict([*items[:place], (folder / obstacle, b"x"), *items[place:]]))
    assert everything_below(folder) == before
    write_all(dict(items))
    assert everything_below(folder) == before | wanted


def test_json_is_the_same_whatever_the_order_of_keys_and_keeps_every_digit() -> None:
    assert to_json({"b": 0.1 + 0.2, "a": [1, None]}) == to_json({"a": [1, None], "b": 0.30000000000000004})
    assert to_json({"b": 0.1 + 0.2, "a": "é"}) == '{\n  "a": "é",\n  "b": 0.30000000000000004\n}\n'


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_float_changes_on_its_way_through_json(number: float) -> None:
    assert msgspec.json.decode(to_json([number])) == [number]


@given(st.binary(max_size=64))
def test_digests_are_sha256(data: bytes) -> None:
    assert sha256(data) == hashlib.sha256(data).hexdigest()


def test_a_link_is_followed_so_that_its_target_changes(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_bytes(tmp_path / "link", b"new")
    assert (tmp_path / "target").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()


def test_a_device_or_pipe_is_never_replaced_by_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="it is no regular file"):
        write_bytes(tmp_path / "pipe", b"x")
    assert (tmp_path / "pipe").is_fifo()
