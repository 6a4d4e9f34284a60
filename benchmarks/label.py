"""How fast the default model labels, and what it keeps of the score.

Peers: scikit-learn, fastText, static word vectors. Every system is fitted on weeks/train with the settings its stored
result names, or was saved after that, and labels the same new texts for all three tasks in a process of its own, on one
thread, so that its peak memory is its own. The texts are the corpus's sentences mixed anew, with words put in that no
system has seen; macro-F1 is that of weeks/test. `benchmarks/peers.txt` has what the last two peers need.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from briefbench.baselines.base import Examples, read_examples
from briefbench.baselines.label import DEFAULT_MODELS, load_model
from briefbench.evaluation.metrics import macro_f1_of
from briefbench.evaluation.systems import read_result
from briefbench.project import find_project
from briefbench.schema import TASKS
from measure import peak_megabytes

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS", "RAYON_NUM_THREADS")
SIZES = (10_000, 100_000, 1_000_000)
BATCH = 50_000
NEW_WORDS = 0.02

DEFAULT = DEFAULT_MODELS[0]

Labeller = Callable[[Sequence[str]], Mapping[str, NDArray[np.int64]]]


def texts(size: int, start: int = 0) -> list[str]:
    """Return new texts of the corpus's sentences, two words in a hundred of which are invented."""
    known = [text for part in read_examples().values() for text in part.texts]
    random = np.random.default_rng([7, start])
    sentences = [sentence for text in known for sentence in text.split(". ")]
    lengths = [text.count(". ") + 1 for text in known]
    made = []
    for length, first in zip(random.choice(lengths, size), random.integers(0, len(sentences) - 8, size), strict=True):
        words = ". ".join(sentences[first + 7 * i % 8] for i in range(length)).split(" ")
        for place in np.flatnonzero(random.random(len(words)) < NEW_WORDS):
            words[place] = f"{words[place]}{random.integers(0, 10**6):x}"
        made.append(" ".join(words))
    return made


def of_baseline(name: str) -> Labeller:
    """Return a baseline of the registry: its saved model, or fitted with the hyperparameters of its stored result."""
    model = load_model(name)
    return lambda these: model.predict(these).labels


def pipelines(tasks: Sequence[str], **options: Any) -> Labeller:
    """Return plain scikit-learn: for each task a pipeline of a vectorizer and logistic regressions."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline

    train = read_examples()["train"]
    chosen = read_result(find_project(None).baselines / "results" / "tfidf-lr.json").chosen
    fitted = {}
    for task in tasks:
        settings = {key: chosen[task][key] for key in ("C", "class_weight")}
        classifier = OneVsRestClassifier(LogisticRegression(solver="liblinear", **settings))
        fitted[task] = make_pipeline(TfidfVectorizer(sublinear_tf=True, **options), classifier)
        fitted[task].fit(train.texts, train.labels[task])
    return lambda these: {task: one.predict(these) for task, one in fitted.items()}


def fasttext() -> Labeller:
    """Return fastText: for each task a model with word pairs and runs of characters."""
    import fasttext as peer

    train = read_examples()["train"]
    fitted = {}
    with tempfile.TemporaryDirectory() as folder:
        for task in TASKS:
            path = Path(folder) / f"{task.name}.txt"
            lines = zip(train.labels[task.name], train.texts, strict=True)
            path.write_text("".join(f"__label__{code} {text.lower()}\n" for code, text in lines), encoding="utf-8")
            fitted[task.name] = peer.train_supervised(
                str(path), lr=0.5, epoch=25, wordNgrams=2, minn=2, maxn=5, thread=1, verbose=0
            )

    def label(these: Sequence[str]) -> dict[str, NDArray[np.int64]]:
        lines = [text.lower() for text in these]
        found = {task: model.predict(lines)[0] for task, model in fitted.items()}
        return {task: np.array([int(one[0].removeprefix("__label__")) for one in rows]) for task, rows in found.items()}

    return label


ALL = [task.name for task in TASKS]
WORDS: dict[str, Any] = {"ngram_range": (1, 2), "min_df": 2}
RUNS: dict[str, Any] = {"analyzer": "char_wb", "ngram_range": (2, 5), "min_df": 3}
SYSTEMS: Mapping[str, tuple[Callable[[], Labeller], int]] = {
    "scikit-learn, words, one task": (lambda: pipelines(ALL[:1], **WORDS), 20_000),
    "scikit-learn, words": (lambda: pipelines(ALL, **WORDS), 20_000),
    "scikit-learn, characters": (lambda: pipelines(ALL, **RUNS), 5_000),
    "attribution-lr": (lambda: of_baseline("attribution-lr"), 2_000),
    "fastText": (fasttext, 50_000),
    "static word vectors": (lambda: of_baseline("static-lr"), 20_000),
    DEFAULT: (lambda: of_baseline(DEFAULT), 200_000),
}
NEEDS = {"fastText": "fasttext", "static word vectors": "wordllama"}
BASE = "scikit-learn, words, one task"


def scores(label: Labeller, test: Examples) -> list[float | None]:
    """Return macro-F1 on weeks/test by task; nothing for a task that the system leaves out."""
    found = label(test.texts)
    return [
        macro_f1_of(test.labels[task.name], np.asarray(found[task.name]), len(task)) if task.name in found else None
        for task in TASKS
    ]


def measure(name: str) -> dict[str, Any]:
    """Fit one system, score it, and time it: the best of three passes over new texts."""
    make, size = SYSTEMS[name]
    label = make()
    found = scores(label, read_examples()["test"])
    batches = [texts(size, start) for start in range(3)]
    label(batches[0][:500])
    times = []
    for batch in batches:
        start = perf_counter()
        label(batch)
        times.append(perf_counter() - start)
    return {"rate": size / min(times), "f1": found, "memory": peak_megabytes()}


def grow(size: int) -> dict[str, Any]:
    """Label a growing number of texts with the default model, batch by batch, and return rate and peak memory."""
    label = of_baseline(DEFAULT)
    spent = 0.0
    for start in range(0, size, BATCH):
        batch = texts(min(BATCH, size - start), start)
        began = perf_counter()
        label(batch)
        spent += perf_counter() - began
    return {"rate": size / spent, "memory": peak_megabytes()}


def in_process(*arguments: str) -> dict[str, Any]:
    """Run this script on one thread in a process of its own, and return what it measured."""
    environment = os.environ | dict.fromkeys(THREADS, "1")
    done = subprocess.run(
        [sys.executable, __file__, *arguments], env=environment, check=True, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure every system, then the default model's growth with size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--system", choices=SYSTEMS)
    parser.add_argument("--size", type=int)
    options = parser.parse_args()
    if options.system:
        print(json.dumps(measure(options.system)))
        return
    if options.size:
        print(json.dumps(grow(options.size)))
        return
    found = {}
    for name in SYSTEMS:
        if find_spec(NEEDS.get(name, "numpy")) is None:
            print(f"{name}: LEFT OUT; pip install -r benchmarks/peers.txt")
            continue
        found[name] = in_process("--system", name)
        one = found[name]
        figures = " / ".join("   -  " if value is None else f"{value:.4f}" for value in one["f1"])
        print(
            f"{name:30} {one['rate']:>9,.0f} bullets/s, {one['rate'] / found[BASE]['rate']:6.2f} times {BASE!r}, "
            f"macro-F1 {figures}, {one['memory']:,.0f} MB",
            flush=True,
        )
    for size in SIZES:
        one = in_process("--size", str(size))
        print(f"{DEFAULT}, {size:>9,} bullets: {one['rate']:>9,.0f} bullets/s, {one['memory']:,.0f} MB", flush=True)


if __name__ == "__main__":
    main()
