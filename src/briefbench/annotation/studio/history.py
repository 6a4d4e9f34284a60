"""Every version of an annotator's answers that was ever pulled: ``history/<annotator>.csv``, one row a round."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from briefbench.annotation.votes import VOTE_COLUMNS, Abstention, Vote, answer_cells, parse_answer, rows
from briefbench.errors import RecordError
from briefbench.files import csv_text

HISTORY_COLUMNS = (*VOTE_COLUMNS, "updated_at", "lead_time", "origins")


@dataclass(frozen=True)
class Version:
    """An answer as it was when pulled.

    ``updated_at`` is the server's time of the last change, ``lead_time`` the seconds that the annotator spent, and
    ``origins`` where each label came from, as in `regions.origins`; empty where they are not known.
    """

    answer: Vote | Abstention
    updated_at: str = ""
    lead_time: str = ""
    origins: str = ""


History = dict[str, list[Version]]


def read_history(path: Path, annotator: str, texts: Mapping[str, str]) -> History:
    """Read a history by bullet, rounds in order; a missing file is an empty one.

    Raises:
        RecordError: a row is malformed, or names an unknown bullet.
    """
    history: History = {}
    if not path.exists():
        return history
    for where, row in rows(path, HISTORY_COLUMNS):
        identifier = row["bullet_id"]
        place = f"{where}, bullet {identifier}"
        if identifier not in texts:
            raise RecordError(f"{place}: there is no such bullet; remove the row or restore the bullet")
        answer = parse_answer(row, identifier, annotator, len(texts[identifier]), place)
        version = Version(answer, row["updated_at"], row["lead_time"], row["origins"])
        history.setdefault(identifier, []).append(version)
    for versions in history.values():
        versions.sort(key=lambda version: version.answer.round)
    return history


def encode_history(history: History) -> bytes:
    """Return the file of a history: sorted by bullet and round."""
    cells = [
        [*answer_cells(version.answer), version.updated_at, version.lead_time, version.origins]
        for _, versions in sorted(history.items())
        for version in versions
    ]
    return csv_text(HISTORY_COLUMNS, cells).encode()


def extend(known: list[Version], pulled: Iterable[Version]) -> list[Version]:
    """Return the versions of one bullet's answer after a pull, each round once.

    A pulled version that is no newer than the last known one, or says the same, is known already. Any other one is the
    next round.
    """
    versions = list(known)
    for version in sorted(pulled, key=lambda version: version.updated_at):
        if not versions:
            versions.append(version)
        elif version.updated_at > versions[-1].updated_at and not _same(version.answer, versions[-1].answer):
            number = max(version.answer.round, versions[-1].answer.round + 1)
            versions.append(replace(version, answer=replace(version.answer, round=number)))
    return versions


def _same(one: Vote | Abstention, other: Vote | Abstention) -> bool:
    """Say whether two answers say the same, whenever they were made."""
    return replace(one, round=0, created_at="") == replace(other, round=0, created_at="")
