"""What a source's own data says of the product becomes a record, and the first lines of the document."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kg.reading.page import Page
from kg.records import Product

LONGEST_NAME = 200
LONGEST_BRAND = 3
"""Words of a brand name that stands in a list of them; a longer one describes the package."""

_LISTED = re.compile(r"[,;/()]|\b(?:and|with|or)\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CLASS_KIND = re.compile(r"\s*\[[^\[\]]{1,20}\]\s*$")


def make_product(names: Iterable[str], substances: Iterable[str], classes: Iterable[str]) -> Product | None:
    """Make a product of names in the source's spelling and order, each once; None where there is nothing.

    >>> make_product(["Aspirin", " ASPIRIN "], ["ASPIRIN"], ["Platelet Aggregation Inhibitor [EPC]"]).classes
    ('Platelet Aggregation Inhibitor',)
    """
    kept = tuple(map(_distinct, (names, substances, (_CLASS_KIND.sub("", c) for c in classes))))
    return Product(*kept) if any(kept) else None


def write_head(page: Page, product: Product | None, otherwise: str) -> str:
    """Write the title, "Brand (ingredients)", the short brand names and the classes; return the title.

    `otherwise` is the title where nothing is known of the product.
    """
    title = otherwise
    if product and (product.names or product.substances):
        generic = " and ".join(name.lower() for name in product.substances)
        brand = product.names[0] if product.names else generic
        title = f"{brand} ({generic})" if generic and generic != brand.lower() else brand
    page.heading(1, title)
    if product and (brands := _brands(product)):
        page.paragraph(f"Brand {'names' if len(brands) > 1 else 'name'}: {', '.join(brands)}")
    if product and product.classes:
        page.paragraph(f"Pharmacologic class: {', '.join(product.classes)}")
    return title


def _brands(product: Product) -> list[str]:
    """Return the short names that are not the ingredients' own and can stand in a list."""
    own = {word for name in product.substances for word in name.lower().split() if len(word) > 3}
    short = [name for name in product.names if len(name.split()) <= LONGEST_BRAND and not _LISTED.search(name)]
    return [name for name in short if own.isdisjoint(name.lower().split())]


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for name in names:
        words = " ".join(_CONTROL.sub(" ", name).split())
        if words and len(words) <= LONGEST_NAME:
            found.setdefault(words.lower(), words)
    return tuple(found.values())
