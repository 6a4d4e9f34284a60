"""What a user is told of an article: its bullets or why there are none, and which of its text stayed prose."""

from pathlib import Path
from typing import Any

from briefbench.dataset.ingest.article import Article, article_bullets, lead_sentences
from briefbench.dataset.records import Bullet, bullet_fault
from briefbench.errors import InputError


def found_bullets(
    path: Path, article: Article, *, prose: bool = False, lead: bool = False, **about: Any
) -> list[Bullet]:
    """Return the bullets of the article in the file ``path``; ``about`` goes to `article_bullets`.

    Raises:
        InputError: the article has no bullet, or one that is too long; the message names the file.
    """
    try:
        bullets = article_bullets(article, prose=prose, lead=lead, **about)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    for bullet in bullets:
        if fault := bullet_fault(bullet):
            raise InputError(f"{path}, bullet {bullet.position}: {fault}")
    if not bullets:
        left = left_out(article, prose=prose, lead=lead)
        advice = f"found only prose: {left}" if left else "mark bullets with • or -, or give the whole article"
        raise InputError(f"{path}: no bullet found; {advice}")
    return bullets


def left_out(article: Article, *, prose: bool, lead: bool) -> str:
    """Name the paragraphs that are not made bullets, and the options that would make them so; else empty."""
    parts, switches = [], []
    if not prose:
        for section in article.sections:
            if section.paragraphs:
                name = f'"{section.heading}"' if section.heading else "no heading"
                parts.append(f"{name} ({counted(len(section.paragraphs), 'paragraph')})")
                switches = ["--prose"]
    sentences = lead_sentences(article)
    rest = len(article.lead) - (len(sentences) if lead else 0)
    if rest:
        parts.append(f"lead ({counted(rest, 'paragraph')}{' that are no sentences' if lead else ''})")
    if sentences and not lead:
        switches.append("--lead")
    verb = "turn" if len(switches) > 1 else "turns"
    advice = f"{' and '.join(switches)} {verb} them into bullets" if switches else ""
    return "; ".join(filter(None, [", ".join(parts), advice]))


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 bullet``, ``2 bullets``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
