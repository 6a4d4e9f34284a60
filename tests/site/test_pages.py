"""The pages as files: everything is said as it is, nothing that people wrote is markup, nothing is fetched."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import lxml.html
import pytest
from lxml.html import HtmlElement

from briefbench.schema import TASK_NAMES
from briefbench.site.corpus import Agreement
from briefbench.site.pages import render_pages, script_json
from site_support import HOSTILE, board, bullet, corpus, hostile_world, reference, standing
from tests_support import ROOT

ROWS = [bullet(i) for i in range(60)]
CORPUS = corpus(ROWS)
TRUTH = reference(CORPUS.bullets)
BOARD = board(TRUTH)


def parse(page: bytes) -> HtmlElement:
    return lxml.html.document_fromstring(page.decode(), parser=lxml.html.HTMLParser(encoding="utf-8"))


def words(element: HtmlElement) -> str:
    return " ".join(" ".join(element.itertext()).split())


def css(element: HtmlElement, selector: str) -> list[HtmlElement]:
    """Return what a selector of tags, classes, ids and attributes, one below the other, finds in an element."""
    paths = []
    for one in selector.split(", "):
        path = "."
        for tag, rest in (re.fullmatch(r"(\w*)(.*)", part).groups() for part in one.split()):  # type: ignore[union-attr]
            path += f"//{tag or '*'}"
            path += "".join(
                f"[contains(concat(' ', @class, ' '), ' {name} ')]" for name in re.findall(r"\.([\w-]+)", rest)
            )
            path += "".join(f"[@id='{name}']" for name in re.findall(r"#([\w-]+)", rest))
            path += "".join(
                f"[@{name}='{value}']" if value else f"[@{name}]"
                for name, value in re.findall(r"\[([\w-]+)=?([\w-]*)\]", rest)
            )
        paths.append(path)
    found: list[HtmlElement] = element.xpath(" | ".join(paths))
    return found


@pytest.fixture(scope="module")
def pages() -> dict[str, bytes]:
    return render_pages(BOARD, CORPUS)


@pytest.fixture(scope="module")
def hostile() -> dict[str, bytes]:
    return render_pages(*hostile_world())


@pytest.fixture(scope="module")
def index(pages: dict[str, bytes]) -> HtmlElement:
    return parse(pages["index.html"])


def test_the_leaderboard_shows_every_system_with_the_boards_own_figures(index: HtmlElement) -> None:
    rows = css(index, "table.standings tbody tr")
    for row, one in zip(rows, BOARD.standings, strict=False):
        scores = [one.headline, *(task.macro_f1 for task in one.evaluation.tasks)]
        text = words(row)
        assert text.startswith(f"{one.rank} {one.name} {one.kind} ")
        assert [score for score in map(str, scores) if score not in text] == []
    assert "+0.250" in words(rows[0])
    assert words(rows[-1]).startswith("ceiling")
    assert BOARD.standings[0].headline.signature in words(index)


def test_a_probe_has_a_mark_of_its_own_and_a_word_on_what_it_is(index: HtmlElement) -> None:
    told = "A probe sees the text with something hidden that only the gold labels tell."
    probe = standing(TRUTH, "half blind", "probe", 2, rank=2)
    with_probe = parse(render_pages(board(TRUTH, BOARD.standings[0], probe, BOARD.standings[2]), CORPUS)["index.html"])
    assert told in words(with_probe)
    assert css(with_probe, ".board path.dot.kind-probe")
    assert "probe" in [words(key) for key in css(with_probe, ".keys li")]
    assert told not in words(index)
    assert not css(index, ".kind-probe")


def test_the_marks_of_a_plot_stand_where_the_figures_say(index: HtmlElement) -> None:
    score = BOARD.standings[0].headline
    assert score.interval is not None
    plot = css(index, ".board li svg.plot")[0]
    whisker = css(plot, "line.whisker")[0]
    assert css(plot, "svg")[0].get("x") == f"{100 * score.value:.2f}%"
    assert (whisker.get("x1"), whisker.get("x2")) == (
        f"{100 * score.interval.low:.2f}%",
        f"{100 * score.interval.high:.2f}%",
    )
    lines = [line.get("x1") for line in css(plot, "line.reference")]
    assert lines == [f"{100 * BOARD.ceiling['mean'].value:.2f}%", f"{100 * BOARD.standings[2].headline.value:.2f}%"]


def test_readers_are_told_who_made_the_labels_and_what_the_lines_are(index: HtmlElement) -> None:
    text = words(index)
    assert "A parrot labelled it." in text
    assert "The ceiling is one parrot scored against another." in text
    assert "field , the shortcut with the best mean; it sees one field" in text
    assert "95% intervals of a cluster bootstrap by ISO week" in text
    assert f"on weeks/test ({len(TRUTH)} bullets, " in text


def test_agreement_of_a_models_passes_is_never_sold_as_reliability(index: HtmlElement) -> None:
    section = css(index, "section[aria-labelledby=agreement]")[0]
    assert words(css(section, "h2")[0]) == "Self-consistency of the annotators"
    assert "A1 and A2 are passes of a language model, Parrot 1. The figures compare passes of one parrot." in words(
        section
    )
    assert "self-consistency, not reliability between people" in words(section)
    people = corpus(ROWS, agreement=(Agreement(("P", "Q"), "human", 9, dict.fromkeys(TASK_NAMES)),), agreement_note="")
    section = css(parse(render_pages(BOARD, people)["index.html"]), "section[aria-labelledby=agreement]")[0]
    assert words(css(section, "h2")[0]) == "Agreement of the annotators"
    assert "not reliability" not in words(section)
    assert "undefined" in words(section)


def test_captions_name_the_split_that_was_scored() -> None:
    truth = reference(CORPUS.bullets, "publishers/test")
    pages = render_pages(board(truth), CORPUS)
    assert "weeks/test" not in words(parse(pages["index.html"]))
    assert "Predictions on publishers/test" in words(parse(pages["explorer.html"]))


def test_every_figure_and_table_says_what_it_shows(index: HtmlElement) -> None:
    assert [one for one in css(index, "figure") if not css(one, "figcaption")] == []
    for picture in css(index, "svg[role=img]"):
        assert picture.get("aria-label")
    for table in css(index, "table"):
        assert [cell for cell in css(table, "th") if cell.get("scope") not in ("row", "col")] == []
    assert all(box.get("tabindex") == "0" and box.get("aria-label") for box in css(index, ".scroll"))


def test_a_confusion_leads_to_its_bullets_in_the_explorer(index: HtmlElement) -> None:
    links = [link.get("href") for link in css(index, ".mistakes a")]
    assert "explorer.html#system=reader&task=topic&outcome=wrong" in links
    pattern = r"explorer\.html#system=reader&task=(\w+)&\1=\w+&predicted=\w+"
    assert any(re.fullmatch(pattern, link) for link in links)


def test_what_a_board_lacks_is_left_out_and_not_made_up() -> None:
    evaluation = BOARD.standings[0].evaluation
    bare = replace(evaluation, tasks=tuple(replace(one, calibration=(), brier=None) for one in evaluation.tasks))
    assert bare.headline is not None
    bare = replace(bare, headline=replace(bare.headline, interval=None))
    alone = board(TRUTH, replace(BOARD.standings[0], evaluation=bare), ceiling={}, ceiling_note="", best_shortcut=None)
    page = parse(render_pages(alone, corpus(ROWS, agreement=()))["index.html"])
    text = words(page)
    assert "Dashed line" not in text
    assert "Dotted line" not in text
    assert "There is no figure: no two annotators labelled the same bullets." in text
    assert css(page, "svg.calibration") == []
    assert words(css(page, ".board .score")[0]) == f"{bare.headline.value:.3f}"
    assert css(page, ".board li .whisker") == []


def test_labels_that_a_split_lacks_are_said_to_bound_every_score() -> None:
    few = corpus([row for row in ROWS if row["topic"] != 5])
    assert "no system can exceed" in words(parse(render_pages(board(reference(few.bullets)), few)["index.html"]))


def test_the_same_inputs_give_the_same_bytes_in_any_process(pages: dict[str, bytes]) -> None:
    code = (
        "import hashlib; from site_support import *; from briefbench.site.pages import render_pages\n"
        "known = corpus([bullet(i) for i in range(60)])\n"
        "pages = render_pages(board(reference(known.bullets)), known)\n"
        "print(*(hashlib.sha256(page).hexdigest() for page in pages.values()))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests" / "support"), "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == [hashlib.sha256(page).hexdigest() for page in pages.values()]
    assert pages == render_pages(BOARD, CORPUS)


@pytest.mark.parametrize("name", ["index.html", "explorer.html"])
def test_nothing_that_people_wrote_becomes_markup(hostile: dict[str, bytes], name: str) -> None:
    page = parse(hostile[name])
    assert css(page, "img, iframe, object, embed, link, base") == []
    assert len(css(page, "script")) == (0 if name == "index.html" else 2)
    attributes = [attribute for element in page.iter(lxml.etree.Element) for attribute in element.keys()]  # noqa: SIM118
    assert [attribute for attribute in attributes if attribute.startswith("on") or attribute == "style"] == []
    assert list(page.iter(lxml.etree.Comment)) == []


def test_hostile_names_and_notes_are_shown_letter_by_letter(hostile: dict[str, bytes]) -> None:
    page = parse(hostile["index.html"])
    names = [element.text_content() for element in css(page, ".board .name bdi")]
    assert set(HOSTILE) <= set(names)
    assert [element.text_content() for element in css(page, ".flags li")] == list(HOSTILE)
    assert " ".join(HOSTILE) in css(page, "p.about")[0].text_content()
    options = {option.get("value") for option in css(parse(hostile["explorer.html"]), "#publisher option")}
    assert set(HOSTILE) <= options


def test_hostile_bullets_come_out_of_the_data_as_they_went_in(hostile: dict[str, bytes]) -> None:
    raw = re.findall(rb'<script type="application/json" id="data">(.*?)</script>', hostile["explorer.html"], re.DOTALL)
    assert len(raw) == 1
    assert re.search("[<>&\u2028\u2029]", raw[0].decode()) is None
    data = json.loads(raw[0])
    assert set(HOSTILE) <= set(data["columns"]["section"]["values"])
    assert {f"\U0001d4d1 {one} reported it; {one}" for one in HOSTILE} <= set(data["texts"])


def test_json_in_a_script_stays_json() -> None:
    value = {"a": "</script><!--\u2028\u2029&", "b": [1, None, "\U0001d4d1\\"]}
    assert json.loads(str(script_json(value))) == value


@pytest.mark.parametrize("name", ["index.html", "explorer.html"])
def test_a_page_asks_for_nothing_from_anywhere(hostile: dict[str, bytes], name: str) -> None:
    page = parse(hostile[name])
    addresses = [value for _, attribute, value, _ in page.iterlinks() if attribute != "action"]
    assert [value for value in addresses if not re.match(r"#|(index|explorer)\.html(#|$)", value)] == []
    assert page.xpath("//@src | //@srcset | //@xlink:href", namespaces={"xlink": "http://www.w3.org/1999/xlink"}) == []
    for style in css(page, "style"):
        assert re.search(r"url\(|@import|@font-face|expression", style.text_content()) is None


@pytest.mark.parametrize("name", ["index.html", "explorer.html"])
def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else(
    hostile: dict[str, bytes], name: str
) -> None:
    page = parse(hostile[name])
    head = list(css(page, "head")[0])
    assert [head[0].get("charset"), head[1].get("http-equiv")] == ["utf-8", "Content-Security-Policy"]
    policy = dict(one.split(" ", 1) for one in head[1].get("content").split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["trusted-types"] == "'none'"
    text = hostile[name].decode()
    assert policy["style-src"] == " ".join(hashes(text, r"<style>(.*?)</style>"))
    scripts = list(hashes(text, r"<script>(.*?)</script>"))
    assert policy["script-src"] == (scripts[-1] if name == "explorer.html" else "'none'")
    assert set(policy) == {
        *("default-src", "style-src", "script-src", "base-uri", "form-action", "require-trusted-types-for"),
        "trusted-types",
    }


def hashes(text: str, pattern: str) -> Iterator[str]:
    for found in re.findall(pattern, text, re.DOTALL):
        yield f"'sha256-{base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()}'"


def test_every_control_has_a_label_and_every_reference_a_target(pages: dict[str, bytes]) -> None:
    for content in pages.values():
        page = parse(content)
        ids = [element.get("id") for element in css(page, "[id]")]
        assert len(ids) == len(set(ids))
        labelled = {label.get("for") for label in css(page, "label")}
        assert {control.get("id") for control in css(page, "input, select")} == labelled
        for attribute in ("aria-labelledby", "aria-describedby", "for"):
            assert {element.get(attribute) for element in css(page, f"[{attribute}]")} <= set(ids)
        assert css(page, "a.skip")[0].get("href").removeprefix("#") in ids
        assert page.get("lang") == "en"
        assert all(words(button) for button in css(page, "button"))


def test_a_flag_stands_by_its_system(index: HtmlElement) -> None:
    flagged = [one for one in css(index, "details.system") if css(one, ".flags")]
    assert [words(css(one, "summary bdi")[0]) for one in flagged] == ["visitor"]


def test_a_systems_own_word_is_shown_beside_it(hostile: dict[str, bytes]) -> None:
    about = words(css(parse(hostile["index.html"]), "details.system dl.facts")[0])
    assert about.startswith("parameters 7 trained on ")
    assert "test part seen unknown: " in about


def test_a_single_system_makes_a_board() -> None:
    page = parse(render_pages(board(TRUTH, standing(TRUTH, "only", "text", 4)), CORPUS)["index.html"])
    assert len(css(page, ".board li")) == 1
