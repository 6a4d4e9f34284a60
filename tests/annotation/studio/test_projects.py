"""Projects: whose they are, and what annotators are shown around the labels."""

from pathlib import Path

import pytest

from briefbench.annotation.studio.projects import desks, task_of_bullet, vote_settings
from briefbench.annotation.studio.records import Project, User
from briefbench.dataset.records import Bullet, bullet_id
from briefbench.errors import StudioError
from briefbench.schema import TASKS


class Held:
    """A server with these projects, and one member."""

    def __init__(self, *projects: Project) -> None:
        """Hold ``projects``."""
        self._projects = projects

    def projects(self) -> list[Project]:
        return list(self._projects)

    def users(self) -> list[User]:
        return [User(7, "ada@example.org")]


def test_an_account_is_that_of_the_projects_description_as_long_as_it_is_a_member() -> None:
    said = "Made by briefbench for X; account: {} (leave this line as it is)"
    accounts = {"Ada": "ada@example.org", "Ben": "ben@example.org", "Eva": "-"}
    projects = [
        Project(i, f"BriefBench votes of {name}", said.format(mail)) for i, (name, mail) in enumerate(accounts.items())
    ]
    found = desks(Held(*projects, Project(9, "BriefBench votes of Kim", None), Project(10, "Cats")))  # type: ignore[arg-type]
    assert {name: desk.account and desk.account.id for name, desk in found.items()} == {
        "Ada": 7,
        "Ben": None,
        "Eva": None,
        "Kim": None,
    }


def test_two_projects_of_one_annotator_are_refused() -> None:
    twice = [Project(i, "BriefBench votes of Ada", "") for i in (1, 2)]
    with pytest.raises(StudioError, match="two projects 'BriefBench votes of Ada'; delete the one that is empty"):
        desks(Held(*twice))  # type: ignore[arg-type]


def test_a_bullet_without_heading_and_date_says_so() -> None:
    text = "Envoys met in Arle."
    bare = Bullet(
        id=bullet_id(None, text),
        date=None,
        section="",
        text=text,
        publisher="P",
        url=None,
        published=None,
        provenance="open",
        batch=None,
    )
    shown = task_of_bullet(bare)["data"]
    assert (shown["section"], shown["date"]) == ("no heading", "undated")


def test_the_codebook_becomes_the_instructions_and_its_markup_stays_text(tmp_path: Path) -> None:
    codebook = tmp_path / "guidelines.md"
    codebook.write_text("# Rules\n\n| label | use |\n| --- | --- |\n| `a` | <script>x</script> |\n", encoding="utf-8")
    shown = vote_settings(codebook)["expert_instruction"]
    assert "<h1>Rules</h1>" in shown
    assert "<td><code>a</code></td>" in shown
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


def test_without_a_codebook_the_instructions_are_the_definitions(tmp_path: Path) -> None:
    shown = vote_settings(tmp_path / "guidelines.md")["expert_instruction"]
    for task in TASKS:
        for label in task.labels:
            assert f"<strong>{label.name}</strong>" in shown
