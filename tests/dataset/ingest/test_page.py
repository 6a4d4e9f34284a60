"""Saved pages to articles: the article's lists, headings and date survive, and the page's other lists do not."""

import datetime as dt
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.dataset.ingest import article_bullets, read_article
from briefbench.dataset.ingest.article import Article, build_article
from briefbench.dataset.ingest.page import is_html, read_page
from briefbench.dataset.records import text_fault
from briefbench.errors import InputError

FIXTURES = Path(__file__).parents[2] / "fixtures"
AROUND = """<!doctype html><html><head><title>{title}</title></head><body>
<nav><ul><li>World news.</li></ul></nav>{body}<footer><ul><li>Terms of use.</li></ul></footer></body></html>"""


def parse(body: str, *, title: str = "A title - The Courier") -> Article:
    page = read_page(AROUND.format(title=title, body=body), Path("page.html"))
    return build_article(page.blocks, title=page.title, date=page.date)


def sections(body: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(section.heading, section.bullets) for section in parse(body).sections]


def test_a_messy_saved_page_gives_the_bullets_of_its_text() -> None:
    text, page = (article_bullets(read_article(FIXTURES / f"briefing.{kind}")) for kind in ("txt", "html"))
    assert page == text
    assert len(page) == 12
    assert [bullet.position for bullet in page] == list(range(1, 13))
    assert len({bullet.section for bullet in page}) == 4


def test_a_messy_saved_page_gives_the_prose_of_its_text() -> None:
    text, page = (read_article(FIXTURES / f"briefing.{kind}") for kind in ("txt", "html"))
    assert page.sections == text.sections
    assert page.sections[-1].heading == "From our correspondents"
    assert len(page.sections[-1].paragraphs) == 3
    assert set(page.lead) < set(text.lead)


def test_the_date_is_that_of_first_publication() -> None:
    assert read_article(FIXTURES / "briefing.html").date == dt.date(2023, 6, 14)


def test_a_page_without_a_date_is_not_dated_by_its_small_print_or_links() -> None:
    article = parse(
        '<article><h1>A title</h1><ul><li>One <a href="/2021/03/04/x">link</a>.</li></ul></article><p>© 2019</p>'
    )
    assert article.date is None


def test_a_date_line_on_the_page_dates_it() -> None:
    assert parse("<article><h1>A title</h1><p>May 24, 2023</p><ul><li>One item.</li></ul></article>").date == dt.date(
        2023, 5, 24
    )


@pytest.mark.parametrize("tag", ["article", "main", "section", "div"])
def test_headings_are_kept_in_every_wrapper(tag: str) -> None:
    body = f"<{tag}><h1>A title</h1><h2>Updates</h2><ul><li>One.</li></ul><h3>Impact</h3><ul><li>Two.</li></ul></{tag}>"
    assert sections(body) == [("Updates", ("One.",)), ("Impact", ("Two.",))]


def test_bullets_that_are_all_links_are_kept() -> None:
    links = "".join(f'<li><a href="/{n}">Bullet {n} is one link in a full sentence.</a></li>' for n in range(5))
    assert len(sections(f"<article><h1>A title</h1><h2>Updates</h2><ul>{links}</ul></article>")[0][1]) == 5


def test_lists_of_linked_headlines_go_with_their_heading() -> None:
    related = '<h2>More on the war</h2><ul><li><a href="/1">How it began</a></li><li><a href="/2">A map</a></li></ul>'
    assert sections(f"<article><h1>A title</h1><h2>Updates</h2><ul><li>One.</li></ul>{related}</article>") == [
        ("Updates", ("One.",))
    ]


@pytest.mark.parametrize(
    "attribute",
    [
        'class="related-stories"',
        'id="comments"',
        'class="share_bar"',
        'role="navigation"',
        "hidden",
        'aria-hidden="true"',
        'style="display: none"',
        'class="newsletter-signup x"',
        'id="cookie-banner"',
    ],
)
def test_lists_of_the_pages_furniture_are_no_bullets(attribute: str) -> None:
    article = "<h1>A title</h1><h2>Updates</h2><ul><li>The first bullet is long enough.</li><li>Two.</li></ul>"
    assert sections(f"{article}<div {attribute}><ul><li>Not a bullet.</li></ul></div>") == [
        ("Updates", ("The first bullet is long enough.", "Two."))
    ]


@pytest.mark.parametrize("name", ["tag-war comments-open", "has-sidebar nav menu", "share related"])
def test_a_site_that_names_the_articles_wrapper_like_furniture_keeps_its_article(name: str) -> None:
    assert sections(f'<div class="{name}"><h1>A title</h1><ul><li>One bullet.</li></ul></div>') == [
        ("", ("One bullet.",))
    ]


def test_nested_items_are_bullets_and_the_outer_item_does_not_repeat_them() -> None:
    inner = "<ul><li>inner one.</li><li>inner <b>two</b>.</li></ul>"
    assert sections(f"<article><h1>A title</h1><ul><li>Outer {inner} end.</li></ul></article>") == [
        ("", ("Outer end.", "inner one.", "inner two."))
    ]


@pytest.mark.parametrize(
    "item",
    [
        "<p>One, two.</p>",
        "<p>One,</p><p>two.</p>",
        "One,<br>two.",
        "<div>One, two.</div>",
        "• One, two.",
        "One,\n   two.",
    ],
)
def test_an_item_is_one_bullet_however_it_is_set(item: str) -> None:
    assert sections(f"<article><h1>A title</h1><ul><li>{item}</li></ul></article>") == [("", ("One, two.",))]


def test_marked_paragraphs_and_lines_are_bullets() -> None:
    marked = "<p>• One<br>is wrapped.</p><div>•&nbsp;Two.</div><p>• Three.<br>• Four.<br><br>Prose.</p>"
    body = f"<article><h1>A title</h1>{marked}</article>"
    assert sections(body) == [("", ("One is wrapped.", "Two.", "Three.", "Four."))]
    assert parse(body).sections[0].paragraphs == ("Prose.",)


def test_entities_and_inline_markup_leave_the_words() -> None:
    item = "Caf&eacute; &amp; &#8220;talks&#8221; &#150; H<sub>2</sub>O, 1<sup>st</sup>"
    item += " at <time>9:00</time>, &lt;b&gt;&#146;s soft&shy;ly"
    assert sections(f"<article><h1>A title</h1><ul><li>{item}</li></ul></article>")[0][1] == (
        "Café & “talks” \u2013 H2O, 1st at 9:00, <b>\u2019s softly",
    )


def test_a_bold_paragraph_before_a_list_is_its_heading() -> None:
    assert sections("<article><h1>A title</h1><p><b>Key updates</b></p><ul><li>One.</li></ul></article>") == [
        ("Key updates", ("One.",))
    ]


def test_one_headline_in_large_type_goes_before_the_window_title() -> None:
    assert parse("<article><h1>Real title</h1><ul><li>One.</li></ul></article>").title == "Real title"


def test_the_first_section_is_not_taken_as_the_title() -> None:
    article = parse("<article><h2>Updates</h2><ul><li>One.</li></ul></article>", title="")
    assert (article.title, article.sections[0].heading) == (None, "Updates")


def test_cards_of_other_stories_do_not_hide_the_article() -> None:
    card = "<article><h3>Card</h3><p>Another story.</p></article>"
    assert sections(f"<main><h1>A title</h1>{card}<h2>Updates</h2><ul><li>One.</li></ul>{card}</main>")[-2] == (
        "Updates",
        ("One.",),
    )


def test_equal_items_are_both_reported() -> None:
    assert (
        sections("<article><h1>A title</h1><ul><li>Same text.</li><li>Same text.</li></ul></article>")[0][1]
        == ("Same text.",) * 2
    )


def test_unclosed_tags_are_read() -> None:
    assert sections("<h1>A title</h1><ul><li>one<li>two<ol><li>three</ol><li>four</ul>") == [
        ("", ("one", "two", "three", "four"))
    ]


def test_a_text_file_saved_from_a_browser_is_read_as_text() -> None:
    page = read_page(
        "<html><head></head><body><pre>Headline\n\nUpdates\n\n• One is\nwrapped.</pre></body></html>", Path("x")
    )
    article = build_article(page.blocks)
    assert (article.title, article.sections[0].heading, article.sections[0].bullets) == (
        "Headline",
        "Updates",
        ("One is wrapped.",),
    )


@pytest.mark.parametrize(
    "page", ["<html></html>", "<!doctype html>", "<html><body><p></p></body></html>", "<ul><li></li></ul>"]
)
def test_an_empty_page_has_no_blocks(page: str) -> None:
    assert read_page(page, Path("x")).blocks == []


@pytest.mark.parametrize("reference", ["&#xD800;", "&#xdfff;", "&#55296;", "&#x0000D83D;"])
def test_half_a_surrogate_pair_is_refused(reference: str) -> None:
    with pytest.raises(InputError, match=r"page\.html: .* surrogate"):
        parse(f"<ul><li>One {reference} two.</li></ul>")


@pytest.mark.parametrize("body", ["<div>" * 5000, "<ul><li>x" * 1000])
def test_a_page_nested_without_end_is_refused(body: str) -> None:
    with pytest.raises(InputError, match="nested too deeply"):
        parse(body)


def test_a_page_of_endless_elements_is_refused_rather_than_read_for_minutes() -> None:
    with pytest.raises(InputError, match="too many for an article"):
        parse("<p>x" * 100_001)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<!DOCTYPE html><p>x", True),
        ("\n <html lang=en>", True),
        ("<!-- saved from url --><html>", True),
        ('<?xml version="1.0"?><html xmlns="x">', True),
        ("<ul><li>One</li><li>Two</li></ul>", True),
        ("<p>One</p>\n<p class='x'>Two</p>", True),
        ("Headline\n\n• One <b>bullet</b> & a < b > c", False),
        ("Headline about <html> tags", False),
        ("<p> is a tag, <p> is one, <p> and <p>", False),
        ("<" * 1_000_000, False),
        ("<p " * 100_000, False),
    ],
)
def test_pages_are_told_from_text_by_their_content(text: str, expected: bool) -> None:
    assert is_html(text) is expected


SENTENCE = st.lists(
    st.sampled_from(["Kyiv", "talks", "the", "grain", "“no”", "R&D", "a<b"]), min_size=1, max_size=30
).map(lambda words: " ".join(words).capitalize() + ".")
SECTIONS = st.lists(st.lists(SENTENCE, min_size=1, max_size=5), min_size=1, max_size=4)
ITEM = st.sampled_from(["<li>{}</li>", "<li><p>{}</p></li>", '<li><a href="/x">{}</a></li>', "<li><div>{}</div></li>"])
HEADING = st.sampled_from(["<h2>{}</h2>", "<h3>{}</h3>", "<h2><b>{}</b></h2>", "<p><strong>{}</strong></p>"])
WRAPPER = st.sampled_from(
    ["<article>{}</article>", "<main>{}</main>", "<div>{}</div>", "{}", "<main><article>{}</article></main>"]
)


@given(SECTIONS, ITEM, HEADING, WRAPPER)
def test_every_item_of_every_list_survives(texts: list[list[str]], item: str, heading: str, wrapper: str) -> None:
    body = "<h1>A title</h1>" + "".join(
        heading.format(f"Section {number}") + f"<ul>{''.join(item.format(escape(text)) for text in group)}</ul>"
        for number, group in enumerate(texts)
    )
    assert sections(wrapper.format(body)) == [(f"Section {n}", tuple(group)) for n, group in enumerate(texts)]


PIECE = st.sampled_from(
    ["<p>", "</p>", "<li>", "<ul>", "</ul>", "<br>", "<h2>", "<a href=x>", "<!--", "-->", "<![CDATA[", "<svg>"]
)


@given(st.lists(st.one_of(PIECE, st.text(max_size=20), st.just("&#0;"), st.just("&#x85;")), max_size=30).map("".join))
def test_no_page_crashes_the_reader_or_makes_an_unfit_bullet(body: str) -> None:
    try:
        article = parse(body)
    except InputError:
        return
    for bullet in article_bullets(article, prose=True, lead=True):
        assert text_fault(bullet.text) is None
