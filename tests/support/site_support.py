"""A board and a corpus for the website's tests: sentences of their own, scored for real, and strings that mean harm."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from briefbench.evaluation.leaderboard import Board, Standing
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.reference import Reference
from briefbench.evaluation.scoring import score
from briefbench.evaluation.submissions import System
from briefbench.schema import SOURCE_TYPE, SPLITS, TASK_NAMES, TASKS
from briefbench.site.corpus import Agreement, Corpus, Facts

Row = dict[str, Any]

#: What each of these would do if it were read as markup or script sets ``window.harmed``.
HOSTILE = (
    "<script>window.harmed = 1</script>",
    "</script><script>window.harmed = 1</script>",
    '"><img src=x onerror="window.harmed = 1">',
    "' onmouseover='window.harmed = 1' '",
    "<!-- <script> a comment that never ends",
    "]]> <svg onload=window.harmed=1> &lt;b&gt; &amp;amp;",
    "a line\u2028and a paragraph\u2029end here",
    "\u202eturned \u05e9\u05dc\u05d5\u05dd round",
    "{{ 7 * 7 }} {% for x in y %} ${window.harmed = 1}",
    "javascript:window.harmed=1",
    "\U0001d518 stands beyond \U0001d4ae the first plane",
    "lone ' and \" and ` quotes \\ \\u003c",
)

_PLACES = ("mill pond", "old ferry", "north meadow", "brick works", "signal hill")
_BIRDS = ("herons", "plovers", "grebes", "curlews", "terns", "rails", "swifts")


def bullet(i: int, text: str | None = None, **changes: Any) -> Row:
    """Return row ``i`` of the config ``default``; its source is "The warden", and every fourth bullet has none."""
    said = i % 4 != 3
    text = text or f"The warden counted {i} {_BIRDS[i % 7]} at the {_PLACES[i % 5]} before the rain."
    day = f"{2023 + i // 24 % 2}-{i // 2 % 12 + 1:02d}-{i % 28 + 1:02d}"
    codes = {task.name: i % len(task) for task in TASKS} | {"source_type": i % 10 if said else 10}
    span = (0, 10) if said else (None, None)
    return (
        {"bullet_id": f"{day.replace('-', '')}-{i:06x}", "text": text}
        | codes
        | {f"{task.name}_soft": np.eye(len(task))[codes[task.name]].tolist() for task in TASKS}
        | {"span_start": span[0], "span_end": span[1], "other_source_types": [2] if i % 5 == 0 else []}
        | {"disputed": [], "adjudications": []}
        | {"date": day, "week": f"{day[:4]}-W{i % 12 + 1:02d}", "published": day, "provenance": "open"}
        | {"section": "Key developments", "publisher": f"Marsh Post {i % 6}", "outlet": f"marshpost{i % 6}"}
        | {"url": f"https://example.org/{i}", "batch": "b1"}
        | {"split_weeks": SPLITS[i % 3], "split_chronological": None, "split_publishers": SPLITS[i % 2]}
        | changes
    )


def vote(row: Row, annotator: str, **changes: Any) -> Row:
    """Return a vote for the gold labels of a bullet."""
    copied = {name: row[name] for name in ("bullet_id", *TASK_NAMES, "other_source_types", "span_start", "span_end")}
    about = {
        "annotator": annotator,
        "annotator_kind": "model",
        "annotator_model": "Parrot 1",
        "instructions": "guide 1",
    }
    return copied | about | {"counts_toward_gold": annotator != "A3", "round": 1, "created_at": "2026-01-02"} | changes


def corpus(rows: Sequence[Row], votes: Sequence[Row] | None = None, **facts: Any) -> Corpus:
    """Return a corpus in which A1 and A2 voted on every bullet, unless other votes are given."""
    rows = sorted(rows, key=lambda row: row["bullet_id"])
    cast = [vote(row, name) for row in rows for name in ("A1", "A2")] if votes is None else list(votes)
    names = sorted({one["annotator"] for one in cast})
    known: dict[str, Any] = {
        "bullets": len(rows),
        "first_date": min(row["date"] for row in rows if row["date"]),
        "last_date": max(row["date"] for row in rows if row["date"]),
        "weeks": len({row["week"] for row in rows}),
        "outlets": len({row["outlet"] for row in rows}),
        "votes": {name: sum(one["annotator"] == name for one in cast) for name in names},
        "annotator_kinds": {one["annotator"]: one["annotator_kind"] for one in cast},
        "agreement": (Agreement(("A1", "A2"), "self-consistency", len(rows), dict.fromkeys(TASK_NAMES, 0.75)),),
        "agreement_note": "The figures compare passes of one parrot.",
    }
    return Corpus(rows, cast, Facts(**known | facts))


def reference(rows: Sequence[Row], split: str = "weeks/test") -> Reference:
    """Return the reference of the rows of the test part."""
    test = [row for row in rows if row["split_weeks"] == "test"]
    kept = ("bullet_id", "text", *TASK_NAMES, *(f"{task}_soft" for task in TASK_NAMES), "week", "section", "publisher")
    kept += ("date", "span_start", "span_end", "other_source_types")
    table = pa.Table.from_pylist([{name: row[name] for name in kept} for row in test])
    for task in TASKS:
        column = f"{task.name}_soft"
        shares = table[column].cast(pa.list_(pa.float64(), len(task)))
        table = table.set_column(table.schema.get_field_index(column), column, shares)
    for name, kind in (
        ("span_start", pa.int32()),
        ("span_end", pa.int32()),
        ("other_source_types", pa.list_(pa.int64())),
    ):
        table = table.set_column(table.schema.get_field_index(name), name, table[name].cast(kind))
    return Reference(split, "d" * 64, table)


def predictions(truth: Reference, wrong_every: int, *, probabilities: bool = False) -> Predictions:
    """Return the gold labels with every so manyth replaced by the next label."""
    wrong = np.arange(len(truth)) % wrong_every == 0
    labels = {
        task.name: np.where(wrong, (truth.labels[task.name] + 1) % len(task), truth.labels[task.name]) for task in TASKS
    }
    tables = {}
    for task in TASKS:
        table = np.full((len(truth), len(task)), 0.3 / (len(task) - 1))
        table[np.arange(len(truth)), labels[task.name]] = 0.7
        tables[task.name] = table
    return Predictions(labels, tables if probabilities else {})


def standing(truth: Reference, name: str, kind: str, wrong_every: int, **changes: Any) -> Standing:
    """Return a system's place, scored with few resamples."""
    made = predictions(truth, wrong_every, probabilities=kind == "text")
    evaluation = score(made, truth, resamples=50)
    return replace(Standing(1, name, kind, f"what {name} is", evaluation, made, None, ()), **changes)


def board(truth: Reference, *standings: Standing, **changes: Any) -> Board:
    """Return a board of a text system, a submission, a shortcut and a floor, unless others are given."""
    ranked = standings or (
        standing(truth, "reader", "text", 5, gain=0.25),
        standing(truth, "visitor", "submission", 3, rank=2, gain=0.125, flags=("may have seen the test part",)),
        standing(truth, "field", "shortcut", 2, rank=3),
        standing(truth, "coin", "floor", 1, rank=4),
    )
    top = score(predictions(truth, 9), truth, resamples=50)
    ceiling: Mapping[str, Any] = {one.task: one.macro_f1 for one in top.tasks} | {"mean": top.headline}
    known = Board(
        truth, ranked, ceiling, "The ceiling is one parrot scored against another.", "field", "A parrot labelled it."
    )
    return replace(known, **changes)


def hostile_rows(rows: Sequence[Row]) -> list[Row]:
    """Return as many rows as there are hostile strings, with one of them in every field that holds free text."""
    made = []
    for row, words in zip(rows, HOSTILE, strict=False):
        adjudicated = [{"task": "topic", "label": "combat", "reason": f"reason {words}"}]
        free = dict.fromkeys(("section", "publisher", "outlet", "batch"), words)
        url = words if words.startswith("javascript:") else f"https://example.org/{words}"
        text = f"\U0001d4d1 {words} reported it; {words}"
        span = {"span_start": 2, "span_end": 2 + len(words), "source_type": 0}
        made.append(row | free | span | {"text": text, "url": url, "disputed": ["topic"], "adjudications": adjudicated})
    return made


def hostile_world(count: int = 48) -> tuple[Board, Corpus]:
    """Return a board and a corpus in which every string that people write is hostile somewhere."""
    rows = [bullet(i) for i in range(count)]
    rows[: len(HOSTILE)] = hostile_rows(rows)
    votes = [vote(row, "A1") for row in rows]
    for row, words in zip(rows, HOSTILE, strict=False):
        votes.append(
            vote(row, words, annotator_model=words, instructions=words, source_type=SOURCE_TYPE.codes["unattributed"])
        )
    known = corpus(rows, votes, agreement_note=" ".join(HOSTILE))
    truth = reference(known.bullets)
    everything = " ".join(HOSTILE)
    system = System(everything, 7, everything, "unknown", everything, everything, everything)
    first = standing(truth, "reader", "text", 5, flags=HOSTILE, description=everything, system=system)
    others = [standing(truth, words, "submission", 3, rank=2, description=words) for words in HOSTILE]
    shortcut = standing(truth, f"{HOSTILE[2]} short", "shortcut", 2, rank=9)
    made = board(
        truth, first, *others, shortcut, note=everything, ceiling_note=everything, best_shortcut=f"{HOSTILE[2]} short"
    )
    return made, known
