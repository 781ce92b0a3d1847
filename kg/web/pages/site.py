"""The machine under the pages: a page is a function from what is asked to what is shown, and this serves it.

A page is made once for each URL and form and then kept, since a graph does not change while it is served. Whoever makes
a page holds the lock of its lane; what takes long has a lane and a graph of its own, so that nobody waits behind it.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import pyoxigraph as ox
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from kg import schema
from kg.errors import KgError, QueryError, UnknownNameError
from kg.graph import terms, whole
from kg.web.middleware import POLICY, POLICY_WITH_STYLES
from kg.web.pages import forms, look, paths
from kg.web.pages.forms import Form

if TYPE_CHECKING:
    from kg.api import Graph
    from kg.questions.finding import Finder

MOST_KEPT = 96_000_000
"""Bytes of pages that are kept; the one that was not asked for longest goes first."""

LONGEST_URL = 4_000

QUICK, ASKING, WALKING = "quick", "asking", "walking"
"""The lanes: what takes milliseconds; questions and comparisons; what walks the network or reads the whole graph."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: values in the path, parameters, the IRI that the path is that of, the form, and the site."""

    site: Site
    graph: Graph
    values: Mapping[str, str]
    query: Mapping[str, tuple[str, ...]]
    iri: str
    path: str
    form: Form

    def one(self, name: str) -> str:
        """Return a parameter, without blanks around it; empty where it is not given."""
        return " ".join((self.query.get(name) or ("",))[0].split())

    def several(self, name: str) -> tuple[str, ...]:
        """Return all values of a parameter that say something."""
        return tuple(" ".join(value.split()) for value in self.query.get(name, ()) if value.strip())

    @property
    def is_part(self) -> bool:
        """Whether only the piece is wanted that goes into a page which is open already."""
        return bool(self.one("part"))


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows: the template and its values; the command and the content of its JSON; the triples of its IRI.

    `part` is the template of the piece that is fetched into an open page.
    """

    template: str
    title: str
    values: Mapping[str, object] = field(default_factory=dict)
    command: str = ""
    plain: Callable[[], Mapping[str, object]] | None = None
    rdf: Callable[[], list[ox.Triple]] | None = None
    part: str = ""
    status: int = 200
    has_editor: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """The page is elsewhere."""

    path: str


Make = Callable[[Asked], "Shown | Moved"]


@dataclass(frozen=True, slots=True)
class Page:
    """A page: the path, what makes it, the lane that it is made in, and whether its path is that of an IRI."""

    path: str
    make: Make
    lane: str = QUICK
    is_iri: bool = False

    @property
    def offered(self) -> tuple[Form, ...]:
        """The forms that it can be had in."""
        return forms.OF_IRIS if self.is_iri else forms.FOR_ALL


@dataclass(frozen=True, slots=True)
class Kept:
    """A page as it is sent."""

    body: bytes
    media_type: str
    etag: str
    status: int = 200
    has_editor: bool = False


class PageRoute(Route):
    """The route of a page, which knows its site."""

    site: Site


class Site:
    """One graph as pages."""

    def __init__(self, graph: Graph) -> None:
        """Serve a graph; nothing is read yet."""
        from kg.api import Graph as Opened

        self.graph = graph
        others = {lane: Opened(graph.store, graph.texts, graph.documents) for lane in (ASKING, WALKING)}
        for one in others.values():
            one.reader = graph.reader  # what it keeps serves all lanes
        self._lanes = {lane: (own, threading.RLock()) for lane, own in ({QUICK: graph} | others).items()}
        self._look = look.environment()
        self._look.globals["titles"] = {one.name: one.title or one.name for one in graph.documents}
        self._kept: OrderedDict[tuple[str, ...], Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self._finder: Finder | None = None
        self._asked = 0.0

    @property
    def finder(self) -> Finder:
        """The names of everything that documents speak of, for search and completion."""
        if self._finder is None:
            from kg.questions.finding import Finder

            self._finder = Finder(self.graph)
        return self._finder

    def routes(self, page: Page) -> list[PageRoute]:
        """Return the routes of a page: its path, and the same with the endings that name a form."""

        async def endpoint(request: Request) -> Response:
            return await self._serve(page, request)

        plain = "/index" if page.path == "/" else page.path
        ended = [plain + form.ending for form in page.offered[1:]] if not page.path.endswith("}") else []
        name = page.make.__name__
        found = [PageRoute(path, endpoint, methods=["GET"], name=name) for path in (page.path, *ended)]
        for route in found:
            route.site = self
        return found

    def make(self, page: Page, path: str, values: Mapping[str, str], form: Form = forms.HTML) -> None:
        """Make a page before anybody asks for it, if it is not kept already."""
        key = (form.name, path)
        if self._get(key) is None:
            found = self._made(page, form, path, dict(values), {})
            if isinstance(found, Kept) and found.status == 200:
                self._keep(key, found)

    def read_templates(self) -> None:
        """Compile the templates."""
        look.compile_all(self._look)

    def read_facts(self, most: int = whole.MOST) -> None:
        """Read all facts into memory, if they are not too many; pages are made from the store until that is done."""
        whole.keep(self.graph.reader, most)

    def read_network(self) -> None:
        """Read the network, which the pages that walk it wait for."""
        graph, lock = self._lanes[WALKING]
        with lock:
            graph.view.subjects()

    @property
    def quiet(self) -> float:
        """For how many seconds nobody has asked for a page."""
        return time.monotonic() - self._asked

    @property
    def room(self) -> float:
        """How much of what may be kept is free, from 0 to 1."""
        return 1 - self._size / MOST_KEPT

    async def _serve(self, page: Page, request: Request) -> Response:
        self._asked = time.monotonic()
        raw = request.scope.get("raw_path", b"").partition(b"?")[0].decode("ascii", "replace") or request.url.path
        if len(raw) + len(request.url.query) > LONGEST_URL:
            return _response(self._failed(_too_long(), forms.HTML, 414), request)
        path, form = self._form(page, raw, request)
        if form is None:
            wanted = ", ".join(one.media_type for one in page.offered)
            return _response(self._failed(_no_form(wanted), forms.HTML, 406), request)
        query: dict[str, tuple[str, ...]] = {}
        for name, value in request.query_params.multi_items():
            query[name] = (*query.get(name, ()), value)
        key = (form.name, path, *(f"{name}={value}" for name in sorted(query) for value in query[name]))
        kept = self._get(key)
        if kept is None:
            values = {name: str(value) for name, value in request.path_params.items()}
            found = await run_in_threadpool(self._made, page, form, path, values, query)
            if isinstance(found, Moved):
                ending = form.ending if form is not forms.HTML and "?" not in found.path else ""
                return RedirectResponse(found.path + ending, 303)
            kept = found
            if kept.status == 200:
                self._keep(key, kept)
        return _response(kept, request)

    def _form(self, page: Page, raw: str, request: Request) -> tuple[str, Form | None]:
        """Return the path without its ending, and the form that is wanted; a document may be called `x.json`."""
        path, form = forms.of_ending(raw, page.offered[1:])
        if form is not None and raw.startswith("/document/"):
            name = terms.document_name(paths.to_iri(raw))
            if any(source.name == name for source in self.graph.documents):
                path, form = raw, None
        return path, form or forms.negotiate(request.headers.get("accept", ""), page.offered)

    def _made(
        self, page: Page, form: Form, path: str, values: dict[str, str], query: Mapping[str, tuple[str, ...]]
    ) -> Kept | Moved:
        """Make a page in its lane; what goes wrong on purpose is a page too."""
        graph, lock = self._lanes[page.lane]
        ending = form.ending
        cut = {
            name: value.removesuffix(ending) if not path.endswith(ending) else value for name, value in values.items()
        }
        asked = Asked(self, graph, MappingProxyType(cut), query, paths.to_iri(path), path, form)
        with lock:
            try:
                shown = page.make(asked)
                return shown if isinstance(shown, Moved) else self._rendered(shown, asked, form)
            except KgError as error:
                status = 404 if isinstance(error, UnknownNameError) else 400
                return self._failed(error, form, status, asked)

    def _rendered(self, shown: Shown, asked: Asked, form: Form) -> Kept:
        if form.rdf is not None and shown.rdf is not None:
            body = ox.serialize(shown.rdf(), format=form.rdf, prefixes=terms.PREFIXES)
        elif form is forms.HTML:
            name = shown.part if asked.is_part and shown.part else shown.template
            body = self._look.get_template(name).render(
                title=shown.title, path=asked.path, query=asked.query, graph=self.graph, has_rdf=bool(shown.rdf),
                has_json=bool(shown.plain), has_editor=shown.has_editor, **shown.values,
            ).encode("utf-8", "replace")  # fmt: skip
        else:
            if shown.plain is None:
                raise QueryError("the page", "has no JSON", "ask for text/html")
            said = shown.plain()
            body = json.dumps(schema.enveloped(shown.command, said), ensure_ascii=False, indent=1).encode()
        return _kept(body or b"", form, shown.status, shown.has_editor)

    def _failed(self, error: KgError, form: Form, status: int, asked: Asked | None = None) -> Kept:
        """Make the page of something that cannot be shown: what, why, and what may have been meant."""
        near = self.finder.near(error.place) if asked is not None and status == 404 else ()
        said = {"place": error.place, "problem": error.problem, "remedy": error.remedy, "status": status}
        if form is forms.HTML:
            is_part = asked is not None and asked.is_part
            template = self._look.get_template("part-error.html" if is_part else "error.html")
            body = template.render(
                title=_STATUS.get(status, "This cannot be shown"), path=asked.path if asked else "", query={},
                graph=self.graph, error=error, near=near, has_rdf=False, has_json=False, has_editor=False,
            )  # fmt: skip
            return _kept(body.encode("utf-8", "replace"), form, status)
        found = [{"label": one.label, "iri": one.iri, "type": one.type} for one in near]
        plain = schema.enveloped("page error", said | {"suggestions": found})
        return _kept(json.dumps(plain, ensure_ascii=False, indent=1).encode(), forms.JSON, status)

    def _get(self, key: tuple[str, ...]) -> Kept | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: tuple[str, ...], kept: Kept) -> None:
        with self._lock:
            if key not in self._kept and len(kept.body) < MOST_KEPT // 8:
                self._kept[key] = kept
                self._size += _size(key, kept)
            while self._size > MOST_KEPT:
                self._size -= _size(*self._kept.popitem(last=False))


def _size(key: tuple[str, ...], kept: Kept) -> int:
    """Return about how many bytes a page takes, its address included: that may be longer than what is found there."""
    return len(kept.body) + 2 * sum(map(len, key)) + 1_000


_STATUS = {404: "Not found", 400: "This cannot be answered", 406: "No such form", 414: "Too long"}


def _too_long() -> KgError:
    return KgError("the address", f"has more than {LONGEST_URL} characters", "ask for less")


def _no_form(wanted: str) -> KgError:
    return KgError("the page", "cannot be had in any of the forms that were asked for", f"ask for {wanted}")


def _kept(body: bytes, form: Form, status: int, has_editor: bool = False) -> Kept:
    media_type = form.media_type + ("; charset=utf-8" if form.media_type.startswith("text/") else "")
    return Kept(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:32]}"', status, has_editor)


def _response(kept: Kept, request: Request) -> Response:
    policy = POLICY_WITH_STYLES if kept.has_editor else POLICY
    headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Vary": "Accept"}
    if kept.status == 200:
        headers |= {"ETag": kept.etag, "Cache-Control": "no-cache"}
        if kept.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
    else:
        headers["Cache-Control"] = "no-store"
    return Response(kept.body, kept.status, headers | {"Content-Type": kept.media_type})
