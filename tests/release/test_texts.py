"""The README's own words are true: its Python runs, its commands exist, its links lead somewhere."""

import csv
import io
import re
import shlex
from pathlib import Path

import pytest

import briefbench
from briefbench.commands import build_parser
from briefbench.schema import TASK_NAMES
from tests_support import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
TEXTS = sorted(path for pattern in ("*.md", "*/README.md") for path in ROOT.glob(pattern) if ".venv" not in path.parts)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_python_examples_run_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = briefbench.load(split="test")
    names = {task: test.features[task].names for task in TASK_NAMES}
    rows = [[row["bullet_id"], *(names[task][row[task]] for task in TASK_NAMES)] for row in test]
    lines = [",".join(cells) for cells in [["bullet_id", *TASK_NAMES], *rows]]
    (tmp_path / "predictions.csv").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {}
    for block in blocks("python"):
        exec(block, scope)  # noqa: S102 (the README's own code)
    assert scope["test"].features["label"].names == ["pro_ukraine", "pro_russia", "mixed", "neutral"]  # type: ignore[attr-defined]
    assert scope["result"].task("stance").macro_f1.value == 1.0  # type: ignore[attr-defined]


def test_the_example_row_is_a_row_of_the_test_part_with_its_gold_labels() -> None:
    (row,) = csv.DictReader(io.StringIO(blocks("csv")[0]))
    test = briefbench.load(split="test")
    (found,) = [one for one in test if one["bullet_id"] == row["bullet_id"]]
    assert {task: test.features[task].names[found[task]] for task in TASK_NAMES} == {t: row[t] for t in TASK_NAMES}


# A verb or a step that a text names, and does not call.
NAMED = [
    *([verb] for verb in ("ingest", "label", "evaluate", "compare", "verify", "submit", "annotate")),
    *(["baseline", step] for step in ("run", "curve", "prompt")),
]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_in_the_texts_are_commands(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    inline = re.findall(r"`(briefbench (?:[a-z]+)[^`]*)`", text)
    fenced = re.findall(r"^(briefbench [^\n#]*)", text, re.MULTILINE)
    for command in inline + fenced:
        words = shlex.split(command.replace("\n", " ").replace("…", "").partition(">")[0].partition("|")[0])[1:]
        if words in NAMED:
            continue
        build_parser().parse_args(words)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_to_files_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target


def test_versions_agree() -> None:
    assert f"version: {briefbench.__version__}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## {briefbench.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
