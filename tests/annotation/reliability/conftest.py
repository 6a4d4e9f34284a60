"""The corpus as ballots, and its report, made once."""

import pytest

from agreement_support import made
from briefbench.annotation.reliability.ballots import Ballots
from briefbench.annotation.reliability.columns import read_ballots
from briefbench.annotation.reliability.report import Report
from tests_support import ROOT


@pytest.fixture(scope="session")
def corpus() -> Ballots:
    return read_ballots(ROOT / "annotation")


@pytest.fixture(scope="session")
def corpus_report(corpus: Ballots) -> Report:
    return made(corpus)
