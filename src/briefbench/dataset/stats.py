"""Facts about a release: counts by split and label, leakage, agreement. Generated, committed and tested for drift."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from msgspec import UNSET, UnsetType

from briefbench.annotation.agreement import Agreement, agreement, note_on
from briefbench.annotation.votes import Adjudication
from briefbench.dataset.duplicates import THRESHOLD
from briefbench.dataset.leakage import PROMISES, Leakage, check, measure
from briefbench.dataset.sources import Sources
from briefbench.dataset.splits import Assignment
from briefbench.schema import SPLITS, TASKS


@dataclass(frozen=True)
class ProtocolStats:
    """Sizes, class counts by task, label and split, leakage of one protocol; ``left_out`` bullets are in no part."""

    bullets: Mapping[str, int]
    left_out: int
    labels: Mapping[str, Mapping[str, Mapping[str, int]]]
    leakage: Leakage
    promised_zero: Sequence[str]


@dataclass(frozen=True)
class Stats:
    """All facts of a release; lengths are in characters.

    ``spans`` counts bullets with a source span, ``one_counted_vote`` those whose gold is a single annotator's word.
    ``adjudicated`` counts the decisions on votes that differ; ``reviewed`` those on votes that agree, of which
    ``overruled`` gave another label. Both are missing where there is no such decision.
    """

    options: Mapping[str, object]
    bullets: int
    first_date: str
    last_date: str
    weeks: int
    publishers: int
    outlets: int
    pages: int
    batches: Mapping[str, int]
    sections: Mapping[str, int]
    text_length: Mapping[str, float]
    spans: int
    with_other_source_types: int
    votes: Mapping[str, int]
    annotator_kinds: Mapping[str, str]
    one_counted_vote: int
    disputed: Mapping[str, int]
    adjudicated: Mapping[str, int]
    labels: Mapping[str, Mapping[str, int]]
    near_duplicate_threshold: float
    near_duplicate_pairs: int
    protocols: Mapping[str, ProtocolStats]
    agreement: Sequence[Agreement]
    agreement_note: str
    reviewed: Mapping[str, int] | UnsetType = UNSET
    overruled: Mapping[str, int] | UnsetType = UNSET


def compute(
    sources: Sources, assignments: Mapping[str, Assignment], options: Mapping[str, object] | None = None
) -> Stats:
    """Compute the facts of a release built with ``options``, and hold every protocol to its promises.

    Raises:
        LeakageError: a protocol shares what it promises not to share.
    """
    bullets, units, gold = sources.bullets, sources.units, sources.gold
    lengths = sorted(len(bullet.text) for bullet in bullets)
    agreements = _agreements(sources)
    decisions = [decision for decided in gold.values() for decision in decided.adjudications]
    reviews = [decision for decision in decisions if decision.overrides]
    return Stats(
        options=options or {},
        bullets=len(bullets),
        first_date=min(units.dates).isoformat(),
        last_date=max(units.dates).isoformat(),
        weeks=len(set(units.weeks)),
        publishers=len({bullet.publisher for bullet in bullets}),
        outlets=len(set(units.outlets)),
        pages=len(set(units.pages) - {None}),
        batches=dict(sorted(Counter(bullet.batch or "none" for bullet in bullets).items())),
        sections=dict(sorted(Counter(bullet.section for bullet in bullets).items())),
        text_length={
            "min": lengths[0],
            "median": median(lengths),
            "mean": sum(lengths) / len(lengths),
            "max": lengths[-1],
        },
        spans=sum(decided.span is not None for decided in gold.values()),
        with_other_source_types=sum(bool(decided.other_source_types) for decided in gold.values()),
        votes={name: len(votes.keys() & gold.keys()) for name, votes in sources.votes.items()},
        annotator_kinds={name: sources.annotators[name].kind for name in sources.votes},
        one_counted_vote=sum(_counted_votes(sources, name) == 1 for name in gold),
        disputed={task.name: sum(task.name in g.disputed for g in gold.values()) for task in TASKS},
        adjudicated=_by_task(decision for decision in decisions if not decision.overrides),
        labels={
            task.name: {name: int((units.labels[task.name] == code).sum()) for name, code in task.codes.items()}
            for task in TASKS
        },
        near_duplicate_threshold=THRESHOLD,
        near_duplicate_pairs=len(units.pairs),
        protocols={name: _protocol(sources, name, assignment) for name, assignment in assignments.items()},
        agreement=agreements,
        agreement_note=_agreement_note(sources, agreements),
        reviewed=_by_task(reviews) if reviews else UNSET,
        overruled=_by_task(one for one in reviews if one.label != one.overrides) if reviews else UNSET,
    )


def _by_task(decisions: Iterable[Adjudication]) -> dict[str, int]:
    counts = Counter(decision.task for decision in decisions)
    return {task.name: counts[task.name] for task in TASKS}


def _protocol(sources: Sources, name: str, assignment: Assignment) -> ProtocolStats:
    leakage = measure(sources.units, assignment)
    check(name, leakage)
    labels = {}
    for task in TASKS:
        codes = sources.units.labels[task.name].tolist()
        counts = Counter(zip(codes, assignment, strict=True))
        labels[task.name] = {
            label: {split: counts[code, split] for split in SPLITS} for label, code in task.codes.items()
        }
    return ProtocolStats(
        bullets={split: assignment.count(split) for split in SPLITS},
        left_out=assignment.count(None),
        labels=labels,
        leakage=leakage,
        promised_zero=PROMISES[name],
    )


def _counted_votes(sources: Sources, identifier: str) -> int:
    return sum(
        identifier in votes for name, votes in sources.votes.items() if sources.annotators[name].counts_toward_gold
    )


def _agreement_note(sources: Sources, agreements: Sequence[Agreement]) -> str:
    return note_on([one.kind for one in agreements], [sources.annotators[name] for name in sources.votes])


def _agreements(sources: Sources) -> list[Agreement]:
    """Agreement of those who count toward the gold, then of the first of them with each annotator who does not."""
    counted = [name for name in sources.votes if sources.annotators[name].counts_toward_gold]
    others = [name for name in sources.votes if not sources.annotators[name].counts_toward_gold]
    groups = ([counted] if len(counted) > 1 else []) + [[counted[0], other] for other in others]
    return [agreement(group, sources.votes, sources.annotators) for group in groups]
