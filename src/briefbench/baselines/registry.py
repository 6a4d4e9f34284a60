"""The registry: every baseline by name. Adding one here puts it into the command, the results and the leaderboard."""

from functools import partial

from briefbench.baselines.base import Baseline
from briefbench.baselines.constant import fit_majority, fit_stratified
from briefbench.baselines.extras import late
from briefbench.baselines.features import PLAIN_KINDS
from briefbench.baselines.linear import fit_attribution, fit_shortcut, fit_tfidf
from briefbench.baselines.masked import fit_masked
from briefbench.baselines.rules import fit_rules
from briefbench.baselines.span_finder import with_spans
from briefbench.errors import UnknownNameError
from briefbench.schema import listing

BASELINES = (
    Baseline("majority", "floor", "always the commonest label of the train part", fit_majority),
    Baseline("stratified", "floor", "labels drawn at their rates in the train part", fit_stratified),
    Baseline("section", "shortcut", "sees only the section's heading", partial(fit_shortcut, "section")),
    Baseline("publisher", "shortcut", "sees only the publisher's name", partial(fit_shortcut, "publisher")),
    Baseline("month", "shortcut", "sees only the month", partial(fit_shortcut, "month")),
    Baseline("masked-lr", "probe", "tfidf-lr without the phrase that names the source", fit_masked),
    Baseline("rules", "text", "keyword rules after the codebook, without training", fit_rules),
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
        "attribution-lr",
        "text",
        "chars-lr that sees who is said to speak, for stance and source type",
        with_spans(fit_attribution),
    ),
    Baseline(
        "light",
        "text",
        "attribution-lr made for speed: tables of words instead of a vectorizer",
        late("", "briefbench.baselines.light.fit", "fit_light"),
        load=late("", "briefbench.baselines.light.store", "restored"),
    ),
    Baseline(
        "distilled",
        "text",
        "light, which also learns what minilm says of single sentences",
        late("encoder", "briefbench.baselines.light.distil", "fit_distilled"),
        extra="encoder",
        load=late("", "briefbench.baselines.light.store", "restored"),
        composite=True,
    ),
    Baseline(
        "static-lr",
        "text",
        "mean of static word vectors (WordLlama) and logistic regression",
        late("embeddings", "briefbench.baselines.static", "fit_static"),
        extra="embeddings",
    ),
    Baseline(
        "frozen-lr",
        "text",
        "embedding by a frozen MiniLM and logistic regression",
        late("encoder", "briefbench.baselines.encoder.frozen", "fit_frozen"),
        extra="encoder",
    ),
    Baseline(
        "setfit",
        "text",
        "SetFit: MiniLM tuned on pairs of 16 bullets a label, and logistic regression",
        late("encoder", "briefbench.baselines.encoder.setfit", "fit_setfit"),
        extra="encoder",
        seeds=5,
    ),
    Baseline(
        "minilm",
        "text",
        "MiniLM fine-tuned with a head for each task and a pointer to the source's phrase",
        late("encoder", "briefbench.baselines.encoder.finetune", "fit_encoder"),
        extra="encoder",
        seeds=5,
        load=late("encoder", "briefbench.baselines.encoder.store", "restored"),
    ),
    Baseline(
        "ensemble",
        "text",
        "mean of the seeds of minilm and of attribution-lr, weighed on validation",
        late("encoder", "briefbench.baselines.ensemble", "fit_ensemble"),
        extra="encoder",
        composite=True,
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
