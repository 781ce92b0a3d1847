"""The Python interface: what a reader meets first, and what quotes must prove before they are shown."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import kg
from kg import assembly, building, evidence
from kg.building import Build
from kg.errors import DocumentError, GraphError, KgError, UnknownNameError
from kg.records import Entity
from kg.results.closed import Level
from tests import made

NAMES = ("a.txt", "b.txt")


@pytest.fixture(scope="module", autouse=True)
def no_documents() -> Iterator[None]:
    """Whoever runs the tests may have named a folder of documents."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(evidence.VARIABLE, raising=False)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of facts with its texts, as `kg build PATH --out my.kg` writes it."""
    pages = [made.page(name) for name in NAMES]
    facts = assembly.assemble([statement for _, statements in pages for statement in statements])
    target = tmp_path_factory.mktemp("built") / "my.kg"
    building.write_facts(Build(tuple(facts), tuple(document for document, _ in pages)), target, with_texts=True)
    return target


@pytest.fixture(scope="module")
def graph(folder: Path) -> kg.Graph:
    """The graph of that folder."""
    return kg.open(folder)


def test_importing_is_cheap() -> None:
    code = "import kg, sys; print([m for m in ('pyoxigraph', 'rdflib', 'networkx', 'kg.api') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"


@pytest.mark.parametrize("name", kg.__all__)
def test_everything_that_is_offered_is_there(name: str) -> None:
    assert getattr(kg, name) is not None


def test_what_is_not_offered_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'opne'"):
        kg.opne  # noqa: B018


def test_the_packaged_facts_are_loaded() -> None:
    graph = kg.load()
    assert graph.documents
    assert graph.facts()


@pytest.mark.parametrize("name", ["clonazepam", "Clonazepam", "KLONOPIN", "klonopin"])
def test_a_drug_is_found_by_any_of_its_names(graph: kg.Graph, name: str) -> None:
    assert graph.drug(name).label == "clonazepam"


def test_an_unknown_drug_is_named(graph: kg.Graph) -> None:
    with pytest.raises(UnknownNameError, match="clonazepam"):
        graph.drug("clonazepan")


def test_cautions_come_most_severe_first_and_never_what_is_safe_or_denied(graph: kg.Graph) -> None:
    found = [(fact.level, fact.object.label) for fact in graph.drug("Klonopin").cautions()]
    assert found == [("contraindicated", "liver disease"), ("avoid", "driving"), ("monitor", "seizure")]


@pytest.mark.parametrize(("least", "count"), [("contraindicated", 1), ("avoid", 2), ("caution", 2), ("monitor", 3)])
def test_cautions_from_a_level_upwards(graph: kg.Graph, least: Level, count: int) -> None:
    assert len(graph.drug("Klonopin").cautions(min_level=least)) == count


def test_a_level_that_is_not_on_the_scale_is_named(graph: kg.Graph) -> None:
    with pytest.raises(UnknownNameError, match="no such level of care"):
        graph.drug("Klonopin").cautions(min_level="dangerous")  # type: ignore[arg-type]


VIEWS: tuple[tuple[Callable[[kg.DrugView], kg.Facts], tuple[str, ...]], ...] = (
    (kg.DrugView.brands, ("Klonopin",)),
    (kg.DrugView.classes, ("benzodiazepine",)),
    (kg.DrugView.mechanisms, ("GABA-A receptor",)),
    (kg.DrugView.pharmacologic_effects, ("anxiolytic",)),
    (kg.DrugView.indications, ("insomnia", "panic disorder")),
    (kg.DrugView.adverse_effects, ("drowsiness", "seizure")),
    (kg.DrugView.withdrawal_effects, ("insomnia",)),
    (kg.DrugView.contraindications, ("liver disease",)),
    (kg.DrugView.interactions, ("alcohol", "opioid")),
    (kg.DrugView.dosages, ("panic disorder",)),
    (kg.DrugView.pharmacokinetics, ("slow as a tortoise",)),
    (kg.DrugView.pregnancy_categories, ("D",)),
    (kg.DrugView.alternatives, ("benzodiazepine",)),
    (kg.DrugView.advice, ("keep it in a blue box",)),
    (kg.DrugView.denied, ("liver disease",)),
)


@pytest.mark.parametrize(("view", "labels"), VIEWS, ids=[view.__name__ for view, _ in VIEWS])
def test_what_is_said_of_a_drug(
    graph: kg.Graph, view: Callable[[kg.DrugView], kg.Facts], labels: tuple[str, ...]
) -> None:
    assert tuple(fact.object.label for fact in view(graph.drug("Klonopin"))) == labels


CHOICES: tuple[tuple[Callable[[kg.DrugView], kg.Facts], tuple[str, ...]], ...] = (
    (lambda d: d.cautions("avoid"), ("liver disease", "driving")),
    (lambda d: d.cautions(in_population="elderly"), ("seizure",)),
    (lambda d: d.cautions("avoid", in_population="elderly"), ()),
    (lambda d: d.contraindications(in_population="children"), ()),
    (lambda d: d.interactions("ethanol"), ("alcohol",)),
    (lambda d: d.interactions(with_="oxycodone"), ()),
    (lambda d: d.interactions(with_="oxycodone", broader=True), ("opioid",)),
    (lambda d: d.interactions(min_level="caution"), ("alcohol",)),
    (lambda d: d.indications(approval="labelled"), ("panic disorder",)),
    (lambda d: d.indications(in_population="older adult"), ("insomnia",)),
    (lambda d: d.adverse_effects(min_frequency="very_common"), ("seizure",)),
    (lambda d: d.adverse_effects(min_frequency="common"), ("drowsiness", "seizure")),
    (lambda d: d.adverse_effects(severity="mild", with_="alcohol"), ("drowsiness",)),
    (lambda d: d.adverse_effects(severity="serious"), ()),
    (lambda d: d.adverse_effects(in_population="people of one village"), ("seizure",)),
    (lambda d: d.withdrawal_effects(severity="mild"), ()),
    (lambda d: d.dosages(for_="panic disorders", stage="initial"), ("panic disorder",)),
    (lambda d: d.dosages(stage="maximum"), ()),
    (lambda d: d.dosages(in_population="children"), ()),
    (lambda d: d.advice(topic="storage"), ("keep it in a blue box",)),
    (lambda d: d.advice(topic="stopping"), ()),
    (lambda d: d.facts("caution", "affirmed", said_by="b.txt"), ("driving", "drowsiness", "seizure")),
    (lambda d: d.denied("caution"), ()),
)


@pytest.mark.parametrize(("choose", "labels"), CHOICES)
def test_what_is_said_of_a_drug_is_narrowed_down(
    graph: kg.Graph, choose: Callable[[kg.DrugView], kg.Facts], labels: tuple[str, ...]
) -> None:
    assert tuple(fact.object.label for fact in choose(graph.drug("Klonopin"))) == labels


MISSPELT: tuple[tuple[Callable[[Any], object], str], ...] = (
    (lambda d: d.cautions(in_populaton="elderly"), r"takes no such keyword; use .* \(did you mean in_population\?\)"),
    (lambda d: d.cautions(in_population="eldrely"), "did you mean elderly"),
    (lambda d: d.cautions("avoyd"), r"did you mean avoid\?"),
    (lambda d: d.adverse_effects(min_frequency="comon"), r"no such frequency; use .* \(did you mean common\?\)"),
    (lambda d: d.adverse_effects(severity="midl"), r"no such severity; use .* \(did you mean mild\?\)"),
    (
        lambda d: d.indications(approval="labeled"),
        "no such approval; use labelled off_label",
    ),
    (lambda d: d.dosages(stage="first"), "no such stage; use initial maintenance maximum single"),
    (lambda d: d.dosages(fro="panic disorder"), "takes no such keyword; use for_ stage in_population"),
    (lambda d: d.interactions("oxycodon"), r"did you mean oxycodone"),
    (lambda d: d.facts(said_by="c.txt"), "no document of that name"),
    (lambda d: d.facts("cautoin"), r"did you mean caution\?"),
    (lambda d: d.graph.facts(knd="caution"), r"facts takes no such keyword; use .* \(did you mean kind\?\)"),
    (lambda d: d.graph.drug("clonazepan"), r"did you mean clonazepam"),
    (lambda d: d.graph.drug_class("benzodiazepin"), "no class of that name is known; did you mean benzodiazepine"),
    (lambda d: d.graph.drug_class("clonazepam"), "no class of that name"),
    (lambda d: d.graph.condition("insomnai"), "no condition of that name is known; did you mean insomnia"),
    (lambda d: d.graph.condition("clonazepam"), "no condition of that name"),
    (lambda d: d.graph.document("a.txd"), "no document of that name; the graph has a.txt"),
)


@pytest.mark.parametrize(("choose", "message"), MISSPELT)
def test_what_is_misspelt_is_an_error_with_a_suggestion(
    graph: kg.Graph, choose: Callable[[Any], object], message: str
) -> None:
    with pytest.raises(UnknownNameError, match=message) as caught:
        choose(graph.drug("clonazepam"))
    assert "\n" not in str(caught.value)


def test_what_is_said_of_a_class(graph: kg.Graph) -> None:
    benzodiazepines = graph.drug_class("Benzodiazepines")
    assert benzodiazepines.label == "benzodiazepine"
    assert benzodiazepines.facts() == ()
    assert [drug.label for drug in benzodiazepines.members()] == ["clonazepam"]
    assert [fact.kind for fact in benzodiazepines.memberships()] == ["drug_class"]
    assert {fact.kind for fact in benzodiazepines.said_of()} == {"drug_class", "alternative"}
    assert [fact.kind for fact in benzodiazepines.said_of("alternative")] == ["alternative"]
    assert graph.drug_class("opioid").members() == ()
    assert [drug.label for drug in graph.drug_class("CNS depressant").members()] == ["clonazepam"]


CONDITIONS: tuple[tuple[str, Callable[[kg.ConditionView], kg.Facts], tuple[str, ...]], ...] = (
    ("insomnia", kg.ConditionView.treated_by, ("indication",)),
    ("insomnia", lambda c: c.treated_by(approval="labelled"), ()),
    ("insomnia", kg.ConditionView.caused_by, ()),
    ("insomnia", kg.ConditionView.caused_by_stopping, ("withdrawal_effect",)),
    ("seizure", kg.ConditionView.caused_by, ("adverse_effect",)),
    ("seizure", lambda c: c.caused_by(min_frequency="very_common"), ("adverse_effect",)),
    ("liver disease", kg.ConditionView.treated_by, ()),
    ("liver disease", kg.ConditionView.contraindicated, ("contraindication",)),
    ("liver disease", kg.ConditionView.needing_care, ("contraindication",)),
    ("liver disease", kg.ConditionView.facts, ("contraindication", "indication")),
    ("liver disease", lambda c: c.facts("indication", "denied"), ("indication",)),
    ("cirrhosis", kg.ConditionView.needing_care, ()),
    ("cirrhosis", lambda c: c.needing_care(broader=True), ("contraindication",)),
    ("seizure", lambda c: c.needing_care("monitor"), ("caution",)),
    ("seizure", lambda c: c.needing_care("caution"), ()),
    ("drowsiness", kg.ConditionView.needing_care, ()),
    ("slow as a tortoise", lambda c: c.facts(broader=True), ("pharmacokinetics",)),
    ("driving", kg.ConditionView.needing_care, ("caution",)),
)


@pytest.mark.parametrize(("name", "view", "kinds"), CONDITIONS)
def test_what_is_said_of_a_condition(
    graph: kg.Graph, name: str, view: Callable[[kg.ConditionView], kg.Facts], kinds: tuple[str, ...]
) -> None:
    found = view(graph.condition(name))
    assert tuple(sorted(fact.kind for fact in found)) == kinds
    assert all((found.through(fact) is not None) == (fact.object.label != name) for fact in found)


def test_views_print_short(graph: kg.Graph) -> None:
    views = (graph.drug("Klonopin"), graph.drug_class("opioids"), graph.condition("insomnia"), graph.document("a.txt"))
    assert list(map(repr, views)) == [
        "<DrugView of clonazepam>",
        "<ClassView of opioid>",
        "<ConditionView of insomnia>",
        "<DocumentView of a.txt>",
    ]


def test_what_a_document_says_in_its_order(graph: kg.Graph) -> None:
    view = graph.document("b.txt")
    assert (view.name, view.title) == ("b.txt", "A page of our own")
    assert view.facts() == graph.facts()
    assert [fact.object.label for fact in view.facts("brand_name")] == ["Klonopin"]
    statements = view.statements()
    assert [statement.kind for statement in statements] == [kind for kind, *_ in made.ONE_OF_EACH]
    assert {statement.evidence.document for statement in statements} == {"b.txt"}


def test_facts_are_chosen_by_kind_subject_document_and_polarity(graph: kg.Graph) -> None:
    assert len(graph.facts()) == len(made.ONE_OF_EACH)
    assert len(graph.facts("caution", "Klonopin")) == 3
    assert graph.facts(document="c.txt") == ()
    assert len(graph.facts("caution", document="b.txt")) == 3
    assert graph.facts("caution", document="b.txt", polarity="denied") == ()
    assert len(graph.facts(polarity="denied")) == 1
    with pytest.raises(UnknownNameError, match="no such polarity"):
        graph.facts(polarity="perhaps")
    with pytest.raises(KgError, match="no such kind"):
        graph.facts("rumour")


def test_what_a_document_says_is_found_without_named_graphs_too(graph: kg.Graph, tmp_path: Path) -> None:
    graph.export(tmp_path / "plain.ttl")
    plain = kg.open(tmp_path / "plain.ttl")
    assert [fact.iri for fact in plain.facts(document="a.txt")] == [fact.iri for fact in graph.facts(document="a.txt")]
    assert plain.facts(document="c.txt") == ()


def test_a_fact_is_found_by_its_name(graph: kg.Graph) -> None:
    fact = graph.facts("contraindication")[0]
    assert graph.fact(fact.iri) == fact
    with pytest.raises(GraphError, match="is no fact"):
        graph.fact(fact.iri + "0")


def test_documents_drugs_and_types(graph: kg.Graph) -> None:
    assert [document.name for document in graph.documents] == list(NAMES)
    assert [drug.label for drug in graph.drugs()] == ["clonazepam"]
    assert graph.types(made.entity_of("clonazepam")) == ("Drug",)
    assert graph.types(Entity("slow as a tortoise")) == ("UnlistedTerm",)


def test_a_query_is_run_as_text(graph: kg.Graph) -> None:
    rows = graph.query("SELECT ?label WHERE { ?f a drugs:Contraindication ; drugs:object/skos:prefLabel ?label }")
    assert rows.to_dicts() == [{"label": "liver disease"}]


def test_a_graph_is_built_in_memory_with_its_quotes(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Sertraline\n\nSertraline is used to treat panic disorder.\n")
    graph = kg.build(tmp_path)
    (fact,) = graph.drug("sertraline").indications()
    assert fact.evidence[0].quote == "Sertraline is used to treat panic disorder."
    assert kg.build([str(tmp_path / "note.txt")]).facts() == graph.facts()


# Quotes ---------------------------------------------------------------------------------------------------------------


def test_quotes_are_slices_of_the_texts_at_hand(graph: kg.Graph) -> None:
    texts = {name: made.page(name)[0].text for name in NAMES}
    for fact in graph.facts():
        for item in fact.evidence:
            assert item.quote == item.span.of(texts[item.document])
            assert item.heading_text == "A page of our own"


def test_without_texts_there_is_no_quote_and_the_reason_is_told(folder: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    facts = kg.open(folder).facts()
    building.write_facts(Build(facts, tuple(made.page(name)[0] for name in NAMES)), bare, with_texts=False)
    graph = kg.open(bare)
    item = graph.facts()[0].evidence[0]
    assert item.quote is None
    assert item.object_text
    assert graph.texts.show(item).state == evidence.ABSENT


CHANGES: tuple[tuple[str, Callable[[str], bytes], str], ...] = (
    ("the same", lambda text: text.encode(), evidence.CHECKED),
    ("one letter", lambda text: text.replace("tells", "tellz", 1).encode(), evidence.CHANGED),
    ("line ends", lambda text: text.replace("\n", "\r\n").encode(), evidence.CHANGED),
    ("not text", lambda _: b"\xff\xfe\x00", evidence.UNREADABLE),
)


@pytest.mark.parametrize(("change", "state"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
@pytest.mark.parametrize("way", ["argument", "variable"])
def test_a_text_must_be_the_one_that_was_read(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[str], bytes],
    state: str,
    way: str,
) -> None:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "a.txt").write_bytes(change(made.page("a.txt")[0].text))
    if way == "variable":
        monkeypatch.setenv(evidence.VARIABLE, str(tmp_path))
    graph = kg.open(folder, documents=tmp_path if way == "argument" else None)
    item = graph.facts(document="a.txt")[0].evidence[0]
    shown = graph.texts.show(item)
    assert shown.state == state
    assert (shown.evidence.quote is not None) == (state == evidence.CHECKED)
    other = next(e for e in graph.facts()[0].evidence if e.document == "b.txt")
    assert graph.texts.show(other).state == evidence.ABSENT


def test_a_folder_of_documents_must_exist(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(GraphError, match="no such folder of documents"):
        kg.open(folder, documents=tmp_path / "nowhere")


def test_a_quote_must_fit_its_hash_its_object_and_its_text(graph: kg.Graph) -> None:
    item = graph.facts()[0].evidence[0]
    for unfit in (
        replace(item, quote_sha256="0" * 64),
        replace(item, span=type(item.span)(item.span.start, 99_999)),
        replace(item, span=type(item.span)(item.span.start + 1, item.span.end)),
        replace(item, object_span=type(item.span)(0, 5)),
        replace(item, object_text="something else"),
    ):
        shown = graph.texts.show(unfit)
        assert (shown.state, shown.evidence.quote) == (evidence.UNFIT, None)


def test_building_from_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="holds no document"):
        kg.build(tmp_path)


@pytest.mark.parametrize(
    ("said", "summary"),
    [
        (
            [("caution", "liver disease", {"level": "avoid", "severity": "severe"}, "affirmed")],
            "Not stated in the one document that speaks of clonazepam. Said less strictly: avoid: liver disease"
            " (severity: severe) (see what warrants caution with clonazepam).",
        ),
        (
            [("caution", "driving", {"level": "monitor"}, "affirmed"),
             ("caution", "seizure", {"level": "avoid"}, "denied")],
            "Not stated in the one document that speaks of clonazepam.",
        ),
        (
            [("contraindication", "seizure", {}, "affirmed"), ("caution", "driving", {"level": "avoid"}, "affirmed")],
            "Stated in the one document that speaks of clonazepam.",
        ),
    ],
)  # fmt: skip
def test_where_nothing_is_contraindicated_what_is_said_less_strictly_is_named(
    tmp_path: Path, said: list[made.Said], summary: str
) -> None:
    page, statements = made.page(said=said)
    building.write_facts(Build(tuple(assembly.assemble(statements)), (page,)), tmp_path / "my.kg", with_texts=True)
    assert kg.open(tmp_path / "my.kg").ask("Who should not take clonazepam?").summary == summary
