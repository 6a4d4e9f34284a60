"""The sources of a release: everything under ``annotation/``, read and checked at one door."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from briefbench.annotation.gold import Gold, decide_all
from briefbench.annotation.votes import (
    Annotator,
    Vote,
    read_adjudications,
    read_all_votes,
    read_annotators,
)
from briefbench.dataset.duplicates import near_duplicates
from briefbench.dataset.outlets import outlet_key, page_key, read_aliases
from briefbench.dataset.records import Bullet, read_bullets
from briefbench.dataset.splits import Units
from briefbench.errors import GoldError, RecordError
from briefbench.schema import TASKS


@dataclass(frozen=True)
class Sources:
    """The bullets that have a gold label, with their gold, their votes, and what the splits need to know of them."""

    bullets: tuple[Bullet, ...]
    votes: Mapping[str, Mapping[str, Vote]]
    annotators: Mapping[str, Annotator]
    gold: Mapping[str, Gold]
    units: Units


def read_sources(folder: Path, *, skip_unlabelled: bool = False) -> Sources:
    """Read bullets, votes, annotators, adjudications and outlets from ``folder`` and decide the gold.

    Raises:
        RecordError: a record breaks its rules, or a bullet may not be released.
        GoldError: the votes do not determine the gold of every bullet.
        InputError: a file is missing.
    """
    path = folder / "bullets.jsonl"
    bullets = read_bullets(path)
    for bullet in bullets:
        _check_releasable(bullet, path)
    texts = {bullet.id: bullet.text for bullet in bullets}
    annotators = read_annotators(folder / "annotators.csv")
    votes = read_all_votes(folder / "votes", annotators, texts)
    adjudications = read_adjudications(folder / "adjudication.csv", texts)
    if not any(annotators[name].counts_toward_gold for name in votes):
        raise GoldError(f"{folder}: no annotator with votes counts toward the gold; say who does in annotators.csv")
    gold = decide_all(texts, votes, annotators, adjudications, skip_unlabelled=skip_unlabelled)
    kept = tuple(bullet for bullet in bullets if bullet.id in gold)
    if not kept:
        raise GoldError(f"{folder}: no bullet has a counted vote; label some")
    unknown = sorted({one.adjudicator for one in adjudications.values()} - annotators.keys())
    if unknown:
        raise RecordError(
            f"{folder / 'adjudication.csv'}: adjudicator {unknown[0]!r} is not in annotators.csv; add a row"
        )
    return Sources(kept, votes, annotators, gold, _units(kept, gold, read_aliases(folder / "outlets.csv")))


def _check_releasable(bullet: Bullet, path: Path) -> None:
    if bullet.date is None:
        raise RecordError(f"{path}, bullet {bullet.id}: no date; ingest the article again with --date")
    if bullet.provenance != "open":
        raise RecordError(
            f"{path}, bullet {bullet.id}: its provenance is {bullet.provenance}, so its text may not be released; "
            "keep it out of bullets.jsonl, or ingest it with --provenance open if you may release it"
        )


def _units(bullets: tuple[Bullet, ...], gold: Mapping[str, Gold], aliases: Mapping[str, str]) -> Units:
    return Units(
        dates=[bullet.date for bullet in bullets if bullet.date is not None],
        outlets=[outlet_key(bullet.publisher, aliases) for bullet in bullets],
        pages=[page_key(bullet.url) for bullet in bullets],
        labels={
            task.name: np.array([task.codes[gold[bullet.id].labels[task.name]] for bullet in bullets], dtype=np.int64)
            for task in TASKS
        },
        pairs=near_duplicates([bullet.text for bullet in bullets]),
    )
