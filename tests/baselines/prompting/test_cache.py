"""Answers survive whatever ends a run, and a file that is not theirs is left alone."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from briefbench.baselines.prompting.cache import Cache
from briefbench.baselines.prompting.client import Answer
from briefbench.errors import InputError

ONE = Answer('{"topic": "combat"}\n\u2028', "tiny-2", 10, 2)
TWO = Answer("", "", None, None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "answers.jsonl"


def keep(path: Path, **answers: Answer) -> None:
    with Cache.opened(path) as cache:
        for key, answer in answers.items():
            cache.put(key, answer)


def test_what_was_put_is_read_again(path: Path) -> None:
    keep(path, a=ONE)
    keep(path, b=TWO)
    assert Cache.read(path).answers == {"a": ONE, "b": TWO}
    assert len(path.read_bytes().splitlines()) == 3


def test_a_file_that_is_not_there_holds_nothing_and_reading_does_not_make_it(path: Path) -> None:
    assert Cache.read(path).answers == {}
    assert not path.exists()


def test_folders_are_made(tmp_path: Path) -> None:
    keep(tmp_path / "new" / "folder" / "answers.jsonl", a=ONE)
    assert Cache.read(tmp_path / "new" / "folder" / "answers.jsonl").answers == {"a": ONE}


def test_a_file_cut_off_at_any_byte_keeps_its_whole_lines_and_takes_more(path: Path) -> None:
    keep(path, a=ONE, b=TWO)
    whole = path.read_bytes()
    ends = [i + 1 for i, sign in enumerate(whole) if sign == ord("\n")]
    for cut in sorted({*range(0, len(whole), 10), *(end + step for end in ends for step in (-2, -1, 0, 1))}):
        path.write_bytes(whole[:cut])
        kept = dict(list({"a": ONE, "b": TWO}.items())[: max(sum(end <= cut for end in ends) - 1, 0)])
        assert Cache.read(path).answers == kept
        keep(path, c=ONE)
        assert Cache.read(path).answers == kept | {"c": ONE}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60), st.booleans())
def test_a_file_of_anything_is_refused_or_read_and_never_changed_by_reading(
    path: Path, data: bytes, behind: bool
) -> None:
    path.unlink(missing_ok=True)
    if behind:
        keep(path, a=ONE)
        data = path.read_bytes() + data
    path.write_bytes(data)
    with suppress(InputError):
        assert Cache.read(path).answers == ({"a": ONE} if behind else {})
    assert path.read_bytes() == data


def test_a_file_of_something_else_is_refused_and_stays_as_it_is(path: Path) -> None:
    path.write_text("my notes\n")
    with pytest.raises(InputError, match="not a file of answers"), Cache.opened(path):
        pytest.fail("it was opened")
    assert path.read_text() == "my notes\n"


def test_a_line_that_was_damaged_is_named(path: Path) -> None:
    keep(path, a=ONE, b=TWO)
    path.write_bytes(path.read_bytes().replace(b'"a"', b'"a'))
    with pytest.raises(InputError, match=r"answers\.jsonl, line 2: damaged .* delete the line to ask again"):
        Cache.read(path)


def test_a_second_run_on_the_same_file_is_refused_by_whatever_name_it_goes(path: Path) -> None:
    link = path.with_name("link.jsonl")
    link.symlink_to(path)
    with Cache.opened(path):
        for name in (path, link):
            with pytest.raises(InputError, match="another run is using it"), Cache.opened(name):
                pytest.fail("it was opened twice")
    keep(link, a=ONE)
    assert Cache.read(path).answers == {"a": ONE}


def test_a_run_that_was_killed_holds_nothing(path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from briefbench.baselines.prompting.cache import Cache\n"
        "with Cache.opened(Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(path)], check=False, timeout=60).returncode == -9
    keep(path, a=ONE)
    assert Cache.read(path).answers == {"a": ONE}


def test_a_full_disk_is_said_and_what_was_kept_stays_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    with Cache.opened(path) as cache:
        cache.put("a", ONE)
        monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:7]))
        with pytest.raises(InputError, match="cannot be written: No space left on device"):
            cache.put("b", TWO)
        monkeypatch.setattr(os, "write", real)
        assert "b" not in cache.answers
        cache.put("c", TWO)
    assert Cache.read(path).answers == {"a": ONE, "c": TWO}


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "note").write_text("mine")
    with pytest.raises(InputError, match="cannot be written"), Cache.opened(tmp_path / "note" / "answers.jsonl"):
        pytest.fail("it was opened")
