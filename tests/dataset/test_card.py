"""The card: what the Hub configures and what a reader sees are the release's own facts, with its caveats."""

import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from briefbench.annotation.agreement import SELF_CONSISTENCY
from briefbench.dataset.card import CardText, read_card_text, render_card, render_counts, render_facts
from briefbench.dataset.leakage import Leakage
from briefbench.dataset.sources import Sources, read_sources
from briefbench.dataset.splits import assign
from briefbench.dataset.stats import Stats, compute
from briefbench.dataset.tables import CONFIGS, features
from briefbench.errors import RecordError
from briefbench.files import to_json
from briefbench.schema import PROTOCOLS, SPLITS, TASKS
from tests_support import ROOT, SmallProject

CARD = (ROOT / "dataset" / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def stats(sources: Sources) -> Stats:
    return compute(sources, assign(sources.units))


def header() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(CARD.split("---\n")[1])
    return found


def label_rows(text: str, task: str) -> list[list[str]]:
    section = text.split(f"### `{task}`")[1].split("\n#", maxsplit=1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\|.*$", section, re.M)][2:]


def test_the_committed_card_is_the_rendered_one(stats: Stats) -> None:
    assert render_card(stats, read_card_text(ROOT / "annotation" / "card.toml")) == CARD


def test_every_config_points_at_files_that_exist() -> None:
    configs = header()["configs"]
    assert [config["config_name"] for config in configs] == list(CONFIGS)
    assert [config["config_name"] for config in configs if config.get("default")] == ["default"]
    for config in configs:
        assert [entry["split"] for entry in config["data_files"]] == list(SPLITS)
        for entry in config["data_files"]:
            assert entry["path"] == f"data/{config['config_name']}/{entry['split']}.parquet"
            assert (ROOT / "dataset" / entry["path"]).is_file()


def test_the_label_tables_hold_exactly_the_labels_with_their_counts(sources: Sources) -> None:
    assert re.findall(r"^### `(\w+)`", CARD, re.M) == [task.name for task in TASKS]
    for task in TASKS:
        golds = [gold.labels[task.name] for gold in sources.gold.values()]
        assert label_rows(CARD, task.name) == [
            [f"`{label.name}`", label.definition, str(golds.count(label.name))] for label in task.labels
        ]


def test_the_sizes_on_the_card_are_the_sizes_of_the_parts(stats: Stats) -> None:
    for protocol in PROTOCOLS:
        (row,) = re.findall(rf"^\| {protocol} \|.*$", CARD, re.M)
        cells = [cell.strip().replace(",", "") for cell in row.strip("|").split("|")]
        found = stats.protocols[protocol]
        assert [int(cell) for cell in cells[1:5]] == [*(found.bullets[split] for split in SPLITS), found.left_out]
        assert sum(int(cell) for cell in cells[1:5]) == stats.bullets
        for name, cell in zip((field.name for field in fields(Leakage)), cells[6:], strict=True):
            promised = name in found.promised_zero
            assert cell == ("none" if promised else str(getattr(found.leakage, name)))
            assert getattr(found.leakage, name) == 0 or not promised


def test_the_card_says_that_no_human_has_labelled_and_that_the_text_is_machine_written() -> None:
    assert header()["annotations_creators"] == ["machine-generated"]
    words = " ".join(CARD.split())
    assert "No human has labelled the corpus yet." in words
    assert "written by a large language model" in words
    assert SELF_CONSISTENCY in CARD


def test_agreement_of_model_passes_never_stands_without_its_caveat(stats: Stats) -> None:
    for text in (render_card(stats, CardText()), render_counts(stats), render_facts(stats)):
        assert text.index(SELF_CONSISTENCY) < text.index("Krippendorff's alpha")


def test_another_teams_card_borrows_no_licence_and_no_origin(stats: Stats, tmp_path: Path) -> None:
    text = read_card_text(tmp_path / "card.toml")
    assert text == CardText()
    card = render_card(stats, text)
    assert yaml.safe_load(card.split("---\n")[1])["license"] == "unknown"
    assert "CC BY" not in card
    assert "Claude" not in card


@pytest.mark.parametrize(
    "content", [b'title = "x', b"title = 1", b'titel = "x"', b"[title]", b"=", b'title = "x"\ntitle = "y"']
)
def test_a_malformed_card_text_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "card.toml").write_bytes(content)
    with pytest.raises(RecordError, match=r"card\.toml: ") as caught:
        read_card_text(tmp_path / "card.toml")
    assert "\n" not in str(caught.value)


def test_agreement_of_people_is_not_called_self_consistency(stats: Stats) -> None:
    people = replace(stats, agreement=[replace(a, kind="human") for a in stats.agreement], agreement_note="")
    assert "self-consistency" not in render_facts(people)
    assert "Krippendorff" in render_facts(people)


def test_the_counts_of_the_datasheet_add_up(stats: Stats) -> None:
    text = render_counts(stats)
    for task in TASKS:
        rows = [
            [cell.strip().strip("`") for cell in line.strip("|").split("|")]
            for line in text.split(f"| {task.name} | all |")[1].split("\n\n")[0].splitlines()[2:]
        ]
        assert [row[0] for row in rows] == list(task.names)
        numbers = [[int(cell) for cell in row[1:]] for row in rows]
        assert sum(row[0] for row in numbers) == stats.bullets
        for number in numbers:
            assert sum(number[1:4]) == number[0] == sum(number[7:10])
            assert sum(number[4:7]) <= number[0]


def test_the_facts_name_every_annotators_kind(stats: Stats, sources: Sources) -> None:
    for name, votes in sources.votes.items():
        assert f"{name} {len(votes):,} ({sources.annotators[name].kind})" in render_facts(stats)


def test_every_column_of_the_default_config_is_explained_on_the_card() -> None:
    table = CARD.partition("The columns of `default`:")[2].partition("## Labels")[0]
    explained = re.findall(r"`(\w+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if "|" in line))
    assert sorted(explained) == sorted(features("default"))


def test_a_decision_on_votes_that_agree_is_counted_apart_and_explained(
    stats: Stats, small_project: SmallProject
) -> None:
    first, second = small_project.bullets[:2]
    path = small_project.annotation / "adjudication.csv"
    votes = {row.split(",")[0]: row.split(",")[1] for row in _rows(small_project.annotation / "votes" / "P1.csv")}
    rows = [
        f"{first.id},topic,nuclear,why,P1,{votes[first.id]}",
        f"{second.id},topic,{votes[second.id]},why,P1,{votes[second.id]}",
    ]
    path.write_text("\n".join([f"{path.read_text(encoding='utf-8').strip()},overrides", *rows, ""]), encoding="utf-8")
    sources = read_sources(small_project.annotation)
    found = compute(sources, assign(sources.units, min_test_class=0, protocols=["weeks"]))
    assert found.reviewed == {"topic": 2, "stance": 0, "source_type": 0}
    assert found.overruled == {"topic": 1, "stance": 0, "source_type": 0}
    assert found.adjudicated == found.disputed == {"topic": 0, "stance": 0, "source_type": 0}
    assert sources.gold[first.id].labels["topic"] == "nuclear"
    assert "on votes that agree" in render_card(found, CardText())
    assert "2 labels on which the votes agree were decided again, of which 1 became others" in render_facts(found)
    assert "| agreed topic, decided again: all, to another label | 2, 1 |" in render_counts(found)
    for text in (render_card(stats, CardText()), render_facts(stats), render_counts(stats), to_json(stats)):
        assert "agree were" not in text
        assert "decided again" not in text
        assert "reviewed" not in text


def _rows(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()[1:]
