"""People at Label Studio's page, in a real browser: what they click, press, mark, skip and change a pull writes."""

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from briefbench.annotation.label_config import KEYS
from briefbench.annotation.votes import ADJUDICATION_COLUMNS, VOTE_COLUMNS
from briefbench.dataset.records import Bullet, bullet_id, encode_bullets
from briefbench.schema import SOURCE_TYPE, STANCE, TASKS, TOPIC, UNATTRIBUTED
from browser_support import chromium
from labelling_support import Labelling
from studio_support import Desk, Server
from tests_support import ROOT, csv_text

pytestmark = pytest.mark.browser

OTHERS = "Which other source types"
# A letter with an accent of its own (no single character has both) and one beyond the BMP stand before the phrase.
MAYOR = "the mayor of Ки́їв-Polye 🚜, Zoë Ågren"
TEXTS = (
    f"Three drones hit a depot 🚚 by the river port, {MAYOR}, told the Polye Courier; no one was hurt.",
    "Envoys of two governments met in Arle and parted without a word.",
    'A spokesman for the port <img src=x onerror="window.harmed=1"><b>said</b> that 1 < 2 && "grain" would leave.',
    "A choir from Dorn sang for evacuees in the old station hall.",
    "Gunners held the ridge above Velm, the general staff said.",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def desk(server: Server, tmp_path: Path) -> Desk:
    """Five bullets, in the order of `TEXTS`, and the codebook, in a folder that uses the server."""
    (tmp_path / "annotation" / "votes").mkdir(parents=True)
    bullets = []
    for day, text in enumerate(TEXTS, 1):
        date = dt.date(2024, 3, day)
        place = {"publisher": "River Post", "url": f"https://example.org/{day}", "published": date}
        kind = {"section": "Key developments", "provenance": "open", "batch": "b1"}
        bullets.append(Bullet(id=bullet_id(date, text), date=date, text=text, **place, **kind))
    (tmp_path / "annotation" / "bullets.jsonl").write_bytes(encode_bullets(bullets))
    codebook = (ROOT / "annotation" / "guidelines.md").read_bytes()
    (tmp_path / "annotation" / "guidelines.md").write_bytes(codebook)
    return Desk(tmp_path, server)


def invited(browser: Browser, desk: Desk, name: str, *push: str) -> Labelling:
    """Return the page of a new annotator, who has logged in."""
    desk.run("init", name)
    desk.run("invite", name)
    desk.run("push", name, "--order", "file", *push)
    return Labelling.log_in(browser, desk, name)


def cells(path: Path, columns: tuple[str, ...]) -> list[list[str]]:
    """Return the cells of some columns of a file."""
    with path.open(encoding="utf-8", newline="") as file:
        return [[row[column] for column in columns] for row in csv.DictReader(file)]


def span(text: str, phrase: str) -> list[str]:
    return [str(text.index(phrase)), str(text.index(phrase) + len(phrase))]


def test_what_a_person_clicks_presses_marks_skips_and_changes_is_what_a_pull_writes(
    browser: Browser, desk: Desk
) -> None:
    bullets = desk.bullets
    began = dt.datetime.now(dt.UTC).replace(microsecond=0)
    at = invited(browser, desk, "Person")
    codebook = at.start()
    assert "1. topic: what the news is (exactly one)" in codebook
    assert "fighting between forces on land, river or sea in Ukraine" in codebook

    at.shows(bullets[0])
    at.choose(TOPIC.question, "strikes")
    at.choose(STANCE.question, "pro_ukraine")
    at.choose(STANCE.question, "neutral")
    at.choose(SOURCE_TYPE.question, "ukrainian_official")
    at.choose(OTHERS, "news_media")
    at.mark(MAYOR)
    at.submit()
    at.shows(bullets[1])
    at.press("5", "f", "l", "Shift+t", "Shift+k")
    at.page.keyboard.press("Control+Enter")
    at.shows(bullets[2])
    at.press("6", "a", "k")
    at.mark("A spokesman for the port")
    at.submit()
    at.shows(bullets[3])
    at.skip()
    at.shows(bullets[4])
    assert "Person: 3 votes, 1 skipped, 0 edited" in desk.run("pull", "Person")

    at.back()
    at.shows(bullets[3])
    at.back()
    at.shows(bullets[2])
    assert at.chosen == ["economy", "pro_ukraine", "private_party"]
    at.choose(STANCE.question, "mixed")
    at.update()
    at.close()
    assert "Person: 3 votes, 1 skipped, 1 edited" in desk.run("pull", "Person")

    answers = [
        ["strikes", "neutral", "ukrainian_official", "news_media", *span(TEXTS[0], MAYOR), "1"],
        ["diplomacy", "neutral", UNATTRIBUTED, "western_official;private_party", "", "", "1"],
        ["economy", "pro_ukraine", "private_party", "", "0", "24", "1"],
        ["economy", "mixed", "private_party", "", "0", "24", "2"],
        ["", "", "", "", "", "", "1"],
    ]
    rows = [[bullets[i].id, *answer] for i, answer in zip((0, 1, 2, 2, 3), answers, strict=True)]
    assert cells(desk.votes("Person"), VOTE_COLUMNS[:-1]) == [rows[0], rows[1], rows[3], rows[4]]
    history = desk.annotation / "history" / "Person.csv"
    manual = "topic:manual;stance:manual;source_type:manual"
    assert cells(history, (*VOTE_COLUMNS[:-1], "origins")) == [[*row, manual] for row in rows[:4]] + [[*rows[4], ""]]
    for made, updated, lead in cells(history, ("created_at", "updated_at", "lead_time")):
        assert began <= dt.datetime.fromisoformat(made) <= dt.datetime.fromisoformat(updated) <= dt.datetime.now(dt.UTC)
        assert 0 < float(lead) <= (dt.datetime.now(dt.UTC) - began).total_seconds()


def test_every_hot_key_chooses_its_label_and_does_nothing_else(browser: Browser, desk: Desk) -> None:
    at = invited(browser, desk, "Keyed")
    at.start()
    at.mark(MAYOR)
    at.marked.first.click()
    nothing = at.page.get_by_text("View region details")  # what the panel shows unless a phrase is selected
    expect(nothing).to_be_hidden()
    chosen: list[str] = []
    for task in TASKS:
        for key, label in zip(KEYS[task.name], task.names, strict=True):
            at.press(key)
            assert at.chosen == [*chosen, label]
        chosen = at.chosen
    for key, label in zip(KEYS[SOURCE_TYPE.name], SOURCE_TYPE.names, strict=True):
        if label != UNATTRIBUTED:
            at.press(f"Shift+{key}")
            chosen.append(label)
            assert at.chosen == chosen
    expect(nothing).to_be_hidden()
    expect(at.marked).to_have_text(MAYOR)
    at.close()


def test_definitions_are_at_hand_and_the_text_stays_in_sight(browser: Browser, desk: Desk) -> None:
    at = invited(browser, desk, "Reader")
    at.start()
    at.shows(desk.bullets[0])
    name = at.page.locator(".bb-ask b", has_text="information")
    name.hover()
    expect(at.page.get_by_text("Not: intelligence about the front (combat)").last).to_be_visible()
    at.page.locator("input[name=private_party]").last.scroll_into_view_if_needed()
    expect(at.line).to_be_in_viewport(ratio=1)
    size, smaller = (
        at.page.locator(which).first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
        for which in (".bb-top .lsf-richtext__container", ".bb-ask b")
    )
    assert size > smaller
    at.close()


def test_a_drag_that_begins_beside_the_text_marks_nothing_and_leaves_the_page_alive(
    browser: Browser, desk: Desk
) -> None:
    at = invited(browser, desk, "Astray")
    at.start()
    at.shows(desk.bullets[0])
    at.page.keyboard.press("m")
    at.page.locator(".lsf-label_selected").wait_for()
    at.drag((1100, 300), at.edges("drones")[:2])
    assert at.marked.count() == 0
    left, top, right, bottom = at.edges("one was")
    at.drag((left + 1, top), (right - 1, bottom))  # the page still answers
    expect(at.marked).to_have_text("one was")
    at.close()


def test_a_hidden_suggestion_is_nowhere_in_the_stream_of_tasks(browser: Browser, desk: Desk) -> None:
    at = invited(browser, desk, "Unled", "--suggest")
    at.start()
    at.shows(desk.bullets[0])
    assert at.suggestions == 0
    assert at.chosen == []
    at.choose(TOPIC.question, "strikes")
    at.press("f", "e")
    at.mark(MAYOR)
    at.submit()
    at.shows(desk.bullets[1])
    assert at.chosen == []
    at.close()
    desk.run("pull", "Unled")
    manual = "topic:manual;stance:manual;source_type:manual"
    assert cells(desk.annotation / "history" / "Unled.csv", ("origins",)) == [[manual]]


def test_a_shown_suggestion_is_chosen_already_and_history_says_what_became_of_it(browser: Browser, desk: Desk) -> None:
    at = invited(browser, desk, "Led", "--suggest", "--show-suggestions")
    at.start()
    at.shows(desk.bullets[0])
    assert at.suggestions == 1
    kept = at.chosen
    at.mark(MAYOR)
    at.submit()
    at.shows(desk.bullets[1])
    topic, stance, source_type = at.chosen
    other = next(name for name in TOPIC.names if name != topic)
    at.choose(TOPIC.question, other)
    # A label that was left and taken again counts as changed too: Label Studio says what was touched, not what differs.
    at.choose(STANCE.question, next(name for name in STANCE.names if name != stance))
    at.choose(STANCE.question, stance)
    if source_type != UNATTRIBUTED:
        at.mark("Envoys")
    at.submit()
    at.shows(desk.bullets[2])
    at.skip()
    at.shows(desk.bullets[3])
    at.close()
    desk.run("pull", "Led")
    assert cells(desk.annotation / "history" / "Led.csv", ("topic", "stance", "source_type", "origins"))[:2] == [
        [*kept, "topic:prediction;stance:prediction;source_type:prediction"],
        [other, stance, source_type, "topic:prediction-changed;stance:prediction-changed;source_type:prediction"],
    ]
    (row,) = [line.split() for line in desk.run("status", "Led").splitlines() if " of " in line and "Led" in line]
    assert " ".join(row) == "Led shown 1 of 2 2 of 2 2 of 2"  # a skipped bullet has no vote


def test_an_adjudicator_decides_in_the_browser_and_sees_no_names(browser: Browser, desk: Desk) -> None:
    bullet = desk.bullets[0]
    for name, stance in (("V1", "neutral"), ("V2", "pro_ukraine"), ("V3", "neutral")):
        vote = [bullet.id, "strikes", stance, "ukrainian_official", "", *span(bullet.text, MAYOR), "1", "2026-01-02"]
        desk.votes(name).write_text(csv_text(VOTE_COLUMNS, [vote]), encoding="utf-8")
    people = "annotator,kind,model,instructions,counts_toward_gold,note\n"
    people += "".join(f"{name},human,,guidelines,true,\n" for name in ("V1", "V2", "V3"))
    (desk.annotation / "annotators.csv").write_text(people, encoding="utf-8")
    assert "Judge: 1 dispute added" in desk.run("adjudicate", "Judge")
    desk.run("invite", "Judge")
    at = Labelling.log_in(browser, desk, "Judge", decisions=True)
    at.start()
    at.shows(bullet)
    asked = at.page.locator(".bb-ask").first.inner_text()
    assert STANCE.question in asked
    assert "neutral: 2 votes" in asked
    assert "pro_ukraine: 1 vote" in asked
    assert not any(name in at.page.locator("body").inner_text() for name in ("V1", "V2", "V3"))
    at.press(KEYS["stance"][3])
    assert at.chosen == ["neutral"]
    at.page.locator("textarea").fill("It names an attack and calls it nothing, as the mayor does.")
    assert at.chosen == ["neutral"]
    at.submit()
    at.close()
    assert "Judge: 1 decision, 0 disputes left" in desk.run("adjudicate", "Judge", "--pull")
    assert cells(desk.annotation / "adjudication.csv", ADJUDICATION_COLUMNS) == [
        [bullet.id, "stance", "neutral", "It names an attack and calls it nothing, as the mayor does.", "Judge"]
    ]
