"""The reading: which doubts are read, what a verdict may say, the rates, and the page that reports them."""

from dataclasses import replace
from pathlib import Path

import pytest

from briefbench.annotation.quality.doubts import FILE as DOUBTS
from briefbench.annotation.quality.doubts import Doubt, read_doubts
from briefbench.annotation.quality.page import FOLDER, PAGE, render_page
from briefbench.annotation.quality.reading import (
    COLUMNS,
    FILE,
    READERS,
    REST,
    TOP,
    VERDICTS,
    Read,
    draw,
    encode_reading,
    rate,
    read_reading,
)
from briefbench.dataset.sources import Sources
from briefbench.errors import RecordError
from briefbench.schema import TASKS
from tests_support import ROOT, csv_text

FOLDER_HERE = ROOT / "annotation" / FOLDER


def doubt(rank: int, task: str = "stance", given: str = "mixed", suggested: str = "neutral") -> Doubt:
    return Doubt(rank, task, f"{task}-{rank}", given, suggested, 0.01, 0.9, 2, rank % 5 == 0, "tfidf-lr, 10 folds")


def read(bullet: str, verdict: str, label: str, stratum: str = TOP, reader: str = "model") -> Read:
    return Read(bullet, "stance", stratum, "mixed", "neutral", verdict, label, "a reason", reader)


LIST = [doubt(rank, task.name, *task.names[:2]) for task in TASKS for rank in range(1, 31)]


def test_the_sheet_has_the_first_of_each_task_and_a_fixed_draw_of_the_others() -> None:
    sheet = draw(LIST, 4, 10)
    assert [one.bullet_id for one in sheet if one.stratum == TOP] == [
        f"{t.name}-{r}" for t in TASKS for r in (1, 2, 3, 4)
    ]
    rest = [one.bullet_id for one in sheet if one.stratum == REST]
    assert len(set(rest)) == 10
    assert len({one.split("-")[0] for one in rest}) > 1
    assert all(int(one.split("-")[1]) > 4 for one in rest)
    assert draw(list(reversed(LIST)), 4, 10) == sheet
    assert all(one.verdict == "" for one in sheet)
    assert len(draw(LIST, 100, 100)) == len(LIST)


def test_rates_count_verdicts_and_bound_the_share_by_wilson() -> None:
    made = [read("a", "error", "neutral"), read("b", "error", "pro_russia"), read("c", "ambiguous", "mixed")]
    made += [read(f"d{i}", "right", "mixed") for i in range(7)]
    found = rate([*made, replace(made[0], verdict="", label="", reason="", reader="")])
    assert (found.read, found.errors, found.ambiguous, found.right, found.as_suggested) == (10, 2, 1, 7, 1)
    # Wilson's own formula: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), at p = 0.2, n = 10, z = 1.95996.
    assert (found.low, found.high) == pytest.approx((0.0566822, 0.5098375), abs=1e-6)
    nothing = rate([])
    assert (nothing.read, nothing.low, nothing.high) == (0, 0.0, 1.0)
    assert rate([read("a", "right", "mixed")]).low == 0.0


def test_a_reading_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = [read("a", "error", "neutral"), read("b", "ambiguous", "neutral", REST, "human"), *draw(LIST, 1, 1)]
    path = tmp_path / FILE
    path.write_bytes(encode_reading(made))
    assert read_reading(path) == made


GOOD = ["b1", "stance", TOP, "mixed", "neutral", "error", "neutral", "why", "model"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"task": "mood"}, "task is 'mood'"),
        ({"stratum": "middle"}, "stratum is 'middle'; expected top and rest"),
        ({"given": "combat"}, "unknown stance 'combat'"),
        ({"verdict": "wrong"}, "verdict is 'wrong'; expected error, ambiguous and right"),
        ({"label": ""}, "unknown stance ''"),
        ({"label": "mixed"}, "the verdict is error, but the label mixed of mixed"),
        ({"verdict": "right"}, "the verdict is right, but the label neutral of mixed"),
        ({"reader": ""}, "reader is ''; expected human and model"),
        ({"verdict": ""}, "no verdict"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    row = dict(zip(COLUMNS, GOOD, strict=True)) | changes
    path = tmp_path / FILE
    path.write_text(csv_text(COLUMNS, [list(row.values())]), encoding="utf-8")
    with pytest.raises(RecordError, match=f"line 2, bullet b1: .*{said}"):
        read_reading(path)


def test_a_label_that_was_read_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_text(csv_text(COLUMNS, [GOOD, GOOD]), encoding="utf-8")
    with pytest.raises(RecordError, match="line 3: stance of bullet b1 was read in a row above"):
        read_reading(path)


def test_the_page_says_who_read_and_what_was_found() -> None:
    doubts = [doubt(rank) for rank in range(1, 31)]
    made = [replace(read(f"stance-{i}", "right", "mixed"), stratum=TOP if i < 5 else REST) for i in range(1, 11)]
    made[0] = replace(made[0], verdict="error", label="neutral", reason="nobody takes a side | at all")
    page = render_page(doubts, made)
    assert "The reader is a language model: no person has judged these labels" in page
    assert "| stance | 30 | 24 | 6 |" in page
    assert "| stance | `mixed` | `neutral` | 30 |" in page
    assert "| `top` | 4 | 1 | 0 | 3 | 0.250 [0.046, 0.699] | 1 |" in page
    assert "| `rest` | 6 | 0 | 0 | 6 | 0.000 [0.000, 0.390] | 0 |" in page
    assert "| `stance-1` | stance | `mixed` | `neutral` | nobody takes a side \\| at all |" in page
    assert "are no candidates" not in page
    assert "The reader is a person." in render_page(doubts, [replace(one, reader="human") for one in made])
    both = [*made[1:], replace(made[0], reader="human")]
    assert "Some were read by a language model: no person" in render_page(doubts, both)


def test_the_page_without_doubts_or_without_a_reading_says_so() -> None:
    page = render_page([], [])
    assert "No label is doubted." in page
    assert "Nothing was read yet: how many of the candidates are errors is not known." in page
    assert "Nothing was read yet" in render_page(LIST, draw(LIST, 1, 1))


def test_what_was_read_and_is_doubted_no_more_is_counted() -> None:
    made = [read("stance-1", "right", "mixed"), read("stance-99", "right", "mixed")]
    assert "1 of those read are no candidates" in render_page([doubt(1)], made)


def test_the_committed_page_is_that_of_the_committed_files() -> None:
    doubts, made = read_doubts(ROOT / "annotation" / DOUBTS), read_reading(FOLDER_HERE / FILE)
    assert render_page(doubts, made) == (FOLDER_HERE / PAGE).read_text(encoding="utf-8")
    assert encode_reading(made) == (FOLDER_HERE / FILE).read_bytes()


def test_the_committed_reading_is_of_bullets_and_gives_a_verdict_with_a_reason_on_each(sources: Sources) -> None:
    made = read_reading(FOLDER_HERE / FILE)
    strata = [(one.stratum, one.task if one.stratum == TOP else "") for one in made]
    assert {stratum: strata.count(stratum) for stratum in strata} == {(TOP, t.name): 20 for t in TASKS} | {
        (REST, ""): 20
    }
    for one in made:
        assert one.bullet_id in sources.gold
        assert one.verdict in VERDICTS
        assert one.reader in READERS
        assert len(one.reason) > 5
