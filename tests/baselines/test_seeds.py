"""Seeds: fitted one at a time and in any order, they give the same files; what is stored is what is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from briefbench.baselines.base import Baseline, Chosen, Examples, read_examples
from briefbench.baselines.registry import baseline_of
from briefbench.baselines.run import protocol_folder
from briefbench.baselines.seeds import macro_f1_of, run_and_store, seed_file, seeds_of, spread, stored_labels
from briefbench.dataset.release import build, write
from briefbench.errors import UnknownNameError
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.reference import Reference, read_reference
from briefbench.evaluation.systems import read_result
from briefbench.schema import PROTOCOLS, TASKS
from tests_support import SmallProject


@dataclass(frozen=True)
class Dice:
    """Throws a label for every bullet and task."""

    seed: int
    chosen: Mapping[str, Chosen] = field(default_factory=dict)
    parameters: int = 0

    def predict(self, examples: Examples) -> Predictions:
        random = np.random.default_rng(self.seed)
        return Predictions({task.name: random.integers(0, len(task), len(examples)) for task in TASKS})


def throw(train: Examples, validation: Examples, chosen: Mapping[str, Chosen] | None = None, *, seed: int = 0) -> Dice:
    return Dice(seed)


DICE = Baseline("dice", "floor", "throws dice", throw, seeds=3)
Setting = tuple[dict[str, Examples], Reference]


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    """The examples and the test part of a small release."""
    project = SmallProject.write(tmp_path_factory.mktemp("seeds") / "project")
    write(build(project.annotation, min_test_class=1), project.root / "dataset")
    folder = project.root / "dataset"
    return read_examples(dataset=folder), read_reference(dataset=folder)


def stored(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_order_of_the_seeds_gives_the_same_files(setting: Setting, tmp_path: Path) -> None:
    found = []
    for order in permutations(range(3)):
        folder = tmp_path / "".join(map(str, order))
        for seed in order:
            run_and_store(DICE, *setting, seed, folder)
        found.append(stored(folder))
    assert all(files == found[0] for files in found)
    assert set(found[0]) == {
        "predictions/dice.parquet",
        "results/dice.json",
        seed_file("dice", 1),
        seed_file("dice", 2),
    }
    assert [one.seed for one in read_result(tmp_path / "012" / "results" / "dice.json").seeds] == [0, 1, 2]


def test_the_scores_of_the_seeds_are_those_of_their_labels_and_the_published_ones_are_of_seed_0(
    setting: Setting, tmp_path: Path
) -> None:
    examples, reference = setting
    for seed in range(3):
        name, scores = run_and_store(DICE, examples, reference, seed, tmp_path)
        assert (name, scores.seed) == ("dice", seed)
        thrown = Dice(seed).predict(examples["test"]).labels
        for task in TASKS:
            expected = f1_score(
                reference.labels[task.name],
                thrown[task.name],
                labels=range(len(task)),
                average="macro",
                zero_division=0,
            )
            assert scores.macro_f1[task.name] == pytest.approx(expected)
        assert scores.mean == pytest.approx(np.mean(list(scores.macro_f1.values())))
        assert scores == read_result(tmp_path / "results" / "dice.json").seeds[seed]
    result = read_result(tmp_path / "results" / "dice.json")
    assert {task.task: task.macro_f1.value for task in result.evaluation.tasks} == pytest.approx(
        dict(result.seeds[0].macro_f1)
    )


def test_a_baseline_without_chance_is_not_told_a_seed_and_has_no_table_of_them(
    setting: Setting, tmp_path: Path
) -> None:
    run_and_store(baseline_of("majority"), *setting, 0, tmp_path)
    assert read_result(tmp_path / "results" / "majority.json").seeds == ()


@pytest.mark.parametrize("spoil", ["other bullets", "not Parquet", "a task is missing"])
def test_stored_labels_that_are_not_of_these_bullets_do_not_count(setting: Setting, tmp_path: Path, spoil: str) -> None:
    from briefbench.evaluation.predictions import write_predictions

    examples, reference = setting
    run_and_store(DICE, examples, reference, 1, tmp_path)
    run_and_store(DICE, examples, reference, 2, tmp_path)
    assert stored_labels(tmp_path, "dice", 1, reference) is not None
    ids, labels = list(reference.bullet_ids), dict(Dice(1).predict(examples["test"]).labels)
    if spoil == "other bullets":
        ids[0] = "20230102-ffffff"
    if spoil == "a task is missing":
        del labels["topic"]
    data = b"no" if spoil == "not Parquet" else write_predictions(ids, labels)
    (tmp_path / seed_file("dice", 1)).write_bytes(data)
    run_and_store(DICE, examples, reference, 0, tmp_path)
    assert [one.seed for one in read_result(tmp_path / "results" / "dice.json").seeds] == [0, 2]


def test_a_result_of_another_release_is_not_refreshed(setting: Setting, tmp_path: Path) -> None:
    examples, reference = setting
    run_and_store(DICE, examples, reference, 0, tmp_path)
    before = (tmp_path / "results" / "dice.json").read_bytes()
    run_and_store(DICE, examples, replace(reference, data="0" * 64), 1, tmp_path)
    assert (tmp_path / "results" / "dice.json").read_bytes() == before
    assert (tmp_path / seed_file("dice", 1)).is_file()


def test_all_seeds_are_run_on_weeks_and_the_first_alone_on_the_other_protocols() -> None:
    chosen = [baseline_of("majority"), DICE]
    names = [[(one.name, seed) for one, seed in seeds_of(chosen, name, None, strict=True)] for name in PROTOCOLS]
    assert names[0] == [("majority", 0), ("dice", 0), ("dice", 1), ("dice", 2)]
    assert names[1] == names[2] == [("majority", 0), ("dice", 0)]
    assert seeds_of(chosen, "weeks", 2, strict=False) == [(DICE, 2)]
    assert seeds_of([DICE], "weeks", 2, strict=True) == [(DICE, 2)]


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: seeds_of([DICE], "weeks", 3, strict=True), "no seed 3: on weeks baseline dice has the seeds 0 to 2"),
        (lambda: seeds_of([DICE], "publishers", 1, strict=True), "on publishers baseline dice has seed 0 alone"),
        (lambda: seeds_of([baseline_of("majority"), DICE], "weeks", 1, strict=True), "majority has seed 0 alone"),
        (lambda: seeds_of([baseline_of("majority")], "weeks", 1, strict=False), "majority has seed 0 alone"),
    ],
)
def test_a_seed_that_a_baseline_lacks_is_refused(attempt: Callable[[], object], message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        attempt()


def test_the_spread_divides_by_one_less_than_the_number_of_seeds() -> None:
    assert spread([0.5, 0.7, 0.9]) == pytest.approx((0.7, 0.2))


def test_macro_f1_counts_labels_that_nobody_has(setting: Setting) -> None:
    _, reference = setting
    scores = macro_f1_of(reference.labels, reference)
    for task in TASKS:
        assert scores[task.name] == pytest.approx(len(set(reference.labels[task.name].tolist())) / len(task))


def test_files_of_weeks_lie_where_they_always_did(tmp_path: Path) -> None:
    assert [protocol_folder(tmp_path, name).relative_to(tmp_path).as_posix() for name in PROTOCOLS] == [
        ".",
        "chronological",
        "publishers",
    ]
