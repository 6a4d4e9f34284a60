"""Bytes to text: every encoding that articles come in, and every file that is no article."""

import codecs
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.dataset.ingest import MAX_BYTES, read_article
from briefbench.dataset.ingest.decode import read_article_text
from briefbench.errors import InputError

TEXT = "Élan in Kyiv\n\n• Orbán\u2019s envoy said “no” — twice.\n• Nothing else was signed in the long session.\n"
CYRILLIC = "Заголовок дня\n\n- Президент заявил, что переговоры начнутся в среду.\n- Ночью было сбито семь ракет.\n"


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[bytes], Path]:
    """Save bytes as a file and return its path."""

    def save(data: bytes) -> Path:
        path = tmp_path / "article"
        path.write_bytes(data)
        return path

    return save


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
        codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("cp1252"),
    ],
    ids=["utf-8", "utf-8-bom", "utf-16-le-bom", "utf-16-be-bom", "utf-32-le", "utf-32-be", "le", "be", "cp1252"],
)
def test_text_is_the_same_in_every_encoding(saved: Callable[[bytes], Path], data: bytes) -> None:
    assert read_article_text(saved(data)) == TEXT


@pytest.mark.parametrize("encoding", ["cp1251", "koi8_r", "utf-16-le", "utf-16-be", "utf-8"])
def test_cyrillic_text_is_not_read_as_western(saved: Callable[[bytes], Path], encoding: str) -> None:
    assert read_article_text(saved(CYRILLIC.encode(encoding))) == CYRILLIC


def test_the_charset_of_a_page_is_honoured(saved: Callable[[bytes], Path]) -> None:
    page = '<html><head><meta charset="windows-1250"></head><body><ul><li>Wałęsa spoke in Łódź.</li></ul></body></html>'
    assert "Wałęsa spoke in Łódź." in read_article_text(saved(page.encode("cp1250")))


@pytest.mark.parametrize("charset", ["iso-8859-1", "no-such-charset", "utf-8"])
def test_a_wrong_charset_of_a_page_does_not_lose_its_quotes(saved: Callable[[bytes], Path], charset: str) -> None:
    page = f'<html><head><meta charset="{charset}"></head><body><ul><li>He said “no” in Köln.</li></ul></body></html>'
    assert "He said “no” in Köln." in read_article_text(saved(page.encode("cp1252")))


def test_a_named_encoding_overrides_what_the_bytes_suggest(saved: Callable[[bytes], Path]) -> None:
    assert "Wałęsa" in read_article_text(saved("Wałęsa spoke.".encode("cp1250")), encoding="cp1250")


@pytest.mark.parametrize("encoding", ["no-such", "hex", "rot13", "a\0b", ""])
def test_an_unknown_encoding_name_is_refused(saved: Callable[[bytes], Path], encoding: str) -> None:
    with pytest.raises(InputError, match="encoding"):
        read_article_text(saved(b"text"), encoding=encoding)


@pytest.mark.parametrize(("data", "encoding"), [(b"caf\xe9", "utf-8"), (b"a\x81", "cp1252"), (b"abc", "utf-16")])
def test_bytes_that_are_not_of_the_named_encoding_are_refused(
    saved: Callable[[bytes], Path], data: bytes, encoding: str
) -> None:
    with pytest.raises(InputError, match=f"not readable as {encoding}"):
        read_article_text(saved(data), encoding=encoding)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "white space"),
        (codecs.BOM_UTF8, "white space"),
        (b"%PDF-1.7\n%...", "a PDF; save it as text or HTML"),
        (b"\x89PNG\r\n\x1a\n\0\0", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"GIF89a", "GIF"),
        (b"PK\x03\x04rest", "office document"),
        (b"\xd0\xcf\x11\xe0rest", "office document"),
        (b"\x1f\x8b\x08rest", "gzip"),
        (b"BZh91AY", "bzip2"),
        (b"{\\rtf1\\ansi text}", "plain text"),
        (b"From: <Saved by a browser>\r\nContent-Type: multipart/related;\r\n", "HTML only"),
        (b"plain\0text with zeros\0 on both sides", "binary"),
        (bytes(range(256)), "binary"),
        (b"\0" * 100, "binary"),
        (b"a\x81b\x8d", "--encoding"),
        (codecs.BOM_UTF16_LE + b"a\0b", "damaged"),
        (codecs.BOM_UTF16_LE + "• a ".encode("utf-16-le") + b"\x00\xd8" + b"b\0", "surrogate"),
        ("• a b c d e f ".encode("utf-16-le") + b"\x00\xd8" + b"b\0", "surrogate"),
        (b"\xe2\x80\xa2 a \xed\xa0\x80 b", "surrogate"),
    ],
)
def test_what_is_no_article_is_refused_with_what_to_do(
    saved: Callable[[bytes], Path], data: bytes, message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_article(saved(data))
    assert str(caught.value).startswith(str(saved(data)))
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_article(tmp_path / "absent.txt")


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a regular file"):
        read_article(tmp_path)


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="not a regular file"):
        read_article(tmp_path / "pipe")


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    with pytest.raises(InputError, match="larger than"):
        read_article(path)


WORDS = st.sampled_from(["Kyiv\u2019s", "“grain”", "talks", "Orbán", "—", "said", "€5", "strikes.", "the", "envoys"])


@given(st.lists(st.lists(WORDS, min_size=3, max_size=9), min_size=1, max_size=6))
def test_the_encoding_changes_nothing_in_the_article(
    tmp_path_factory: pytest.TempPathFactory, bullets: list[list[str]]
) -> None:
    text = "A plain headline\n\n" + "".join(f"- it {' '.join(words)}\n" for words in bullets)
    path = tmp_path_factory.mktemp("encodings") / "article.txt"
    articles = []
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"):
        path.write_bytes(text.encode(encoding))
        articles.append(read_article(path))
    assert all(article == articles[0] for article in articles)
    assert len(articles[0].sections[0].bullets) == len(bullets)


@given(st.binary(max_size=400))
def test_no_bytes_crash_the_reader(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "article"
    path.write_bytes(data)
    with suppress(InputError):
        read_article(path)
