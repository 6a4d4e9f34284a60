"""The whole recorded corpus through a real Label Studio and back: every vote file must return identical to the byte.

Bullets and votes go to one project an annotator, each vote posted alone under the annotator's own account; with
``--bulk`` tasks and votes are imported together.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ANNOTATE = (sys.executable, "-m", "briefbench", "annotate")


def main() -> int:
    """Run the road and compare; 1 where a file differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bulk", action="store_true", help="import tasks and votes together")
    parser.add_argument("--port", default="8089")
    parser.add_argument("--database", help="postgresql://USER:PASSWORD@HOST:PORT/NAME instead of SQLite")
    options = parser.parse_args()
    recorded = sorted((ROOT / "annotation" / "votes").glob("*.csv"))
    names = [path.stem for path in recorded]
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "annotation").mkdir()
        shutil.copy(ROOT / "annotation" / "bullets.jsonl", project / "annotation")
        with _server(project, options):
            _timed(project, "init", *names, "--kind", "model")
            _timed(project, "invite", *names)
            if not options.bulk:
                _timed(project, "push", "--order", "file")
            for path in recorded:
                bulk = ["--bulk"] if options.bulk else []
                _timed(project, "vote", "--annotator", path.stem, "--from", str(path), *bulk)
            _timed(project, "pull")
        differ = [p.name for p in recorded if (project / "annotation/votes" / p.name).read_bytes() != p.read_bytes()]
    print(f"{', '.join(differ)} came back otherwise" if differ else f"{', '.join(names)}: identical to the byte")
    return int(bool(differ))


@contextmanager
def _server(project: Path, options: argparse.Namespace) -> Iterator[None]:
    """Serve the project from the environment that the tests use, on an empty database."""
    start = time.perf_counter()
    command = [*ANNOTATE, "serve", "--port", options.port, "--environment", str(ROOT / ".venv-label-studio")]
    command += ["--database", options.database] if options.database else []
    process = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True, env=_environment())
    try:
        assert process.stdout is not None  # noqa: S101 (for the type checker: it is a pipe)
        if not any("answers at" in line for line in process.stdout):
            raise SystemExit("the server did not start")
        print(f"serve: {time.perf_counter() - start:.1f} s", flush=True)
        yield
    finally:
        process.terminate()
        process.wait(60)


def _timed(project: Path, *arguments: str) -> None:
    start = time.perf_counter()
    subprocess.run([*ANNOTATE, *arguments], cwd=project, check=True, stdout=subprocess.DEVNULL, env=_environment())
    print(f"{' '.join(arguments[:3])}: {time.perf_counter() - start:.1f} s", flush=True)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("LABEL_STUDIO_")}


if __name__ == "__main__":
    sys.exit(main())
