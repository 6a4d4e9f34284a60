"""How far the annotators are: from the server's own answers, read and checked as a pull reads them, not written."""

import datetime as dt
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from briefbench.annotation.agreement import Agreement, agreement, note_on
from briefbench.annotation.studio.client import Studio
from briefbench.annotation.studio.projects import Desk
from briefbench.annotation.studio.pull import Answers, fetch
from briefbench.annotation.studio.suggestions import Suggestion, equal
from briefbench.annotation.votes import Annotator, Vote

#: A longer gap between two answers is a pause, not work.
_PAUSE = 600.0


@dataclass(frozen=True)
class Progress:
    """One annotator's progress.

    ``seconds`` is the median lead time of an answer, ``per_hour`` the answers in an hour of work by the gaps between
    them (pauses above ten minutes left out); ``None`` where they are not known. ``origins`` counts, for each task, the
    labels of the votes by where they came from, as `regions.origins` says; empty where all were posted.
    ``shown`` and ``hidden`` give, for each task, how many votes say what was suggested, of how many.
    """

    annotator: str
    account: str | None
    project: str
    tasks: int
    votes: int
    skipped: int
    left: int
    edited: int
    faulty: int
    seconds: float | None
    per_hour: float | None
    last: str | None
    origins: Mapping[str, Mapping[str, int]]
    shown: Mapping[str, tuple[int, int]]
    hidden: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Status:
    """All annotators' progress, and the disagreement of those with common votes (``None`` without), with its note."""

    annotators: Sequence[Progress]
    agreement: Agreement | None
    note: str


def status(
    studio: Studio,
    desks: Sequence[Desk],
    texts: Mapping[str, str],
    annotators: Mapping[str, Annotator],
    suggestions: Mapping[str, Mapping[str, Suggestion]],
) -> Status:
    """Read the server and sum up; ``suggestions`` are those of every annotator, by bullet.

    Raises:
        StudioError: an annotator was never invited, or the server fails.
    """
    answers = {desk.annotator: fetch(studio, desk, texts) for desk in desks}
    progress = [_progress(studio, desk, answers[desk.annotator], suggestions.get(desk.annotator, {})) for desk in desks]
    votes = {name: _votes(found) for name, found in answers.items() if name in annotators}
    names = [name for name, cast in votes.items() if cast]
    met = agreement(names, votes, annotators) if len(names) > 1 else None
    if met is None or not met.bullets:
        return Status(progress, None, "")
    return Status(progress, met, note_on([met.kind], [annotators[name] for name in names]))


def _progress(studio: Studio, desk: Desk, answers: Answers, suggestions: Mapping[str, Suggestion]) -> Progress:
    last, votes = answers.last, _votes(answers)
    times = sorted(version.updated_at for version in last.values())
    leads = [float(version.lead_time) for version in last.values() if version.lead_time]
    tasks = len(answers.versions) + len(answers.faults)
    return Progress(
        annotator=desk.annotator,
        account=desk.account.email if desk.account else None,
        project=f"{studio.url}/projects/{desk.project.id}",
        tasks=tasks,
        votes=len(votes),
        skipped=len(last) - len(votes),
        left=tasks - len(last) - len(answers.faults),
        edited=sum(version.answer.round > 1 for version in last.values()),
        faulty=len(answers.faults),
        seconds=statistics.median(leads) if leads else None,
        per_hour=_rate(times),
        last=times[-1] if times else None,
        origins=_origins([last[identifier].origins for identifier in votes]),
        shown=equal(suggestions, votes, shown=True),
        hidden=equal(suggestions, votes, shown=False),
    )


def _votes(answers: Answers) -> dict[str, Vote]:
    return {key: one.answer for key, one in answers.last.items() if isinstance(one.answer, Vote)}


def _rate(times: Sequence[str]) -> float | None:
    """Return the answers an hour from the gaps between them; ``None`` without a gap that is work."""
    moments = [dt.datetime.fromisoformat(time) for time in times]
    gaps = [(after - before).total_seconds() for before, after in pairwise(moments)]
    work = [gap for gap in gaps if gap <= _PAUSE]
    return 3600 * len(work) / sum(work) if sum(work) > 0 else None


def _origins(cells: Sequence[str]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for cell in cells:
        for part in filter(None, cell.split(";")):
            task, origin = part.split(":")
            counts.setdefault(task, Counter())[origin] += 1
    return {task: dict(sorted(found.items())) for task, found in counts.items()}
