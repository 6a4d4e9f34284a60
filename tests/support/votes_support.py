"""A vote file of two bullets, and the rows of votes that differ from a good one by some cells."""

from briefbench.annotation.votes import VOTE_COLUMNS
from tests_support import csv_text

TEXTS = {"b1": "The harbour master said two barges left.", "b2": "Fog closed the bridge at dawn."}
GOOD = dict(
    zip(VOTE_COLUMNS, ("b1", "economy", "neutral", "private_party", "", "0", "18", "1", "2026-01-02"), strict=True)
)


def votes_csv(*changes: dict[str, str]) -> str:
    """Return the text of a vote file: a good vote with each of the changes."""
    return csv_text(VOTE_COLUMNS, [list((GOOD | change).values()) for change in changes])
