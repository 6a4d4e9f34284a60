"""Small inputs for tests: a project with its own sentences, and the lines of its files."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from briefbench.annotation.votes import ADJUDICATION_COLUMNS, ANNOTATOR_COLUMNS, VOTE_COLUMNS
from briefbench.dataset.records import Bullet, bullet_id, encode_bullets
from briefbench.files import csv_text
from briefbench.schema import SOURCE_TYPE, STANCE, TOPIC, UNATTRIBUTED

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "fixtures"

# Three classes of each task are enough for a small corpus. Four words are a class's own; the rest tell bullets apart.
_SENTENCES = (
    ("combat", "neutral", "unattributed", "Infantry held the trench"),
    ("economy", "pro_ukraine", "western_official", "Ministers welcomed fresh sanctions"),
    ("society", "pro_russia", "private_party", "Singers praised soldiers loudly"),
)
_PLACES = ("Alder", "Birch", "Cedar", "Dune", "Elm", "Fern", "Gorse", "Hazel")


@dataclass(frozen=True)
class SmallProject:
    """A project folder with ``annotation/`` filled; ``bullets`` are sorted by id."""

    root: Path
    bullets: tuple[Bullet, ...]

    @property
    def annotation(self) -> Path:
        return self.root / "annotation"

    @classmethod
    def write(cls, root: Path, count: int = 60) -> "SmallProject":
        """Write ``count`` bullets, three a week, with one outlet for every six, and two annotators who agree."""
        drafted = []
        for i in range(count):
            topic, stance, source_type, sentence = _SENTENCES[i % 3]
            text = f"{sentence} near {' '.join(f'{place}{i}' for place in _PLACES)}."
            date = dt.date(2023, 1, 2) + dt.timedelta(weeks=i // 3)
            bullet = Bullet(
                id=bullet_id(date, text),
                date=date,
                section="Key developments" if i % 2 else "Battleground updates",
                text=text,
                publisher=f"Outlet {i // 6}",
                url=f"https://example.org/{i}",
                published=date,
                provenance="open",
                batch="b1",
            )
            drafted.append((bullet, {"topic": topic, "stance": stance, "source_type": source_type}))
        drafted.sort(key=lambda pair: pair[0].id)
        project = cls(root, tuple(bullet for bullet, _ in drafted))
        annotation = project.annotation
        (annotation / "votes").mkdir(parents=True)
        (annotation / "bullets.jsonl").write_bytes(encode_bullets(project.bullets))
        votes = [vote_row(bullet, labels) for bullet, labels in drafted]
        for name in ("P1", "P2"):
            (annotation / "votes" / f"{name}.csv").write_text(csv_text(VOTE_COLUMNS, votes), encoding="utf-8")
        people = [[name, "human", "", "guidelines", "true", "a test's annotator"] for name in ("P1", "P2")]
        (annotation / "annotators.csv").write_text(csv_text(ANNOTATOR_COLUMNS, people), encoding="utf-8")
        (annotation / "adjudication.csv").write_text(csv_text(ADJUDICATION_COLUMNS, []), encoding="utf-8")
        return project


def vote_row(bullet: Bullet, labels: Mapping[str, str]) -> list[str]:
    """Return a vote's cells: the given labels, the first word as the span of an attributed bullet."""
    span = ["", ""] if labels["source_type"] == UNATTRIBUTED else ["0", str(bullet.text.index(" "))]
    return [bullet.id, *(labels[task.name] for task in (TOPIC, STANCE, SOURCE_TYPE)), "", *span, "1", "2026-01-02"]


def rounded(value: object) -> object:
    """Encode to plain values with floats to 12 digits: other processors may differ in the last bits."""

    def walk(plain: object) -> object:
        if isinstance(plain, float):
            return f"{plain:.12g}"
        if isinstance(plain, dict):
            return {key: walk(item) for key, item in plain.items()}
        if isinstance(plain, list):
            return [walk(item) for item in plain]
        return plain

    return walk(msgspec.json.decode(msgspec.json.encode(value)))
