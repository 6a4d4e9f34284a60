"""The check of a pull request: it scores what was submitted, and takes nothing from it but plain data files."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from briefbench.commands import main
from briefbench.dataset.release import build, write
from tests_support import ROOT, SmallProject

SCRIPT = ROOT / ".github" / "scripts" / "check_submission.py"
SYSTEM = """\
description = "a drawer of rules"
parameters = 0
training_data = "nothing"
test_set_seen = "no"
contact = "Ada, ada@example.org"
"""
PLACE = Path("leaderboard/submissions/mine")


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose main branch holds a small project with a release and a baseline."""
    project = SmallProject.write(tmp_path_factory.mktemp("request") / "project")
    write(build(project.annotation, min_test_class=1), project.root / "dataset")
    assert main(["baseline", "run", "majority", "--root", str(project.root)]) == 0
    git(project.root, "init", "--quiet", "--initial-branch=main")
    git(project.root, "add", ".")
    git(project.root, "commit", "--quiet", "--message=base")
    git(project.root, "switch", "--quiet", "--create=request")
    place = project.root / PLACE
    place.mkdir(parents=True)
    shutil.copy(project.root / "baselines" / "predictions" / "majority.parquet", place / "predictions.parquet")
    (place / "system.toml").write_text(SYSTEM)
    assert main(["submit", "check", "mine", "--root", str(project.root)]) == 0
    return project.root


@pytest.fixture
def repository(template: Path, tmp_path: Path) -> Path:
    """A copy of it, with a complete submission in the working tree of the branch ``request``."""
    return Path(shutil.copytree(template, tmp_path / "project", symlinks=True))


def check(repository: Path) -> subprocess.CompletedProcess[str]:
    """Commit the working tree as the request, go back to main as the workflow does, and run the check."""
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=request")
    git(repository, "switch", "--quiet", "main")
    command = [sys.executable, str(SCRIPT), "main", "request"]
    summary = {"GITHUB_STEP_SUMMARY": str(repository.parent / "summary.md")}
    return subprocess.run(
        command,
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env={"PATH": "/usr/bin"} | summary,
    )


def test_a_good_submission_is_scored_and_summed_up(repository: Path) -> None:
    done = check(repository)
    assert (done.returncode, done.stderr) == (0, "")
    assert "same labels as majority" in done.stdout
    assert (repository.parent / "summary.md").read_text() == done.stdout


def test_a_submission_without_a_result_is_scored_all_the_same(repository: Path) -> None:
    (repository / PLACE / "result.json").unlink()
    assert check(repository).returncode == 0
    assert (repository / PLACE / "result.json").exists()


def refuse(repository: Path, words: str) -> None:
    done = check(repository)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("check_submission: ")
    assert done.stderr.count("\n") == 1
    assert words in done.stderr
    assert (repository.parent / "summary.md").read_text().startswith("Refused: ")


def test_a_forged_result_is_refused_by_field(repository: Path) -> None:
    result = repository / PLACE / "result.json"
    result.write_text(result.read_text().replace('"bullets": 12', '"bullets": 13'))
    refuse(repository, "bullets: stored 13, recomputed 12")


def test_bad_predictions_are_refused(repository: Path) -> None:
    (repository / PLACE / "predictions.parquet").write_bytes(b"PAR1")
    refuse(repository, "predictions.parquet: not a sound Parquet file")


@pytest.mark.parametrize("path", ["src.py", "leaderboard/README.md", ".github/workflows/x.yml", str(PLACE / "run.py")])
def test_a_request_that_touches_anything_else_is_refused(repository: Path, path: str) -> None:
    (repository / path).parent.mkdir(parents=True, exist_ok=True)
    (repository / path).write_text("x")
    refuse(repository, f"'{path}': a submission changes only the three files of its own folder")
    assert not (repository / path).exists()


def test_a_link_is_refused_before_anything_is_taken(repository: Path) -> None:
    (repository / PLACE / "system.toml").unlink()
    (repository / PLACE / "system.toml").symlink_to("/etc/hostname")
    refuse(repository, "system.toml: must be added or changed, as a plain file")
    assert not (repository / PLACE).exists()


def test_removing_a_file_is_refused(repository: Path) -> None:
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=first")
    git(repository, "branch", "--force", "main")
    (repository / PLACE / "system.toml").unlink()
    refuse(repository, "system.toml: must be added or changed, as a plain file")


def test_a_request_without_a_submission_is_refused(repository: Path) -> None:
    shutil.rmtree(repository / PLACE)
    git(repository, "commit", "--quiet", "--allow-empty", "--message=nothing")
    git(repository, "switch", "--quiet", "main")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "main", "request"], cwd=repository, capture_output=True, check=False
    )
    assert b"changes no submission" in done.stderr


def test_the_workflow_runs_this_script_with_the_bases_code_and_no_rights() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "submission.yml").read_text())
    assert workflow["permissions"] == {"contents": "read"}
    assert list(workflow[True]) == ["pull_request"]  # YAML reads the key "on" as true
    steps = workflow["jobs"]["check"]["steps"]
    assert steps[0]["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert steps[-1]["run"] == 'python .github/scripts/check_submission.py "$BASE" "$HEAD"'
    assert not any("${{" in step.get("run", "") for step in steps)
