"""The signature of a score: everything that someone must repeat to get the same number."""

from dataclasses import dataclass

from briefbench import __version__
from briefbench.evaluation.bootstrap import Clusters

_VERSION = ".".join(__version__.split(".")[:2])


@dataclass(frozen=True)
class Signature:
    """Version, data, split, task, metric, labels and interval of one score; ``str`` gives the printed form.

    ``labels`` is how many labels the score averages over, 0 where it averages over none. ``resampling`` is how the
    interval is made, such as ``bca,cluster_week,10000,seed12345``.
    """

    data: str
    split: str
    task: str
    metric: str
    labels: int
    resampling: str
    version: str = _VERSION

    def __str__(self) -> str:
        labels = f"|labels:{self.labels}" if self.labels else ""
        return (
            f"briefbench:{self.version}|data:{self.data[:12]}|split:{self.split}|task:{self.task}|metric:{self.metric}"
            f"{labels}|ci:{self.resampling}"
        )


def resampling(clusters: Clusters) -> str:
    """Return how an interval over clusters is made, for a signature."""
    return f"{clusters.method},cluster_week,{clusters.resamples},seed{clusters.seed}"
