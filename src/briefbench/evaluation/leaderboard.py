"""The board: every stored system scored again, ranked by a paired test, beside its reference lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from briefbench.dataset.release import checked_bytes, read_checksums
from briefbench.errors import InputError, SubmissionError
from briefbench.evaluation import submissions
from briefbench.evaluation.ceiling import ceiling
from briefbench.evaluation.comparison import SIGNIFICANCE, compare
from briefbench.evaluation.predictions import Predictions, read_predictions
from briefbench.evaluation.reference import Reference, read_reference
from briefbench.evaluation.results import Evaluation, Score
from briefbench.evaluation.submissions import System, read_submission
from briefbench.evaluation.systems import SystemResult, check_result, read_results
from briefbench.project import Project

_ORIGINS = {
    frozenset({"model"}): "a language model, not from people",
    frozenset({"human"}): "people",
    frozenset({"human", "model"}): "people and language models",
}


@dataclass(frozen=True)
class Entry:
    """A system that wants a place: its result, what it predicted, and for a submission what it says of itself."""

    result: SystemResult
    predictions: Predictions
    system: System | None = None


@dataclass(frozen=True)
class Standing:
    """A system's place on the board.

    ``rank`` is one more than the number of systems whose headline is better by a paired test, so systems that it does
    not part share one. ``gain`` is the headline over the best shortcut's, for systems that read the text.
    """

    rank: int
    name: str
    kind: str
    description: str
    evaluation: Evaluation
    predictions: Predictions
    gain: float | None
    flags: tuple[str, ...]
    system: System | None = None

    @property
    def headline(self) -> Score:
        """The mean of the tasks' macro-F1."""
        if self.evaluation.headline is None:
            raise InputError(f"result {self.name}: not all tasks were predicted, so it has no place on the board")
        return self.evaluation.headline


@dataclass(frozen=True)
class Board:
    """The systems from best to worst headline, and what stands beside them.

    ``ceiling`` has a score by task and for ``mean``, or nothing; ``note`` says who made the labels.
    """

    reference: Reference
    standings: tuple[Standing, ...]
    ceiling: Mapping[str, Score]
    ceiling_note: str
    best_shortcut: str | None
    note: str


def read_board(project: Project) -> Board:
    """Read all stored results and submissions of a project, score their predictions again, and rank them.

    Raises:
        InputError, PredictionError, SubmissionError: a file is missing or refused.
        VerificationError: a stored result is not what its predictions score.
        ReleaseError, ChecksumError: there is no release, or it was tampered with.
    """
    reference = read_reference(dataset=project.dataset)
    entries = []
    for result in read_results(project.baselines / "results"):
        read = read_predictions(project.baselines / "predictions" / f"{result.name}.parquet", reference)
        check_result(result, read, reference, f"run briefbench baseline run {result.name}")
        entries.append(Entry(result, read))
    taken = [entry.result.name for entry in entries]
    folder = project.leaderboard / "submissions"
    for name in submissions.names(folder):
        submissions.check_name(name, taken)
        found = read_submission(folder / name, reference)
        if found.result is None:
            raise SubmissionError(f"submission {name}: not scored yet; run briefbench submit check {name}")
        entries.append(Entry(found.result, found.predictions, found.system))
    top = ceiling(reference, project.dataset)
    return board(entries, reference, top.scores, top.note, label_note(project.dataset))


def board(
    entries: Sequence[Entry], reference: Reference, ceiling: Mapping[str, Score], ceiling_note: str, note: str
) -> Board:
    """Rank systems: from the best headline down, with shared ranks where the paired test parts nothing.

    Raises:
        InputError: a system lacks a task, or was scored on another release or split.
    """
    for entry in entries:
        evaluation = entry.result.evaluation
        if evaluation.headline is None:
            raise InputError(f"result {entry.result.name}: not all tasks were predicted, so it has no place")
        if (evaluation.data, evaluation.split) != (reference.data, reference.split):
            raise InputError(
                f"result {entry.result.name}: scored on other data or another split than {reference.split} of "
                f"{reference.data[:12]}; run it again"
            )
    headlines = {entry.result.name: _headline(entry) for entry in entries}
    ranks = _ranks(entries, reference)
    shortcuts = [entry.result.name for entry in entries if entry.result.kind == "shortcut"]
    best = max(shortcuts, key=lambda name: (headlines[name], name), default=None)
    flags = _flags(entries)
    standings = [
        Standing(
            rank=ranks[entry.result.name],
            name=entry.result.name,
            kind=entry.result.kind,
            description=entry.result.description,
            evaluation=entry.result.evaluation,
            predictions=entry.predictions,
            gain=headlines[entry.result.name] - headlines[best]
            if best and entry.result.kind in ("text", "submission")
            else None,
            flags=flags[entry.result.name],
            system=entry.system,
        )
        for entry in sorted(entries, key=lambda entry: (-headlines[entry.result.name], entry.result.name))
    ]
    return Board(reference, tuple(standings), ceiling, ceiling_note, best, note)


def label_note(release: Path) -> str:
    """Return the sentence that says who made the labels of a release.

    Raises:
        ReleaseError, ChecksumError: there is no release, or it was tampered with.
    """
    stats = msgspec.json.decode(checked_bytes(release, "stats.json", read_checksums(release)))
    kinds = frozenset(stats["annotator_kinds"].values())
    return f"The labels scored against come from {_ORIGINS[kinds]}."


def _headline(entry: Entry) -> float:
    headline = entry.result.evaluation.headline
    return headline.value if headline else 0.0


def _ranks(entries: Sequence[Entry], reference: Reference) -> dict[str, int]:
    """Return one more than the number of systems that are better by approximate randomization, after Holm."""
    ranks = {entry.result.name: 1 for entry in entries}
    if len(entries) > 1:
        systems = {entry.result.name: entry.predictions for entry in entries}
        for found in compare(systems, reference, scores=["mean"]):
            ranks[found.second] += found.holm_p < SIGNIFICANCE
    return ranks


def _flags(entries: Sequence[Entry]) -> dict[str, tuple[str, ...]]:
    """Return what a reader must be told of every system: the same labels as another, a test part that was seen."""
    by_labels: dict[str, list[str]] = {}
    for entry in entries:
        labels = Predictions(entry.predictions.labels).digest()
        by_labels.setdefault(labels, []).append(entry.result.name)
    flags: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        name = entry.result.name
        twins = next(names for names in by_labels.values() if name in names)
        found = [f"same labels as {twin}" for twin in twins if twin != name]
        if entry.system is not None and entry.system.test_set_seen != "no":
            found.append(
                {"yes": "saw the test part", "unknown": "may have seen the test part"}[entry.system.test_set_seen]
            )
        flags[name] = tuple(found)
    return flags
