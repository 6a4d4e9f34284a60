"""The pages: made of what is stored and checked against it first, whatever is stored."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from briefbench.baselines.details import DETAILS
from briefbench.baselines.registry import NAMES
from briefbench.baselines.report.cards import render_card
from briefbench.baselines.report.costs import Cost, Costs, read_costs
from briefbench.baselines.report.errors import render_errors
from briefbench.baselines.report.pages import pages
from briefbench.baselines.report.results import render_results
from briefbench.baselines.report.stored import Stored, read_stored
from briefbench.commands import main
from briefbench.dataset.release import build, write
from briefbench.errors import InputError
from briefbench.evaluation.ceiling import Ceiling
from briefbench.evaluation.results import SpanResult
from briefbench.evaluation.systems import SeedScores, read_result
from briefbench.project import Project
from briefbench.schema import TASK_NAMES, TASKS
from tests_support import SmallProject

Refused = Callable[..., str]
RUN = ("majority", "publisher", "tfidf-nb")
# A train part with two bullets of every label.
LABELS = {task.name: np.repeat(np.arange(len(task)), 2) for task in TASKS}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project with three baselines on two of the protocols."""
    project = SmallProject.write(tmp_path_factory.mktemp("pages") / "project")
    write(build(project.annotation, min_test_class=1), project.root / "dataset")
    options = ("--protocol", "weeks", "--protocol", "publishers", "--root", str(project.root))
    assert main(["baseline", "run", *RUN, *options]) == 0
    return project.root


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may spoil."""
    return shutil.copytree(template, tmp_path / "project")


@pytest.fixture(scope="module")
def stored(template: Path) -> Stored:
    return read_stored(Project(template))


@pytest.fixture(scope="module")
def mistaken(stored: Stored) -> Stored:
    """The same with a best reader that is often wrong: the majority, as if it read."""
    results = tuple(replace(one, kind="text" if one.kind == "floor" else "floor") for one in stored.weeks.results)
    return replace(stored, parts={"weeks": replace(stored.weeks, results=results)})


def rows(text: str, start: str) -> list[list[str]]:
    """Return the cells of the table rows whose first cell begins so."""
    found = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    return [row for row in found if row[0].startswith(start)]


def test_every_protocol_has_a_table_with_the_stored_scores(stored: Stored) -> None:
    page = render_results(stored)
    assert [line for line in page.splitlines() if line.startswith("## ")][:2] == [
        "## weeks: another week's news",
        "## publishers: outlets that were not learnt from",
    ]
    for part, section in zip(stored.parts.values(), page.split("\n## ")[1:], strict=False):
        for result in part.results:
            (row,) = rows(section, f"[`{result.name}`]")
            scores = [result.evaluation.headline, *(result.evaluation.task(task).macro_f1 for task in TASK_NAMES)]
            assert row == [f"[`{result.name}`](cards/{result.name}.md)", result.kind, *map(str, scores)]
    means = [one.evaluation.headline.value for one in stored.weeks.results if one.evaluation.headline]
    assert means == sorted(means, reverse=True)


def test_every_page_says_who_made_the_labels(stored: Stored) -> None:
    told = replace(stored, note="The labels scored against come from a parrot.")
    for page in (render_results(told), render_card(stored.weeks.results[0], told), render_errors(told, LABELS)):
        assert told.note in " ".join(page.split())


def test_the_error_page_counts_the_errors_of_the_best_system_that_reads(mistaken: Stored) -> None:
    page = render_errors(mistaken, LABELS)
    (system,) = [one for one in mistaken.weeks.results if one.kind == "text"]
    for task, section in zip(TASK_NAMES, page.split("\n## ")[1:], strict=True):
        confusion = np.array(system.evaluation.task(task).confusion)
        wrong = int(confusion.sum() - confusion.trace())
        assert section.startswith(f"{task}: `{system.name}`\n\n{wrong} of {confusion.sum()} bullets are wrong.")
        assert sum(int(row[2]) for row in rows(section, "`") if len(row) == 5) == wrong


def test_a_text_that_is_not_ours_is_not_printed(mistaken: Stored) -> None:
    part = mistaken.weeks
    shown = [text for text in part.reference.texts if text in render_errors(mistaken, LABELS)]
    assert shown
    table = part.reference.table
    theirs = table.set_column(
        table.column_names.index("provenance"), "provenance", pa.array(["standoff"] * table.num_rows)
    )
    outside = replace(part, reference=replace(part.reference, table=theirs))
    page = render_errors(replace(mistaken, parts={"weeks": outside}), LABELS)
    assert "(not our text)" in page
    assert not any(text in page for text in shown)


def test_spans_have_a_column_where_a_system_has_them(stored: Stored) -> None:
    first = stored.weeks.results[0]
    score = first.evaluation.task("topic").macro_f1
    found = replace(first, evaluation=replace(first.evaluation, span=SpanResult(score, replace(score, value=0.125))))
    part = replace(stored.weeks, results=(found, *stored.weeks.results[1:]))
    told = replace(stored, parts={"weeks": part})
    page = render_results(told)
    header, *others = [row[6:] for row in rows(page, "")[:1] + rows(page, "*ceiling*")[:1] + rows(page, "[`")]
    assert header == ["span token F1"]
    assert [cells[0].partition(" ")[0] for cells in others] == ["", "0.125", "", ""]
    assert "0.125" in rows(render_card(found, told), "`weeks`")[0][6]


def test_pages_are_made_where_nobody_reads_and_there_is_no_ceiling(stored: Stored) -> None:
    floors = tuple(one for one in stored.weeks.results if one.kind == "floor")
    bare = replace(stored, parts={"weeks": replace(stored.weeks, results=floors, ceiling=Ceiling({}, ""))})
    page = render_results(bare)
    assert rows(page, "*ceiling*") == []
    assert "What is left" not in page
    assert "there is none" in render_errors(bare, LABELS)


def test_seeds_have_mean_and_deviation_and_a_missing_one_shows(stored: Stored) -> None:
    assert "Over seeds" not in render_results(stored)
    seeds = tuple(SeedScores(k, dict.fromkeys(TASK_NAMES, 0.5 + 0.1 * k), 0.5 + 0.1 * k) for k in range(3))
    first = replace(stored.weeks.results[0], name="dice", seeds=seeds)
    part = replace(stored.weeks, results=(first, *stored.weeks.results[1:]))
    (row,) = rows(render_results(replace(stored, parts={"weeks": part})), "`dice`")[-1:]
    assert row == ["`dice`", "3 of 3", *["0.600 ± 0.100"] * 4]
    card = render_card(first, stored)
    assert rows(card, "3 of 3") == [["3 of 3", *["0.600 ± 0.100"] * 4]]
    alone = replace(first, seeds=seeds[:1])
    assert rows(render_card(alone, stored), "1 of 1") == [["1 of 1", *["0.500"] * 4]]


def test_costs_are_given_with_their_ratio_to_the_peer(stored: Stored) -> None:
    costs = Costs(
        "A Processor", 4, "3.12", {"tfidf-lr": Cost(10, 2.0, 100.0, 50.0), "tfidf-nb": Cost(20, 1.0, 400, 60)}
    )
    page = render_results(replace(stored, costs=costs))
    assert rows(page, "`tfidf-nb`")[-1] == ["`tfidf-nb`", "20", "1 (0.5x)", "400 (4x)", "60 (1.2x)"]
    assert "A Processor" in page
    assert "no test recomputes them" in " ".join(page.split())
    nb = next(one for one in stored.weeks.results if one.name == "tfidf-nb")
    assert rows(render_card(nb, replace(stored, costs=costs)), "20") == [["20", "1 (0.5x)", "400 (4x)", "60 (1.2x)"]]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000])
def test_what_holds_no_costs_is_refused_with_its_path(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "costs.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"costs\.json: not costs: .*; run benchmarks/baselines\.py"):
        read_costs(path)
    path.write_bytes(msgspec.json.encode(Costs("P", 1, "3.12", {"majority": Cost(1, 1, 1, 1)})))
    with pytest.raises(InputError, match=r"costs\.json: no costs of tfidf-lr"):
        read_costs(path)
    assert read_costs(tmp_path / "nowhere.json") is None


def test_a_card_gives_what_the_result_holds(stored: Stored) -> None:
    nb = next(one for one in stored.weeks.results if one.name == "tfidf-nb")
    card = render_card(nb, stored)
    assert DETAILS["tfidf-nb"].how in card
    for protocol, part in stored.parts.items():
        there = part.result("tfidf-nb")
        assert there is not None
        assert str(there.evaluation.headline) in rows(card, f"`{protocol}`")[0]
    for name in ("alpha", "norm"):
        assert rows(card, name) == [[name, *(str(nb.chosen[task][name]) for task in TASK_NAMES)]]
    assert nb.evaluation.data[:12] in card
    assert "briefbench label article.txt --model tfidf-nb" in card


def test_a_system_that_nobody_described_falls_back_on_its_one_line_and_labels_nothing_if_it_reads_nothing(
    stored: Stored,
) -> None:
    floor = next(one for one in stored.weeks.results if one.kind == "floor")
    card = render_card(replace(floor, name="newcomer", description="draws straws"), stored)
    assert "## How it works\n\ndraws straws." in card
    assert rows(card, "`publishers`")[0][2] == "not run"
    assert "briefbench label" not in card


def test_hyperparameters_that_are_the_same_for_all_tasks_stand_once(stored: Stored) -> None:
    one = replace(stored.weeks.results[0], chosen={task: {"epochs": 8, "rate": 1e-4} for task in TASK_NAMES})
    card = render_card(one, stored)
    assert rows(card, "epochs") == [["epochs", "8"]]
    assert rows(card, "rate") == [["rate", "0.0001"]]


def test_only_described_systems_are_registered_ones() -> None:
    assert set(DETAILS) <= set(NAMES)
    for details in DETAILS.values():
        sentences = re.findall(r"[.!?](?=\s|$)", details.how)
        assert 2 <= len(sentences) <= 6


def test_the_report_writes_all_pages_and_takes_away_cards_of_what_is_gone(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "baselines" / "cards").mkdir()
    (project / "baselines" / "cards" / "gone.md").write_text("an old card", encoding="utf-8")
    assert main(["baseline", "report", "--root", str(project)]) == 0
    expected = pages(Project(project))
    assert set(expected) == {"RESULTS.md", "ERRORS.md", *(f"cards/{name}.md" for name in RUN)}
    for name, text in expected.items():
        assert (project / "baselines" / name).read_text(encoding="utf-8") == text
    assert {path.stem for path in (project / "baselines" / "cards").iterdir()} == set(RUN)
    assert "5 pages under" in capsys.readouterr().out


def test_a_result_that_its_predictions_do_not_score_is_refused_before_a_page_is_written(
    project: Path, refused: Refused
) -> None:
    path = project / "baselines" / "publishers" / "results" / "tfidf-nb.json"
    result = read_result(path)
    assert result.evaluation.headline is not None
    better = replace(result.evaluation, headline=replace(result.evaluation.headline, value=0.99))
    path.write_bytes(msgspec.json.encode(replace(result, evaluation=better)))
    message = refused("baseline", "report", "--root", project)
    assert "result tfidf-nb: not what its predictions score" in message
    assert "run briefbench baseline run tfidf-nb --protocol publishers" in message
    assert not (project / "baselines" / "RESULTS.md").exists()


def test_a_project_without_results_is_told_how_to_get_them(project: Path, refused: Refused) -> None:
    shutil.rmtree(project / "baselines")
    assert "no stored result; run briefbench baseline run all" in refused("baseline", "report", "--root", project)


def test_a_curve_of_another_release_is_refused(project: Path, refused: Refused) -> None:
    (project / "baselines" / "curve.json").write_text(
        '{"data": "0", "split": "weeks/test", "seed": 1, "systems": {}}', encoding="utf-8"
    )
    assert "curve.json: of another release; run briefbench baseline curve again" in refused(
        "baseline", "report", "--root", project
    )
