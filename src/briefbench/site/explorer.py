"""What the explorer's page carries: every bullet with gold, votes, adjudications and predictions, column by column.

Labels are codes in the released order. Offsets count UTF-16 units, as the browser's strings do.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from briefbench.schema import PROTOCOLS, SPLITS, TASK_NAMES, TASKS
from briefbench.site.corpus import Corpus, Row, month, publisher

if TYPE_CHECKING:
    from briefbench.evaluation.leaderboard import Board

# The columns whose values repeat; each travels as its distinct values and a code for every bullet.
_REPEATED = ("date", "week", "published", "section", "outlet", "provenance")


def explorer_data(board: "Board", corpus: Corpus) -> dict[str, Any]:
    """Return the data of the explorer, ready to be encoded as JSON."""
    rows = corpus.bullets
    place = {row["bullet_id"]: i for i, row in enumerate(rows)}
    return {
        "tasks": [{"name": task.name, "labels": [[one.name, one.definition] for one in task.labels]} for task in TASKS],
        "ids": [row["bullet_id"] for row in rows],
        "texts": [row["text"] for row in rows],
        "gold": {task: [row[task] for row in rows] for task in TASK_NAMES},
        "disputed": [sum(1 << code for code, task in enumerate(TASK_NAMES) if task in row["disputed"]) for row in rows],
        "spans": [_span(row, row["text"]) for row in rows],
        "others": [row["other_source_types"] for row in rows],
        "adjudications": {
            str(i): [[one["task"], one["label"], one["reason"]] for one in row["adjudications"]]
            for i, row in enumerate(rows)
            if row["adjudications"]
        },
        "parts": SPLITS,
        "splits": {name: _split_codes(rows, f"split_{name}") for name in PROTOCOLS},
        "columns": {name: _dictionary(row[name] for row in rows) for name in _REPEATED}
        | {"month": _dictionary(map(month, rows)), "publisher": _dictionary(map(publisher, rows))},
        "urls": [row["url"] for row in rows],
        "annotators": _annotators(corpus, place),
        "reference": {"split": board.reference.split, "bullets": [place[one] for one in board.reference.bullet_ids]},
        "systems": [
            {
                "name": one.name,
                "kind": one.kind,
                "labels": {task: one.predictions.labels[task].tolist() for task in _predicted(one.predictions.labels)},
            }
            for one in board.standings
        ],
    }


def filter_options(board: "Board", corpus: Corpus) -> dict[str, Any]:
    """Return the choices that the explorer's filters offer."""
    rows = corpus.bullets
    return {
        "months": sorted(set(map(month, rows))),
        "publishers": sorted(set(map(publisher, rows)), key=lambda name: (name.casefold(), name)),
        "systems": [one.name for one in board.standings],
    }


def _predicted(labels: Mapping[str, Any]) -> list[str]:
    return [task for task in TASK_NAMES if task in labels]


def _annotators(corpus: Corpus, place: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the votes of every annotator, column by column; ``bullets`` says which bullets they are on."""
    texts = {row["bullet_id"]: row["text"] for row in corpus.bullets}
    cast: dict[str, list[Row]] = {}
    for vote in corpus.votes:
        cast.setdefault(vote["annotator"], []).append(vote)
    return [
        {
            "name": name,
            "kind": votes[0]["annotator_kind"],
            "model": votes[0]["annotator_model"],
            "instructions": votes[0]["instructions"],
            "counts": votes[0]["counts_toward_gold"],
            "bullets": [place[vote["bullet_id"]] for vote in votes],
            "labels": {task: [vote[task] for vote in votes] for task in TASK_NAMES},
            "spans": [_span(vote, texts[vote["bullet_id"]]) for vote in votes],
            "others": [vote["other_source_types"] for vote in votes],
        }
        for name, votes in sorted(cast.items())
    ]


def _span(row: Row, text: str) -> list[int] | int:
    """Return start and end of the phrase that names the source in UTF-16 units; 0 where there is none."""
    if row["span_start"] is None:
        return 0
    return [_units(text[: row[name]]) for name in ("span_start", "span_end")]


def _units(text: str) -> int:
    return len(text) + sum(ord(character) > 0xFFFF for character in text)  # noqa: PLR2004 (the last code point of one unit)


def _split_codes(rows: Sequence[Row], column: str) -> list[int]:
    codes = {name: code for code, name in enumerate(SPLITS)} | {None: -1}
    return [codes[row[column]] for row in rows]


def _dictionary(values: Iterable[str | None]) -> dict[str, Any]:
    """Return the distinct values in the order of their first use, and the code of every value."""
    codes: dict[str | None, int] = {}
    order = [codes.setdefault(value, len(codes)) for value in values]
    return {"values": list(codes), "codes": order}
