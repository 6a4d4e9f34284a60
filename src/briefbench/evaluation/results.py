"""What an evaluation returns: small frozen records that print, encode to JSON and decode from it."""

from collections.abc import Iterator
from dataclasses import dataclass

from briefbench.evaluation.bootstrap import Interval


@dataclass(frozen=True)
class Score:
    """One figure with its 95% interval and its signature; ``interval`` is ``None`` where there is a single week."""

    metric: str
    value: float
    interval: Interval | None
    signature: str

    def __str__(self) -> str:
        if self.interval is None:
            return f"{self.value:.3f}"
        return f"{self.value:.3f} [{self.interval.low:.3f}, {self.interval.high:.3f}]"


@dataclass(frozen=True)
class LabelResult:
    """Scores of one label; ``support`` counts gold bullets, ``predicted`` predicted ones."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int
    predicted: int


@dataclass(frozen=True)
class CalibrationBin:
    """The bullets whose confidence falls into one bin: how many, their mean confidence, and the share that is right."""

    bullets: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class TaskResult:
    """Scores of one task. ``confusion`` counts bullets by gold label (rows) and predicted label (columns).

    ``vote_share`` is the mean share of the votes that the predicted label got. The last four are there when
    probabilities were given; ``calibration`` holds the bins that ``calibration_error`` is computed from.
    """

    task: str
    macro_f1: Score
    accuracy: Score
    mcc: Score
    vote_share: Score
    labels: tuple[LabelResult, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration_error: Score | None = None
    soft_cross_entropy: Score | None = None
    brier: Score | None = None
    calibration: tuple[CalibrationBin, ...] = ()

    @property
    def scores(self) -> tuple[Score, ...]:
        """Every score of the task, the main one first."""
        optional = (self.calibration_error, self.soft_cross_entropy, self.brier)
        return (self.macro_f1, self.accuracy, self.mcc, self.vote_share, *(one for one in optional if one))

    @property
    def attainable(self) -> float:
        """The macro-F1 of a perfect system: the share of declared labels that have a bullet in the split."""
        return sum(label.support > 0 for label in self.labels) / len(self.labels)


@dataclass(frozen=True)
class SpanResult:
    """Scores of the phrase that names the source."""

    exact_match: Score
    token_f1: Score

    @property
    def scores(self) -> tuple[Score, ...]:
        """Both scores."""
        return (self.exact_match, self.token_f1)


@dataclass(frozen=True)
class SetResult:
    """Scores of the set of all source types of a bullet; ``labels`` scores each type against the rest."""

    macro_f1: Score
    exact_match: Score
    labels: tuple[LabelResult, ...]

    @property
    def scores(self) -> tuple[Score, ...]:
        """Both scores."""
        return (self.macro_f1, self.exact_match)


@dataclass(frozen=True)
class Group:
    """One group of a slice on one task.

    ``macro_f1`` is over the ``labels`` of the task that the group has in gold, since the others cannot be found there.
    ``resampled`` says what the accuracy's interval resamples: ``week`` (cluster bootstrap), or ``bullet`` (Wilson's
    score interval, which takes bullets as independent) where the group has too few weeks for the bootstrap, or where
    all or none of its bullets are right and the bootstrap has no width.
    """

    name: str
    bullets: int
    weeks: int
    accuracy: float
    interval: Interval
    resampled: str
    macro_f1: float
    labels: int


@dataclass(frozen=True)
class Slice:
    """The groups of one task by one property of the bullets; ``worst`` names the group of the lowest accuracy.

    Groups with fewer than `slices.LEAST` bullets are listed and cannot be the worst; ``worst`` is empty without others.
    """

    by: str
    task: str
    groups: tuple[Group, ...]
    worst: str
    signature: str


@dataclass(frozen=True)
class Evaluation:
    """The scores of one set of predictions on one split.

    ``headline``, the mean of the tasks' macro-F1, is there when all tasks were predicted; ``span`` and
    ``source_types`` when they were. ``predictions`` is the SHA-256 of what was predicted, whatever the file's format.
    """

    split: str
    data: str
    bullets: int
    weeks: int
    predictions: str
    tasks: tuple[TaskResult, ...]
    headline: Score | None = None
    span: SpanResult | None = None
    source_types: SetResult | None = None
    slices: tuple[Slice, ...] = ()

    def task(self, name: str) -> TaskResult:
        """Return the scores of one task.

        Raises:
            KeyError: the task was not predicted.
        """
        for result in self.tasks:
            if result.task == name:
                return result
        raise KeyError(f"{name}; scored are {[result.task for result in self.tasks]}")

    def scores(self) -> Iterator[tuple[str, Score]]:
        """Yield every score with the name of what it scores: a task, ``mean``, ``span`` or ``source_types``."""
        for result in self.tasks:
            yield from ((result.task, one) for one in result.scores)
        if self.headline:
            yield "mean", self.headline
        if self.span:
            yield from (("span", one) for one in self.span.scores)
        if self.source_types:
            yield from (("source_types", one) for one in self.source_types.scores)

    def __repr__(self) -> str:
        scores = ", ".join(f"{what} {one.value:.3f}" for what, one in self.scores() if one.metric == "macro_f1")
        return f"Evaluation({self.split}: macro-F1 {scores})"
