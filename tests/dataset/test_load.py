"""Loading: our loader and the `datasets` library give the same named rows, offline, and damage is not loaded."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset, DatasetDict

import briefbench
from briefbench.dataset.load import bundled_release, read_tables
from briefbench.dataset.tables import CONFIGS
from briefbench.errors import ChecksumError, ReleaseError, UnknownNameError
from briefbench.schema import PROTOCOLS, SOURCE_TYPE, SPLITS, TASKS
from tests_support import ROOT

DATASET = ROOT / "dataset"
PROBE = """
import json, sys
from datasets import load_dataset
out = {}
for config in sys.argv[2:]:
    loaded = load_dataset(sys.argv[1], config)
    out[config] = {
        "rows": {split: part.to_list() for split, part in loaded.items()},
        "names": {
            column: getattr(feature, "names", None) or getattr(getattr(feature, "feature", None), "names", None)
            for column, feature in loaded["test"].features.items()
        },
    }
loaded = load_dataset(sys.argv[1])
out["unnamed"] = {"rows": {split: len(part) for split, part in loaded.items()}, "names": loaded["train"].column_names}
print(json.dumps(out))
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the `datasets` library itself loads from the folder, in a process that may not ask the Hub."""
    home = tmp_path_factory.mktemp("hub")
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "HF_DATASETS_CACHE": str(home / "cache")}
    command = [sys.executable, "-c", PROBE, str(DATASET), *CONFIGS]
    done = subprocess.run(command, check=True, env=environment, cwd=home, capture_output=True, encoding="utf-8")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("config", CONFIGS)
def test_the_datasets_library_loads_the_same_rows_offline(elsewhere: Mapping[str, Any], config: str) -> None:
    ours = briefbench.load(config, dataset=DATASET)
    assert isinstance(ours, DatasetDict)
    assert elsewhere[config]["rows"] == {split: part.to_list() for split, part in ours.items()}


@pytest.mark.parametrize("config", CONFIGS)
def test_label_columns_have_names_wherever_they_are_loaded(elsewhere: Mapping[str, Any], config: str) -> None:
    ours = briefbench.load(config, split="test", dataset=DATASET)
    assert isinstance(ours, Dataset)
    for task in TASKS:
        column = "label" if config == task.name else task.name
        if config in (task.name, "default", "votes"):
            assert elsewhere[config]["names"][column] == list(task.names) == ours.features[column].names
    if config in ("default", "votes"):
        assert elsewhere[config]["names"]["other_source_types"] == list(SOURCE_TYPE.names)


def test_without_a_config_the_default_one_is_loaded(elsewhere: Mapping[str, Any]) -> None:
    ours = briefbench.load(dataset=DATASET)
    assert elsewhere["unnamed"]["rows"] == {split: len(part) for split, part in ours.items()}
    assert elsewhere["unnamed"]["names"] == ours["train"].column_names
    assert "split_publishers" in ours["train"].column_names


@pytest.fixture(scope="module")
def parts() -> dict[str, dict[str, str | None]]:
    """The part of every bullet by protocol, from the committed table itself."""
    rows = [row for table in read_tables(dataset=DATASET).values() for row in table.to_pylist()]
    return {protocol: {row["bullet_id"]: row[f"split_{protocol}"] for row in rows} for protocol in PROTOCOLS}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("config", CONFIGS)
def test_every_row_is_in_the_part_of_the_protocol_asked_for(
    parts: dict[str, dict[str, str | None]], config: str, protocol: str
) -> None:
    loaded = briefbench.load(config, protocol=protocol, dataset=DATASET)
    assert list(loaded) == list(SPLITS)
    for split in SPLITS:
        ids = loaded[split]["bullet_id"]
        expected = {identifier for identifier, part in parts[protocol].items() if part == split}
        assert set(ids) == expected
        if config == "votes":
            keys = list(zip(ids, loaded[split]["annotator"], strict=True))
            assert keys == sorted(set(keys))
            assert {name for _, name in keys} == {"A1", "A2", "A3"}
        else:
            assert list(ids) == sorted(expected)
        assert loaded[split].features == briefbench.load(config, split=split, dataset=DATASET).features


def test_one_split_is_a_dataset_and_all_are_a_dictionary() -> None:
    one = briefbench.load("stance", split="validation", protocol="publishers", dataset=DATASET)
    every = briefbench.load("stance", protocol="publishers", dataset=str(DATASET))
    assert isinstance(one, Dataset)
    assert isinstance(every, DatasetDict)
    assert one.to_list() == every["validation"].to_list()


def test_the_release_that_comes_along_is_loaded_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert bundled_release() == DATASET
    assert len(briefbench.load("topic", split="test")) == len(briefbench.load("topic", split="test", dataset=DATASET))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"config": "tone"}, "no config 'tone'; the configs are default, topic, stance, source_type and votes"),
        ({"config": ""}, "no config ''"),
        ({"config": "../default"}, "no config"),
        ({"split": "dev"}, "no split 'dev'; the splits are train, validation and test"),
        ({"split": ""}, "no split ''"),
        ({"protocol": "random"}, "no protocol 'random'; the protocols are weeks, chronological and publishers"),
        ({"config": "votes", "protocol": "Weeks"}, "no protocol 'Weeks'"),
    ],
)
def test_an_unknown_name_is_refused_with_the_known_ones(arguments: dict[str, str], said: str) -> None:
    with pytest.raises(UnknownNameError, match=said) as caught:
        briefbench.load(**arguments, dataset=DATASET)
    assert "\n" not in str(caught.value)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATASET, tmp_path / "copy"))


@pytest.mark.parametrize("config", CONFIGS)
def test_a_damaged_table_is_not_loaded(copy: Path, config: str) -> None:
    path = copy / "data" / config / "test.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ChecksumError, match=rf"{config}/test\.parquet: its SHA-256 is"):
        briefbench.load(config, dataset=copy)


def test_another_protocol_reads_its_parts_from_a_checked_table_only(copy: Path) -> None:
    path = copy / "data" / "default" / "train.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert len(briefbench.load("stance", split="test", dataset=copy)) > 0
    with pytest.raises(ChecksumError, match=r"default/train\.parquet"):
        briefbench.load("stance", split="test", protocol="publishers", dataset=copy)


def test_a_folder_without_a_release_is_refused(tmp_path: Path, copy: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent", copy / "README.md"):
        with pytest.raises(ReleaseError, match="no release here"):
            briefbench.load(dataset=folder)
    (copy / "data" / "votes" / "train.parquet").unlink()
    with pytest.raises(ReleaseError, match=r"votes/train\.parquet: missing"):
        briefbench.load("votes", dataset=copy)
