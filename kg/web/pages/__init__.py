"""The explorer: pages for people who would rather look than query, each of which programs can have as JSON.

The path of a page is that of the IRI that it is about (`/concept/…`, `/document/…`, `/fact/…`), and such a page can be
had as RDF too. Everything is read from the graph of the context; SPARQL of strangers goes to the endpoint.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from kg.errors import UnknownNameError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from kg.web.context import Context
    from kg.web.pages.site import Asked, Shown


def routes(context: Context) -> list[BaseRoute]:
    """Return the routes of all pages and of the files that they load; the last takes every path that is left."""
    from kg.web.pages import asking, assets, classes, documents, entities, searching, together, walking
    from kg.web.pages.site import Page, Site

    site = Site(context.graph)
    parts = (searching, documents, entities, classes, together, walking, asking)
    pages = [page for part in parts for page in part.PAGES]
    return [assets.ROUTE, *(route for page in [*pages, Page("/{path:path}", nothing)] for route in site.routes(page))]


def running(routes: Sequence[BaseRoute]) -> AbstractContextManager[None]:
    """Make pages in the background while the server runs, so that nobody has to wait for them."""
    from kg.web.pages import ahead
    from kg.web.pages.site import PageRoute

    return ahead.running(next(route.site for route in routes if isinstance(route, PageRoute)))


def nothing(asked: Asked) -> Shown:
    """Say that there is no such page."""
    raise UnknownNameError(asked.path[:200], "there is no such page", "search for what you look for")
