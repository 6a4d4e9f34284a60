"""The website in a real browser, opened from disk: it stays harmless, fits a phone, needs no mouse, and keeps links."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from briefbench.schema import SOURCE_TYPE, TOPIC
from briefbench.site.pages import render_pages
from browser_support import FAINT_TEXTS, OPEN_ALL, PAST_THE_EDGE, PHONE, Watched, chromium, tab_to, written
from site_support import HOSTILE, board, bullet, corpus, hostile_world, reference, vote

pytestmark = pytest.mark.browser

ROWS = [bullet(i) for i in range(120)]
BOARD = board(reference(corpus(ROWS).bullets))

Opened = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    votes = [vote(row, name) for row in ROWS for name in ("A1", "A2")] + [vote(ROWS[5], "A3", stance=2)]
    return written(tmp_path_factory.mktemp("site"), render_pages(BOARD, corpus(ROWS, votes)))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("hostile"), render_pages(*hostile_world()))


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """Open pages, and see at the end that each of them was quiet and asked for nothing."""
    pages: list[Watched] = []

    def open_page(path: Path, fragment: str = "", **options: object) -> Page:
        pages.append(Watched.open(browser, path, fragment, **options))
        return pages[-1].page

    yield open_page
    for page in pages:
        page.close()


def test_each_page_is_one_request_for_one_file(browser: Browser, site: Path) -> None:
    for name in ("index.html", "explorer.html"):
        watched = Watched.open(browser, site / name)
        watched.page.evaluate("() => new Promise((done) => setTimeout(done, 150))")
        assert watched.requests == [(site / name).as_uri()]
        watched.close()


def test_a_hostile_board_is_text(opened: Opened, hostile: Path) -> None:
    page = opened(hostile / "index.html")
    page.evaluate(OPEN_ALL)
    assert page.locator("img, script, iframe").count() == 0
    assert page.locator(".board .name bdi").all_text_contents()[1:-1] == list(HOSTILE)


def test_hostile_bullets_are_text(opened: Opened, hostile: Path) -> None:
    page = opened(hostile / "explorer.html")
    for i, words in enumerate(HOSTILE):
        page.evaluate("id => { location.hash = id; }", bullet(i)["bullet_id"])
        chosen = page.locator(".bullet.open")
        expect(chosen.locator(".id")).to_have_text(bullet(i)["bullet_id"])
        assert chosen.locator(".text").text_content() == f"\U0001d4d1 {words} reported it; {words}"
        assert chosen.locator(".phrase").text_content() == words
        assert chosen.locator(".facts dd").all_text_contents().count(words) >= 3
        assert f"reason {words}" in (chosen.locator(".reasons").first.text_content() or "")
        assert words in chosen.locator("th bdi").all_text_contents()
        addresses = [link.get_attribute("href") or "" for link in chosen.locator("a").all()]
        assert all(re.match(r"#2023|https://example\.org/", address) for address in addresses)
        assert any(address.startswith("https:") for address in addresses) != words.startswith("javascript:")
    assert page.locator("img, iframe").count() == 0
    assert page.locator("script").count() == 2


def test_the_policy_refuses_a_script_that_got_in_after_all(browser: Browser, site: Path) -> None:
    watched = Watched.open(browser, site / "explorer.html")
    attempts = (
        "() => document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.harmed = 1\">')",
        "() => { const s = document.createElement('script'); s.append('window.harmed = 1'); document.body.append(s); }",
        "() => document.body.setAttribute('style', 'background: url(https://example.org/leak)')",
    )
    for attempt in attempts:
        with suppress(Error):
            watched.page.evaluate(attempt)
    assert watched.page.evaluate("() => window.harmed ?? null") is None
    assert len(watched.complaints) >= len(attempts)
    assert all(url.startswith("file:") for url in watched.requests)
    watched.page.context.close()


def test_the_explorer_needs_no_mouse(opened: Opened, site: Path) -> None:
    page = opened(site / "explorer.html")
    keys = page.keyboard
    keys.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    tab_to(page, "#q")
    keys.type("herons THE")
    expect(page.locator("#count")).to_have_text(f"{sum('herons' in row['text'] for row in ROWS)} of 120 bullets")
    assert {text.lower() for text in page.locator("mark").all_text_contents()} == {"herons", "the"}
    tab_to(page, "#stance")
    keys.press("ArrowDown")
    expect(page.locator("#stance")).to_have_value("pro_ukraine")
    assert page.locator(".bullet").count() == sum("herons" in row["text"] and row["stance"] == 0 for row in ROWS)
    tab_to(page, ".toggle")
    assert page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid"
    keys.press("Enter")
    expect(page.locator(".bullet").first.locator(".detail table")).to_be_visible()
    keys.press("j")
    expect(page.locator(".bullet").nth(1).locator(".toggle")).to_be_focused()
    expect(page.locator(".bullet").nth(1)).to_have_class("bullet open")
    expect(page.locator(".bullet.open")).to_have_count(1)
    keys.press("k")
    keys.press("Space")
    expect(page.locator(".bullet.open")).to_have_count(0)
    expect(page.locator(".bullet").first.locator(".toggle")).to_have_attribute("aria-expanded", "false")


def test_walking_goes_on_to_the_next_page_and_back(opened: Opened, site: Path) -> None:
    page = opened(site / "explorer.html")
    last = page.locator(".bullet").nth(49)
    last.locator(".toggle").click()
    page.keyboard.press("j")
    expect(page.locator("#range")).to_have_text("51 to 100")
    expect(page.locator(".bullet").first).to_have_class("bullet open")
    page.keyboard.press("k")
    expect(page.locator("#range")).to_have_text("1 to 50")
    expect(page.locator(".bullet").nth(49).locator(".toggle")).to_be_focused()
    expect(page.locator("#previous")).to_be_disabled()


def test_a_link_to_a_bullet_opens_it_wherever_it_stands(opened: Opened, site: Path) -> None:
    row = max(ROWS, key=lambda row: row["bullet_id"])
    page = opened(site / "explorer.html", f"#{row['bullet_id']}")
    expect(page.locator(".bullet.open .text")).to_have_text(row["text"])
    expect(page.locator(".bullet.open")).to_be_in_viewport()
    expect(page.locator("#range")).to_have_text("101 to 120")
    other = min(ROWS, key=lambda row: row["bullet_id"])
    page.evaluate("id => { location.hash = id; }", other["bullet_id"])
    expect(page.locator(".bullet.open .text")).to_have_text(other["text"])


def test_an_opened_bullet_shows_gold_votes_predictions_and_source(opened: Opened, site: Path) -> None:
    row = next(row for row in ROWS if row["bullet_id"] == BOARD.reference.bullet_ids[0])
    page = opened(site / "explorer.html", f"#{row['bullet_id']}")
    rows = [line.locator("th, td").all_text_contents() for line in page.locator(".detail tr").all()]
    gold = TOPIC.names[row["topic"]]
    assert [cells[:2] for cells in rows[1:4]] == [["gold", gold], ["A1 vote", gold], ["A2 vote", gold]]
    wrong = TOPIC.names[(row["topic"] + 1) % len(TOPIC)]
    assert rows[4][:2] == ["reader text", f"\u2717 {wrong} (wrong)"]
    link = page.locator(f".detail a[href='{row['url']}']")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    assert TOPIC.labels[row["topic"]].definition in page.locator(".meanings").inner_text()
    page.evaluate("id => { location.hash = id; }", ROWS[5]["bullet_id"])
    expect(page.locator(".bullet.open")).to_contain_text("\u2260 mixed")


def test_the_phrase_of_the_source_is_marked(opened: Opened, site: Path) -> None:
    page = opened(site / "explorer.html", "#source_type=ukrainian_official")
    assert set(page.locator(".phrase").all_text_contents()) == {"The warden"}
    page.locator("#source_type").select_option("unattributed")
    expect(page.locator("#count")).to_have_text(f"{sum(row['source_type'] == 10 for row in ROWS)} of 120 bullets")
    assert page.locator(".phrase").count() == 0
    assert SOURCE_TYPE.names[10] == "unattributed"


def test_filters_travel_in_the_link(opened: Opened, site: Path) -> None:
    page = opened(site / "explorer.html")
    page.locator("#system").select_option("reader")
    page.locator("#task").select_option("topic")
    page.locator("#outcome").select_option("wrong")
    page.locator("#publisher").select_option("Marsh Post 2")
    predicted, gold = BOARD.standings[0].predictions.labels["topic"], BOARD.reference.labels["topic"]
    outlets = {row["bullet_id"]: row["publisher"] for row in ROWS}
    wrong = [
        identifier
        for identifier, is_wrong in zip(BOARD.reference.bullet_ids, predicted != gold, strict=True)
        if is_wrong and outlets[identifier] == "Marsh Post 2"
    ]
    expect(page.locator("#count")).to_have_text(f"{len(wrong)} of 120 bullets")
    shown = page.locator(".toggle .id").all_text_contents()
    assert shown == sorted(wrong)
    again = opened(site / "explorer.html", page.evaluate("() => location.hash"))
    assert again.locator(".toggle .id").all_text_contents() == shown
    expect(again.locator("#outcome")).to_have_value("wrong")
    again.locator("#clear").click()
    expect(again.locator("#count")).to_have_text("120 bullets")


def test_skipping_to_the_bullets_keeps_the_filters(opened: Opened, site: Path) -> None:
    page = opened(site / "explorer.html", "#stance=mixed")
    shown = page.locator("#count").text_content()
    assert shown == f"{sum(row['stance'] == 2 for row in ROWS)} of 120 bullets"
    page.locator("a.skip").press("Enter")
    expect(page.locator("#results")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(".bullet").first.locator(".toggle")).to_be_focused()
    expect(page.locator("#count")).to_have_text(shown)
    page.wait_for_function("(hash) => location.hash === hash", arg="#stance=mixed")


def test_a_choice_says_how_many_bullets_it_would_leave(opened: Opened, site: Path) -> None:
    page = opened(site / "explorer.html", "#topic=combat")
    combat = [row for row in ROWS if row["topic"] == 0]
    neutral = sum(row["stance"] == 3 for row in combat)
    assert page.locator("#stance option[value=neutral]").text_content() == f"neutral ({neutral})"
    other = sum(row["topic"] == 1 for row in ROWS)
    assert page.locator("#topic option[value=strikes]").text_content() == f"strikes ({other})"


@pytest.mark.parametrize(
    ("fragment", "words"),
    [
        ("#20230101-nobody", "No bullet has the id \u201c20230101-nobody\u201d."),
        ("#topic=weather", "topic \u201cweather\u201d"),
        ("#mood=glad", "unknown part \u201cmood\u201d"),
        ("#task=topic", "needs a system"),
        (f"#{ROWS[0]['bullet_id']}&topic=society", "not among those that the filters leave"),
        ("#%E0%A4%A&&=&q", "No bullet has the id"),
    ],
)
def test_a_link_that_asks_for_what_is_not_there_is_told_so(
    opened: Opened, site: Path, fragment: str, words: str
) -> None:
    page = opened(site / "explorer.html", fragment)
    expect(page.locator("#notice")).to_contain_text(words)
    assert page.locator(".bullet").count() > 0


def test_a_search_is_for_words_and_never_a_pattern(opened: Opened, site: Path) -> None:
    page = opened(site / "explorer.html")
    for query, found in (("(.*", 0), ('"at the mill pond"', None), ("WARDEN", 120), ("[\\", 0), ('"', 120)):
        page.locator("#q").fill(query)
        number = sum("at the mill pond" in row["text"] for row in ROWS) if found is None else found
        expect(page.locator("#count")).to_have_text("120 bullets" if number == 120 else f"{number} of 120 bullets")


@pytest.mark.parametrize("name", ["index.html", "explorer.html"])
def test_a_phone_shows_everything_without_scrolling_sideways(opened: Opened, site: Path, name: str) -> None:
    page = opened(site / name, f"#{ROWS[0]['bullet_id']}" if name == "explorer.html" else "", viewport=PHONE)
    page.evaluate(OPEN_ALL)
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360
    assert page.evaluate(PAST_THE_EDGE) == 0


def test_hostile_lengths_do_not_break_a_phone(opened: Opened, hostile: Path) -> None:
    for name in ("index.html", "explorer.html"):
        page = opened(hostile / name, viewport=PHONE)
        page.evaluate(OPEN_ALL)
        assert page.evaluate("() => document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(opened: Opened, site: Path, scheme: str) -> None:
    backgrounds = []
    for name, fragment in (("index.html", ""), ("explorer.html", f"#{BOARD.reference.bullet_ids[0]}&system=reader")):
        page = opened(site / name, fragment, color_scheme=scheme)
        page.evaluate(OPEN_ALL)
        assert page.evaluate(FAINT_TEXTS) == []
        backgrounds.append(page.evaluate("() => getComputedStyle(document.body).backgroundColor"))
    red = int(re.findall(r"\d+", backgrounds[0])[0])
    assert (red > 200) if scheme == "light" else (red < 50)


def test_filters_stay_within_reach_when_a_window_grows(opened: Opened, site: Path) -> None:
    page = opened(site / "explorer.html", viewport=PHONE)
    expect(page.locator("#topic")).to_be_hidden()
    page.locator(".more > summary").click()
    expect(page.locator("#topic")).to_be_visible()
    page.locator(".more > summary").click()
    page.set_viewport_size({"width": 1200, "height": 800})
    expect(page.locator("#topic")).to_be_visible()


def test_five_thousand_bullets_are_listed_page_by_page(opened: Opened, tmp_path: Path) -> None:
    rows = [bullet(i, f"The warden counted {i} herons. {'They rose over the reeds again. ' * 9}") for i in range(5_000)]
    known = corpus(rows)
    page = opened(written(tmp_path, render_pages(board(reference(known.bullets)), known)) / "explorer.html")
    expect(page.locator("#count")).to_have_text("5,000 bullets")
    expect(page.locator(".bullet")).to_have_count(50)
    listed = page.evaluate("() => performance.getEntriesByName('bullets-listed')[0].startTime")
    print(f"5,000 bullets listed {listed:.0f} ms after the navigation began")
    page.locator("#q").fill("4999")
    expect(page.locator("#count")).to_have_text("1 of 5,000 bullets")
    expect(page.locator(".bullet .text")).to_have_text(rows[4_999]["text"].strip())
