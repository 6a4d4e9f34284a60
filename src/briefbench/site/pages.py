"""From contexts to pages: templates with escaping on, style and script inline, and a policy that allows no more."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from briefbench import __version__
from briefbench.schema import SPLITS, TASKS
from briefbench.site.charts import heat
from briefbench.site.corpus import Corpus
from briefbench.site.explorer import explorer_data, filter_options
from briefbench.site.index import index_context

if TYPE_CHECKING:
    from briefbench.evaluation.leaderboard import Board

#: The website's files, and what each of them begins with in its head.
PAGES = ("index.html", "explorer.html")
GENERATOR = '<meta name="generator" content="BriefBench'

_TEMPLATES = ("base.html.j2", "charts.html.j2", "system.html.j2", "index.html.j2", "explorer.html.j2")
_STYLES = {"index": ("base.css", "index.css", "charts.css"), "explorer": ("base.css", "explorer.css")}
_SCRIPTS = ("dom.js", "data.js", "filters.js", "fragment.js", "detail.js", "list.js", "main.js")
# JSON stays JSON, and no part of it can end the script element or start a comment in it.
_IN_SCRIPT = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def render_pages(board: "Board", corpus: Corpus) -> dict[str, bytes]:
    """Return the website's pages by file name."""
    index = _render("index", "", index_context(board, corpus) | _shared(board))
    explorer = {
        "data": script_json(explorer_data(board, corpus)),
        "tasks": TASKS,
        "splits": SPLITS,
        "facts": corpus.facts,
        "board": board,
        **filter_options(board, corpus),
    }
    script = '"use strict";\n(() => {\n' + "\n".join(map(_asset, _SCRIPTS)) + "})();\n"
    return {"index.html": index, "explorer.html": _render("explorer", script, explorer | _shared(board))}


def script_json(value: Any) -> Markup:
    """Encode ``value`` as JSON that can stand in a script element, whatever its strings hold."""
    text = msgspec.json.encode(value).decode()
    return Markup(text.translate(_IN_SCRIPT))  # noqa: S704 (every character that HTML reads is escaped in the line above)


def _shared(board: "Board") -> dict[str, Any]:
    return {"version": __version__, "data_hash": board.reference.data[:12]}


def _render(page: str, script: str, context: dict[str, Any]) -> bytes:
    style = "".join(map(_asset, _STYLES[page]))
    rendered = (
        _environment()
        .get_template(f"{page}.html.j2")
        .render(
            page=page,
            policy=_policy(style, script),
            style=Markup(style),  # noqa: S704 (the package's own file)
            script=Markup(script),  # noqa: S704 (the package's own files)
            **context,
        )
    )
    return rendered.encode()


def _policy(style: str, script: str) -> str:
    """Return a Content-Security-Policy: these styles and this script, by hash, and nothing from anywhere."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hashed(style)}",
            f"script-src {_hashed(script) if script else _NOTHING}",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


_NOTHING = "'none'"


def _hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=DictLoader({name: _asset(name) for name in _TEMPLATES}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": lambda value: f"{value:,}",
        "figure": lambda value: f"{value:.3f}",
        "gain": lambda value: f"{value:+.3f}",
        "percent": lambda value: f"{100 * value:.2f}%",
        "words": lambda name: name.replace("_", " "),
        "heat": heat,
    }
    return environment


@cache
def _asset(name: str) -> str:
    return files("briefbench.site").joinpath("assets", name).read_text(encoding="utf-8")
