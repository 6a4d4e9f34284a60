"""Installing and addressing a server: nobody else's folder is touched, half an installation is begun anew."""

from pathlib import Path

import pytest

from briefbench.annotation.studio import server
from briefbench.annotation.studio.client import TESTED
from briefbench.annotation.studio.server import database_settings, environment_folder, install
from briefbench.errors import InputError, StudioError


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would be run to install; the program appears as pip would make it."""
    ran: list[list[str]] = []

    def pretend(command: list[str]) -> None:
        ran.append(command)
        if command[1:3] == ["-m", "venv"]:
            (Path(command[3]) / "bin").mkdir()
        else:
            (Path(command[0]).parent / "label-studio").touch()

    monkeypatch.setattr(server, "_run", pretend)
    return ran


def test_it_is_installed_once_in_the_version_that_was_tried(tmp_path: Path, commands: list[list[str]]) -> None:
    told: list[str] = []
    program = install(tmp_path / "a" / "b", told.append)
    assert program == tmp_path / "a" / "b" / "bin" / "label-studio"
    assert commands[-1][-1] == f"label-studio=={TESTED}"
    assert len(told) == 1
    assert install(tmp_path / "a" / "b", told.append) == program
    assert (len(commands), len(told)) == (2, 1)


def test_what_broke_off_is_begun_anew(
    tmp_path: Path, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_: list[str]) -> None:
        raise StudioError("-m pip install failed: no network")

    with monkeypatch.context() as broken:
        broken.setattr(server, "_run", breaks)
        with pytest.raises(StudioError, match="no network"):
            install(tmp_path / "a", lambda _: None)
    (tmp_path / "a" / "half").touch()
    install(tmp_path / "a", lambda _: None)
    assert not (tmp_path / "a" / "half").exists()
    assert len(commands) == 2


def test_an_environment_of_somebody_else_is_left_alone(tmp_path: Path, commands: list[list[str]]) -> None:
    (tmp_path / "pyvenv.cfg").write_text("home = elsewhere\n")
    with pytest.raises(InputError, match="not empty, and not made by this command; name another folder"):
        install(tmp_path, lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == ["pyvenv.cfg"]
    assert commands == []


def test_a_program_that_fails_is_quoted_with_its_last_line(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"^-c import sys; sys.exit\('so it is'\) failed: so it is$"):
        server._run([server.sys.executable, "-c", "import sys; sys.exit('so it is')"])


def test_where_it_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BRIEFBENCH_LABEL_STUDIO", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert environment_folder() == tmp_path / "briefbench" / f"label-studio-{TESTED}"
    monkeypatch.setenv("BRIEFBENCH_LABEL_STUDIO", str(tmp_path / "own"))
    assert environment_folder() == tmp_path / "own"
    assert environment_folder(tmp_path / "named") == tmp_path / "named"


def test_a_database_is_taken_apart_and_a_password_may_come_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    found = database_settings("postgresql://ann%40a:p%3Aw@db.example.org:6000/our%20votes")
    assert found == {
        "DJANGO_DB": "default",
        "POSTGRE_USER": "ann@a",
        "POSTGRE_PASSWORD": "p:w",
        "POSTGRE_HOST": "db.example.org",
        "POSTGRE_PORT": "6000",
        "POSTGRE_NAME": "our votes",
    }
    monkeypatch.setenv("PGPASSWORD", "secret")
    assert database_settings("postgres://ann@localhost/votes")["POSTGRE_PASSWORD"] == "secret"  # noqa: S105
    assert database_settings("postgres://ann@localhost/votes")["POSTGRE_PORT"] == "5432"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "votes.sqlite3",
        "mysql://a@h/d",
        "postgresql://h/d",
        "postgresql://a@h",
        "postgresql://a@h:x/d",
        "postgresql://[a/d",
    ],
)
def test_another_address_of_a_database_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="--database: expected postgresql://USER:PASSWORD@HOST:PORT/NAME"):
        database_settings(url)
