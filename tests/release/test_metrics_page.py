"""The page on metrics is true: its examples are recomputed, and it has a section for every name in a signature."""

import re
import shlex
from collections.abc import Iterator

import numpy as np
import pytest

from briefbench.commands import build_parser
from briefbench.evaluation.bootstrap import FEW_CLUSTERS, LEVEL, RESAMPLES, Interval, Method
from briefbench.evaluation.ceiling import ceiling
from briefbench.evaluation.comparison import compare
from briefbench.evaluation.metrics import BINS
from briefbench.evaluation.predictions import Predictions
from briefbench.evaluation.predictions.columns import SUM_TOLERANCE
from briefbench.evaluation.reference import Reference, read_reference
from briefbench.evaluation.scoring import score
from briefbench.evaluation.slices import LEAST, PROPERTIES
from briefbench.evaluation.spans import token_f1
from briefbench.schema import STANCE
from evaluation_support import everything, reference_of
from tests_support import ROOT

PAGE = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")


def tables() -> Iterator[list[dict[str, str]]]:
    """Yield the page's tables, each as rows by column."""
    for block in re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE):
        header, _, *rows = [[cell.strip() for cell in line.strip("|").split(" |")] for line in block.splitlines()]
        yield [dict(zip(header, row, strict=True)) for row in rows]


def table(*columns: str) -> list[dict[str, str]]:
    """Return the first table that has these columns."""
    return next(rows for rows in tables() if set(columns) <= rows[0].keys())


def sections() -> dict[str, str]:
    """Return the text of every metric's section."""
    parts = re.split(r"^#{2,3} (.*)$", PAGE, flags=re.MULTILINE)
    return {title.strip("`"): text for title, text in zip(parts[1::2], parts[2::2], strict=True) if title[0] == "`"}


def example() -> tuple[Reference, Predictions, Predictions]:
    """Return the page's example: the bullets, the system, and the other one."""
    rows = table("gold", "another system")
    codes = {
        column: np.array([STANCE.codes[row[column]] for row in rows])
        for column in ("gold", "predicted", "another system")
    }
    votes = [[STANCE.codes[vote] for vote in row["votes"].split(", ")] for row in rows]
    reference = reference_of(
        {"stance": codes["gold"]},
        [row["week"] for row in rows],
        stance_soft=[np.eye(4)[cast].mean(axis=0).tolist() for cast in votes],
    )
    probabilities = np.array([[float(cell) for cell in row["probabilities"].split()] for row in rows])
    system = Predictions({"stance": codes["predicted"]}, {"stance": probabilities})
    return reference, system, Predictions({"stance": codes["another system"]})


def shown(interval: Interval | None) -> str:
    assert interval is not None
    return f"{interval.low:.3f} to {interval.high:.3f}"


def test_the_examples_counts_and_figures_by_label_are_right() -> None:
    reference, system, _ = example()
    result = score(system, reference, resamples=10).task("stance")
    hits = [result.confusion[code][code] for code in range(4)]
    assert table("label", "hits") == [
        {
            "label": one.label,
            "gold": str(one.support),
            "predicted": str(one.predicted),
            "hits": str(hits[code]),
            "precision": f"{one.precision:.3f}",
            "recall": f"{one.recall:.3f}",
            "F1": f"{one.f1:.3f}",
        }
        for code, one in enumerate(result.labels)
    ]


def test_the_examples_scores_and_both_intervals_are_right() -> None:
    reference, system, _ = example()
    methods: tuple[Method, Method] = ("bca", "percentile")
    bca, plain = (score(system, reference, interval=method).task("stance").scores for method in methods)
    assert table("score", "BCa interval") == [
        {
            "score": f"`{one.metric}`",
            "value": f"{one.value:.3f}",
            "BCa interval": shown(one.interval),
            "percentile interval": shown(other.interval),
        }
        for one, other in zip(bca, plain, strict=True)
    ]


def test_the_examples_comparison_is_right() -> None:
    reference, system, other = example()
    (found,) = compare({"other": other, "system": system}, reference)
    assert (found.first, found.holm_p) == ("other", found.p_value)
    assert {row["figure"]: row["value"] for row in table("figure", "value")} == {
        "difference": f"{found.value:+.3f}",
        "BCa interval": shown(found.interval),
        "p bootstrap": f"{found.bootstrap_p:.4f}",
        "p randomization": f"{found.p_value:.4f}",
        "differ on": str(found.differ),
        "right alone": f"{found.first_only} : {found.second_only}",
        "Cohen's g": f"{found.effect:+.3f}",
    }


def test_the_examples_spans_are_right() -> None:
    rows = table("text", "gold", "predicted", "F1")
    for row in rows:
        ends = [
            np.array([[row["text"].index(row[name]), row["text"].index(row[name]) + len(row[name])]])
            for name in ("gold", "predicted")
        ]
        assert row["F1"] == f"{token_f1([row['text']], *ends)[0]:.3f}"


def test_every_metric_of_a_signature_has_a_section_and_every_section_a_metric() -> None:
    reference, predictions = everything(1)
    by = [*PROPERTIES[:-1], "2024-01-01"]
    evaluation = score(predictions, reference, by=by, resamples=10)
    signatures = [one.signature for _, one in evaluation.scores()] + [one.signature for one in evaluation.slices]
    signatures += [one.signature for one in compare({"a": predictions, "b": predictions}, reference, resamples=10)]
    signatures += [one.signature for one in ceiling(read_reference()).scores.values()]
    names = {re.search(r"\|metric:([^|]+)", signature)[1] for signature in signatures}  # type: ignore[index]
    for name in by:
        assert f"`{name}`" in sections()["accuracy_by_PROPERTY"]
        names = {"accuracy_by_PROPERTY" if found == f"accuracy_by_{name}" else found for found in names}
    assert names == sections().keys()


def test_every_section_names_its_edges_and_its_source() -> None:
    for name, text in sections().items():
        assert re.search(r"^- (\*\*.*\. )?Edges: ", text, re.MULTILINE), name
        assert "Source: " in text, name


def test_every_part_of_a_signature_is_explained() -> None:
    example_signature = re.search(r"^`(briefbench:.*)`$", PAGE, re.MULTILINE)
    assert example_signature is not None
    parts = [part.partition(":")[0] for part in example_signature[1].split("|")]
    assert [row["part"].strip("`") for row in table("part", "meaning")] == parts


def test_the_settings_that_the_page_names_are_those_of_the_code() -> None:
    assert f"{BINS} bins of equal width" in PAGE
    assert f"All intervals are at {LEVEL:.0%}" in PAGE
    assert f"{RESAMPLES:,} resamples" in PAGE
    assert f"within {SUM_TOLERANCE}" in PAGE
    assert f"at least {LEAST} bullets" in PAGE
    assert FEW_CLUSTERS == 10
    assert "fewer than\n  ten weeks" in PAGE


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`(briefbench [a-z][^`]*)`", PAGE))))
def test_commands_on_the_page_are_commands(command: str) -> None:
    build_parser().parse_args(shlex.split(command)[1:])


def test_lines_are_short_and_paths_exist() -> None:
    prose = [line for line in PAGE.splitlines() if not line.startswith("|")]
    assert max(map(len, prose)) <= 130
    for path in re.findall(r"`((?:src|benchmarks|python benchmarks)/[^`]*)`", PAGE):
        assert (ROOT / path.removeprefix("python ")).exists(), path
