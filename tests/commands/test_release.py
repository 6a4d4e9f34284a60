"""``briefbench release build | verify``: what is written, what is refused, and that a change is noticed."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from briefbench.commands import main
from briefbench.dataset.load import bundled_release, load
from briefbench.dataset.release import FILES, build, write
from briefbench.errors import UnknownNameError
from tests_support import SmallProject

BUILD = ("release", "build", "--min-test-class", "1")
VERIFY = ("release", "verify")
CHECK = ("release", "verify", "--checksums-only")

Refused = Callable[..., str]


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, hidden ones too."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> SmallProject:
    """A small project with its release, built once."""
    project = SmallProject.write(tmp_path_factory.mktemp("release") / "project")
    write(build(project.annotation, min_test_class=1), project.root / "dataset")
    return project


@pytest.fixture
def built(template: SmallProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallProject:
    """A copy of the small project with its release, as the current folder."""
    shutil.copytree(template.root, tmp_path / "built")
    monkeypatch.chdir(tmp_path / "built")
    return SmallProject(tmp_path / "built", template.bullets)


def test_building_writes_the_release_and_says_where(
    in_small_project: SmallProject, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(BUILD) == 0
    out = capsys.readouterr().out
    folder = in_small_project.root / "dataset"
    data = json.loads((folder / "checksums.json").read_text())["data"]
    assert out.endswith(f"\n60 bullets, 18 files written to {folder}; data {data[:12]}\n")
    assert set(tree(folder)) == {*FILES, "checksums.json"}


def test_building_again_changes_no_byte(built: SmallProject) -> None:
    before = tree(built.root)
    assert main(BUILD) == 0
    assert tree(built.root) == before


def test_a_subfolder_and_root_lead_to_the_same_project(
    small_project: SmallProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*BUILD, "--root", str(small_project.root), "--out", str(tmp_path / "by root")]) == 0
    monkeypatch.chdir(small_project.annotation / "votes")
    assert main([*BUILD, "--out", str(tmp_path / "from below")]) == 0
    assert tree(tmp_path / "by root") == tree(tmp_path / "from below")
    assert not (small_project.root / "dataset").exists()


def test_too_few_test_bullets_are_refused_and_nothing_is_written(
    in_small_project: SmallProject, refused: Refused
) -> None:
    before = tree(in_small_project.root)
    assert "lower --min-test-class" in refused("release", "build")
    assert tree(in_small_project.root) == before


@pytest.mark.parametrize("name", ["bullets.jsonl", "votes/P1.csv", "annotators.csv", "adjudication.csv"])
def test_a_broken_source_is_refused_by_name_and_the_old_release_stays(
    built: SmallProject, refused: Refused, name: str
) -> None:
    path = built.annotation / name
    path.write_bytes(path.read_bytes() + b"\xff broken")
    before = tree(built.root)
    assert str(path) in refused(*BUILD)
    assert tree(built.root) == before


def test_a_folder_with_other_files_is_never_written_into(
    in_small_project: SmallProject, refused: Refused, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("irreplaceable")
    assert "is no sound release; remove it, or choose another --out" in refused(*BUILD, "--out", tmp_path / "home")
    assert tree(tmp_path / "home") == {"thesis.txt": b"irreplaceable"}
    assert "not a folder" in refused(*BUILD, "--out", tmp_path / "home" / "thesis.txt")


def test_building_brings_the_counts_of_the_datasheet_up_to_date_and_nothing_around_them(
    in_small_project: SmallProject,
) -> None:
    datasheet = in_small_project.root / "DATASHEET.md"
    datasheet.write_text("before\n<!-- counts:begin -->\nold\n<!-- counts:end -->\nafter\n")
    assert main([*BUILD, "--out", "elsewhere"]) == 0
    assert "\nold\n" in datasheet.read_text()
    assert main(BUILD) == 0
    text = datasheet.read_text()
    assert text.startswith("before\n<!-- counts:begin -->\n")
    assert text.endswith("\n<!-- counts:end -->\nafter\n")
    assert "old" not in text


def test_verifying_says_what_was_compared(built: SmallProject, capsys: pytest.CaptureFixture[str]) -> None:
    folder = built.root / "dataset"
    assert main(VERIFY) == 0
    out = capsys.readouterr().out
    assert f"\n17 files in {folder} agree with their checksums and what the sources give; data " in out
    lines = [line.split() for line in out.splitlines()]
    assert ["protocol", "weeks", "chronological", "publishers"] in lines
    assert ["near", "duplicate", "pairs", "none", "none", "none"] in lines
    assert ["pages", "none", "none", "none"] in lines
    assert main(CHECK) == 0
    assert capsys.readouterr().out.startswith(f"17 files in {folder} agree with their checksums; data ")


def test_outside_a_project_the_release_that_comes_with_briefbench_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(CHECK) == 0
    assert f"17 files in {bundled_release()} agree" in capsys.readouterr().out


def test_checksums_can_be_verified_outside_a_project(
    built: SmallProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*CHECK, "--dataset", str(built.root / "dataset")]) == 0


@pytest.mark.parametrize("name", ["README.md", "stats.json", "data/default/test.parquet", "data/votes/train.parquet"])
def test_a_changed_or_missing_file_is_named(built: SmallProject, refused: Refused, name: str) -> None:
    path = built.root / "dataset" / name
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert f"{path}: its SHA-256 is" in refused(*CHECK)
    path.unlink()
    assert f"{path}: missing from the release" in refused(*CHECK)


def test_a_changed_file_is_named_by_the_full_verification_too(built: SmallProject, refused: Refused) -> None:
    path = built.root / "dataset" / "data" / "topic" / "test.parquet"
    path.write_bytes(path.read_bytes() + b"\0")
    assert f"{path}: its SHA-256 is" in refused(*VERIFY)


def test_a_file_that_does_not_belong_is_named(built: SmallProject, refused: Refused) -> None:
    (built.root / "dataset" / "data" / "default" / "more.parquet").write_bytes(b"x")
    assert "data/default/more.parquet does not belong to the release; remove it" in refused(*CHECK)


def test_sources_that_moved_on_are_refused_with_what_to_do(built: SmallProject, refused: Refused) -> None:
    for name in ("P1", "P2"):
        path = built.annotation / "votes" / f"{name}.csv"
        path.write_text(path.read_text().replace("society,pro_russia", "nuclear,pro_russia"))
    assert "differs from what its sources give; run briefbench release build" in refused(*VERIFY)


@pytest.mark.parametrize("content", ["", "{", "{}", '{"data": 1, "files": {}}', '{"data": "a", "files": {}}'])
def test_broken_checksums_are_refused(built: SmallProject, refused: Refused, content: str) -> None:
    (built.root / "dataset" / "checksums.json").write_text(content)
    assert "checksums.json: " in refused(*CHECK)


def test_where_there_is_no_release_the_user_is_told_to_build_one(
    in_small_project: SmallProject, refused: Refused
) -> None:
    for command in (VERIFY, CHECK, (*CHECK, "--dataset", "nowhere")):
        assert "no release here (checksums.json is missing); run briefbench release build" in refused(*command)


def test_a_desk_with_one_publisher_gets_a_release_and_is_told_what_it_lacks(
    in_small_project: SmallProject, refused: Refused, capsys: pytest.CaptureFixture[str]
) -> None:
    bullets = in_small_project.annotation / "bullets.jsonl"
    bullets.write_text(re.sub(r'"publisher":"[^"]*"', '"publisher":"River Post"', bullets.read_text()))
    assert "leave the protocol out with --protocols weeks chronological" in refused(*BUILD)
    assert main([*BUILD, "--protocols", "chronological"]) == 0
    assert "publishers" not in capsys.readouterr().out
    assert main(VERIFY) == 0
    assert len(load(dataset=in_small_project.root / "dataset", split="test", protocol="chronological")) > 0
    with pytest.raises(UnknownNameError, match="built without the protocol publishers"):
        load(dataset=in_small_project.root / "dataset", protocol="publishers")


def test_a_stray_file_beside_the_release_is_named(built: SmallProject, refused: Refused) -> None:
    (built.root / "dataset" / "notes.txt").write_text("mine")
    assert "notes.txt does not belong to the release" in refused(*CHECK)
