"""The fallback for prose: what it reads that no rule does, and what it must leave alone."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from kg.errors import OntologyError
from kg.extraction import Extractor, extractor, prose
from kg.extraction.prose import guards
from kg.reading import make_document
from kg.records import Document, Statement
from kg.vocabulary.lexicon import normalise


def said(text: str, source: str = "web page") -> list[Statement]:
    """Return what the model alone makes of a page."""
    page = replace(make_document("page.md", text + "\n", "markdown"), source_kind=source)
    return [s for s in extractor().extract(page) if s.evidence.rule == prose.NAME]
