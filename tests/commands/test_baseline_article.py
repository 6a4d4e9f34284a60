"""``briefbench baseline article``: labels and page of an article, without its text; others' labels stay."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from briefbench.annotation.standoff import COLUMNS
from briefbench.baselines.article import ArticleLabels, read_article_labels, right
from briefbench.baselines.base import read_examples, unlabelled
from briefbench.baselines.registry import BASELINES, baseline_of
from briefbench.baselines.report.stored import read_stored
from briefbench.baselines.run import fit
from briefbench.commands import main
from briefbench.dataset.ingest import article_bullets, read_article
from briefbench.evaluation.systems import read_result
from briefbench.project import Project
from briefbench.schema import TASKS
from tests_support import FIXTURES, SmallProject, csv_text

BRIEFING = FIXTURES / "briefing.txt"
BULLETS = article_bullets(read_article(BRIEFING))
NAMES = ("tfidf-nb", "chars-nb")
VOTE = ["combat", "neutral", "unattributed", "", "", "", "1", "2026-01-02"]
Refused = Callable[..., str]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a release, stored results of two quick baselines, and votes on an article: all the same label."""
    project = SmallProject.write(tmp_path_factory.mktemp("article") / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.root)
        assert main(["release", "build", "--min-test-class", "1"]) == 0
        assert main(["baseline", "run", *NAMES, "--protocol", "weeks"]) == 0
    folder = project.annotation / "standoff"
    folder.mkdir()
    rows = [["gazette-1", str(bullet.position), bullet.section, *VOTE] for bullet in BULLETS]
    for name in ("P1", "P2"):
        (folder / f"{name}.csv").write_text(csv_text(COLUMNS, rows), encoding="utf-8")
    return project.root


@pytest.fixture
def here(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project as the current folder, with nothing stored for the article; the folder where that goes."""
    monkeypatch.chdir(prepared)
    folder = prepared / "baselines" / "external" / "gazette-1"
    for path in folder.glob("*"):
        path.unlink()
    few = tuple(baseline for baseline in BASELINES if baseline.name in (*NAMES, "section", "masked-lr", "rules"))
    monkeypatch.setattr("briefbench.baselines.registry.BASELINES", few)
    return folder


def article(*options: str) -> tuple[str, ...]:
    return ("baseline", "article", str(BRIEFING), *options, "--against", "annotation/standoff")


def read(folder: Path) -> ArticleLabels:
    found = read_article_labels(folder / "results.json")
    assert found is not None
    return found


def test_labels_are_those_of_a_fit_as_the_stored_result_says(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(article(*NAMES)) == 0
    out = capsys.readouterr().out
    assert "right of 12 bullets" in out
    stored = read(here)
    assert (stored.article.name, stored.article.bullets, set(stored.labels)) == ("gazette-1", 12, set(NAMES))
    chosen = read_result(Path("baselines/results/chars-nb.json")).chosen
    codes = fit(baseline_of("chars-nb"), read_examples(dataset=Path("dataset")), chosen).predict(
        unlabelled([bullet.text for bullet in BULLETS])
    )
    for task in TASKS:
        assert stored.labels["chars-nb"][task.name] == tuple(task.names[code] for code in codes.labels[task.name])
    agreed: dict[str, list[str | None]] = {
        "topic": ["combat"] * 12,
        "stance": ["neutral"] * 12,
        "source_type": ["unattributed"] * 12,
    }
    counts = right(stored.labels["chars-nb"], agreed)
    assert sum(counts.values()) > 0
    (line,) = [line for line in out.splitlines() if line.split()[:1] == ["chars-nb"]]
    assert line.split()[1:] == [str(count) for count in counts.values()]
    page = (here / "README.md").read_text(encoding="utf-8")
    assert f"| `chars-nb` | {counts['topic']} [" in page
    assert "The votes come from people." in page
    assert "--against annotation/standoff`" in page


def test_nothing_of_the_text_is_written(here: Path) -> None:
    assert main(article("tfidf-nb")) == 0
    assert {path.name for path in here.iterdir()} == {"results.json", "README.md"}
    for path in here.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not any(bullet.text[:20] in text or bullet.section in text for bullet in BULLETS)


def test_a_run_with_names_keeps_the_labels_of_the_others(here: Path) -> None:
    assert main(article("tfidf-nb")) == 0
    first = read(here)
    assert main(article("chars-nb")) == 0
    assert read(here).labels["tfidf-nb"] == first.labels["tfidf-nb"]
    both = {path.name: path.read_bytes() for path in here.iterdir()}
    assert main(article(*NAMES)) == 0
    assert {path.name: path.read_bytes() for path in here.iterdir()} == both


def test_without_names_all_that_read_text_and_can_be_fitted_label(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lacking = replace(baseline_of("rules"), extra="lacking")
    few = (baseline_of("tfidf-nb"), baseline_of("section"), lacking)
    monkeypatch.setattr("briefbench.baselines.registry.BASELINES", few)
    monkeypatch.setattr("briefbench.baselines.extras.EXTRAS", {"lacking": ("no_such",)})
    assert main(article()) == 0
    assert set(read(here).labels) == {"tfidf-nb"}
    assert "left out: what baseline rules needs (no_such)" in capsys.readouterr().err


def test_the_report_is_not_disturbed_by_an_article(here: Path) -> None:
    assert main(article("tfidf-nb")) == 0
    assert read_stored(Project(here.parents[2])).external == {}
    assert main(["baseline", "report"]) == 0


def test_models_are_taken_from_the_shelf_only_where_that_is_wanted(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    class Watched:
        def __init__(self, folder: Path, data: str, protocol: str, *, reuse: bool) -> None:
            seen.append((folder.relative_to(here.parents[1]).as_posix(), protocol, reuse))

        fit = staticmethod(fit)

    monkeypatch.setattr("briefbench.baselines.shelf.Shelf", Watched)
    assert main(article("tfidf-nb")) == 0
    assert main([*article("tfidf-nb"), "--reuse"]) == 0
    assert seen == [("models", "weeks", False), ("models", "weeks", True)]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("bert",), "no baseline 'bert'; the baselines are"),
        (("section",), "baseline 'section' does not read the text alone, so it labels no article"),
        (("masked-lr",), "baseline 'masked-lr' does not read the text alone"),
        (("rules",), "rules.json: no such file"),
    ],
)
def test_what_cannot_label_an_article_is_refused(
    here: Path, refused: Refused, names: tuple[str, ...], words: str
) -> None:
    assert words in refused(*article(*names))
    assert not any(here.glob("*"))


def test_a_result_of_another_release_is_refused(here: Path, refused: Refused) -> None:
    path = Path("baselines/results/tfidf-nb.json")
    before = path.read_text(encoding="utf-8")
    data = read_result(path).evaluation.data
    path.write_text(before.replace(data, "0" * len(data)), encoding="utf-8")
    try:
        assert "result tfidf-nb: of another release" in refused(*article("tfidf-nb"))
    finally:
        path.write_text(before, encoding="utf-8")


def test_votes_on_another_article_are_refused_and_nothing_is_written(
    here: Path, refused: Refused, tmp_path: Path
) -> None:
    (tmp_path / "P1.csv").write_text(csv_text(COLUMNS, [["a", "1", "Sport", *VOTE]]), encoding="utf-8")
    said = refused("baseline", "article", BRIEFING, "tfidf-nb", "--against", tmp_path)
    assert "section 'Sport', but the article's bullet 1" in said
    assert not any(here.glob("*"))


def test_damaged_labels_of_before_are_refused_before_anything_is_fitted(here: Path, refused: Refused) -> None:
    here.mkdir(parents=True, exist_ok=True)
    (here / "results.json").write_text("{}")
    assert "results.json: not the labels of an article" in refused(*article("tfidf-nb"))
    assert [path.name for path in here.iterdir()] == ["results.json"]
