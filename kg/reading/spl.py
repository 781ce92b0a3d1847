"""SPL: a drug label as the FDA's XML. Its codes type the sections; the highlights, which repeat them, are left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from kg.errors import DocumentError
from kg.reading import label_sections, safe_xml
from kg.reading.document import make_document
from kg.reading.inline import Inline, line, local_name, run
from kg.reading.lines import DECORATION
from kg.reading.narrative import Narrative
from kg.reading.page import Page
from kg.reading.product import make_product, write_head
from kg.records import Document, Product

if TYPE_CHECKING:
    from lxml.etree import _Element

NAMESPACE = "urn:hl7-org:v3"
_OWN = f"{{{NAMESPACE}}}"
LONGEST_TITLE = 20
"""Words that a label's own title may have to be the document's; a longer one is a legal notice."""

_ACTIVE = ("ACTIB", "ACTIM", "ACTIR", "ACTI")


def read(content: bytes, place: str, name: str) -> Iterator[Document]:
    """Read a label as one document.

    Raises
    ------
    DocumentError
        When the file is not XML that may be read (`kg.reading.safe_xml`), no SPL, or without text.
    """
    root = safe_xml.parse(content, place)
    if root.tag != f"{_OWN}document":
        problem = f"is no SPL label (its root is <{local_name(root)[:40]}>)"
        raise DocumentError(place, problem, "name the XML of a label from DailyMed or the FDA")
    page, product = Page(), product_of(root)
    own_title = _words(root.find(f"{_OWN}title"))
    title = write_head(page, product, own_title if 0 < len(own_title.split()) <= LONGEST_TITLE else name)
    writer = _Sections(page, _images(root))
    for section in root.iterfind("{*}component/{*}structuredBody/{*}component/{*}section"):
        writer.write(section, 2, _Heading())
    if not writer.has_text:
        raise DocumentError(place, "the label holds no section with text", "name a whole label")
    yield make_document(name, page.text, "marked", "label", product, page.sections, title)


class _Heading(NamedTuple):
    """A heading that was written, with what its code says that it announces."""

    words: str = ""
    kinds: frozenset[str] = frozenset()


class _Sections:
    """Writes sections to a page, each under its heading."""

    def __init__(self, page: Page, images: Mapping[str, str]) -> None:
        self.page, self.images, self.has_text = page, images, False
        self._last = _Heading()

    def write(self, section: _Element, level: int, above: _Heading) -> None:
        """Write a section and those in it; `above` is the heading of the section that it stands in."""
        code = section.find("{*}code")
        known = label_sections.by_code().get(code.get("code") or "") if code is not None else None
        if known is not None and not known.is_read:
            return
        texts = section.findall("{*}text")
        inner = section.findall("{*}component/{*}section")
        if not inner and not any(map(_words, texts)):
            texts = section.findall("{*}excerpt/{*}highlight/{*}text")  # only the highlights have it
        if not inner and not any(map(_words, texts)):
            return
        kinds = known.kinds if known is not None else frozenset()
        own_words = _words(section.find("{*}title")).strip(DECORATION)
        words = own_words or (known.heading if known is not None and kinds else "")
        heading = _Heading(words, kinds) if words else above  # untitled: what stood above it goes on
        if heading.words and heading is not self._last:
            self.page.heading(level if words else level - 1, heading.words, heading.kinds)
            self._last = heading
        for text in texts:
            Narrative(self.page, self.images, level + 1).write(text)
            self.has_text = True
        for component in inner:
            self.write(component, level + 1, heading)


def product_of(root: _Element) -> Product | None:
    """Return what a label's data says of its products: all names, and the ingredients of the first.

    The parts of a kit are products of their own: what only accompanies the drug (a swab, a diluent) is left out where
    a part bears the kit's own generic name.
    """
    names: list[str] = []
    substances: list[str] = []
    for product in root.iterfind("{*}component//{*}section/{*}subject/{*}manufacturedProduct"):
        inner = next(
            (e for tag in ("manufacturedProduct", "manufacturedMedicine") for e in product.iterfind(f"{{*}}{tag}")),
            product,
        )
        names += _names(inner)
        if not substances:
            substances = _substances(inner)
    classes = [
        code.get("displayName") or ""
        for code in root.iterfind(".//{*}asSpecializedKind/{*}generalizedMaterialKind/{*}code")
    ]
    return make_product(names, substances, classes)


def _names(product: _Element) -> Iterator[str]:
    name = product.find("{*}name")
    if name is not None:
        suffix = _words(name.find("{*}suffix"))
        own = line(iter([run(name.text)]))
        yield f"{own} {suffix}"
        yield own


def _substances(product: _Element) -> list[str]:
    found = _ingredients(product)
    parts = list(product.iterfind(".//{*}part/{*}partProduct"))
    generics = {_words(g).lower() for g in product.iterfind("{*}asEntityWithGeneric/{*}genericMedicine/{*}name")}
    own = [part for part in parts if any(s.lower() in generics for s in _ingredients(part))]
    for part in own or parts:
        found += _ingredients(part)
    return found


def _ingredients(product: _Element) -> list[str]:
    """Return the active ingredients of one product, each by its moiety where it has one."""
    found = []
    for ingredient in product.iterfind("{*}ingredient"):
        if ingredient.get("classCode") in _ACTIVE:
            found += _ingredient(ingredient.find("{*}ingredientSubstance"))
    for ingredient in product.iterfind("{*}activeIngredient"):
        found += _ingredient(ingredient.find("{*}activeIngredientSubstance"))
    return found


def _ingredient(substance: _Element | None) -> list[str]:
    if substance is None:
        return []
    moieties = [_words(name) for name in substance.iterfind("{*}activeMoiety/{*}activeMoiety/{*}name")]
    return moieties if len(moieties) == 1 else [_words(substance.find("{*}name"))]


def _images(root: _Element) -> dict[str, str]:
    images = {}
    for image in root.iterfind(".//{*}observationMedia"):
        identifier = image.get("ID")
        if identifier:
            images[identifier] = _words(image.find("{*}text"))
    return images


def _words(element: _Element | None) -> str:
    return line(Inline().runs(element)) if element is not None else ""
