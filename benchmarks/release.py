"""How long a release takes and how it grows. Peer: finding all near duplicates by comparing every pair of bullets."""

from functools import partial
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array, triu

from briefbench.dataset.duplicates import THRESHOLD, near_duplicates, word_set
from briefbench.dataset.records import read_bullets
from briefbench.dataset.release import build
from measure import peak_megabytes, report, seconds

ANNOTATION = Path(__file__).resolve().parents[1] / "annotation"


def every_pair(texts: list[str]) -> int:
    """Count the near duplicates by the product of the word matrix with itself."""
    sets = [word_set(text) for text in texts]
    column: dict[str, int] = {}
    cells = [(row, column.setdefault(word, len(column))) for row, words in enumerate(sets) for word in words]
    rows, columns = np.array(cells).T
    matrix = csr_array((np.ones(len(cells), dtype=np.int32), (rows, columns)))
    shared = triu(matrix @ matrix.T, 1).tocoo()
    sizes = np.array([len(words) for words in sets])
    return int((shared.data / (sizes[shared.row] + sizes[shared.col] - shared.data) >= THRESHOLD).sum())


def main() -> None:
    """Measure near duplicates by size, then the whole build."""
    texts = [bullet.text for bullet in read_bullets(ANNOTATION / "bullets.jsonl")]
    for share in (4, 2, 1):
        part = texts[: len(texts) // share]
        ours, exact = (
            seconds(partial(near_duplicates, part), runs=3),
            seconds(partial(every_pair, part), runs=3),
        )
        report(f"near duplicates of {len(part):,} bullets", ours, "every pair", exact)
    print(f"whole build: {seconds(lambda: build(ANNOTATION), runs=3):.2f} s, peak memory {peak_megabytes():.0f} MB")


if __name__ == "__main__":
    main()
