"""What the text baselines see of a text: words, characters, and the words around whoever is said to say it.

The codebook asks on whose word a bullet rests. Where nobody speaks, words such as "Ukrainian" or "ministry" stand in
the text all the same, and a bag of all words takes them for a source. The third kind of feature tells the two apart.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

#: The kinds of features, each a TF-IDF of its own.
KINDS = ("words", "characters", "attribution")
#: Those that any text classifier might have.
PLAIN_KINDS = KINDS[:2]

# Verbs of saying, and acts that the codebook counts as the word of the body that did them, in the forms news uses.
_VERBS = """
said says say saying told tells according announced announces announcing reported reports reporting claimed claims
accused accuses accusing warned warns warning stated states confirmed confirms denied denies called calls urged
urges vowed vows wrote writes posted added adds argued argues insisted insists pledged pledges approved approves
signed signs voted votes imposed imposes agreed agrees ordered orders sentenced condemned condemns praised praises
rejected rejects dismissed dismisses estimated estimates found described describes acknowledged acknowledges
declared declares decreed demanded demands ruled convicted banned bans blamed blames alleged alleges adopted adopts
sanctioned quoted quoting citing cited asked asks disclosed recorded documented spoke thanked hailed noted suggested
predicted promised promises published revealed showed shows threatened threatens welcomed welcomes refused refuses
offered offers proposed repeated maintained complained expressed expects expected believes believed thinks
announcement statement interview
"""
#: The verbs above, one by one.
VERBS = tuple(_VERBS.split())
_CUE = re.compile(rf"\b(?:{'|'.join(VERBS)})\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"\w[\w'\u2019-]*")
# Words taken before and after a verb, those nearest to it, and the characters they are looked for in.
_BEFORE, _NEAR, _AFTER, _REACH = 7, 3, 5, 80

#: The one token of a text in which nobody says anything.
NOBODY = "nobody"


def attribution(text: str) -> list[str]:
    """Return the tokens that say who speaks: the verbs of saying, and the words around each, by how near they are.

    The speaker stands before the verb, but after it at the beginning or the end of a sentence and after "according".
    """
    tokens: list[str] = []
    for place, sentence in enumerate(_SENTENCE.split(text)):
        for cue in _CUE.finditer(sentence):
            verb = cue[0].lower()
            before = _words(sentence[max(0, cue.start() - _REACH) : cue.start()])[-_BEFORE:]
            after = _words(sentence[cue.end() : cue.end() + _REACH])[:_AFTER]
            tokens.append(f"verb {verb}")
            tokens += _around(before, before[-_NEAR:])
            if verb == "according" or not before or len(sentence) - cue.end() < _REACH // 2:
                tokens += _around(after, after[: _NEAR + 1])
            else:
                tokens += [f"said {word}" for word in after[:_NEAR]]
            tokens += [f"pair {first} {second}" for first, second in pairwise(before)]
            if place == 0:
                tokens += [f"first {word}" for word in before[-_NEAR - 1 :]]
    return tokens or [NOBODY]


def vectorizer(kinds: Sequence[str]) -> Any:
    """Return an unfitted scikit-learn transformer of texts to the TF-IDF of some `KINDS`, side by side."""
    from sklearn.pipeline import FeatureUnion

    return FeatureUnion([(kind, _tfidf(kind)) for kind in kinds])


def _tfidf(kind: str) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    if kind == "attribution":
        return TfidfVectorizer(analyzer=attribution, sublinear_tf=True, min_df=2)
    if kind == "characters":
        return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=3)
    return TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2)


def _around(words: Sequence[str], near: Sequence[str]) -> list[str]:
    return [f"by {word}" for word in words] + [f"near {word}" for word in near]


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
