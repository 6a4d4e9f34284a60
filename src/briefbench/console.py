"""What people see: tables on standard output, progress on standard error when that is a terminal."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeVar

T = TypeVar("T")

# In a pipe a table is as wide as it needs to be, so that nothing is cut.
_PIPE_WIDTH = 1000
# Columns between two columns of a table, and the fewest that a cut column keeps.
_GAP, _LEAST = 2, 12


def printable(text: str) -> str:
    """Return ``text`` on one line with everything escaped that a terminal might obey or not show."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def print_table(
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    numbers_from: int = 1,
    elastic: int | None = None,
) -> None:
    """Print a table; cells are shown literally, and the columns from ``numbers_from`` on are aligned to the right.

    Where the terminal is too narrow, the column ``elastic`` is cut; without one, cells are wrapped.
    """
    from rich import box
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(printable(title)), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)
    )
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
    widths = [max(map(cell_len, column)) for column in zip(header, *cells, strict=True)]
    if elastic is not None:
        rigid = sum(width + _GAP for column, width in enumerate(widths) if column != elastic)
        widths[elastic] = max(_LEAST, min(widths[elastic], console.width - rigid))
    for column, name in enumerate(header):
        justify: Literal["left", "right"] = "right" if column >= numbers_from else "left"
        table.add_column(Text(name), justify=justify, overflow="fold")
    for row in cells:
        texts = [Text(cell) for cell in row]
        if elastic is not None:
            texts[elastic].truncate(widths[elastic], overflow="ellipsis")
        table.add_row(*texts)
    console.print(table)


def track(items: Sequence[T], description: str) -> Iterator[T]:
    """Yield ``items`` under a progress bar; silent where standard error is not a terminal."""
    from rich.console import Console
    from rich.progress import track as rich_track

    yield from rich_track(
        items, description=description, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    )


def say(line: str) -> None:
    """Print a line of progress on standard error where that is a terminal."""
    if sys.stderr.isatty():
        print(line, file=sys.stderr, flush=True)
