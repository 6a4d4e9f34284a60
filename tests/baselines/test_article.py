"""Labels of an article: counted as the votes say, kept only where they belong, refused where they are damaged."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from scipy.stats import binomtest

from briefbench.baselines.article import (
    WHOLE,
    Article,
    ArticleLabels,
    Labels,
    merged,
    ordered,
    read_article_labels,
    render,
    right,
)
from briefbench.errors import InputError
from briefbench.files import to_json

ARTICLE = Article.of("gazette", "d" * 64, ["A tug sank.", "Rain fell.", "A choir sang."])
GOOD: Labels = {
    "topic": ("economy", "society", "society"),
    "stance": ("neutral", "neutral", "pro_ukraine"),
    "source_type": ("news_media", "unattributed", "unattributed"),
}
AGREED: dict[str, list[str | None]] = {
    "topic": ["economy", "combat", "society"],
    "stance": ["neutral", "neutral", None],
    "source_type": ["news_media", "unattributed", "unattributed"],
}
WORSE = {**GOOD, "topic": ("combat", "society", "society")}
BETTER = {**GOOD, "topic": ("economy", "combat", "society")}
STORED = ArticleLabels(ARTICLE, {"rules": WORSE, "tfidf-lr": GOOD, "chars-nb": GOOD, "light": BETTER})


def test_a_disputed_label_is_right_for_nobody_and_a_bullet_needs_all_of_its_labels() -> None:
    assert right(GOOD, AGREED) == {"topic": 2, "stance": 2, "source_type": 3, WHOLE: 1}


def test_labels_that_do_not_fit_the_votes_are_not_counted() -> None:
    with pytest.raises(ValueError, match="is longer"):
        right(GOOD, {task: [*labels, "x"] for task, labels in AGREED.items()})


def test_systems_stand_from_most_wholly_right_to_least_and_equals_by_name() -> None:
    assert [name for name, _ in ordered(STORED, AGREED)] == ["light", "chars-nb", "tfidf-lr", "rules"]


def test_the_page_has_counts_wilson_intervals_disputes_the_voters_and_the_best_possible() -> None:
    page = render(STORED, AGREED, "language models", "annotation/elsewhere")
    cells = {}
    for count in range(4):
        bounds = binomtest(count, 3).proportion_ci(method="wilson")
        cells[count] = f"{count} [{bounds.low:.2f}, {bounds.high:.2f}]"
    assert cells[2] == "2 [0.21, 0.94]"
    assert f"| `tfidf-lr` | {cells[2]} | {cells[2]} | {cells[3]} | {cells[1]} |" in page
    assert f"| `rules` | {cells[1]} | {cells[2]} | {cells[3]} | {cells[0]} |" in page
    assert page.endswith("| the best possible | 3 | 2 | 3 | 2 |\n")
    flat = " ".join(page.split())
    assert "The votes come from language models, not from people." in flat
    assert "0 in topic, 1 in stance, 0 in source_type" in flat
    assert "on the 3 bullets of `gazette`" in flat
    assert "--against annotation/elsewhere`" in page
    assert "The votes come from people." in render(STORED, AGREED, "people", "annotation/elsewhere")


def test_labels_of_others_stay_for_the_same_bullets_and_release_only() -> None:
    found = {"rules": GOOD}
    assert merged(STORED, ARTICLE, found).labels == {**STORED.labels, "rules": GOOD}
    other_text = Article.of("gazette", "d" * 64, ["A tug sank.", "Rain fell.", "A choir slept."])
    other_release = Article.of("gazette", "e" * 64, ["A tug sank.", "Rain fell.", "A choir sang."])
    for article in (other_text, other_release):
        assert merged(STORED, article, found) == ArticleLabels(article, found)
    assert merged(None, ARTICLE, found) == ArticleLabels(ARTICLE, found)


def test_labels_of_systems_that_are_gone_go() -> None:
    before = ArticleLabels(ARTICLE, {"old-system": GOOD, "light": GOOD})
    assert set(merged(before, ARTICLE, {"rules": GOOD}).labels) == {"light", "rules"}


def test_stored_labels_are_read_again_as_written(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    assert read_article_labels(path) is None
    path.write_text(to_json(STORED), encoding="utf-8")
    assert read_article_labels(path) == STORED


def test_no_text_is_in_what_is_stored() -> None:
    assert not any(word in to_json(STORED) for word in ("tug", "Rain", "choir"))


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({**GOOD, "topic": GOOD["topic"][:2]}, "system rules: 2 labels of topic for 3 bullets"),
        ({**GOOD, "topic": ("weather", *GOOD["topic"][1:])}, "system rules: unknown topic 'weather'"),
        ({"topic": GOOD["topic"]}, "system rules: has not the tasks topic, stance, source_type"),
        ({**GOOD, "mood": GOOD["topic"]}, "system rules: has not the tasks"),
        ({**GOOD, "topic": 3}, "not the labels of an article: Expected `array`"),
        ("no", "not the labels of an article"),
    ],
)
def test_damaged_labels_are_refused_in_one_line(tmp_path: Path, labels: Any, said: str) -> None:
    path = tmp_path / "results.json"
    path.write_bytes(msgspec.json.encode({"article": ARTICLE, "labels": {"rules": labels}}))
    with pytest.raises(InputError, match=r"remove .* make it again") as caught:
        read_article_labels(path)
    assert str(caught.value).startswith(f"{path}")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "results.json").write_bytes(data)
    with pytest.raises(InputError, match="not the labels of an article"):
        read_article_labels(tmp_path / "results.json")
