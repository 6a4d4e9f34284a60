"""BriefBench: live-briefing bullets labelled by topic, stance and source type, and a benchmark over them.

    >>> import briefbench
    >>> test = briefbench.load("stance", split="test")
    >>> result = briefbench.evaluate("predictions.parquet")

Importing the package loads nothing heavy; each function imports what it needs.
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from briefbench.dataset.load import load
    from briefbench.evaluation import evaluate
    from briefbench.evaluation.adapters import compute_metrics, scorer

__all__ = ["__version__", "compute_metrics", "evaluate", "load", "scorer"]


def __getattr__(name: str) -> Any:
    if name == "load":
        from briefbench.dataset.load import load

        return load
    if name == "evaluate":
        from briefbench.evaluation import evaluate

        return evaluate
    if name in ("compute_metrics", "scorer"):
        from briefbench.evaluation import adapters

        return getattr(adapters, name)
    raise AttributeError(f"module 'briefbench' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
