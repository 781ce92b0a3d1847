"""Making documents: the one place where a text gets its name, title and hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from kg.reading import layout
from kg.records import Document, Product, Section


def make_document(
    name: str,
    text: str,
    markup: str = "plain",
    source_kind: str = "web page",
    product: Product | None = None,
    sections: Iterable[Section] = (),
    title: str | None = None,
) -> Document:
    """Make a document from a text at hand; its title is the heading it starts with, or else its name.

    >>> make_document("note.txt", "Aspirin\\n\\nAspirin relieves pain.").title
    'Aspirin'
    """
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    document = Document(name, text, title or name, source_kind, markup, sha256, product, tuple(sections))
    return document if title else replace(document, title=layout.title(document) or name)
