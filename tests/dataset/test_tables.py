"""Tables: the released rows are what the raw files say, and every list of labels is the one label table."""

import csv
import json
import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest
from datasets import ClassLabel, Features

from briefbench.dataset.release import content_digest, parquet_bytes
from briefbench.dataset.sources import Sources
from briefbench.dataset.splits import Assignment, assign
from briefbench.dataset.tables import CONFIGS, build_tables, features, schema
from briefbench.schema import PROTOCOLS, SOURCE_TYPE, SPLITS, TASKS, Task
from tests_support import ROOT

ANNOTATION = ROOT / "annotation"
Tables = Mapping[str, Mapping[str, pa.Table]]
Raw = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def assignments(sources: Sources) -> dict[str, Assignment]:
    return assign(sources.units)


@pytest.fixture(scope="module")
def tables(sources: Sources, assignments: Mapping[str, Assignment]) -> Tables:
    return build_tables(sources, assignments)


@pytest.fixture(scope="module")
def default(tables: Tables) -> dict[str, dict[str, Any]]:
    return {row["bullet_id"]: row for split in SPLITS for row in tables["default"][split].to_pylist()}


@pytest.fixture(scope="module")
def raw_votes() -> dict[str, Raw]:
    found = {}
    for name in ("A1", "A2", "A3"):
        with (ANNOTATION / "votes" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            found[name] = {row["bullet_id"]: row for row in csv.DictReader(stream)}
    return found


@pytest.fixture(scope="module")
def rulings() -> dict[tuple[str, str], str]:
    with (ANNOTATION / "adjudication.csv").open(encoding="utf-8", newline="") as stream:
        return {(row["bullet_id"], row["task"]): row["label"] for row in csv.DictReader(stream)}


@pytest.fixture(scope="module")
def raw_bullets() -> dict[str, dict[str, Any]]:
    lines = (ANNOTATION / "bullets.jsonl").read_text(encoding="utf-8").splitlines()
    return {bullet["id"]: bullet for bullet in map(json.loads, lines)}


def name_of(task: Task, row: Mapping[str, Any]) -> str:
    code: int = row[task.name]
    return task.names[code]


def test_every_row_has_the_text_and_origin_of_its_bullet(
    default: dict[str, dict[str, Any]], raw_bullets: dict[str, dict[str, Any]]
) -> None:
    assert set(default) == set(raw_bullets)
    same = ("text", "date", "section", "publisher", "url", "published", "provenance", "batch")
    for identifier, bullet in raw_bullets.items():
        assert {key: default[identifier][key] for key in same} == {key: bullet.get(key) for key in same}


def test_every_label_and_share_is_what_the_raw_votes_give(
    default: dict[str, dict[str, Any]], raw_votes: dict[str, Raw], rulings: dict[tuple[str, str], str]
) -> None:
    for identifier, row in default.items():
        disputed = []
        for task in TASKS:
            one, other = (raw_votes[name][identifier][task.name] for name in ("A1", "A2"))
            if one != other:
                disputed.append(task.name)
            assert name_of(task, row) == (one if one == other else rulings[identifier, task.name])
            shares = [((one == name) + (other == name)) / 2 for name in task.names]
            assert row[f"{task.name}_soft"] == shares
        assert row["disputed"] == disputed
        assert [a["task"] for a in row["adjudications"]] == disputed
        assert [a["label"] for a in row["adjudications"]] == [rulings[identifier, task] for task in disputed]


def expected_span(source_type: str, cast: list[dict[str, str]]) -> tuple[int, int] | None:
    spans = [
        (int(v["span_start"]), int(v["span_end"])) for v in cast if v["source_type"] == source_type != "unattributed"
    ]
    if len(spans) == 2 and spans[0][0] < spans[1][1] and spans[1][0] < spans[0][1]:
        return spans[1] if spans[1][1] - spans[1][0] < spans[0][1] - spans[0][0] else spans[0]
    return spans[0] if spans else None


def test_every_span_and_other_type_is_that_of_the_right_annotators(
    default: dict[str, dict[str, Any]], raw_votes: dict[str, Raw]
) -> None:
    for identifier, row in default.items():
        gold = name_of(SOURCE_TYPE, row)
        cast = [raw_votes[name][identifier] for name in ("A1", "A2")]
        span = expected_span(gold, cast)
        assert (row["span_start"], row["span_end"]) == (span or (None, None))
        assert row["source_span"] == (row["text"][span[0] : span[1]] if span else None)
        assert (span is None) == (gold == "unattributed")
        right = [v["other_source_types"].split(";") for v in cast if v["source_type"] == gold]
        expected = [t for t in right[0] if t and t != gold and all(t in listed for listed in right)]
        assert [SOURCE_TYPE.names[code] for code in row["other_source_types"]] == expected


def test_the_votes_are_the_raw_votes_each_once(tables: Tables, raw_votes: dict[str, Raw]) -> None:
    found: dict[str, Raw] = {"A1": {}, "A2": {}, "A3": {}}
    for split in SPLITS:
        for row in tables["votes"][split].to_pylist():
            cells = {
                "bullet_id": row["bullet_id"],
                **{task.name: name_of(task, row) for task in TASKS},
                "other_source_types": ";".join(SOURCE_TYPE.names[code] for code in row["other_source_types"]),
                **{key: "" if row[key] is None else str(row[key]) for key in ("span_start", "span_end", "round")},
                "created_at": row["created_at"],
            }
            assert row["bullet_id"] not in found[row["annotator"]]
            assert row["annotator_kind"] == "model"
            assert row["counts_toward_gold"] == (row["annotator"] != "A3")
            found[row["annotator"]][row["bullet_id"]] = cells
    assert found == raw_votes


def test_configs_of_one_task_hold_the_rows_of_default(tables: Tables) -> None:
    for task in TASKS:
        for split in SPLITS:
            whole = tables["default"][split]
            part = tables[task.name][split]
            assert part.column_names == ["bullet_id", "text", "label"]
            assert part["label"].to_pylist() == whole[task.name].to_pylist()
            assert part["bullet_id"].to_pylist() == whole["bullet_id"].to_pylist()
            assert part["text"].to_pylist() == whole["text"].to_pylist()


def test_rows_are_sorted_and_stand_in_the_part_that_their_columns_say(
    tables: Tables, sources: Sources, assignments: Mapping[str, Assignment]
) -> None:
    place = {bullet.id: i for i, bullet in enumerate(sources.bullets)}
    for split in SPLITS:
        rows = tables["default"][split].to_pylist()
        ids = [row["bullet_id"] for row in rows]
        assert ids == sorted(set(ids))
        keys = [(row["bullet_id"], row["annotator"]) for row in tables["votes"][split].to_pylist()]
        assert keys == sorted(set(keys))
        assert {row["split_weeks"] for row in rows} == {split}
        for row in rows:
            for protocol in PROTOCOLS:
                assert row[f"split_{protocol}"] == assignments[protocol][place[row["bullet_id"]]]


def test_label_columns_carry_the_names_of_the_label_table() -> None:
    for config in CONFIGS:
        restored = Features.from_arrow_schema(schema(config))
        assert restored == Features(features(config))
        for task in TASKS:
            column = "label" if config == task.name else task.name
            if config in (task.name, "default", "votes"):
                assert restored[column] == ClassLabel(names=list(task.names))
        if config in ("default", "votes"):
            assert restored["other_source_types"].feature.names == list(SOURCE_TYPE.names)


def test_the_codebook_and_the_label_table_say_the_same_word_for_word() -> None:
    text = (ANNOTATION / "guidelines.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)
    for number, task in enumerate(TASKS, start=1):
        (section,) = (part for part in sections if part.startswith(f"{number}. `{task.name}`"))
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\|.*$", section, re.M)]
        assert rows[0][0] == "label"
        assert [(row[0], row[1]) for row in rows[2:]] == [
            (f"`{label.name}`", label.definition) for label in task.labels
        ]
        excludes = [row[2] if len(row) > 2 else "" for row in rows[2:]]
        assert excludes == [label.excludes for label in task.labels]


def test_names_of_labels_are_plain_and_unique() -> None:
    for task in TASKS:
        assert len(set(task.names)) == len(task.names) == len(task)
        assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in task.names)
        assert [task.codes[name] for name in task.names] == list(range(len(task)))


def test_a_digest_of_content_sees_every_cell_and_no_file_format(tables: Tables) -> None:
    table = tables["topic"]["validation"]
    digest = content_digest(table)
    again = pa.BufferReader(parquet_bytes(table))
    import pyarrow.parquet as pq

    assert content_digest(pq.read_table(again)) == digest
    rows = table.to_pylist()
    for key, value in (("label", (rows[-1]["label"] + 1) % 12), ("text", rows[-1]["text"] + " "), ("bullet_id", "x")):
        spoiled = [*rows[:-1], rows[-1] | {key: value}]
        assert content_digest(pa.Table.from_pylist(spoiled, schema=table.schema)) != digest
    assert content_digest(table.rename_columns(["bullet_id", "text", "labels"])) != digest
    assert content_digest(table.slice(1)) != digest
