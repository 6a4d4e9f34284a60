"""The baselines that read text on an article of others: their labels by position, never its text, and what is right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from briefbench import markdown
from briefbench.baselines.base import Baseline, Chosen, Examples, Fitted, unlabelled
from briefbench.baselines.registry import BASELINES
from briefbench.baselines.run import fit
from briefbench.console import printable
from briefbench.errors import InputError
from briefbench.files import read_bytes, sha256
from briefbench.schema import TASK_NAMES, TASKS, task_of

#: Below ``baselines/external/ARTICLE/``: the labels, and the page made of them.
RESULTS, PAGE = "results.json", "README.md"
#: What is counted beside each task: bullets of which every label is right.
WHOLE = "all three"
#: The labels of an article's bullets in order, by task.
Labels = Mapping[str, tuple[str, ...]]

_LIMIT = 1 << 24

_INTRODUCTION = """\
# A real article

Code: `src/briefbench/baselines/article.py`. Generated; do not edit it:
`briefbench baseline article ARTICLE --against {folder}`.
[{results}]({results}) has the labels by system and position; the text does not stand here.

Systems fitted on `weeks/train`, tuned on `weeks/validation`, of random ones seed 0, on the {bullets} bullets of
`{name}`:
how many labels are right, and in brackets the 95% Wilson interval of their share. With so few bullets the intervals
are wide, and most differences between systems say nothing.

The labels scored against are those on which the recorded votes agree. The votes come from {who}.
A label on which they differ is right for nobody: {disputed}; the last row
has what is left."""


@dataclass(frozen=True)
class Article:
    """What labels belong to: an article by name, its number of bullets and their SHA-256, and the release learnt from.

    ``texts`` is the digest of the bullets' texts, one a line.
    """

    name: str
    bullets: int
    texts: str
    data: str

    @classmethod
    def of(cls, name: str, data: str, texts: Sequence[str]) -> "Article":
        """Describe the article with these bullets, read by systems of the release with the digest ``data``."""
        return cls(name, len(texts), sha256("\n".join(texts).encode()), data)


@dataclass(frozen=True)
class ArticleLabels:
    """The labels that systems gave an article's bullets, by system."""

    article: Article
    labels: Mapping[str, Labels]


def label(
    baseline: Baseline,
    examples: Mapping[str, Examples],
    texts: Sequence[str],
    chosen: Mapping[str, Chosen],
    *,
    fitter: Callable[..., Fitted] = fit,
) -> Labels:
    """Fit a baseline with hyperparameters ``chosen`` before, and label the texts."""
    codes = fitter(baseline, examples, chosen).predict(unlabelled(texts)).labels
    return {task.name: tuple(task.names[code] for code in codes[task.name]) for task in TASKS}


def read_article_labels(path: Path) -> ArticleLabels | None:
    """Read stored labels; ``None`` where there are none.

    Raises:
        InputError: the file holds no such labels, an unknown one, or not one of every task for every bullet.
    """
    if not path.exists():
        return None
    try:
        found = msgspec.json.decode(read_bytes(path, limit=_LIMIT), type=ArticleLabels)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        why = printable(str(error))[:120]
        raise InputError(f"{path}: not the labels of an article: {why}; remove it and make it again") from error
    for name, labels in found.labels.items():
        fault = _fault(labels, found.article.bullets)
        if fault:
            raise InputError(f"{path}, system {name}: {fault}; remove the file and make it again")
    return found


def merged(before: ArticleLabels | None, article: Article, found: Mapping[str, Labels]) -> ArticleLabels:
    """Add labels to those stored before; of these stay what registered systems gave the same bullets, same release."""
    kept = before.labels if before is not None and before.article == article else {}
    names = {baseline.name for baseline in BASELINES}
    return ArticleLabels(article, {name: one for name, one in {**kept, **found}.items() if name in names})


def right(labels: Labels, agreed: Mapping[str, Sequence[str | None]]) -> dict[str, int]:
    """Count the right labels of each task, and the bullets with all of them right; ``None`` is a dispute, nobody's."""
    hits = {task: [one == gold for one, gold in zip(labels[task], agreed[task], strict=True)] for task in TASK_NAMES}
    whole = [all(of_bullet) for of_bullet in zip(*hits.values(), strict=True)]
    return {task: sum(of_task) for task, of_task in hits.items()} | {WHOLE: sum(whole)}


def ordered(stored: ArticleLabels, agreed: Mapping[str, Sequence[str | None]]) -> list[tuple[str, dict[str, int]]]:
    """Return every system with its counts: the most bullets wholly right first, then the most labels, then by name."""
    counted = [(name, right(labels, agreed)) for name, labels in stored.labels.items()]
    return sorted(counted, key=lambda one: (-one[1][WHOLE], -sum(one[1].values()), one[0]))


def render(stored: ArticleLabels, agreed: Mapping[str, Sequence[str | None]], who: str, folder: str) -> str:
    """Return the page, made of the labels and the votes of ``who`` in ``folder``; the text is not needed."""
    bullets = stored.article.bullets
    disputes = ", ".join(f"{list(agreed[task]).count(None)} in {task}" for task in TASK_NAMES)
    introduction = _INTRODUCTION.format(
        folder=folder,
        results=RESULTS,
        bullets=bullets,
        name=stored.article.name,
        who="language models, not from people" if who == "language models" else who,
        disputed=disputes,
    )
    rows = [
        (f"`{name}`", *(_share(count, bullets) for count in counts.values()))
        for name, counts in ordered(stored, agreed)
    ]
    undisputed = {task: [one is not None for one in agreed[task]] for task in TASK_NAMES}
    whole = [all(of_bullet) for of_bullet in zip(*undisputed.values(), strict=True)]
    best = ("the best possible", *(sum(undisputed[task]) for task in TASK_NAMES), sum(whole))
    return f"{introduction}\n\n{markdown.table(('system', *TASK_NAMES, WHOLE), [*rows, best])}\n"


def _share(count: int, bullets: int) -> str:
    """Return a count and the 95% Wilson interval of its share.

    Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (1927), as SciPy has it.
    """
    from scipy.stats import binomtest

    bounds = binomtest(count, bullets).proportion_ci(method="wilson")
    return f"{count} [{bounds.low:.2f}, {bounds.high:.2f}]"


def _fault(labels: Labels, bullets: int) -> str | None:
    """Say what keeps labels from being one of every task for every bullet, or return ``None``."""
    if set(labels) != set(TASK_NAMES):
        return f"has not the tasks {', '.join(TASK_NAMES)}"
    for task, names in labels.items():
        if len(names) != bullets:
            return f"{len(names)} labels of {task} for {bullets} bullets"
        unknown = next((name for name in names if name not in task_of(task).codes), None)
        if unknown is not None:
            return f"unknown {task} {unknown!r}"
    return None
