"""Pages that are made before anybody asks: only while it is quiet, only as long as there is room, and never wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from kg.web.pages import ahead, assets, forms, site
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
        time.sleep(0.3)
    assert not made._kept


def test_what_is_kept_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "MOST_KEPT", 400_000)
    made = site.Site(explored.example())
    page = site.Page("", concept, is_iri=True)
    for one in made.finder.things("drug") + made.finder.things("class"):
        made.make(page, "/concept/" + one.iri.rsplit("/", 1)[1], {})
    sizes = [len(kept.body) for kept in made._kept.values()]
    assert 0 < sum(sizes) <= 400_000 and made._size == sum(sizes)
    assert 0 <= made.room <= 1


def test_a_page_that_fails_is_not_kept() -> None:
    made = site.Site(explored.example())
    made.make(site.Page("", concept, is_iri=True), "/concept/nothing-of-the-sort", {}, forms.JSON)
    assert not made._kept


def test_every_file_is_known_by_its_content() -> None:
    assert {"pages.css", "pages.js", "vendor/htmx.min.js"} <= set(assets.known())
    assert assets.url("pages.css").startswith("/static/pages.css?v=")
