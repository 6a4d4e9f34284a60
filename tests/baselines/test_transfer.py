"""Transfer: the committed figures are those of the committed predictions and votes; the command makes them."""

import json
from pathlib import Path

import pytest

from briefbench.baselines.registry import BASELINES
from briefbench.baselines.transfer import frequent_macro_f1, render
from briefbench.commands import main
from briefbench.dataset.release import parquet_table
from briefbench.evaluation.external import External, read_external
from briefbench.evaluation.predictions import read_predictions
from briefbench.evaluation.systems import check_result, read_result, read_results
from briefbench.schema import TASK_NAMES
from tests_support import ROOT, SmallProject

VOTES = ROOT / "annotation" / "external" / "wikipedia-current-events"
STORED = ROOT / "baselines" / "external" / "wikipedia-current-events"
READERS = [baseline.name for baseline in BASELINES if baseline.kind == "text"]


@pytest.fixture(scope="module")
def external() -> External:
    return read_external(VOTES)


@pytest.mark.parametrize("name", READERS)
def test_a_stored_result_is_what_its_stored_predictions_score_against_the_votes(external: External, name: str) -> None:
    stored = parquet_table((STORED / "predictions" / f"{name}.parquet").read_bytes())
    predictions = read_predictions(stored, external.reference)
    check_result(read_result(STORED / "results" / f"{name}.json"), predictions, external.reference, "make it again")


def test_every_baseline_that_reads_text_has_a_stored_transfer_and_nothing_else_has() -> None:
    for folder, suffix in (("predictions", ".parquet"), ("results", ".json")):
        assert {path.name for path in (STORED / folder).iterdir()} == {f"{name}{suffix}" for name in READERS}


def test_the_page_is_made_of_the_stored_results() -> None:
    results = {one.name: one for one in read_results(STORED / "results")}
    home = {name: read_result(ROOT / "baselines" / "results" / f"{name}.json") for name in READERS}
    page = render(VOTES.relative_to(ROOT).as_posix(), [results[name] for name in READERS], home)
    assert (STORED / "README.md").read_text(encoding="utf-8") == page


def test_a_system_that_sees_who_speaks_takes_fewer_bullets_for_somebodys_word_as_the_changelog_says() -> None:
    wrong = {}
    for name in ("attribution-lr", "tfidf-svm"):
        row = read_result(STORED / "results" / f"{name}.json").evaluation.task("source_type").confusion[10]
        wrong[name] = (sum(row) - row[10], sum(row))
    assert wrong == {"attribution-lr": (40, 218), "tfidf-svm": (131, 218)}


def test_the_readme_gives_the_accuracies_of_the_stored_results() -> None:
    bag, speakers = (
        read_result(STORED / "results" / f"{name}.json").evaluation.task("source_type").accuracy.value
        for name in ("tfidf-svm", "attribution-lr")
    )
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"word TF-IDF falls to {bag:.2f} accuracy in source type" in readme
    assert f"which sees who is said to speak, keeps {speakers:.2f}" in readme


def test_frequent_labels_are_those_with_ten_gold_bullets(external: External) -> None:
    result = read_result(STORED / "results" / "tfidf-lr.json").evaluation.task("source_type")
    kept = [one for one in result.labels if one.support >= 10]
    assert 0 < len(kept) < len(result.labels)
    assert frequent_macro_f1(result) == pytest.approx(sum(one.f1 for one in kept) / len(kept))


def test_the_text_of_others_is_not_among_what_is_committed(external: External) -> None:
    for path in VOTES.rglob("*.csv"):
        assert max(len(line) for line in path.read_text(encoding="utf-8").splitlines()) < 250
    assert set(external.reference.table.column_names) & {"text"} == set()


def test_the_command_scores_a_project_on_bullets_from_elsewhere(
    in_small_project: SmallProject, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = tuple(baseline for baseline in BASELINES if baseline.name in ("rules", "tfidf-lr", "tfidf-svm"))
    monkeypatch.setattr("briefbench.baselines.registry.BASELINES", few)
    root = in_small_project.root
    assert main(["release", "build", "--min-test-class", "1"]) == 0
    assert main(["baseline", "run", "rules", "tfidf-lr", "tfidf-svm"]) == 0
    folder = root / "annotation" / "external" / "elsewhere"
    folder.mkdir(parents=True)
    for name in ("annotators.csv", "adjudication.csv"):
        (folder / name).write_bytes((root / "annotation" / name).read_bytes())
    (folder / "votes").mkdir()
    for name in ("P1.csv", "P2.csv"):
        (folder / "votes" / name).write_bytes((root / "annotation" / "votes" / name).read_bytes())
    from hashlib import sha256

    rows = [
        f"{one.id},{one.date},{len(one.text)},{sha256(one.text.encode()).hexdigest()}"
        for one in in_small_project.bullets
    ]
    (folder / "bullets.csv").write_text("\n".join(["bullet_id,date,characters,sha256", *rows]) + "\n")
    texts = "".join(json.dumps({"id": one.id, "text": one.text}) + "\n" for one in in_small_project.bullets)
    Path("texts.jsonl").write_text(texts, encoding="utf-8")
    assert main(["baseline", "transfer", str(folder), "--texts", "texts.jsonl"]) == 0
    assert "accuracy on external/elsewhere" in capsys.readouterr().out
    page = (root / "baselines" / "external" / "elsewhere" / "README.md").read_text(encoding="utf-8")
    assert "`tfidf-svm`" in page
    assert "`rules`" in page  # it marks phrases too, which nothing here can be compared with
    assert "annotation/external/elsewhere" in page
    result = read_result(root / "baselines" / "external" / "elsewhere" / "results" / "tfidf-lr.json")
    assert [task.accuracy.value for task in result.evaluation.tasks] == [1.0] * len(TASK_NAMES)
    texts_before = (root / "baselines" / "external" / "elsewhere" / "README.md").read_bytes()
    Path("texts.jsonl").write_text(texts.replace("near", "far"), encoding="utf-8")
    assert main(["baseline", "transfer", str(folder), "--texts", "texts.jsonl"]) == 1
    assert "not the text that was labelled" in capsys.readouterr().err
    assert (root / "baselines" / "external" / "elsewhere" / "README.md").read_bytes() == texts_before
