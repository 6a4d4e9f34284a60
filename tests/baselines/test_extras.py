"""Baselines with extras: what is missing is named in one line, and nothing heavy is imported to find out."""

import subprocess
import sys

import pytest

from briefbench.baselines.base import Baseline, Examples
from briefbench.baselines.extras import EXTRAS, available, late, missing, require
from briefbench.baselines.registry import BASELINES, baseline_of
from briefbench.errors import MissingExtraError
from tests_support import ROOT

NOTHING = Examples([], [], {}, {})


def never(*arguments: object) -> None:
    raise AssertionError("fitted")


ABSENT = Baseline("absent", "text", "needs what nobody has", never, extra="nobody")


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """An extra whose second and third package are not installed."""
    monkeypatch.setattr("briefbench.baselines.extras.EXTRAS", {"nobody": ("json", "no_such_package", "nor_this")})


def test_what_is_missing_is_named_with_the_extra_that_brings_it(nobody: None) -> None:
    assert missing("nobody") == ("no_such_package", "nor_this")
    assert not available(ABSENT)
    with pytest.raises(MissingExtraError) as caught:
        require(ABSENT)
    assert str(caught.value) == (
        "what baseline absent needs (no_such_package, nor_this) is not installed; run pip install 'briefbench[nobody]'"
    )


def test_a_baseline_without_an_extra_is_always_there() -> None:
    assert available(baseline_of("majority"))
    require(baseline_of("majority"))


def test_a_late_fit_says_what_is_missing_instead_of_importing(nobody: None) -> None:
    with pytest.raises(MissingExtraError, match=r"briefbench\[nobody\]"):
        late("nobody", "no.such.module", "fit")(NOTHING, NOTHING)


def test_a_late_fit_hands_everything_on() -> None:
    assert late("", "builtins", "dict")({"seed": 1}, chosen=None) == {"seed": 1, "chosen": None}


def test_every_extra_of_the_registry_is_one_of_the_package() -> None:
    import tomllib

    offered = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = {baseline.extra for baseline in BASELINES} - {""}
    assert named == set(EXTRAS)
    assert named <= set(offered)


def test_the_registry_imports_none_of_the_packages_of_an_extra() -> None:
    modules = sorted({name for names in EXTRAS.values() for name in names} - {"transformers"})
    code = (
        "import sys\nfrom briefbench.baselines.registry import BASELINES\n"
        "from briefbench.baselines.extras import available\n[available(one) for one in BASELINES]\n"
        f"print([name for name in {modules!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
