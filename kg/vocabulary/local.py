"""Where compiled lexicons are, what their files are called, and what they say of themselves."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from kg import resources
from kg.errors import VocabularyError

FORMAT = 1
"""Raised when what is written changes its form: an older lexicon is then refused, not misread."""

MANIFEST, TRIE, MEANINGS, SHORT, CONCEPTS, OFFSETS, SOURCES = (
    "manifest.json", "names.trie", "names.bin", "abbreviations.txt", "concepts.tsv", "concepts.bin", "sources",
)  # fmt: skip

CAPITALS, LAST, EXACT = 1, 2, 4
"""Flags of a name: with a capital; a mark or the end must follow it; letter by letter as its source writes it."""

VARIABLE = "KG_VOCABULARY"
NONE = "none"
"""What says that no lexicon is wanted."""


def default() -> Path:
    """Return where the user's own lexicon is kept.

    >>> default().name
    'vocabulary'
    """
    home = os.environ.get("XDG_DATA_HOME", "")
    base = Path(home) if home.startswith("/") else Path.home() / ".local" / "share"
    return base / "drug-facts" / "vocabulary"


def named() -> Path | None:
    """Return the lexicon that KG_VOCABULARY names, if it names one."""
    said = os.environ.get(VARIABLE, "")
    return Path(said) if said and said != NONE else None


def chosen(given: Path | None) -> Path | None:
    """Return the lexicon to use: the one given, that of KG_VOCABULARY, or the user's own if there is one.

    The word "none" in either place means that none is wanted.

    Raises
    ------
    VocabularyError
        When one is named that is not there.
    """
    if NONE in (str(given), *([] if given is not None else [os.environ.get(VARIABLE)])):
        return None
    found = given or named()
    if found is None:
        return default() if (default() / MANIFEST).is_file() else None
    manifest(found)
    return found


def manifest(folder: Path) -> dict[str, Any]:
    """Read what a lexicon was made of.

    Raises
    ------
    VocabularyError
        When the folder is missing, is no lexicon, or was written by another version of the program.
    """
    again = "compile it again with `kg vocabulary add`"
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        problem = "is no compiled lexicon" if folder.exists() else "no such lexicon"
        raise VocabularyError(str(folder), problem, "make one with `kg vocabulary add`") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "damaged"
        raise VocabularyError(str(folder / MANIFEST), f"cannot be read ({reason})", again) from None
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise VocabularyError(str(folder), "was compiled by another version of this program", again)
    return said


def fingerprint() -> str:
    """Return the hash of what a lexicon is compiled beside: the embedded vocabulary and the rules for names."""
    digest = hashlib.sha256()
    for path in (*resources.files("ontology", "concepts/*.ttl"), *resources.files("ontology", "*.toml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
