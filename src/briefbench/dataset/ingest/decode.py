"""From a file's bytes to its text: refuses what is no text, and finds the encoding where the file does not name it.

The order is: byte order mark, UTF-16 by its zero bytes, UTF-8, the page's own charset, then Windows code pages.
"""

import codecs
import re
import unicodedata
from collections import Counter
from pathlib import Path

from briefbench.errors import InputError
from briefbench.files import read_bytes

#: The largest article that is read: 20 MB.
MAX_BYTES = 20_000_000

_MAGIC = (
    (b"%PDF-", "a PDF; save it as text or HTML"),
    (b"{\\rtf", "a rich text document; save it as plain text"),
    (b"PK\x03\x04", "a ZIP archive or an office document; save the article as text or HTML"),
    (b"\xd0\xcf\x11\xe0", "an office document; save the article as text or HTML"),
    (b"bplist00", "a web archive; save the page as HTML"),
    (b"\x89PNG", "a PNG image, not an article; give text or HTML"),
    (b"\xff\xd8\xff", "a JPEG image, not an article; give text or HTML"),
    (b"GIF8", "a GIF image, not an article; give text or HTML"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"BZh", "a bzip2 archive; unpack it first"),
    (b"\xfd7zXZ\x00", "an xz archive; unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
)
_MIME_PAGE = re.compile(rb"^content-type:\s{0,9}multipart/related", re.IGNORECASE | re.MULTILINE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_META_CHARSET = re.compile(rb"<meta\s[^<>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})", re.IGNORECASE)
_CYRILLIC_PAGES = ["cp1251", "koi8_r", "iso8859_5", "mac_cyrillic"]
_HALF = 0.5
_ZERO_SHARE = 0.02
_USUAL_SHARE = 0.8


def read_article_text(path: Path, *, encoding: str | None = None) -> str:
    """Return the text of the file at ``path``, decoded but not yet cleaned.

    Raises:
        InputError: the file is missing, no regular file, larger than ``MAX_BYTES``, empty, not text, or not decodable.
    """
    data = read_bytes(path, limit=MAX_BYTES)
    fault = _not_an_article(data)
    if fault:
        raise InputError(f"{path}: {fault}")
    text = _decode_as(data, encoding, path) if encoding is not None else _decode(data, path)
    text = text.removeprefix("\ufeff")
    if _SURROGATE.search(text):
        raise InputError(f"{path}: has half of a UTF-16 surrogate pair, which is no character; save the file again")
    if "\0" in text:
        raise InputError(f"{path}: binary, not an article; give text or HTML")
    if not text.strip():
        raise InputError(f"{path}: nothing but white space; give an article's text or HTML")
    return text


def _not_an_article(data: bytes) -> str | None:
    if not data:
        return "the file is empty; give an article's text or HTML"
    start = data[:1024].lstrip()
    for magic, fault in _MAGIC:
        if start.startswith(magic):
            return fault
    if _MIME_PAGE.search(data[:2048]):
        return "a page saved as a single MIME file; save it as HTML only"
    return None


def _decode_as(data: bytes, encoding: str, path: Path) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeError as error:
        raise InputError(
            f"{path}: not readable as {encoding} ({error}); leave --encoding out or name another"
        ) from error
    except (LookupError, ValueError) as error:
        raise InputError(
            f"{path}: no text encoding is called {encoding!r}; name one such as utf-8 or cp1252"
        ) from error
    return text


def _decode(data: bytes, path: Path) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding, path)
    if b"\0" in data:
        return _strictly(data, _zero_bytes_encoding(data, path), path)
    try:
        return data.decode("utf-8", errors="surrogatepass")
    except UnicodeDecodeError:
        return _decode_code_page(data, path)


def _strictly(data: bytes, encoding: str, path: Path) -> str:
    try:
        return data.decode(encoding, errors="surrogatepass")
    except UnicodeDecodeError as error:
        message = f"{path}: begins as {encoding.upper()} but is damaged at byte {error.start}; save the file again"
        raise InputError(message) from error


def _zero_bytes_encoding(data: bytes, path: Path) -> str:
    """Tell UTF-16 without a byte order mark: one byte of each pair is zero or one other value in nearly all pairs."""
    even, odd = data[0::2], data[1::2]
    high, encoding = (odd, "utf-16-le") if odd.count(0) > even.count(0) else (even, "utf-16-be")
    usual = sum(count for _, count in Counter(high).most_common(2))
    if len(data) % 2 == 0 and high.count(0) >= len(high) * _ZERO_SHARE and usual >= len(high) * _USUAL_SHARE:
        text = data.decode(encoding, errors="replace")
        if not any(unicodedata.category(c) in {"Cc", "Cn", "Co"} and c not in "\t\n\v\f\r\x85" for c in set(text)):
            return encoding
    raise InputError(f"{path}: binary, not an article; give text or HTML")


def _decode_code_page(data: bytes, path: Path) -> str:
    declared = _META_CHARSET.search(data[:4096])
    if declared:
        name = declared[1].decode("ascii", errors="replace").lower()
        # Browsers read a page that calls itself Latin-1 or ASCII as Windows-1252.
        name = "cp1252" if name in {"iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"} else name
        try:
            return data.decode(name)
        except (LookupError, ValueError):  # a charset that is unknown or wrong says nothing
            pass
    encoding = _code_page(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: neither UTF-8 nor a known code page; name it with --encoding") from error


def _code_page(data: bytes) -> str:
    """Tell Cyrillic, whose letters are all above ASCII, from Western text, where such letters are the exception."""
    high = sum(byte >= 0xC0 for byte in data)  # noqa: PLR2004 - letters of every single-byte page start there
    low = sum(map(data.count, (bytes([letter]) for letter in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")))
    if high <= (high + low) * _HALF:
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(data[:100_000], cp_isolation=_CYRILLIC_PAGES, threshold=0.5).best()
    return best.encoding if best else "cp1251"
