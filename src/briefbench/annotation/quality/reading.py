"""The reading: what a reader with the codebook found of some doubts, and how often the doubted label was wrong."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from briefbench.annotation.quality.doubts import Doubt, by_task
from briefbench.annotation.studio.plan import shuffled
from briefbench.annotation.votes import check_label, rows
from briefbench.errors import RecordError
from briefbench.files import csv_text
from briefbench.schema import TASK_NAMES, listing

#: The file of the reading, in ``annotation/quality/``.
FILE = "reading.csv"
COLUMNS = ("bullet_id", "task", "stratum", "given", "suggested", "verdict", "label", "reason", "reader")

#: The most doubtful labels of each task, and a random draw from all others.
TOP, REST = "top", "rest"
ERROR, AMBIGUOUS, RIGHT = "error", "ambiguous", "right"
VERDICTS = (ERROR, AMBIGUOUS, RIGHT)
READERS = ("human", "model")

_SEED = 12345


@dataclass(frozen=True)
class Read:
    """A doubt that was read: the verdict on the given label, the label that the reader would give, and why.

    ``verdict`` is empty where it was not read yet. ``reader`` says whether a person read it or a language model.
    """

    bullet_id: str
    task: str
    stratum: str
    given: str
    suggested: str
    verdict: str = ""
    label: str = ""
    reason: str = ""
    reader: str = ""


@dataclass(frozen=True)
class Rate:
    """How many of some doubts that were read are of each verdict; ``as_suggested`` errors have the suggested label.

    ``low`` and ``high`` bound the share of errors: a 95% Wilson interval.
    """

    read: int
    errors: int
    ambiguous: int
    right: int
    as_suggested: int
    low: float
    high: float


def draw(doubts: Sequence[Doubt], top: int, rest: int) -> list[Read]:
    """Return the sheet to be read: the first ``top`` doubts of every task, and ``rest`` of all others at random."""
    kept, others = [], []
    for found in by_task(doubts).values():
        kept += found[:top]
        others += found[top:]
    named = {f"{one.bullet_id}:{one.task}": one for one in others}
    drawn = [named[key] for key in shuffled(list(named), _SEED)[:rest]]
    strata = [(TOP, one) for one in kept] + [(REST, one) for one in drawn]
    return [Read(one.bullet_id, one.task, stratum, one.given, one.suggested) for stratum, one in strata]


def rate(reading: Iterable[Read]) -> Rate:
    """Count verdicts, and bound the share of errors.

    Source of the interval: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (1927), as
    SciPy has it.
    """
    from scipy.stats import binomtest

    made = [one for one in reading if one.verdict]
    counts = Counter(one.verdict for one in made)
    low, high = 0.0, 1.0
    if made:
        bounds = binomtest(counts[ERROR], len(made)).proportion_ci(method="wilson")
        low, high = float(bounds.low), float(bounds.high)
    return Rate(
        read=len(made),
        errors=counts[ERROR],
        ambiguous=counts[AMBIGUOUS],
        right=counts[RIGHT],
        as_suggested=sum(one.verdict == ERROR and one.label == one.suggested for one in made),
        low=low,
        high=high,
    )


def encode_reading(reading: Iterable[Read]) -> bytes:
    """Return the file of the reading, in the given order."""
    return csv_text(COLUMNS, [[getattr(one, column) for column in COLUMNS] for one in reading]).encode()


def read_reading(path: Path) -> list[Read]:
    """Read a file of the reading.

    Raises:
        RecordError: a row is malformed, contradicts itself, or stands twice.
        InputError: the file is missing, or not CSV.
    """
    found: dict[tuple[str, str], Read] = {}
    for where, row in rows(path, COLUMNS):
        one = _parse(row, f"{where}, bullet {row['bullet_id']}")
        if (one.bullet_id, one.task) in found:
            raise RecordError(f"{where}: {one.task} of bullet {one.bullet_id} was read in a row above already")
        found[one.bullet_id, one.task] = one
    return list(found.values())


def _parse(row: Mapping[str, str], where: str) -> Read:
    allowed = {"task": TASK_NAMES, "stratum": (TOP, REST), "verdict": ("", *VERDICTS)}
    for column, names in allowed.items():
        if row[column] not in names:
            raise RecordError(f"{where}: {column} is {row[column]!r}; expected {listing([*filter(None, names)])}")
    for column in ("given", "suggested"):
        check_label(row["task"], row[column], where)
    one = Read(**row)
    if one.verdict:
        check_label(one.task, one.label, where)
        if one.reader not in READERS:
            raise RecordError(f"{where}: reader is {one.reader!r}; expected {listing(READERS)}")
        if one.verdict != AMBIGUOUS and (one.label == one.given) != (one.verdict == RIGHT):
            raise RecordError(f"{where}: the verdict is {one.verdict}, but the label {one.label} of {one.given}")
    elif one.label or one.reason or one.reader:
        raise RecordError(f"{where}: a label, a reason or a reader, but no verdict; expected {listing(VERDICTS)}")
    return one
