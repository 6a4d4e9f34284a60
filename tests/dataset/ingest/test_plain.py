"""Plain text to articles: which lines are bullets, headings, title, date and prose, and that no word is lost."""

import datetime as dt
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.dataset.ingest.article import Article, article_bullets, build_article
from briefbench.dataset.ingest.clean import one_line
from briefbench.dataset.ingest.plain import Kind, split_blocks
from briefbench.dataset.ingest.shapes import read_date
from briefbench.dataset.records import text_fault


def parse(text: str) -> Article:
    return build_article(split_blocks(text))


def bullets(text: str) -> list[str]:
    return [bullet.text for bullet in article_bullets(parse(text))]


@pytest.mark.parametrize("mark", ["•", "‣", "◦", "▪", "●", "\u2013", "—", "-", "*", "\t•\t", "   -  "])
def test_every_bullet_mark_is_known(mark: str) -> None:
    assert bullets(f"Headline\n\n{mark} One bullet.\n{mark} Two bullets.") == ["One bullet.", "Two bullets."]


@pytest.mark.parametrize("numbers", [("1.", "2.", "3."), ("1)", "2)", "3)"), ("9.", "10.", "11.")])
def test_numbered_bullets_lose_only_their_numbers(numbers: tuple[str, str, str]) -> None:
    text = "".join(f"{number} Item of news.\n" for number in numbers)
    assert bullets(text) == ["Item of news."] * 3


@pytest.mark.parametrize("glued", ["•Glued to its mark.", "▪Glued to its mark."])
def test_a_glyph_needs_no_space_behind_it(glued: str) -> None:
    assert bullets(f"Headline\n\n{glued}") == ["Glued to its mark."]


@pytest.mark.parametrize(
    "line", ["-5 degrees in Kyiv.", "2023. was the year.", "1.5 million fled.", "*starred* word.", "—he said."]
)
def test_a_mark_without_white_space_behind_it_is_a_word(line: str) -> None:
    assert bullets(f"- First bullet.\n\n{line}") == ["First bullet."]


@pytest.mark.parametrize(
    "second",
    [
        "— they sent no tanks.",
        "\u2013 they sent no tanks.",
        "- they sent no tanks.",
        "12. regiment of the guard.",
        "1) and so on",
    ],
)
def test_a_dash_or_number_that_wrapped_to_a_line_start_does_not_split_a_bullet(second: str) -> None:
    assert bullets(f"Headline\n\n• The general said that we help\n{second}\n• Next one.") == [
        f"The general said that we help {second}",
        "Next one.",
    ]


def test_a_dash_that_wrapped_to_a_line_start_does_not_split_a_paragraph() -> None:
    wrapped = "The general said that we help them with everything which they need and more\n— but no tanks."
    article = parse(f"Headline\n\n{wrapped}\n\nUpdates\n\n• A bullet.")
    assert article.lead == (wrapped.replace("\n", " "),)


def test_nested_bullets_are_bullets_of_their_own() -> None:
    assert bullets("Headline\n\n• Three sites\n  - The north pier.\n  - The depot.\n• Next.") == [
        "Three sites",
        "The north pier.",
        "The depot.",
        "Next.",
    ]


@pytest.mark.parametrize("continuation", ["and went on.", "  and went on.", "\tand went on."])
def test_a_wrapped_bullet_is_joined(continuation: str) -> None:
    assert bullets(f"Headline\n\n• The envoys met\n{continuation}\n• Next.") == ["The envoys met and went on.", "Next."]


def test_an_indented_second_paragraph_stays_with_its_bullet() -> None:
    assert bullets("Headline\n\n• The envoys met.\n\n  They went on.\n\n• Next.") == [
        "The envoys met. They went on.",
        "Next.",
    ]


def test_a_mark_on_a_line_of_its_own_takes_the_next_line() -> None:
    assert bullets("Headline\n\n•\nThe envoys met.\n•\nThey left.") == ["The envoys met.", "They left."]


def test_marks_and_rules_without_text_make_no_bullet() -> None:
    assert bullets("Headline\n\n• One.\n•\n\n* * *\n---\n- - -\n• Two.") == ["One.", "Two."]


def test_a_heading_right_under_a_bullet_is_not_swallowed_by_it() -> None:
    article = parse("Headline\nFirst part\n• One.\n• Two.\nSecond part\n• Three.")
    assert [(section.heading, section.bullets) for section in article.sections] == [
        ("First part", ("One.", "Two.")),
        ("Second part", ("Three.",)),
    ]


def test_a_heading_may_be_a_question_or_end_with_a_colon_before_bullets() -> None:
    article = parse("Headline\n\nWhat happened overnight?\n\n• One.\n\nKey updates:\n\n• Two.")
    assert [section.heading for section in article.sections] == ["What happened overnight?", "Key updates:"]


@pytest.mark.parametrize(
    "line",
    [
        "A pier in the morning. (Mila Exner/AP)",
        "By Jonas Feldt and Iryna Sample",
        "5 min",
        "12 min read",
        "Updated May 24, 2023 at 3:00 p.m. EDT",
        "Here\u2019s the latest on the war",
        "Share",
        "and a line in lower case",
        "A short sentence.",
    ],
)
def test_captions_bylines_and_signposts_are_no_headings(line: str) -> None:
    article = parse(
        f"Headline\n\nThe lead is a full sentence.\n\n{line}\n\nAnother sentence of the long lead.\n\nUpdates\n\n• One."
    )
    assert [section.heading for section in article.sections] == ["Updates"]
    assert line in article.lead or article.date == dt.date(2023, 5, 24)


def test_prose_under_a_heading_is_kept_as_its_paragraphs() -> None:
    prose = "From our reporters\n\nThe river left and the gardens came.\n\nA. B. wrote this."
    article = parse(f"Headline\n\nUpdates\n\n• One.\n\n{prose}")
    assert article.sections[1].paragraphs == ("The river left and the gardens came.", "A. B. wrote this.")


def test_mixed_sections_keep_the_order_of_bullets_and_prose() -> None:
    article = parse("Headline\n\nUpdates\n\n• One.\n\nA paragraph between the bullets.\n\n• Two.")
    made = article_bullets(article, prose=True)
    assert [(b.position, b.text) for b in made] == [(1, "One."), (2, "A paragraph between the bullets."), (3, "Two.")]
    assert {b.section for b in made} == {"Updates"}


def test_an_article_without_headings_is_one_section_without_a_heading() -> None:
    article = parse("Headline\n\nThe first sentence of the article stands here.\n\n• One.\n\n• Two.")
    assert (article.title, article.lead, len(article.sections)) == ("Headline", (), 1)
    assert article.sections[0].heading == ""
    assert [b.text for b in article_bullets(article, prose=True)] == [
        "The first sentence of the article stands here.",
        "One.",
        "Two.",
    ]


def test_bullets_before_the_first_heading_stand_in_a_section_without_one() -> None:
    article = parse("Headline\n\nThe lead is one sentence long.\n\n• Zero.\n\nUpdates\n\n• One.")
    assert [(section.heading, section.bullets) for section in article.sections] == [
        ("", ("Zero.",)),
        ("Updates", ("One.",)),
    ]


@pytest.mark.parametrize("first", ["• Only a bullet.", "The first paragraph is a sentence.", "5 min"])
def test_no_title_is_made_up(first: str) -> None:
    assert parse(f"{first}\n\n• One.\n\n• Two.").title is None


def test_a_single_line_is_prose_and_no_title() -> None:
    assert parse("A lonely line").sections[0].paragraphs == ("A lonely line",)


def test_wrapped_paragraphs_are_joined_and_unwrapped_lines_are_not() -> None:
    wrapped = parse("Headline\n\nThe first sentence of the\nlead is wrapped.\n\nUpdates\n\n• One.")
    assert wrapped.lead == ("The first sentence of the lead is wrapped.",)
    long = "word " * 40 + "end."
    assert parse(f"Headline\n\n{long}\n{long}\n\nUpdates\n\n• One.").lead == (long, long)


@pytest.mark.parametrize(
    "line",
    [
        "May 24, 2023",
        "24 May 2023",
        "2023-05-24",
        "Wednesday, May 24, 2023",
        "Wed, 24 May 2023",
        "May 24th, 2023",
        "Published May 24, 2023",
        "Updated: 24 May 2023",
        "Last updated on May 24, 2023 at 3:00 p.m. EDT",
    ],
)
def test_a_date_line_dates_the_article(line: str) -> None:
    article = parse(f"Headline\n\n{line}\n\nUpdates\n\n• One.")
    assert article.date == dt.date(2023, 5, 24)
    assert article_bullets(article)[0].id.startswith("20230524-")


@pytest.mark.parametrize(
    "line", ["05/06/2023", "5.6.2023", "May 2023", "February 30, 2023", "On May 24, 2023 they met.", "May"]
)
def test_what_is_no_clear_date_is_not_guessed(line: str) -> None:
    assert read_date(line) is None
    assert article_bullets(parse(f"Headline\n\n{line}\n\nUpdates\n\n• One."))[0].id.startswith("undated-")


def test_a_date_below_the_first_bullet_is_not_the_articles() -> None:
    assert parse("Headline\n\nUpdates\n\n• One.\n\nMay 24, 2023").date is None


def test_invisible_and_control_characters_do_not_reach_a_bullet() -> None:
    assert bullets("Headline\n\n• so\xadft\u200b hy\u2060phen\x00 and\x1b bell\x07,\u00a0e\u0301te\u0301\u202e.") == [
        "soft hyphen and bell , été."
    ]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\u2028", "\x85", "\x0b"])
def test_line_ends_of_every_system_are_the_same(end: str) -> None:
    text = "Headline\n\n• One is\nwrapped.\n• Two.\n\nUpdates\n• Three."
    assert parse(text.replace("\n", end)) == parse(text)


@pytest.mark.parametrize(
    "text", ["- " * 500_000, " " * 1_000_000, "<" * 1_000_000, "•" * 500_000, "(" * 500_000, "1. " * 300_000]
)
def test_a_huge_line_is_read_in_linear_time(text: str) -> None:
    parse(text)
    parse(f"Headline\n{text}\n• One.\n{text}")


WORD = st.text("abcdefgXYZéї\u2019“”", min_size=1, max_size=8)
MARK = st.sampled_from(["• ", "- ", "\u2013 ", "* ", "", "", "  ", "1. "])
END = st.sampled_from(["", "", ".", "?", ":", " (AP)"])
LINE = st.builds(
    lambda mark, words, end: mark + " ".join(words) + end, MARK, st.lists(WORD, min_size=1, max_size=15), END
)
TEXT = st.lists(st.one_of(LINE, st.just("")), min_size=1, max_size=25).map("\n".join)


def everything(article: Article) -> str:
    parts = [article.title or "", *article.lead]
    for section in article.sections:
        parts += [section.heading, *(item.text for item in section.items)]
    return " ".join(parts)


@given(TEXT)
def test_no_word_is_lost_and_none_is_moved(text: str) -> None:
    words = [word for word in one_line(text).split() if word not in {"•", "-", "\u2013", "*", "1."}]
    assert [word for word in everything(parse(text)).split() if word not in {"•", "-", "\u2013", "*", "1."}] == words


@given(st.text(max_size=300))
def test_no_letter_of_any_text_is_lost(text: str) -> None:
    letters = [c for c in one_line(text) if c.isalpha()]
    article = parse(text)
    if article.date is None:
        assert [c for c in unicodedata.normalize("NFC", everything(article)) if c.isalpha()] == letters


@given(st.one_of(TEXT, st.text(max_size=300)))
def test_every_bullet_is_fit_for_a_record(text: str) -> None:
    for bullet in article_bullets(parse(text), prose=True, lead=True):
        assert text_fault(bullet.text) is None


@given(TEXT, st.sampled_from(["\r\n", "\r"]))
def test_line_ends_change_nothing(text: str, end: str) -> None:
    assert parse(text.replace("\n", end)) == parse(text)


@given(st.one_of(TEXT, st.text(max_size=300)))
def test_bullets_read_back_as_themselves(text: str) -> None:
    first = [block.text for block in split_blocks(text) if block.kind is Kind.BULLET]
    assert [block.text for block in split_blocks("\n".join(f"• {line}" for line in first))] == first


def test_the_headings_of_a_markdown_file_lose_only_their_marks() -> None:
    text = "# Ferries wait\n\nA strait was closed.\n\n## Key developments\n- One bullet.\n\n### Next\n* Two bullets.\n"
    article = parse(text)
    assert article.title == "Ferries wait"
    assert article.lead == ("A strait was closed.",)
    assert [(section.heading, section.bullets) for section in article.sections] == [
        ("Key developments", ("One bullet.",)),
        ("Next", ("Two bullets.",)),
    ]


def test_a_hash_that_is_no_heading_stays_a_word() -> None:
    assert bullets("- The tag #ferry spread.\n- Its number is # 5.") == ["The tag #ferry spread.", "Its number is # 5."]


@pytest.mark.parametrize("mark", ["➤", "►", "✓", "■"])
def test_the_marks_of_word_processors_are_known_too(mark: str) -> None:
    assert bullets(f"Headline\n\n{mark} One bullet.\n{mark} Two bullets.") == ["One bullet.", "Two bullets."]
