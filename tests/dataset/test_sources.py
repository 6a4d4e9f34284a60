"""The one door to the sources: what may not be released, or has no gold, does not pass."""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from briefbench.annotation.votes import ADJUDICATION_COLUMNS
from briefbench.dataset.records import Bullet, bullet_id, encode_bullets
from briefbench.dataset.sources import Sources, read_sources
from briefbench.errors import BriefbenchError, GoldError, InputError, RecordError
from tests_support import ROOT, SmallProject, csv_text


def edit(path: Path, change: Callable[[str], str]) -> None:
    old = path.read_text(encoding="utf-8")
    new = change(old)
    assert new != old
    path.write_text(new, encoding="utf-8")


def test_a_project_is_read_whole(small_project: SmallProject) -> None:
    found = read_sources(small_project.annotation)
    assert found.bullets == small_project.bullets
    assert list(found.gold) == [bullet.id for bullet in small_project.bullets]
    assert set(found.units.outlets) == {f"outlet{i}" for i in range(10)}
    assert found.units.pages == [(bullet.url or "").removeprefix("https://") for bullet in small_project.bullets]


def test_a_publishers_own_text_is_never_released(small_project: SmallProject) -> None:
    bullets = list(small_project.bullets)
    bullets[7] = msgspec.structs.replace(bullets[7], provenance="standoff")
    (small_project.annotation / "bullets.jsonl").write_bytes(encode_bullets(bullets))
    with pytest.raises(RecordError, match=rf"bullets\.jsonl, bullet {bullets[7].id}: its provenance is standoff"):
        read_sources(small_project.annotation)


def test_a_bullet_without_a_day_is_refused(small_project: SmallProject) -> None:
    text = "A glider landed on the frozen lake."
    undated = Bullet(id=bullet_id(None, text), date=None, section="Key", text=text, provenance="open")
    (small_project.annotation / "bullets.jsonl").write_bytes(encode_bullets([*small_project.bullets, undated]))
    with pytest.raises(RecordError, match=rf"bullet {undated.id}: no date"):
        read_sources(small_project.annotation)


def test_an_edited_text_is_noticed(small_project: SmallProject) -> None:
    edit(small_project.annotation / "bullets.jsonl", lambda text: text.replace("trench", "bridge", 1))
    with pytest.raises(RecordError, match="the id should be"):
        read_sources(small_project.annotation)


@pytest.mark.parametrize(
    "name", ["bullets.jsonl", "annotators.csv", "adjudication.csv", "votes/P1.csv"], ids=lambda name: name
)
def test_a_missing_source_is_named(small_project: SmallProject, name: str) -> None:
    (small_project.annotation / name).unlink()
    if name == "votes/P1.csv":
        (small_project.annotation / "votes" / "P2.csv").unlink()
    with pytest.raises(InputError, match=name.partition("/")[0]):
        read_sources(small_project.annotation)


def test_an_unlabelled_bullet_is_refused_or_left_out_everywhere(small_project: SmallProject) -> None:
    first = small_project.bullets[0]
    for name in ("P1", "P2"):
        edit(small_project.annotation / "votes" / f"{name}.csv", lambda text: re.sub(rf"{first.id}.*\n", "", text))
    with pytest.raises(GoldError, match=rf"1 bullet \({first.id}\) without a counted vote"):
        read_sources(small_project.annotation)
    found = read_sources(small_project.annotation, skip_unlabelled=True)
    assert found.bullets == small_project.bullets[1:]
    assert first.id not in found.gold
    assert len(found.units.dates) == len(found.units.outlets) == len(found.units.labels["topic"]) == 59


def test_a_vote_of_an_annotator_who_does_not_count_labels_nothing(small_project: SmallProject) -> None:
    first = small_project.bullets[0]
    edit(small_project.annotation / "votes" / "P1.csv", lambda text: re.sub(rf"{first.id}.*\n", "", text))
    edit(
        small_project.annotation / "annotators.csv",
        lambda text: text.replace("P2,human,,guidelines,true", "P2,human,,guidelines,false"),
    )
    with pytest.raises(GoldError, match=first.id):
        read_sources(small_project.annotation)


def test_annotators_who_differ_need_a_decision_which_is_then_the_gold(small_project: SmallProject) -> None:
    bullet = next(b for b in small_project.bullets if b.text.startswith("Ministers"))
    edit(
        small_project.annotation / "votes" / "P2.csv",
        lambda text: re.sub(rf"({bullet.id},economy),pro_ukraine", r"\1,neutral", text),
    )
    with pytest.raises(GoldError, match=rf"{bullet.id} \(stance: tie between pro_ukraine and neutral"):
        read_sources(small_project.annotation)
    row = [bullet.id, "stance", "neutral", "nobody is praised", "X9"]
    (small_project.annotation / "adjudication.csv").write_text(csv_text(ADJUDICATION_COLUMNS, [row]), encoding="utf-8")
    with pytest.raises(RecordError, match=r"adjudication\.csv: adjudicator 'X9' is not in annotators\.csv"):
        read_sources(small_project.annotation)
    edit(
        small_project.annotation / "adjudication.csv",
        lambda text: text.replace("X9", "P1"),
    )
    gold = read_sources(small_project.annotation).gold[bullet.id]
    assert gold.labels["stance"] == "neutral"
    assert gold.soft["stance"] == (0.5, 0.0, 0.0, 0.5)


@pytest.mark.parametrize("name", ["bullets.jsonl", "annotators.csv", "adjudication.csv", "votes/P1.csv", "outlets.csv"])
@pytest.mark.parametrize("spoil", [b"", b"\xff\xfe\x00", b'"', b"\x00" * 64, b"{}\n", b"a,b\n1\n"])
def test_a_spoiled_source_is_an_error_in_one_line_and_never_a_traceback(
    small_project: SmallProject, name: str, spoil: bytes
) -> None:
    (small_project.annotation / name).write_bytes(spoil)
    with pytest.raises(BriefbenchError, match=re.escape(name)) as caught:
        read_sources(small_project.annotation)
    assert "\n" not in str(caught.value)


def test_aliases_join_outlets_and_may_be_missing(small_project: SmallProject) -> None:
    (small_project.annotation / "outlets.csv").write_text("publisher,outlet\nOutlet 1,Outlet 2\n", encoding="utf-8")
    outlets = set(read_sources(small_project.annotation).units.outlets)
    assert outlets == {f"outlet{i}" for i in range(10) if i != 1}


def test_every_dispute_of_the_corpus_is_adjudicated_and_nothing_else(sources: Sources) -> None:
    for decided in sources.gold.values():
        assert tuple(a.task for a in decided.adjudications) == decided.disputed


def test_no_text_of_the_corpus_stands_twice(sources: Sources) -> None:
    texts = [bullet.text.casefold() for bullet in sources.bullets]
    assert len(set(texts)) == len(texts)
    assert {bullet.provenance for bullet in sources.bullets} == {"open"}
    assert all(isinstance(bullet.date, dt.date) for bullet in sources.bullets)


def test_the_standoff_article_is_not_among_the_released_bullets(sources: Sources) -> None:
    article = "washingtonpost.com/world/2023/05/24/"
    assert article in (ROOT / "annotation" / "README.md").read_text(encoding="utf-8")
    assert not [bullet.id for bullet in sources.bullets if article in (bullet.url or "")]


def test_a_project_whose_annotators_all_do_not_count_is_refused(small_project: SmallProject) -> None:
    edit(small_project.annotation / "annotators.csv", lambda text: text.replace("true", "false"))
    with pytest.raises(GoldError, match="no annotator with votes counts toward the gold"):
        read_sources(small_project.annotation, skip_unlabelled=True)
