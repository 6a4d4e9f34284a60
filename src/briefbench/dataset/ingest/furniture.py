"""What surrounds an article on a saved page: which element holds the article, and what in it is not the article's."""

import re
from collections.abc import Iterable
from typing import Any

from briefbench.dataset.ingest import shapes

_TAGS = frozenset(
    (
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "aside",
        "footer",
        "form",
        "button",
        "iframe",
        "svg",
        "dialog",
        "select",
    )
)
_ROLES = frozenset(("navigation", "complementary", "contentinfo", "banner", "dialog", "alertdialog", "search", "menu"))
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|gdpr|related|recirc|recommended|recommendations|share|sharing|social|comments?|"
    r"newsletter|promo|most-?read|most-?popular|trending|read-?more|read-?next|more-?from|more-?on|breadcrumbs?|nav|"
    r"navbar|navigation|menu|footer|sidebar|paywall|subscribe|subscription|advert|advertisement|ads?|sponsored|toolbar|"
    r"tags|skip-?link)(?=$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}hidden", re.IGNORECASE)
#: Stands for a blank line within a paragraph; a line like this is read as a gap.
RULE = "* * *"
_HALF = 0.5
_LINK_SHARE = 0.9
_BLOCKS = re.compile(r"address|article|blockquote|div|dl|figure|h[1-6]|header|hr|li|main|ol|p|pre|section|table|ul")


def isolate_article(tree: Any) -> Any:
    """Return a document of the article alone, ready for trafilatura; ``tree`` (an lxml document) is changed.

    Links are unwrapped, because trafilatura takes a list of linked text for navigation, and a briefing links every
    bullet. Lists of nothing but linked headlines, which are navigation, are cut before that.
    """
    root = _article_element(tree)
    _cut(root)
    _cut_link_lists(root)
    for element in list(root.iter("a", "time", "label")):  # trafilatura would drop the text of the last two
        if element is not root:
            element.drop_tag()
    for element in root.iter("br"):
        after = element.getnext()
        if after is not None and after.tag == "br" and not (element.tail or "").strip():
            element.tail = RULE  # trafilatura makes one break of two, and so one paragraph
    for element in root.iter():
        # Inside the article nothing is furniture any more, so no name of a class may make trafilatura drop it.
        element.attrib.clear()
        if element is not root and element.tag == "div" and not _holds_blocks(element):
            element.tag = "p"  # between paragraphs trafilatura drops the text of a div
    root.tag = "article"  # elsewhere trafilatura keeps the paragraphs but not the headings
    page = tree.makeelement("html")
    page.append(tree.makeelement("body"))
    page[0].append(root)
    return page


def _holds_blocks(element: Any) -> bool:
    return any(_BLOCKS.fullmatch(part.tag) for part in element.iterdescendants())


def _article_element(tree: Any) -> Any:
    """Return the one ``article`` or ``main`` element, or the body where there is not exactly one.

    An ``article`` inside ``main`` wins where it holds most of the text; else it is a card of another story.
    """
    body = tree.find("body")
    whole = tree if body is None else body
    mains, articles = list(tree.iter("main")), list(tree.iter("article"))
    if len(articles) == 1 and _length(articles[0]) >= _length(mains[0] if len(mains) == 1 else whole) * _HALF:
        return articles[0]
    return mains[0] if len(mains) == 1 else whole


def _length(element: Any) -> int:
    return len(" ".join(element.xpath("string(.)").split()))


def _cut(root: Any) -> None:
    limit = _length(root) * _HALF
    core = {element for found in root.iter("h1", "article", "main") for element in [found, *found.iterancestors()]}
    drop = [element for element in root.iter() if element is not root and _is_furniture(element)]
    for element in drop:
        # A site may name the article's own wrapper after a tag, a menu or open comments.
        if element.tag in _TAGS or (element not in core and _length(element) <= limit):
            element.drop_tree()
    if root.tag not in {"article", "main"}:
        for header in list(root.iter("header")):
            if header not in core:
                header.drop_tree()


def _is_furniture(element: Any) -> bool:
    if not isinstance(element.tag, str):  # a comment or processing instruction
        return True
    if element.tag in _TAGS or "hidden" in element.attrib or element.get("aria-hidden") == "true":
        return True
    if element.get("role") in _ROLES or _HIDDEN.search(element.get("style", "")[:500]):
        return True
    return any(_NAMES.search(element.get(name, "")[:500]) for name in ("class", "id"))


def _cut_link_lists(root: Any) -> None:
    for element in list(root.iter("ul", "ol")):
        if element is root or not _is_link_list(element.iterchildren("li")):
            continue
        above = element.getprevious()
        if above is not None and above.tag in {"h2", "h3", "h4", "h5", "h6"}:
            above.drop_tree()
        element.drop_tree()


def _is_link_list(items: Iterable[Any]) -> bool:
    """Say whether every item is one link without a sentence's end: headlines of other stories, or a menu."""
    lengths = [(_length(item), sum(map(_length, item.iter("a"))), item) for item in items]
    return bool(lengths) and all(
        linked > 0
        and linked >= length * _LINK_SHARE
        and not shapes.ends_sentence(" ".join(item.xpath("string(.)").split()), ".!")
        for length, linked, item in lengths
    )
