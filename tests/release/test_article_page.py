"""The committed counts on the real article are those of the committed labels and votes; its text is not needed."""

from pathlib import Path

import pytest

from briefbench.annotation.standoff import article_of, blanks, read_agreed, voters
from briefbench.baselines.article import PAGE, RESULTS, ArticleLabels, read_article_labels, render
from briefbench.baselines.registry import BASELINES
from briefbench.dataset.release import read_checksums
from briefbench.schema import TASK_NAMES
from tests_support import ROOT

VOTES = ROOT / "annotation" / "standoff"
FOLDER = ROOT / "baselines" / "external" / article_of(VOTES)
READERS = {baseline.name for baseline in BASELINES if baseline.kind == "text"}


@pytest.fixture(scope="module")
def stored() -> ArticleLabels:
    found = read_article_labels(FOLDER / RESULTS)
    assert found is not None
    return found


def table() -> dict[str, list[str]]:
    lines = (FOLDER / PAGE).read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return {cells[0].strip("`"): cells[1:] for cells in rows}


def test_the_page_is_made_of_the_stored_labels_and_the_votes(stored: ArticleLabels) -> None:
    agreed = read_agreed(VOTES, blanks(VOTES))
    page = render(stored, agreed, voters(VOTES), VOTES.relative_to(ROOT).as_posix())
    assert (FOLDER / PAGE).read_text(encoding="utf-8") == page
    assert "The votes come from language models, not from people." in " ".join(page.split())


def test_the_counts_on_the_page_are_counted_anew_from_labels_and_vote_files(stored: ArticleLabels) -> None:
    votes = [
        [line.split(",")[3:6] for line in path.read_text(encoding="utf-8").splitlines()[1:]]
        for path in sorted(VOTES.glob("*.csv"))
    ]
    assert len(votes) == 2
    for name, cells in table().items():
        hits = [
            [first[i] == second[i] == stored.labels[name][task][row] for i, task in enumerate(TASK_NAMES)]
            for row, (first, second) in enumerate(zip(*votes, strict=True))
        ]
        counts = [sum(column) for column in zip(*hits, strict=True)] + [sum(map(all, hits))]
        assert [int(cell.split()[0]) for cell in cells] == counts


def test_every_baseline_that_reads_text_has_labels_and_nothing_else_has(stored: ArticleLabels) -> None:
    assert set(stored.labels) == set(table()) == READERS


def test_the_labels_are_of_the_committed_release_and_the_article_voted_on(stored: ArticleLabels) -> None:
    assert stored.article.data == read_checksums(ROOT / "dataset").data
    assert (stored.article.name, stored.article.bullets) == (FOLDER.name, len(blanks(VOTES)))


def test_nothing_but_labels_and_digests_is_committed() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {RESULTS, PAGE}
    longest = max(len(line) for line in Path(FOLDER / RESULTS).read_text(encoding="utf-8").splitlines())
    assert longest < 100
