"""What is made before it is asked for: names, network, contradictions, and the pages of drugs, while there is room."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from kg.errors import KgError
from kg.web.pages import entities, paths, together
from kg.web.pages.site import WALKING, Page

if TYPE_CHECKING:
    from kg.web.pages.site import Site

LEAST_ROOM = 0.3
"""The part of what may be kept that is left to the pages that people ask for."""

FACTS_BEFORE = 100_000
"""Facts that are read before the server answers: some seconds; more are read when there is time."""

QUIET = 5.0
"""Seconds without a question after which the server has time."""

_REST = 0.02


@contextlib.contextmanager
def running(site: Site) -> Iterator[None]:
    """Read the facts before anybody asks, then make pages in a thread of its own until the server ends."""
    site.read_templates()
    with contextlib.suppress(KgError):  # whoever asks for a page is told what is wrong
        site.read_facts(FACTS_BEFORE)
    end = threading.Event()
    thread = threading.Thread(target=_work, args=(site, end), name="pages made ahead")
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def _work(site: Site, end: threading.Event) -> None:
    """Make one page after the other while nobody asks: two threads of Python do not work at the same time."""
    for step in _steps(site):
        while site.quiet < QUIET and not end.wait(QUIET / 4):
            pass
        if end.wait(_REST):
            return
        with contextlib.suppress(KgError):  # whoever asks for that page is told what is wrong
            step()


def _steps(site: Site) -> Iterator[Callable[[], object]]:
    yield site.read_facts
    yield lambda: site.finder
    yield site.read_network
    yield partial(site.make, Page("", together.contradictions, lane=WALKING), "/contradictions", {})
    page = Page("", entities.concept, is_iri=True)
    for one in site.finder.things("drug"):
        if site.room < LEAST_ROOM:
            return
        if one.iri.startswith(paths.to_iri("/concept/")):
            yield partial(site.make, page, paths.of_iri(one.iri), {})
