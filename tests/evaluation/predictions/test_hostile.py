"""Hostile prediction files: each is refused in one line, soon, in little memory, and nothing of it is obeyed."""

import io
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import parquet_support as hand
from briefbench.errors import InputError, PredictionError
from briefbench.evaluation.predictions import Predictions, read_predictions
from briefbench.evaluation.reference import read_reference
from evaluate_each import run_each
from parquet_support import DATA, DICTIONARY, ZSTD
from predictions_support import (
    ENCODERS,
    GOOD,
    HEADER,
    KINDS,
    REFERENCE,
    Row,
    as_table,
    random_rows,
    read,
    rows_of,
    seeded,
)

#: What one file may take beyond what reading the release takes: megabytes at the peak, and seconds.
MEGABYTES, SECONDS = 400, 15
#: About as large as a file for the test part may be.
LARGE = 19_000_000


def zeros(path: Path, size: int) -> None:
    with path.open("wb") as stream:
        stream.truncate(size)


def texts(ids: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield hostile files of text by name."""
    row, line = f"{ids[0]},mixed\n", f'{{"bullet_id": "{ids[0]}", "stance": "mixed"}}\n'
    head = "bullet_id,stance\n"
    yield "long-line.csv", f"{head}{ids[0]},".encode() + b"x" * LARGE
    yield "long-line.jsonl", b'{"bullet_id": "' + b"x" * LARGE + b'"}'
    yield "one-row-too-often.csv", (head + row * (LARGE // len(row))).encode()
    yield "one-row-too-often.jsonl", (line * (LARGE // len(line))).encode()
    yield "columns.csv", b"a," * (LARGE // 4) + b"b\n" + b"1," * (LARGE // 4) + b"2\n"
    yield "named-columns.csv", ",".join(f"c{i}" for i in range(500_000)).encode() + b"\n"
    yield "commas.csv", head.encode() + b"," * LARGE
    yield "blank-lines.csv", head.encode() + b"\n" * LARGE
    yield "empty-cells.csv", head.encode() + b",\n" * (LARGE // 2)
    yield "quotes.csv", head.encode() + b'"' * LARGE
    yield "open-quote.csv", head.encode() + b'"' + b"a,\n" * (LARGE // 3)
    yield "nul.csv", head.encode() + bytes(LARGE)
    yield "formula.csv", f"{head}=cmd|' /C calc'!A0,mixed\n".encode()
    yield "path.csv", f"{head}../../../etc/passwd,mixed\n".encode()
    yield "utf-16.csv", (head + row).encode("utf-16")
    yield "surrogate.csv", head.encode() + b"\xed\xa0\x80,mixed\n"
    yield "nul.jsonl", bytes(LARGE)
    yield "null.jsonl", f"{line}null\n".encode()
    yield "nothing.jsonl", b"{}\n" * (LARGE // 3)
    yield "deep-list.jsonl", f'{line}{{"bullet_id": '.encode() + b"[" * (LARGE - 99)
    yield "deep-object.jsonl", b'{"stance": ' + b'{"a":' * 150_000
    yield "deep-probabilities.jsonl", b'{"bullet_id": "a", "stance_probabilities": ' + b'{"mixed":' * 100_000
    yield "many-keys.jsonl", ("{" + ",".join(f'"k{i}":1' for i in range(80_000)) + "}\n").encode() * 10
    yield "one-key.jsonl", b"{" + b'"stance":1,' * 80_000 + b'"stance":1}\n'
    yield "many-types.jsonl", b'{"bullet_id": "a", "source_types": [' + b'"",' * 300_000 + b'""]}\n'
    yield "digits.jsonl", f'{line}{{"bullet_id": '.encode() + b"9" * 900_000 + b"}\n"
    yield "decimals.jsonl", f'{line}{{"bullet_id": 0.'.encode() + b"1" * 900_000 + b"}\n"
    yield "surrogate.jsonl", b'{"bullet_id": "\\ud800", "stance": "mixed"}\n'
    yield "utf-16.jsonl", line.encode("utf-16")


def parquets(ids: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield hostile Parquet files by name."""
    count = len(ids)
    bullets = hand.strings("bullet_id", [identifier.encode() for identifier in ids])
    labels = hand.strings("stance", [b"mixed"] * count)
    body, size = hand.zeros(2_000_000_000)
    bomb, long = hand.page(DATA, body, count, unpacked=size), b"x" * 15_000_000
    yield "page-bomb.parquet", hand.file([replace(bullets, data=bomb, codec=ZSTD), labels], count)
    many = replace(hand.repeated("stance", b"", count), dictionary=hand.page(DICTIONARY, body, 1, unpacked=size))
    yield "dictionary-bomb.parquet", hand.file([bullets, replace(many, codec=ZSTD)], count)
    yield (
        "hidden-bomb.parquet",
        hand.file([replace(bullets, data=hand.page(DATA, body, count, unpacked=99), codec=ZSTD), labels], count),
    )
    yield "one-long-id.parquet", hand.file([hand.repeated("bullet_id", long, count), labels], count)
    yield "one-long-label.parquet", hand.file([bullets, hand.repeated("stance", long, count)], count)
    first = hand.strings("bullet_id", [ids[0].encode()])
    yield "one-long-type.parquet", hand.file([first, hand.repeated_list("source_types", long, 300_000)], 1)
    yield "long-list.parquet", hand.file([first, hand.repeated_list("source_types", b"", 2**30)], 1)
    much = 2_000_000
    yield "rows.parquet", hand.file([hand.repeated("bullet_id", b"a", much), hand.repeated("stance", b"", much)], much)
    yield "said-rows.parquet", hand.file([bullets, labels], count, said_rows=2**33)
    yield "said-values.parquet", hand.file([bullets, replace(labels, said_values=2**33)], count)
    groups = [{1: (hand.LIST, (hand.STRUCT, [])), 2: (hand.I64, 0), 3: (hand.I64, 0)}] * 1_500_000
    yield "groups.parquet", b"PAR1" + hand.tail(hand.thrift({4: (hand.LIST, (hand.STRUCT, groups))}))
    yield "pages.parquet", hand.file([replace(bullets, data=hand.page(DATA, b"", 0) * 500_000), labels], count)
    yield "zeros.parquet", b"PAR1" + bytes(LARGE) + b"PAR1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of hostile files, and of things that are no files."""
    folder = tmp_path_factory.mktemp("hostile")
    ids = read_reference().bullet_ids
    for name, content in (*texts(ids), *parquets(ids)):
        (folder / name).write_bytes(content)
    for kind in KINDS:
        zeros(folder / f"gigabytes.{kind}", 3 * 2**30)
        zeros(folder / f"one-more.{kind}", 16_000_001 + 4_000 * len(ids))
        (folder / f"empty.{kind}").touch()
        (folder / f"folder.{kind}").mkdir()
        os.mkfifo(folder / f"pipe.{kind}")
        (folder / f"device.{kind}").symlink_to("/dev/zero")
        (folder / f"loop.{kind}").symlink_to(folder / f"loop.{kind}")
        (folder / f"nowhere.{kind}").symlink_to(folder / "nothing")
    return folder


def test_hostile_files_are_refused_in_one_line_soon_and_in_little_memory(folder: Path) -> None:
    files = sorted(folder.iterdir())
    outcomes = run_each(["evaluate"], files)
    for name, outcome in outcomes.items():
        assert outcome.status == 1, name
        assert outcome.out == "", name
        assert outcome.err.startswith(f"briefbench: error: {folder / name}"), name
        assert outcome.err.count("\n") == 1, name
        assert outcome.err[:-1].isprintable(), name
        assert len(outcome.err) < 700, name
        assert "Traceback" not in outcome.err, name
        assert outcome.seconds < SECONDS, (name, outcome)
        assert outcome.peak < MEGABYTES, (name, outcome)
    assert "larger than the 19,856,000 bytes" in outcomes["gigabytes.csv"].err
    assert "unpacks to more than 19,856,000 bytes" in outcomes["page-bomb.parquet"].err


def test_a_socket_is_refused_without_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket may have about a hundred characters only
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("mine.csv")
        with pytest.raises(InputError, match=r"mine\.csv: not a regular file"):
            read_predictions("mine.csv", REFERENCE)


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: Path, *arguments: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    path = tmp_path / "mine.csv"
    path.write_bytes(b"bullet_id,stance\n")
    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(InputError, match=r"mine\.csv: cannot be read: Permission denied"):
        read_predictions(path, REFERENCE)


def test_the_command_itself_neither_crashes_nor_waits(tmp_path: Path) -> None:
    """One run as a user runs it: a line of JSON that once crashed the reader, and a pipe that nobody writes to."""
    (tmp_path / "null.jsonl").write_text("null\nnull\n")
    os.mkfifo(tmp_path / "pipe.csv")
    for name, words in (("null.jsonl", "line 1: not a JSON object"), ("pipe.csv", "not a regular file")):
        command = [sys.executable, "-m", "briefbench", "evaluate", str(tmp_path / name)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith(f"briefbench: error: {tmp_path / name}: {words}")
        assert done.stderr.count("\n") == 1


def encoded(kind: str, rows: list[Row]) -> bytes:
    """Return rows in a format; Parquet with checksums of its pages."""
    if kind != "parquet":
        return ENCODERS[kind](rows)
    stream = io.BytesIO()
    pq.write_table(as_table(rows), stream, compression="zstd", write_page_checksum=True)
    return stream.getvalue()


def mutated(content: bytes, seed: int) -> bytes:
    """Return a file with one to three bytes changed, added or lost; in Parquet mostly at the end, in the footer."""
    random, changed = seeded(seed), bytearray(content)
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(changed))
        if content.startswith(b"PAR1") and random.random() < 0.6:
            at = max(0, len(changed) - 1 - int(random.expovariate(4 / len(changed))))
        changes: list[Callable[[], object]] = [
            lambda at=at: changed.__setitem__(at, changed[at] ^ 1 << random.randrange(8)),
            lambda at=at: changed.__setitem__(at, random.choice([0, 1, 127, 128, 255])),
            lambda at=at: changed.insert(at, random.randrange(256)),
            lambda at=at: changed.pop(at),
        ]
        random.choices(changes, [5, 3, 1, 1])[0]()
    return bytes(changed)


def outcome_of(folder: Path, kind: str, content: bytes) -> Predictions | None:
    try:
        return read(folder, kind, content)
    except (PredictionError, InputError) as error:
        message = str(error)
    assert message.isprintable()
    assert len(message) < len(str(folder)) + 500
    return None


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_of_labels_is_refused_or_means_what_it_meant(tmp_path: Path, kind: str) -> None:
    content = encoded(kind, rows_of(HEADER, GOOD))
    digest = read(tmp_path, kind, content).digest()
    found = [outcome_of(tmp_path, kind, mutated(content, seed)) for seed in range(500)]
    assert {one.digest() for one in found if one is not None} <= {digest}
    assert found.count(None) > 100


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_of_everything_is_refused_or_read_whole(tmp_path: Path, kind: str) -> None:
    """A changed digit may make other predictions, but never half of them, or a crash."""
    for seed in range(60):
        rows = random_rows(seeded(seed), REFERENCE)
        content = encoded(kind, rows)
        whole = read(tmp_path, kind, content)
        for change in range(5):
            found = outcome_of(tmp_path, kind, mutated(content, 1000 * seed + change))
            if found is not None:
                assert list(found.labels) == list(whole.labels)
                assert list(found.probabilities) == list(whole.probabilities)
                assert all((codes >= 0).all() for codes in found.labels.values())
