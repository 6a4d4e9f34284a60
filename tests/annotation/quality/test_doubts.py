"""Doubts: labels that were spoilt on purpose are found, and the committed file is what the committed corpus gives."""

from pathlib import Path

import numpy as np
import pytest

from briefbench.annotation.quality.doubts import COLUMNS, FILE, Doubt, by_task, encode_doubts, find, read_doubts
from briefbench.annotation.quality.out_of_fold import (
    examples_of,
    fold_probabilities,
    folds_of,
    stored_choice,
    text_baseline,
)
from briefbench.annotation.votes import VOTE_COLUMNS
from briefbench.dataset.sources import Sources, read_sources
from briefbench.errors import InputError, RecordError, UnknownNameError
from briefbench.schema import TASK_NAMES, TASKS
from tests_support import ROOT, SmallProject, csv_text, vote_row

CHOSEN = {task: {"C": 10.0, "class_weight": "balanced"} for task in TASK_NAMES}
#: The three labels of each task that the small project has, each in turn taken for the next one.
CLASSES = {
    "topic": ("combat", "economy", "society"),
    "stance": ("neutral", "pro_ukraine", "pro_russia"),
    "source_type": ("unattributed", "western_official", "private_party"),
}


def spoilt(root: Path, count: int, every: int) -> tuple[SmallProject, set[tuple[str, str]]]:
    """Write a project in which both annotators mistake one label of every ``every``th bullet; return the mistakes."""
    project = SmallProject.write(root, count)
    lines = (project.annotation / "votes" / "P1.csv").read_text(encoding="utf-8").splitlines()[1:]
    rows, mistaken = [], set()
    for i, (bullet, line) in enumerate(zip(project.bullets, lines, strict=True)):
        labels = dict(zip(TASK_NAMES, line.split(",")[1:4], strict=True))
        if i % every == 0:
            task = TASK_NAMES[i // every % 3]
            names = CLASSES[task]
            labels[task] = names[(names.index(labels[task]) + 1) % 3]
            mistaken.add((bullet.id, task))
        rows.append(vote_row(bullet, labels))
    for name in ("P1", "P2"):
        (project.annotation / "votes" / f"{name}.csv").write_text(csv_text(VOTE_COLUMNS, rows), encoding="utf-8")
    return project, mistaken


def doubts_of(sources: Sources, folds: int) -> list[Doubt]:
    parts = folds_of(sources.units, folds)
    tables = {task.name: np.zeros((len(parts), len(task))) for task in TASKS}
    for fold in range(folds):
        for task, found in fold_probabilities(sources, text_baseline("tfidf-lr"), CHOSEN, parts, fold).items():
            tables[task][parts == fold] = found
    return find(sources, tables, "tfidf-lr")


def test_most_labels_that_were_spoilt_are_found_and_little_else(tmp_path: Path) -> None:
    project, mistaken = spoilt(tmp_path / "project", 300, 7)  # 43 mistakes: 5% of each task's labels
    found = doubts_of(read_sources(project.annotation), 5)
    caught = {(one.bullet_id, one.task) for one in found}
    assert len(caught & mistaken) >= 0.8 * len(mistaken)
    assert len(caught - mistaken) <= 0.2 * len(caught)
    for one in found:
        if (one.bullet_id, one.task) in mistaken:
            names = CLASSES[one.task]
            assert one.given == names[(names.index(one.suggested) + 1) % 3]
            assert (one.votes, one.disputed) == (2, False)


def test_the_most_doubtful_of_every_task_come_first_and_tasks_take_turns(tmp_path: Path) -> None:
    project, _ = spoilt(tmp_path / "project", 150, 5)
    sources = read_sources(project.annotation)
    found = doubts_of(sources, 3)
    assert doubts_of(sources, 3) == found
    for task, ranked in by_task(found).items():
        assert [one.rank for one in ranked] == list(range(1, len(ranked) + 1))
        assert all(one.given != one.suggested for one in ranked)
        shares = [one.given_probability for one in ranked]
        assert shares == sorted(shares)
        assert ranked, task
    assert [one.task for one in found[:3]] == list(TASK_NAMES)
    assert [one.rank for one in found] == sorted(one.rank for one in found)


def test_where_there_is_one_label_nothing_is_doubted(small_project: SmallProject) -> None:
    path = small_project.annotation / "votes"
    rows = [
        vote_row(one, {"topic": "combat", "stance": "mixed", "source_type": "unattributed"})
        for one in small_project.bullets
    ]
    for name in ("P1", "P2"):
        (path / f"{name}.csv").write_text(csv_text(VOTE_COLUMNS, rows), encoding="utf-8")
    assert doubts_of(read_sources(small_project.annotation), 3) == []


def test_folds_keep_weeks_and_related_bullets_whole_and_are_about_equal(sources: Sources) -> None:
    units = sources.units
    folds = folds_of(units, 10)
    sizes = np.bincount(folds)
    assert len(sizes) == 10
    assert sizes.max() - sizes.min() <= 5
    for keys in (units.weeks, units.pages):
        where: dict[object, set[int]] = {}
        for key, fold in zip(keys, folds.tolist(), strict=True):
            if key is not None:
                where.setdefault(key, set()).add(fold)
        assert max(map(len, where.values())) == 1
    assert all(folds[pair.first] == folds[pair.second] for pair in units.pairs)


def test_more_folds_than_weeks_are_refused(small_project: SmallProject) -> None:
    units = read_sources(small_project.annotation).units
    with pytest.raises(InputError, match=r"21 folds need 21 weeks .* there are 20, .* fewer --folds"):
        folds_of(units, 21)


def test_a_baseline_without_a_text_or_without_probabilities_is_refused(small_project: SmallProject) -> None:
    with pytest.raises(UnknownNameError, match="'month' does not read the text"):
        text_baseline("month")
    sources = read_sources(small_project.annotation)
    with pytest.raises(UnknownNameError, match="'tfidf-svm' gives no probabilities; try tfidf-lr"):
        fold_probabilities(sources, text_baseline("tfidf-svm"), CHOSEN, folds_of(sources.units, 3), 0)


def test_the_projects_own_choice_comes_before_the_shipped_one(tmp_path: Path) -> None:
    shipped = stored_choice("tfidf-lr", tmp_path)
    assert shipped
    (tmp_path / "results").mkdir()
    stored = (ROOT / "baselines" / "results" / "tfidf-nb.json").read_bytes()
    (tmp_path / "results" / "tfidf-lr.json").write_bytes(stored)
    assert stored_choice("tfidf-lr", tmp_path) == stored_choice("tfidf-nb", ROOT / "baselines") != shipped
    assert stored_choice("no-such", tmp_path) is None


def test_the_committed_doubts_are_about_the_present_gold(sources: Sources) -> None:
    path = ROOT / "annotation" / FILE
    doubts = read_doubts(path)
    assert encode_doubts(doubts) == path.read_bytes()
    counted = [votes for name, votes in sources.votes.items() if sources.annotators[name].counts_toward_gold]
    for one in doubts:
        gold = sources.gold[one.bullet_id]
        assert gold.labels[one.task] == one.given != one.suggested
        assert (one.task in gold.disputed) == one.disputed
        assert one.votes == sum(votes[one.bullet_id].labels[one.task] == one.given for votes in counted)
        assert one.given_probability <= one.suggested_probability
    for ranked in by_task(doubts).values():
        assert [one.rank for one in ranked] == list(range(1, len(ranked) + 1))


def test_the_probabilities_of_a_fold_of_the_committed_doubts_come_out_again(sources: Sources) -> None:
    """One fold of the ten: all of them take a minute."""
    doubts = read_doubts(ROOT / "annotation" / FILE)
    (model,) = {one.model for one in doubts}
    name, folds = model.removesuffix(" folds").split(", ")
    assert (name, folds) == ("tfidf-lr", "10")
    parts, fold = folds_of(sources.units, 10), 3
    chosen = stored_choice(name, ROOT / "baselines")
    again = fold_probabilities(sources, text_baseline(name), chosen, parts, fold)
    row = {identifier: i for i, identifier in enumerate(examples_of(sources, parts == fold).bullet_ids)}
    here = [one for one in doubts if one.bullet_id in row]
    assert len(here) > 100
    for one in here:
        codes = next(task for task in TASKS if task.name == one.task).codes
        shares = again[one.task][row[one.bullet_id]]
        assert shares[codes[one.given]] == pytest.approx(one.given_probability, abs=2e-4)
        assert shares[codes[one.suggested]] == pytest.approx(one.suggested_probability, abs=2e-4)


ROW = ["1", "topic", "20240101-abcdef", "combat", "strikes", "0.0100", "0.9000", "2", "false", "m"]


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("task", "mood", "unknown task 'mood'"),
        ("given", "mixed", "unknown topic 'mixed'"),
        ("suggested", "", "unknown topic ''"),
        ("rank", "-1", "rank is '-1'; expected a whole number"),
        ("votes", "two", "votes is 'two'"),
        ("given_probability", "1e-4", "given_probability is '1e-4'; expected a probability"),
        ("suggested_probability", "2.0000", "suggested_probability is '2.0000'"),
        ("disputed", "no", "disputed is 'no'; expected true or false"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(tmp_path: Path, column: str, cell: str, said: str) -> None:
    path = tmp_path / FILE
    row = [cell if name == column else old for name, old in zip(COLUMNS, ROW, strict=True)]
    path.write_text(csv_text(COLUMNS, [row]), encoding="utf-8")
    with pytest.raises(RecordError, match=f"line 2: {said}"):
        read_doubts(path)


def test_a_label_that_is_doubted_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_text(csv_text(COLUMNS, [ROW, ["2", *ROW[1:]]]), encoding="utf-8")
    with pytest.raises(RecordError, match="line 3: topic of bullet 20240101-abcdef is doubted twice"):
        read_doubts(path)
