"""Characters: what is removed from a text, what becomes a space, and what a line may not hold."""

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
#: Soft hyphens, zero-width characters, byte order marks and direction marks: nobody sees them.
_INVISIBLE = re.compile("[\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def visible(text: str) -> str:
    """Return ``text`` with Unix line ends, no invisible characters, and a space for every control character."""
    return _CONTROL.sub(" ", _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text)))


def one_line(text: str) -> str:
    """Return ``text`` on one line: visible characters in NFC, single spaces, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", visible(text)).split())
