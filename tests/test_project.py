"""Finding the project: the nearest folder upward that has bullets, or the one that was named, or a refusal."""

import argparse
from pathlib import Path

import pytest

from briefbench.errors import InputError
from briefbench.project import Project, add_root_option, find_project


def make_project(root: Path) -> Path:
    (root / "annotation").mkdir(parents=True)
    (root / "annotation" / "bullets.jsonl").write_bytes(b"")
    return root


def test_the_nearest_project_upward_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outer = make_project(tmp_path / "outer")
    inner = make_project(outer / "inner")
    deep = inner / "a" / "b"
    deep.mkdir(parents=True)
    for where, expected in ((deep, inner), (inner, inner), (outer, outer)):
        monkeypatch.chdir(where)
        assert find_project(None) == Project(expected)


def test_a_named_project_wins_over_the_one_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(make_project(tmp_path / "here"))
    there = make_project(tmp_path / "there")
    assert find_project(there) == Project(there)


def test_a_named_folder_without_bullets_is_refused_even_inside_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = make_project(tmp_path / "here")
    (here / "empty").mkdir()
    monkeypatch.chdir(here)
    with pytest.raises(InputError, match=r"no annotation/bullets\.jsonl in .*empty; .*--root"):
        find_project(here / "empty")


def test_no_project_anywhere_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "annotation" / "bullets.jsonl").mkdir(parents=True)  # a folder of that name is no corpus
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="here or in any folder above") as caught:
        find_project(None)
    assert "\n" not in str(caught.value)


def test_a_missing_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="absent"):
        find_project(tmp_path / "absent")


def test_the_folders_of_a_project_do_not_overlap(tmp_path: Path) -> None:
    project = Project(tmp_path)
    folders = [project.annotation, project.dataset, project.baselines, project.leaderboard]
    assert [folder.name for folder in folders] == ["annotation", "dataset", "baselines", "leaderboard"]
    assert {folder.parent for folder in folders} == {tmp_path}


def test_the_root_option_gives_a_path_or_nothing() -> None:
    parser = argparse.ArgumentParser()
    add_root_option(parser)
    assert parser.parse_args([]).root is None
    assert parser.parse_args(["--root", "team"]).root == Path("team")
