"""The Python interface: a graph of facts that is opened, asked, walked and exported."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import assembly, evidence, resources
from kg.agreement.methods import Agreements
from kg.care.methods import GradedCare
from kg.drugs import ClassView, DrugView
from kg.errors import DocumentError, UnknownNameError
from kg.evidence import Texts
from kg.graph import decode, disk, encode, foreign, terms
from kg.graph import store as stores
from kg.graph.encode import Source
from kg.graph.readable import Readable
from kg.network.methods import Traversals
from kg.questions.remembered import Remembered
from kg.records import Entity, Fact
from kg.results import closed
from kg.results.facts import Facts
from kg.results.sequences import Records
from kg.views import ConditionView, DocumentView
from kg.vocabulary import schema

if TYPE_CHECKING:
    import rdflib

    from kg.questions.answer import Answer
    from kg.questions.names import Names
    from kg.questions.run import Rows

_UNION = ox.DefaultGraph()
_SUBJECT = ox.NamedNode(terms.DRUGS + "subject")
_CLASS = ("DrugClass",)
_CONDITION = ("Condition", "Population", "Activity", "UnlistedTerm")


class Graph(Traversals, Agreements, GradedCare):
    """A graph of facts, from `kg.load`, `kg.open` or `kg.build`.

    Attributes
    ----------
    store : Readable
        Everything: the default graph is the union, the named graphs tell which document says what.
    documents : tuple of Source
        What is known about the documents, sorted by name.
    texts : Texts
        The texts at hand; facts show their quotes from them.
    reader : Reader
        What reads facts from the store; whoever reads of this graph shares it.
    left_out : tuple of DocumentError
        The documents that `kg.build` could not read, with the reason; what they say is not in the graph.
    remembered : Remembered or None
        The answers to questions of the package that were asked before; None unless the store is one on disk, which
        cannot change while it is open.
    """

    def __init__(self, store: Readable, texts: Texts | None = None, documents: tuple[Source, ...] = ()) -> None:
        """Wrap a store; without texts, evidence has no quotes."""
        self.store = store
        self.reader = decode.Reader(store, quotes=False)
        self.documents = documents or tuple(self.reader.sources())
        self.texts = texts or evidence.texts_of(self.documents, ())
        self.left_out: tuple[DocumentError, ...] = ()
        self.remembered: Remembered | None = None
        self._names: Names | None = None

    def __repr__(self) -> str:
        """Say how many documents and drugs there are."""
        return f"<Graph of {len(self.documents)} documents>"

    @property
    def names(self) -> Names:
        """The names of drugs, brands, conditions and so on, in any spelling."""
        if self._names is None:
            from kg.questions.names import Names

            self._names = Names(self.store)
        return self._names

    @closed.suggesting
    def facts(
        self,
        kind: str | None = None,
        subject: str | None = None,
        document: str | None = None,
        polarity: str | None = None,
    ) -> Facts:
        """Return facts, sorted, with all their evidence.

        Parameters
        ----------
        kind : str, optional
            The kind, as in "contraindication".
        subject : str, optional
            The drug, brand or class by name in any spelling, or its IRI.
        document : str, optional
            The name of a document that says it.
        polarity : str, optional
            "affirmed" or "denied"; without it, both.

        Raises
        ------
        UnknownNameError
            When the kind, the subject or the polarity is unknown.

        >>> import kg
        >>> kg.load().facts("caution", "Klonopin").on("driving")
        <1 fact: clonazepam caution driving (avoid)>
        """
        if kind is not None:
            kind = closed.kind(kind)
        if polarity is not None:
            polarity = closed.value(polarity, "polarity", schema.load().polarities)
        about = None if subject is None else subject if "://" in subject else self.names.drug(subject).iri
        found = None if document is None or about is not None else self._said_by(document, kind)
        if found is None:
            found = self.reader.facts(kind, about, document)
        return Facts((self.texts.fact(fact) for fact in found if polarity in (None, fact.polarity)), self)

    def facts_on(self, things: Iterable[Entity], kinds: Iterable[str] | None = None) -> Facts:
        """Return facts, sorted, that have one of some things as their object; of some kinds if these are given."""
        wanted = None if kinds is None else set(map(closed.kind, kinds))
        found = self._read({iri for thing in things for iri in self.reader.ids("object", encode.node_of(thing).value)})
        return Facts((self.texts.fact(fact) for fact in found if wanted is None or fact.kind in wanted), self)

    def fact(self, iri: str) -> Fact:
        """Return the fact of an IRI.

        Raises
        ------
        GraphError
            When the graph has no such fact.
        """
        return self.texts.fact(self.reader.fact(ox.NamedNode(iri)))

    def drug(self, name: str) -> DrugView:
        """Return what the documents say of a drug; a brand name gives its drug.

        Raises
        ------
        UnknownNameError
            When no drug, brand or class is called so.
        """
        named = self.names.drug(name)
        return DrugView(self, Entity(named.label, named.iri))

    def drug_class(self, name: str) -> ClassView:
        """Return what the documents say of a class of drugs, and who belongs to it.

        Raises
        ------
        UnknownNameError
            When no class is called so.

        >>> import kg
        >>> kg.load().drug_class("benzodiazepins")
        Traceback (most recent call last):
        kg.errors.UnknownNameError: benzodiazepins: no class of that name is known; did you mean benzodiazepine?
        """
        named = self.names.typed(name, "class", _CLASS)[0]
        return ClassView(self, Entity(named.label, named.iri))

    def condition(self, name: str) -> ConditionView:
        """Return what the documents say of a condition: what treats it, what needs care in it, what causes it.

        A group of people or an activity is looked at in the same way.

        Raises
        ------
        UnknownNameError
            When no condition is called so.
        """
        named = self.names.typed(name, "condition", _CONDITION)
        return ConditionView(self, tuple(self.reader.entity(one.iri) for one in named))

    def document(self, name: str) -> DocumentView:
        """Return what one document says.

        Raises
        ------
        UnknownNameError
            When the graph holds no document of that name.
        """
        source = next((source for source in self.documents if source.name == name), None)
        if source is None:
            self.names.document(name)  # tells which there are
            raise UnknownNameError(name, "no document of that name", "look at `documents`")
        return DocumentView(self, source)

    def drugs(self) -> Records[Entity]:
        """Return what facts are about, sorted by label.

        >>> import kg
        >>> "clonazepam" in [drug.label for drug in kg.load().drugs()]
        True
        """
        iris = {getattr(q.object, "value", "") for q in self.store.quads_for_pattern(None, _SUBJECT, None, _UNION)}
        return Records(sorted(map(self.reader.entity, iris), key=lambda e: (e.label, e.iri or "")))

    def _said_by(self, document: str, kind: str | None) -> list[Fact] | None:
        """The facts in the named graph of a document; None where the store has none, as one read from plain triples.

        Not all facts are read for those of one document.
        """
        nodes = self.reader.said_in(document)
        if not nodes and not any(source.name == document for source in self.documents):
            return []
        return None if not nodes else [fact for fact in self._read(nodes) if kind in (None, fact.kind)]

    def _read(self, iris: Iterable[str]) -> list[Fact]:
        return sorted(map(self.reader.fact, iris), key=assembly.order)

    def query(self, question: str | Path, /, **parameters: str) -> Rows:
        """Run a question of the package by name, a `.rq` file, or SPARQL given as text.

        Raises
        ------
        QueryError
            When the query or a parameter is wrong.
        UnknownNameError
            When there is no such question, or nothing is called as a parameter says.
        """
        from kg.questions import run

        if isinstance(question, str) and "{" in question:
            return run.run_text(self.store, question)
        return run.run(self.store, question, parameters, names=self.names, remembered=self.remembered)

    def ask(self, question: str) -> Answer:
        """Answer a question in plain words.

        Raises
        ------
        NotUnderstoodError
            When the question has none of the forms that are known; the error lists them.
        """
        from kg.questions import ask

        return ask.ask(question, self)

    def to_rdflib(self, *, vocabulary: bool = True) -> rdflib.Graph:
        """Copy the union of all graphs into rdflib; without the vocabulary, facts and the concepts they refer to."""
        return foreign.to_rdflib(self.store, vocabulary=vocabulary)

    def to_dataset(self) -> rdflib.Dataset:
        """Copy the named graphs into rdflib: who says what."""
        return foreign.to_dataset(self.store)

    def types(self, entity: Entity) -> tuple[str, ...]:
        """Return the types of an entity ("Condition"), sorted."""
        node = encode.node_of(entity)
        return tuple(sorted(decode.types(self.store, node)))

    def export(
        self,
        path: Path | str,
        format: str | None = None,  # noqa: A002
        *,
        with_quotes: bool = False,
        about: str = "",
        steps: int = 1,
        kinds: Iterable[str] = (),
        nodes: int | None = None,
    ) -> None:
        """Write the facts to a file; the format is that of the file name's ending unless it is named.

        Sentences of the documents are left out unless `with_quotes` asks for them and the texts are at hand. A report
        and a picture are `about` one thing; see `kg.exports.asked.Asked`.

        Raises
        ------
        UnknownNameError
            When the format is unknown, or what it is about.
        GraphError
            When the file cannot be written.
        """
        from kg import exports
        from kg.exports.asked import NODES, Asked

        asked = Asked(about, steps=steps, kinds=tuple(kinds), nodes=NODES if nodes is None else nodes)
        exports.write(self, Path(path), format, with_quotes=with_quotes, asked=asked)

    def report(self, drug: str, *, with_quotes: bool = False) -> str:
        """Return what documents say of a drug as one page of HTML, to read on any screen and to print.

        Raises
        ------
        UnknownNameError
            When no drug, brand or class is called so.

        >>> import kg
        >>> "</script" in kg.load().report("Klonopin")
        False
        """
        from kg.exports import report

        return report.html(self, drug, with_quotes=with_quotes)

    def text(self, document: str) -> str | None:
        """Return the text of a document, or None where it is not at hand or is another version."""
        return self.texts.text(document)[0]


def load(documents: Path | str | None = None) -> Graph:
    """Open the facts that come with the package; with the folder of documents, evidence shows its quotes."""
    return _opened(resources.folder("facts"), documents)


def open_graph(path: Path | str, documents: Path | str | None = None) -> Graph:
    """Open a folder that `kg build` wrote, any RDF file with facts, or what `kg push` put on a server.

    Raises
    ------
    GraphError
        When there is no such folder, file or server, or it cannot be read.
    """
    if isinstance(path, str) and terms.is_address(path):
        from kg.graph.remote.store import RemoteStore

        return _with_texts(Graph(RemoteStore(path)), documents, None)
    return _opened(Path(path), documents)


def build(
    paths: Iterable[Path | str] | Path | str,
    *,
    drug: str | None = None,
    decisions: Path | str | None = None,
    lexicon: Path | str | None = None,
    jobs: int | None = 1,
    scheduler: str | None = None,
) -> Graph:
    """Read documents and open what they say, in memory, with its quotes.

    Parameters
    ----------
    paths : path or iterable of paths
        Documents, or folders of documents.
    drug : str, optional
        The subject of documents that name none.
    decisions : path, optional
        A file with a reader's corrections.
    lexicon : path, optional
        A compiled lexicon, as `kg vocabulary add` writes it, to be used beside the package's vocabulary.
    jobs : int, optional
        The processes to read with; None for as many as there is work for. The same facts come out with any number.
    scheduler : str, optional
        The address of a Dask scheduler, to read on its cluster; for `tls://`, KG_TLS names the folder of the keys.

    Raises
    ------
    DocumentError
        When a path is missing, or no document at all can be read; what else is left out stands in `Graph.left_out`.
    VocabularyError
        When there is no such lexicon, or it cannot be read.
    """
    from kg import building
    from kg.agreement import copies
    from kg.derivation import encode as conclusions
    from kg.graph import dataset

    result = building.build(
        paths,
        drug=drug,
        decisions_file=Path(decisions) if decisions is not None else None,
        lexicon=Path(lexicon) if lexicon is not None else None,
        jobs=jobs,
        scheduler=scheduler,
    )
    sources = copies.described(result.documents, result.facts)
    said = encode.quads(result.facts, sources, vocabulary=result.vocabulary)
    quads = [*said, *conclusions.quads(result.derived, result.vocabulary)]
    store = stores.from_quads(itertools.chain(quads, dataset.of_quads(quads)))
    graph = Graph(store, evidence.texts_of(sources, result.documents), sources)
    graph.left_out = result.left_out
    return graph


def _opened(path: Path, documents: Path | str | None) -> Graph:
    if not path.is_dir():
        return _with_texts(Graph(stores.read_any(path)), documents, None)
    store = disk.fitting(path)
    graph = _with_texts(Graph(stores.open_store(path) if store is None else store), documents, path)
    if store is not None:
        graph.remembered = Remembered(store)
    return graph


def _with_texts(graph: Graph, documents: Path | str | None, folder: Path | None) -> Graph:
    place = Path(documents) if documents is not None else None
    graph.texts = evidence.texts(graph.documents, place, folder)
    return graph
