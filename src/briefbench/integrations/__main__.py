"""``python -m briefbench.integrations lm-eval | inspect RUN... --out FILE``: a run's answers as a prediction file."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from briefbench.console import printable
from briefbench.errors import BriefbenchError, InputError
from briefbench.evaluation.reference import read_reference
from briefbench.files import write_bytes
from briefbench.integrations.answers import Answers, collect, predictions
from briefbench.integrations.inspect_log import read_log
from briefbench.integrations.lm_eval import read_samples


@dataclass(frozen=True)
class _Source:
    """Where runs come from: what its files are called in a folder, how one is read, and the help."""

    pattern: str
    read: Callable[[Path], Answers]
    help: str


_SOURCES = {
    "lm-eval": _Source("samples_briefbench_*.jsonl", read_samples, "what lm_eval --log_samples wrote"),
    "inspect": _Source("*_briefbench-*.eval", read_log, "logs of inspect eval"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the predictions of a run and return the exit status: 0 done, 1 refused, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m briefbench.integrations", description="Make a prediction file of a run's answers."
    )
    sources = parser.add_subparsers(title="sources", metavar="SOURCE", required=True)
    for name, source in _SOURCES.items():
        one = sources.add_parser(name, help=source.help)
        one.add_argument(
            "runs", nargs="+", type=Path, metavar="RUN", help=f"files, or folders with {source.pattern} in or below"
        )
        one.add_argument("--out", type=Path, required=True, metavar="FILE", help="the Parquet file to write")
        one.set_defaults(source=source)
    options = parser.parse_args(arguments)
    try:
        _write(options.source, options.runs, options.out)
    except BriefbenchError as error:
        print(f"briefbench: error: {printable(' '.join(str(error).splitlines()))}", file=sys.stderr)
        return 1
    return 0


def _write(source: _Source, places: Sequence[Path], out: Path) -> None:
    if out.suffix != ".parquet":
        raise InputError(f"{out}: name the file *.parquet")
    runs = collect([source.read(path) for place in places for path in _files(place, source.pattern)])
    write_bytes(out, predictions(runs, read_reference()))
    for name, answers in runs.items():
        print(f"{name}: {len(answers.by_bullet)} answers; {answers.unparsable} name no label and count as wrong")
    print(f"wrote {out}; score it with briefbench evaluate {out}")


def _files(place: Path, pattern: str) -> list[Path]:
    if not place.is_dir():
        return [place]
    found = sorted(place.rglob(pattern))
    if not found:
        raise InputError(f"{place}: no {pattern} in this folder or below")
    return found


if __name__ == "__main__":
    sys.exit(main())
