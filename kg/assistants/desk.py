"""The desk that tools work at: a graph open for reading, its names, quotes checked anew, and processes for SPARQL."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox

import kg
from kg import evidence, resources
from kg.assistants import answer
from kg.errors import GraphError, KgError, QueryError, UnknownNameError
from kg.evidence import CHECKED, Texts
from kg.graph import terms, whole
from kg.network import paths
from kg.records import Entity, Evidence, Fact
from kg.web.context import Settings
from kg.web.problems import RequestError
from kg.web.sparql.pool import Asked, Pool
from kg.web.sparql.stored import stored

LIMITS = Settings(rows=10_000, answer_bytes=5_000_000)
"""As `kg serve` has them, with smaller answers: nobody reads them but a model."""

MOST_BYTES = 60_000
"""Of the lines of an answer."""

LONGEST_QUOTE, LONGEST_HEADING, LONGEST_WORDS = 2_500, 400, 300
FACTS, PLACES = 4, 2
"""Facts of a line, and places of a fact, that an answer shows; it says how many there are."""

TOO_LONG = "checked, but too long to be given here"


class Desk:
    """What tools work with.

    Parameters
    ----------
    place : path or None
        A folder that `kg build` wrote, or an RDF file; the facts of the package without it.
    documents : path, optional
        The folder of the documents; the texts beside the facts without it.

    Raises
    ------
    GraphError
        When the graph is missing or cannot be read, or there is no such folder of documents.
    """

    def __init__(self, place: Path | None = None, documents: Path | None = None) -> None:
        self.graph = kg.load() if place is None else kg.open(place)
        self._place, self._documents = place, documents
        # What the graph reads by itself has no quotes: they come from `Quotes` alone.
        self.graph.texts = Texts(self.graph.documents, lambda _: [])
        self.quotes()
        self.asking, self.walking = threading.Lock(), threading.Lock()
        self._starting = threading.Lock()
        self._stack = contextlib.ExitStack()
        self._pool: Pool | None = None

    def warm(self) -> None:
        """Read what tools would otherwise read when they are called first, in a thread of its own."""
        ended = threading.Event()
        thread = threading.Thread(target=self._read, args=(ended,), name="reading ahead")
        thread.start()
        self._stack.callback(thread.join)
        self._stack.callback(ended.set)

    def _read(self, ended: threading.Event) -> None:
        """Read the network; who walks it waits, and nobody else does."""
        steps = (lambda: whole.keep(self.graph.reader), lambda: self.graph.view, lambda: paths.net(self.graph.view))
        with self.walking, contextlib.suppress(KgError):  # whoever asks is told what is wrong
            for step in steps:
                if not ended.is_set():
                    step()

    def close(self) -> None:
        """End the processes, and remove what was written for them."""
        self._stack.close()

    def quotes(self) -> Quotes:
        """Return what checks the quotes of one answer; the texts are read anew for each."""
        folder = resources.folder("facts") if self._place is None else self._place
        return Quotes(evidence.texts(self.graph.documents, self._documents, folder if folder.is_dir() else None))

    def drug(self, name: str) -> tuple[str, bool]:
        """Return the IRI of a drug, and whether the name was misspelt.

        Raises
        ------
        UnknownNameError
            When no drug, brand or class is called so, or nearly so and nothing else.
        """
        if "://" in name:
            return self.known(name), False
        with self.telling(name):
            try:
                return self.graph.names.drug(name).iri, False
            except UnknownNameError:
                meant = self.graph.names.nearest(name)
                if meant is None:
                    raise
                return meant.iri, True

    def entity(self, name: str) -> str:
        """Return a name that something bears as it is, or the IRI of something known.

        Raises
        ------
        UnknownNameError
            When nothing is called so.
        """
        if "://" in name:
            return self.known(name)
        with self.telling(name):
            self.graph.names.entity(name)
        return name

    def known(self, iri: str) -> str:
        """Return an IRI that the graph says something of.

        Raises
        ------
        UnknownNameError
            When it does not.
        """
        with contextlib.suppress(ValueError):
            node, union = ox.NamedNode(iri), ox.DefaultGraph()
            for pattern in ((node, None, None, union), (None, None, node, union)):
                if next(iter(self.graph.store.quads_for_pattern(*pattern)), None) is not None:
                    return iri
        raise self._unknown(iri)

    @contextlib.contextmanager
    def telling(self, name: str) -> Iterator[None]:
        """Tell of an unknown name without the names that are near it, which may be words of documents."""
        try:
            yield
        except UnknownNameError:
            raise self._unknown(name) from None

    def fact(self, iri: str) -> Fact:
        """Return a fact by its IRI.

        Raises
        ------
        GraphError
            When there is none.
        """
        try:
            return self.graph.fact(iri)
        except (GraphError, ValueError):
            remedy = "give the `fact` of an answer; what is derived has none, but the facts that it rests on"
            raise GraphError(short(iri, 120), "is no fact of this graph", remedy) from None

    def select(self, sparql: str) -> tuple[list[str], list[dict[str, str]]]:
        """Answer SELECT or ASK in a process of its own; the columns, and the rows as text.

        Raises
        ------
        KgError
            When it is wrong, refused, over a limit, or asks for a graph.
        """
        try:
            found = self._running().run(Asked(sparql, graph=None))
        except RequestError as error:
            if error.status == 406:
                raise QueryError("sparql", "asks for triples", "write a SELECT, or an ASK") from None
            raise
        said = json.loads(found.body)
        if "boolean" in said:
            return ["answer"], [{"answer": str(said["boolean"]).lower()}]
        rows = said["results"]["bindings"]
        return said["head"]["vars"], [{name: _cell(cell) for name, cell in row.items()} for row in rows]

    def _running(self) -> Pool:
        """Return the processes, which are started for the first query: most who ask tools ask no SPARQL."""
        with self._starting:
            if self._pool is None:
                with contextlib.ExitStack() as stack:
                    data = stack.enter_context(stored(self._place, self.graph.store))
                    pool = Pool(LIMITS)
                    pool.start(data)
                    stack.callback(pool.close)
                    self._stack.push(stack.pop_all())
                self._pool = pool
            return self._pool

    def _unknown(self, name: str) -> UnknownNameError:
        looked = f"nothing of that name is stated in these documents ({count(len(self.graph.documents))} looked at)"
        return UnknownNameError(short(name, 60), looked, "find_entity shows what is called or spelt nearly so")


def _cell(cell: dict[str, Any]) -> str:
    """Return a cell as text; a triple as JSON."""
    return cell["value"] if isinstance(cell["value"], str) else json.dumps(cell["value"])


class Quotes:
    """The quotes of one answer, each compared with the stored text; counts those that could not be shown."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self.unverified = 0
        self.left_out = False

    def place(self, said: Evidence) -> answer.Evidence:
        """Return where a document says it, with its quote if it is there and not too long."""
        shown = self._texts.show(said)
        quote, check = shown.evidence.quote, shown.state
        if quote is None:
            self.unverified += 1
        elif size(quote) > LONGEST_QUOTE:
            quote, check = None, TOO_LONG
        heading = None
        if said.heading is not None:
            words = shown.evidence.heading_text if shown.state == CHECKED else None
            heading = answer.Heading(
                start=said.heading.start,
                end=said.heading.end,
                quote=words if words and size(words) <= LONGEST_HEADING else None,
            )
        return answer.Evidence(
            document=said.document,
            start=said.span.start,
            end=said.span.end,
            check=check,
            quote=quote,
            quote_sha256=said.quote_sha256,
            object_start=said.object_span.start,
            object_end=said.object_span.end,
            heading=heading,
        )

    def fact(self, said: Fact, places: int = PLACES) -> answer.Said:
        """Return a fact with the first of its places."""
        self.left_out |= len(said.evidence) > places
        return answer.Said(
            fact=said.iri,
            kind=said.kind,
            polarity=said.polarity,
            level=said.level,
            subject=thing(said.subject),
            object=thing(said.object),
            quoted_qualifiers={name: short(value) for name, value in said.qualifiers.items() if name != "level"},
            documents=len(said.documents),
            evidence=tuple(map(self.place, said.evidence[:places])),
            evidence_total=len(said.evidence),
        )

    def facts(self, said: tuple[Fact, ...], most: int = FACTS) -> tuple[answer.Said, ...]:
        """Return the first of some facts."""
        self.left_out |= len(said) > most
        return tuple(map(self.fact, said[:most]))


def thing(said: Entity) -> answer.Thing:
    """Return what a fact is about; words that no vocabulary has are the document's."""
    if said.iri is None or said.iri.startswith(terms.TERM):
        return answer.Thing(quoted=short(said.label))
    return answer.Thing(label=short(said.label), iri=said.iri)


def count(documents: int) -> str:
    """Return a number of documents.

    >>> count(1), count(1200)
    ('1 document', '1,200 documents')
    """
    return f"{documents:,} document{'' if documents == 1 else 's'}"


def short(text: str, longest: int = LONGEST_WORDS) -> str:
    """Return a text, cut with a mark where it is long.

    >>> short("a slow tortoise", 6)
    'a slow…'
    """
    text = text_of(text)
    return text if len(text) <= longest else text[:longest] + "…"


def text_of(text: str) -> str:
    """Return a text as it can be sent: halves of characters are marked."""
    return text.encode("utf-8", "replace").decode()


def size(text: str) -> int:
    """Return how many bytes a text has in JSON."""
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "replace"))
