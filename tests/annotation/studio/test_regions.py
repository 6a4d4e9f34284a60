"""A vote and its regions say the same; whatever Label Studio holds beyond that is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefbench.annotation.studio.regions import from_regions, origins, recorded, suggestion, to_regions
from briefbench.annotation.votes import Vote
from briefbench.errors import RecordError
from briefbench.schema import SOURCE_TYPE, STANCE, TASK_NAMES, TOPIC, UNATTRIBUTED

TEXT = "Kyiv's mayor 🛡️ said café workers had rebuilt the bridge."


@st.composite
def votes(draw: st.DrawFn) -> Vote:
    labels = {task.name: draw(st.sampled_from(task.names)) for task in (TOPIC, STANCE, SOURCE_TYPE)}
    others = [name for name in SOURCE_TYPE.names if name not in (labels["source_type"], UNATTRIBUTED)]
    span = sorted(draw(st.lists(st.integers(0, len(TEXT)), min_size=2, max_size=2, unique=True)))
    return Vote(
        bullet_id="20230102-abcdef",
        annotator="A1",
        labels=labels,
        other_source_types=tuple(draw(st.lists(st.sampled_from(others), unique=True, max_size=3))),
        span=None if labels["source_type"] == UNATTRIBUTED else (span[0], span[1]),
        round=draw(st.integers(1, 9)),
        created_at="2026-11-22",
    )


def read(regions: list[dict[str, Any]], length: int = len(TEXT)) -> Vote:
    return from_regions(regions, "20230102-abcdef", "A1", length, made=(1, "2026-11-22"), where="task 7, bullet x")


@given(votes())
def test_a_vote_survives_the_way_there_and_back(vote: Vote) -> None:
    regions = to_regions(vote, TEXT)
    made = recorded(regions)
    assert made == (vote.round, vote.created_at)
    back = from_regions(regions, vote.bullet_id, "A1", len(TEXT), made=made, where="task 1")
    assert back == vote


@given(votes().filter(lambda vote: vote.span is not None))
def test_the_phrase_is_that_of_the_text_in_code_points(vote: Vote) -> None:
    (region,) = [one for one in to_regions(vote, TEXT) if one["type"] == "labels"]
    assert region["value"]["text"] == TEXT[region["value"]["start"] : region["value"]["end"]]


def answer(**changes: Any) -> list[dict[str, Any]]:
    """Return a vote's regions with some of them replaced by name; ``None`` takes one out."""
    vote = Vote(
        "20230102-abcdef",
        "A1",
        {"topic": "society", "stance": "neutral", "source_type": "news_media"},
        (),
        (0, 4),
        1,
        "2026-11-22",
    )
    regions = {region["from_name"]: region for region in to_regions(vote, TEXT)}
    return [region for region in (regions | changes).values() if region is not None]


def choice(name: str, *labels: Any) -> dict[str, Any]:
    return {"from_name": name, "type": "choices", "value": {"choices": list(labels)}}


@pytest.mark.parametrize(
    ("regions", "said"),
    [
        (answer(topic=None), "no topic"),
        (answer(topic=choice("topic", "weather")), "unknown topic 'weather'"),
        (answer(topic=choice("topic", "combat", "strikes")), "topic has 2 labels; keep one"),
        (answer(topic=choice("topic")), "topic has 0 labels"),
        (answer(topic=choice("topic", 3)), "topic holds no list of labels"),
        (answer(topic=choice("topic", "combat;strikes")), "topic holds no list of labels"),
        (answer(topic={"from_name": "topic", "value": None}), "topic holds no list of labels"),
        (answer(mood=choice("mood", "glad")), "an answer to 'mood', which the labelling config does not ask"),
        ([*answer(), choice("topic", "combat")], "topic is answered twice"),
        (answer(source_span=None), "no span, but the source type is news_media"),
        (answer(source_type=choice("source_type", UNATTRIBUTED)), "a span, but the source type is unattributed"),
        (
            answer(source_span={"from_name": "source_span", "value": {"start": 3, "end": 999}}),
            "does not lie in the text",
        ),
        (
            answer(source_span={"from_name": "source_span", "value": {"start": "0", "end": 2}}),
            "expected two whole numbers",
        ),
        (
            answer(source_span={"from_name": "source_span", "value": {"start": True, "end": 2}}),
            "expected two whole numbers",
        ),
        (answer(source_span={"from_name": "source_span", "value": {"start": -4, "end": 2}}), "span is '-4'"),
        (answer(other_source_types=choice("other_source_types", "news_media")), "names the source_type itself"),
        (answer(other_source_types=choice("other_source_types", "nobody")), "unknown source_type 'nobody'"),
        ([], "no topic"),
    ],
)
def test_what_is_no_vote_is_refused_with_its_task(regions: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(RecordError, match=r"^task 7, bullet x: ") as refused:
        read(regions)
    assert said in str(refused.value)


def test_a_label_made_in_the_page_has_no_recorded_round() -> None:
    assert recorded([choice("topic", "combat")]) is None
    assert recorded([choice("topic", "combat") | {"meta": {"text": ["a note"]}}]) is None
    assert recorded([choice("topic", "combat") | {"meta": {"briefbench": {"round": "2", "created_at": "x"}}}]) is None


def test_origins_are_those_of_the_labels_that_say_one() -> None:
    regions = [
        choice("stance", "mixed") | {"origin": "prediction-changed"},
        choice("topic", "combat") | {"origin": "prediction"},
        choice("source_type", "news_media") | {"origin": "a;forged:one"},
    ]
    assert origins(regions) == "topic:prediction;stance:prediction-changed"
    assert origins([]) == ""


def test_a_suggestion_has_one_label_a_task() -> None:
    labels = {"topic": "combat", "stance": "neutral", "source_type": "news_media"}
    assert [(one["from_name"], one["value"]) for one in suggestion(labels)] == [
        (task, {"choices": [labels[task]]}) for task in TASK_NAMES
    ]
