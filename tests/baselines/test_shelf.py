"""The shelf: a fitted model is written, and taken from there only where that is wanted and it is the very one."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from briefbench.baselines import saved
from briefbench.baselines.base import Baseline, Examples, Fitted
from briefbench.baselines.ensemble import ENCODER, LINEAR, fit_ensemble
from briefbench.baselines.registry import baseline_of
from briefbench.baselines.saved import Origin
from briefbench.baselines.shelf import Shelf
from briefbench.errors import InputError
from briefbench.schema import TASK_NAMES

LIGHT = baseline_of("light")


def examples(codes: list[int]) -> Examples:
    words = ("infantry trench", "sanctions bank")
    labels = {task: np.array(codes) for task in TASK_NAMES}
    return Examples(
        [f"b{i}" for i in range(len(codes))], [f"{words[code]} {i}" for i, code in enumerate(codes)], {}, labels
    )


PARTS = {"train": examples([0, 1] * 6), "validation": examples([1, 0])}


def unfittable(*parts: object, **options: object) -> Fitted:
    raise AssertionError("fitted again")


def test_a_model_is_written_and_with_reuse_not_fitted_again(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "models", "d" * 64, "publishers")
    fitted = shelf.fit(LIGHT, PARTS)
    path = tmp_path / "models" / "light-publishers.safetensors"
    assert saved.read(path).origin == Origin("light", "d" * 64, "publishers")
    again = replace(shelf, reuse=True).fit(replace(LIGHT, fit=unfittable), PARTS)
    found, expected = (one.predict(PARTS["validation"]).probabilities["topic"] for one in (again, fitted))
    assert found.tobytes() == expected.tobytes()
    assert shelf.fit(replace(LIGHT, fit=unfittable), PARTS) is fitted
    with pytest.raises(AssertionError, match="fitted again"):
        replace(shelf, _fitted={}).fit(replace(LIGHT, fit=unfittable), PARTS)


@pytest.mark.parametrize("other", [{"data": "e" * 64}, {"protocol": "weeks"}])
def test_a_model_of_another_release_or_protocol_is_not_taken(tmp_path: Path, other: Mapping[str, Any]) -> None:
    shelf = Shelf(tmp_path, "d" * 64, "publishers", reuse=True)
    shelf.fit(LIGHT, PARTS)
    elsewhere = replace(shelf, _fitted={}, **other)
    if elsewhere.protocol == "weeks":
        (tmp_path / "light-publishers.safetensors").rename(tmp_path / "light.safetensors")
    with pytest.raises(AssertionError, match="fitted again"):
        elsewhere.fit(replace(LIGHT, fit=unfittable), PARTS)


def test_a_damaged_model_is_refused_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "light.safetensors").write_bytes(b"damaged")
    with pytest.raises(InputError, match="not a model of briefbench"):
        Shelf(tmp_path, "d" * 64, "weeks", reuse=True).fit(LIGHT, PARTS)
    assert (tmp_path / "light.safetensors").read_bytes() == b"damaged"


def test_what_cannot_be_stored_is_fitted_and_leaves_no_file(tmp_path: Path) -> None:
    Shelf(tmp_path, "d" * 64, "weeks", reuse=True).fit(baseline_of("majority"), PARTS)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("protocol", "seeds"), [("weeks", 5), ("publishers", 1)])
def test_a_composite_gets_the_seeds_of_its_members_on_the_protocol_from_the_shelf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: str, seeds: int
) -> None:
    asked: list[tuple[str, int]] = []

    def member_fit(train: Examples, validation: Examples, chosen: object, *, seed: int = 0) -> Fitted:
        asked.append((names[-1], seed))
        fitted: Fitted = LIGHT.fit(train, validation, None)
        return fitted

    names: list[str] = []

    def stub(name: str) -> Baseline:
        names.append(name)
        return replace(baseline_of(name), fit=member_fit)

    monkeypatch.setattr("briefbench.baselines.registry.baseline_of", stub)
    Shelf(tmp_path, "d" * 64, protocol).fit(replace(baseline_of("ensemble"), fit=fit_ensemble), PARTS)
    assert asked == [*((ENCODER, seed) for seed in range(seeds)), (LINEAR, 0)]
    assert {path.name for path in tmp_path.iterdir()} == {Origin(name, "", protocol, seed).file for name, seed in asked}
