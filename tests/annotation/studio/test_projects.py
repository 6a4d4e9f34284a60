"""What annotators are shown around the labels: the codebook as instructions, and a bullet without heading or date."""

from pathlib import Path

from briefbench.annotation.studio.projects import task_of_bullet, vote_settings
from briefbench.dataset.records import Bullet, bullet_id
from briefbench.schema import TASKS


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
