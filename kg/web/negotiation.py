"""Which of the formats that there are a client likes best (RFC 9110, Accept)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_PART = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_RANGE = re.compile(r"\s*([\w!#$&^.+-]+|\*)/([\w!#$&^.+-]+|\*)\s*(?:;(.*))?", re.DOTALL)
_QUALITY = re.compile(r"(?:^|;)\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?=;|$)", re.IGNORECASE)
_ANY_QUALITY = re.compile(r"(?:^|;)\s*q\s*=", re.IGNORECASE)


def best(accept: str, offers: Iterable[str]) -> str | None:
    """Return the offer that a client likes best, the earlier one where it likes two alike; None where it takes none.

    Parameters of media types other than `q` are not looked at, and neither is what is no media range. A client that
    says nothing takes everything.

    >>> offers = ["application/json", "text/csv", "text/turtle"]
    >>> best("", offers), best("text/*;q=0.5, text/csv;q=0.1", offers), best("image/png", offers)
    ('application/json', 'text/turtle', None)
    """
    ranges = list(_ranges(accept))
    found: str | None = None
    highest = 0.0
    for offer in offers:
        quality = _quality(offer, ranges) if ranges else 1.0
        if quality > highest:
            found, highest = offer, quality
    return found


def _ranges(accept: str) -> Iterator[tuple[str, str, float]]:
    for part in _PART.findall(accept):
        found = _RANGE.fullmatch(part)
        if found is None:
            continue
        kind, subtype, parameters = found[1].lower(), found[2].lower(), found[3] or ""
        quality = _QUALITY.search(parameters)
        if quality is None and _ANY_QUALITY.search(parameters):
            continue
        if kind != "*" or subtype == "*":
            yield kind, subtype, float(quality[1]) if quality else 1.0


def _quality(offer: str, ranges: list[tuple[str, str, float]]) -> float:
    """Return what the most special range that fits says; 0 where none fits."""
    kind, _, subtype = offer.partition("/")
    fits = [(r[0] != "*", r[1] != "*", r[2]) for r in ranges if r[0] in (kind, "*") and r[1] in (subtype, "*")]
    return max(fits)[2] if fits else 0.0
