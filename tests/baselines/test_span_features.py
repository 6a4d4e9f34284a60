"""What the span finder sees of a token, and that no window and no count reaches into another text."""

import numpy as np
import pytest

from briefbench.baselines.span_features import Columns, _Layout, tokenize

TEXTS = ["The mayor said so.", 'Gov. Ada Byron said: "Ice, snow. Then rain," and left.', "Kyiv: Kyiv."]


def layout(*texts: str) -> tuple[list[str], _Layout]:
    tokens = tokenize(texts)
    return list(tokens.words), _Layout(tokens)


def test_tokens_are_words_and_signs_and_know_where_they_stand() -> None:
    tokens = tokenize(["Kyiv's air-raid", "", "x"])
    first, last = tokens.limits[0]
    assert list(tokens.words[first:last]) == ["Kyiv", "'", "s", "air", "-", "raid"]
    assert tokens.bounds[first:last].tolist() == [[0, 4], [4, 5], [5, 6], [7, 10], [10, 11], [11, 15]]
    assert tokens.limits[1, 0] == tokens.limits[1, 1]
    assert len(tokens.words) == len(tokens.bounds)


@pytest.mark.parametrize("others", [[], ["Said, said, said."], [""]])
def test_features_of_a_text_are_the_same_in_any_company(others: list[str]) -> None:
    columns = Columns.fit(tokenize(TEXTS * 2))
    for text in TEXTS:
        alone = tokenize([text])
        company = tokenize([*others, text, *others])
        first, last = company.limits[len(others)]
        begin, end = alone.limits[0]
        np.testing.assert_array_equal(
            columns.matrix(company)[first:last].toarray(), columns.matrix(alone)[begin:end].toarray()
        )


def test_what_stands_once_in_train_is_no_column() -> None:
    once, twice = Columns.fit(tokenize(["zebra"])), Columns.fit(tokenize(["zebra", "zebra"]))
    assert once.matrix(tokenize(["zebra"])).nnz < twice.matrix(tokenize(["zebra"])).nnz
    assert twice.matrix(tokenize(["zebra"])).shape[1] == sum(map(len, twice.kept))


def test_a_title_ends_no_sentence_and_a_quotation_mark_may_begin_one() -> None:
    words, found = layout('Gov. Byron spoke. "Snow," he said. It fell.')
    assert [found.sentence[words.index(word)] for word in ("Byron", "Snow", "said", "It")] == [0, 1, 1, 2]


def test_the_verbs_of_saying_next_to_a_token_are_those_of_its_sentence() -> None:
    words, found = layout("Snow fell. The mayor said that a nurse denied it.")
    mayor, nurse, snow = (words.index(word) for word in ("mayor", "nurse", "Snow"))
    assert words[found.next_verb[mayor]] == "said"
    assert words[found.last_verb[nurse]] == "said"
    assert words[found.next_verb[nurse]] == "denied"
    assert found.next_verb[snow] - snow == mayor - found.last_verb[mayor] == 12


@pytest.mark.parametrize(("text", "inside"), [('"Snow" fell', 1), ("“Snow” fell", 2), ("Snow fell", 0)])
def test_what_is_quoted_is_told_apart_even_at_the_beginning(text: str, inside: int) -> None:
    words, found = layout("x “ y", text)
    assert found.quoted[words.index("Snow")] == inside
    assert found.quoted[words.index("fell")] == 0


def test_commas_are_counted_up_to_a_place_and_no_further_than_the_sentence() -> None:
    words, found = layout("Ice, snow, the mayor said.", ",,,,,,")
    ice, mayor = words.index("Ice"), words.index("mayor")
    assert found.commas_to(found.next_verb)[[ice, mayor]].tolist() == [2, 0]
    assert found.commas_to(found.index + 12)[mayor] == 0


def test_a_repeated_word_is_known_within_its_text_only() -> None:
    words, found = layout("Kyiv saw kyiv", "Kyiv")
    places = [i for i, word in enumerate(words) if word.lower() == "kyiv"]
    assert found.repeated[places].tolist() == [0, 1, 0]
