"""The page of the agreement: never people's where models voted, and complete whatever the votes are."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreement_support import ballot_tables, made, make_ballots, model, person
from briefbench.annotation.agreement import NO_HUMAN, SELF_CONSISTENCY
from briefbench.annotation.reliability.alpha import Draws
from briefbench.annotation.reliability.page import render_report, summary
from briefbench.annotation.reliability.report import Report, report
from briefbench.annotation.votes import Annotator

MODEL, OTHER, PERSON = model("M"), model("N", "Parrot 2"), person("P")


@pytest.mark.parametrize(
    ("who", "kinds", "says", "never"),
    [
        ((MODEL, model("L")), {"self-consistency"}, (SELF_CONSISTENCY, NO_HUMAN), ()),
        ((MODEL, OTHER), {"mixed"}, (NO_HUMAN,), (SELF_CONSISTENCY,)),
        ((MODEL, PERSON), {"mixed"}, (), (SELF_CONSISTENCY, NO_HUMAN)),
        ((MODEL, model("L"), PERSON), {"mixed", "self-consistency"}, (SELF_CONSISTENCY,), (NO_HUMAN,)),
        ((PERSON, person("Q")), {"human"}, (), (SELF_CONSISTENCY, NO_HUMAN)),
    ],
)
def test_the_agreement_of_models_is_never_sold_as_peoples(
    who: Sequence[Annotator], kinds: set[str], says: Sequence[str], never: Sequence[str]
) -> None:
    votes = [[code % 4] * len(who) for code in range(12)]
    votes[0][0] = 3
    found = made(make_ballots(votes, annotators=who))
    assert {pair.kind for pair in found.pairs} == kinds
    page = render_report(found, pictures=True)
    for text in says:
        assert found.note.count(text) == 1
        assert page.index(text) < page.index("Krippendorff")
    for text in never:
        assert text not in found.note
        assert text not in page
    for heading in [line for line in page.splitlines() if line.startswith("## ") and "(" in line]:
        assert heading.endswith(tuple(f"({kind})" for kind in ("human", "mixed", "self-consistency")))
    header, rows = summary(found)
    assert header[1] == "kind"
    assert {str(row[1]) for row in rows} <= kinds | {"mixed"}
    if kinds != {"human"}:
        assert "human" not in {str(row[1]) for row in rows}


def test_every_table_of_figures_says_whose_agreement_it_is(corpus_report: Report) -> None:
    page = render_report(corpus_report, pictures=True)
    assert page.index(SELF_CONSISTENCY) < page.index("Krippendorff")
    sections = page.split("\n## ")[1:]
    assert len(sections) == 7
    assert all("self-consistency" in section for section in sections)
    for picture in [line for line in page.splitlines() if line.startswith("![")]:
        assert "self-consistency" in picture.partition("](")[0]


def test_figures_from_few_weeks_are_marked() -> None:
    votes = [[0, 0], [1, 1], [0, 1], [2, 2]]
    few, enough = made(make_ballots(votes * 2)), made(make_ballots(votes * 3))
    assert str(summary(few)[1][0][4]).endswith("]*")
    assert str(summary(enough)[1][0][4]).endswith("]")


@settings(max_examples=30)
@given(ballot_tables(annotators=(1, 4), most=15), st.data())
def test_any_votes_have_a_report_and_a_page(table: tuple[list[list[int]], list[int]], data: st.DataObject) -> None:
    who = [
        Annotator(
            f"P{i}",
            data.draw(st.sampled_from(["human", "model"])),
            data.draw(st.sampled_from(["", "M"])),
            data.draw(st.sampled_from(["a", "b"])),
            data.draw(st.booleans()),
            "",
        )
        for i in range(len(table[0][0]))
    ]
    ballots = make_ballots(*table, annotators=who)
    found = report(ballots, Draws(5), aggregation=False)
    page = render_report(found, pictures=True)
    assert page.startswith("# Agreement\n")
    assert "nan" not in page.replace("finance", "")
    for pair in found.pairs:
        for one in pair.tasks.values():
            assert sum(map(sum, one.confusion)) == pair.bullets


def test_the_page_counts_what_it_draws() -> None:
    random = np.random.default_rng(3)
    votes = random.integers(0, 4, (30, 6)).tolist()
    page = render_report(made(make_ballots(votes)), pictures=True)
    assert page.count("![Bullets by the label of") == 10
    assert "Drawn are at most 10 pairs" in page
