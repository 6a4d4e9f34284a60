"""What people see: tables in which nothing is cut, no markup is obeyed, and progress that keeps out of the way."""

import io
import sys

import pytest

from briefbench.console import print_table, say, track


def test_a_table_in_a_pipe_cuts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 700
    print_table("title", ("name", "number"), [(long, 1), ("short", 22)])
    out = capsys.readouterr().out
    assert long in out
    assert "…" not in out
    assert "\x1b" not in out


def test_cells_titles_and_headers_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("[bold]title[/]", ("[red]head",), [("[link=file:///etc]cell[/link] :smile:",), ("[/]",)])
    out = capsys.readouterr().out
    for text in ("[bold]title[/]", "[red]head", "[link=file:///etc]cell[/link] :smile:", "[/]"):
        assert text in out


def test_numbers_are_aligned_to_the_right(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("t", ("name", "number"), [("a", 1), ("bb", 22)])
    one, two = [line for line in capsys.readouterr().out.splitlines() if line.split()[-1:] in (["1"], ["22"])]
    assert one.rstrip().endswith(" 1")
    assert len(one.rstrip()) == len(two.rstrip())


def test_a_table_without_rows_still_has_its_header(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("t", ("name", "number"), [])
    assert "number" in capsys.readouterr().out


def test_progress_is_silent_where_nobody_watches_and_passes_all_items_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(track([3, 1, 2], "working")) == [3, 1, 2]
    assert list(track([], "working")) == []
    say("still working")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_progress_goes_to_standard_error_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    say("still working")
    assert terminal.getvalue() == "still working\n"
    assert capsys.readouterr().out == ""
