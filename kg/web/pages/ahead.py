"""What is made before it is asked for: the names, the network, and the pages of drugs, as long as there is room."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from kg.errors import KgError
from kg.web.pages import entities, paths
from kg.web.pages.site import Page

if TYPE_CHECKING:
    from kg.web.pages.site import Site

LEAST_ROOM = 0.3
"""The part of what may be kept that is left to the pages that people ask for."""

_FIRST_REST, _LONGEST_REST = 0.05, 1.0


@contextlib.contextmanager
def running(site: Site) -> Iterator[None]:
    """Make pages in a thread of its own until the server ends."""
    end = threading.Event()
    thread = threading.Thread(target=_work, args=(site, end), name="pages made ahead")
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def _work(site: Site, end: threading.Event) -> None:
    """Make one page after the other, and rest after each as long as it took: who asks now comes first."""
    for step in _steps(site):
        if end.is_set():
            return
        start = time.monotonic()
        with contextlib.suppress(KgError):  # whoever asks for that page is told what is wrong
            step()
        end.wait(min(_LONGEST_REST, max(_FIRST_REST, time.monotonic() - start)))


def _steps(site: Site) -> Iterator[Callable[[], object]]:
    yield lambda: site.finder
    yield site.read_network
    page = Page("", entities.concept, is_iri=True)
    for one in site.finder.things("drug"):
        if site.room < LEAST_ROOM:
            return
        if one.iri.startswith(paths.to_iri("/concept/")):
            yield partial(site.make, page, paths.of_iri(one.iri), {})
