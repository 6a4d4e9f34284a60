"""Splits: what every protocol promises, counted again from the bullets themselves with other code."""

import datetime as dt
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from briefbench.dataset.duplicates import Pair
from briefbench.dataset.sources import Sources
from briefbench.dataset.splits import Assignment, Units, assign, components, iso_week
from briefbench.errors import LeakageError
from briefbench.schema import PROTOCOLS, SPLITS, TASKS


@pytest.fixture(scope="module")
def assignments(sources: Sources) -> dict[str, Assignment]:
    return assign(sources.units)


def shared(keys: Iterable[Hashable], assignment: Assignment) -> set[Hashable]:
    """Return the keys that stand in more than one part."""
    parts = defaultdict(set)
    for key, part in zip(keys, assignment, strict=True):
        if key is not None and part is not None:
            parts[key].add(part)
    return {key for key, found in parts.items() if len(found) > 1}


def crossing_pairs(sources: Sources, assignment: Assignment) -> list[tuple[str, str]]:
    """Compare every two bullets of different parts by the words they share, without any index."""
    words = [sorted(set(re.findall(r"\w+", bullet.text.casefold()))) for bullet in sources.bullets]
    columns: dict[str, int] = {}
    entries = [(i, columns.setdefault(word, len(columns))) for i, of_text in enumerate(words) for word in of_text]
    table = sp.csr_array((np.ones(len(entries), dtype=np.int32), np.array(entries).T))
    sizes = table.sum(axis=1)
    found = []
    for one, other in itertools.combinations(SPLITS, 2):
        a, b = (np.array([i for i, part in enumerate(assignment) if part == name]) for name in (one, other))
        common = (table[a] @ table[b].T).tocoo()
        x, y = common.coords
        near = 5 * common.data >= 2 * (sizes[a][x] + sizes[b][y] - common.data)
        found += [(sources.bullets[i].id, sources.bullets[j].id) for i, j in zip(a[x[near]], b[y[near]], strict=True)]
    return found


def test_the_comparison_of_parts_sees_the_near_duplicates_there_are(sources: Sources) -> None:
    alternating: Assignment = [SPLITS[i % 3] for i in range(len(sources.bullets))]
    known = sum((pair.first - pair.second) % 3 != 0 for pair in sources.units.pairs)
    assert len(crossing_pairs(sources, alternating)) == known > 0


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_two_parts_share_a_page_or_a_near_duplicate(
    sources: Sources, assignments: Mapping[str, Assignment], protocol: str
) -> None:
    assert shared([bullet.url for bullet in sources.bullets], assignments[protocol]) == set()
    assert crossing_pairs(sources, assignments[protocol]) == []


@pytest.mark.parametrize("protocol", ["weeks", "chronological"])
def test_no_week_stands_in_two_parts(sources: Sources, assignments: Mapping[str, Assignment], protocol: str) -> None:
    mondays = [b.date - dt.timedelta(days=b.date.weekday()) for b in sources.bullets if b.date is not None]
    assert shared(mondays, assignments[protocol]) == set()


def test_chronological_parts_follow_each_other(sources: Sources, assignments: Mapping[str, Assignment]) -> None:
    days: dict[str, list[dt.date]] = {split: [] for split in SPLITS}
    for bullet, part in zip(sources.bullets, assignments["chronological"], strict=True):
        if part is not None and bullet.date is not None:
            days[part].append(bullet.date)
    assert max(days["train"]) < min(days["validation"])
    assert max(days["validation"]) < min(days["test"])


def test_no_publisher_stands_in_two_parts_under_any_spelling(
    sources: Sources, assignments: Mapping[str, Assignment]
) -> None:
    assignment = assignments["publishers"]
    assert shared(sources.units.outlets, assignment) == set()
    names = ["".join(c for c in (b.publisher or "").casefold() if c.isalnum()) for b in sources.bullets]
    assert shared(names, assignment) == set()
    assert shared([name.removeprefix("the") for name in names], assignment) == set()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_test_part_has_ten_bullets_of_every_class(
    sources: Sources, assignments: Mapping[str, Assignment], protocol: str
) -> None:
    for task in TASKS:
        counts = Counter(
            sources.gold[bullet.id].labels[task.name]
            for bullet, part in zip(sources.bullets, assignments[protocol], strict=True)
            if part == "test"
        )
        assert min(counts[name] for name in task.names) >= 10


def test_parts_have_about_their_share(sources: Sources, assignments: Mapping[str, Assignment]) -> None:
    total = len(sources.bullets)
    for protocol in ("weeks", "publishers"):
        counts = Counter(assignments[protocol])
        assert [counts[split] / total for split in SPLITS] == pytest.approx([0.7, 0.1, 0.2], abs=0.02)
    weeks = [b.date.isocalendar()[:2] for b in sources.bullets if b.date is not None]
    counts = Counter(assignments["chronological"])
    assert counts["test"] / total >= 0.2
    # left-out bullets may come off validation; with those of its weeks it is a tenth
    days = [w for w, part in zip(weeks, assignments["chronological"], strict=True) if part == "validation"]
    assert sum(min(days) <= week <= max(days) for week in weeks) / total >= 0.1
    assert counts["train"] / total >= 0.5


def test_bullets_are_left_out_only_of_chronological_and_only_for_a_later_relative(
    sources: Sources, assignments: Mapping[str, Assignment]
) -> None:
    assert None not in assignments["weeks"] + assignments["publishers"]
    assignment = assignments["chronological"]
    first_day = {
        split: min(b.date for b, part in zip(sources.bullets, assignment, strict=True) if part == split and b.date)
        for split in SPLITS
    }
    relatives = defaultdict(set)
    for a, b, _ in sources.units.pairs:
        relatives[a].add(b)
        relatives[b].add(a)
    pages = defaultdict(set)
    for i, bullet in enumerate(sources.bullets):
        pages[bullet.url].add(i)
    left_out = [i for i, part in enumerate(assignment) if part is None]
    assert 0 < len(left_out) < 0.01 * len(assignment)
    for i in left_out:
        reached, frontier = {i}, [i]
        while frontier:
            at = frontier.pop()
            url = sources.bullets[at].url
            new = (relatives[at] | (pages[url] if url else set())) - reached
            reached |= new
            frontier += new
        day = sources.bullets[i].date
        assert day is not None
        next_part = next(first_day[split] for split in SPLITS if first_day[split] > day)
        assert any((other := sources.bullets[j].date) is not None and other >= next_part for j in reached)


def test_the_assignment_is_the_same_every_time(sources: Sources, assignments: Mapping[str, Assignment]) -> None:
    assert assign(sources.units) == assignments


KEYS = st.sampled_from(["a", "b", "c", "d", None])


@given(st.lists(st.tuples(KEYS, KEYS), min_size=1, max_size=12), st.data())
def test_groups_are_those_of_a_plain_union_find(rows: list[tuple[str | None, str | None]], data: st.DataObject) -> None:
    count = len(rows)
    place = st.integers(0, count - 1)
    edges = data.draw(st.lists(st.tuples(place, place).filter(lambda e: e[0] < e[1]), max_size=4))
    parent = list(range(count))

    def find(i: int) -> int:
        return i if parent[i] == i else find(parent[i])

    related = [
        (i, j)
        for i, j in itertools.combinations(range(count), 2)
        if any(x is not None and x == y for x, y in zip(rows[i], rows[j], strict=True))
    ]
    for i, j in related + edges:
        parent[find(j)] = find(i)
    seen: dict[int, int] = {}
    expected = [seen.setdefault(find(i), len(seen)) for i in range(count)]
    keys = [[row[column] for row in rows] for column in (0, 1)]
    assert components(count, keys, [Pair(a, b, 0.5) for a, b in edges]).tolist() == expected


@pytest.mark.parametrize(
    ("day", "week"),
    [((2023, 1, 1), "2022-W52"), ((2023, 1, 2), "2023-W01"), ((2024, 12, 30), "2025-W01"), ((2027, 1, 3), "2026-W53")],
)
def test_weeks_at_the_turn_of_the_year_are_whole(day: tuple[int, int, int], week: str) -> None:
    assert iso_week(dt.date(*day)) == week


def small_units(count: int, *, weeks: int, outlets: int, codes: Sequence[int] = (0, 1)) -> Units:
    labels = np.array([codes[(i // weeks) % len(codes)] for i in range(count)], dtype=np.int64)
    return Units(
        dates=[dt.date(2023, 1, 2) + dt.timedelta(weeks=i % weeks) for i in range(count)],
        outlets=[f"o{i % outlets}" for i in range(count)],
        pages=[None] * count,
        labels={task.name: labels for task in TASKS},
        pairs=[],
    )


def test_bullets_without_a_page_are_not_taken_for_one_page() -> None:
    assert set(assign(small_units(80, weeks=20, outlets=20), min_test_class=1)["weeks"]) == set(SPLITS)


@pytest.mark.parametrize(
    ("units", "said"),
    [
        (small_units(40, weeks=2, outlets=20), "protocol weeks: 2 weeks, joined by 0 .* into 2 unrelated groups"),
        (
            small_units(40, weeks=20, outlets=2),
            "protocol publishers: 2 publishers, .* leave the protocol out with --protocols weeks chronological",
        ),
        (
            replace(small_units(40, weeks=20, outlets=20), pages=["one"] * 40),
            "protocol weeks: 20 weeks, joined by 0 near-duplicate pairs and by shared pages into 1 unrelated groups",
        ),
        (
            replace(small_units(40, weeks=20, outlets=20), pairs=[Pair(i, i + 1, 0.9) for i in range(39)]),
            "protocol weeks: 20 weeks, joined by 39 near-duplicate pairs",
        ),
    ],
    ids=["weeks", "outlets", "one page", "a chain of duplicates"],
)
def test_a_corpus_that_cannot_be_split_is_refused(units: Units, said: str) -> None:
    with pytest.raises(LeakageError, match=said) as caught:
        assign(units, min_test_class=1)
    assert "\n" not in str(caught.value)


def test_a_desk_with_one_outlet_can_leave_that_protocol_out() -> None:
    assignments = assign(small_units(80, weeks=20, outlets=1), min_test_class=1, protocols=("weeks", "chronological"))
    assert list(assignments) == ["weeks", "chronological"]


def test_a_class_too_small_for_a_test_part_is_named() -> None:
    with pytest.raises(LeakageError, match=r"(chronological: no week border|at least 30 are needed).*--min-test-class"):
        assign(small_units(80, weeks=20, outlets=20), min_test_class=30)
    units = small_units(100, weeks=20, outlets=20)
    few = units.labels["topic"].copy()
    few[[3, 50, 97]] = 7
    with pytest.raises(
        LeakageError, match=r"the test part has \d of 3 bullets of topic justice; at least 3 are needed"
    ):
        assign(replace(units, labels={**units.labels, "topic": few}), min_test_class=3)
