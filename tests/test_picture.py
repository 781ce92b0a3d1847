"""The picture of a neighbourhood: read by readers that are not ours, equal to what is walked, and legible."""

from __future__ import annotations

import io
import itertools
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

import kg
from kg.errors import QueryError, UnknownNameError
from kg.exports import mindmap, picture
from kg.exports.asked import Asked
from kg.network.near import Neighbourhood, neighbourhood
from kg.schema import NOTICE
from kg.vocabulary import schema
from tests import exported

pytest.importorskip("matplotlib", reason="matplotlib is not installed")
SVG = "{http://www.w3.org/2000/svg}"
AROUND = (Asked("Klonopin"), Asked("driving", steps=2, nodes=30), Asked("Klonopin", kinds=("caution",), nodes=120))


@pytest.fixture(scope="module")
def packaged() -> kg.Graph:
    return kg.load()


def groups(root: ET.Element, name: str) -> list[ET.Element]:
    return [one for one in root.iter(f"{SVG}g") if name in (one.get("class") or "").split()]


def title(element: ET.Element) -> str:
    return element.findtext(f"{SVG}title") or ""


def walked(graph: kg.Graph, asked: Asked) -> Neighbourhood:
    kinds = asked.kinds or tuple(schema.load().kinds)
    return neighbourhood(graph, asked.about, asked.steps, kinds, asked.nodes)


@pytest.mark.parametrize("asked", AROUND, ids=lambda asked: f"{asked.about}-{asked.steps}-{asked.nodes}")
def test_nodes_and_edges_are_those_of_the_neighbourhood(asked: Asked, packaged: kg.Graph) -> None:
    found = walked(packaged, asked)
    root = ET.fromstring(picture.svg(packaged, asked))  # noqa: S314 (our own file)
    shown = {one.get("data-node"): title(one) for one in groups(root, "node")}
    assert shown == {node: told["label"] for node, told in found.network.nodes(data=True)}
    facts = [iri for one in groups(root, "edge") for iri in (one.get("data-facts") or "").split()]
    assert len(facts) == len(set(facts))
    assert set(facts) == {edge.iri for edge in found.edges}
    for one in groups(root, "edge"):
        assert len(title(one).splitlines()) == len((one.get("data-facts") or "").split())


def test_what_is_left_out_is_told(packaged: kg.Graph) -> None:
    there = len(walked(packaged, Asked("Klonopin", nodes=10_000)).network) - 1
    root = ET.fromstring(picture.svg(packaged, Asked("Klonopin", nodes=13)))  # noqa: S314
    said = root.findtext(f"{SVG}desc") or ""
    assert f"12 of {there} shown" in said
    assert f"{there - 12} left out" in said
    assert NOTICE in said
    few = picture.svg(packaged, Asked("driving")).decode()
    assert "all 1 shown" in few
    assert "left out" not in few


def test_where_nothing_is_stated_the_picture_says_so(packaged: kg.Graph) -> None:
    root = ET.fromstring(picture.svg(packaged, Asked("warfarin")))  # noqa: S314
    assert not groups(root, "edge")
    assert "neither “no” nor “safe”" in (root.findtext(f"{SVG}desc") or "")


def texts(placed: mindmap.Map) -> Iterator[tuple[float, float, float, float]]:
    """The rectangles of boxes and labels: left, bottom, right, top."""
    for box in placed.boxes.values():
        yield (
            box.x - box.width / 2,
            box.y - box.height / 2,
            box.x + box.width / 2,
            box.y + box.height / 2,
        )
    for bond in placed.bonds:
        if bond.is_main:
            far = placed.boxes[bond.end]
            inner = far.x - far.side * (far.width / 2 + 2 * mindmap.ARROW)
            left, right = sorted((inner, inner - far.side * bond.width))
            half = len(bond.label) * mindmap.LABEL_LINE / 2
            yield left, far.y - half, right, far.y + half


@pytest.mark.parametrize("asked", AROUND, ids=lambda asked: f"{asked.about}-{asked.steps}-{asked.nodes}")
def test_no_text_lies_on_another(asked: Asked, packaged: kg.Graph) -> None:
    placed = mindmap.laid_out(walked(packaged, asked), lambda _: "Drug", lambda text, size: len(text) * size * 0.6)
    for one, other in itertools.combinations(texts(placed), 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)


def test_labels_say_kind_level_and_limits() -> None:
    graph = exported.graph_of(
        [
            ("caution", "liver disease", {"level": "avoid", "severity": "severe"}, "affirmed"),
            ("caution", "liver disease", {"level": "monitor"}, "denied"),
            ("interaction", "alcohol", {"level": "avoid", "effect": "sedation"}, "affirmed"),
            ("adverse_effect", "drowsiness", {}, "affirmed"),
        ]
    )
    placed = mindmap.laid_out(walked(graph, Asked("clonazepam")), lambda _: "", lambda text, size: len(text) * size)
    said = {graph.view.label(bond.end): [line.text for line in bond.label] for bond in placed.bonds}
    assert said["liver disease"] == ["avoid, if severe (2)", "denied: monitor (2)"]
    assert said["alcohol"] == ["interaction: avoid (2)"]
    assert said["drowsiness"] == ["adverse effect (2)"]


def test_the_same_graph_gives_the_same_bytes_in_any_thread(packaged: kg.Graph) -> None:
    import matplotlib

    asked = Asked("Klonopin", nodes=8)
    once = picture.svg(packaged, asked), picture.png(packaged, asked)
    before = dict(matplotlib.rcParams)
    found: list[tuple[bytes, bytes]] = []

    def draw() -> None:
        found.append((picture.svg(packaged, asked), picture.png(packaged, asked)))

    threads = [threading.Thread(target=draw) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [once] * 3
    assert dict(matplotlib.rcParams) == before


def test_the_image_opens_and_shows_the_colours(packaged: kg.Graph) -> None:
    image = pytest.importorskip("PIL.Image", reason="pillow is not installed")
    with image.open(io.BytesIO(picture.png(packaged, Asked("Klonopin")))) as opened:
        assert opened.format == "PNG"
        assert opened.width > 1000
        assert opened.height > 600
        colours = {colour[:3]: count for count, colour in opened.convert("RGB").getcolors(1 << 24)}
    paper = colours.pop((255, 255, 255))
    assert sum(colours.values()) > paper / 50
    for drawn in ("#cfe2ff", "#ffd9d1", "#c62828"):  # a drug, conditions, what is to be avoided
        assert colours.get(tuple(int(drawn[at : at + 2], 16) for at in (1, 3, 5)), 0) > 100


HOSTILE = (
    "<script>x</script>",
    "$\\frac{1}{0}$",
    "]]> -- &amp; \"'",
    "药物 \N{PILE OF POO}",
    "a\x00b\ufffe",
    "x" * 500,
)


def test_hostile_texts_are_texts() -> None:
    graph = exported.graph_of([("caution", words, {"level": "avoid"}, "affirmed") for words in HOSTILE], ["a.txt"])
    drawn = picture.svg(graph, Asked("clonazepam"))
    root = ET.fromstring(drawn)  # noqa: S314
    titles = {title(one) for one in groups(root, "node")}
    assert {*HOSTILE[:4], "a b\N{REPLACEMENT CHARACTER}", HOSTILE[-1]} <= titles
    names = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert not names & {"script", "foreignObject", "image", "a", "style"}
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]
    links = [value for element in root.iter() for name, value in element.attrib.items() if name.endswith("href")]
    assert all(value.startswith("#") for value in links)
    assert picture.png(graph, Asked("clonazepam"))


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (Asked("Klonopin", nodes=0), QueryError),
        (Asked("Klonopin", nodes=121), QueryError),
        (Asked("Klonopin", steps=0), QueryError),
        (Asked("nothing of that name"), UnknownNameError),
    ],
)
def test_what_cannot_be_drawn_is_refused(asked: Asked, error: type[Exception], packaged: kg.Graph) -> None:
    with pytest.raises(error):
        picture.svg(packaged, asked)


def test_a_picture_is_about_something(packaged: kg.Graph, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="is about one thing, and none is named"):
        packaged.export(tmp_path / "x.svg")
    assert not list(tmp_path.iterdir())
    packaged.export(tmp_path / "x.svg", about="Klonopin", nodes=3)
    assert len(groups(ET.fromstring((tmp_path / "x.svg").read_bytes()), "node")) == 3  # noqa: S314
