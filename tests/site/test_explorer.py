"""The explorer's data: what stands in a bullet's row is that bullet's, in offsets that a browser counts the same."""

from typing import Any

from briefbench.schema import STANCE, TASK_NAMES
from briefbench.site.explorer import explorer_data, filter_options
from site_support import board, bullet, corpus, reference, vote

ROWS = [bullet(i) for i in range(30)]


def data(rows: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    known = corpus(rows, **changes)
    return explorer_data(board(reference(known.bullets)), known)


def decoded(column: dict[str, Any]) -> list[Any]:
    return [column["values"][code] for code in column["codes"]]


def test_every_column_is_in_the_order_of_the_ids() -> None:
    made = data(ROWS)
    rows = {row["bullet_id"]: row for row in ROWS}
    assert made["ids"] == sorted(rows)
    for i, identifier in enumerate(made["ids"]):
        row = rows[identifier]
        assert made["texts"][i] == row["text"]
        assert {task: made["gold"][task][i] for task in TASK_NAMES} == {task: row[task] for task in TASK_NAMES}
        assert made["parts"][made["splits"]["weeks"][i]] == row["split_weeks"]
        assert made["splits"]["chronological"][i] == -1
        assert decoded(made["columns"]["month"])[i] == row["date"][:7]
        assert decoded(made["columns"]["publisher"])[i] == row["publisher"]


def test_spans_count_what_a_browser_counts_beyond_the_first_plane() -> None:
    text = "\U0001d4d0\U0001d4d1 said the h\u00e9ron \U0001d4d2 is back"
    start, end = text.index("the"), text.index(" is")
    made = data([*ROWS, bullet(99, text, span_start=start, span_end=end)])
    at = made["texts"].index(text)
    units = text.encode("utf-16-le")
    first, last = made["spans"][at]
    assert units[2 * first : 2 * last].decode("utf-16-le") == "the h\u00e9ron \U0001d4d2"
    assert data([bullet(3), bullet(2)])["spans"] == [[0, 10], 0]


def test_predictions_are_matched_by_id_whatever_the_references_order() -> None:
    known = corpus(ROWS)
    truth = reference(list(reversed(known.bullets)))
    shown = board(truth)
    made = explorer_data(shown, known)
    system = made["systems"][0]
    for place, row in enumerate(made["reference"]["bullets"]):
        assert made["ids"][row] == truth.bullet_ids[place]
        assert system["labels"]["topic"][place] == shown.standings[0].predictions.labels["topic"][place]


def test_votes_say_whose_they_are_and_whether_they_count() -> None:
    some = [vote(ROWS[0], "A1"), vote(ROWS[7], "A3", stance=1), vote(ROWS[9], "A3")]
    made = data(ROWS, votes=some)
    first, third = made["annotators"]
    assert (first["name"], first["counts"], third["name"], third["counts"]) == ("A1", True, "A3", False)
    assert {made["ids"][row] for row in third["bullets"]} == {ROWS[7]["bullet_id"], ROWS[9]["bullet_id"]}
    at = third["bullets"].index(made["ids"].index(ROWS[7]["bullet_id"]))
    assert STANCE.names[third["labels"]["stance"][at]] == "pro_russia"


def test_disputes_and_adjudications_stay_with_their_bullet() -> None:
    decision = {"task": "stance", "label": "mixed", "reason": "two voices"}
    made = data([*ROWS, bullet(50, disputed=["topic", "stance"], adjudications=[decision])])
    at = made["ids"].index(bullet(50)["bullet_id"])
    assert made["disputed"][at] == 0b011
    assert made["adjudications"] == {str(at): [["stance", "mixed", "two voices"]]}


def test_what_a_bullet_lacks_can_still_be_filtered_for() -> None:
    known = corpus([*ROWS, bullet(31, publisher=None, date=None)])
    offered = filter_options(board(reference(known.bullets)), known)
    assert "no publisher named" in offered["publishers"]
    assert offered["months"][-1] == "undated"
    assert offered["systems"] == ["reader", "visitor", "field", "coin"]
