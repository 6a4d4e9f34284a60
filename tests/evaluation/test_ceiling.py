"""The ceiling: annotators against each other, counted by hand, and never mistaken for people when they are none."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from briefbench.annotation.votes import ADJUDICATION_COLUMNS, ANNOTATOR_COLUMNS, VOTE_COLUMNS
from briefbench.dataset.records import Bullet
from briefbench.dataset.release import build, write
from briefbench.evaluation.bootstrap import Clusters, bca_interval
from briefbench.evaluation.ceiling import Ceiling, ceiling
from briefbench.evaluation.reference import Reference, read_reference
from briefbench.schema import SPLITS, TASKS
from evaluation_support import looped
from tests_support import SmallProject, csv_text, vote_row

Votes = Mapping[str, Sequence[Mapping[str, str] | None]]
MODEL = ("model", "Parrot 1")
PERSON = ("human", "")


def originals(project: SmallProject) -> list[dict[str, str]]:
    """Return the labels that every bullet was drafted with, from the first word of its text."""
    by_word = {
        "Infantry": ("combat", "neutral", "unattributed"),
        "Ministers": ("economy", "pro_ukraine", "western_official"),
        "Singers": ("society", "pro_russia", "private_party"),
    }
    words = [bullet.text.split()[0] for bullet in project.bullets]
    return [dict(zip([task.name for task in TASKS], by_word[word], strict=True)) for word in words]


def noisy_votes(
    project: SmallProject, names: Sequence[str], *, seen: float = 1.0
) -> dict[str, list[dict[str, str] | None]]:
    """Return votes that err in a quarter of topics and stances; ``seen`` is the share of bullets that each labels."""
    votes: dict[str, list[dict[str, str] | None]] = {}
    for number, name in enumerate(names):
        random = np.random.default_rng(number)
        votes[name] = []
        for labels in originals(project):
            wrong = {"topic": "justice" if random.random() < 0.5 else "nuclear", "stance": "mixed"}
            vote = labels | {task: label for task, label in wrong.items() if random.random() < 0.25}
            votes[name].append(vote if random.random() < seen else None)
    return votes


def released(
    project: SmallProject, votes: Votes, who: Mapping[str, tuple[str, str]], counted: Sequence[str] = ()
) -> Path:
    """Write votes in place of the project's own, adjudicate what differs to the drafted label, and build a release."""
    for old in (project.annotation / "votes").iterdir():
        old.unlink()
    for name, cast in votes.items():
        rows = [vote_row(bullet, vote) for bullet, vote in zip(project.bullets, cast, strict=True) if vote]
        (project.annotation / "votes" / f"{name}.csv").write_text(csv_text(VOTE_COLUMNS, rows), encoding="utf-8")
    counts = set(counted) or set(votes)
    people = [[name, *who[name], "guidelines", str(name in counts).lower(), ""] for name in votes]
    people.append(["J", *PERSON, "guidelines", "true", "adjudicates and labels nothing"])
    (project.annotation / "annotators.csv").write_text(csv_text(ANNOTATOR_COLUMNS, people), encoding="utf-8")
    decisions = []
    for i, (bullet, labels) in enumerate(zip(project.bullets, originals(project), strict=True)):
        for task in TASKS:
            cast = [vote[task.name] for name in sorted(counts) if (vote := votes[name][i])]
            if len(set(cast)) > 1:
                decisions.append([bullet.id, task.name, labels[task.name], "the clearer reading", "J"])
    (project.annotation / "adjudication.csv").write_text(csv_text(ADJUDICATION_COLUMNS, decisions), encoding="utf-8")
    folder = project.root / "dataset"
    write(build(project.annotation, min_test_class=0, skip_unlabelled=True), folder)
    return folder


def expected(reference: Reference, bullets: Sequence[Bullet], votes: Votes, rows: Sequence[int]) -> list[float]:
    """Return the ceiling of every task on some rows of a split, from scikit-learn and a count by hand."""
    position = {bullet.id: i for i, bullet in enumerate(bullets)}
    places = [position[reference.bullet_ids[row]] for row in rows]
    found = []
    for task in TASKS:
        scores = []
        for name in votes:
            pairs = []
            for place in places:
                own = votes[name][place]
                others = Counter(vote[task.name] for key in votes if key != name and (vote := votes[key][place]))
                top = [label for label, count in others.items() if count == max(others.values())]
                if own and len(top) == 1:
                    pairs.append((top[0], own[task.name]))
            gold, predicted = zip(*pairs, strict=True) if pairs else ((), ())
            options = {"labels": list(task.names), "average": "macro", "zero_division": 0}
            scores.append(f1_score(gold, predicted, **options) if pairs else 0.0)
        found.append(float(np.mean(scores)))
    return found


def checked(project: SmallProject, votes: Votes, folder: Path, split: str = "weeks/test") -> Ceiling:
    """Compare a ceiling with the count by hand, its interval with the loop over rows, and return it."""
    reference = read_reference(split, folder)
    found = ceiling(reference, folder)
    by_hand = expected(reference, project.bullets, votes, range(len(reference)))
    assert [found.scores[task.name].value for task in TASKS] == pytest.approx(by_hand, abs=1e-12)
    assert found.scores["mean"].value == pytest.approx(np.mean(by_hand), abs=1e-12)
    return found


def test_two_annotators_are_scored_against_each_other(small_project: SmallProject) -> None:
    votes = noisy_votes(small_project, ["P1", "P2"])
    folder = released(small_project, votes, {"P1": PERSON, "P2": PERSON})
    found = checked(small_project, votes, folder)
    assert 0 < found.scores["stance"].value < 1
    reference = read_reference(dataset=folder)
    position = {bullet.id: i for i, bullet in enumerate(small_project.bullets)}
    for task in TASKS:
        one, other = ([votes[name][position[i]][task.name] for i in reference.bullet_ids] for name in votes)  # type: ignore[index]
        options = {"labels": list(task.names), "average": "macro", "zero_division": 0}
        assert f1_score(one, other, **options) == pytest.approx(f1_score(other, one, **options))
        assert found.scores[task.name].value == pytest.approx(f1_score(one, other, **options))


@pytest.mark.parametrize("part", SPLITS)
def test_three_annotators_are_scored_one_against_the_majority_of_the_others(
    small_project: SmallProject, part: str
) -> None:
    votes = noisy_votes(small_project, ["P1", "P2", "P3"])
    folder = released(small_project, votes, dict.fromkeys(votes, PERSON))
    assert 0 < checked(small_project, votes, folder, f"weeks/{part}").scores["topic"].value < 1


def test_where_the_others_tie_or_nobody_else_voted_the_bullet_does_not_count(small_project: SmallProject) -> None:
    votes = noisy_votes(small_project, ["P1", "P2", "P3", "P4"], seen=0.7)
    folder = released(small_project, votes, dict.fromkeys(votes, PERSON))
    checked(small_project, votes, folder, "weeks/train")


def test_the_interval_is_that_of_a_loop_that_draws_whole_weeks(
    small_project: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("briefbench.evaluation.ceiling.Clusters", partial(Clusters, resamples=40))
    votes = noisy_votes(small_project, ["P1", "P2", "P3"])
    folder = released(small_project, votes, dict.fromkeys(votes, PERSON))
    reference = read_reference("weeks/train", folder)
    found = ceiling(reference, folder)
    drawn, jackknife = looped(
        reference, lambda rows: expected(reference, small_project.bullets, votes, rows.tolist()), 40, 12345
    )
    for column, task in enumerate(TASKS):
        score = found.scores[task.name]
        interval = bca_interval(drawn[:, column], score.value, jackknife[:, column])
        assert score.interval is not None
        assert [score.interval.low, score.interval.high] == pytest.approx([interval.low, interval.high], abs=1e-12)
        assert f"|task:{task.name}|metric:ceiling_macro_f1|" in score.signature
        assert score.signature.endswith("|ci:bca,cluster_week,40,seed12345")


def test_votes_that_do_not_count_toward_the_gold_do_not_count_here(small_project: SmallProject) -> None:
    votes = noisy_votes(small_project, ["P1", "P2", "P3"])
    who = {"P1": PERSON, "P2": PERSON, "P3": MODEL}
    folder = released(small_project, votes, who, counted=["P1", "P2"])
    found = checked(small_project, {name: votes[name] for name in ("P1", "P2")}, folder)
    assert found.note == "The ceiling is one annotator, a person, scored against the majority of the others."


def test_one_annotator_or_two_who_share_no_bullet_give_no_ceiling(small_project: SmallProject) -> None:
    votes = noisy_votes(small_project, ["P1", "P2"])
    folder = released(small_project, {"P1": votes["P1"]}, {"P1": PERSON})
    assert ceiling(read_reference(dataset=folder), folder) == Ceiling({}, "")
    apart = {"P1": [v if i % 2 else None for i, v in enumerate(votes["P1"])]}
    apart |= {"P2": [None if i % 2 else v for i, v in enumerate(votes["P2"])]}
    folder = released(small_project, apart, {"P1": PERSON, "P2": PERSON})
    assert ceiling(read_reference(dataset=folder), folder) == Ceiling({}, "")


@pytest.mark.parametrize(
    ("who", "says", "never"),
    [
        ((MODEL, MODEL), "one pass of the annotating language model scored against the other passes", ()),
        (
            (MODEL, ("model", "Parrot 2")),
            "agreement between models, not between people",
            ("a person", "some are people"),
        ),
        ((MODEL, PERSON), "some are people, some language models", ("self-consistency",)),
        ((PERSON, PERSON), "a person", ("self-consistency", "model")),
    ],
)
def test_the_note_says_what_the_annotators_are(
    small_project: SmallProject, who: tuple[tuple[str, str], ...], says: str, never: tuple[str, ...]
) -> None:
    votes = noisy_votes(small_project, ["X", "Y"])
    folder = released(small_project, votes, dict(zip("XY", who, strict=True)))
    note = ceiling(read_reference(dataset=folder), folder).note
    assert says in note
    assert not [words for words in never if words in note]
    if PERSON not in who:
        assert "not" in note.partition("people")[0]
        assert "who may agree less or otherwise" in note


def test_the_bundled_ceiling_is_called_self_consistency_and_not_agreement_of_people() -> None:
    found = ceiling(read_reference())
    assert "its self-consistency, not agreement between people" in found.note
    assert found.scores.keys() == {"topic", "stance", "source_type", "mean"}
