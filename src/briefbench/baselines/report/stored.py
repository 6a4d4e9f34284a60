"""All that is stored of the baselines, read once for the pages, and every score checked against its predictions."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from briefbench.baselines import curve as learning
from briefbench.baselines.curve import Curve, read_curve
from briefbench.baselines.report import costs as expenses
from briefbench.baselines.report.costs import Costs, read_costs
from briefbench.baselines.run import protocol_folder
from briefbench.errors import InputError
from briefbench.evaluation.ceiling import Ceiling, ceiling
from briefbench.evaluation.leaderboard import label_note
from briefbench.evaluation.predictions import Predictions, read_predictions
from briefbench.evaluation.reference import Reference, read_reference
from briefbench.evaluation.results import Evaluation, Score
from briefbench.evaluation.systems import SystemResult, check_result, read_results
from briefbench.project import Project
from briefbench.schema import PROTOCOLS, TASK_NAMES

#: What tables of scores show: the mean of the tasks, and each task.
FIGURES = ("mean", *TASK_NAMES)


@dataclass(frozen=True, eq=False)
class Part:
    """What is stored of one protocol: its results from best to worst mean, what they predicted, and the ceiling."""

    reference: Reference
    results: tuple[SystemResult, ...]
    predictions: Mapping[str, Predictions]
    ceiling: Ceiling

    def result(self, name: str) -> SystemResult | None:
        """Return the result of a system, if it is stored."""
        return next((one for one in self.results if one.name == name), None)

    def best(self, figure: str, *kinds: str) -> SystemResult | None:
        """Return the system of some kinds with the best macro-F1 in a task or ``mean``; of equals the first by name."""
        able = [one for one in self.results if one.kind in kinds and figure in macro_f1(one.evaluation)]
        return min(able, key=lambda one: (-macro_f1(one.evaluation)[figure].value, one.name), default=None)


@dataclass(frozen=True)
class Stored:
    """Everything: the parts by protocol, results on bullets from elsewhere by set and system, the curve, the costs.

    ``note`` says who made the labels; ``picture`` whether the curve's picture is there.
    """

    parts: Mapping[str, Part]
    external: Mapping[str, Mapping[str, SystemResult]]
    curve: Curve | None
    picture: bool
    costs: Costs | None
    note: str

    @property
    def weeks(self) -> Part:
        """The part of the default protocol."""
        return self.parts[PROTOCOLS[0]]


def macro_f1(evaluation: Evaluation) -> dict[str, Score]:
    """Return the macro-F1 by task and, where all tasks were predicted, for ``mean``."""
    found = {task.task: task.macro_f1 for task in evaluation.tasks}
    return found | ({"mean": evaluation.headline} if evaluation.headline else {})


def read_stored(project: Project) -> Stored:
    """Read everything below ``baselines/``, and score every stored prediction again.

    Raises:
        InputError, PredictionError: a file is missing or refused, or belongs to another release.
        VerificationError: a stored result is not what its predictions score.
        ReleaseError, ChecksumError, UnknownNameError: there is no release, it was tampered with, or lacks a protocol.
    """
    folder = project.baselines
    there = [one for one in PROTOCOLS if one == PROTOCOLS[0] or (protocol_folder(folder, one) / "results").is_dir()]
    parts = {protocol: _part(project, protocol) for protocol in there}
    curve = read_curve(folder / learning.FIGURES)
    if curve is not None and curve.data != parts[PROTOCOLS[0]].reference.data:
        raise InputError(f"{folder / learning.FIGURES}: of another release; run briefbench baseline curve again")
    return Stored(
        parts=parts,
        external={one.parent.name: _by_name(one) for one in sorted((folder / "external").glob("*/results"))},
        curve=curve,
        picture=(folder / learning.PICTURE).is_file(),
        costs=read_costs(folder / expenses.FIGURES),
        note=label_note(project.dataset),
    )


def _part(project: Project, protocol: str) -> Part:
    folder = protocol_folder(project.baselines, protocol)
    reference = read_reference(f"{protocol}/test", project.dataset)
    predictions = {}
    results = read_results(folder / "results")
    for result in results:
        read = read_predictions(folder / "predictions" / f"{result.name}.parquet", reference)
        check_result(result, read, reference, f"run briefbench baseline run {result.name} --protocol {protocol}")
        predictions[result.name] = read
    ordered = sorted(results, key=lambda one: -one.evaluation.headline.value if one.evaluation.headline else 0.0)
    return Part(reference, tuple(ordered), predictions, ceiling(reference, project.dataset))


def _by_name(folder: Path) -> dict[str, SystemResult]:
    return {one.name: one for one in read_results(folder)}
