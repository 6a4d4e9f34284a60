"""``briefbench baseline curve | report``: the learning curve, and the pages on what is stored of the baselines."""

import argparse
from typing import Any

from briefbench.project import add_root_option, find_project


def add_steps(steps: Any) -> None:
    """Add the steps to the verb."""
    curve: argparse.ArgumentParser = steps.add_parser(
        "curve", help="fit baselines on growing parts of weeks/train: baselines/curve.json and a picture"
    )
    curve.add_argument("names", nargs="+", metavar="NAME", help="a baseline with a stored result")
    add_root_option(curve)
    curve.set_defaults(run=run_curve)
    report: argparse.ArgumentParser = steps.add_parser(
        "report", help="write RESULTS.md, ERRORS.md and cards/ under baselines/ from what is stored there"
    )
    add_root_option(report)
    report.set_defaults(run=run_report)


def run_curve(options: argparse.Namespace) -> int:
    """Fit, score and draw; the systems of an earlier curve of the same release stay."""
    from briefbench.baselines.base import read_examples
    from briefbench.baselines.curve import FIGURES, PICTURE, check_matplotlib, draw, merged, points, read_curve
    from briefbench.baselines.extras import require
    from briefbench.baselines.registry import baseline_of
    from briefbench.console import print_table, track
    from briefbench.errors import InputError
    from briefbench.evaluation.reference import read_reference
    from briefbench.evaluation.systems import read_result
    from briefbench.files import to_json, write_all

    check_matplotlib()
    chosen = [baseline_of(name) for name in dict.fromkeys(options.names)]
    for baseline in chosen:
        require(baseline)
    project = find_project(options.root)
    examples, reference = read_examples(dataset=project.dataset), read_reference(dataset=project.dataset)
    weeks, _ = read_reference("weeks/train", project.dataset).weeks
    stored = {one.name: read_result(project.baselines / "results" / f"{one.name}.json") for one in chosen}
    for name, result in stored.items():
        if result.evaluation.data != reference.data:
            raise InputError(f"result {name}: of another release; run briefbench baseline run {name}")
    for baseline in track(chosen, "fitting baselines on parts of the train part"):
        found = {baseline.name: points(baseline, examples, weeks, reference, stored[baseline.name])}
        curve = merged(read_curve(project.baselines / FIGURES), reference, found)
        files = {FIGURES: to_json(curve).encode(), PICTURE: draw(curve)}
        write_all({project.baselines / name: data for name, data in files.items()})
    rows = [(one.name, *(f"{point.mean:.3f}" for point in curve.systems[one.name])) for one in chosen]
    bullets = [f"{point.bullets:,} bullets" for point in curve.systems[chosen[0].name]]
    print_table(f"mean macro-F1 on {reference.split}", ("baseline", *bullets), rows)
    return 0


def run_report(options: argparse.Namespace) -> int:
    """Check what is stored, write the pages, and remove cards of baselines that are gone."""
    from briefbench.baselines.report.pages import CARDS, pages
    from briefbench.files import write_all

    project = find_project(options.root)
    files = {project.baselines / name: text.encode() for name, text in pages(project).items()}
    write_all(files)
    for old in (project.baselines / CARDS).glob("*.md"):
        if old not in files:
            old.unlink()
    print(f"{len(files)} pages under {project.baselines}")
    return 0
