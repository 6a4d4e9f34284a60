"""Votes on bullets whose text is a publisher's own: recorded by article and position, never with the text."""

import re
from collections.abc import Sequence
from pathlib import Path

from briefbench.annotation.votes import VOTE_COLUMNS, Vote, parse_vote, read_annotators, rows
from briefbench.dataset.records import MAX_TEXT, Bullet
from briefbench.errors import InputError, RecordError
from briefbench.schema import TASK_NAMES

_KINDS = {"human": "people", "model": "language models"}

COLUMNS = ("article", "position", "section", *VOTE_COLUMNS[1:])


def read_agreed(folder: Path, bullets: Sequence[Bullet]) -> dict[str, list[str | None]]:
    """Read the votes recorded on an article's bullets: by task, each bullet's label, ``None`` where the votes differ.

    Args:
        folder: holds one ``<annotator>.csv`` an annotator.
        bullets: the article's bullets in order.

    Raises:
        InputError: there is no vote file.
        RecordError: a row is malformed, or the rows do not fit the bullets one to one.
    """
    votes = [_read(path, bullets) for path in _some_vote_files(folder)]
    agreed: dict[str, list[str | None]] = {}
    for task in TASK_NAMES:
        answers = [{vote.labels[task] for vote in of_bullet} for of_bullet in zip(*votes, strict=True)]
        agreed[task] = [next(iter(labels)) if len(labels) == 1 else None for labels in answers]
    return agreed


def blanks(folder: Path) -> list[Bullet]:
    """Return stand-ins for the bullets that were voted on, in order, for `read_agreed` where the text is not at hand.

    Their sections are those of the first vote file. Their texts are blank and as long as any may be: whether a span
    lies in its text is then not seen.

    Raises:
        RecordError: the file has other columns.
        InputError: there is no vote file.
    """
    table = rows(_some_vote_files(folder)[0], COLUMNS)
    return [
        Bullet(id=str(i), date=None, section=row["section"], text=" " * MAX_TEXT, provenance="standoff", position=i)
        for i, (_, row) in enumerate(table, start=1)
    ]


def article_of(folder: Path) -> str:
    """Return the name that the votes give to their article.

    Raises:
        RecordError: the votes name several articles or none, or the name cannot be that of a folder.
        InputError: there is no vote file.
    """
    paths = _some_vote_files(folder)
    names = sorted({row["article"] for path in paths for _, row in rows(path, COLUMNS)})
    if len(names) != 1:
        raise RecordError(f"{folder}: the votes are on {len(names)} articles; keep those on one article in a folder")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", names[0]):
        raise RecordError(f"{paths[0]}: article {names[0]!r}; name it with letters, digits, hyphens, dots only")
    return names[0]


def voters(folder: Path) -> str:
    """Say who cast the votes of a folder, from the ``annotators.csv`` in it or beside it: people, or language models.

    Raises:
        RecordError: ``annotators.csv`` is malformed.
    """
    for path in (folder / "annotators.csv", folder.resolve().parent / "annotators.csv"):
        if path.is_file():
            annotators = read_annotators(path)
            kinds = {annotators[file.stem].kind for file in _vote_files(folder) if file.stem in annotators}
            if kinds:
                return " and ".join(name for kind, name in _KINDS.items() if kind in kinds)
    return "annotators of whom nothing is recorded"


def _some_vote_files(folder: Path) -> list[Path]:
    paths = _vote_files(folder)
    if not paths:
        raise InputError(f"{folder}: no vote file (<annotator>.csv) in the folder")
    return paths


def _vote_files(folder: Path) -> list[Path]:
    paths = (path for path in folder.glob("*.csv") if path.name != "annotators.csv")
    return sorted(paths, key=lambda path: path.stem)


def _read(path: Path, bullets: Sequence[Bullet]) -> list[Vote]:
    votes = []
    article = ""
    for number, (where, row) in enumerate(rows(path, COLUMNS), start=1):
        if row["position"] != str(number):
            raise RecordError(f"{where}: position {row['position']!r}; expected {number}")
        if number > len(bullets):
            raise RecordError(f"{where}: the article has only {len(bullets)} bullets; is it the article voted on?")
        article = article or row["article"]
        if row["article"] != article:
            raise RecordError(f"{where}: article {row['article']!r}, but above {article!r}; split the file")
        bullet = bullets[number - 1]
        if row["section"] != bullet.section:
            raise RecordError(
                f"{where}: section {row['section']!r}, but the article's bullet {number} stands under "
                f"{bullet.section!r}; is it the article voted on?"
            )
        votes.append(parse_vote(row, bullet.id, path.stem, len(bullet.text), where))
    if len(votes) != len(bullets):
        raise RecordError(f"{path}: {len(votes)} votes for an article of {len(bullets)} bullets")
    return votes
