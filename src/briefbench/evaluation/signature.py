"""The signature of a score: everything that someone must repeat to get the same number."""

from dataclasses import dataclass

from briefbench import __version__


@dataclass(frozen=True)
class Signature:
    """Version, data, split, task, metric, labels and interval of one score; ``str`` gives the printed form.

    ``resampling`` is what is resampled, such as ``cluster_week``.
    """

    data: str
    split: str
    task: str
    metric: str
    labels: int
    resampling: str
    resamples: int
    seed: int
    version: str = ".".join(__version__.split(".")[:2])

    def __str__(self) -> str:
        return (
            f"briefbench:{self.version}|data:{self.data[:12]}|split:{self.split}|task:{self.task}|metric:{self.metric}"
            f"|labels:{self.labels}|ci:{self.resampling},{self.resamples},seed{self.seed}"
        )
