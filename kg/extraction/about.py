"""Which drug or product a document is about: by its source's data, by its title, or by what it names first and most."""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kg import resources
from kg.errors import DocumentError
from kg.extraction.sections import SectionTable
from kg.extraction.sentence import Sentence, pick
from kg.extraction.unlisted import Own, bare
from kg.records import Concept, Document, Product
from kg.vocabulary import Vocabulary

LONGEST_NAME = 3
"""A title of at most this many words may be the name of a drug that the vocabulary lacks."""

MOST_SUBSTANCES = 4
"""A product of more substances is called by its own name."""

MOST_HEADINGS = 6
"""Headings at the head of a text among which one may be its drug's name."""

FEW = 4
"""A drug that is named less often than this may be named in passing."""

_DRUGS = frozenset({"Drug", "Brand"})
_DRUG = frozenset({"Drug"})
_CLASSES = frozenset({"DrugClass"})
_BRACKETS = re.compile(r"\s*\([^()]*\)")
_AROUND = "®™*_#( \t\r\n"
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Main:
    """Whom a document is about.

    Attributes
    ----------
    drug : Concept
        The drug or product; without IRI where the vocabulary lacks it.
    own : frozenset of str
        The IRIs of the drugs by whose names it is spoken of: its own, and each ingredient's.
    names : frozenset of str
        The names, in small letters, that the source's data give the product.
    """

    drug: Concept
    own: frozenset[str]
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Names:
    salts: frozenset[str]
    bases: frozenset[str]
    joints: re.Pattern[str]
    maker: re.Pattern[str]
    kinds: re.Pattern[str]
    unnamed: frozenset[str]


def main_drug(
    sentences: Sequence[Sentence], vocabulary: Vocabulary, document: Document, given: str | None, own: Own | None = None
) -> Main:
    """Decide which drug a document is about: the product's, the one given, the title's, or the one it names most.

    What the source's own data say stands: a drug that is given for a folder is that of the documents without such data.
    `own` are the names that the document itself gives a drug that the vocabulary lacks.

    Raises
    ------
    DocumentError
        When the document names no drug of the vocabulary and its title is no name.
    """
    main = of_product(document.product, vocabulary) if document.product else None
    if main is None and given is not None:
        return _main(find_drug(given, vocabulary) or _unlisted(given))
    if own is not None:
        return Main(own.drug, (main.own if main else frozenset()) | {own.drug.iri}, own.names)
    main = main or _of_title(document, sentences, vocabulary) or _of_text(sentences, vocabulary)
    if main is None:
        title = _title(document)
        if not 0 < len(title.split()) <= LONGEST_NAME:
            raise DocumentError(document.name, "names no drug of the vocabulary", "name its drug with --drug")
        main = _main(_unlisted(title))
    return main


def of_product(product: Product, vocabulary: Vocabulary) -> Main | None:
    """Return what a source's data say: one drug, or for several substances the product, called after them.

    >>> from kg import vocabulary
    >>> of_product(Product(("Zyqorvel",), ("SERTRALINE HYDROCHLORIDE",)), vocabulary.load()).drug.label
    'sertraline'
    >>> of_product(Product((), ("LISINOPRIL", "ZYQORVELINE SODIUM")), vocabulary.load()).drug.label
    'lisinopril and zyqorveline'
    """
    names = frozenset(name.casefold() for name in product.names)
    found = _ingredients(product.substances, vocabulary)
    by_name = next(filter(None, (find_drug(name, vocabulary) for name in product.names)), None)
    if len(found) > 1:
        return _combination(found, product, names, vocabulary)
    if found and (found[0].iri or by_name is None):
        return replace(_main(found[0]), names=names)
    if by_name is None and product.names:
        by_name = _unlisted(product.names[0])
    return replace(_main(by_name), names=names) if by_name else None


def find_drug(name: str, vocabulary: Vocabulary) -> Concept | None:
    """Return the drug of a generic or brand name, any case, whatever salt it is made in.

    >>> from kg import vocabulary
    >>> find_drug("SERTRALINE HYDROCHLORIDE ANHYDROUS", vocabulary.load()).label
    'sertraline'
    """
    for words in _without_salts(name):
        concept = vocabulary.find(words, _DRUG) or vocabulary.find(words, _DRUGS)
        if concept is not None:
            return vocabulary.drug_of(concept)
    return None


def _find_class(name: str, vocabulary: Vocabulary) -> Concept | None:
    """Return the class of drugs of a name, in the singular or plural."""
    found = (vocabulary.find(words, _CLASSES) for words in (name, name.removesuffix("s")))
    return next(filter(None, found), None)


def named_alone(text: str, vocabulary: Vocabulary) -> tuple[Concept, ...]:
    """Return the drugs of a text that consists of their names; none where it holds anything else.

    >>> from kg import vocabulary
    >>> [drug.label for drug in named_alone("Zoloft and pregabalin", vocabulary.load())]
    ['sertraline', 'pregabalin']
    >>> named_alone("Stopping sertraline", vocabulary.load())
    ()
    """
    parts = [part for part in _names().joints.split(text.strip(" *_.:")) if part]
    found = [find_drug(part, vocabulary) for part in parts if len(parts) <= MOST_SUBSTANCES]
    drugs = [drug for drug in found if drug is not None]
    return tuple(dict.fromkeys(drugs)) if len(drugs) == len(parts) else ()


def _ingredients(substances: Iterable[str], vocabulary: Vocabulary) -> list[Concept]:
    """Name each substance once; one text may name several ("ELAGOLIX AND ESTRADIOL")."""
    found: dict[str, Concept] = {}
    for substance in substances:
        whole = find_drug(substance, vocabulary)
        for part in [substance] if whole else _names().joints.split(substance):
            drug = whole or find_drug(part, vocabulary)
            if drug is None and part.strip():
                drug = _unlisted([*_without_salts(part)][-1].lower())
            if drug is not None:
                found.setdefault(drug.iri or drug.label, drug)
    return list(found.values())


def _combination(found: list[Concept], product: Product, names: frozenset[str], vocabulary: Vocabulary) -> Main:
    whole = None
    if len(found) <= MOST_SUBSTANCES:
        for order in itertools.permutations([drug.label for drug in found]):
            whole = whole or vocabulary.find("/".join(order), _DRUG) or vocabulary.find(" and ".join(order), _DRUG)
    label = " and ".join(drug.label for drug in found)
    if len(found) > MOST_SUBSTANCES and product.names:
        label = product.names[0]
    parts = [drug.iri for drug in (*found, *([whole] if whole else [])) if drug.iri]
    drug = replace(whole, label=label) if whole else Concept("", label, (), _DRUG)
    return Main(drug, frozenset(parts), names)


def _of_title(document: Document, sentences: Sequence[Sentence], vocabulary: Vocabulary) -> Main | None:
    """Return the drug that a short title names, also a name that the vocabulary lacks but the text goes on using."""
    title = _title(document)
    if title.casefold() in _names().unnamed:
        return _main(_unlisted(title.lower()))
    if not sentences or not title:
        return None
    for name in dict.fromkeys((title, bare(title), bare(_BRACKETS.sub("", title)))):
        drug = find_drug(name, vocabulary) or _find_class(name, vocabulary)
        if drug is not None:
            return _main(drug)
    whole = _class_of_title(sentences, vocabulary)
    if whole is not None or len(title.split()) > LONGEST_NAME:
        return _main(whole) if whole is not None else None
    line = next((sentence for sentence in sentences[:3] if sentence.passage.is_heading), sentences[0])
    if line.mentions or SectionTable(line.phrases).sections(title):
        return None
    below = _of_headings(sentences, vocabulary) if _used_in(title, document.text) == 0 else None
    if below is not None:
        return _main(below)
    if not _is_name(title, document, sentences, vocabulary):
        return None
    explained = _explained(title, sentences, vocabulary) or _below(title, document.text, vocabulary)
    return _main(explained or _unlisted(title))


def _class_of_title(sentences: Sequence[Sentence], vocabulary: Vocabulary) -> Concept | None:
    """Return the class that a title names beside no drug ("Beta-blockers: an overview"), where none stands out."""
    title = sentences[0]
    if not title.passage.is_heading or any(pick(mention, _DRUGS) for mention in title.mentions):
        return None
    named = {found.iri: found for mention in title.mentions if (found := pick(mention, _CLASSES)) is not None}
    first, second = [*sorted(_counts(sentences, vocabulary).values(), reverse=True), 0, 0][:2]
    if len(named) != 1 or (first and first >= 2 * second):
        return None
    return next(iter(named.values()))


def _used_in(title: str, text: str) -> int:
    """Count how often a text takes up its title, in whatever case."""
    return len(re.findall(rf"\b{re.escape(title)}\b", text.partition(title)[2], re.IGNORECASE))


def _of_headings(sentences: Sequence[Sentence], vocabulary: Vocabulary) -> Concept | None:
    """Return the drug that the first of the headings below a title consists of, if one does: "Easy read", "Zoloft"."""
    headings = [sentence for sentence in sentences if sentence.passage.is_heading][:MOST_HEADINGS]
    alone = (named_alone(bare(heading.text), vocabulary) for heading in headings)
    return next((drugs[0] for drugs in alone if len(drugs) == 1), None)


def _is_name(title: str, document: Document, sentences: Sequence[Sentence], vocabulary: Vocabulary) -> bool:
    """Tell whether the text goes on to use the title's words, mostly with capitals, as it does no common word.

    Any other title is a name where a heading follows it and the text hardly names any drug.
    """
    words = _WORD.findall(title)
    if not words or not title[:1].isupper():
        return False
    body = document.text.partition(title)[2]
    used = [match.group() for word in words for match in re.finditer(rf"\b{word}\b", body, re.IGNORECASE)]
    if 2 * sum(not word.islower() for word in used) > len(used):
        return True
    headed = [sentence.passage.is_heading for sentence in sentences[:2]] == [True, True]
    return headed and max(_counts(sentences, vocabulary).values(), default=0) < FEW


def _explained(title: str, sentences: Sequence[Sentence], vocabulary: Vocabulary) -> Concept | None:
    """Return the drug that stands in brackets behind the title's name: "Zyqorvel (sertraline)"."""
    behind = re.compile(rf"\b{re.escape(title.casefold())}\W{{0,4}}\($")
    for sentence in sentences:
        for mention in sentence.mentions:
            concept = pick(mention, _DRUGS)
            if concept is not None and behind.search(sentence.normal[: mention.span.start].rstrip()):
                return vocabulary.drug_of(concept)
    return None


def _below(title: str, text: str, vocabulary: Vocabulary) -> Concept | None:
    """Return the drug that the line below a title begins with: "Zyqorvel", then "Sertraline tablets"."""
    behind = text.partition(title)[2]
    if "\n" not in behind[: len(behind) - len(behind.lstrip(_AROUND))]:
        return None
    words = behind.strip(_AROUND)[:100].split()
    found = (vocabulary.find(" ".join(words[:count]), _DRUG) for count in range(LONGEST_NAME, 0, -1))
    return next(filter(None, found), None)


def _of_text(sentences: Sequence[Sentence], vocabulary: Vocabulary) -> Main | None:
    """Return the drug that is named most; being named first counts double."""
    counts = _counts(sentences, vocabulary)
    whole = _class_of_text(sentences, max(counts.values(), default=0))
    if whole is not None:
        return _main(whole)
    if not counts:
        return None
    first = next(iter(counts))
    places = {iri: place for place, iri in enumerate(counts)}
    most = max(counts, key=lambda iri: (counts[iri] * (1 + (iri == first)), -places[iri]))
    return _main(vocabulary.concepts[most])


def _class_of_text(sentences: Sequence[Sentence], most: int) -> Concept | None:
    """Return the class that a text speaks of, where it names it again and again and hardly any drug."""
    named = (pick(mention, _CLASSES) for sentence in sentences for mention in sentence.mentions)
    counts = Counter(concept for concept in named if concept is not None)
    concept, count = counts.most_common(1)[0] if counts else (None, 0)
    return concept if count >= FEW - 1 and count > 2 * most else None


def _counts(sentences: Sequence[Sentence], vocabulary: Vocabulary) -> Counter[str]:
    """Count how often each drug is named, in the order in which they first are."""
    named = (pick(mention, _DRUGS) for sentence in sentences for mention in sentence.mentions)
    return Counter(vocabulary.drug_of(concept).iri for concept in named if concept is not None)


def _main(drug: Concept) -> Main:
    return Main(drug, frozenset({drug.iri} if drug.iri else ()))


def _unlisted(name: str) -> Concept:
    return Concept("", " ".join(name.split()), (), _DRUG)


def _title(document: Document) -> str:
    title = document.title.strip() if document.title != document.name else ""
    return "" if _names().kinds.fullmatch(title) else title


def _without_salts(name: str) -> Iterator[str]:
    """Give a name, and the same with one word less of its salt as often as that leaves a name."""
    known = _names()
    words = " ".join(name.split())
    yield words
    plain = known.maker.sub("", words.lower())
    if plain != words.lower():
        words = plain
        yield words
    parts = words.split()
    while len(parts) > 1 and parts[-1].lower().strip("()") in known.salts:
        parts.pop()
        if all(part.lower().strip("()") in known.bases for part in parts):
            return
        yield " ".join(parts)


@functools.cache
def _names() -> _Names:
    """Read the table of names.

    Raises
    ------
    OntologyError
        When it is missing or not of its form.
    """
    with resources.table("drug_names.toml", "names", "give it salts, bases, joints, maker, kinds and unnamed") as table:
        return _Names(
            frozenset(table["salts"].split()),
            frozenset(table["bases"].split()),
            re.compile(table["joints"], re.IGNORECASE),
            re.compile(table["maker"]),
            re.compile(table["kinds"], re.IGNORECASE),
            frozenset(table["unnamed"]),
        )
