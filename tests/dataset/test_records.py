"""Bullets: a line that breaks a rule is refused with its file, line and id; a good one comes back byte for byte."""

import datetime as dt
import hashlib
import json
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.dataset.records import (
    MAX_TEXT,
    Bullet,
    bullet_id,
    encode_bullets,
    read_bullets,
    text_fault,
    write_bullets,
)
from briefbench.errors import InputError, RecordError

DAY = dt.date(2023, 5, 24)
Write = Callable[[str | bytes], Path]


def record(text: str = "Two trams ran again on Monday.", **changes: Any) -> dict[str, Any]:
    made = {"id": bullet_id(DAY, text), "date": "2023-05-24", "section": "Key", "text": text, "provenance": "open"}
    return {key: value for key, value in (made | changes).items() if value is not ...}


def line(*records: Mapping[str, Any]) -> str:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records)


GOOD = sorted([record("The ferry sailed."), record("A baker reopened."), record("Snow fell.")], key=lambda r: r["id"])


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "bullets.jsonl"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refusal(path: Path, error: type[Exception] = RecordError) -> str:
    with pytest.raises(error) as caught:
        read_bullets(path)
    message = str(caught.value)
    assert "\n" not in message
    assert "bullets.jsonl" in message
    return message


def test_an_id_is_the_day_and_the_digest_of_the_text() -> None:
    text = "Київ: тиша."
    assert bullet_id(DAY, text) == f"20230524-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
    assert bullet_id(None, text).startswith("undated-")


def test_good_lines_are_read_in_order(write: Write) -> None:
    bullets = read_bullets(write(line(*GOOD)))
    assert [bullet.text for bullet in bullets] == [one["text"] for one in GOOD]
    assert (bullets[0].date, bullets[0].publisher, bullets[0].batch) == (DAY, None, None)


def test_byte_order_mark_carriage_returns_and_blank_lines_change_nothing(write: Write) -> None:
    plain = read_bullets(write(line(*GOOD)))
    assert read_bullets(write(b"\xef\xbb\xbf" + line(*GOOD).replace("\n", "\r\n").encode() + b"\n \n")) == plain


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("{", "not a bullet: Input data was truncated"),
        ("[]", "not a bullet: Expected `object`"),
        ("[" * 100_000, "not a bullet"),
        ('{"id":' * 100_000, "not a bullet"),
        ("null", "not a bullet"),
        (line(record()).strip() + " 1", "not a bullet: JSON is malformed"),
        (line(record(note="x")), "unknown field `note`"),
        (line(record(Text="x")), "unknown field `Text`"),
        (line({k: v for k, v in record().items() if k != "text"}), "missing required field `text`"),
        (line(record(provenance=...)), "missing required field `provenance`"),
        (line(record(date=...)), "missing required field `date`"),
        (line(record(provenance="public")), r"Invalid enum value 'public' - at `\$.provenance`"),
        (line(record(date="24 May 2023")), "Invalid RFC3339 encoded date"),
        (line(record(date="2023-02-30")), "Invalid RFC3339 encoded date"),
        (line(record(date="202\uff13-05-24")), "Invalid RFC3339 encoded date"),
        (line(record(published="2023-05-24T10:00:00")), "Invalid RFC3339"),
        (line(record(section=None)), "Expected `str`, got `null`"),
        (line(record(position="1")), "Expected `int"),
        (line(record(position=1.5)), "Expected `int"),
        (line(record(position=True)), "Expected `int"),
        ('{"id": "x", "text": "\\ud800 and more"}', "not a bullet: JSON is malformed"),
        ('{"id": "x", "text": "\\udc00 \\ud800"}', "not a bullet: JSON is malformed"),
        ('{"id": "x\ty"}', "not a bullet: JSON is malformed"),
        ('{"position": NaN}', "not a bullet: JSON is malformed"),
    ],
)
def test_a_line_that_is_no_bullet_is_refused_with_its_place(write: Write, second: str, said: str) -> None:
    message = refusal(write(line(GOOD[0]) + second))
    assert "bullets.jsonl, line 2: " in message
    with pytest.raises(RecordError, match=said):
        read_bullets(write(line(GOOD[0]) + second))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the text is empty"),
        (" \u00a0 ", "the text is empty"),
        (" Snow fell.", "begins or ends with white space"),
        ("Snow fell.\u3000", "begins or ends with white space"),
        ("Snow fell.\n", "begins or ends with white space"),
        ("Snow\nfell.", r"the character U\+000A at 4"),
        ("Snow\x00fell.", r"the character U\+0000 at 4"),
        ("Snow\x1bfell.", r"the character U\+001B at 4"),
        ("Snow\x85fell.", r"the character U\+0085 at 4"),
        ("Snow\u2028fell.", r"the character U\+2028 at 4"),
        ("Snow\ufefffell.", r"the character U\+FEFF at 4"),
        ("Cafe\u0301 reopened.", "not in Unicode's NFC form"),
        ("\u212bngström spoke.", "not in Unicode's NFC form"),
        ("x" * (MAX_TEXT + 1), "longer than 10,000 characters"),
    ],
)
def test_a_text_nobody_can_quote_is_refused_with_its_id(write: Write, text: str, said: str) -> None:
    one = record(text)
    with pytest.raises(RecordError, match=rf"line 1, bullet {one['id']}: .*{said}"):
        read_bullets(write(line(one)))
    refusal(write(json.dumps(one)))


def test_a_text_of_the_greatest_length_is_read(write: Write) -> None:
    assert len(read_bullets(write(line(record("é" * MAX_TEXT))))[0].text) == MAX_TEXT


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "20230524-000000"},
        {"id": bullet_id(DAY, "Two trams ran again on Monday.").upper()},
        {"id": ""},
        {"date": "2023-05-25"},
        {"date": None},
        {"text": "Two trams ran again on Tuesday."},
    ],
    ids=["wrong digest", "upper case", "empty", "other day", "no day", "edited text"],
)
def test_an_id_that_is_not_its_text_is_refused_with_the_right_one(write: Write, changes: dict[str, Any]) -> None:
    one = record(**({"id": bullet_id(DAY, "Two trams ran again on Monday.")} | changes))
    right = bullet_id(dt.date.fromisoformat(one["date"]) if one["date"] else None, one["text"])
    assert f"line 1, bullet {one['id']}: the id should be {right}" in refusal(write(line(one)))


def test_bullets_in_any_order_are_read_in_the_order_of_their_ids(write: Write) -> None:
    assert read_bullets(write(line(GOOD[1], GOOD[0]))) == read_bullets(write(line(GOOD[0], GOOD[1])))


def test_repeated_bullets_are_refused(write: Write) -> None:
    again = GOOD[1] | {"section": "Other"}
    for other in (GOOD[1], again):
        message = refusal(write(line(GOOD[0], GOOD[1], other)))
        assert f"line 3, bullet {GOOD[1]['id']}: the bullet stands in line 2 already" in message


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"], ids=["empty", "blank lines", "only a mark"])
def test_a_file_without_a_bullet_is_refused(write: Write, content: str) -> None:
    assert "no bullet in the file" in refusal(write(content))


def test_bytes_that_are_not_utf8_name_their_line(write: Write) -> None:
    assert "line 2: not UTF-8" in refusal(write(line(GOOD[0]).encode() + b'{"text": "\xff"}'), InputError)
    assert "no such file" in refusal(write("").with_name("bullets.jsonl.gone"), InputError)


def test_bullets_come_back_as_they_were_written(tmp_path: Path, write: Write) -> None:
    bullets = read_bullets(write(line(*GOOD)))
    write_bullets(tmp_path / "again.jsonl", bullets)
    assert read_bullets(tmp_path / "again.jsonl") == bullets
    assert (tmp_path / "again.jsonl").read_bytes() == encode_bullets(bullets)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), st.dates(dt.date(2000, 1, 1)) | st.none())
def test_every_text_is_either_refused_for_a_reason_or_survives_the_file(text: str, date: dt.date | None) -> None:
    fault = text_fault(text)
    bullet = Bullet(id=bullet_id(date, text), date=date, section="Key", text=text, provenance="open")
    encoded = encode_bullets([bullet])
    assert encoded.count(b"\n") == 1
    if fault is None:
        assert text == text.strip() == unicodedata.normalize("NFC", text) != ""
        assert not any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in text)
        assert json.loads(encoded)["text"] == text
    else:
        assert fault.startswith("the text ")


def test_lone_surrogates_are_a_fault_before_they_reach_a_file() -> None:
    assert text_fault("Snow \ud800 fell.") == "the text has the character U+D800 at 5, which no text needs"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"section": "Key\x1b[31m developments"}, "section has a control character"),
        ({"publisher": ""}, "publisher is empty; write null"),
        ({"url": "https://example.org/\n"}, "url has a control character"),
        ({"position": 0}, "position counts from 1"),
        ({"url": "http://[bad"}, "url is no http or https address"),
        ({"url": "javascript:alert(1)"}, "url is no http or https address"),
    ],
)
def test_fields_beside_the_text_are_held_to_rules_too(tmp_path: Path, change: dict[str, object], said: str) -> None:
    text = "Two ferries left the harbour before dawn."
    day = dt.date(2023, 1, 2)
    plain = {"id": bullet_id(day, text), "date": day, "section": "", "text": text, "provenance": "open"}
    path = tmp_path / "bullets.jsonl"
    path.write_bytes(msgspec.json.encode(plain))
    assert len(read_bullets(path)) == 1
    path.write_bytes(msgspec.json.encode(plain | change))
    with pytest.raises(RecordError, match=said):
        read_bullets(path)
