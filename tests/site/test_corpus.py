"""Reading a release for the website, and the sentence that says what its annotators are."""

import shutil
from pathlib import Path

import msgspec
import pytest

from briefbench.dataset.release import build, write
from briefbench.errors import ChecksumError, ReleaseError
from briefbench.files import sha256
from briefbench.site.corpus import annotators_sentence, read_corpus
from site_support import bullet, corpus, vote
from tests_support import SmallProject


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SmallProject:
    made = SmallProject.write(tmp_path_factory.mktemp("corpus") / "project")
    write(build(made.annotation, min_test_class=1), made.root / "dataset")
    return made


@pytest.fixture
def release(project: SmallProject, tmp_path: Path) -> Path:
    """A copy of a small release, which a test may spoil."""
    shutil.copytree(project.root / "dataset", tmp_path / "dataset")
    return tmp_path / "dataset"


def test_a_release_is_read_with_all_its_bullets_and_votes(project: SmallProject, release: Path) -> None:
    found = read_corpus(release)
    assert [row["bullet_id"] for row in found.bullets] == [bullet.id for bullet in project.bullets]
    assert len(found.votes) == 2 * len(found.bullets)
    assert found.facts.bullets == len(found.bullets)
    assert [one.kind for one in found.facts.agreement] == ["human"]
    assert annotators_sentence(found) == "P1 and P2 are people."


def test_a_changed_table_is_refused(release: Path) -> None:
    with (release / "data" / "votes" / "train.parquet").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(ChecksumError, match=r"votes/train\.parquet"):
        read_corpus(release)


def test_facts_that_are_none_are_refused_in_one_line(release: Path) -> None:
    (release / "stats.json").write_bytes(b"{}")
    sums = msgspec.json.decode((release / "checksums.json").read_bytes())
    sums["files"]["stats.json"] |= {"sha256": sha256(b"{}"), "bytes": 2}
    (release / "checksums.json").write_bytes(msgspec.json.encode(sums))
    with pytest.raises(ReleaseError, match=r"stats\.json: not the facts of a release") as refused:
        read_corpus(release)
    assert "\n" not in str(refused.value)


def test_annotators_are_never_taken_for_people() -> None:
    row = bullet(0)
    known = corpus([row], [vote(row, "A1"), vote(row, "A2"), vote(row, "H", annotator_kind="human")])
    assert annotators_sentence(known) == "A1 and A2 are passes of a language model, Parrot 1. H is a person."
    two = corpus([row], [vote(row, "A1"), vote(row, "A2", annotator_model="Parrot 2")])
    assert annotators_sentence(two) == "A1 and A2 are passes of language models, Parrot 1 and Parrot 2."
    one = corpus([row], [vote(row, "A1", annotator_model="")])
    assert annotators_sentence(one) == "A1 is a pass of a language model."
