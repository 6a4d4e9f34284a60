"""All pages on the baselines: a pure function of the release and of what is stored below ``baselines/``."""

from briefbench.baselines.base import read_examples
from briefbench.baselines.report.cards import render_card
from briefbench.baselines.report.errors import render_errors
from briefbench.baselines.report.results import render_results
from briefbench.baselines.report.stored import read_stored
from briefbench.project import Project

#: Below ``baselines/``: the two pages, and the folder of the cards.
RESULTS, ERRORS, CARDS = "RESULTS.md", "ERRORS.md", "cards"


def pages(project: Project) -> dict[str, str]:
    """Return the pages by path below ``baselines/``.

    Raises:
        InputError, PredictionError, VerificationError: as `briefbench.baselines.report.stored.read_stored`.
        ReleaseError, ChecksumError, UnknownNameError: there is no release, it was tampered with, or lacks a protocol.
    """
    stored = read_stored(project)
    train = read_examples(dataset=project.dataset)["train"]
    cards = {f"{CARDS}/{one.name}.md": render_card(one, stored) for one in stored.weeks.results}
    return {RESULTS: render_results(stored), ERRORS: render_errors(stored, train.labels), **cards}
