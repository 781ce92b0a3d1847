"""Text that has lost its lines: what is found inside, and what must not be taken for a heading or an item."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import OntologyError
from kg.extraction import extractor, sections
from kg.reading import flattened, layout, make_document, run_in
from kg.records import Product, Section, Span

H, P, I = "heading", "paragraph", "item"  # noqa: E741


def parts(text: str, above: str = "", names: tuple[str, ...] = ()) -> list[tuple[str, int, str]]:
    """Kind, level and words of each piece."""
    known = sections.SectionTable(extractor().tables)
    found = flattened.pieces(text, Span(0, len(text)), above, names, known.is_sentence)
    return [(piece.kind, piece.level, piece.span.of(text)) for piece in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "5 WARNINGS AND PRECAUTIONS 5.1 Liver Failure The liver may fail. 5.2 Use in Older Adults "
            "Zyqorvel tires them.",
            [
                (H, 1, "WARNINGS AND PRECAUTIONS"),
                (H, 2, "Liver Failure"),
                (P, 0, "The liver may fail."),
                (H, 2, "Use in Older Adults"),
                (P, 0, "Zyqorvel tires them."),
            ],
        ),
        (
            "5. WARNINGS & PRECAUTIONS 5.1. Liver Failure Stop at once. 5.1.1 In Children "
            "Watch them. 5.1.2 In Sheep Go away.",
            [
                (H, 1, "WARNINGS & PRECAUTIONS"),
                (H, 2, "Liver Failure"),
                (P, 0, "Stop at once."),
                (H, 3, "In Children"),
                (P, 0, "Watch them."),
                (H, 3, "In Sheep"),
                (P, 0, "Go away."),
            ],
        ),
        (
            "5 WARNINGS AND PRECAUTIONS Take care with driving, as told in 5.9 Grams of flour. "
            "5.1 Sleep Concomitant CYP1A2 blockers tire.",
            [
                (H, 1, "WARNINGS AND PRECAUTIONS"),
                (P, 0, "Take care with driving, as told in 5.9 Grams of flour."),
                (H, 2, "Sleep"),
                (P, 0, "Concomitant CYP1A2 blockers tire."),
            ],
        ),
        (
            "WARNINGS FALLS AND BROKEN BONES Old bones break. PRECAUTIONS General "
            "Patients should sit. DO NOT SHAKE. The end is near.",
            [
                (H, 2, "WARNINGS FALLS AND BROKEN BONES"),
                (P, 0, "Old bones break."),
                (H, 2, "PRECAUTIONS"),
                (P, 0, "General Patients should sit. DO NOT SHAKE. The end is near."),
            ],
        ),
        (
            "Nothing is known of it. Kidney Disease In those with a weak kidney halve the dose. "
            "Pregnancy Zyqorvel sodium harms.",
            [
                (P, 0, "Nothing is known of it."),
                (H, 3, "Kidney Disease"),
                (P, 0, "In those with a weak kidney halve the dose."),
                (H, 3, "Pregnancy"),
                (P, 0, "Zyqorvel sodium harms."),
            ],
        ),
        (
            "PRECAUTIONS General advice is rare. Nursing Mothers Milk may hold it. "
            "Pediatric Use Safety is unknown in sheep.",
            [
                (H, 2, "PRECAUTIONS"),
                (P, 0, "General advice is rare."),
                (H, 3, "Nursing Mothers"),
                (P, 0, "Milk may hold it."),
                (H, 3, "Pediatric Use"),
                (P, 0, "Safety is unknown in sheep."),
            ],
        ),
        (  # rows of a table, each behind the examples of the one before it
            "7 INTERACTIONS Table 1: Interactions with Zyqorvel Strong Glues Clinical Impact: They stick. "
            "Intervention: Avoid glue. Examples: paste, putty Weak Glues (such as gums) Clinical Impact "
            "They may stick. Intervention Watch it.",
            [
                (H, 1, "INTERACTIONS"),
                (P, 0, "Table 1: Interactions with Zyqorvel"),
                (
                    P,
                    0,
                    "Strong Glues Clinical Impact: They stick. Intervention: Avoid glue. Examples: paste, putty",
                ),
                (P, 0, "Weak Glues (such as gums) Clinical Impact They may stick. Intervention Watch it."),
            ],
        ),
        (  # verbs that begin a sentence are no titles
            "PRECAUTIONS General advice is rare. Increase Zyqorvel slowly. Swallow Zyqorvel whole.",
            [
                (H, 2, "PRECAUTIONS"),
                (P, 0, "General advice is rare. Increase Zyqorvel slowly. Swallow Zyqorvel whole."),
            ],
        ),
        (
            "Do not use with glue Ask a doctor before use if you have blue knees or tall ears "
            "Keep out of reach of foxes.",
            [
                (P, 0, "Do not use with glue"),
                (P, 0, "Ask a doctor before use if you have blue knees or tall ears"),
                (P, 0, "Keep out of reach of foxes."),
            ],
        ),
        (
            "Many fell ill. Drug Habit Strong habit forming was seen. Working at Heights "
            "Patients should rest their hands.",
            [
                (P, 0, "Many fell ill."),
                (H, 3, "Drug Habit"),
                (P, 0, "Strong habit forming was seen."),
                (H, 3, "Working at Heights"),
                (P, 0, "Patients should rest their hands."),
            ],
        ),
        (
            "It must not be given to those with • gout • a weak heart (see Warnings) ○ asthma. "
            "Others may take it. They do.",
            [
                (P, 0, "It must not be given to those with"),
                (I, 0, "gout"),
                (I, 0, "a weak heart (see Warnings)"),
                (I, 0, "asthma."),
                (P, 0, "Others may take it. They do."),
            ],
        ),
        (
            "Zyqorvel must not be used in those with: Gout [see Joints (5.1)] Weak heart "
            "Crohn’s disease of the gut Zyqorvel is safe for all others.",
            [
                (P, 0, "Zyqorvel must not be used in those with:"),
                (I, 0, "Gout [see Joints (5.1)]"),
                (I, 0, "Weak heart Crohn’s disease of the gut"),
                (P, 0, "Zyqorvel is safe for all others."),
            ],
        ),
        (
            "Zyqorvel is used in patients with: gout [see Uses (1)] a weak heart ( 4.1 ) asthma. Take it at noon.",
            [
                (P, 0, "Zyqorvel is used in patients with:"),
                (I, 0, "gout [see Uses (1)]"),
                (I, 0, "a weak heart ( 4.1 )"),
                (I, 0, "asthma."),
                (P, 0, "Take it at noon."),
            ],
        ),
        (
            "Falls: may occur in the old. ( 5.1 ) Sleep: may be short ( 5.2 ) Gout: pain at night Do not use it.",
            [
                (P, 0, "Falls: may occur in the old. ( 5.1 )"),
                (P, 0, "Sleep: may be short ( 5.2 )"),
                (P, 0, "Gout: pain at night"),
                (P, 0, "Do not use it."),
            ],
        ),
    ],
)
def test_found(text: str, found: list[tuple[str, int, str]]) -> None:
    above = "Warnings and precautions" if text.startswith("5") else ""
    assert parts(text, above, ("Zyqorvel sodium",)) == found


@pytest.mark.parametrize(
    "text",
    [
        "Avoid it in those with gout [see Warnings and Precautions (5.1)] and in sheep, as said before in this text.",
        "The usual dose of 2.5 Mg may be doubled after a week, and then a dose of 2.6 Mg may be doubled as well.",
        "The dose is shown in Table 2.1 Adults and Children and in Section 2.2 Older Adults of this very sheet.",
        "Hypersensitivity reactions such as Stevens-Johnson syndrome have occurred. Vitamin A was given in phase I.",
        "Berotrin Hydrochloride is indicated for gout. Torsades de Pointes have occurred. ZYQORVEL Tablets are white.",
        "It was said before. Elderly Patients should rest. Zinc Oxide Cream soothes. Benzyl Alcohol has an odour.",
        "HIV-1 Infection must be ruled out. AUC Values rise. NSAIDs and SSRIs may raise the risk of bleeding.",
        "Take care (with In brackets The words do not count. Kidney Disease In brackets is none) and so it goes on.",
    ],
)
def test_refused(text: str) -> None:
    assert parts(text, "", ("Zyqorvel",)) == [(P, 0, text)]


def test_short_text_is_left_alone() -> None:
    assert parts("5.1 Liver The liver may fail.") == [(P, 0, "5.1 Liver The liver may fail.")]


TEXT = (
    "# Zyqorvel\n\n## Contraindications\n\n4 CONTRAINDICATIONS Do not use it in those with • gout • asthma "
    "4.1 Children It harms them.\n\n## Warnings\n\nCare is needed.\n"
)


def test_passages_stand_under_the_headings_that_were_found() -> None:
    kinds = frozenset({"contraindications"})
    start = TEXT.index("Contra")
    document = make_document(
        "a", TEXT, "marked", product=Product(("Zyqorvel",)), sections=[Section(Span(start, start + 17), kinds)]
    )
    found = {
        passage.span.of(TEXT): ([heading.text for heading in passage.headings], passage.lead and passage.lead.of(TEXT))
        for passage in layout.passages(document, sections.SectionTable(extractor().tables))
        if not passage.is_heading
    }
    above = ["Zyqorvel", "Contraindications", "CONTRAINDICATIONS"]
    assert found == {
        "Do not use it in those with": (above, None),
        "gout": ([*above, "Do not use it in those with"], "Do not use it in those with"),
        "asthma": ([*above, "Do not use it in those with"], "Do not use it in those with"),
        "It harms them.": ([*above, "Children"], None),
        "Care is needed.": (["Zyqorvel", "Warnings"], None),
    }


def test_a_heading_of_marks_alone_is_none() -> None:
    document = make_document("a", "# Zyqorvel\n\nQ: *\n\nIt is safe.\n", "markdown")
    found = layout.passages(document, sections.SectionTable(extractor().tables))
    assert [passage.span.of(document.text) for passage in found] == ["Zyqorvel", "It is safe."]


def test_below_a_coded_heading_only_a_labels_own_headings_count() -> None:
    below = sections.SectionTable(extractor().tables).below()
    assert below.sections("Nursing Mothers:") == {"pregnancy"}
    assert below.sections("Bleeding risk in mothers") == frozenset()


WORDS = """
5 5.1 5.2 5.1.1 WARNINGS Liver Failure The the In of is may • o A – : with: Gout gout gout. ( ) [see (5.1)] Zyqorvel
ZYQORVEL ® mg Table x
"""


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS.split()), max_size=60), st.sampled_from(["", "Warnings", "5 Liver"]))
def test_pieces_are_slices_in_order_and_lose_no_word(words: list[str], above: str) -> None:
    text = " ".join(words)
    found = flattened.pieces(text, Span(0, len(text)), above, ("Zyqorvel",))
    place = 0
    left_out = []
    for piece in found:
        assert place <= piece.span.start <= piece.span.end <= len(text)
        left_out.append(text[place : piece.span.start])
        place = piece.span.end
    left_out.append(text[place:])
    assert not set("".join(left_out)) & set("WarningsLvFTGteZyqQ[]")  # numbers, bullets, dashes and colons only


def test_the_table_of_words_is_of_its_form(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = run_in.words()
    assert all(word.islower() for word in known.small | known.pointers | known.units)
    assert all(word[0].isupper() for word in known.starts | known.maybe | known.names)
    assert known.starts.isdisjoint(known.maybe)
    folder = tmp_path_factory.mktemp("ontology")
    monkeypatch.setattr("kg.resources.folder", lambda _: folder)
    run_in.words.cache_clear()
    with pytest.raises(OntologyError, match="not a table of words"):
        run_in.words()
    run_in.words.cache_clear()
