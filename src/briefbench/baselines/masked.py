"""A probe: the text without the phrase that names the source, so that what is left shows how much it gives away.

The phrase is cut out of the very bullets that are predicted, which takes gold labels: no new text can be labelled so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from briefbench.baselines.base import Around, Chosen, Examples
from briefbench.baselines.linear import fit_tfidf
from briefbench.errors import InputError
from briefbench.evaluation.predictions import Predictions

#: Stands for what was cut out. It is no word, so that the features do not tell whether there was a phrase.
MASK = "…"


@dataclass(frozen=True)
class Masked(Around):
    """A system that was fitted on texts without the phrase, and reads no other."""

    def predict(self, examples: Examples) -> Predictions:
        """Return a label of every task for the texts without their phrases.

        Raises:
            InputError: the phrases are not marked.
        """
        return self.system.predict(mask(examples))


def fit_masked(train: Examples, validation: Examples, chosen: Mapping[str, Chosen] | None = None) -> Masked:
    """Fit word TF-IDF and a logistic regression on the texts without their phrases.

    Raises:
        InputError: the phrases are not marked.
    """
    return Masked(fit_tfidf("lr", mask(train), mask(validation), chosen))


def mask(examples: Examples) -> Examples:
    """Return the examples with `MASK` for the phrase that names the source; a text without one stays as it is.

    Raises:
        InputError: the phrases are not marked.
    """
    if examples.spans is None:
        raise InputError(
            "these bullets do not say which phrase names the source, and a probe cuts it out; use a text baseline"
        )
    pairs = zip(examples.texts, examples.spans.tolist(), strict=True)
    texts = [text if start < 0 else f"{text[:start]}{MASK}{text[end:]}" for text, (start, end) in pairs]
    return replace(examples, texts=texts, spans=None)
