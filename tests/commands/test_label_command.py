"""``briefbench label``: every bullet once, in order, labelled; and an honest comparison with recorded votes."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from briefbench.annotation.standoff import COLUMNS
from briefbench.baselines.label import Model, fit_model, label_texts, load_model
from briefbench.commands import main
from briefbench.dataset.ingest import article_bullets, read_article
from briefbench.dataset.release import build
from briefbench.dataset.release import write as write_release
from briefbench.schema import TASKS, UNATTRIBUTED
from tests_support import FIXTURES, SmallProject, csv_text

BRIEFING = FIXTURES / "briefing.txt"
BULLETS = article_bullets(read_article(BRIEFING))

Refused = Callable[..., str]
Label = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def model() -> Model:
    """The default model, read once."""
    return load_model()


@pytest.fixture
def fitted(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command find the default model read."""

    def ready(name: str | None, dataset: Path | None) -> Model:
        assert name is None
        return model

    monkeypatch.setattr("briefbench.baselines.label.load_model", ready)


@pytest.fixture
def label(capsys: pytest.CaptureFixture[str], fitted: None) -> Label:
    """Label an article, and return the records that ``--json`` prints."""

    def label(article: Path, *options: str) -> list[dict[str, Any]]:
        assert main(["label", str(article), "--json", *options]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return label


def vote(record: dict[str, Any], **changes: str) -> list[str]:
    """Return the cells of a vote that agrees with a labelled bullet but for the changes."""
    labels = {task.name: record[task.name]["label"] for task in TASKS} | changes
    span = ["", ""] if labels["source_type"] == UNATTRIBUTED else ["0", "4"]
    place = [BRIEFING.stem, str(record["position"]), record["section"]]
    return [*place, *(labels[task.name] for task in TASKS), "", *span, "1", "2026-01-02"]


def write(folder: Path, name: str, rows: Sequence[Sequence[str]]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.csv").write_text(csv_text(COLUMNS, rows), encoding="utf-8")
    return folder


def test_every_bullet_is_labelled_once_in_the_articles_order(label: Label) -> None:
    records = label(BRIEFING)
    assert [record["text"] for record in records] == [bullet.text for bullet in BULLETS]
    assert [record["position"] for record in records] == list(range(1, 13))
    assert len({record["section"] for record in records}) == 4
    for record in records:
        assert set(record) == {"id", "position", "section", "text", *(task.name for task in TASKS)}
        for task in TASKS:
            assert record[task.name]["label"] in task.names
            assert 0 < record[task.name]["confidence"] <= 1


def test_text_and_saved_page_of_an_article_get_the_same_labels(label: Label) -> None:
    from_text, from_page = label(BRIEFING), label(FIXTURES / "briefing.html")
    assert [record["text"] for record in from_page] == [record["text"] for record in from_text]
    assert from_page == from_text


def test_the_table_shows_every_bullet_under_the_articles_title(
    label: Label, capsys: pytest.CaptureFixture[str]
) -> None:
    records = label(BRIEFING)
    assert main(["label", str(BRIEFING)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Ukraine live briefing: Ferry traffic halts near Kerch")
    for record in records:
        (row,) = [line for line in lines if line.split()[:1] == [str(record["position"])]]
        assert record["text"][:60] in row
        for task in TASKS:
            assert f"{record[task.name]['label']} {record[task.name]['confidence']:.2f}" in row


def test_prose_is_labelled_only_when_asked_for_and_else_named_on_standard_error(
    fitted: None, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = []
    for options in ([], ["--prose"], ["--prose", "--lead"]):
        assert main(["label", str(BRIEFING), "--json", *options]) == 0
        captured = capsys.readouterr()
        counts.append(len(captured.out.splitlines()))
        assert ("--prose" in captured.err) == (not options)
        assert captured.err.count("\n") <= 1
    assert counts[0] == 12
    assert counts == sorted(set(counts))


def test_the_model_is_fitted_on_the_release_that_was_named(
    small_project: SmallProject, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = small_project.root / "dataset"
    write_release(build(small_project.annotation, min_test_class=1), folder)
    assert main(["label", str(BRIEFING), "--json", "--dataset", str(folder)]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    expected = label_texts(fit_model(dataset=folder), [bullet.text for bullet in BULLETS])
    for record, labels in zip(records, expected, strict=True):
        assert {task: record[task]["label"] for task in labels} == {task: one.label for task, one in labels.items()}
    assert {record["topic"]["label"] for record in records} <= {"combat", "economy", "society"}


def test_an_article_without_bullets_is_refused(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Just a sentence.\n")
    assert "note.txt: no bullet found" in refused("label", tmp_path / "note.txt")


def test_votes_that_agree_with_the_model_are_all_right(
    label: Label, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    votes = [vote(record) for record in label(BRIEFING)]
    folder = write(tmp_path / "votes", "P1", votes)
    assert main(["label", str(BRIEFING), "--against", str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-4:-1] == [f"{task.name}: 12 of 12 right" for task in TASKS]
    assert lines[-1].startswith("all three: 12 of 12 right")


def test_wrong_and_disputed_labels_count_as_not_right(
    label: Label, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = label(BRIEFING)
    other = next(name for name in TASKS[1].names if name not in {record["stance"]["label"] for record in records[:2]})
    first = [vote(record, **({"stance": other} if i < 2 else {})) for i, record in enumerate(records)]
    second = [vote(record, **({"stance": other} if i < 1 else {})) for i, record in enumerate(records)]
    folder = write(write(tmp_path / "votes", "P1", first), "P2", second)
    assert main(["label", str(BRIEFING), "--against", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "\nstance: 10 of 12 right, 1 disputed\n" in out
    assert "\ntopic: 12 of 12 right\n" in out
    assert "\nall three: 10 of 12 right" in out


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda rows: rows[:-1], "P1.csv: 11 votes for an article of 12 bullets"),
        (lambda rows: [*rows, [*rows[0][:1], "13", *rows[0][2:]]], "line 14: the article has only 12 bullets"),
        (lambda rows: [rows[1], *rows[1:]], "line 2: position '2'; expected 1"),
        (lambda rows: [[*rows[0][:2], "Sport", *rows[0][3:]], *rows[1:]], "line 2: section 'Sport', but the article's"),
        (lambda rows: [[*rows[0][:3], "sport", *rows[0][4:]], *rows[1:]], "line 2: unknown topic 'sport'; expected"),
        (lambda rows: [[*rows[0][:3], "", *rows[0][4:]], *rows[1:]], "line 2: unknown topic ''"),
        (lambda rows: [rows[0][:-1], *rows[1:]], "line 2: 10 cells; expected 11"),
        (lambda rows: [], "P1.csv: 0 votes for an article of 12 bullets"),
    ],
)
def test_votes_that_do_not_fit_the_article_are_refused_before_anything_is_printed(
    refused: Refused,
    tmp_path: Path,
    spoil: Callable[[list[list[str]]], list[list[str]]],
    words: str,
) -> None:
    record = {task.name: {"label": task.names[0]} for task in TASKS}
    rows = [vote({**record, "position": bullet.position, "section": bullet.section}) for bullet in BULLETS]
    folder = write(tmp_path / "votes", "P1", spoil(rows))
    assert words in refused("label", BRIEFING, "--against", folder)


def test_a_folder_without_votes_is_refused(refused: Refused, tmp_path: Path) -> None:
    assert "no vote file (<annotator>.csv) in the folder" in refused("label", BRIEFING, "--against", tmp_path)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--model", "bert"), "no baseline 'bert'; the baselines are"),
        (("--model", "section"), "baseline 'section' does not read the text"),
        (("--model", "tfidf-svm"), "gives no probabilities, so no confidence; try light"),
        (("--dataset", "nowhere"), "nowhere: no release here"),
        (("--encoding", "klingon"), "no text encoding is called 'klingon'"),
    ],
)
def test_what_cannot_label_is_refused(
    refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert words in refused("label", BRIEFING, *options)


def test_what_is_no_article_is_refused(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    for name in ("empty.txt", "picture.png", "nowhere.txt", ""):
        assert str(tmp_path / name) in refused("label", tmp_path / name)


def test_labelling_leaves_no_file_behind(label: Label, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(BRIEFING, tmp_path / "mine.txt")
    monkeypatch.chdir(tmp_path)
    label(tmp_path / "mine.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
