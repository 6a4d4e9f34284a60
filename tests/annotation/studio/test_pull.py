"""Merging what the server holds into an annotator's files: nothing lost, nothing doubled, nobody else's votes."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from briefbench.annotation.studio.projects import Desk
from briefbench.annotation.studio.pull import Pulled, fetch, pull
from briefbench.annotation.studio.records import Project, Task, User
from briefbench.annotation.studio.regions import to_regions
from briefbench.annotation.votes import Vote, encode_answers
from briefbench.errors import RecordError, StudioError
from briefbench.files import write_all

TEXTS = {f"2023010{day}-abcdef": f"The mayor said number {day}." for day in (1, 2, 3)}
ONE, TWO, THREE = TEXTS
DESK = Desk("A1", Project(4, "BriefBench votes of A1"), User(9, "a1@example.org"))


class Held:
    """A server that holds these tasks."""

    def __init__(self, *tasks: dict[str, Any]) -> None:
        """Hold ``tasks``."""
        self.tasks = tasks

    def export(self, _project: int) -> list[Task]:
        return msgspec.convert(list(self.tasks), list[Task])


def annotation(identifier: str, topic: str = "combat", **changes: Any) -> dict[str, Any]:
    vote = Vote(
        identifier, "A1", {"topic": topic, "stance": "neutral", "source_type": "private_party"}, (), (0, 9), 1, ""
    )
    regions = [{name: value for name, value in one.items() if name != "meta"} for one in to_regions(vote, "")]
    made = {"created_at": "2026-01-02T10:00:00.1Z", "updated_at": "2026-01-02T10:00:00.2Z", "lead_time": 12.34}
    return {"id": 70, "completed_by": 9, "updated_by": 9, "result": regions, "was_cancelled": False} | made | changes


def task(number: int, identifier: str, *annotations: dict[str, Any], **data: Any) -> dict[str, Any]:
    return {
        "id": number,
        "data": {"bullet_id": identifier, "text": TEXTS.get(identifier)} | data,
        "annotations": annotations,
    }


def pulled(folder: Path, *tasks: dict[str, Any], **options: bool) -> Pulled:
    """Pull, and write as the command does."""
    found = pull(Held(*tasks), DESK, TEXTS, folder, **options)  # type: ignore[arg-type]
    write_all(found.files)
    return found


def votes(folder: Path) -> list[str]:
    return (folder / "votes" / "A1.csv").read_text().splitlines()[1:]


def rounds(folder: Path) -> list[tuple[str, str, str]]:
    rows = [line.split(",") for line in (folder / "history" / "A1.csv").read_text().splitlines()[1:]]
    return [(row[0], row[1], row[7]) for row in rows]


def test_votes_skips_and_open_tasks(tmp_path: Path) -> None:
    found = pulled(
        tmp_path,
        task(3, THREE),
        task(2, TWO, annotation(TWO, result=[], was_cancelled=True)),
        task(1, ONE, annotation(ONE)),
    )
    assert (found.votes, found.abstentions, found.edited) == (1, 1, 0)
    assert votes(tmp_path) == [
        f"{ONE},combat,neutral,private_party,,0,9,1,2026-01-02T10:00:00Z",
        f"{TWO},,,,,,,1,2026-01-02T10:00:00Z",
    ]
    line = (tmp_path / "history" / "A1.csv").read_text().splitlines()[1]
    assert line.endswith(",1,2026-01-02T10:00:00Z,2026-01-02T10:00:00.2Z,12.3,")


def test_an_edit_after_a_pull_is_a_round_and_the_earlier_vote_stays_in_the_history(tmp_path: Path) -> None:
    pulled(tmp_path, task(1, ONE, annotation(ONE)))
    edited = annotation(ONE, "strikes", updated_at="2026-01-02T11:00:00Z")
    assert pulled(tmp_path, task(1, ONE, edited)).edited == 1
    assert votes(tmp_path) == [f"{ONE},strikes,neutral,private_party,,0,9,2,2026-01-02T10:00:00Z"]
    assert rounds(tmp_path) == [(ONE, "combat", "1"), (ONE, "strikes", "2")]
    before = [path.read_bytes() for path in sorted(tmp_path.glob("*/*.csv"))]
    pulled(tmp_path, task(1, ONE, edited))
    assert [path.read_bytes() for path in sorted(tmp_path.glob("*/*.csv"))] == before


def test_an_edit_before_the_first_pull_shows_in_its_round(tmp_path: Path) -> None:
    pulled(tmp_path, task(1, ONE, annotation(ONE, updated_at="2026-01-02T10:00:09Z")))
    assert rounds(tmp_path) == [(ONE, "combat", "2")]


def test_recorded_answers_on_bullets_without_a_task_stay(tmp_path: Path) -> None:
    (tmp_path / "votes").mkdir()
    labels = {"topic": "society", "stance": "neutral", "source_type": "unattributed"}
    kept = encode_answers([Vote(THREE, "A1", labels, (), None, 1, "2025-01-01")])
    (tmp_path / "votes" / "A1.csv").write_bytes(kept)
    pulled(tmp_path, task(1, ONE, annotation(ONE)))
    assert [line.split(",")[0] for line in votes(tmp_path)] == [ONE, THREE]


def test_an_answer_that_is_gone_from_the_server_is_kept_until_dropping_is_asked_for(tmp_path: Path) -> None:
    pulled(tmp_path, task(1, ONE, annotation(ONE)), task(2, TWO, annotation(TWO)))
    before = votes(tmp_path)
    with pytest.raises(
        StudioError, match=rf"answers on 1 bullets \({ONE} …\) that project 4 lacks; nothing is written"
    ):
        pulled(tmp_path, task(1, ONE), task(2, TWO, annotation(TWO)))
    assert votes(tmp_path) == before
    pulled(tmp_path, task(1, ONE), task(2, TWO, annotation(TWO)), drop_missing=True)
    assert [line.split(",")[0] for line in votes(tmp_path)] == [TWO]
    assert rounds(tmp_path) == [(ONE, "combat", "1"), (TWO, "combat", "1")]
    pulled(tmp_path, task(1, ONE), task(2, TWO, annotation(TWO)))


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (task(5, ONE, annotation(ONE, completed_by=1)), "annotation 70 was made or changed by account 1, not by A1's"),
        (task(5, ONE, annotation(ONE, updated_by=2)), "annotation 70 was made or changed by account 2"),
        (task(5, ONE, annotation(ONE, "weather")), "unknown topic 'weather'"),
        (task(5, ONE, annotation(ONE, created_at="yesterday")), "the time 'yesterday' is not as expected"),
        (task(5, ONE, annotation(ONE), text="Another text."), "its text is not that of bullets.jsonl"),
        (task(5, "20991231-ffffff"), "bullet '20991231-ffffff' is not in bullets.jsonl"),
        ({"id": 5, "data": {"image": "cat.png"}, "annotations": []}, "bullet None is not in bullets.jsonl"),
    ],
)
def test_what_cannot_be_taken_is_named_with_its_task_and_the_rest_waits(
    tmp_path: Path, bad: dict[str, Any], said: str
) -> None:
    good = task(2, TWO, annotation(TWO))
    with pytest.raises(StudioError, match="project 4 of A1: 1 answer cannot be taken: task 5") as refused:
        pulled(tmp_path, bad, good)
    assert said in str(refused.value)
    assert list(tmp_path.iterdir()) == []
    found = pulled(tmp_path, bad, good, leave_out_faulty=True)
    assert [line.split(",")[0] for line in votes(tmp_path)] == [TWO]
    assert len(found.faults) == 1


def test_a_faulty_answer_that_is_left_out_leaves_the_earlier_one_as_it_was(tmp_path: Path) -> None:
    pulled(tmp_path, task(1, ONE, annotation(ONE)))
    before = votes(tmp_path)
    pulled(tmp_path, task(1, ONE, annotation(ONE, "weather", updated_at="2026-01-03T00:00:00Z")), leave_out_faulty=True)
    assert votes(tmp_path) == before


def test_two_annotated_tasks_of_one_bullet_are_a_fault(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="a second annotated task of it"):
        pulled(tmp_path, task(1, ONE, annotation(ONE)), task(2, ONE, annotation(ONE)))


def test_three_faults_are_named_and_the_others_counted() -> None:
    bad = [task(number, "20991231-ffffff") for number in range(1, 6)]
    answers = fetch(Held(*bad), DESK, TEXTS)  # type: ignore[arg-type]
    assert len(answers.faults) == 5
    with pytest.raises(StudioError, match=r"5 answers cannot be taken: task 1: .*; task 2: .*; task 3: .*; and 2 more"):
        pull(Held(*bad), DESK, TEXTS, Path("nowhere"))  # type: ignore[arg-type]


def test_an_annotator_without_an_account_is_to_be_invited(tmp_path: Path) -> None:
    uninvited = Desk("A1", DESK.project, None)
    with pytest.raises(StudioError, match="annotator A1 has no account; briefbench annotate invite A1"):
        pull(Held(), uninvited, TEXTS, tmp_path)  # type: ignore[arg-type]


def test_a_damaged_vote_file_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "votes").mkdir()
    (tmp_path / "votes" / "A1.csv").write_text("bullet_id\n")
    with pytest.raises(RecordError, match=r"A1.csv, line 1: the columns are bullet_id"):
        pulled(tmp_path, task(1, ONE, annotation(ONE)))
    assert not (tmp_path / "history").exists()
