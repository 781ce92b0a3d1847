"""What every format of public vocabularies is read into: one entry a concept, as its source names it."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One concept of one public vocabulary.

    Attributes
    ----------
    id : str
        Its identifier: a CURIE as the source writes it while a format is read, an IRI afterwards.
    label : str
        The preferred name.
    names : tuple of str
        Other names, as written.
    type : str
        The local name of our class ("Condition"); empty where it has none of ours.
    parents : tuple of str
        Identifiers of broader concepts.
    same : tuple of str
        Identifiers that other vocabularies give the same concept.
    drug : str
        The identifier of the drug that a brand belongs to; empty otherwise.
    only_if_known : bool
        Whether it only adds to a concept of another vocabulary and makes none of its own.
    broad : tuple of str
        Names that the source itself marks as those of something broader.
    """

    id: str
    label: str
    names: tuple[str, ...] = ()
    type: str = ""
    parents: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    drug: str = ""
    only_if_known: bool = False
    broad: tuple[str, ...] = ()
