"""The release: the same sources give the same bytes, and a release that was touched does not verify."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from briefbench.dataset.release import (
    CHECKSUMS,
    FILES,
    TABLES,
    Release,
    build,
    parquet_bytes,
    read_checksums,
    verify,
    write,
)
from briefbench.errors import ChecksumError, GoldError, InputError, LeakageError, ReleaseError
from briefbench.files import sha256
from tests_support import SmallProject

BUILD = """
import sys
from pathlib import Path
from briefbench.dataset.release import build, write
write(build(Path(sys.argv[1]), min_test_class=2), Path(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SmallProject:
    return SmallProject.write(tmp_path_factory.mktemp("release") / "project")


@pytest.fixture(scope="module")
def built(project: SmallProject) -> Release:
    return build(project.annotation, min_test_class=2)


@pytest.fixture
def folder(built: Release, tmp_path: Path) -> Path:
    write(built, tmp_path / "dataset")
    return tmp_path / "dataset"


def everything_below(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def spoil_checksums(folder: Path, change: object) -> None:
    (folder / CHECKSUMS).write_text(json.dumps(change), encoding="utf-8")


def checksums(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / CHECKSUMS).read_text(encoding="utf-8"))
    return found


def refusal(folder: Path, rebuilt: Release | None = None, error: type[Exception] = ReleaseError) -> str:
    with pytest.raises(error) as caught:
        verify(folder, rebuilt)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_building_twice_gives_the_same_bytes(project: SmallProject, built: Release) -> None:
    assert build(project.annotation, min_test_class=2).files == built.files


@pytest.mark.parametrize("seed", ["1", "4242"])
def test_another_process_with_another_hash_seed_gives_the_same_bytes(
    project: SmallProject, built: Release, tmp_path: Path, seed: str
) -> None:
    environment = os.environ | {"PYTHONHASHSEED": seed, "HF_HUB_OFFLINE": "1", "TZ": "Pacific/Auckland"}
    command = [sys.executable, "-c", BUILD, str(project.annotation), str(tmp_path / "out")]
    subprocess.run(command, check=True, env=environment, cwd=tmp_path, capture_output=True)
    assert everything_below(tmp_path / "out") == built.files


def test_the_files_of_a_release_are_the_listed_ones(built: Release, folder: Path) -> None:
    assert set(everything_below(folder)) == {*FILES, CHECKSUMS}
    assert len(TABLES) == 15
    sums = read_checksums(folder)
    assert set(sums.files) == set(FILES)
    for name, known in sums.files.items():
        assert (known.sha256, known.bytes) == (sha256(built.files[name]), len(built.files[name]))
        assert (known.content is None) == (known.rows is None) == (name not in TABLES)
    assert sums.data == sha256("".join(f"{name} {sums.files[name].content}\n" for name in TABLES).encode())


def test_a_fresh_release_verifies(folder: Path, built: Release) -> None:
    for rebuilt in (None, built):
        found = verify(folder, rebuilt)
        assert (found.files, found.data, found.rewritten) == (len(FILES), built.data, ())


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_byte_is_noticed_and_the_file_named(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    message = refusal(folder, error=ChecksumError)
    assert name in message
    assert sha256(bytes(data))[:12] in message


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_noticed_and_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert f"{name}: missing from the release" in refusal(folder)


@pytest.mark.parametrize("name", ["data/default/train-2.parquet", "data/notes.txt", "data/new/test.parquet", "data/.x"])
def test_an_extra_file_that_loaders_might_read_is_noticed(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    shutil.copy(folder / TABLES[0], folder / name)
    assert f"{name} does not belong to the release" in refusal(folder)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"data": "x"}', b'{"data": 1, "files": {}}', b'{"data": "x", "files": []}', b"\x00"],
)
def test_malformed_checksums_are_refused(folder: Path, content: bytes) -> None:
    (folder / CHECKSUMS).write_bytes(content)
    assert f"{CHECKSUMS}: malformed: " in refusal(folder)


def test_unknown_keys_in_checksums_are_refused(folder: Path) -> None:
    spoil_checksums(folder, checksums(folder) | {"note": "x"})
    assert "unknown field `note`" in refusal(folder)


def test_missing_checksums_mean_no_release(folder: Path, tmp_path: Path) -> None:
    (folder / CHECKSUMS).unlink()
    assert f"no release here ({CHECKSUMS} is missing)" in refusal(folder)
    assert "no release here" in refusal(tmp_path / "absent")


@pytest.mark.parametrize("name", FILES)
def test_checksums_that_leave_a_file_out_are_refused(folder: Path, name: str) -> None:
    known = checksums(folder)
    spoil_checksums(folder, known | {"files": {key: v for key, v in known["files"].items() if key != name}})  # type: ignore[attr-defined]
    assert f"says nothing of {name}" in refusal(folder)


def test_a_forged_hash_of_the_data_is_refused_even_without_the_sources(folder: Path, built: Release) -> None:
    spoil_checksums(folder, checksums(folder) | {"data": "0" * 64})
    for rebuilt in (None, built):
        assert f"{CHECKSUMS}: the data's hash is not that of the tables" in refusal(folder, rebuilt, ChecksumError)


def test_forged_digests_of_content_are_refused(folder: Path) -> None:
    known = checksums(folder)
    known["files"][TABLES[0]]["content"] = "0" * 64  # type: ignore[index]
    spoil_checksums(folder, known)
    assert "the data's hash is not that of the tables" in refusal(folder, error=ChecksumError)


def test_what_goes_with_a_release_is_written_with_it_or_not_at_all(folder: Path, built: Release) -> None:
    (folder / "README.md").write_bytes(b"older")
    page = folder.parent / "page.md"
    with pytest.raises(InputError, match="cannot be written"):
        write(built, folder, {page: b"new", folder / "README.md" / "inner": b""})
    assert not page.exists()
    assert (folder / "README.md").read_bytes() == b"older"
    write(built, folder, {page: b"new"})
    assert page.read_bytes() == b"new"
    assert everything_below(folder) == built.files


@pytest.mark.parametrize("name", ["../../x", "/x", "data/../../x"])
def test_a_name_in_the_checksums_reaches_no_file_outside(folder: Path, built: Release, name: str) -> None:
    outside = folder.parent / "x"
    outside.mkdir()  # reading or writing it as a file would fail
    known = checksums(folder)
    spoil_checksums(folder, known | {"files": known["files"] | {name: {"sha256": "0" * 64, "bytes": 1}}})  # type: ignore[operator]
    before = sorted(folder.parent.parent.iterdir())
    assert verify(folder).files == len(FILES)
    write(built, folder)
    assert list(outside.iterdir()) == []
    assert sorted(folder.parent.parent.iterdir()) == before
    assert set(read_checksums(folder).files) == set(FILES)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("votes/P1.csv", "2026-01-02", "2026-01-03"),
        ("votes/P2.csv", "unattributed,,", "unattributed,news_media,"),
        ("annotators.csv", "P2,human,", "P2,model,"),
        ("bullets.jsonl", "https://example.org/59", "https://example.org/60"),
    ],
)
def test_one_edit_of_a_source_after_the_build_is_noticed(
    folder: Path, small_project: SmallProject, name: str, old: str, new: str
) -> None:
    assert verify(folder, build(small_project.annotation, min_test_class=2)).rewritten == ()
    path = small_project.annotation / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    message = refusal(folder, build(small_project.annotation, min_test_class=2))
    assert "differs from what its sources give; run briefbench release build" in message


def test_an_edited_card_is_noticed_even_with_mended_checksums(folder: Path, built: Release) -> None:
    card = built.files["README.md"] + b"Every label was checked by hand.\n"
    (folder / "README.md").write_bytes(card)
    sums = read_checksums(folder)
    mended = msgspec.structs.replace(sums.files["README.md"], sha256=sha256(card), bytes=len(card))
    files = sums.files | {"README.md": mended}
    (folder / CHECKSUMS).write_bytes(msgspec.json.encode(msgspec.structs.replace(sums, files=files)))
    assert verify(folder).files == len(FILES)
    assert "README.md: differs from what its sources give" in refusal(folder, built)


def test_a_release_is_not_written_over_somebodys_files(built: Release, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    with pytest.raises(ReleaseError, match="has files but is no sound release"):
        write(built, tmp_path)
    assert everything_below(tmp_path) == {"README.md": b"mine"}
    with pytest.raises(ReleaseError, match="not a folder"):
        write(built, tmp_path / "README.md")
    with pytest.raises(InputError, match="cannot be written"):
        write(built, tmp_path / "README.md" / "inner")
    assert everything_below(tmp_path) == {"README.md": b"mine"}


def test_an_older_release_is_replaced_as_a_whole(built: Release, folder: Path) -> None:
    for name in FILES:
        (folder / name).write_bytes(b"older")
    write(built, folder)
    assert everything_below(folder) == built.files


def test_a_write_that_fails_leaves_the_older_release(built: Release, folder: Path) -> None:
    shutil.rmtree(folder / "data" / "votes")
    (folder / "data" / "votes").write_bytes(b"a file in the way")
    (folder / "README.md").write_bytes(b"older")
    before = everything_below(folder)
    with pytest.raises(InputError, match=r"data/votes/\w+\.parquet: cannot be written"):
        write(built, folder)
    assert everything_below(folder) == before


def test_sources_without_a_release_write_nothing(small_project: SmallProject) -> None:
    before = everything_below(small_project.root)
    with pytest.raises(LeakageError, match="--min-test-class"):
        build(small_project.annotation, min_test_class=50)
    (small_project.annotation / "votes" / "P2.csv").unlink()
    votes = small_project.annotation / "votes" / "P1.csv"
    votes.write_text("\n".join(votes.read_text("utf-8").splitlines()[:-1]) + "\n", encoding="utf-8")
    with pytest.raises(GoldError, match="without a counted vote"):
        build(small_project.annotation, min_test_class=2)
    assert set(everything_below(small_project.root)) == set(before) - {"annotation/votes/P2.csv"}


def test_a_forged_table_is_noticed_even_when_its_file_checksum_is_mended(built: Release, folder: Path) -> None:
    name = "data/stance/test.parquet"
    table = pq.read_table(folder / name)
    forged = parquet_bytes(table.set_column(2, table.schema.field("label"), pa.array([0] * len(table))))
    (folder / name).write_bytes(forged)
    sums = msgspec.json.decode((folder / CHECKSUMS).read_bytes())
    sums["files"][name] |= {"sha256": sha256(forged), "bytes": len(forged)}
    (folder / CHECKSUMS).write_bytes(msgspec.json.encode(sums))
    for rebuilt in (None, built):
        with pytest.raises(ChecksumError, match=r"stance/test\.parquet: its rows are not those"):
            verify(folder, rebuilt)


def test_bytes_of_another_writer_pass_when_the_rows_are_the_same(built: Release, folder: Path) -> None:
    name = "data/votes/test.parquet"
    pq.write_table(pq.read_table(folder / name), folder / name, compression="snappy")
    data = (folder / name).read_bytes()
    sums = msgspec.json.decode((folder / CHECKSUMS).read_bytes())
    sums["files"][name] |= {"sha256": sha256(data), "bytes": len(data)}
    (folder / CHECKSUMS).write_bytes(msgspec.json.encode(sums))
    assert verify(folder, built).rewritten == (name,)


def test_checksums_that_are_not_text_are_refused(folder: Path) -> None:
    (folder / CHECKSUMS).write_bytes(b'{"data":"\xff"}')
    with pytest.raises(ReleaseError, match="malformed"):
        verify(folder)
