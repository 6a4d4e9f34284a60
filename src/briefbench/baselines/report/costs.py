"""What baselines cost, as `benchmarks/baselines.py` measured it: times of one machine, which no test recomputes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from briefbench.console import printable
from briefbench.errors import InputError
from briefbench.files import read_bytes

#: Below ``baselines/``; and the baseline that every cost is also given as a ratio to.
FIGURES, PEER = "costs.json", "tfidf-lr"

_LIMIT = 1 << 20


@dataclass(frozen=True)
class Cost:
    """What one baseline costs on one thread.

    ``fit_seconds`` is the processor time of one fit on the train part with given hyperparameters; of a baseline that is
    made of others, that of its own part without theirs. ``bullets_per_second`` is the speed of labelling the test part,
    ``peak_megabytes`` the peak memory of the process.
    """

    parameters: int
    fit_seconds: float
    bullets_per_second: float
    peak_megabytes: float


@dataclass(frozen=True)
class Costs:
    """The costs by baseline, all from one machine."""

    processor: str
    cores: int
    python: str
    baselines: Mapping[str, Cost]


def read_costs(path: Path) -> Costs | None:
    """Read stored costs; ``None`` where there are none.

    Raises:
        InputError: the file holds no costs, or none of `PEER`.
    """
    if not path.exists():
        return None
    try:
        costs = msgspec.json.decode(read_bytes(path, limit=_LIMIT), type=Costs)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path}: not costs: {printable(str(error))[:120]}; run benchmarks/baselines.py") from error
    if PEER not in costs.baselines:
        raise InputError(f"{path}: no costs of {PEER}, which the others are held against; run benchmarks/baselines.py")
    return costs
