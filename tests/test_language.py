"""The language of a document: others are recognised and left out, English is never taken for another."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from kg import reading
from kg.errors import DocumentError
from kg.reading import language

SHARED = Path(__file__).resolve().parents[2] / "shared"

FOREIGN = tuple(
    (row["language"], row["text"])
    for row in tomllib.loads(Path(__file__).with_name("languages.toml").read_text("utf-8"))["sample"]
)

ENGLISH = (
    "Sertraline is used to treat panic disorder.",
    "Sertraline: 50 mg once daily",
    "Nausea, vomiting, diarrhoea, pruritus, urticaria",
    "Acidum acetylsalicylicum, aqua purificata, Ginkgo biloba, Saccharomyces cerevisiae, in vitro, de novo, per os",
    "Hydroxypropylmethylcellulose 2910, titanium dioxide E171, macrogol 4000, indigo carmine E132",
    "Distributor: Laboratorios de la Salud, Calle de la Paz 7, Madrid. Société des Médicaments, rue de la Gare, Paris.",
    "| Effect | Drug | Placebo |\n| --- | --- | --- |\n| nausea | 12 % | 3 % |\n| insomnia | 4 % | 1 % |",
    "Rx sertraline 50 mg po od, prn.",
    "Aconitum napellus 6X, Arnica montana 30C, Nux vomica 12X, Rhus tox 6C, Avena sativa",
    "12.5 mg 25 mg 50 mg",
    "Note",
    "The name is Хлорид in Russian, 氯化物 in Chinese; the salt is the same and it is read as chloride here.",
)

GERMAN = FOREIGN[0][1]


@pytest.mark.parametrize(("name", "text"), FOREIGN, ids=[f"{name}-{n}" for n, (name, _) in enumerate(FOREIGN)])
def test_other_languages_are_recognised(name: str, text: str) -> None:
    assert language.foreign(text) == name
    assert language.foreign("\n\n".join([text] * 300)) == name  # only samples of it are looked at


@pytest.mark.parametrize("text", ENGLISH, ids=range(len(ENGLISH)))
def test_english_lists_and_names_are_kept(text: str) -> None:
    assert language.foreign(text) is None
    assert language.foreign("\n\n".join([text] * 300)) is None


def test_a_page_that_is_mostly_english_is_kept() -> None:
    english = "Take the tablets with a glass of water. Do not take them if you are allergic to any of the contents. "
    assert language.foreign(english * 2 + GERMAN) is None
    assert language.foreign(GERMAN + " " + english) is None
    assert language.foreign(GERMAN * 6 + " Take the tablets.") == "German"


def test_a_foreign_file_is_left_out_with_the_reason_and_the_others_are_read(tmp_path: Path) -> None:
    for name, text in (("a.txt", GERMAN), ("b.md", "Sertraline is used to treat panic disorder.")):
        (tmp_path / name).write_text(text, "utf-8")
    left_out, read = [document for path in reading.find([tmp_path]) for document in reading.read(path)]
    assert isinstance(left_out, DocumentError)
    assert str(left_out) == f"{tmp_path / 'a.txt'}: is in German; name an English document"
    assert not isinstance(read, DocumentError)
    assert read.name == "b.md"


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the documents are not at hand ({SHARED} is absent)")
def test_no_english_document_at_hand_is_taken_for_another() -> None:
    texts = {path.name: path.read_text("utf-8") for path in SHARED.glob("gold/*/documents/*.txt")}
    for path in SHARED.glob("labels/*.json"):
        for number, label in enumerate(json.loads(path.read_text("utf-8"))["results"]):
            parts = {name: " ".join(value) for name, value in label.items() if isinstance(value, list)}
            texts |= {f"{path.name} {number} {name}": value for name, value in parts.items()}
    assert len(texts) > 1_000
    assert [(name, found) for name, text in texts.items() if (found := language.foreign(text))] == []
