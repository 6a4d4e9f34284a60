"""A fresh fit of a baseline says what is stored, label for label: the scores are those of this code."""

from collections.abc import Mapping

import numpy as np
import pytest

from briefbench.baselines.base import Examples, read_examples
from briefbench.baselines.extras import available
from briefbench.baselines.registry import BASELINES
from briefbench.baselines.run import Run, run
from briefbench.evaluation.predictions import read_predictions
from briefbench.evaluation.reference import Reference, read_reference
from briefbench.evaluation.systems import read_result
from tests_support import ROOT, rounded

# A minute's work, most of which attribution-lr does again: the topic is the same classifier's.
LEFT_OUT = ("chars-lr",)
# Of all others, and of those that need torch, the stored predictions are scored again.
REFITTED = [baseline for baseline in BASELINES if available(baseline) and baseline.name not in LEFT_OUT]
# A search takes long: these are fitted with what is stored as chosen.
LONG = ("chars-svm", "attribution-lr", "static-lr")
DATASET, BASELINE_FILES = ROOT / "dataset", ROOT / "baselines"


@pytest.fixture(scope="module")
def examples() -> Mapping[str, Examples]:
    return read_examples(dataset=DATASET)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return read_reference(dataset=DATASET)


@pytest.fixture(scope="module", params=REFITTED, ids=repr)
def rerun(request: pytest.FixtureRequest, examples: Mapping[str, Examples], reference: Reference) -> Run:
    name = request.param.name
    chosen = read_result(BASELINE_FILES / "results" / f"{name}.json").chosen if name in LONG else None
    return run(request.param, examples, reference, chosen=chosen)


def test_stored_predictions_are_those_of_a_fresh_fit(rerun: Run, reference: Reference) -> None:
    stored = read_predictions(BASELINE_FILES / "predictions" / f"{rerun.result.name}.parquet", reference)
    assert stored.labels.keys() == rerun.predictions.labels.keys()
    assert stored.probabilities.keys() == rerun.predictions.probabilities.keys()
    for task, codes in stored.labels.items():
        assert codes.tolist() == rerun.predictions.labels[task].tolist()
    for task, table in stored.probabilities.items():  # another processor may round the fourth digit the other way
        np.testing.assert_allclose(table, rerun.predictions.probabilities[task], atol=2e-4)


def test_stored_results_say_what_a_fresh_fit_is_and_chose(rerun: Run) -> None:
    stored, fresh = read_result(BASELINE_FILES / "results" / f"{rerun.result.name}.json"), rerun.result
    assert (stored.name, stored.kind, stored.description) == (fresh.name, fresh.kind, fresh.description)
    assert rounded(stored.chosen) == rounded(fresh.chosen)
