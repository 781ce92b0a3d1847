"""How Sphinx makes the documentation: `make docs`. Nothing is fetched, and the pages ask no other host for anything."""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from pygments.lexer import inherit
from pygments.lexers.rdf import SparqlLexer
from pygments.lexers.special import TextLexer
from pygments.token import Operator

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]
_LINK = re.compile(r"(\]\()([^)#:\s]+)((?:#[^)\s]*)?\))")
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")

project = "drug-facts"
author = "drug-facts"
release = version = re.search(r'(?m)^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"))[1]  # type: ignore[index]
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"drug-facts {release}"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
templates_path = ["_templates"]
myst_heading_anchors = 4
napoleon_google_docstring = False
autodoc_typehints_format = "short"
autodoc_member_order = "groupwise"


class Sparql(SparqlLexer):
    """SPARQL with alternatives in paths, which the lexer of Pygments does not know."""

    tokens = {"root": [(r"[|^]", Operator), inherit]}  # noqa: RUF012


def resolve_links(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Make links work in the built pages that work on a code host: the README is a page, other files come along."""
    here = posixpath.dirname(f"docs/{docname}")
    if docname == "readme":
        source[0], here = (ROOT / "README.md").read_text("utf-8"), ""

    def resolved(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(here, link[2]))
        if not (ROOT / target).is_file():
            return link[0]  # Sphinx says what is wrong with it
        if target == "README.md":
            target = "docs/readme.md"
        path = os.path.relpath(target, posixpath.dirname(f"docs/{docname}"))
        return f"{link[1]}{path}{link[3]}" if target.startswith("docs/") else f"{link[1]}path:{path})"

    source[0] = _LINK.sub(resolved, source[0])


def mark_code(_app: Sphinx, _what: str, _name: str, _of: object, _options: object, lines: list[str]) -> None:
    """Docstrings mark code with one backtick, as Markdown does; reStructuredText wants two."""
    lines[:] = [line if line.startswith((">>>", "...")) else _CODE.sub(r"``\1``\\ ", line) for line in lines]


def setup(app: Sphinx) -> None:
    """Register what is our own."""
    app.add_lexer("mermaid", TextLexer)
    app.add_lexer("sparql", Sparql)
    app.connect("source-read", resolve_links)
    app.connect("autodoc-process-docstring", mark_code, priority=900)
