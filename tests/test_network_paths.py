"""Paths: as short as networkx finds them, as strong as any, never over what is denied, and never without a limit."""

from __future__ import annotations

import itertools

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import QueryError, UnknownNameError
from kg.network import explain, neighbourhood, paths, strength, view
from kg.network.view import Edge, View
from tests import walked

NODES = st.integers(0, 9)
EDGES = st.lists(
    st.tuples(
        NODES, NODES, st.sampled_from(["caution", "adverse_effect", "vocabulary"]), st.booleans(), st.integers(1, 3)
    ),
    max_size=24,
)


def made(drawn: list[tuple[int, int, str, bool, int]]) -> View:
    """Make a view of drawn edges; every node is there, whether it has edges or not."""
    edges = [
        Edge(
            iri=f"fact/{number}",
            kind=kind,
            subject=f"n://{start}",
            object=f"n://{end}",
            polarity="denied" if denied and kind != "vocabulary" else "affirmed",
            level=["caution", "avoid", "monitor"][count - 1] if kind == "caution" else None,
            documents=("a", "b", "c")[:count] if kind != "vocabulary" else (),
        )
        for number, (start, end, kind, denied, count) in enumerate(drawn)
    ]
    return view.of([*edges, *(Edge("broader", "vocabulary", f"n://{n}", f"n://{n}") for n in range(10))])


def allowed(network: View) -> nx.Graph[str]:
    """What one may walk along, as networkx sees it."""
    found: nx.Graph[str] = nx.Graph()
    found.add_nodes_from(node for edge in network.edges() for node in (edge.subject, edge.object))
    found.add_edges_from((e.subject, e.object) for e in network.edges() if e.polarity == "affirmed")
    return found


@settings(max_examples=150, deadline=None)
@given(EDGES, NODES, NODES, st.integers(1, 5))
def test_the_shortest_path_is_as_short_as_networkx_says(
    drawn: list[tuple[int, int, str, bool, int]], a: int, b: int, most: int
) -> None:
    network = made(drawn)
    start, goal = f"n://{a}", f"n://{b}"
    found = paths.shortest(paths.net(network), [start], [goal], most, 3)
    try:
        length = nx.shortest_path_length(allowed(network), start, goal)
    except nx.NetworkXNoPath:
        length = most + 1
    assert {len(path) - 1 for path in found.paths} == ({length} if length <= most else set())
    every = sorted(nx.all_shortest_paths(allowed(network), start, goal)) if length <= most and length else []
    assert found.truncated == (len(every) > 3)
    assert length == 0 or len(found.paths) == min(3, len(every))
    assert all(list(path) in every for path in found.paths if len(path) > 1)


@settings(max_examples=150, deadline=None)
@given(EDGES, NODES, NODES, st.integers(1, 5))
def test_the_strongest_paths_are_the_strongest_of_all(
    drawn: list[tuple[int, int, str, bool, int]], a: int, b: int, most: int
) -> None:
    net = paths.net(made(drawn))
    start, goal = f"n://{a}", f"n://{b}"
    every = nx.all_simple_paths(allowed(made(drawn)), start, goal, cutoff=most) if a != b else []
    wanted = sorted((net.strength(path) for path in every), reverse=True)[:4]
    found = [net.strength(path) for path in paths.strongest(net, [start], [goal], most, 4).paths]
    assert found == pytest.approx(wanted)


@settings(max_examples=60, deadline=None)
@given(EDGES, NODES, NODES, st.randoms(use_true_random=False))
def test_the_order_of_the_edges_changes_nothing(
    drawn: list[tuple[int, int, str, bool, int]], a: int, b: int, random: object
) -> None:
    network = made(drawn)
    edges = list(network.edges())
    random.shuffle(edges)  # type: ignore[attr-defined]
    again = view.of(edges)
    for search in (paths.shortest, paths.strongest):
        one, two = (search(paths.net(v), [f"n://{a}"], [f"n://{b}"], 4, 3) for v in (network, again))
        assert one == two


@settings(max_examples=60, deadline=None)
@given(EDGES, NODES, NODES)
def test_no_path_leads_over_what_is_denied(drawn: list[tuple[int, int, str, bool, int]], a: int, b: int) -> None:
    found = explain(walked.Small(made(drawn)), f"n://{a}", f"n://{b}")
    for path in found.paths():
        for hop in path.hops:
            assert hop.edges
            assert all(edge.polarity == "affirmed" for edge in hop.edges)
    assert all(edge.polarity == "denied" for edge in found.denied)


FEW = (
    ("alpha", "caution", "cirrhosis", "avoid", "in a b"),
    ("cirrhosis", "broader", "liver disease"),
    ("alpha", "adverse_effect", "nausea"),
    ("beta", "adverse_effect", "nausea", "in b"),
    ("beta", "caution", "liver disease", "monitor", "in b c"),
    ("alpha", "adverse_effect", "tremor", "denied", "in c"),
    ("beta", "adverse_effect", "tremor", "in c"),
    ("gamma", "indication", "cough"),
)


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        ("alpha", "liver disease", [("alpha", "cirrhosis", "liver disease")]),
        ("alpha", "beta", [("alpha", "nausea", "beta")]),
        ("liver disease", "alpha", [("liver disease", "cirrhosis", "alpha")]),
        ("alpha", "cough", []),
        ("alpha", "tremor", [("alpha", "nausea", "beta", "tremor")]),
    ],
)
def test_what_explains(a: str, b: str, wanted: list[tuple[str, ...]]) -> None:
    found = explain(walked.graph(FEW), a, b)
    assert [tuple(node.label for node in path.nodes) for path in found.shortest] == wanted


def test_every_hop_says_what_is_stated_which_way_and_by_whom() -> None:
    found = explain(walked.graph(FEW), "liver disease", "alpha")
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows().rows]
    assert [(r["from"], r["direction"], r["to"], r["level"], r["documents"]) for r in rows[:2]] == [
        ("liver disease", "backwards", "cirrhosis", "", ""),
        ("cirrhosis", "backwards", "alpha", "avoid", "a; b"),
    ]
    assert [[f.kind for f in facts] for facts in found.rows().facts[:2]] == [[], ["caution"]]
    assert found.to_dict()["rows"][1]["facts"][0]["evidence"][0]["document"] == "a"  # type: ignore[index]


def test_what_is_denied_between_the_two_is_said_apart() -> None:
    found = explain(walked.graph(FEW), "alpha", "tremor")
    assert [edge.documents for edge in found.denied] == [("c",)]
    assert found.rows().rows[-1][0] == "denied between the two"
    assert "denies" in found.summary


@pytest.mark.parametrize("limits", [{"max_hops": 0}, {"max_hops": 99}, {"limit": 0}, {"limit": 10_000}])
def test_limits_out_of_range_are_refused(limits: dict[str, int]) -> None:
    with pytest.raises(QueryError, match=next(iter(limits))):
        explain(walked.graph(FEW), "alpha", "beta", **limits)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownNameError):
        explain(walked.graph(FEW), "alpha", "omega")
    with pytest.raises(UnknownNameError):
        explain(walked.graph(FEW), "http://x/nowhere", "alpha")


STRONGER = (
    (("alpha", "caution", "x", "avoid"), ("alpha", "caution", "x", "monitor")),
    (("alpha", "caution", "x", "monitor", "in a b"), ("alpha", "caution", "x", "monitor", "in a")),
    (("alpha", "contraindication", "x"), ("alpha", "adverse_effect", "x")),
    (("alpha", "caution", "x", "stated_safe"), ("alpha", "caution", "x", "contraindicated", "denied")),
)


@pytest.mark.parametrize(("strong", "weak"), STRONGER)
def test_which_fact_is_stronger(strong: walked.Told, weak: walked.Told) -> None:
    assert strength.of_hop(walked.edge(strong)) > strength.of_hop(walked.edge(weak))


class Counted(paths.Net):
    """A net that counts the neighbours that it gives."""

    given = 0

    def near(self, node: str) -> tuple[tuple[str, float], ...]:
        found = tuple(super().near(node))
        self.given += len(found)
        return found


def star(leaves: int) -> dict[str, dict[str, float]]:
    """A node with so many others around it."""
    return {"hub": {f"leaf{n}": 0.25 for n in range(leaves)}, **{f"leaf{n}": {"hub": 0.25} for n in range(leaves)}}


def clique(nodes: int) -> dict[str, dict[str, float]]:
    """Nodes that are all connected."""
    found: dict[str, dict[str, float]] = {f"leaf{n}": {} for n in range(nodes)}
    for a, b in itertools.permutations(found, 2):
        found[a][b] = 0.25
    return found


@pytest.mark.parametrize(
    ("near", "hops"), [(star(100_000), 2), (clique(400), 1)], ids=["star of 100,000", "clique of 400"]
)
@pytest.mark.parametrize("search", [paths.shortest, paths.strongest])
def test_large_networks_do_not_blow_up(near: dict[str, dict[str, float]], hops: int, search: object) -> None:
    net = Counted(near)
    found = search(net, ["leaf1"], ["leaf7"], 4, 5)  # type: ignore[operator]
    assert min(len(path) - 1 for path in found.paths) == hops
    assert net.given <= 4 * paths.MAXIMUM_STEPS


def test_a_search_that_is_stopped_says_so() -> None:
    near = clique(700)
    near["leaf0"]["end"], near["end"] = 0.25, {"leaf0": 0.25}
    found = paths.strongest(Counted(near), ["leaf1"], ["end"], 6, 50)
    assert found.truncated
    far = {**star(300_000), "leaf0": {"hub": 0.25, "other": 0.25}}
    far["other"] = {"leaf0": 0.25, **{f"twig{n}": 0.25 for n in range(300_000)}}
    far["twig1"] = {"other": 0.25}
    assert paths.shortest(Counted(far), ["leaf1"], ["twig1"], 8, 5) == paths.Ways((), True)


def test_neighbours_come_nearest_first_and_are_cut_where_they_are_too_many() -> None:
    graph = walked.graph(FEW)
    all_ = neighbourhood(graph, "alpha", radius=2)
    labels = nx.get_node_attributes(all_.network, "label")
    hops = {labels[node]: far for node, far in nx.get_node_attributes(all_.network, "hops").items()}
    assert hops == {"alpha": 0, "cirrhosis": 1, "nausea": 1, "liver disease": 2, "beta": 2}
    assert not all_.truncated
    two = neighbourhood(graph, "alpha", radius=2, limit=2)
    assert two.truncated
    assert {labels[node] for node in two.network} == {"alpha", "cirrhosis"}  # the stronger of the two


def test_a_neighbourhood_is_frozen_and_spoils_nothing() -> None:
    graph = walked.graph(FEW)
    found = neighbourhood(graph, "alpha")
    with pytest.raises(nx.NetworkXError):
        found.network.add_node("more")
    found.network.nodes[walked.iri("alpha")]["label"] = "spoilt"
    assert graph.view.label(walked.iri("alpha")) == "alpha"


def test_a_neighbourhood_walks_along_what_is_affirmed_only() -> None:
    graph = walked.graph([*FEW, ("alpha", "indication", "tremor", "in a")])
    without = neighbourhood(walked.graph(FEW), "alpha")
    assert walked.iri("tremor") not in without.network
    found = neighbourhood(graph, "alpha")
    edges = found.network.get_edge_data(walked.iri("alpha"), walked.iri("tremor"))
    assert sorted(edge["polarity"] for edge in edges.values()) == ["affirmed", "denied"]


def test_a_neighbourhood_of_some_kinds() -> None:
    found = neighbourhood(walked.graph(FEW), "alpha", 3, kinds=["caution", "vocabulary"])
    assert {edge["kind"] for _, _, edge in found.network.edges(data=True)} == {"caution", "vocabulary"}
    for wrong in ("caution", ["nonsense"]):
        with pytest.raises(Exception, match="kind"):
            neighbourhood(walked.graph(FEW), "alpha", kinds=wrong)


def test_a_star_has_a_neighbourhood_of_the_size_that_is_asked_for() -> None:
    edges = [Edge(f"fact/{n}", "adverse_effect", f"http://x/{n}", "http://x/hub") for n in range(20_000)]
    found = neighbourhood(walked.Small(view.of(edges)), "http://x/hub", limit=50)
    assert found.truncated
    assert len(found.network) == 50
