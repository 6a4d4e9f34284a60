"""Label Studio's HTTP interface: the calls that the workflow makes, every answer checked. `accounts` does the rest.

The vendor's SDK is not used: it holds NumPy below 2.3 (through OpenCV), installs some 500 MB, and repeats requests that
the server may have carried out. Nothing is repeated here: a command that fails can be run again and goes on.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2
import msgspec

from briefbench.annotation.studio.records import (
    Access,
    Created,
    Import,
    Invite,
    Page,
    Prediction,
    Project,
    Projects,
    Row,
    Task,
    User,
    Version,
)
from briefbench.errors import StudioError

T = TypeVar("T")

#: The version that every call was tried on; another one is used with a warning, one below `OLDEST` is refused.
TESTED = "1.23.2"
OLDEST = (1, 20)

#: How many tasks one request carries.
CHUNK = 500
_PAGE = 2000
#: How long an answer may take; whoever does not even say its version is no server that works.
SECONDS, GREETING = 300.0, 30.0


class NoAnswerError(StudioError):
    """Nothing answers, or not in time."""


@dataclass
class Studio:
    """A connection to the server at ``url`` under one account's token (an access token, or a legacy one)."""

    url: str
    token: str

    def __post_init__(self) -> None:
        # A connection for each request: on a kept one the server's answers wait 40 ms for an acknowledgement.
        self._client = connection(self.url, {"Connection": "close"})
        self._authorization = "" if self.token.count(".") == 2 else f"Token {self.token}"  # noqa: PLR2004 (a JWT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def version(self) -> str:
        """Return the server's version.

        Raises:
            StudioError: nothing answers, what answers is not Label Studio, or it is too old.
        """
        try:
            release = self._ask("GET", "/api/version/", Version, anyone=True, timeout=GREETING).release
        except NoAnswerError:
            raise
        except StudioError:
            raise StudioError(f"what answers at {self.url} is not Label Studio; check the address") from None
        found = tuple(int(part) for part in re.findall(r"\d+", release)[:2])
        if found < OLDEST or found[:1] != OLDEST[:1]:
            raise StudioError(
                f"Label Studio at {self.url} is version {release}; tested is {TESTED}, at least "
                f"{'.'.join(map(str, OLDEST))} of that major version is needed: briefbench annotate serve starts one"
            )
        return release

    def users(self) -> list[User]:
        """Return the organization's members."""
        return self._ask("GET", "/api/users/", list[User])

    def projects(self) -> list[Project]:
        """Return all projects of the organization, oldest first."""
        found: list[Project] = []
        while True:
            page = self._ask(
                "GET", "/api/projects/", Projects, params={"page": len(found) // 100 + 1, "page_size": 100}
            )
            found += page.results
            if len(found) >= page.count or not page.results:
                return sorted(found, key=lambda project: project.id)

    def create_project(self, **fields: Any) -> Project:
        """Create a project."""
        return self._ask("POST", "/api/projects/", Project, json=fields)

    def update_project(self, project: int, **fields: Any) -> Project:
        """Change some fields of a project."""
        return self._ask("PATCH", f"/api/projects/{project}/", Project, json=fields)

    def tasks(self, project: int) -> list[Row]:
        """List a project's tasks in order of id, with what stands on them."""
        rows: list[Row] = []
        fields = "id,data,total_annotations,cancelled_annotations,total_predictions"
        while True:
            number = len(rows) // _PAGE + 1
            params = {"project": project, "include": fields, "page": number, "page_size": _PAGE}
            page = self._ask("GET", "/api/tasks/", Page, params=params)
            rows += page.tasks
            if len(rows) >= page.total or not page.tasks:
                return sorted(rows, key=lambda row: row.id)

    def import_tasks(self, project: int, tasks: Sequence[Mapping[str, Any]]) -> list[int]:
        """Import tasks, with the annotations and predictions in them, and return their ids.

        Raises:
            StudioError: as every call; or the server says that it made fewer than were sent, which it is known to do
                where annotations are posted meanwhile on SQLite.
        """
        answer = self._ask(
            "POST", f"/api/projects/{project}/import", Import, json=tasks, params={"return_task_ids": "true"}
        )
        sent = [len(tasks)] + [
            sum(len(task.get(kind, ())) for task in tasks) for kind in ("annotations", "predictions")
        ]
        made = [answer.task_count, answer.annotation_count, answer.prediction_count]
        if sent != made or len(answer.task_ids) != len(tasks):
            raise StudioError(
                f"Label Studio made {made[0]} tasks, {made[1]} annotations and {made[2]} predictions of the {sent[0]}, "
                f"{sent[1]} and {sent[2]} sent to project {project}; let nobody annotate meanwhile, and run it again"
            )
        return answer.task_ids

    def import_predictions(self, project: int, predictions: Sequence[Mapping[str, Any]]) -> None:
        """Add predictions to tasks that exist.

        Raises:
            StudioError: as every call, or fewer were made than sent.
        """
        answer = self._ask("POST", f"/api/projects/{project}/import/predictions", Created, json=predictions)
        if answer.created != len(predictions):
            raise StudioError(f"Label Studio made {answer.created} of {len(predictions)} predictions; run it again")

    def predictions(self, project: int) -> list[Prediction]:
        """List a project's predictions in order of id; the counts of `tasks` lag behind where an import broke off."""
        found = self._ask("GET", "/api/predictions/", list[Prediction], params={"project": project})
        return sorted(found, key=lambda prediction: prediction.id)

    def delete_prediction(self, prediction: int) -> None:
        """Delete a prediction; one that is gone already is fine."""
        self._send("DELETE", f"/api/predictions/{prediction}/", fine=httpx2.codes.NOT_FOUND)

    def annotated(self, task: int) -> bool:
        """Say whether annotations stand on a task, the skipped ones too; a task that is gone has none."""
        answer = self._send("GET", f"/api/tasks/{task}/annotations/", fine=httpx2.codes.NOT_FOUND)
        return answer.is_success and answer.json() != []

    def delete_task(self, task: int) -> None:
        """Delete a task with all that stands on it; one that is gone already is fine."""
        self._send("DELETE", f"/api/tasks/{task}/", fine=httpx2.codes.NOT_FOUND)

    def annotate(self, task: int, result: Sequence[Mapping[str, Any]], **fields: Any) -> None:
        """Post an annotation under the token's account; one whose ``unique_id`` (a UUID) is there is not doubled."""
        body = {"result": result, **fields}
        self._send("POST", f"/api/tasks/{task}/annotations/", json=body, fine=httpx2.codes.CONFLICT)

    def export(self, project: int) -> list[Task]:
        """Return every task of a project with all annotations, the skipped ones too, in order of id."""
        params = {"exportType": "JSON", "download_all_tasks": "true"}
        tasks = self._ask("GET", f"/api/projects/{project}/export", list[Task], params=params)
        return sorted(tasks, key=lambda task: task.id)

    def invite_path(self) -> str:
        """Return the path of the page where somebody who is invited makes an account."""
        return self._ask("GET", "/api/invite", Invite).invite_url

    def _ask(self, method: str, path: str, kind: type[T], *, anyone: bool = False, **request: Any) -> T:
        """Send a request and decode the answer.

        Raises:
            StudioError: as `_send`, or the answer is not what this version of the server gives.
        """
        answer = self._send(method, path, anyone=anyone, **request)
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StudioError(
                f"Label Studio's answer to {method} {path} is not that of version {TESTED}: {error}"
            ) from error

    def _send(
        self, method: str, path: str, *, anyone: bool = False, fine: int | None = None, **request: Any
    ) -> httpx2.Response:
        """Send a request and return the answer, if it is a success or has the status ``fine``."""
        if not anyone and not self._authorization:
            self._refresh()
        headers = {} if anyone else {"Authorization": self._authorization}
        answer = sent(self._client, method, path, headers=headers, **request)
        if answer.status_code == httpx2.codes.UNAUTHORIZED and self._authorization.startswith("Bearer"):
            self._refresh()  # an access lasts five minutes
            answer = sent(self._client, method, path, headers={"Authorization": self._authorization}, **request)
        if answer.is_success or answer.status_code == fine:
            return answer
        raise StudioError(fault(answer, method, path, self.url))

    def _refresh(self) -> None:
        answer = sent(self._client, "POST", "/api/token/refresh/", json={"refresh": self.token})
        if not answer.is_success:
            raise StudioError(fault(answer, "POST", "/api/token/refresh/", self.url))
        self._authorization = f"Bearer {msgspec.json.decode(answer.content, type=Access).access}"


def connection(url: str, headers: Mapping[str, str]) -> httpx2.Client:
    """Return a client for the server at ``url``; this machine itself is not asked through a proxy.

    Raises:
        StudioError: it is no address.
    """
    try:
        here = httpx2.URL(url).host in ("127.0.0.1", "localhost", "::1")
    except httpx2.InvalidURL as error:
        raise StudioError(f"the address {url!r} is no http or https address: {error}") from error
    return httpx2.Client(base_url=url, timeout=SECONDS, headers=headers, trust_env=not here)


def sent(client: httpx2.Client, method: str, path: str, **request: Any) -> httpx2.Response:
    """Send a request and return the answer, whatever its status.

    Raises:
        NoAnswerError: there is none.
    """
    url = str(client.base_url).rstrip("/")
    try:
        return client.request(method, path, **request)
    except httpx2.TimeoutException as error:
        seconds = request.get("timeout", SECONDS)
        raise NoAnswerError(
            f"no answer from Label Studio at {url} in {seconds:.0f} s to {method} {path}; run it again: it goes on"
        ) from error
    except (httpx2.RequestError, UnicodeError) as error:  # the latter: a name that cannot be a host's
        raise NoAnswerError(
            f"no answer from Label Studio at {url} ({error}); start it with briefbench annotate serve, "
            "then run the command again: it goes on where it stopped"
        ) from error


def fault(answer: httpx2.Response, method: str, path: str, url: str) -> str:
    """Return one line on an answer that is no success: what it is, and what to do."""
    if answer.status_code in (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN):
        return (
            f"Label Studio at {url} refuses the token ({answer.status_code}): it is expired or of another server; "
            "make a new one with briefbench annotate invite NAME --renew, or set LABEL_STUDIO_API_KEY"
        )
    if answer.status_code == httpx2.codes.NOT_FOUND:
        return (
            f"Label Studio at {url} has no {path} any more: it was deleted meanwhile; "
            "make it anew with briefbench annotate init"
        )
    said = re.sub(r"\s+", " ", answer.text)[:200]
    return f"Label Studio at {url} answered {answer.status_code} to {method} {path}: {said}"
