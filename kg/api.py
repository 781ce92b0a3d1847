"""The Python interface: a graph of facts that is opened, asked, walked and exported, and what it says of one drug."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import evidence, resources
from kg.errors import DocumentError, UnknownNameError
from kg.evidence import Texts
from kg.graph import decode, encode, foreign
from kg.graph import store as stores
from kg.graph.encode import Source
from kg.network.methods import Traversals
from kg.records import Entity, Fact
from kg.vocabulary import schema

if TYPE_CHECKING:
    import rdflib

    from kg.agreement.belief import Belief
    from kg.agreement.compare import Comparison
    from kg.agreement.contradictions import Contradictions
    from kg.agreement.copies import Copies
    from kg.care import CautionAnswer, FitTable, NeedingAnswer
    from kg.questions.answer import Answer
    from kg.questions.names import Names
    from kg.questions.run import Rows

_CONTRAINDICATION, _CAUTION = "contraindication", "caution"
_REASSURING = frozenset({"stated_safe"})


class Graph(Traversals):
    """A graph of facts, from `kg.load`, `kg.open` or `kg.build`.

    Attributes
    ----------
    store : pyoxigraph.Store
        Everything: the default graph is the union, the named graphs tell which document says what.
    documents : tuple of Source
        What is known about the documents, sorted by name.
    texts : Texts
        The texts at hand; facts show their quotes from them.
    left_out : tuple of DocumentError
        The documents that `kg.build` could not read, with the reason; what they say is not in the graph.
    """

    def __init__(self, store: ox.Store, texts: Texts | None = None, documents: tuple[Source, ...] = ()) -> None:
        """Wrap a store; without texts, evidence has no quotes."""
        self.store = store
        self._reader = decode.Reader(store)
        self.documents = documents or tuple(self._reader.sources())
        self.texts = texts or evidence.texts_of(self.documents, ())
        self.left_out: tuple[DocumentError, ...] = ()
        self._names: Names | None = None
        self._copies: Copies | None = None

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

    def facts(
        self,
        kind: str | None = None,
        subject: str | None = None,
        document: str | None = None,
        polarity: str | None = None,
    ) -> tuple[Fact, ...]:
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
        OntologyError
            When the kind is unknown.
        UnknownNameError
            When the subject or the polarity is unknown.
        """
        if polarity is not None and polarity not in schema.load().polarities:
            raise UnknownNameError(polarity, "no such polarity", f"use {' or '.join(schema.load().polarities)}")
        about = None if subject is None else subject if "://" in subject else self.names.drug(subject).iri
        found = self._reader.facts(kind, about, document)
        return tuple(self.texts.fact(fact) for fact in found if polarity in (None, fact.polarity))

    def fact(self, iri: str) -> Fact:
        """Return the fact of an IRI.

        Raises
        ------
        GraphError
            When the graph has no such fact.
        """
        return self.texts.fact(self._reader.fact(ox.NamedNode(iri)))

    def drug(self, name: str) -> DrugView:
        """Return what the documents say of a drug; a brand name gives its drug.

        Raises
        ------
        UnknownNameError
            When no drug, brand or class is called so.
        """
        named = self.names.drug(name)
        return DrugView(self, Entity(named.label, named.iri))

    def drugs(self) -> tuple[Entity, ...]:
        """Return what facts are about, sorted by label."""
        return tuple(sorted({fact.subject for fact in self._reader.facts()}, key=lambda e: (e.label, e.iri or "")))

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
        return run.run(self.store, question, parameters, names=self.names)

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

    def export(self, path: Path | str, format: str | None = None) -> None:  # noqa: A002
        """Write the facts to a file; the format is that of the file name's ending unless it is named.

        Raises
        ------
        UnknownNameError
            When the format is unknown.
        GraphError
            When the file cannot be written.
        """
        from kg import exports

        exports.write(self, Path(path), format)

    def cautions(self, drug: str, *, min_level: str | None = None, in_population: str | None = None) -> CautionAnswer:
        """Return what warrants care with a drug: stated, said of its classes, and what follows; see `kg.care`."""
        from kg import care

        return care.cautions(self, drug, min_level=min_level, in_population=in_population)

    def care(self, drug: str, thing: str) -> CautionAnswer:
        """Return what warrants care with a drug in one condition, person or activity, or with one food or drug."""
        from kg import care

        return care.care(self, drug, thing)

    def drugs_needing_care(self, things: Iterable[str], combine: str = "and", limit: int | None = 50) -> NeedingAnswer:
        """Return the drugs that need care with all of some things ("and") or any of them ("or")."""
        from kg import care

        return care.drugs_needing_care(self, things, combine, limit)

    def fit(self, drugs: Iterable[str], patient: Iterable[str]) -> FitTable:
        """Compare drugs for a patient: conditions, people, and drugs taken; a table with the reason in every cell."""
        from kg import care

        return care.fit(self, drugs, patient)

    def copies(self) -> Copies:
        """Return which documents have the same text and so count once."""
        from kg.agreement import copies

        self._copies = self._copies or copies.copies_of(self)
        return self._copies

    def contradictions(
        self,
        drug: str | None = None,
        thing: str | None = None,
        types: Iterable[str] | None = None,
        limit: int = 100,
        within: bool = False,
    ) -> Contradictions:
        """Find where documents contradict each other; see `kg.agreement.contradictions`."""
        from kg.agreement import contradictions

        return contradictions.contradictions(self, drug, thing, types, limit, within=within)

    def compare(self, *names: str, limit: int = 1000) -> Comparison:
        """Compare two to five documents, or drugs: what all say, what only some say, and where they differ."""
        from kg.agreement import compare

        return compare.compare(self, *names, limit=limit)

    def belief(self, fact: Fact) -> Belief:
        """Say how far a fact can be believed, and what makes the number; see `kg.agreement.belief`."""
        from kg.agreement import belief

        return belief.belief(fact, belief.context(self, fact))


@dataclass(frozen=True)
class DrugView:
    """What the documents say of one drug.

    Each method gives the affirmed facts of a kind; what is said *not* to be so is in `denied`. What no document
    mentions is in neither: an empty answer never means "no" or "safe".
    """

    graph: Graph = field(repr=False)
    entity: Entity

    @property
    def label(self) -> str:
        """The drug's name."""
        return self.entity.label

    def facts(self, kind: str | None = None, polarity: str | None = None) -> tuple[Fact, ...]:
        """Return all facts about the drug, of a kind if one is given."""
        iri = self.entity.iri or encode.node_of(self.entity).value
        return self.graph.facts(kind, iri, polarity=polarity)

    def denied(self, kind: str | None = None) -> tuple[Fact, ...]:
        """Return what documents say not to be so."""
        return self.facts(kind, "denied")

    def cautions(self, min_level: str | None = None) -> tuple[Fact, ...]:
        """Return what warrants care, most severe first: contraindications, then cautions by their level.

        Drugs and substances that need care are in `interactions`; what is stated to be safe is in `facts`.

        Raises
        ------
        UnknownNameError
            When `min_level` is not on the scale of care.
        """
        levels = schema.load().levels
        if min_level is not None and min_level not in levels:
            raise UnknownNameError(min_level, "no such level of care", f"use {' '.join(levels)}")
        least = _rank(min_level) if min_level else 0
        found = self._affirmed(_CONTRAINDICATION) + self._affirmed(_CAUTION)
        wanted = [f for f in found if f.level not in _REASSURING and _rank(f.level) >= least]
        return tuple(sorted(wanted, key=lambda f: (-_rank(f.level), f.object.label.casefold(), f.iri)))

    def contraindications(self) -> tuple[Fact, ...]:
        """Return where the drug must not be used."""
        return self._affirmed(_CONTRAINDICATION)

    def interactions(self) -> tuple[Fact, ...]:
        """Return the drugs, classes and substances that it interacts with, those that need most care first."""
        found = self._affirmed("interaction")
        return tuple(sorted(found, key=lambda f: (-_rank(f.level), f.object.label.casefold(), f.iri)))

    def indications(self) -> tuple[Fact, ...]:
        """Return what it is used for, off-label uses included (`qualifiers["approval"]`)."""
        return self._affirmed("indication")

    def adverse_effects(self) -> tuple[Fact, ...]:
        """Return the unwanted effects of its use."""
        return self._affirmed("adverse_effect")

    def withdrawal_effects(self) -> tuple[Fact, ...]:
        """Return the unwanted effects of stopping it."""
        return self._affirmed("withdrawal_effect")

    def pharmacologic_effects(self) -> tuple[Fact, ...]:
        """Return its wanted or characteristic effects."""
        return self._affirmed("pharmacologic_effect")

    def mechanisms(self) -> tuple[Fact, ...]:
        """Return how it works."""
        return self._affirmed("mechanism")

    def classes(self) -> tuple[Fact, ...]:
        """Return the classes that documents put it in."""
        return self._affirmed("drug_class")

    def brands(self) -> tuple[Fact, ...]:
        """Return the names that it is sold under."""
        return self._affirmed("brand_name")

    def dosages(self) -> tuple[Fact, ...]:
        """Return how it is given."""
        return self._affirmed("dosage")

    def pharmacokinetics(self) -> tuple[Fact, ...]:
        """Return what the body does to it."""
        return self._affirmed("pharmacokinetics")

    def pregnancy_categories(self) -> tuple[Fact, ...]:
        """Return its pregnancy categories."""
        return self._affirmed("pregnancy_category")

    def alternatives(self) -> tuple[Fact, ...]:
        """Return what may take its place."""
        return self._affirmed("alternative")

    def advice(self) -> tuple[Fact, ...]:
        """Return what those who take, give or store it are told to do."""
        return self._affirmed("advice")

    def _affirmed(self, kind: str) -> tuple[Fact, ...]:
        return self.facts(kind, "affirmed")


def load(documents: Path | str | None = None) -> Graph:
    """Open the facts that come with the package; with the folder of documents, evidence shows its quotes."""
    return _opened(resources.folder("facts"), documents)


def open_graph(path: Path | str, documents: Path | str | None = None) -> Graph:
    """Open a folder that `kg build` wrote, or any RDF file with facts.

    Raises
    ------
    GraphError
        When there is no such folder or file, or it cannot be read.
    """
    return _opened(Path(path), documents)


def build(
    paths: Iterable[Path | str] | Path | str,
    *,
    drug: str | None = None,
    decisions: Path | str | None = None,
    lexicon: Path | str | None = None,
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

    result = building.build(
        paths,
        drug=drug,
        decisions_file=Path(decisions) if decisions is not None else None,
        lexicon=Path(lexicon) if lexicon is not None else None,
    )
    sources = copies.described(result.documents, result.facts)
    quads = itertools.chain(
        encode.quads(result.facts, sources, vocabulary=result.vocabulary),
        conclusions.quads(result.derived, result.vocabulary),
    )
    store = stores.from_quads(quads)
    graph = Graph(store, evidence.texts_of(sources, result.documents), sources)
    graph.left_out = result.left_out
    return graph


def _opened(path: Path, documents: Path | str | None) -> Graph:
    opener: Callable[[Path], ox.Store] = stores.open_store if path.is_dir() else stores.read_any
    graph = Graph(opener(path))
    place = Path(documents) if documents is not None else None
    graph.texts = evidence.texts(graph.documents, place, path if path.is_dir() else None)
    return graph


def _rank(level: str | None) -> int:
    value = schema.load().levels.get(level or "")
    return (value.rank or 0) if value else 0
