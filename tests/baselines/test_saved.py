"""Files of models: what is not one is refused in a line, and nothing in a file is ever executed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from briefbench.baselines import saved
from briefbench.baselines.saved import Origin
from briefbench.errors import InputError
from briefbench.schema import TASKS

LABELS = {task.name: list(task.names) for task in TASKS}


def about(**changes: Any) -> str:
    """Return what a file says of a light model, with changes."""
    origin = {"name": "light", "data": "d" * 64, "protocol": "weeks", "seed": 0}
    return json.dumps(
        {"format": "briefbench-model-1", "origin": origin, "version": "0", "labels": LABELS, "settings": {}} | changes
    )


def written(folder: Path, metadata: dict[str, str] | None) -> Path:
    path = folder / "one.safetensors"
    path.write_bytes(save({"x": np.zeros(2, dtype=np.float32)}, metadata=metadata))
    return path


@pytest.mark.parametrize(
    "content",
    [b"", b"\x80\x04N.", b"\xff" * 64, b"\x02\0\0\0\0\0\0\0{}", b"PK\x03\x04" * 20, b"\x10\0\0\0\0\0\0\0" + b"[" * 16],
)
def test_what_is_no_model_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "no.safetensors"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"no\.safetensors: not a model of briefbench: .*; save it again") as caught:
        saved.read(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {},
        {"briefbench": "{"},
        {"briefbench": "[]"},
        {"briefbench": about(origin={"name": 3})},
        {"briefbench": about(origin=None)},
    ],
)
def test_a_file_of_other_arrays_is_refused(tmp_path: Path, metadata: dict[str, str] | None) -> None:
    with pytest.raises(InputError, match="not a model of briefbench"):
        saved.read(written(tmp_path, metadata))


@pytest.mark.parametrize("changes", [{"format": "other"}, {"labels": {"topic": ["a"]}}])
def test_a_model_for_other_labels_or_of_another_format_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="of another format or for other labels"):
        saved.read(written(tmp_path, {"briefbench": about(**changes)}))


@pytest.mark.parametrize("name", ["majority", "..", "\x1b[31m", "os"])
def test_a_model_that_no_baseline_here_can_load_is_refused_and_its_name_is_escaped(tmp_path: Path, name: str) -> None:
    origin = {"name": name, "data": "d", "protocol": "weeks", "seed": 0}
    with pytest.raises(InputError, match="which this version cannot load") as caught:
        saved.load(written(tmp_path, {"briefbench": about(origin=origin)}))
    assert "\x1b" not in str(caught.value)


def test_a_model_without_its_arrays_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a damaged model: .*; save it again"):
        saved.load(written(tmp_path, {"briefbench": about()}))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        saved.load(tmp_path / "gone.safetensors")


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        (Origin("light", "d"), "light.safetensors"),
        (Origin("minilm", "d", seed=3), "minilm-3.safetensors"),
        (Origin("minilm", "d", "publishers", 2), "minilm-publishers-2.safetensors"),
    ],
)
def test_a_file_is_named_after_what_made_it(origin: Origin, name: str) -> None:
    assert origin.file == name


def test_a_model_of_another_origin_is_passed_over(tmp_path: Path) -> None:
    written(tmp_path, {"briefbench": about()}).rename(tmp_path / "light.safetensors")
    assert saved.stored([tmp_path / "none"], Origin("light", "d" * 64)) is None
    with pytest.raises(InputError, match="damaged"):  # of this origin, so it is loaded
        saved.stored([tmp_path], Origin("light", "d" * 64))
    assert saved.stored([tmp_path], Origin("light", "e" * 64)) is None
