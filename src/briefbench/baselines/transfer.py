"""The baselines that read text on bullets from elsewhere: what they keep of their scores, and what goes wrong there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from briefbench import markdown
from briefbench.baselines.base import Around, Baseline, Examples, Fitted
from briefbench.baselines.run import Run, fit, run
from briefbench.evaluation.external import External
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.results import TaskResult
from briefbench.evaluation.systems import SystemResult
from briefbench.schema import SOURCE_TYPE, TASK_NAMES, UNATTRIBUTED, task_of

#: Labels with fewer gold bullets than this say little: macro-F1 is given without them as well.
ENOUGH = 10

_INTRODUCTION = """\
# Transfer

Code: `src/briefbench/baselines/transfer.py`. Generated; do not edit it:
`briefbench baseline transfer {folder} --texts FILE`.
`predictions/` and `results/` are as in [baselines/](../../README.md); the texts do not stand here.

Systems fitted on `weeks/train`, tuned on `weeks/validation`, on {bullets} bullets from elsewhere:
[what they are](../../../{folder}/README.md).
In brackets the 95% BCa interval by ISO week; *at home* is macro-F1 on `weeks/test`; *frequent* is macro-F1 over
the labels with at least {enough} gold bullets here. The labels scored against come from a language model, not from
people."""

_WHY = """\
## Taken for somebody's word

Bullets on nobody's word are common here and rare in the corpus. A bag of words meets "Ukrainian" or "ministry" in them
and names an official. `attribution-lr` also sees the words around the verbs of saying, and that there are none."""


def transfer(
    baseline: Baseline,
    examples: Mapping[str, Examples],
    external: External,
    texts: Sequence[str],
    stored: SystemResult,
    *,
    fitter: Callable[..., Fitted] = fit,
) -> Run:
    """Fit a baseline as its stored result says, and score its labels on the external bullets."""
    outside = Examples(external.reference.bullet_ids, texts, {}, external.reference.labels)

    def silent(*parts: Any, **options: Any) -> Fitted:
        return _WithoutSpans(fitter(*parts, **options))

    return run(baseline, {**examples, "test": outside}, external.reference, chosen=stored.chosen, fitter=silent)


@dataclass(frozen=True)
class _WithoutSpans(Around):
    """A fitted system that marks no phrase: the reference has no text to check one against."""

    def predict(self, examples: Examples) -> Predictions:
        return replace(self.system.predict(examples), spans=None)


def render(folder: str, results: Sequence[SystemResult], home: Mapping[str, SystemResult]) -> str:
    """Return the page of the results, best accuracy in source type first; ``home`` has those on ``weeks/test``."""
    ordered = sorted(results, key=lambda one: -one.evaluation.task(SOURCE_TYPE.name).accuracy.value)
    bullets = ordered[0].evaluation.bullets
    blocks = [_INTRODUCTION.format(folder=folder, bullets=bullets, enough=ENOUGH)]
    header = ("system", "accuracy", "macro-F1", "at home", "frequent")
    for task in TASK_NAMES:
        table = [_row(one, home[one.name].evaluation.task(task), one.evaluation.task(task)) for one in ordered]
        blocks += [f"## {task}", markdown.table(header, table)]
    silent = [(f"`{one.name}`", *_spoken_for(one.evaluation.task(SOURCE_TYPE.name))) for one in ordered]
    blocks += [
        _WHY,
        markdown.table(("system", "on nobody's word", "taken for somebody's", "for an official's"), silent),
    ]
    return "\n\n".join(blocks) + "\n"


def frequent_macro_f1(result: TaskResult) -> float:
    """Return macro-F1 over the labels with at least `ENOUGH` gold bullets."""
    kept = [one.f1 for one in result.labels if one.support >= ENOUGH]
    return sum(kept) / len(kept) if kept else float("nan")


def name_of(folder: Path, root: Path) -> str:
    """Return a folder as the page names it: below the project where it is."""
    here, top = folder.resolve(), root.resolve()
    return here.relative_to(top).as_posix() if here.is_relative_to(top) else here.name


def _row(one: SystemResult, home: TaskResult, here: TaskResult) -> list[object]:
    cells = [str(here.accuracy), str(here.macro_f1), f"{home.macro_f1.value:.3f}", f"{frequent_macro_f1(here):.3f}"]
    return [f"`{one.name}`", *cells]


def _spoken_for(result: TaskResult) -> tuple[int, int, int]:
    """Return the bullets on nobody's word, how many are taken for somebody's, and how many for an official's."""
    code = SOURCE_TYPE.codes[UNATTRIBUTED]
    row = result.confusion[code]
    official = [count for name, count in zip(task_of(SOURCE_TYPE.name).names, row, strict=True) if "official" in name]
    return sum(row), sum(row) - row[code], sum(official)
