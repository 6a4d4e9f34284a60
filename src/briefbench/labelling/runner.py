"""Who labels the parts: this process, or Daft with processes on this machine or on a Ray cluster.

On both of Daft's runners a data frame has one row a part, and a function of ours labels the part and writes it; only
the counts come back. Which worker takes which part changes nothing in what is written.
"""

import logging
import os
import socket
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from threading import Event
from typing import Any

import msgspec

from briefbench.errors import InputError, LabellingError, MissingExtraError
from briefbench.labelling.parts import Job, Outcome, label_part
from briefbench.labelling.plan import Part

#: Set while Daft has parts to do: its threads go on when the command is broken off, and Python, closing down, aborts.
UNFINISHED = Event()

# Workers that die are replaced so often in a row without a part done in between.
_TRIES = 3
# Nothing about what is run here is told to the makers of Daft and Ray, and Daft's own bars stay off the terminal.
_QUIET = {"DO_NOT_TRACK": "1", "DAFT_ANALYTICS_ENABLED": "0", "RAY_USAGE_STATS_ENABLED": "0", "DAFT_PROGRESS_BAR": "0"}
# One processor's share of a cluster gets its parts in at least so many goes.
_GOES = 4
_PARTS_A_GO = 16
_PATIENCE = 10.0  # seconds


def run_parts(parts: Sequence[Part], job: Job, *, workers: int, ray: str | None = None) -> Iterator[Outcome]:
    """Label parts and yield an outcome for each.

    One worker needs nobody to share out the work, and so no Daft. Where a worker dies, its part is done again.

    Raises:
        LabellingError: there is no Ray at the address, or workers die again and again.
    """
    if ray is None and (workers == 1 or len(parts) <= 1):
        yield from (label_part(part, job) for part in parts)
        return
    goes = _start(workers, ray)
    waiting = {part.number: part for part in parts}
    tries = 0
    UNFINISHED.set()
    while waiting:
        before = len(waiting)
        try:
            for outcome in _shared_out(list(waiting.values()), job, goes):
                del waiting[outcome.part]
                yield outcome
        except Exception as error:  # whatever Daft and Ray make of a worker that died
            tries = 1 if len(waiting) < before else tries + 1
            if tries >= _TRIES:
                said = " ".join(str(error).split())[-300:]
                raise LabellingError(
                    f"workers failed {tries} times, {len(waiting)} parts are left ({said}); run it again to go on"
                ) from error
    UNFINISHED.clear()


def check_installed(parts: int, *, workers: int, ray: str | None) -> None:
    """Check that what `run_parts` will need is installed, before anything is written.

    Raises:
        MissingExtraError: Daft or Ray is needed and missing.
    """
    if ray is not None and find_spec("ray") is None:
        raise MissingExtraError("ray", "Ray")
    if (ray is not None or (workers > 1 and parts > 1)) and find_spec("daft") is None:
        raise MissingExtraError("scale", "Daft, which shares out parts (--workers 1 needs none),")


def stop(ray: str | None) -> None:
    """Leave the cluster."""
    if ray is not None:
        import ray as ray_package

        ray_package.shutdown()


def label_parts_as_json(parts: Any, job: str) -> list[str]:
    """Label the parts of a column of JSON and return their outcomes as JSON: what Daft calls in a worker."""
    decoded = msgspec.json.decode(job, type=Job)
    return [
        msgspec.json.encode(label_part(msgspec.json.decode(part, type=Part), decoded)).decode()
        for part in parts.to_pylist()
    ]


def _shared_out(parts: Sequence[Part], job: Job, goes: int | None) -> Iterator[Outcome]:
    """Let Daft label parts; the outcomes come in the order of the parts."""
    import daft

    label = daft.func.batch(return_dtype=daft.DataType.string(), batch_size=1, use_process=True)(label_parts_as_json)
    frame = daft.from_pydict({"part": [msgspec.json.encode(part).decode() for part in parts]})
    if goes is not None:
        frame = frame.into_partitions(min(len(parts), max(goes, len(parts) // _PARTS_A_GO)))
    frame = frame.select(label(frame["part"], msgspec.json.encode(job).decode()).alias("outcome"))
    for row in frame.iter_rows():
        yield msgspec.json.decode(row["outcome"], type=Outcome)


def _start(workers: int, ray: str | None) -> int | None:
    """Start Daft's runner; on Ray, return in how many goes a cluster of this size should get the parts."""
    os.environ.update(_QUIET)
    import daft

    if ray is None:
        daft.set_runner_native(num_threads=workers)
        return None
    import ray as ray_package

    _knock(ray)
    try:
        ray_package.init(address=ray, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise LabellingError(f"no Ray cluster answers at {ray}: {' '.join(str(error).split())[:200]}") from error
    daft.set_runner_ray(noop_if_initialized=True)
    processors = int(ray_package.cluster_resources().get("CPU", 0))
    if not processors:
        raise InputError(f"the Ray cluster at {ray} has no processors; start its nodes with --num-cpus")
    return _GOES * processors


def _knock(address: str) -> None:
    """Stop at once where nobody listens at ``HOST:PORT``: Ray itself asks for minutes."""
    host, _, port = address.rpartition(":")
    if not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), timeout=_PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise LabellingError(f"no Ray cluster answers at {address}: {error}; start one, or mend the address") from error
