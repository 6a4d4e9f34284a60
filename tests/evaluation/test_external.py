"""Bullets from elsewhere: the votes are read as ever, the texts are checked against what was labelled."""

import hashlib
import json
from pathlib import Path

import pytest

from briefbench.annotation.votes import VOTE_COLUMNS
from briefbench.errors import GoldError, InputError, RecordError
from briefbench.evaluation.external import COLUMNS, read_external, read_texts
from tests_support import csv_text

TEXTS = {"20240301-aaaaaa": "The mayor said so.", "20240312-bbbbbb": "Snow fell in 🌨 Dorn."}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two bullets on which two people agree."""
    (tmp_path / "votes").mkdir()
    rows = [
        [key, f"{key[:4]}-{key[4:6]}-{key[6:8]}", str(len(text)), hashlib.sha256(text.encode()).hexdigest()]
        for key, text in TEXTS.items()
    ]
    (tmp_path / "bullets.csv").write_text(csv_text(COLUMNS, reversed(rows)), encoding="utf-8")
    answers = [
        ["society", "neutral", "ukrainian_official", "", "0", "9"],
        ["humanitarian", "neutral", "unattributed", "", "", ""],
    ]
    votes = [[key, *answer, "1", "2026-01-02"] for key, answer in zip(TEXTS, answers, strict=True)]
    people = "annotator,kind,model,instructions,counts_toward_gold,note\n"
    for name in ("P1", "P2"):
        (tmp_path / "votes" / f"{name}.csv").write_text(csv_text(VOTE_COLUMNS, votes), encoding="utf-8")
        people += f"{name},human,,guidelines,true,\n"
    (tmp_path / "annotators.csv").write_text(people, encoding="utf-8")
    (tmp_path / "adjudication.csv").write_text("bullet_id,task,label,reason,adjudicator\n", encoding="utf-8")
    return tmp_path


def lines(*objects: object) -> str:
    return "".join(json.dumps(one) + "\n" for one in objects)


def whole(changes: dict[str, str] | None = None) -> list[dict[str, str]]:
    return [{"id": key, "text": text} for key, text in (TEXTS | (changes or {})).items()]


def test_gold_and_weeks_come_from_votes_and_dates_in_order_of_the_ids(folder: Path) -> None:
    external = read_external(folder)
    reference = external.reference
    assert reference.bullet_ids == list(TEXTS)
    assert reference.labels["source_type"].tolist() == [0, 10]
    assert reference.shares["topic"].sum(axis=1).tolist() == [1, 1]
    assert reference.weeks[1] == ["2024-W09", "2024-W11"]
    assert (external.name, reference.split) == (folder.name, f"external/{folder.name}")


def test_the_hash_of_the_data_follows_every_file(folder: Path) -> None:
    before = read_external(folder).reference.data
    path = folder / "annotators.csv"
    path.write_text(path.read_text().replace("guidelines,true,\n", "guidelines,true,a note\n", 1))
    assert read_external(folder).reference.data != before


def test_texts_are_found_by_id_whatever_else_the_file_has(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text(lines({"id": "other", "text": "x"}, *reversed(whole())) + "\n", encoding="utf-8")
    assert read_texts(path, read_external(folder)) == list(TEXTS.values())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            lines(*whole({"20240301-aaaaaa": "The mayor said no."})),
            "line 1, bullet 20240301-aaaaaa: not the text that was",
        ),
        (lines(*whole(), whole()[0]), "line 3, bullet 20240301-aaaaaa: stands in a line above already"),
        (lines(whole()[1]), r"1 of 2 texts are missing \(20240301-aaaaaa …\)"),
        (lines({"id": 3}), "line 1: no object with id and text"),
        ("{\n", "line 1: no object with id and text"),
    ],
)
def test_another_text_is_refused(folder: Path, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match=said):
        read_texts(path, read_external(folder))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2024-03-01", "March", "no date like 2026-11-22"),
        (",18,", ",-1,", "characters or sha256 is malformed"),
        (",18,", ",5,", "does not lie in the text's 5 characters"),
    ],
)
def test_a_malformed_bullet_is_refused(folder: Path, old: str, new: str, said: str) -> None:
    path = folder / "bullets.csv"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(RecordError, match=said):
        read_external(folder)


def test_a_bullet_twice_none_at_all_and_one_without_votes(folder: Path) -> None:
    path = folder / "bullets.csv"
    header, first, second = path.read_text().splitlines()
    path.write_text("\n".join([header, first, first, second]) + "\n")
    with pytest.raises(RecordError, match="line 3, bullet 20240312-bbbbbb: stands in a row above"):
        read_external(folder)
    path.write_text(header + "\n")
    with pytest.raises(InputError, match="no bullet in the file"):
        read_external(folder)
    path.write_text("\n".join([header, first, second, second.replace("-aaaaaa", "-cccccc")]) + "\n")
    with pytest.raises(GoldError, match=r"1 bullet .*without a counted vote"):
        read_external(folder)
