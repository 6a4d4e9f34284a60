"""Where fitted models are kept: each is written when it is fitted, and read again where that is wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from briefbench.baselines.base import Baseline, Chosen, Examples, Fitted
from briefbench.baselines.run import fit
from briefbench.baselines.saved import Origin, Storable, encode, stored
from briefbench.files import write_bytes

#: Below ``baselines/``.
MODELS = "models"


@dataclass(frozen=True)
class Shelf:
    """The models of one release and protocol in a folder; with ``reuse`` those that are there are not fitted again.

    A model is known by its baseline, release, protocol and seed. That the code which made it has changed since, the
    file does not show: without ``reuse`` everything is fitted anew, but nothing twice for one shelf.
    """

    folder: Path
    data: str
    protocol: str
    reuse: bool = False
    _fitted: dict[Origin, Fitted] = field(default_factory=dict, repr=False, compare=False)

    def fit(
        self,
        baseline: Baseline,
        examples: Mapping[str, Examples],
        chosen: Mapping[str, Chosen] | None = None,
        *,
        seed: int = 0,
    ) -> Fitted:
        """Return a baseline's system, from its file or fitted as `run.fit` does and then written.

        Raises:
            InputError: the file is damaged, or cannot be written.
        """
        origin = Origin(baseline.name, self.data, self.protocol, seed)
        if origin not in self._fitted:
            self._fitted[origin] = self._get(baseline, examples, chosen, origin)
        return self._fitted[origin]

    def _get(
        self,
        baseline: Baseline,
        examples: Mapping[str, Examples],
        chosen: Mapping[str, Chosen] | None,
        origin: Origin,
    ) -> Fitted:
        if self.reuse and baseline.load is not None:
            found = stored([self.folder], origin)
            if found is not None:
                return found
        system = fit(baseline, examples, chosen, seed=origin.seed, members=lambda one: self.seeds(one, examples))
        if isinstance(system, Storable):
            write_bytes(self.folder / origin.file, encode(system, origin))
        return system

    def seeds(self, baseline: Baseline, examples: Mapping[str, Examples]) -> Sequence[Fitted]:
        """Return all seeds of a baseline that the protocol has; errors as `fit`."""
        return [self.fit(baseline, examples, seed=seed) for seed in range(baseline.seeds_on(self.protocol))]
