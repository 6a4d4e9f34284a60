"""Every committed artefact is what its sources give: without this, a published number may belong to nothing."""

from collections.abc import Mapping

import msgspec
import numpy as np
import pytest

from briefbench.baselines.base import Examples, read_examples
from briefbench.baselines.extras import available
from briefbench.baselines.registry import BASELINES, NAMES
from briefbench.baselines.run import Run, run
from briefbench.commands.leaderboard import README_BLOCK
from briefbench.commands.release import BLOCKS
from briefbench.dataset.card import render_counts, render_facts
from briefbench.dataset.release import CHECKSUMS, FILES, Release, build, verify
from briefbench.evaluation import evaluate
from briefbench.evaluation.leaderboard import Board, read_board
from briefbench.evaluation.predictions import read_predictions
from briefbench.evaluation.reference import Reference, read_reference
from briefbench.evaluation.render import render_board, render_page
from briefbench.evaluation.systems import read_result
from briefbench.markdown import replace_block
from briefbench.project import Project
from briefbench.schema import TASK_NAMES
from tests_support import ROOT

# Fitted again here; of all others the stored predictions are scored again.
REFITTED = [baseline for baseline in BASELINES if available(baseline)]
# A search takes minutes: these are fitted with what is stored as chosen.
LONG = ("chars-lr", "attribution-lr")
DATASET, BASELINE_FILES = ROOT / "dataset", ROOT / "baselines"


@pytest.fixture(scope="module")
def rebuilt() -> Release:
    return build(ROOT / "annotation")


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


@pytest.mark.parametrize("name", [*FILES, CHECKSUMS])
def test_the_release_is_byte_for_byte_what_the_annotation_gives(rebuilt: Release, name: str) -> None:
    assert (DATASET / name).read_bytes() == rebuilt.files[name]


def test_the_release_verifies_against_its_checksums_and_sources(rebuilt: Release) -> None:
    assert verify(DATASET, rebuilt).rewritten == ()


def test_generated_blocks_of_the_texts_are_current(rebuilt: Release) -> None:
    for (name, block), render in zip(BLOCKS, (render_counts, render_facts), strict=True):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert text == replace_block(text, block, render(rebuilt.stats), where=name)


def test_every_text_that_gives_agreement_says_what_the_annotators_are(rebuilt: Release) -> None:
    for name in ("README.md", "DATASHEET.md", "dataset/README.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "Krippendorff" in text
        assert rebuilt.stats.agreement_note in text


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
    assert _rounded(stored.chosen) == _rounded(fresh.chosen)


@pytest.mark.parametrize("name", NAMES)
def test_stored_results_are_the_scores_of_the_stored_predictions(name: str) -> None:
    stored = read_result(BASELINE_FILES / "results" / f"{name}.json")
    again = evaluate(BASELINE_FILES / "predictions" / f"{name}.parquet", dataset=DATASET)
    assert _rounded(stored.evaluation) == _rounded(again)


def test_every_baseline_and_nothing_else_has_a_stored_result() -> None:
    assert {path.stem for path in (BASELINE_FILES / "results").iterdir()} == set(NAMES)
    assert {path.stem for path in (BASELINE_FILES / "predictions").iterdir()} == set(NAMES)


@pytest.fixture(scope="module")
def board() -> Board:
    return read_board(Project(ROOT))


def test_the_leaderboard_is_what_the_stored_predictions_give(board: Board) -> None:
    assert (ROOT / "leaderboard" / "README.md").read_text(encoding="utf-8") == render_page(board)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme == replace_block(readme, README_BLOCK, render_board(board), where="README.md")


def test_no_shortcut_comes_near_a_system_that_reads_and_learns_from_the_whole_train_part(board: Board) -> None:
    for task in TASK_NAMES:
        scores = {kind: [] for kind in ("floor", "shortcut", "text")}  # type: dict[str, list[float]]
        for one in (standing for standing in board.standings if standing.name != "setfit"):  # 16 bullets a label
            scores.setdefault(one.kind, []).append(one.evaluation.task(task).macro_f1.value)
        assert max(scores["shortcut"]) < 0.33 < min(scores["text"])


def test_the_ceiling_stands_above_every_system_and_says_that_it_is_no_agreement_of_people(board: Board) -> None:
    for task in TASK_NAMES:
        assert board.ceiling[task].value > max(one.evaluation.task(task).macro_f1.value for one in board.standings)
    for text in ("README.md", "leaderboard/README.md"):
        assert "its self-consistency, not agreement between people" in (ROOT / text).read_text(encoding="utf-8")


def _rounded(value: object) -> object:
    """Encode to plain values with floats to 12 digits: other processors may differ in the last bits."""

    def walk(plain: object) -> object:
        if isinstance(plain, float):
            return f"{plain:.12g}"
        if isinstance(plain, dict):
            return {key: walk(item) for key, item in plain.items()}
        if isinstance(plain, list):
            return [walk(item) for item in plain]
        return plain

    return walk(msgspec.json.decode(msgspec.json.encode(value)))
