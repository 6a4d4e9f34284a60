"""Check the submissions that a pull request adds: ``python .github/scripts/check_submission.py BASE HEAD``.

Run it where BASE is checked out. Nothing of HEAD is executed: only its submission files are taken out of git, as plain
bytes, under names that were checked, and read as strictly as any prediction file.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

_PATH = re.compile(r"leaderboard/submissions/([a-z0-9-]{1,40})/(predictions\.parquet|system\.toml|result\.json)")
_PLAIN = "100644"
_LARGEST = 32_000_000


class Refusal(Exception):  # noqa: N818 (ends the check with one line)
    """The pull request is refused."""


def main(base: str, head: str) -> int:
    """Check every changed submission and return the exit status."""
    try:
        root = Path(git("rev-parse", "--show-toplevel").decode().strip())
        files = changed_files(base, head)
        names = sorted({match[1] for path in files if (match := _PATH.fullmatch(path))})
        for path, blob in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(git("cat-file", "blob", blob))
        report = [check(root, name) for name in names]
    except Refusal as refusal:
        summarize(f"Refused: {refusal}")
        print(f"check_submission: {refusal}", file=sys.stderr)
        return 1
    summarize("\n".join(report))
    print("\n".join(report))
    return 0


def changed_files(base: str, head: str) -> dict[str, str]:
    """Return the blob of every changed file by path, after checking that all are plain files of submissions."""
    fields = git("diff", "--raw", "-z", "--no-renames", "--no-abbrev", f"{base}...{head}", "--").decode().split("\0")
    files = {}
    for about, path in zip(fields[:-1:2], fields[1::2], strict=True):
        _, mode, _, blob, status = about.split(" ")
        if not _PATH.fullmatch(path):
            raise Refusal(f"{path!a}: a submission changes only the three files of its own folder")
        if status not in ("A", "M") or mode != _PLAIN:
            raise Refusal(f"{path}: must be added or changed, as a plain file")
        if int(git("cat-file", "-s", blob)) > _LARGEST:
            raise Refusal(f"{path}: larger than {_LARGEST:,} bytes")
        files[path] = blob
    if not files:
        raise Refusal("the pull request changes no submission")
    return files


def check(root: Path, name: str) -> str:
    """Verify the result that came with a submission, score it again, and return what to tell."""
    result = root / "leaderboard" / "submissions" / name / "result.json"
    if result.exists():
        briefbench(root, "verify", str(result), "--dataset", str(root / "dataset"))
    return f"```\n{briefbench(root, 'submit', 'check', name)}```"


def briefbench(root: Path, *arguments: str) -> str:
    """Run a command of the installed package and return what it prints."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "briefbench", *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Refusal(done.stderr.strip().removeprefix("briefbench: error: ") or f"status {done.returncode}")
    return done.stdout


def git(*arguments: str) -> bytes:
    """Run git and return what it prints."""
    done = subprocess.run(["git", *arguments], capture_output=True, check=False)  # noqa: S603, S607
    if done.returncode:
        raise Refusal(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def summarize(text: str) -> None:
    """Append to the summary of a GitHub job, where there is one."""
    if place := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(place).open("a", encoding="utf-8") as stream:
            stream.write(f"{text}\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:  # noqa: PLR2004
        sys.exit("usage: check_submission.py BASE HEAD")
    sys.exit(main(*sys.argv[1:]))
