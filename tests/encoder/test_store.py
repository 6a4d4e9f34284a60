"""A saved encoder is the encoder: its file alone gives the same predictions, and a damaged one is refused."""

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from briefbench.baselines import saved
from briefbench.baselines.base import Examples, unlabelled
from briefbench.baselines.encoder.finetune import EncoderSystem, Settings, fit_encoder
from briefbench.baselines.saved import Origin
from briefbench.errors import InputError
from briefbench.schema import TASK_NAMES

TEXTS = ["bank river choir", "the spokesman said near alder .", "today " * 40, ""]
ORIGIN = Origin("minilm", "d" * 64, seed=2)


@pytest.fixture(scope="module")
def fitted(tiny_encoder: str, train: Examples, validation: Examples) -> EncoderSystem:
    settings = Settings(encoder=tiny_encoder, epochs=1, batch=8, encoder_rate=5e-3, head_rate=2e-2)
    return fit_encoder(train, validation, settings=settings)


@dataclass(frozen=True)
class Changed:
    """Something to save whose arrays or settings were tampered with."""

    arrays: dict[str, Any]
    settings: dict[str, Any]

    def tensors(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.arrays, self.settings


def test_a_saved_encoder_predicts_the_same_from_its_file_alone(
    fitted: EncoderSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / ORIGIN.file
    path.write_bytes(saved.encode(fitted, ORIGIN))
    monkeypatch.setattr(socket, "socket", lambda *parts, **options: pytest.fail("looked for the network"))
    origin, again = saved.load(path)
    assert origin == ORIGIN
    assert again.chosen == fitted.chosen
    found, expected = again.predict(unlabelled(TEXTS)), fitted.predict(unlabelled(TEXTS))
    for task in TASK_NAMES:
        assert found.probabilities[task].tobytes() == expected.probabilities[task].tobytes()
    assert found.spans is not None
    assert found.spans.tolist() == expected.spans.tolist()


@pytest.mark.parametrize("what", ["a missing array", "another shape", "no temperature", "another kind of encoder"])
def test_a_damaged_encoder_is_refused(fitted: EncoderSystem, tmp_path: Path, what: str) -> None:
    arrays, settings = (dict(part) for part in fitted.tensors())
    if what == "a missing array":
        arrays.pop("pointer.weight")
    elif what == "another shape":
        arrays["pointer.weight"] = arrays["pointer.weight"][:, :3]
    elif what == "no temperature":
        settings["temperatures"] = {"topic": 1.0}
    else:
        settings["config"] = {**settings["config"], "model_type": "no such kind"}
    path = tmp_path / ORIGIN.file
    path.write_bytes(saved.encode(Changed(arrays, settings), ORIGIN))
    with pytest.raises(InputError, match=r"a damaged model: .*; save it again"):
        saved.load(path)
