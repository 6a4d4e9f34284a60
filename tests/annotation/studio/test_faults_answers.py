"""Answers that cannot be taken: refused with task and bullet, nothing written; the rest can be pulled without them."""

from pathlib import Path
from typing import Any

from briefbench.annotation.studio.client import Studio
from studio_faults import call, exported, own, project_of, ready, vote_on
from studio_support import Server

Regions = list[dict[str, Any]]


def phrase(start: int, end: int) -> dict[str, Any]:
    """Return a marked phrase."""
    value = {"start": start, "end": end, "text": "", "labels": ["source"]}
    return {"id": f"span{start}", "from_name": "source_span", "to_name": "text", "type": "labels", "value": value}


def posted(studio: Studio, task: int, result: Regions, **fields: Any) -> int:
    """Post an annotation as anybody can, and return its id."""
    body = {"result": result, **fields}
    return int(call(studio, "POST", f"/api/tasks/{task}/annotations/", json=body).json()["id"])


def account(studio: Studio) -> int:
    """Return the id of the account that a key belongs to."""
    return int(call(studio, "GET", "/api/current-user/whoami").json()["id"])


def test_faulty_answers_are_named_and_the_rest_can_be_pulled(server: Server, tmp_path: Path) -> None:
    desk = ready(server, tmp_path / "p", ["Checked", "Meddler"], 12)
    desk.run("push", "Checked")
    good = vote_on(desk)[1]
    attributed = vote_on(desk, source_type="private_party")[1]
    against_the_rules: dict[str, Regions] = {
        "unknown topic 'weather'; expected": vote_on(desk, topic="weather")[1],
        "source_span is answered twice; keep one answer": [*attributed, phrase(0, 3), phrase(4, 8)],
        "no span, but the source type is private_party": attributed,
        "a span, but the source type is unattributed": [*good, phrase(0, 3)],
        "span 5 to 100000 does not lie in the text": [*attributed, phrase(5, 100_000)],
        "no topic": good[1:],
        "topic is answered twice": [*good, *good],
    }
    first, *tasks = exported(desk, "Checked")
    where = {task.id: f"task {task.id}, bullet {task.data['bullet_id']}: " for task in tasks}
    faults: dict[int, str] = {}
    with desk.server.studio() as admin, own(desk, "Checked") as annotator, own(desk, "Meddler") as other:
        stranger = "annotation {} was made or changed by account {}, not by Checked's; delete it"
        posted(annotator, first.id, good)
        for task, (said, regions) in zip(tasks, against_the_rules.items(), strict=False):
            posted(annotator, task.id, regions)
            faults[task.id] = said
        by_admin, edited, in_anothers_name, altered = (task.id for task in tasks[len(against_the_rules) :])
        faults[by_admin] = stranger.format(posted(admin, by_admin, good), account(admin))
        one = posted(annotator, edited, good)
        call(other, "PATCH", f"/api/annotations/{one}/", json={"result": good[:-1] + attributed[-1:]})
        faults[edited] = stranger.format(one, account(other))
        one = posted(other, in_anothers_name, good, completed_by=account(annotator))
        faults[in_anothers_name] = stranger.format(one, account(other))
        posted(annotator, altered, good)
        call(admin, "PATCH", f"/api/tasks/{altered}/", json={"data": tasks[-1].data | {"text": "Another text."}})
        faults[altered] = "its text is not that of bullets.jsonl"

    error = desk.run("pull", "Checked", status=1)
    assert (
        f"project {project_of(desk, 'Checked').id} of Checked: 11 answers cannot be taken: {where[tasks[0].id]}"
        in error
    )
    assert "and 8 more; nothing is written: mend it in Label Studio, or pass --leave-out-faulty" in error
    assert not list(desk.annotation.glob("*/Checked.csv"))

    said = desk.run("pull", "Checked", "--leave-out-faulty")
    for task, fault in faults.items():
        assert f"left out: {where[task]}{fault}" in said
    assert said.count("left out") == 11
    _, row = desk.votes("Checked").read_text().splitlines()
    assert row.startswith(f"{first.data['bullet_id']},combat,neutral,unattributed,,,,1,")


def test_tasks_that_were_not_pushed_are_refused_by_every_step(server: Server, tmp_path: Path) -> None:
    desk = ready(server, tmp_path / "p", ["Crowded"], 2)
    desk.run("push", "Crowded")
    project = project_of(desk, "Crowded").id
    task = exported(desk, "Crowded")[0]
    bullet = task.data["bullet_id"]
    with desk.server.studio() as admin, own(desk, "Crowded") as annotator:
        (foreign,) = admin.import_tasks(project, [{"data": {"text": "Somebody's own."}}])
        said = f"task {foreign} has no bullet_id: it was not pushed from here; delete it in Label Studio"
        assert said in desk.run("push", "Crowded", status=1)
        assert f"task {foreign}: bullet None is not in bullets.jsonl" in desk.run("pull", "Crowded", status=1)
        assert len(admin.tasks(project)) == 3, "what is not ours is never deleted"
        admin.delete_task(foreign)
        (copy,) = admin.import_tasks(project, [{"data": task.data}])
        for one in (task.id, copy):
            posted(annotator, one, vote_on(desk)[1])
    said = f"bullet {bullet} has annotations on the tasks {task.id} and {copy}; delete one of them"
    assert said in desk.run("push", "Crowded", status=1)
    assert f"task {copy}, bullet {bullet}: a second annotated task" in desk.run("pull", "Crowded", status=1)
    with desk.server.studio() as admin:
        admin.delete_task(copy)
    other = server.project(tmp_path / "other", 1)
    said = other.run("pull", "Crowded", status=1)
    assert "is not in bullets.jsonl" in said, "a checkout with other bullets takes no votes on texts it does not have"
    assert not list(tmp_path.glob("*/annotation/*/Crowded.csv"))
