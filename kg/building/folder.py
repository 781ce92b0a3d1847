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
from kg.building import kept as keeping
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


class Earlier:
    """What an earlier build of the same folder left, to be taken over; empty where there is none that fits."""

    def __init__(self, folder: Path | None) -> None:
        """Look at a folder."""
        self.folder = folder
        self.manifest: Manifest | None = None
        self.kept: dict[str, Kept] = {}
        self.inputs: Mapping[str, list[list[str]]] = {}
        self.compared: Mapping[str, bool] = {}
        self.counts = (0, 0)
        self._places: dict[str, Text] = {}
        self._shelf: Shelf | None = None
        if folder is None or not folder.is_dir():
            return
        try:
            found = disk.whole(folder)
            if found is None:
                return
            self.manifest, path = found
            self._shelf = Shelf(path.open("rb"))
            self._read(self._shelf)
        except (GraphError, OSError, ValueError, KeyError, TypeError, StopIteration):
            self.manifest, self.kept, self.inputs, self.compared = None, {}, {}, {}
            self.close()  # it is built as a whole then, which mends it

    def _read(self, shelf: Shelf) -> None:
        lines = shelf.lines()
        said = json.loads(next(lines)[0])
        for line, start in lines:
            one = keeping.read(shelf, line, start)
            self.kept[one.name] = one
            self._places[one.name] = shelf.at(line, start)
        self.inputs, self.compared = said["inputs"], said["compared"]
        facts, evidence = said["counts"]
        self.counts = int(facts), int(evidence)

    def close(self) -> None:
        """Take down what is kept; nothing of it can be read from then on."""
        if self._shelf is not None:
            self._shelf.close()

    def same(self, name: str, content: str, options: str) -> Kept | None:
        """Return a document if everything that its facts depend on is as it was."""
        one = self.kept.get(name)
        return one if one is not None and (one.content, one.options) == (content, options) else None

    def written(self, one: Kept) -> str:
        """Write a document as one line, as it was read where it is still the same."""
        return f"{self._places[one.name].read()}\n" if self.kept.get(one.name) is one else keeping.written(one)


class Draft:
    """A folder of facts that is being made; `drafted` makes one."""

    def __init__(self, place: Path, texts: Path, earlier: Earlier, vocabulary: Vocabulary | None) -> None:
        """Write into an empty folder, and texts into one that may be elsewhere."""
        self._place, self._texts, self._earlier, self._vocabulary = place, texts, earlier, vocabulary
        self._kept: dict[str, Kept] = {}
        self._said: dict[str, str] = {}
        self._compared: dict[str, bool] = {}
        self._counts = (0, 0)
        self._shelf = Shelf()
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
            facts=self._shelf.put(keeping.in_short(said)),
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
        self._kept = dict(sorted(self._kept.items()))
        self._whole(DOCUMENTS_FILE, encode.sources(self._sources(broader)))
        used = {iri for one in self._kept.values() for iri in one.concepts} | set(broader.values())
        self._whole(CONCEPTS_FILE, encode.concepts(used, self._vocabulary), declared_prefixes())
        if derived is not None or not self._take_over_conclusions():
            gathered = keeping.Gathered(broader)
            for one in self._kept.values():
                gathered.add(one.name, one.facts.read())
            self._counts = gathered.counts
            found = derivation.derive(gathered.take(), self._vocabulary) if derived is None else derived
            self._whole(DERIVED_FILE, conclusions.triples(found, self._vocabulary))
        self._describe()
        self.is_finished = True
        return Counts(*self._counts, len(self._kept), self._taken)

    def store(self, options: Mapping[str, str | None], inputs: Mapping[str, list[list[str]]]) -> None:
        """Write the manifest, what is kept for the next build, and the store."""
        manifest = self._manifest(options)
        manifests.write(self._place, manifest)
        (self._place / disk.STORE_FOLDER).mkdir()
        with (self._place / disk.STORE_FOLDER / disk.KEPT_FILE).open("w", encoding="utf-8", newline="\n") as stream:
            head = {"inputs": inputs, "compared": self._compared, "counts": self._counts}
            stream.write(json.dumps(head, ensure_ascii=False) + "\n")
            stream.writelines(map(self._earlier.written, self._kept.values()))
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

    def _take_over_conclusions(self) -> bool:
        """Take over what follows from the facts and their number, if they are all as they were; tell whether they are.

        A document that was taken over shows that program, rules and vocabulary are the same.
        """
        before, folder, old = self._earlier.manifest, self._earlier.folder, self._earlier.kept
        if before is None or folder is None or not self._taken or self._kept.keys() != old.keys():
            return False
        if any((one.facts, one.terms) != (old[name].facts, old[name].terms) for name, one in self._kept.items()):
            return False
        self._counts = self._earlier.counts
        graph = GRAPH_OF_FILE[DERIVED_FILE].value
        if graph in before.quads:
            self._said[graph] = before.quads[graph]
            files.share(folder / DERIVED_FILE, self._place / DERIVED_FILE)
        return True

    def _describe(self) -> None:
        """Say of the whole how much it holds and what it was made of."""
        whole = [path for path in (self._place / name for name in WHOLE_FILES) if path.is_file()]
        parts = itertools.chain(
            (Part.decoded(json.loads(one.part.read())) for one in self._kept.values()),
            (dataset.part_of(path.read_text("utf-8")) for path in whole),
        )
        catalogue = (self._place / DOCUMENTS_FILE).read_bytes()
        self._whole(DATASET_FILE, dataset.of_parts(parts, catalogue))

    def _place_terms(self) -> dict[str, str]:
        """Give each of the documents' own words one broader concept, and put it into those that have another."""
        broader: dict[str, str] = {}
        for one in self._kept.values():
            for words, concept in one.terms.items():
                if concept:
                    broader[words] = min(concept, broader.get(words, concept))
        for one in list(self._kept.values()):
            wanted = {words: broader.get(words, "") for words in one.terms}
            if wanted != dict(one.placed):
                self._kept[one.name] = self._placed_anew(one, wanted)
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
        found = self._earlier.compared.get(key)
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
