"""Public vocabularies as their publishers write them: one module a format, each giving the same entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from kg.errors import UnknownNameError, VocabularyError
from kg.graph import terms
from kg.vocabulary import slug
from kg.vocabulary.sources import content, identifiers, obo, profiles, rdf, table
from kg.vocabulary.sources.entry import Entry
from kg.vocabulary.sources.identifiers import Identifiers

TABLES = (".tsv", ".csv", ".tab", ".txt")
ENDINGS = (".obo", *TABLES, *rdf.FORMATS)
"""The endings of files that are read; `.gz` may follow."""

MAXIMUM_CONCEPTS = 2_000_000


@dataclass(frozen=True, slots=True)
class Options:
    """What the user says of files that nobody knows: see `kg.vocabulary.sources.profiles.own`.

    `entities` allows the entities that an XML file declares itself.
    """

    columns: str = ""
    type: str = ""
    types: str = ""
    prefix: str = ""
    delimiter: str = ""
    separator: str = ""
    entities: bool = False

    def said(self) -> dict[str, str | bool]:
        """Return what was said, defaults left out."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class Source:
    """One vocabulary file, read.

    Attributes
    ----------
    name : str
        The file's name.
    vocabulary : str
        Whose it is ("MONDO"); the file's name where nobody knows.
    version : str
        Its own version, where it says one.
    sha256 : str
        Of the file as stored.
    options : mapping
        What the user said of it.
    entries : tuple of Entry
        Its concepts, all identifiers IRIs (but those of `same`, which may be those of vocabularies without IRIs).
    """

    name: str
    vocabulary: str
    version: str
    sha256: str
    options: Mapping[str, str | bool]
    entries: tuple[Entry, ...]


def read(path: Path, options: Options | None = None) -> Source:
    """Read one file.

    Raises
    ------
    VocabularyError
        When it cannot be read, is of an unknown format or layout, is malformed, or is built to exhaust its reader.
    UnknownNameError
        When the options name an unknown column field or type.
    """
    options = options or Options()
    place = str(path)
    ending = PurePath(path.name.removesuffix(".gz")).suffix.lower()
    if ending not in ENDINGS:
        known = " ".join(ENDINGS)
        hint = "; records of paths between things are no vocabulary" if ending == ".jsonl" else ""
        raise VocabularyError(place, f"not a known format of vocabularies{hint}", f"use {known}, plain or .gz")
    found = content.read(path)
    reader = _table if ending in TABLES else _obo if ending == ".obo" else _rdf
    name, version, entries = reader(found, ending, place, options)
    if len(entries) > MAXIMUM_CONCEPTS:
        raise VocabularyError(place, f"more than {MAXIMUM_CONCEPTS:,} concepts", "name a smaller selection")
    return Source(path.name, name, version, found.sha256, options.said(), tuple(entries))


_Read = tuple[str, str, list[Entry]]


def _table(found: content.Content, _: str, place: str, options: Options) -> _Read:
    layout = None
    if options.columns:
        row = profiles.own(options.columns, options.type, options.types, options.prefix)
        mark = {"tab": "\t", "\\t": "\t"}.get(options.delimiter, options.delimiter)
        layout = profiles.Table(found.name, (), (row,), delimiter=mark, separator=options.separator or "|")
    elif options.type or options.types:
        raise UnknownNameError("--type", "says nothing without the columns", 'add --columns "id=COLUMN,label=COLUMN"')
    layout, entries = table.read(found.data, place, layout)
    named = _named(entries, layout.name, place)
    known = next((v for v in profiles.vocabularies() if v.name == layout.name), None)
    return layout.name, "", _of_branch(named, known) if known is not None else named


def _obo(found: content.Content, _: str, place: str, options: Options) -> _Read:
    read_file = obo.read(found.data, place)
    return _typed(found, read_file.version, read_file.entries, place, options, obo_family=True)


def _rdf(found: content.Content, ending: str, place: str, options: Options) -> _Read:
    version, entries = rdf.read(found.data, ending, place, entities=options.entities)
    return _typed(found, version, entries, place, options, obo_family=False)


def _typed(
    found: content.Content, version: str, entries: Iterable[Entry], place: str, options: Options, *, obo_family: bool
) -> _Read:
    """Give the concepts the type of the vocabulary that their identifiers belong to, or the one that the user says."""
    named = _named(entries, found.name, place, obo_family=obo_family)
    ids = identifiers.identifiers()
    said = profiles.check_type(options.type, "--type") if options.type else ""
    namespaces = {ids.namespaces.get(v.prefix, ""): v for v in profiles.vocabularies()}
    most = _commonest(named, namespaces)
    if most is None:
        made = [entry if entry.type in profiles.types() else entry._replace(type=said) for entry in named]
        if not any(entry.type for entry in made):
            raise VocabularyError(
                place, "nobody knows what its concepts are", "say it with --type, as in --type Condition"
            )
        return found.name, version, made
    return most.name, version, _of_branch([entry._replace(type=said or most.type) for entry in named], most)


def _of_branch(entries: list[Entry], known: profiles.Vocabulary) -> list[Entry]:
    """Take the type from concepts that are not in the branch of their vocabulary that is read."""
    ids = identifiers.identifiers()
    inside = _below(ids.iri(known.under), entries) if known.under else None
    outside = _below(ids.iri(known.outside), entries) if known.outside else frozenset()
    return [
        entry._replace(type="") if entry.id in outside or (inside is not None and entry.id not in inside) else entry
        for entry in entries
    ]


def _commonest(entries: Iterable[Entry], namespaces: Mapping[str, profiles.Vocabulary]) -> profiles.Vocabulary | None:
    """Return the well-known vocabulary that most identifiers belong to, if it is more than half of them."""
    counts: dict[str, int] = {}
    total = 0
    for entry in entries:
        total += 1
        namespace = next((n for n in namespaces if n and entry.id.startswith(n)), "")
        counts[namespace] = counts.get(namespace, 0) + 1
    best = max(counts, key=lambda n: (counts[n], n), default="")
    return namespaces.get(best) if best and counts[best] * 2 > total else None


def _below(root: str, entries: Iterable[Entry]) -> set[str]:
    """Return the root and everything under it; cycles end where they began."""
    children: dict[str, list[str]] = {}
    for entry in entries:
        for parent in entry.parents:
            children.setdefault(parent, []).append(entry.id)
    seen = {root}
    waiting = [root]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in seen:
                seen.add(child)
                waiting.append(child)
    return seen


def _named(entries: Iterable[Entry], vocabulary: str, place: str, *, obo_family: bool = False) -> list[Entry]:
    """Give every identifier as an IRI: a declared prefix, else the OBO family's rule, else a local name."""
    ids = identifiers.identifiers()
    default = identifiers.OBO if obo_family else f"{terms.LOCAL}{slug(vocabulary)}/"
    iri: Callable[[str], str] = _remembered(ids, default)
    made = []
    for entry in entries:
        own = iri(entry.id)
        if not own:
            raise VocabularyError(place, f"{entry.id[:80]!r} is no identifier", "use IRIs, or names with a prefix")
        if own.startswith(terms.BASE) and not own.startswith((terms.LOCAL, terms.CONCEPT)):
            raise VocabularyError(place, f"{own[:80]!r} is a name of this package's own", "use names of your own")
        made.append(
            entry._replace(
                id=own,
                parents=tuple(filter(None, map(iri, entry.parents))),
                same=tuple(filter(None, map(ids.key, entry.same))),
                drug=iri(entry.drug) if entry.drug else "",
            )
        )
    return made


def _remembered(ids: Identifiers, default: str) -> Callable[[str], str]:
    known: dict[str, str] = {}

    def iri(identifier: str) -> str:
        found = known.get(identifier)
        if found is None:
            found = known[identifier] = ids.iri(identifier, default)
        return found

    return iri
