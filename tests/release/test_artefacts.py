"""Every committed artefact is what its sources give: without this, a published number may belong to nothing."""

import pytest

from briefbench.baselines.registry import NAMES
from briefbench.commands.leaderboard import README_BLOCK
from briefbench.commands.release import BLOCKS
from briefbench.dataset.card import render_counts, render_facts
from briefbench.dataset.release import CHECKSUMS, FILES, Release, build, verify
from briefbench.evaluation import evaluate
from briefbench.evaluation.leaderboard import Board, read_board
from briefbench.evaluation.render import render_board, render_page
from briefbench.evaluation.systems import read_result
from briefbench.markdown import replace_block
from briefbench.project import Project
from briefbench.schema import TASK_NAMES
from tests_support import ROOT, rounded

DATASET, BASELINE_FILES = ROOT / "dataset", ROOT / "baselines"


@pytest.fixture(scope="module")
def rebuilt() -> Release:
    return build(ROOT / "annotation")


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


@pytest.mark.parametrize("name", NAMES)
def test_stored_results_are_the_scores_of_the_stored_predictions(name: str) -> None:
    stored = read_result(BASELINE_FILES / "results" / f"{name}.json")
    again = evaluate(BASELINE_FILES / "predictions" / f"{name}.parquet", dataset=DATASET)
    assert rounded(stored.evaluation) == rounded(again)


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
