"""The registry: every baseline by name. Adding one here puts it into the command, the results and the leaderboard."""

from functools import partial

from briefbench.baselines.base import Baseline
from briefbench.baselines.constant import fit_majority, fit_stratified
from briefbench.baselines.features import PLAIN_KINDS
from briefbench.baselines.linear import fit_attribution, fit_shortcut, fit_tfidf
from briefbench.errors import UnknownNameError
from briefbench.schema import listing

BASELINES = (
    Baseline("majority", "floor", "always the commonest label of the train part", fit_majority),
    Baseline("stratified", "floor", "labels drawn at their rates in the train part", fit_stratified),
    Baseline("section", "shortcut", "sees only the section's heading", partial(fit_shortcut, "section")),
    Baseline("publisher", "shortcut", "sees only the publisher's name", partial(fit_shortcut, "publisher")),
    Baseline("month", "shortcut", "sees only the month", partial(fit_shortcut, "month")),
    Baseline("tfidf-lr", "text", "word TF-IDF and logistic regression", partial(fit_tfidf, "lr")),
    Baseline("tfidf-svm", "text", "word TF-IDF and a linear SVM", partial(fit_tfidf, "svm")),
    Baseline("tfidf-nb", "text", "word TF-IDF and complement naive Bayes", partial(fit_tfidf, "nb")),
    Baseline(
        "chars-lr",
        "text",
        "TF-IDF of words and characters, multinomial logistic regression",
        partial(fit_tfidf, "softmax", kinds=PLAIN_KINDS),
    ),
    Baseline(
        "chars-svm",
        "text",
        "TF-IDF of words and characters, a linear SVM",
        partial(fit_tfidf, "svm", kinds=PLAIN_KINDS),
    ),
    Baseline(
        "chars-nb",
        "text",
        "TF-IDF of words and characters, complement naive Bayes",
        partial(fit_tfidf, "nb", kinds=PLAIN_KINDS),
    ),
    Baseline(
        "attribution-lr", "text", "chars-lr that sees who is said to speak, for stance and source type", fit_attribution
    ),
)
NAMES = tuple(baseline.name for baseline in BASELINES)


def baseline_of(name: str) -> Baseline:
    """Return the baseline called ``name``.

    Raises:
        UnknownNameError: there is none; the message lists them.
    """
    for baseline in BASELINES:
        if baseline.name == name:
            return baseline
    raise UnknownNameError(f"no baseline {name!r}; the baselines are {listing(NAMES)}")
