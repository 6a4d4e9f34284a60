"""``briefbench annotate agreement``: what it writes is what is committed, and it works where little is there."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from briefbench.annotation.agreement import SELF_CONSISTENCY
from briefbench.annotation.votes import ANNOTATOR_COLUMNS
from briefbench.commands import main
from briefbench.schema import TASKS
from tests_support import ROOT, SmallProject, csv_text

COMMITTED = ROOT / "annotation"
PICTURES = sorted(path.name for path in (COMMITTED / "agreement").iterdir())
QUICK = ("--resamples", "50", "--no-aggregation")


def run(*options: str) -> int:
    return main(["annotate", "agreement", *options])


def people(project: SmallProject, *rows: tuple[str, str, str, str, str]) -> None:
    """Say who the annotators are: name, kind, model, instructions, whether they count."""
    text = csv_text(ANNOTATOR_COLUMNS, [[*row, ""] for row in rows])
    (project.annotation / "annotators.csv").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the command on a copy of the corpus."""
    root = tmp_path_factory.mktemp("again")
    (root / "annotation" / "votes").mkdir(parents=True)
    names = ["bullets.jsonl", "annotators.csv", "adjudication.csv"]
    names += [f"votes/{path.name}" for path in (COMMITTED / "votes").iterdir()]
    for name in names:
        (root / "annotation" / name).write_bytes((COMMITTED / name).read_bytes())
    assert run("--root", str(root)) == 0
    return root / "annotation"


@pytest.mark.parametrize("name", ["agreement.json", "AGREEMENT.md"])
def test_the_committed_report_is_what_the_votes_give_byte_for_byte(again: Path, name: str) -> None:
    assert (again / name).read_bytes() == (COMMITTED / name).read_bytes()


@pytest.mark.parametrize("name", PICTURES)
def test_the_committed_pictures_are_what_the_votes_give_byte_for_byte(again: Path, name: str) -> None:
    assert (again / "agreement" / name).read_bytes() == (COMMITTED / "agreement" / name).read_bytes()


def test_the_committed_pictures_are_those_that_the_page_shows(again: Path) -> None:
    page = (COMMITTED / "AGREEMENT.md").read_text(encoding="utf-8")
    shown = re.findall(r"\]\(agreement/([^)]+)\)", page)
    assert sorted(shown) == PICTURES == sorted(path.name for path in (again / "agreement").iterdir())


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_svg_with_text_that_names_whose_agreement_it_is(name: str) -> None:
    root = ET.parse(COMMITTED / "agreement" / name).getroot()  # noqa: S314 (our own output)
    text = " ".join(node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text"))
    assert "(self-consistency)" in text
    for task in TASKS:
        assert task.name in text
    assert not list(root.iter("{http://www.w3.org/2000/svg}image"))
    assert not list(root.iter("{http://purl.org/dc/elements/1.1/}date"))


def test_the_report_says_at_the_top_that_one_models_passes_are_no_reliability() -> None:
    page = (COMMITTED / "AGREEMENT.md").read_text(encoding="utf-8")
    assert page.index(SELF_CONSISTENCY) < page.index("| ---")
    figures = json.loads((COMMITTED / "agreement.json").read_text(encoding="utf-8"))
    assert figures["note"].startswith(SELF_CONSISTENCY)
    assert {pair["kind"] for pair in figures["pairs"]} == {figures["group"]["kind"]} == {"self-consistency"}


def test_the_terminal_gets_a_table_and_the_sentence(
    in_small_project: SmallProject, capsys: pytest.CaptureFixture[str]
) -> None:
    people(in_small_project, *[(name, "model", "M", "guidelines", "true") for name in ("P1", "P2")])
    assert run(*QUICK, "--no-pictures") == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "P1 and P2" in captured.out
    assert "nominal Krippendorff's alpha (self-consistency)" in captured.out
    assert SELF_CONSISTENCY in captured.out
    assert not (in_small_project.annotation / "agreement").exists()


def test_people_are_called_people(in_small_project: SmallProject, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*QUICK, "--no-pictures") == 0
    out = capsys.readouterr().out
    assert "alpha (human)" in out
    assert "self-consistency" not in out


def test_options_reach_the_report_and_the_same_ones_give_the_same_bytes(in_small_project: SmallProject) -> None:
    folder = in_small_project.annotation
    written = []
    for seed in ("7", "7", "8"):
        assert run("--resamples", "60", "--seed", seed) == 0
        paths = [folder / "agreement.json", folder / "AGREEMENT.md", *sorted((folder / "agreement").iterdir())]
        written.append({path.name: path.read_bytes() for path in paths})
    assert written[0] == written[1]
    assert written[0].keys() == {"agreement.json", "AGREEMENT.md", "labels.svg", "months.svg", "confusion-P1-P2.svg"}
    settings = [json.loads(one["agreement.json"])["settings"] for one in written]
    assert [(one["resamples"], one["seed"]) for one in settings] == [(60, 7), (60, 7), (60, 8)]


def test_pictures_of_annotators_who_are_gone_are_removed_and_nothing_else(in_small_project: SmallProject) -> None:
    folder = in_small_project.annotation / "agreement"
    assert run(*QUICK) == 0
    (folder / "mine.svg").write_text("mine", encoding="utf-8")
    (in_small_project.annotation / "votes" / "P2.csv").unlink()
    assert run(*QUICK) == 0
    assert [path.name for path in folder.iterdir()] == ["mine.svg"]


def test_one_annotator_is_no_error(in_small_project: SmallProject, capsys: pytest.CaptureFixture[str]) -> None:
    (in_small_project.annotation / "votes" / "P2.csv").unlink()
    assert run("--resamples", "50") == 0
    assert "only one annotator has voted" in capsys.readouterr().out
    figures = json.loads((in_small_project.annotation / "agreement.json").read_text(encoding="utf-8"))
    assert (figures["group"], figures["pairs"], figures["aggregation"]) == (None, [], None)


def test_the_instructions_are_compared_where_they_differ(in_small_project: SmallProject) -> None:
    people(in_small_project, ("P1", "human", "", "the <codebook>", "true"), ("P2", "human", "", "none | few", "true"))
    assert run(*QUICK, "--no-pictures") == 0
    page = (in_small_project.annotation / "AGREEMENT.md").read_text(encoding="utf-8")
    assert "the &lt;codebook>" in page
    assert r"none \| few" in page
    assert "On the 60 bullets that every annotator labelled" in page


def test_a_fault_is_one_line_and_leaves_what_was_there(
    in_small_project: SmallProject, refused: Callable[..., str]
) -> None:
    folder = in_small_project.annotation
    (folder / "agreement.json").write_text("old", encoding="utf-8")
    path = folder / "votes" / "P1.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("combat", "weather"), encoding="utf-8")
    assert "unknown topic 'weather'" in refused("annotate", "agreement", *QUICK)
    assert (folder / "agreement.json").read_text(encoding="utf-8") == "old"
    assert not (folder / "AGREEMENT.md").exists()


@pytest.mark.parametrize(
    ("module", "says", "without"),
    [
        ("matplotlib", "install briefbench[figures], or pass --no-pictures", ("--no-pictures", "--no-aggregation")),
        ("crowdkit", "install briefbench[aggregation]", ("--no-aggregation",)),
    ],
)
def test_a_missing_library_is_named_and_can_be_done_without(
    small_project: SmallProject,
    refused: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    module: str,
    says: str,
    without: tuple[str, ...],
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    command = ("annotate", "agreement", "--resamples", "50", "--root", str(small_project.root))
    message = refused(*command)
    assert says in message
    assert without[0] in message
    assert not (small_project.annotation / "agreement.json").exists()
    assert main([*command, *without]) == 0


def test_without_pictures_and_models_nothing_that_draws_or_models_is_loaded(small_project: SmallProject) -> None:
    code = (
        "import sys; from briefbench.commands import main;"
        "main(['annotate', 'agreement', '--no-pictures', '--no-aggregation', '--root', sys.argv[1]]);"
        "sys.exit(str({'matplotlib', 'crowdkit'} & set(sys.modules) or ''))"
    )
    command = [sys.executable, "-c", code, str(small_project.root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.stderr.strip() == ""
