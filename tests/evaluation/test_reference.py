"""The reference: what predictions are scored against is the released split, checked, in its order."""

from pathlib import Path

import numpy as np
import pytest

import briefbench
from briefbench.dataset.release import build, write
from briefbench.errors import ChecksumError, ReleaseError, UnknownNameError
from briefbench.evaluation.reference import read_reference
from briefbench.schema import PROTOCOLS, SPLITS, TASKS
from tests_support import SmallProject


@pytest.mark.parametrize("part", SPLITS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_reference_of_every_split_is_what_users_load(protocol: str, part: str) -> None:
    reference = read_reference(f"{protocol}/{part}")
    loaded = briefbench.load(split=part, protocol=protocol)
    assert reference.bullet_ids == reference.ids.to_pylist() == loaded["bullet_id"][:]
    codes, names = reference.weeks
    assert [names[code] for code in codes] == loaded["week"][:]
    assert names == sorted(set(loaded["week"]))
    assert reference.texts == loaded["text"][:]
    assert reference.text_lengths.tolist() == [len(text) for text in loaded["text"]]
    for task in TASKS:
        assert reference.labels[task.name].tolist() == loaded[task.name][:]
        assert reference.shares[task.name].tolist() == loaded[f"{task.name}_soft"][:]
    assert reference.split == f"{protocol}/{part}"
    assert (len(reference), len(reference.data)) == (len(loaded), 64)


def test_spans_and_sets_are_those_of_the_table() -> None:
    reference, loaded = (
        read_reference("publishers/validation"),
        briefbench.load(split="validation", protocol="publishers"),
    )
    assert len(loaded) > 100
    for i, row in enumerate(loaded):
        start, end = reference.spans[i].tolist()
        assert (row["text"][start:end] if start >= 0 else None) == row["source_span"]
        types = {row["source_type"], *row["other_source_types"]}
        assert np.flatnonzero(reference.source_types[i]).tolist() == sorted(types)


@pytest.mark.parametrize(
    "split",
    ["", "test", "weeks", "weeks/", "/test", "weeks/dev", "Weeks/test", "weeks/test/", "weeks test", "../weeks/test"],
)
def test_an_unknown_split_is_refused_with_those_there_are(split: str) -> None:
    with pytest.raises(UnknownNameError, match="weeks, chronological and publishers, and train, validation and test"):
        read_reference(split)


def test_a_folder_without_a_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="no release here"):
        read_reference(dataset=tmp_path)


def test_a_release_whose_test_part_was_exchanged_is_refused(small_project: SmallProject) -> None:
    folder = small_project.root / "dataset"
    write(build(small_project.annotation, min_test_class=1), folder)
    assert read_reference(dataset=folder).split == "weeks/test"
    table = folder / "data" / "default" / "test.parquet"
    table.write_bytes((folder / "data" / "default" / "train.parquet").read_bytes())
    with pytest.raises(ChecksumError, match=r"test\.parquet: its SHA-256 is"):
        read_reference(dataset=folder)
