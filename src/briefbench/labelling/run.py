"""A run from the input to the output: plan, go on where an earlier run stopped, label, merge, count."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from briefbench import console
from briefbench.errors import InputError, RowError
from briefbench.labelling.articles import Reading
from briefbench.labelling.model import ModelReference, open_model
from briefbench.labelling.parts import Job, Outcome, finished_outcome
from briefbench.labelling.plan import PART_ROWS, Part, plan
from briefbench.labelling.records import Columns
from briefbench.labelling.runner import check_installed, run_parts, stop
from briefbench.labelling.sources import Sources, find_columns, find_sources
from briefbench.labelling.workspace import Manifest, clear, clear_temporary, finished, opened, part_path, receipt_path
from briefbench.labelling.writing import Format, Shape, merge, placed

_FORMATS: dict[str, Format] = {".parquet": "parquet", ".jsonl": "jsonl"}


@dataclass(frozen=True)
class Request:
    """What to label, and how; the fields are the options of ``briefbench label``."""

    input: Path
    out: Path
    model: ModelReference = field(default_factory=ModelReference)
    format: Format | None = None
    text_column: str = "text"
    id_column: str | None = None
    reading: Reading = field(default_factory=Reading)
    with_text: bool = False
    set_aside: bool = False
    overwrite: bool = False
    part_rows: int = PART_ROWS
    workers: int | None = None
    ray: str | None = None


@dataclass(frozen=True)
class Summary:
    """What a run did: counts over all parts, how many of them were there before, and the rate of this run alone."""

    rows: int
    rejected: int
    parts: int
    parts_before: int
    rows_now: int
    seconds: float
    out: Path
    rejects: Path | None

    def line(self) -> str:
        """Return the closing line."""
        rate = f", {self.rows_now / self.seconds:,.0f} a second" if self.rows_now and self.seconds > 0 else ""
        before = f" ({self.parts_before} were there)" if self.parts_before else ""
        aside = f"; {_counted(self.rejected, 'row')} set aside in {self.rejects}" if self.rejected else ""
        parts = _counted(self.parts, "part")
        return f"labelled {_counted(self.rows, 'row')} in {parts}{before}{rate}{aside}; written to {self.out}"


def label(request: Request, say: Callable[[str], None]) -> Summary:
    """Label an input of any size.

    ``say`` is told what a person should know on the way.

    Raises:
        RowError: a row cannot be labelled, and such rows are not set aside; the parts finished so far are kept.
        InputError: the input or the output is refused.
        LabellingError, MissingExtraError: see `briefbench.labelling.runner.run_parts`.
    """
    form, folder, place = _output(request)
    sources = find_sources(request.input)
    if sources.left_out:
        say(f"{_counted(sources.left_out, 'link')} in {request.input} not followed")
    columns = find_columns(sources, request.text_column, request.id_column)
    parts = plan(sources, columns, request.part_rows)
    workers = request.workers or os.cpu_count() or 1
    check_installed(len(parts), workers=workers, ray=request.ray)
    console.say(f"getting {request.model.name} ready …")
    manifest = _manifest(request, sources, columns, form, len(parts))
    job = Job(
        root=str(sources.root.resolve()),
        kind=sources.kind,
        columns=columns,
        reading=request.reading,
        folder=str(folder.resolve()),
        format=form,
        texts=request.with_text,
        set_aside=request.set_aside,
        key=manifest.key,
        model=request.model,
        signature=manifest.model,
    )
    with opened(folder, manifest, overwrite=request.overwrite) as goes_on:
        if goes_on:
            count = len(finished(folder, form, len(parts)))
            say(f"going on in {folder}: {count:,} of {_counted(len(parts), 'part')} are finished")
        summary = _run(request, job, parts, workers)
        if find_sources(request.input).fingerprint != sources.fingerprint:
            raise InputError(f"{request.input}: changed while it was read; run again with --overwrite")
        if summary.rejects is None:
            _rejects_path(request.out).unlink(missing_ok=True)  # that of an earlier run into this output
        clear_temporary(folder)
        _finish(job, parts, place, summary.rejects)
        if place is not None:
            clear(folder)
    return summary


def _run(request: Request, job: Job, parts: list[Part], workers: int) -> Summary:
    """Label the parts that are not finished, and count all of them."""
    folder = Path(job.folder)
    before = [finished_outcome(receipt, job) for receipt in finished(folder, job.format, len(parts)).values()]
    done = {outcome.part: _good(outcome) for outcome in before}
    waiting = [part for part in parts if part.number not in done]
    began = time.perf_counter()
    try:
        with _progress(waiting, articles=job.kind == "article") as advance:
            for outcome in run_parts(waiting, job, workers=workers, ray=request.ray):
                done[outcome.part] = _good(outcome)
                advance(parts[outcome.part], outcome)
    finally:
        stop(request.ray)
    rejected = sum(outcome.rejected for outcome in done.values())
    rows = sum(outcome.rows for outcome in done.values())
    return Summary(
        rows=rows,
        rejected=rejected,
        parts=len(parts),
        parts_before=len(before),
        rows_now=rows - sum(outcome.rows for outcome in before),
        seconds=time.perf_counter() - began,
        out=request.out,
        rejects=_rejects_path(request.out) if rejected else None,
    )


def _finish(job: Job, parts: list[Part], place: Path | None, rejects: Path | None) -> None:
    """Write the reject file, and the one file where one is wanted."""
    folder = Path(job.folder)
    if rejects is not None:
        with placed(rejects) as stream:
            for part in parts:
                with receipt_path(folder, part.number).open("rb") as receipt:
                    receipt.readline()
                    stream.writelines(receipt)
    if place is not None:
        shape = Shape(job.signature, job.columns.id is not None, job.texts)
        merge((part_path(folder, part.number, job.format) for part in parts), place, job.format, shape)


def _output(request: Request) -> tuple[Format, Path, Path | None]:
    """Return the format, the folder of parts and, where one file is wanted, its place."""
    form = _FORMATS.get(request.out.suffix.lower())
    if form is not None and request.format not in (None, form):
        raise InputError(f"{request.out}: ends as {form}, but --format is {request.format}; give one of them")
    inside = request.out.resolve().parent if form is not None else request.out.resolve()
    if request.input.is_dir() and inside.is_relative_to(request.input.resolve()):
        raise InputError(f"{request.out}: lies in the folder that is read; name another --out")
    if form is None:
        return request.format or "parquet", request.out, None
    if request.out.is_dir():
        raise InputError(f"{request.out}: is a folder; name a file, or a folder without .{form}")
    if request.out.exists() and request.input.exists() and request.out.samefile(request.input):
        raise InputError(f"{request.input}: is also the output; name another --out")
    folder = request.out.with_name(f"{request.out.name}.parts")
    if request.out.exists() and not folder.exists() and not request.overwrite:
        raise InputError(f"{request.out}: is there already; name another --out or --overwrite")
    return form, folder, request.out


def _manifest(request: Request, sources: Sources, columns: Columns, form: Format, parts: int) -> Manifest:
    options: dict[str, object] = {
        "--format": form,
        "--with-text": request.with_text,
        "--part-rows": request.part_rows,
    }
    if sources.kind == "article":
        reading = request.reading
        options |= {"--encoding": reading.encoding, "--prose": reading.prose, "--lead": reading.lead}
    else:
        options |= {"--text-column": request.text_column, "--id-column": columns.id}
    read = {"files": len(sources.files), "bytes": sources.size, "sha256": sources.fingerprint, "kind": sources.kind}
    return Manifest(model=open_model(request.model).signature, input=read, options=options, parts=parts)


def _rejects_path(out: Path) -> Path:
    return out.with_name(f"{out.name}.rejects.jsonl")


def _good(outcome: Outcome) -> Outcome:
    """Return an outcome unless it stops the run."""
    if outcome.bad_row:
        raise RowError(outcome.bad_row)
    if outcome.error:
        raise InputError(outcome.error)
    return outcome


@contextmanager
def _progress(parts: list[Part], *, articles: bool) -> Iterator[Callable[[Part, Outcome], None]]:
    """Show rows (of articles: files), their rate and the time left on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    def size(part: Part) -> int:
        return len(part.slices) if articles else part.rows

    unit = "articles" if articles else "rows"
    columns = (
        TextColumn("labelling"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn(f"{{task.completed:,.0f}} of {{task.total:,.0f}} {unit}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
    began, count = time.perf_counter(), 0
    with bar:
        task = bar.add_task("labelling", total=sum(map(size, parts)), rate="")

        def advance(part: Part, outcome: Outcome) -> None:
            nonlocal count
            count += outcome.rows
            bar.update(task, advance=size(part), rate=f"{count / (time.perf_counter() - began):,.0f} rows/s")

        yield advance


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
