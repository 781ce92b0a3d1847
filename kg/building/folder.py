"""A folder of facts in the making: one document after the other, then what concerns all of them, then it is published.

Each document is written as soon as it is known, and of it stays in memory what `kg.building.kept` keeps, no text and no
quote. A document that has not changed since the folder was last built is taken over as it is.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph as ox

from kg import derivation, files
from kg.agreement import copies
from kg.building import concluding
from kg.building import kept as keeping
from kg.building.concluding import Concluded
from kg.building.earlier import Earlier, Whole
from kg.building.kept import Kept
from kg.building.shelf import Shelf, Text
from kg.decisions import Decision
from kg.derivation import encode as conclusions
from kg.errors import GraphError
from kg.graph import dataset, disk, encode, turtle
from kg.graph import manifest as manifests
from kg.graph.changing import Change
from kg.graph.dataset import Part
from kg.graph.encode import Source
from kg.graph.manifest import Manifest
from kg.graph.store import (
    CONCEPTS_FILE,
    DATASET_FILE,
    DERIVED_FILE,
    DOCUMENTS_FILE,
    GRAPH_OF_FILE,
    STATEMENTS_FOLDER,
    TEXTS_FOLDER,
    WHOLE_FILES,
    file_name,
)
from kg.graph.turtle import Triple
from kg.records import Derived, Document, Fact
from kg.vocabulary import Vocabulary
from kg.vocabulary.format import declared_prefixes

COMMENT = "Written by `kg build`. Information about documents, not medical advice. CC0 1.0."
DECISIONS_FILE = "decisions.tsv"
WRITTEN = frozenset((*WHOLE_FILES, STATEMENTS_FOLDER, TEXTS_FOLDER, manifests.MANIFEST_FILE, disk.STORE_FOLDER))
"""What a build writes; anything else in a folder of facts is somebody else's, and stays."""

_BROADER = ox.NamedNode("http://www.w3.org/2004/02/skos/core#broader")
_MOST_CHANGED = 0.1
"""The share of documents above which a store is made anew rather than changed."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a folder holds: facts, the pieces of evidence for them, documents, and those that were taken over."""

    facts: int
    evidence: int
    documents: int
    unchanged: int


class Draft:
    """A folder of facts that is being made; `drafted` makes one."""

    def __init__(self, place: Path, texts: Path, earlier: Earlier, vocabulary: Vocabulary | None) -> None:
        """Write into an empty folder, and texts into one that may be elsewhere."""
        self._place, self._texts, self._earlier, self._vocabulary = place, texts, earlier, vocabulary
        self._shelf = Shelf()
        self._kept = keeping.Documents(self._shelf)
        self._concluded: dict[str, Concluded] = {}
        self._said: dict[str, str] = {}
        self._parts: dict[str, list[object]] = {}
        self._compared: dict[str, bool] = {}
        self._counts = (0, 0)
        self._concepts = ""
        self._taken = 0
        self.is_finished = False
        (place / STATEMENTS_FOLDER).mkdir()
        texts.mkdir()

    def close(self) -> None:
        """Take down what is kept of its documents."""
        self._shelf.close()
        self._earlier.close()

    @property
    def names(self) -> Iterable[str]:
        """Name the documents that are in it."""
        return self._kept.keys()

    def add(
        self, document: Document, facts: Iterable[Fact], options: str = "", decided: Iterable[Decision] = ()
    ) -> None:
        """Write what one document says: facts with their evidence in it alone.

        `options` is what else they depend on, `decided` are the decisions that changed something in them.
        """
        said = list(facts)
        triples = encode.statements(said, document.name, vocabulary=self._vocabulary)
        placed = keeping.terms_of(said)
        quads, written, part = self._write_statements(document.name, list(triples))
        files.write_new(self._texts / file_name(document.name), document.text.encode())
        self._kept[document.name] = Kept(
            source=encode.describe([document], said)[0],
            content=keeping.content_of(document),
            options=options,
            quads=quads,
            turtle=written,
            terms=placed,
            placed=placed,
            concepts=tuple(sorted(encode.lacking(said, self._vocabulary))),
            sketch=copies.sketch(copies.runs(document.text, {})),
            part=part,
            decided=tuple(sorted(decision.sha256 for decision in decided)),
            mainly=derivation.mainly(said).get(document.name, ""),
            common=self._shelf.put(keeping.in_short(derivation.common(said, self._vocabulary))),
            facts={subject: self._shelf.put(text) for subject, text in keeping.by_subject(said).items()},
        )

    def keep(self, one: Kept) -> None:
        """Take over a document of the earlier build."""
        if self._earlier.folder is None:
            raise ValueError("there is no earlier build")
        name = file_name(one.name)
        files.share(self._earlier.folder / TEXTS_FOLDER / name, self._texts / name)
        name = f"{STATEMENTS_FOLDER}/{name}.ttl"
        files.share(self._earlier.folder / name, self._place / name)
        self._kept[one.name] = one
        self._taken += 1

    def finish(self, derived: Iterable[Derived] | None = None) -> Counts:
        """Write what concerns all documents; without conclusions given, these are derived from the facts."""
        broader = self._place_terms()
        self._kept.sort()
        self._whole(DOCUMENTS_FILE, encode.sources(self._sources(broader)))
        self._write_concepts({iri for one in self._kept.values() for iri in one.concepts} | set(broader.values()))
        if derived is not None:
            self._whole(DERIVED_FILE, conclusions.triples(derived, self._vocabulary))
        elif not self._take_over_conclusions():
            self._conclude(broader)
        self._describe()
        self.is_finished = True
        return Counts(*self._counts, len(self._kept), self._taken)

    def store(self, options: Mapping[str, str | None], inputs: Mapping[str, list[list[str]]]) -> None:
        """Write the manifest, what is kept for the next build, and the store."""
        manifest = self._manifest(options)
        manifests.write(self._place, manifest)
        (self._place / disk.STORE_FOLDER).mkdir()
        whole = Whole(len(self._kept), inputs, self._compared, self._counts, self._concepts, self._parts)
        with (self._place / disk.STORE_FOLDER / disk.KEPT_FILE).open("w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(self._earlier.lines(whole, self._kept.values(), self._concluded))
        changes = self._changes(manifest)
        if changes is None or self._earlier.folder is None:
            disk.create(self._place, manifest)
        else:
            disk.update(self._place, manifest, self._earlier.folder, changes)

    def _write_statements(self, name: str, triples: list[Triple]) -> tuple[str, str, Text]:
        graph = disk.graph_of(f"{STATEMENTS_FOLDER}/{file_name(name)}.ttl")
        content = turtle.write(triples, COMMENT)
        path = self._place / STATEMENTS_FOLDER / f"{file_name(name)}.ttl"
        files.write_new(path, content)
        quads = manifests.quads_sum(graph, triples)
        part = json.dumps(dataset.part_of(content.decode()).encoded())
        return quads, hashlib.sha256(content).hexdigest(), self._shelf.put(part)

    def _whole(self, name: str, triples: Iterable[Triple], prefixes: Mapping[str, str] | None = None) -> None:
        said = list(triples)
        graph = GRAPH_OF_FILE.get(name)
        if graph is not None and said:
            self._said[graph.value] = manifests.quads_sum(graph, said)
        if said or name == DOCUMENTS_FILE:
            content = turtle.write(said, COMMENT, prefixes) if prefixes else turtle.write(said, COMMENT)
            files.write_new(self._place / name, content)

    def _take_over(self, name: str) -> None:
        """Take over a file about the whole that would be the same, or that there is no such file."""
        before, folder = self._earlier.manifest, self._earlier.folder
        if before is None or folder is None or name not in before.files:
            return
        files.share(folder / name, self._place / name)
        self._parts[name] = self._earlier.whole.parts[name]
        graph = GRAPH_OF_FILE.get(name)
        if graph is not None:
            self._said[graph.value] = before.quads[graph.value]

    def _write_concepts(self, used: Iterable[str]) -> None:
        self._concepts = hashlib.sha256(json.dumps(sorted(used)).encode()).hexdigest()
        if self._taken and self._concepts == self._earlier.whole.concepts:
            self._take_over(CONCEPTS_FILE)
        else:
            self._whole(CONCEPTS_FILE, encode.concepts(used, self._vocabulary), declared_prefixes())

    def _take_over_conclusions(self) -> bool:
        """Take over what follows from the facts and their number, if they are all as they were; tell whether they are.

        A document that was taken over shows that program, rules and vocabulary are the same.
        """
        old = self._earlier.kept
        if not self._taken or self._kept.keys() != old.keys():
            return False
        if any((one.facts, one.terms) != (old[name].facts, old[name].terms) for name, one in self._kept.items()):
            return False
        self._counts, self._concluded = self._earlier.whole.counts, self._earlier.concluded
        self._take_over(DERIVED_FILE)
        return True

    def _conclude(self, broader: Mapping[str, str]) -> None:
        """Say what follows from the facts; of subjects that nothing has changed for, what the earlier build found."""
        before = self._earlier.concluded if self._taken else {}
        found = concluding.conclude(self._kept, broader, self._vocabulary, before, self._shelf)
        self._concluded = found
        self._counts = sum(one.facts for one in found.values()), sum(one.evidence for one in found.values())
        if before and {name: one.turtle for name, one in found.items()} == {n: one.turtle for n, one in before.items()}:
            self._take_over(DERIVED_FILE)
            return
        content = turtle.together(concluding.pieces(found), COMMENT)
        if content:
            path, graph = self._place / DERIVED_FILE, GRAPH_OF_FILE[DERIVED_FILE]
            files.write_new(path, content)
            said = ox.parse(content, ox.RdfFormat.TURTLE)
            self._said[graph.value] = manifests.quads_sum(graph, ((t.subject, t.predicate, t.object) for t in said))

    def _describe(self) -> None:
        """Say of the whole how much it holds and what it was made of."""
        for name in WHOLE_FILES:
            path = self._place / name
            if path.is_file() and name not in self._parts:
                self._parts[name] = dataset.part_of(path.read_text("utf-8")).encoded()
        of_documents = (json.loads(one.part.read()) for one in self._kept.values())
        parts = map(Part.decoded, itertools.chain(of_documents, self._parts.values()))
        catalogue = (self._place / DOCUMENTS_FILE).read_bytes()
        self._whole(DATASET_FILE, dataset.of_parts(parts, catalogue))

    def _place_terms(self) -> dict[str, str]:
        """Give each of the documents' own words one broader concept, and put it into those that have another."""
        broader: dict[str, str] = {}
        for one in self._kept.values():
            for words, concept in one.terms.items():
                if concept:
                    broader[words] = min(concept, broader.get(words, concept))
        for name in list(self._kept):
            one = self._kept[name]
            wanted = {words: broader.get(words, "") for words in one.terms}
            if wanted != dict(one.placed):
                self._kept[name] = self._placed_anew(one, wanted)
        return broader

    def _placed_anew(self, one: Kept, wanted: Mapping[str, str]) -> Kept:
        path = self._place / STATEMENTS_FOLDER / f"{file_name(one.name)}.ttl"
        terms = {encode.term(words): concept for words, concept in wanted.items()}
        triples: list[Triple] = [
            (t.subject, t.predicate, t.object)
            for t in ox.parse(path.read_bytes(), ox.RdfFormat.TURTLE)
            if t.predicate != _BROADER or t.subject not in terms
        ]
        triples += [(term, _BROADER, ox.NamedNode(concept)) for term, concept in terms.items() if concept]
        quads, written, part = self._write_statements(one.name, triples)
        return replace(one, placed=wanted, quads=quads, turtle=written, part=part)

    def _sources(self, broader: Mapping[str, str]) -> Iterator[Source]:
        sketches = {one.name: one.sketch for one in self._kept.values()}
        first = copies.by_sketches(sketches, self._are_copies)
        for one in self._kept.values():
            about = one.source.about
            if about is not None and about.iri is None:
                about = replace(about, broader=broader.get(about.label))
            yield replace(one.source, about=about, same_text_as=first[one.name])

    def _are_copies(self, one: str, other: str) -> bool:
        """Compare the texts of two documents, or remember how that went."""
        key = " ".join(sorted(self._kept[name].source.sha256 for name in (one, other)))
        found = self._earlier.whole.compared.get(key)
        if found is None:
            found = copies.are_alike(self._text(one), self._text(other))
        self._compared[key] = found
        return found

    def _text(self, name: str) -> str:
        return (self._texts / file_name(name)).read_bytes().decode()

    def _manifest(self, options: Mapping[str, str | None]) -> Manifest:
        summed = {name: manifests.of_file(self._place / name) for name in WHOLE_FILES if (self._place / name).exists()}
        graphs = dict(self._said)
        for one in self._kept.values():
            name = f"{STATEMENTS_FOLDER}/{file_name(one.name)}.ttl"
            summed[name] = one.turtle
            summed[f"{TEXTS_FOLDER}/{file_name(one.name)}"] = one.source.sha256
            graphs[getattr(disk.graph_of(name), "value", "")] = one.quads
        documents = {one.name: one.source.sha256 for one in self._kept.values()}
        return Manifest(options, manifests.made_with(), documents, graphs, summed)

    def _changes(self, manifest: Manifest) -> list[Change] | None:
        """Return what differs from the earlier build; None where its store cannot be used or too much differs."""
        before, folder = self._earlier.manifest, self._earlier.folder
        if before is None or folder is None or before.made_with != manifest.made_with:
            return None
        turtles = {
            name
            for name in before.files.keys() | manifest.files.keys()
            if name.endswith(".ttl") and before.files.get(name) != manifest.files.get(name)
        }
        if len(turtles) > max(_MOST_CHANGED * len(self._kept), len(WHOLE_FILES) + 1):
            return None
        return [self._change(name, folder) for name in sorted(turtles)]

    def _change(self, name: str, folder: Path) -> Change:
        old, new = _triples(folder / name), _triples(self._place / name)
        return disk.graph_of(name), old - new, new - old


def _triples(path: Path) -> frozenset[ox.Triple]:
    if not path.is_file():
        return frozenset()
    return frozenset(quad.triple for quad in ox.parse(path.read_bytes(), ox.RdfFormat.TURTLE))


@contextmanager
def drafted(
    target: Path, vocabulary: Vocabulary | None, *, with_texts: bool, earlier: Earlier | None = None
) -> Iterator[Draft]:
    """Make a folder beside the target, which takes its place once it is finished and everything went well.

    What else is in the folder (licence, decisions) stays; what `kg build` wrote before goes.

    Raises
    ------
    GraphError
        When the target holds something else than facts, or cannot be written; it is untouched then.
    """
    place = target.resolve()
    if place.exists() and not _is_ours(place):
        raise GraphError(str(target), "exists and is no folder of facts", "name a new folder")
    try:
        with files.beside(place) as aside:
            fresh = aside / "new"
            fresh.mkdir()
            if place.exists():
                _copy_others(place, fresh)
            texts = (fresh if with_texts else aside) / TEXTS_FOLDER
            draft = Draft(fresh, texts, earlier or Earlier(None), vocabulary)
            with contextlib.closing(draft):
                yield draft
            if draft.is_finished:
                files.exchange(place, fresh, aside / "old")
    except OSError as error:
        reason = error.strerror or str(error).rpartition(": ")[2] or "cannot be written"
        is_full = "No space left" in reason or error.errno in (errno.ENOSPC, errno.EDQUOT)
        remedy = "make room, or name a folder elsewhere" if is_full else "name a folder you may write"
        raise GraphError(str(target), f"cannot be written ({reason})", remedy) from None


def _is_ours(target: Path) -> bool:
    if not target.is_dir():
        return False
    marks = (DOCUMENTS_FILE, STATEMENTS_FOLDER, DECISIONS_FILE)
    return not any(target.iterdir()) or any((target / mark).exists() for mark in marks)


def _copy_others(target: Path, fresh: Path) -> None:
    for item in sorted(target.iterdir()):
        if item.name in WRITTEN:
            continue
        if item.is_dir() and not item.is_symlink():
            shutil.copytree(item, fresh / item.name, symlinks=True)
        else:
            shutil.copy2(item, fresh / item.name, follow_symlinks=False)
