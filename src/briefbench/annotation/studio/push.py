"""From bullets to tasks on the server: in order, serially, each once, whatever broke off before."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid5

from briefbench.annotation.studio.client import CHUNK, Studio
from briefbench.annotation.studio.plan import assign
from briefbench.annotation.studio.projects import Desk, sweep, task_of_bullet
from briefbench.annotation.studio.records import Row
from briefbench.annotation.studio.regions import to_regions
from briefbench.annotation.votes import Abstention, Vote
from briefbench.dataset.records import Bullet
from briefbench.errors import StudioError

T = TypeVar("T")


@dataclass(frozen=True)
class Pushed:
    """How many tasks a push added to an annotator's project, and all that it has, by bullet."""

    annotator: str
    added: int
    tasks: Mapping[str, Row]


def push(
    studio: Studio,
    desks: Sequence[Desk],
    bullets: Mapping[str, Bullet],
    order: Sequence[str],
    *,
    votes: int | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> list[Pushed]:
    """Send every annotator the bullets that are theirs and not there yet.

    Nothing is sent twice: what stands on the server is read first, and copies of a broken-off import are deleted.

    Args:
        studio: the server.
        desks: the annotators' projects.
        bullets: the bullets by id; whatever has an unfit text was refused when they were read.
        order: the ids in the order in which they are to be labelled.
        votes: how many annotators a bullet gets; ``None`` for all.
        advance: told the number of tasks after every request.

    Raises:
        StudioError: the server fails, or made other than was sent. What was sent stays; run it again.
    """
    present = {desk.annotator: sweep(studio, desk.project) for desk in desks}
    plan = assign(order, {name: rows.keys() for name, rows in present.items()}, votes)
    pushed = []
    for desk in desks:
        tasks = [task_of_bullet(bullets[identifier]) for identifier in plan[desk.annotator]]
        rows = send(studio, desk, tasks, present[desk.annotator], advance)
        pushed.append(Pushed(desk.annotator, len(tasks), rows))
    return pushed


def post(
    studio: Studio,
    own: Studio,
    desk: Desk,
    answers: Mapping[str, Vote | Abstention],
    bullets: Mapping[str, Bullet],
    *,
    advance: Callable[[int], None] = lambda _: None,
) -> int:
    """Post recorded answers under the annotator's own account, one by one; those that stand there are passed over.

    Args:
        studio: the server under the account that manages projects, to see what stands there.
        own: the server under the annotator's account.
        desk: the annotator's project.
        answers: by bullet.
        bullets: by id.
        advance: told the number of answers after every request.

    Returns:
        how many were posted.

    Raises:
        StudioError: a bullet has no task yet, or the server fails. What was posted stays; run it again.
    """
    rows = sweep(studio, desk.project)
    absent = [identifier for identifier in answers if identifier not in rows]
    if absent:
        raise StudioError(
            f"{len(absent)} bullets ({absent[0]} …) have no task in {desk.annotator}'s project; "
            f"briefbench annotate push {desk.annotator}"
        )
    open_ = [(rows[identifier].id, answer) for identifier, answer in answers.items() if not _touched(rows[identifier])]
    for task, answer in open_:
        # The same id for the same answer: one that a broken-off request left behind is refused, not doubled.
        same = str(uuid5(NAMESPACE_URL, f"briefbench:{desk.project.id}:{task}:{desk.annotator}:{answer.round}"))
        own.annotate(task, _regions(answer, bullets), was_cancelled=isinstance(answer, Abstention), unique_id=same)
        advance(1)
    return len(open_)


def post_in_bulk(
    studio: Studio,
    desk: Desk,
    answers: Mapping[str, Vote | Abstention],
    bullets: Mapping[str, Bullet],
    *,
    advance: Callable[[int], None] = lambda _: None,
) -> int:
    """Import the tasks of bullets that have none together with recorded answers, in the name of the annotator.

    Label Studio would take imported annotations for the ground truth and for its importer's work: both are set right.

    Raises:
        StudioError: the annotator has no account, or the server fails. What was imported stays; run it again.
    """
    owner = desk.owner()
    present = sweep(studio, desk.project)
    new = [answer for identifier, answer in answers.items() if identifier not in present]
    tasks = []
    for answer in new:
        annotation = {
            "result": _regions(answer, bullets),
            "was_cancelled": isinstance(answer, Abstention),
            "completed_by": owner.id,
            "ground_truth": False,
        }
        tasks.append(task_of_bullet(bullets[answer.bullet_id]) | {"annotations": [annotation]})
    send(studio, desk, tasks, present, advance)
    return len(new)


def send(
    studio: Studio,
    desk: Desk,
    tasks: Sequence[Mapping[str, Any]],
    present: Mapping[str, Row],
    advance: Callable[[int], None] = lambda _: None,
) -> Mapping[str, Row]:
    """Import tasks part by part, and return all that the project has then; it had ``present`` before.

    Raises:
        StudioError: the server fails. What was sent stays.
    """
    for chunk in chunks(tasks, CHUNK):
        studio.import_tasks(desk.project.id, chunk)
        advance(len(chunk))
    return sweep(studio, desk.project) if tasks else present


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield ``items`` in parts of ``size``."""
    yield from (items[start : start + size] for start in range(0, len(items), size))


def _regions(answer: Vote | Abstention, bullets: Mapping[str, Bullet]) -> list[dict[str, Any]]:
    return to_regions(answer, bullets[answer.bullet_id].text) if isinstance(answer, Vote) else []


def _touched(row: Row) -> bool:
    return row.total_annotations + row.cancelled_annotations > 0
