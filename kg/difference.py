"""What differs between two builds, fact by fact, and why: another source, rule, vocabulary or decision.

A fact is what is said, not where: a sentence that moved or was worded anew says the same, and is counted beside the
differences. What is said of the same subject and object with another level, qualifier or polarity is one change, not
a fact less and a fact more.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph as ox

from kg import assembly
from kg.errors import GraphError
from kg.graph import decode, disk, terms
from kg.graph import manifest as manifests
from kg.graph import store as stores
from kg.graph.encode import Source, node_of
from kg.graph.manifest import Manifest
from kg.records import Evidence, Fact

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
SOURCE, RULE, VOCABULARY, DECISION, OPTION = "source", "rule", "vocabulary", "decision", "option"
UNKNOWN = "unknown"
"""The cause where a folder has no manifest that would tell."""

_CAUSES = {"code": RULE, "rules": RULE, "language": RULE, "vocabulary": VOCABULARY}
_OPTIONS = {"drug": OPTION, "lexicon": VOCABULARY, "decisions": DECISION}
_EVIDENCE = ox.NamedNode(terms.DRUGS + "evidence")
_DERIVED = ox.NamedNode(terms.DRUGS + "DerivedFact")
_TYPE = ox.NamedNode(terms.RDF_TYPE)


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that differs.

    Attributes
    ----------
    what : str
        "added", "removed" or "changed".
    before, after : Fact or None
        The fact as each build has it, with its evidence.
    documents : tuple of str
        The documents that say it in one build only, or say it differently.
    causes : tuple of str
        "source", "rule", "vocabulary", "decision", "option", or "unknown"; several where the builds differ in several
        of them and nothing tells which it was.
    """

    what: str
    before: Fact | None
    after: Fact | None
    documents: tuple[str, ...]
    causes: tuple[str, ...]

    @property
    def fact(self) -> Fact:
        """The fact as the later build has it, or the earlier one where that has none."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a difference has a fact")
        return found


@dataclass(frozen=True, slots=True)
class Differences:
    """All that differs.

    Attributes
    ----------
    facts : tuple of Difference
        Sorted by fact.
    reworded : int
        Facts that the same documents say in other words.
    derived_added, derived_removed : int
        Conclusions that came and went; they follow from the facts.
    documents_added, documents_removed, documents_changed : tuple of str
        Documents by name.
    """

    facts: tuple[Difference, ...]
    reworded: int
    derived_added: int
    derived_removed: int
    documents_added: tuple[str, ...]
    documents_removed: tuple[str, ...]
    documents_changed: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the two builds say the same."""
        return not (self.facts or self.derived_added or self.derived_removed)


class _Build:
    """One of the two builds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = disk.open_folder(folder)
        self.reader = decode.Reader(self.store)
        self.manifest: Manifest | None = manifests.read(folder)
        self.sources: dict[str, Source] = {source.name: source for source in self.reader.sources()}

    @functools.cached_property
    def sums(self) -> dict[str, str]:
        """Document → SHA-256 of its file of statements."""
        found = {}
        for source in self.sources:
            name = f"{stores.STATEMENTS_FOLDER}/{stores.file_name(source)}.ttl"
            noted = self.manifest.files.get(name) if self.manifest else None
            path = self.folder / name
            found[source] = noted or (manifests.of_file(path) if path.is_file() else "")
        return found

    def facts_of(self, document: str) -> set[ox.NamedNode]:
        """Name the facts that a document says."""
        graph = ox.NamedNode(terms.graph(document))
        return {
            quad.subject
            for quad in self.store.quads_for_pattern(None, _EVIDENCE, None, graph)
            if isinstance(quad.subject, ox.NamedNode)
        }

    def fact(self, node: ox.NamedNode) -> Fact | None:
        """Read a fact; None where the build does not have it."""
        has_it = any(True for _ in self.store.quads_for_pattern(node, _EVIDENCE, None, stores.DEFAULT))
        return self.reader.fact(node) if has_it else None

    def derived(self) -> set[str]:
        """Name what follows from the facts."""
        quads = self.store.quads_for_pattern(None, _TYPE, _DERIVED, stores.DERIVED)
        return {str(quad.subject) for quad in quads}

    def text(self, document: str) -> str | None:
        """Return the text of a document where it is at hand."""
        path = self.folder / stores.TEXTS_FOLDER / stores.file_name(document)
        return path.read_bytes().decode() if path.is_file() else None


def differences(old: Path, new: Path) -> Differences:
    """Compare two folders of facts.

    Raises
    ------
    GraphError
        When one of them is missing, is no folder of facts, or is not as it was written.
    """
    for folder in (old, new):
        if not folder.is_dir():
            problem = "is no folder" if folder.exists() else "no such folder"
            raise GraphError(str(folder), problem, "name a folder that `kg build` wrote")
    before, after = _Build(old), _Build(new)
    told = before.sources.keys() | after.sources.keys()
    differing = [name for name in sorted(told) if before.sums.get(name) != after.sums.get(name)]
    nodes = {node for name in differing for build in (before, after) for node in build.facts_of(name)}
    found, reworded = list[Difference](), 0
    for node in nodes:
        one = _compared(before.fact(node), after.fact(node))
        if one is None:
            continue
        if one.documents:
            found.append(one)
        else:
            reworded += 1
    causes = _Causes(before, after)
    paired = (replace(one, causes=causes.of(one)) for one in _paired(found))
    was, now = before.derived(), after.derived()
    both = before.sources.keys() & after.sources.keys()
    return Differences(
        facts=tuple(sorted(paired, key=lambda d: (*assembly.order(d.fact), d.what))),
        reworded=reworded,
        derived_added=len(now - was),
        derived_removed=len(was - now),
        documents_added=tuple(sorted(after.sources.keys() - both)),
        documents_removed=tuple(sorted(before.sources.keys() - both)),
        documents_changed=tuple(
            name for name in sorted(both) if before.sources[name].sha256 != after.sources[name].sha256
        ),
    )


def _compared(before: Fact | None, after: Fact | None) -> Difference | None:
    """Compare a fact of both builds: None where nothing differs, no documents where only the words do."""
    said_before, said_after = (set(fact.documents) if fact else set() for fact in (before, after))
    documents = tuple(sorted(said_before ^ said_after))
    if before is None or after is None:
        return Difference(ADDED if before is None else REMOVED, before, after, documents, ())
    if documents or _quotes(before) != _quotes(after):
        return Difference(CHANGED, before, after, documents, ())
    return None


def _quotes(fact: Fact) -> set[tuple[str, str]]:
    return {(proof.document, proof.quote_sha256) for proof in fact.evidence}


def _paired(found: Iterable[Difference]) -> Iterator[Difference]:
    """Make one change of a fact that went and one that came, where both speak of the same subject and object."""
    groups: dict[tuple[str, str, str, str], list[Difference]] = {}
    for one in sorted(found, key=lambda d: (assembly.order(d.fact), d.what)):
        if one.what == CHANGED:
            yield one
            continue
        fact = one.fact
        for document in one.documents[:1]:
            key = (fact.kind, node_of(fact.subject).value, node_of(fact.object).value, document)
            groups.setdefault(key, []).append(one)
    for group in groups.values():
        gone = [one for one in group if one.what == REMOVED]
        come = [one for one in group if one.what == ADDED]
        for old, new in zip(gone, come, strict=False):
            documents = tuple(sorted({*old.documents, *new.documents}))
            yield Difference(CHANGED, old.before, new.after, documents, ())
        longer = gone if len(gone) > len(come) else come
        yield from longer[min(len(gone), len(come)) :]


class _Causes:
    """Why facts differ: what the two builds were made of, and with."""

    def __init__(self, before: _Build, after: _Build) -> None:
        self._before, self._after = before, after
        self._with = _made_differently(before.manifest, after.manifest)

    def of(self, one: Difference) -> tuple[str, ...]:
        """Return the causes of a difference, sorted."""
        return tuple(sorted({cause for document in one.documents for cause in self._in(document, one)}))

    def _in(self, document: str, one: Difference) -> set[str]:
        old, new = self._before.sources.get(document), self._after.sources.get(document)
        if old is None or new is None:
            return {SOURCE}
        added = [proof for proof in (one.after.evidence if one.after else ()) if proof.document == document]
        gone = [proof for proof in (one.before.evidence if one.before else ()) if proof.document == document]
        if DECISION in self._with and any(proof.rule.startswith("decision/") for proof in (*added, *gone)):
            return {DECISION}
        if old.sha256 == new.sha256:
            return self._with or {SOURCE}  # its title, or what the source's own data say of it
        if not self._with or not (self._was_there(document, added) or self._is_there(document, gone)):
            return {SOURCE}
        return self._with

    def _was_there(self, document: str, added: Iterable[Evidence]) -> bool:
        return _stands(self._after.text(document), self._before.text(document), added)

    def _is_there(self, document: str, gone: Iterable[Evidence]) -> bool:
        return _stands(self._before.text(document), self._after.text(document), gone)


def _stands(own: str | None, other: str | None, proofs: Iterable[Evidence]) -> bool:
    """Tell whether the other build's text holds the same sentences, so that it is not the text that made it differ."""
    if own is None or other is None:
        return False
    quotes = [proof.span.of(own) for proof in proofs]
    return bool(quotes) and all(quote in other for quote in quotes)


def _made_differently(before: Manifest | None, after: Manifest | None) -> set[str]:
    if before is None or after is None:
        return {UNKNOWN}
    found = {cause for name, cause in _CAUSES.items() if before.made_with.get(name) != after.made_with.get(name)}
    return found | {cause for name, cause in _OPTIONS.items() if before.options.get(name) != after.options.get(name)}
