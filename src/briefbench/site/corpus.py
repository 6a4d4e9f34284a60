"""What the site reads of a release: its bullets with gold, every vote, and the facts of ``stats.json``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from briefbench.dataset.load import read_tables
from briefbench.dataset.release import checked_bytes, read_checksums
from briefbench.errors import ReleaseError
from briefbench.schema import listing

Row = Mapping[str, Any]

#: What the site calls a bullet's missing publisher or date.
NO_PUBLISHER, NO_DATE = "no publisher named", "undated"


class Agreement(msgspec.Struct, frozen=True):
    """One agreement figure: nominal Krippendorff's alpha by task, ``None`` where it is undefined."""

    annotators: tuple[str, ...]
    kind: str
    bullets: int
    alpha: dict[str, float | None]


class Facts(msgspec.Struct, frozen=True):
    """The facts of a release that the site shows; fields as in `dataset.stats.Stats`."""

    bullets: int
    first_date: str
    last_date: str
    weeks: int
    outlets: int
    votes: dict[str, int]
    annotator_kinds: dict[str, str]
    agreement: tuple[Agreement, ...]
    agreement_note: str


@dataclass(frozen=True)
class Corpus:
    """Rows of the release's configs ``default``, sorted by bullet id, and ``votes``, by bullet id and annotator."""

    bullets: Sequence[Row]
    votes: Sequence[Row]
    facts: Facts


def read_corpus(release: Path) -> Corpus:
    """Read a release; every file is checked against its checksum.

    Raises:
        ReleaseError, ChecksumError: there is no release, it was tampered with, or its facts are not as expected.
    """
    try:
        facts = msgspec.json.decode(checked_bytes(release, "stats.json", read_checksums(release)), type=Facts)
    except msgspec.DecodeError as error:
        raise ReleaseError(f"{release / 'stats.json'}: not the facts of a release: {error}; build it anew") from error
    return Corpus(
        bullets=_rows("default", release, "bullet_id"),
        votes=_rows("votes", release, "bullet_id", "annotator"),
        facts=facts,
    )


def annotators_sentence(corpus: Corpus) -> str:
    """Say what the annotators are, such as ``A1 and A2 are passes of a language model, Name.``."""
    models: dict[str, set[str]] = {}
    for vote in corpus.votes:
        models.setdefault(vote["annotator"], set()).add(vote["annotator_model"] or "")
    kinds = corpus.facts.annotator_kinds
    people = [name for name in models if kinds[name] == "human"]
    passes = [name for name in models if kinds[name] != "human"]
    parts = []
    if passes:
        made = sorted(set().union(*(models[name] for name in passes)) - {""})
        what = "is a pass" if len(passes) == 1 else "are passes"
        whose = "language models" if len(made) > 1 else "a language model"
        named = f", {listing(made)}" if made else ""
        parts.append(f"{listing(passes)} {what} of {whose}{named}.")
    if people:
        parts.append(f"{listing(people)} {'is a person' if len(people) == 1 else 'are people'}.")
    return " ".join(parts)


def month(row: Row) -> str:
    """Return the month of a bullet's date, such as ``2022-02``."""
    return row["date"][:7] if row["date"] else NO_DATE


def publisher(row: Row) -> str:
    """Return the publisher as named."""
    return row["publisher"] or NO_PUBLISHER


def _rows(config: str, release: Path, *keys: str) -> list[Row]:
    tables = read_tables(config, dataset=release)
    whole = pa.concat_tables(tables.values()).sort_by([(key, "ascending") for key in keys])
    rows: list[Row] = whole.to_pylist()
    return rows
