"""Pages that are made before anybody asks: only while it is quiet, only as long as there is room, and never wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

import kg
from kg.web.pages import ahead, assets, forms, paths, site
from kg.web.pages.entities import concept
from tests import explored


def waited(for_: Callable[[], bool]) -> bool:
    end = time.monotonic() + 30
    while not for_() and time.monotonic() < end:
        time.sleep(0.01)
    return for_()


def test_pages_of_drugs_are_there_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "QUIET", 0.0)
    made = site.Site(explored.example())
    drugs = [one for one in made.finder.things("drug") if "/concept/" in one.iri]
    with ahead.running(made):
        assert waited(lambda: len(made._kept) >= len(drugs))
    assert not [thread for thread in threading.enumerate() if thread.name == "pages made ahead"]
    key = ("html", "/concept/lorazepam")
    body = explored.client().get("/concept/lorazepam").body
    assert made._kept[key].body == body, "the same page as is made when it is asked for"


def test_nothing_is_made_while_somebody_asks() -> None:
    made = site.Site(explored.example())
    made._asked = time.monotonic() + 3_600
    with ahead.running(made):
        assert made.graph.reader.whole is not None, "facts are read before anybody asks"
        time.sleep(0.3)
    assert not made._kept


def test_many_facts_are_read_when_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "FACTS_BEFORE", 10)
    made = site.Site(explored.example())
    made.graph.reader.whole, made._asked = None, time.monotonic() + 3_600
    with ahead.running(made):
        assert made.graph.reader.whole is None
        made._asked = 0.0
        assert waited(lambda: made.graph.reader.whole is not None)


def test_what_is_kept_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "MOST_KEPT", 400_000)
    made = site.Site(explored.example())
    page = site.Page("", concept, is_iri=True)
    for one in made.finder.things("drug") + made.finder.things("class"):
        made.make(page, "/concept/" + one.iri.rsplit("/", 1)[1], {})
    sizes = [len(kept.body) for kept in made._kept.values()]
    assert 0 < sum(sizes) < made._size <= 400_000
    assert 0 <= made.room <= 1


def test_a_page_that_fails_is_not_kept() -> None:
    made = site.Site(explored.example())
    made.make(site.Page("", concept, is_iri=True), "/concept/nothing-of-the-sort", {}, forms.JSON)
    assert not made._kept


def test_eight_threads_make_the_pages_that_one_makes() -> None:
    """Readers, names and networks are shared by all threads of the server."""
    iris = [fact.iri for fact in explored.example().facts()[:40]]
    targets = ["/concept/lorazepam", "/concept/driving", "/contradictions", "/network?node=warfarin", "/search?q=diaz"]
    targets += [*map(paths.of_iri, iris), "/document/warfarin.txt", "/compare?drug=diazepam&drug=lorazepam"]
    shared = explored.Client(kg.Graph(explored.example().store, explored.example().texts))
    alone = {target: explored.client().get(target).body for target in targets}
    with ThreadPoolExecutor(8) as pool:
        asked = [targets[(8 * n + k * 5) % len(targets)] for k in range(8) for n in range(25)]
        for target, reply in zip(asked, pool.map(shared.get, asked), strict=True):
            assert reply.status == 200 and reply.body == alone[target], target


def test_every_file_is_known_by_its_content() -> None:
    assert {"pages.css", "pages.js", "vendor/htmx.min.js"} <= set(assets.known())
    assert assets.url("pages.css").startswith("/static/pages.css?v=")
