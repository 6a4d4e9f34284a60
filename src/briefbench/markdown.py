"""Generated text in Markdown files: tables, and blocks between markers that a command rewrites and a test compares."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from briefbench.errors import InputError
from briefbench.files import read_text


def table(header: Sequence[str], rows: Iterable[Sequence[object]], *, numbers_from: int = 1) -> str:
    """Return a Markdown table; the columns from ``numbers_from`` on are aligned to the right."""
    rule = ["---" if column < numbers_from else "---:" for column in range(len(header))]
    lines = [header, rule, *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def replace_block(text: str, name: str, body: str, *, where: str) -> str:
    """Return ``text`` with ``body`` between the lines ``<!-- name:begin … -->`` and ``<!-- name:end -->``.

    Raises:
        InputError: the markers do not stand in the text exactly once, in order.
    """
    begin, end = rf"<!-- {re.escape(name)}:begin[^\n]*-->\r?\n", rf"<!-- {re.escape(name)}:end -->"
    pattern = re.compile(f"({begin}).*({end})", re.DOTALL)
    if not (len(re.findall(begin, text)) == len(re.findall(end, text)) == len(pattern.findall(text)) == 1):
        raise InputError(f"{where}: needs the lines <!-- {name}:begin --> and <!-- {name}:end --> exactly once")
    return pattern.sub(lambda found: f"{found[1]}{body}\n{found[2]}", text)


def with_block(path: Path, name: str, body: str) -> dict[Path, bytes]:
    """Return the file's new content with one generated block replaced, by its path; nothing where it has no such block.

    Raises:
        InputError: the block begins and does not end, or stands twice.
    """
    old = read_text(path) if path.exists() else ""
    if f"<!-- {name}:begin" not in old:
        return {}
    return {path: replace_block(old, name, body, where=str(path)).encode()}


def _cell(value: object) -> str:
    return (
        str(value).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\r", " ").replace("\n", " ")
    )
