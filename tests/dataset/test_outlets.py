"""Outlets: one publisher under two spellings is one outlet, two publishers are never merged by accident."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.dataset.outlets import COLUMNS, outlet_key, page_key, read_aliases, spelling
from briefbench.dataset.sources import Sources
from briefbench.errors import InputError, RecordError
from tests_support import csv_text

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(content: str) -> Path:
        path = tmp_path / "outlets.csv"
        path.write_text(content, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Harbour Post", "harbour post"),
        ("Harbour-Post", "HARBOUR POST"),
        ("harbourpost.com", "Harbour Post"),
        ("HarbourPost.RU", "The Harbour_Post"),
        ("Straße Heute", "STRASSE HEUTE"),
    ],
)
def test_spellings_of_one_name_are_one_outlet(one: str, other: str) -> None:
    assert outlet_key(one, {}) == outlet_key(other, {})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Harbour Post", "Harbour Herald"),
        ("Post", "Post 24"),
        ("24", "24 Online"),
        ("Вести", "Вісті"),
        ("Theatre Weekly", "Atre Weekly"),
        ("...", "!!!"),
    ],
)
def test_different_names_stay_apart(one: str, other: str) -> None:
    assert outlet_key(one, {}) != outlet_key(other, {})


def test_bullets_without_a_publisher_are_one_outlet() -> None:
    assert outlet_key(None, {"None": "x"}) == "unknown"


def test_an_alias_joins_the_outlet_it_names() -> None:
    aliases = {spelling("Harbour Post Arabic"): spelling("The Harbour Post")}
    assert outlet_key("HARBOUR POST Arabic", aliases) == outlet_key("harbourpost.com", aliases)


@given(st.text(min_size=1).filter(lambda name: name.strip().casefold() != "the"))
def test_every_name_has_a_key_that_case_and_spaces_do_not_change(name: str) -> None:
    assert outlet_key(name, {})
    plain = re.sub(r"[^a-z]", "", name.lower())
    assert outlet_key(f"x {plain} y", {}) == outlet_key(f"X-{plain.upper()}_Y", {})


def test_a_missing_file_means_no_alias(tmp_path: Path) -> None:
    assert read_aliases(tmp_path / "absent.csv") == {}


def test_aliases_are_read(write: Write) -> None:
    rows = [["Post EN", "Post"], ["Post, Berlin", "Post"]]
    assert read_aliases(write(csv_text(COLUMNS, rows))) == {"posten": "post", "postberlin": "post"}


def test_an_alias_of_an_alias_is_refused_since_it_would_not_be_followed(write: Write) -> None:
    rows = [["Post EN", "Post"], ["Post", "Herald"]]
    with pytest.raises(RecordError, match=r"outlets\.csv: post is an outlet and a publisher of another one"):
        read_aliases(write(csv_text(COLUMNS, rows)))


def test_no_outlet_of_the_corpus_is_split_by_case_space_or_domain(sources: Sources) -> None:
    keys: dict[str, set[str]] = {}
    for bullet, outlet in zip(sources.bullets, sources.units.outlets, strict=True):
        assert bullet.publisher is not None
        plain = re.sub(r"[^a-z0-9]|\.(com|net|org)$", "", bullet.publisher.lower().removeprefix("the "))
        keys.setdefault(plain, set()).add(outlet)
    assert {plain: outlets for plain, outlets in keys.items() if len(outlets) > 1} == {}


@pytest.mark.parametrize(
    "other",
    ["http://www.example.org/a/b", "https://example.org/a/b/", "https://EXAMPLE.org/a/b#c"],
)
def test_spellings_of_one_address_are_one_page(other: str) -> None:
    assert page_key("https://example.org/a/b") == page_key(other)


def test_other_pages_of_a_list_are_other_pages() -> None:
    assert page_key("https://example.org/a?page=2") != page_key("https://example.org/a?page=3")
    assert page_key(None) is None


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (csv_text(COLUMNS, [["Post EN", "Post"], ["Post EN", "Herald"]]), RecordError, "line 3: publisher 'Post EN'"),
        (csv_text(COLUMNS, [["", "Post"]]), RecordError, "line 2: publisher '' stands twice, or a cell is empty"),
        (csv_text(COLUMNS, [["Post EN", ""]]), RecordError, "line 2: publisher 'Post EN' stands twice, or a cell"),
        ("publisher,outlet\nPost EN\n", RecordError, "line 2: 1 cells; expected 2"),
        ("outlet,publisher\n", RecordError, "line 1: the columns are outlet, publisher"),
        ("", RecordError, "line 1: the columns are none"),
        ('publisher,outlet\n"Post', InputError, "line 2: not CSV"),
    ],
)
def test_a_bad_alias_row_is_refused(write: Write, content: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=rf"outlets\.csv, {said}") as caught:
        read_aliases(write(content))
    assert "\n" not in str(caught.value)
