"""The light model: weights by column, folded into one table of the words at hand, and summed over each text at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from briefbench.baselines.base import Chosen, Examples
from briefbench.baselines.calibration import softmax
from briefbench.baselines.light.columns import Columns
from briefbench.baselines.light.features import Features, Occurrences, grams, word_keys
from briefbench.baselines.light.lexicon import Lexicon
from briefbench.baselines.light.words import Traits, stream_of
from briefbench.evaluation.predictions import Predictions
from briefbench.schema import TASKS

#: Bytes of text that are taken apart at a time: of many texts together each distinct word is looked at once, and more
#: would only take memory.
CHUNK = 1 << 24
#: Labels of all tasks, side by side in the order of the label table.
WIDTH = sum(len(task) for task in TASKS)


@dataclass(frozen=True, eq=False)
class LightSystem:
    """Columns and weights by group, and an intercept and a temperature for each task.

    Attributes:
        columns: the known features of each group, by its name.
        weights: ``(columns, WIDTH)`` by group.
        intercepts: ``(WIDTH,)``; minus infinity for a label that the train part lacks.
        temperatures: by task.
        chosen: the hyperparameters, by task.
    """

    columns: Mapping[str, Columns]
    weights: Mapping[str, NDArray[np.float32]]
    intercepts: NDArray[np.float32]
    temperatures: Mapping[str, float]
    chosen: Mapping[str, Chosen]

    @property
    def parameters(self) -> int:
        """All weights and intercepts."""
        return sum(table.size for table in self.weights.values()) + self.intercepts.size

    def tensors(self) -> tuple[Mapping[str, NDArray[Any]], Mapping[str, Any]]:
        """Return what the file of the model holds."""
        from briefbench.baselines.light.store import tensors

        return tensors(self)

    def predict(self, examples: Examples) -> Predictions:
        """Return labels and probabilities."""
        return self.label(examples.texts)

    def label(self, texts: Sequence[str] | pa.Array) -> Predictions:
        """Return labels and probabilities of texts, which may stand in an Arrow array."""
        array = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
        chunks = [self.scores(chunk) for chunk in _chunks(array)]
        scores = np.concatenate(chunks) if chunks else np.zeros((0, WIDTH), dtype=np.float32)
        tables, start = {}, 0
        for task in TASKS:
            mine = scores[:, start : start + len(task)].astype(np.float64)
            tables[task.name] = softmax(mine / self.temperatures[task.name])
            start += len(task)
        return Predictions({name: table.argmax(axis=1) for name, table in tables.items()}, tables)

    def scores(self, texts: Sequence[str] | pa.Array) -> NDArray[np.float32]:
        """Return the score of every label before it is made a probability, ``(texts, WIDTH)``."""
        stream = stream_of(texts)
        numbers = self._lexicon.numbers(stream.vocabulary)
        stream = replace(stream, words=numbers[stream.words])
        seen = Features(stream, self._lexicon.traits)
        sums = _rows(stream.offsets, stream.words, len(seen.traits)) @ self._lexicon.table
        words, characters = np.split(sums, 2, axis=1)
        words = words + self._sum("words", seen.pairs(), len(seen))
        speech = self._sum("speech", seen.speech(), len(seen))
        found = self.intercepts + np.zeros((len(seen), 1), dtype=np.float32)
        for group in (words, characters, speech):
            found += group[:, :-1] / np.sqrt(np.maximum(group[:, -1:], np.float32(1e-12)))
        return found

    @cached_property
    def _lexicon(self) -> Lexicon:
        return Lexicon(self._weigh, 2 * (WIDTH + 1))

    def _weigh(self, vocabulary: Sequence[str], traits: Traits) -> NDArray[np.float32]:
        """Return the sums of distinct words: by themselves, and of their characters, ``(words, 2 (WIDTH + 1))``."""
        alone = np.zeros((len(vocabulary), WIDTH + 1), dtype=np.float32)
        places, columns = self.columns["words"].find(word_keys(traits))
        alone[places] = self._tables["words"][columns]
        return np.concatenate([alone, self._sum("characters", grams(vocabulary), len(vocabulary))], axis=1)

    def _sum(self, group: str, occurrences: Occurrences, size: int) -> NDArray[np.float32]:
        """Sum the weights of occurrences, ``(size, WIDTH + 1)``; the last column sums the squares of their worth."""
        rows, keys = occurrences
        places, columns = self.columns[group].find(keys)
        offsets = np.searchsorted(rows[places], np.arange(size + 1))
        table = self._tables[group]
        summed: NDArray[np.float32] = _rows(offsets, columns.astype(np.int32), len(table)) @ table
        return summed

    @cached_property
    def _tables(self) -> dict[str, NDArray[np.float32]]:
        """A group's weights times the columns' worth, and beside them the worth's square, by group."""
        return {
            group: np.concatenate(
                [weights * self.columns[group].idf[:, None], self.columns[group].idf[:, None] ** 2], axis=1
            )
            for group, weights in self.weights.items()
        }


def _chunks(texts: pa.Array) -> Iterator[pa.Array]:
    """Cut texts into pieces of at most `CHUNK` bytes; a longer text is a piece by itself."""
    ends = np.cumsum(pc.binary_length(texts).to_numpy(), dtype=np.int64)
    start, done = 0, 0
    while start < len(texts):
        end = max(start + 1, int(np.searchsorted(ends, done + CHUNK, side="right")))
        yield texts.slice(start, end - start)
        start, done = end, int(ends[end - 1])


def _rows(offsets: NDArray[np.int64], columns: NDArray[np.int32], size: int) -> Any:
    return csr_matrix((np.ones(len(columns), dtype=np.float32), columns, offsets), shape=(len(offsets) - 1, size))
