"""The learning curve: nested parts of whole weeks, nothing of the test part, and the committed figures again."""

import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.baselines.base import read_examples
from briefbench.baselines.curve import (
    FIGURES,
    PERCENTAGES,
    PICTURE,
    SEED,
    Curve,
    Point,
    draw,
    merged,
    points,
    read_curve,
    subsets,
    taken,
)
from briefbench.baselines.registry import NAMES, baseline_of
from briefbench.commands import main
from briefbench.dataset.release import build, write
from briefbench.errors import InputError
from briefbench.evaluation.reference import read_reference
from briefbench.evaluation.systems import read_result
from briefbench.schema import TASK_NAMES
from tests_support import ROOT, SmallProject

FOLDER = ROOT / "baselines"
# Fitted again here; others take longer, and are fitted by the same lines.
CHEAP = {"majority", "section", "tfidf-nb"}


def point(bullets: int, score: float) -> Point:
    return Point(100, 1, bullets, dict.fromkeys(TASK_NAMES, score), score)


@pytest.fixture(scope="module")
def committed() -> Curve:
    found = read_curve(FOLDER / FIGURES)
    assert found is not None
    return found


@given(st.lists(st.integers(0, 30), min_size=1, max_size=200))
def test_the_parts_are_whole_weeks_each_within_the_next(drawn: list[int]) -> None:
    weeks = np.array(drawn)
    found = subsets(weeks)
    assert [percentage for percentage, _ in found] == list(PERCENTAGES)
    names = len(set(drawn))
    for percentage, rows in found:
        inside = set(weeks[rows].tolist())
        assert len(inside) == -(-names * percentage // 100)
        assert rows.tolist() == [row for row, week in enumerate(drawn) if week in inside]
    for (_, smaller), (_, larger) in pairwise(found):
        assert set(smaller.tolist()) <= set(larger.tolist())
    assert found[-1][1].tolist() == list(range(len(drawn)))


def test_taken_examples_keep_text_fields_labels_and_spans_together() -> None:
    whole = read_examples(dataset=ROOT / "dataset")["validation"]
    rows = np.array([7, 3, 11])
    part = taken(whole, rows)
    assert len(part) == 3
    for i, row in enumerate(rows.tolist()):
        assert (part.bullet_ids[i], part.texts[i]) == (whole.bullet_ids[row], whole.texts[row])
        assert {name: values[i] for name, values in part.fields.items()} == {
            name: values[row] for name, values in whole.fields.items()
        }
        assert {task: codes[i] for task, codes in part.labels.items()} == {
            task: codes[row] for task, codes in whole.labels.items()
        }
        assert part.spans is not None
        assert whole.spans is not None
        assert part.spans[i].tolist() == whole.spans[row].tolist()


def test_a_curve_takes_up_new_systems_and_drops_those_of_another_release() -> None:
    reference = read_reference(dataset=ROOT / "dataset")
    old = Curve(reference.data, reference.split, SEED, {"b": (point(1, 0.1),), "c": (point(1, 0.2),)})
    found = merged(old, reference, {"a": (point(1, 0.3),), "c": (point(1, 0.4),)})
    assert list(found.systems) == ["a", "b", "c"]
    assert found.systems["c"][0].mean == 0.4
    stale = Curve("0" * 64, reference.split, SEED, old.systems)
    assert list(merged(stale, reference, {"a": (point(1, 0.3),)}).systems) == ["a"]


def test_a_picture_has_a_line_for_every_system_and_the_same_bytes_again() -> None:
    curve = Curve("0" * 64, "weeks/test", SEED, {f"s{i}": (point(10, 0.1), point(20, i / 20)) for i in range(14)})
    picture = draw(curve)
    assert picture == draw(curve)
    ET.fromstring(picture)  # noqa: S314 (our own picture)
    for name in curve.systems:
        assert f">{name}<".encode() in picture


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_no_curve_is_refused_with_its_path(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / FIGURES
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"curve\.json: not a learning curve: .*; make it again"):
        read_curve(path)
    assert read_curve(tmp_path / "nowhere.json") is None


def test_the_command_fits_draws_and_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = SmallProject.write(tmp_path / "project")
    write(build(project.annotation, min_test_class=1), project.root / "dataset")
    monkeypatch.chdir(project.root)
    assert main(["baseline", "curve", "majority"]) == 1  # no result yet
    assert not (project.root / "baselines").exists()
    assert main(["baseline", "run", "majority", "tfidf-nb", "--protocol", "weeks"]) == 0
    assert main(["baseline", "curve", "majority"]) == 0
    assert main(["baseline", "curve", "tfidf-nb"]) == 0
    curve = read_curve(project.root / "baselines" / FIGURES)
    assert curve is not None
    assert list(curve.systems) == ["majority", "tfidf-nb"]
    assert (project.root / "baselines" / PICTURE).read_bytes() == draw(curve)
    for name, line in curve.systems.items():
        home = read_result(project.root / "baselines" / "results" / f"{name}.json").evaluation.headline
        assert home is not None
        assert line[-1].mean == pytest.approx(home.value)
        assert [one.weeks for one in line] == sorted({one.weeks for one in line})
        assert line[-1].bullets == 39


def test_the_committed_curve_is_of_this_release_and_its_picture_is_drawn_from_it(committed: Curve) -> None:
    assert committed.data == read_reference(dataset=ROOT / "dataset").data
    assert set(committed.systems) <= set(NAMES)
    assert CHEAP & set(committed.systems)
    assert (FOLDER / PICTURE).read_bytes() == draw(committed)


def test_the_committed_figures_of_the_cheap_systems_are_those_of_a_fresh_fit(committed: Curve) -> None:
    examples = read_examples(dataset=ROOT / "dataset")
    reference = read_reference(dataset=ROOT / "dataset")
    weeks, _ = read_reference("weeks/train", ROOT / "dataset").weeks
    for name in sorted(CHEAP & set(committed.systems)):
        stored = read_result(FOLDER / "results" / f"{name}.json")
        again = points(baseline_of(name), examples, weeks, reference, stored)
        assert [(one.percentage, one.weeks, one.bullets) for one in again] == [
            (one.percentage, one.weeks, one.bullets) for one in committed.systems[name]
        ]
        for one, other in zip(again, committed.systems[name], strict=True):
            assert one.mean == pytest.approx(other.mean, rel=1e-9)
            assert dict(one.macro_f1) == pytest.approx(dict(other.macro_f1), rel=1e-9)


def test_the_whole_train_part_scores_what_the_stored_result_says(committed: Curve) -> None:
    for name, line in committed.systems.items():
        stored = read_result(FOLDER / "results" / f"{name}.json").evaluation
        scores = {task.task: task.macro_f1.value for task in stored.tasks}
        assert dict(line[-1].macro_f1) == pytest.approx(scores, rel=1e-9)
