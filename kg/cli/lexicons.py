"""The lexicon that a command reads with: the one named, that of KG_VOCABULARY, or the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kg.cli import screen

LexiconOption = Annotated[
    Path | None,
    typer.Option(
        "--vocabulary",
        metavar="PATH",
        help="A lexicon of `kg vocabulary add`, or KG_VOCABULARY; by default your own, if any; none for none.",
    ),
]


def choose(given: Path | None) -> Path | None:
    """Return the lexicon to read with, and say so: the same documents give other facts with another lexicon.

    Raises
    ------
    VocabularyError
        When one is named that is not there.
    """
    from kg.vocabulary import local

    found = local.chosen(given)
    if found is None:
        return None
    said = local.manifest(found)
    counted = f"{screen.count(said['concepts'], 'concept')}, {screen.count(said['names'], 'name')}"
    screen.note(f"With the vocabulary {found}: {counted}.")
    if said["beside"] != local.fingerprint():
        screen.note(f"kg: {found}: was compiled for another version of this package; run `kg vocabulary update`")
    return found
