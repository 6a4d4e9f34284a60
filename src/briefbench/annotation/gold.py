"""The gold rule: from a bullet's counted votes and adjudications to one label a task, its span and its soft labels.

The rule, for each task: the label on which all counted votes agree; else the adjudicated one; else that of a strict
majority. A tie that nobody adjudicated, and a bullet nobody voted on, have no gold and are refused. An adjudication
decides where the votes agree only if it names the label that it overrides; a stray one is refused. No vote changes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from briefbench.annotation.votes import Adjudication, Annotator, Vote
from briefbench.errors import GoldError
from briefbench.schema import SOURCE_TYPE, TASKS, UNATTRIBUTED, Task

_SHOWN = 5


@dataclass(frozen=True)
class Gold:
    """The gold of one bullet.

    ``soft`` gives, for each task, the share of counted votes for every label in the task's order. ``disputed`` names
    the tasks on which the counted votes differ; ``adjudications`` the decisions taken on them, and those that override
    votes that agree.
    """

    labels: Mapping[str, str]
    span: tuple[int, int] | None
    other_source_types: tuple[str, ...]
    soft: Mapping[str, tuple[float, ...]]
    disputed: tuple[str, ...]
    adjudications: tuple[Adjudication, ...]


def decide_all(
    ids: Iterable[str],
    votes: Mapping[str, Mapping[str, Vote]],
    annotators: Mapping[str, Annotator],
    adjudications: Mapping[tuple[str, str], Adjudication],
    *,
    skip_unlabelled: bool = False,
) -> dict[str, Gold]:
    """Decide every bullet; annotators count in the order in which ``votes`` holds them.

    Args:
        ids: the bullets, in order.
        votes: annotator to bullet id to vote.
        annotators: who counts toward the gold.
        adjudications: decisions by bullet id and task.
        skip_unlabelled: leave out bullets without a counted vote instead of refusing them.

    Raises:
        GoldError: a bullet has no counted vote, or votes tie and nobody adjudicated, or an adjudication stands where
            the counted votes agree and does not say so. All bullets are checked first; the message counts the faults
            and names some.
    """
    counted = [by_bullet for name, by_bullet in votes.items() if annotators[name].counts_toward_gold]
    gold: dict[str, Gold] = {}
    unlabelled: list[str] = []
    faults: list[str] = []
    for identifier in ids:
        cast = [by_bullet[identifier] for by_bullet in counted if identifier in by_bullet]
        decisions = {task.name: adjudications.get((identifier, task.name)) for task in TASKS}
        if not cast:
            unlabelled.append(identifier)
            continue
        try:
            gold[identifier] = decide(cast, decisions)
        except GoldError as error:
            faults.append(f"{identifier} ({error})")
    if unlabelled and not skip_unlabelled:
        raise GoldError(f"{_some(unlabelled)} without a counted vote; label them or pass --skip-unlabelled")
    if faults:
        raise GoldError(f"{_some(faults)} without a gold label; mend annotation/adjudication.csv")
    return gold


def decide(votes: Sequence[Vote], decisions: Mapping[str, Adjudication | None]) -> Gold:
    """Decide one bullet from its counted votes (at least one, in annotator order) and its adjudications by task.

    Raises:
        GoldError: a tie without adjudication, or an adjudication whose ``overrides`` is not what the votes agree on.
    """
    labels = {task.name: _label(task, votes, decisions.get(task.name)) for task in TASKS}
    source_type = labels[SOURCE_TYPE.name]
    matching = [vote for vote in votes if vote.labels[SOURCE_TYPE.name] == source_type]
    return Gold(
        labels=labels,
        span=None if source_type == UNATTRIBUTED else _span(matching),
        other_source_types=_others(matching or votes, source_type),
        soft={task.name: _shares(task, votes) for task in TASKS},
        disputed=tuple(task.name for task in TASKS if len({vote.labels[task.name] for vote in votes}) > 1),
        adjudications=tuple(decision for decision in decisions.values() if decision),
    )


def _label(task: Task, votes: Sequence[Vote], decision: Adjudication | None) -> str:
    (first, most), *rest = Counter(vote.labels[task.name] for vote in votes).most_common()
    if decision is not None:
        _check_overrides(decision, first if not rest else "")
        return decision.label
    if 2 * most <= len(votes):
        raise GoldError(f"{task.name}: tie between {first} and {rest[0][0]}; adjudicate it")
    return first


def _check_overrides(decision: Adjudication, agreed: str) -> None:
    """Refuse a decision that takes the votes for other than they are; ``agreed`` is empty where they differ."""
    if agreed and not decision.overrides:
        raise GoldError(
            f"{decision.task}: adjudicated, but the votes agree on {agreed}; remove the adjudication, or write "
            f"{agreed} under overrides if it was looked at again"
        )
    if decision.overrides != agreed:
        votes = f"the votes agree on {agreed}" if agreed else "the votes differ"
        raise GoldError(
            f"{decision.task}: the adjudication overrides {decision.overrides}, but {votes}; decide it again"
        )


def _span(matching: Sequence[Vote]) -> tuple[int, int] | None:
    """Return the shortest of the first matching annotator's span and the spans that overlap it; on a tie the first.

    ``None`` where the adjudicator chose a source type that nobody had: then nobody marked its phrase.
    """
    spans = [vote.span for vote in matching if vote.span is not None]
    if not spans:
        return None
    start, end = spans[0]
    overlapping = [span for span in spans if span[0] < end and start < span[1]]
    return min(overlapping, key=lambda span: span[1] - span[0])


def _others(votes: Sequence[Vote], source_type: str) -> tuple[str, ...]:
    """Return the types that more than half of ``votes`` list, in the order of their first mention."""
    listed = Counter(other for vote in votes for other in vote.other_source_types)
    return tuple(other for other, count in listed.items() if 2 * count > len(votes) and other != source_type)


def _shares(task: Task, votes: Sequence[Vote]) -> tuple[float, ...]:
    counts = Counter(vote.labels[task.name] for vote in votes)
    return tuple(counts[name] / len(votes) for name in task.names)


def _some(items: Sequence[str]) -> str:
    shown = ", ".join(items[:_SHOWN])
    more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return f"{len(items)} bullet{'s' if len(items) > 1 else ''} ({shown}{more})"
