"""``briefbench ingest``: what goes to standard output, to standard error and to the file, and what is refused."""

import argparse
import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from briefbench.commands import ingest
from briefbench.dataset.ingest import article_bullets, read_article, without_repeats
from briefbench.dataset.records import MAX_TEXT, Bullet, bullet_id, encode_bullets, read_bullets, write_bullets
from briefbench.errors import InputError

FIXTURES = Path(__file__).parents[1] / "fixtures"
BRIEFING = FIXTURES / "briefing.txt"


def run(*arguments: str | Path) -> int:
    parser = argparse.ArgumentParser()
    ingest.add_parser(parser.add_subparsers())
    options = parser.parse_args(["ingest", *map(str, arguments)])
    assert options.run is ingest.run
    return ingest.run(options)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str, name: str = "article.txt") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_bullets_go_to_standard_output_in_article_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(BRIEFING) == 0
    captured = capsys.readouterr()
    assert captured.out.encode() == encode_bullets(article_bullets(read_article(BRIEFING)))
    found = lines(captured.out)
    assert [bullet["position"] for bullet in found] == list(range(1, 13))
    assert {bullet["title"] for bullet in found} == {
        "Ukraine live briefing: Ferry traffic halts near Kerch as envoys arrive in Kyiv"
    }
    assert {bullet["provenance"] for bullet in found} == {"standoff"}


def test_the_prose_left_out_is_named_with_the_options_that_take_it(capsys: pytest.CaptureFixture[str]) -> None:
    run(BRIEFING)
    assert capsys.readouterr().err == (
        'left as prose: "From our correspondents" (3 paragraphs), lead (5 paragraphs); '
        "--prose and --lead turn them into bullets\n"
    )


def test_prose_makes_bullets_of_the_sections_paragraphs(capsys: pytest.CaptureFixture[str]) -> None:
    run(BRIEFING, "--prose")
    captured = capsys.readouterr()
    assert [bullet["section"] for bullet in lines(captured.out)[12:]] == ["From our correspondents"] * 3
    assert captured.err == "left as prose: lead (5 paragraphs); --lead turns them into bullets\n"


def test_lead_makes_bullets_of_its_sentences_only(capsys: pytest.CaptureFixture[str]) -> None:
    run(BRIEFING, "--prose", "--lead")
    captured = capsys.readouterr()
    found = lines(captured.out)
    assert [bullet["section"] for bullet in found[:3]] == ["Lead", "Lead", "Explosion at the strait"]
    assert [bullet["position"] for bullet in found] == list(range(1, 18))
    assert captured.err == "left as prose: lead (3 paragraphs that are no sentences)\n"


def test_a_file_written_leaves_standard_output_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "bullets.jsonl"
    assert run(BRIEFING, "--out", out) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "12 bullets from 1 article: Ukraine live briefing" in captured.err
    assert captured.err.endswith(f"written to {out}\n")
    assert out.read_bytes() == encode_bullets(article_bullets(read_article(BRIEFING)))


def test_bullets_sorted_by_id_are_a_release_file(tmp_path: Path) -> None:
    path = tmp_path / "bullets.jsonl"
    made = sorted(article_bullets(read_article(BRIEFING)), key=lambda bullet: bullet.id)
    write_bullets(path, made)
    assert read_bullets(path) == made


def test_what_the_options_say_is_recorded_with_every_bullet(capsys: pytest.CaptureFixture[str]) -> None:
    run(
        BRIEFING,
        "--date",
        "2022-03-04",
        "--publisher",
        "The Courier",
        "--url",
        "https://example.org/a",
        "--provenance",
        "open",
    )
    for bullet in lines(capsys.readouterr().out):
        assert bullet["date"] == "2022-03-04"
        assert bullet["id"].startswith("20220304-")
        assert (bullet["publisher"], bullet["url"], bullet["provenance"]) == (
            "The Courier",
            "https://example.org/a",
            "open",
        )


@pytest.mark.parametrize("value", ["2022-3-4", "20220304", "2022-02-30", "04/03/2022", "2022-W01-1"])
def test_a_date_of_another_form_is_wrong_usage(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run(BRIEFING, "--date", value)
    assert caught.value.code == 2
    assert "YYYY-MM-DD" in capsys.readouterr().err


def test_the_encoding_option_reaches_the_reader(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "polish.txt"
    path.write_bytes("• Wałęsa spoke.".encode("cp1250"))
    run(path, "--encoding", "cp1250")
    assert lines(capsys.readouterr().out)[0]["text"] == "Wałęsa spoke."


def test_one_refused_file_among_several_means_nothing_is_written(
    tmp_path: Path, write: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "bullets.jsonl"
    with pytest.raises(InputError, match="no such file"):
        run(BRIEFING, tmp_path / "absent.txt", "--out", out)
    with pytest.raises(InputError, match=r"prose\.txt: no bullet found"):
        run(BRIEFING, write("Headline\n\nOnly a sentence of prose stands here.", "prose.txt"))
    assert not out.exists()
    assert capsys.readouterr().out == ""


def test_several_articles_are_named_in_what_is_reported(
    write: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    other = write("Other headline\n\nA paragraph of the other article.\n\nUpdates\n\n• A bullet of the other article.")
    run(BRIEFING, other)
    captured = capsys.readouterr()
    assert [bullet["position"] for bullet in lines(captured.out)] == [*range(1, 13), 1]
    assert f"{other}: left as prose: lead (1 paragraph); --lead turns them into bullets" in captured.err


def test_an_article_of_prose_alone_is_refused_with_the_option_that_takes_it(write: Callable[..., Path]) -> None:
    path = write("Headline\n\nOnly a sentence of prose stands here.")
    with pytest.raises(
        InputError, match=r"no bullet found; found only prose: no heading \(1 paragraph\); --prose turns"
    ):
        run(path)
    assert run(path, "--prose") == 0


def test_a_page_without_an_article_is_refused(write: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="no bullet found; mark bullets"):
        run(write("<!doctype html><html><body></body></html>"))


def test_a_repeated_bullet_is_left_out_and_named(
    write: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    run(write("Headline\n\n• Same text.\n• Other text.\n• Same text.\n• Last text."))
    captured = capsys.readouterr()
    assert [(bullet["position"], bullet["text"]) for bullet in lines(captured.out)] == [
        (1, "Same text."),
        (2, "Other text."),
        (4, "Last text."),
    ]
    assert captured.err == "left out as repeats: bullet 3 (Same text.…)\n"


def test_two_texts_under_one_id_are_refused() -> None:
    bullets = [Bullet(id="undated-000000", date=None, section="", text=text, provenance="open") for text in "ab"]
    with pytest.raises(InputError, match="share the id"):
        without_repeats(bullets)


def test_a_bullet_over_the_limit_is_refused_with_its_position(write: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match=r"article\.txt: bullet 2 .* more than the 10,000"):
        run(write(f"Headline\n\n• One.\n• {'x' * (MAX_TEXT + 1)}"))


def test_one_url_for_several_articles_is_refused(write: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="--url"):
        run(BRIEFING, write("• One."), "--url", "https://example.org")


def test_the_output_may_not_replace_an_article(write: Callable[..., Path]) -> None:
    path = write("• One.")
    with pytest.raises(InputError, match="also the output"):
        run(path, "--out", path)
    assert path.read_text(encoding="utf-8") == "• One."


def test_an_output_that_is_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        run(BRIEFING, "--out", tmp_path)


def test_a_person_at_a_terminal_sees_what_was_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    run(BRIEFING)
    shown = capsys.readouterr().err
    assert "Ukraine live briefing: Ferry traffic halts near Kerch as envoys arrive in Kyiv (2023-06-14)" in shown
    assert "  Explosion at the strait: 3 bullets\n" in shown


def test_the_id_is_undated_where_the_article_has_no_date(
    write: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    run(write("• One bullet."))
    bullet = lines(capsys.readouterr().out)[0]
    assert (bullet["date"], bullet["id"]) == (None, bullet_id(None, "One bullet."))
    assert bullet_id(dt.date(2023, 6, 14), "x").startswith("20230614-")


def test_help_loads_no_extraction_library() -> None:
    code = (
        "import sys, briefbench.commands.ingest; print(sorted({'trafilatura', 'lxml', 'htmldate'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
