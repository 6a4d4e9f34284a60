"""What Label Studio answers, as far as the workflow reads it."""

from typing import Any

import msgspec


class Project(msgspec.Struct, frozen=True):
    """A project; ``description`` is where the workflow says whose it is."""

    id: int
    title: str
    description: str | None = ""
    show_collab_predictions: bool = False


class User(msgspec.Struct, frozen=True):
    """A member of the organization."""

    id: int
    email: str


class Annotation(msgspec.Struct, frozen=True, kw_only=True):
    """One annotation as exported; ``result`` holds its regions and choices, ``completed_by`` and ``updated_by`` ids."""

    id: int
    completed_by: int
    updated_by: int | None = None
    result: list[dict[str, Any]]
    was_cancelled: bool
    created_at: str
    updated_at: str
    lead_time: float | None = None


class Task(msgspec.Struct, frozen=True):
    """A task with its annotations."""

    id: int
    data: dict[str, Any]
    annotations: list[Annotation] = msgspec.field(default_factory=list)


class Row(msgspec.Struct, frozen=True):
    """A task in a listing; the counts say what stands on it."""

    id: int
    data: dict[str, Any]
    total_annotations: int = 0
    cancelled_annotations: int = 0
    total_predictions: int = 0


class Page(msgspec.Struct, frozen=True):
    """A page of a listing of tasks."""

    total: int
    tasks: list[Row]


class Import(msgspec.Struct, frozen=True):
    """What an import made."""

    task_count: int
    annotation_count: int
    prediction_count: int
    task_ids: list[int] = msgspec.field(default_factory=list)


class Prediction(msgspec.Struct, frozen=True):
    """A suggestion on a task; ``model_version`` says whose."""

    id: int
    task: int
    model_version: str | None = None


class Created(msgspec.Struct, frozen=True):
    """How many predictions were made."""

    created: int


class Projects(msgspec.Struct, frozen=True):
    """A page of a listing of projects."""

    count: int
    results: list[Project]


class Token(msgspec.Struct, frozen=True):
    """An account's access token."""

    token: str


class Access(msgspec.Struct, frozen=True):
    """What an access token gives for five minutes."""

    access: str


class Version(msgspec.Struct, frozen=True):
    """The server's version."""

    release: str


class Invite(msgspec.Struct, frozen=True):
    """The path of the page where somebody who is invited makes an account."""

    invite_url: str
