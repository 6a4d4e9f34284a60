"""The committed results on the other protocols and over seeds, and the pages made of them, are what is stored."""

import numpy as np
import pytest

from briefbench.baselines.base import read_examples
from briefbench.baselines.registry import BASELINES, NAMES, baseline_of
from briefbench.baselines.report.pages import CARDS, ERRORS, RESULTS, pages
from briefbench.baselines.run import protocol_folder, run
from briefbench.baselines.seeds import macro_f1_of, stored_labels
from briefbench.evaluation.predictions import read_predictions
from briefbench.evaluation.reference import read_reference
from briefbench.evaluation.systems import read_result, read_results
from briefbench.project import Project
from briefbench.schema import PROTOCOLS
from tests_support import ROOT

FOLDER, DATASET = ROOT / "baselines", ROOT / "dataset"
# Fitted again on the other protocols; the slower ones are fitted by the same lines.
CHEAP, LONG_SEARCH = ("majority", "section", "tfidf-nb"), ("tfidf-nb",)


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    """The pages; every stored prediction is scored again for them."""
    return pages(Project(ROOT))


def test_the_pages_are_what_the_stored_predictions_give(made: dict[str, str]) -> None:
    for name, text in made.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text


def test_there_is_a_card_for_every_stored_result_and_no_other(made: dict[str, str]) -> None:
    stored = {path.stem for path in (FOLDER / "results").iterdir()}
    assert {path.stem for path in (FOLDER / CARDS).iterdir()} == stored
    assert set(made) == {RESULTS, ERRORS, *(f"{CARDS}/{name}.md" for name in stored)}


def test_every_page_with_scores_says_that_the_labels_come_from_a_language_model(made: dict[str, str]) -> None:
    for text in made.values():
        assert "The labels scored against come from a language model, not from people." in " ".join(text.split())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_results_and_predictions_of_a_protocol_are_of_the_same_registered_systems(protocol: str) -> None:
    folder = protocol_folder(FOLDER, protocol)
    results = {one.name for one in read_results(folder / "results")}
    assert results == {path.stem for path in (folder / "predictions").iterdir()}
    assert results <= set(NAMES)


@pytest.mark.parametrize("protocol", PROTOCOLS[1:])
def test_stored_predictions_of_other_protocols_are_those_of_a_fresh_fit(protocol: str) -> None:
    examples, reference = read_examples(protocol, DATASET), read_reference(f"{protocol}/test", DATASET)
    folder = protocol_folder(FOLDER, protocol)
    for name in CHEAP:
        stored = read_predictions(folder / "predictions" / f"{name}.parquet", reference)
        result = read_result(folder / "results" / f"{name}.json")
        fresh = run(baseline_of(name), examples, reference, chosen=result.chosen if name in LONG_SEARCH else None)
        assert fresh.result.chosen == result.chosen
        for task, codes in stored.labels.items():
            np.testing.assert_array_equal(codes, fresh.predictions.labels[task])


def test_the_scores_of_seeds_are_those_of_their_stored_labels() -> None:
    reference = read_reference(dataset=DATASET)
    for baseline in BASELINES:
        path = FOLDER / "results" / f"{baseline.name}.json"
        if not path.is_file() or baseline.seeds == 1:
            continue
        result = read_result(path)
        assert [one.seed for one in result.seeds] == list(range(baseline.seeds))
        for one in result.seeds[1:]:
            labels = stored_labels(FOLDER, baseline.name, one.seed, reference)
            assert labels is not None
            assert dict(one.macro_f1) == pytest.approx(macro_f1_of(labels, reference))
            assert one.mean == pytest.approx(sum(one.macro_f1.values()) / len(one.macro_f1))
        first = {task.task: task.macro_f1.value for task in result.evaluation.tasks}
        assert dict(result.seeds[0].macro_f1) == pytest.approx(first)


def test_stored_seeds_are_of_systems_that_have_them() -> None:
    known = {f"{one.name}-{seed}" for one in BASELINES for seed in range(1, one.seeds)}
    stored = {path.stem for path in (FOLDER / "seeds").glob("*.parquet")}
    assert stored <= known
