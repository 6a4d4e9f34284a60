"""Who speaks by rule: the phrase before or after a verb, with the role or name set beside it, and nothing more."""

import pytest

from briefbench.baselines.rules import read_rules
from briefbench.baselines.speakers import sentences


def found(text: str) -> list[str]:
    return [text[one.start : one.end] for one in read_rules().finder.find(text)]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("The mill reopened on Monday, the harbor master said.", "the harbor master"),
        ("The harbor master said that the mill had reopened.", "The harbor master"),
        ("The mill reopened, according to the harbor master, who saw it.", "the harbor master"),
        ('"The mill is open," said the harbor master on Monday.', "the harbor master on Monday"),
        ("The mill reopened, said Ada Byron, the harbor master.", "Ada Byron, the harbor master"),
        ("The mill reopened, the harbor master, Ada Byron, said.", "the harbor master, Ada Byron"),
        ("The news was confirmed by the harbor master.", "the harbor master"),
        ("It was late when the harbor master said so.", "the harbor master"),
        ("The harbor master has repeatedly warned of ice.", "The harbor master"),
        ("In the view of Gov. Ada Byron, ice is a risk.", "Gov. Ada Byron"),
        ("The mill reopened, according to the U.S. Coast Guard.", "the U.S. Coast Guard"),
    ],
)
def test_the_phrase_of_a_verb_is_found(text: str, phrase: str) -> None:
    assert found(text)[0] == phrase


@pytest.mark.parametrize(
    "text", ["He said so.", "The mill, it was said.", "A drone hit the ministry.", "", "said", "?!"]
)
def test_a_pronoun_or_nothing_is_no_speaker(text: str) -> None:
    assert found(text) == []


def test_speakers_come_with_their_sentence() -> None:
    text = "The mill reopened, the mayor said. A nurse denied it."
    assert [one.sentence for one in read_rules().finder.find(text)] == [0, 1]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two.", ["One. ", "Two."]),
        (
            "Gov. Ada Byron of the U.S. Senate spoke. Then she left.",
            ["Gov. Ada Byron of the U.S. Senate spoke. ", "Then she left."],
        ),
        ('"Is it?" He left.', ['"Is it?" ', "He left."]),
        ("At 3.5 percent. no more.", ["At 3.5 percent. no more."]),
        ("", [""]),
    ],
)
def test_a_title_or_an_initial_ends_no_sentence(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == parts
