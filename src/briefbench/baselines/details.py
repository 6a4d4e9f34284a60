"""What each baseline is and how it works, in two to four sentences, for its card; beside the registry's one line.

A baseline that is missing here gets a card with the registry's description alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_WORDS = (
    "A text is its words and pairs of neighbouring words, in lower case, that stand in at least two train bullets. "
    "Each counts by its TF-IDF with the logarithm of its count, and the vector has length 1."
)
_CHARACTERS = (
    "A text is its words and pairs of words, and beside them its runs of two to five characters within words, each "
    "kind a TF-IDF of its own. The runs let inflected words and rare names share what they have in common."
)
_LR = (
    "A logistic regression a label against the rest takes the likeliest label. Its probabilities are scaled by one "
    "temperature a task, fitted on validation."
)
_SOFTMAX = (
    "One multinomial logistic regression a task, rare labels weighted up, takes the likeliest label. Its probabilities "
    "are scaled by one temperature a task, fitted on validation."
)
_SVM = (
    "A linear support vector machine a label against the rest takes the label with the largest margin. It gives no "
    "probabilities."
)
_NB = (
    "Complement naive Bayes learns for each label which features stand in the bullets of all other labels, which suits "
    "rare labels. Its probabilities are scaled by one temperature a task, fitted on validation."
)
_FIELD = (
    "A logistic regression sees {field}, one-hot encoded, and never the text; a value that the train part lacks gives "
    "the labels' base rates. It shows how much of a score can be had without reading."
)

_MINILM = "Encoder: all-MiniLM-L6-v2 (Apache-2.0), trained by its makers on pairs of sentences from the web."


@dataclass(frozen=True)
class Details:
    """How a baseline works; ``weights`` names what it was trained on before, and its licence, where there is any."""

    how: str
    weights: str = ""


DETAILS: Mapping[str, Details] = {
    "majority": Details(
        "For each task it always gives the commonest label of the train part. It reads nothing, learns three labels, "
        "and is the floor under accuracy, and nearly the floor under macro-F1."
    ),
    "stratified": Details(
        "For each bullet it draws a label at its rate in the train part, from a fixed seed. It reads nothing, and is "
        "the floor for a system that knows how common each label is, and nothing else."
    ),
    "section": Details(_FIELD.format(field="the heading of the briefing's section")),
    "publisher": Details(_FIELD.format(field="the name of the page's publisher")),
    "month": Details(_FIELD.format(field="the month of the bullet's date")),
    "masked-lr": Details(
        "As `tfidf-lr`, but the phrase that the gold marks as naming the source is cut out of every text, in training "
        "and in the test part. It shows how much the rest of a bullet gives away, above all of the source type. It "
        "needs gold spans, so that it labels nothing new."
    ),
    "rules": Details(
        "Lists of words and phrases after the codebook, which a person can read and change (`rules.toml`). They look "
        "first for who speaks, then for the topic in the codebook's order, then for the stance of the voice. Nothing "
        "is fitted, and no probabilities are given."
    ),
    "tfidf-lr": Details(f"{_WORDS} {_LR}"),
    "tfidf-svm": Details(f"{_WORDS} {_SVM}"),
    "tfidf-nb": Details(f"{_WORDS} {_NB}"),
    "chars-lr": Details(f"{_CHARACTERS} {_SOFTMAX}"),
    "chars-svm": Details(f"{_CHARACTERS} {_SVM}"),
    "chars-nb": Details(f"{_CHARACTERS} {_NB}"),
    "attribution-lr": Details(
        "As `chars-lr`; for stance and source type it also sees who is said to speak: verbs of saying and the words "
        "around them, by how near they are, and a mark of its own where nobody says anything. A bag of all words takes "
        "any “ministry” in a text for its source; these features tell the two apart. The features come from a list of "
        "verbs and a few rules for English. The phrase that names the source is found by two logistic regressions over "
        "tokens, one for its start and one for its end."
    ),
    "light": Details(
        "The features of `attribution-lr`, each a hashed number and not a string, and one multinomial logistic "
        "regression a task, tuned and scaled on validation. What a word adds to every score is looked up in tables of "
        "the distinct words of many texts at once, which is what makes it fast."
    ),
    "distilled": Details(
        "The model of `light`, fitted on more: every train bullet counts for its gold label and, in part, for what "
        "the seeds of `minilm` say of it, and every single sentence of the train part for what they say of the "
        "sentence. `briefbench label` uses it where no baseline is named.",
        _MINILM,
    ),
    "static-lr": Details(
        "A text is the mean of static vectors of its word pieces, at unit length; the order of the words is lost. A "
        "logistic regression for each task is fitted on it. Its probabilities are scaled by one temperature a task, "
        "fitted on validation.",
        "Word vectors: WordLlama (MIT), made from the token embeddings of large language models.",
    ),
    "frozen-lr": Details(
        "A pretrained sentence encoder of six layers reads the text, and the mean of its tokens' vectors, at unit "
        "length, stands for it; the encoder itself is not trained. A logistic regression for each task is fitted on "
        "it. Its probabilities are scaled by one temperature a task, fitted on validation.",
        _MINILM,
    ),
    "setfit": Details(
        "Few-shot learning after Tunstall et al. (2022): a few train bullets of each label are drawn by the seed. For "
        "each task a pretrained sentence encoder learns which two of them have the same label, and a logistic "
        "regression on its vectors learns which label. The rest of the train part is not seen, and the validation part "
        "only sets the temperatures.",
        _MINILM,
    ),
    "minilm": Details(
        "A pretrained sentence encoder of six layers is fine-tuned on the train part for all three tasks at once: a "
        "linear head a task over the mean and a learnt pooling of its tokens, and two outputs a token that point at "
        "the phrase that names the source. Rare labels weigh more in training. Its probabilities are scaled by one "
        "temperature a task, fitted on validation, which is all that is fitted there.",
        _MINILM,
    ),
    "ensemble": Details(
        "All seeds of `minilm` and `attribution-lr` label a bullet, and the mean of their log-probabilities decides; "
        "five seeds on `weeks`, and the one that there is on the other protocols. "
        "The seeds share one weight and the linear system has the other, chosen on validation for each task; one "
        "temperature a task scales the result. The phrase that names the source is the one that most members point at.",
        _MINILM,
    ),
}
