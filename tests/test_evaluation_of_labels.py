"""`kg evaluate` on gold of drug labels: figures worked out by hand, gold and texts that do not belong together."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kg import cli, evaluation, reading
from kg.errors import DocumentError
from kg.evaluation import labels
from kg.reading import make_document
from kg.records import Document
from tests import written

SECTIONS: dict[str, str] = {
    "contraindications": "Do not give it in severe liver disease or in glaucoma.",
    "warnings": "Take care in kidney disease and in older adults. Avoid it in heart failure.",
    "drug_interactions": "Watch the effect of warfarin and alcohol. Digoxin does not matter.",
    "indications_and_usage": "It treats gout and heart failure.",
}
OPENFDA = {"generic_name": ["SERTRALINE"], "brand_name": ["Zoloft"]}
LABEL = {"set_id": "s-1", "openfda": OPENFDA, **{name: [text] for name, text in SECTIONS.items()}}
OTHERS = {"set_id": "s-2", "openfda": OPENFDA, "warnings": "Take care in asthma."}

Object = tuple[str, str | None, str, str, str]
"""Kind, level, polarity, section, words."""

FOUND: tuple[tuple[Object, bool], ...] = (
    (("contraindication", None, "affirmed", "contraindications", "severe liver disease"), False),
    (("contraindication", None, "affirmed", "contraindications", "glaucoma"), True),
    (("caution", "caution", "affirmed", "warnings", "kidney disease"), False),
    (("caution", "monitor", "affirmed", "warnings", "older adults"), False),
    (("caution", "avoid", "affirmed", "warnings", "heart failure"), True),
    (("interaction", "monitor", "affirmed", "drug_interactions", "warfarin"), False),
    (("interaction", None, "affirmed", "drug_interactions", "alcohol"), False),
    (("interaction", None, "denied", "drug_interactions", "Digoxin"), False),
)


def gold_line(found: Object, doubtful: bool = False, set_id: str = "s-1") -> dict[str, Any]:
    """A line of gold: where the words stand in their section."""
    kind, level, polarity, section, words = found
    text = SECTIONS[section]
    return {
        "set_id": set_id,
        "section": section,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "kind": kind,
        "level": level,
        "polarity": polarity,
        "start": text.index(words),
        "end": text.index(words) + len(words),
        "doubtful": doubtful,
    }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with labels and gold on them."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    Path("labels").mkdir()
    Path("labels", "one.json").write_text(json.dumps({"results": [OTHERS, LABEL]}), "utf-8")
    Path("gold.jsonl").write_text(written.lines(gold_line(*found) for found in FOUND), "utf-8")
    return tmp_path


def text_of_label() -> str:
    """The text of the label's document, as the reader makes it."""
    (document,) = (
        d for d in reading.read(Path("labels", "one.json")) if not isinstance(d, DocumentError) and "s-1" in d.name
    )
    assert isinstance(document, Document)
    return document.text


def on_label(found: Object) -> dict[str, Any]:
    """A statement that says what a line of gold says; the words may be any of its section."""
    kind, level, polarity, section, words = found
    text = text_of_label()
    place = text.index(words, text.index(SECTIONS[section]))
    more = {"object": {"start": place, "end": place + len(words)}, "qualifiers": {"level": level} if level else {}}
    return written.statement("one.json#s-1", text, SECTIONS[section]) | {"kind": kind, "polarity": polarity} | more


class LabelCase(NamedTuple):
    """What is said, and of one kind: predicted, right, gold, found, levels measured, levels right."""

    name: str
    said: tuple[Object, ...]
    kind: str
    figures: tuple[int, int, int, int]
    levels: tuple[int, int] = (0, 0)


LABELS = (
    LabelCase("nothing", (), "caution", (0, 0, 2, 0)),
    LabelCase("all that is sure", tuple(f for f, doubtful in FOUND if not doubtful), "caution", (2, 2, 2, 2), (2, 2)),
    LabelCase(
        "all that is sure", tuple(f for f, doubtful in FOUND if not doubtful), "interaction", (3, 3, 3, 3), (1, 1)
    ),
    LabelCase("fewer words", ((*FOUND[0][0][:4], "liver disease"),), "contraindication", (1, 1, 1, 1)),
    LabelCase("more words", ((*FOUND[2][0][:4], "care in kidney disease"),), "caution", (1, 1, 2, 1), (1, 1)),
    LabelCase("doubtful", (FOUND[1][0], FOUND[4][0]), "contraindication", (0, 0, 1, 0)),
    LabelCase("doubtful", (FOUND[1][0], FOUND[4][0]), "caution", (0, 0, 2, 0)),
    LabelCase("another kind", (("caution", "avoid", *FOUND[0][0][2:]),), "caution", (1, 0, 2, 0)),
    LabelCase("another kind", (("caution", "avoid", *FOUND[0][0][2:]),), "contraindication", (0, 0, 1, 0)),
    LabelCase("the other polarity", ((*FOUND[7][0][:2], "affirmed", *FOUND[7][0][3:]),), "interaction", (1, 0, 3, 0)),
    LabelCase("another level", (("caution", "avoid", *FOUND[2][0][2:]),), "caution", (1, 1, 2, 1), (1, 0)),
    LabelCase(
        "the same words with two levels",
        (FOUND[2][0], ("caution", "avoid", *FOUND[2][0][2:])),
        "caution",
        (1, 1, 2, 1),
        (2, 1),
    ),
    LabelCase("a level too few", (("interaction", None, *FOUND[5][0][2:]),), "interaction", (1, 1, 3, 1), (1, 0)),
    LabelCase("a level too much", (("interaction", "avoid", *FOUND[6][0][2:]),), "interaction", (1, 1, 3, 1)),
    LabelCase(
        "one wording that meets two lines",
        (("caution", "monitor", "affirmed", "warnings", "kidney disease and in older adults"),),
        "caution",
        (1, 1, 2, 2),
        (1, 1),
    ),
    LabelCase("invented", (("caution", "caution", "affirmed", "warnings", "Take"),), "caution", (1, 0, 2, 0)),
    LabelCase(
        "in a section that nobody annotated",
        (("caution", "caution", "affirmed", "indications_and_usage", "gout"),),
        "caution",
        (0, 0, 2, 0),
    ),
)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("case", LABELS, ids=[f"{case.name}: {case.kind}" for case in LABELS])
def test_labels(case: LabelCase, capsys: pytest.CaptureFixture[str]) -> None:
    Path("said.jsonl").write_text(written.lines(map(on_label, case.said)), "utf-8")
    code = cli.main(["evaluate", "gold.jsonl", "said.jsonl", "--labels", "labels", "--format", "json"])
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    score = json.loads(out)
    part = score["kinds"][case.kind]
    assert (part["predicted"], part["right"], part["gold"], part["found"]) == case.figures
    assert (part["levels"], part["levels_right"]) == case.levels
    assert (score["documents"], score["broken"], score["all"]["gold"]) == (1, 0, 6)


@pytest.mark.usefixtures("folder")
def test_labels_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    told = [on_label(FOUND[0][0]), on_label(FOUND[2][0]), on_label(("interaction", None, *FOUND[5][0][2:]))]
    broken = on_label(FOUND[3][0]) | {"quote": "something else"}
    elsewhere = on_label(FOUND[2][0]) | {"document": "one.json#s-2"}
    Path("said.jsonl").write_text(written.lines([*told, broken, elsewhere]), "utf-8")
    code = cli.main(["evaluate", "gold.jsonl", "said.jsonl", "--labels", "labels", "--errors", "1"])
    out, err = capsys.readouterr()
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "gold.jsonl: 1 label, 3 statements in annotated sections, 1 with broken offsets",
        "kind              precision  recall  F1     predicted  gold  level right",
        "────────────────  ─────────  ──────  ─────  ─────────  ────  ───────────",
        "caution           0.500      0.500   0.500  2          2     1.000 (1/1)",
        "contraindication  1.000      1.000   1.000  1          1",
        "interaction       1.000      0.333   0.500  1          3     0.000 (0/1)",
        "all               0.750      0.500   0.600  4          6     0.500 (1/2)",
        "caution missed: older adults (1)",
        "caution invented: broken 1 (1)",
        "contraindication missed: ",
        "contraindication invented: ",
        "interaction missed: alcohol (1)",
        "interaction invented: ",
    ]
    assert cli.main(["evaluate", "gold.jsonl", "said.jsonl", "--labels", "labels", "--kind", "interaction"]) == 0
    assert "caution" not in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_labels_are_read_where_no_statements_are_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    score = evaluation.evaluate(Path("gold.jsonl"), labels=Path("labels"))
    assert isinstance(score, labels.Score)
    assert (score.documents, score.broken, score.left_out) == (1, 0, ())
    assert score.statements > 0

    Path("labels", "one.json").write_text(json.dumps({"results": [OTHERS, LABEL, {"set_id": "s-3"}]}), "utf-8")
    with Path("gold.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(written.lines([gold_line(FOUND[0][0], set_id="s-4")]))
    Path("labels", "two.json").write_text(json.dumps({"results": [LABEL | {"set_id": "s-4"}]}), "utf-8")
    assert cli.main(["evaluate", "gold.jsonl", "--labels", "labels"]) == 0, "errors of other labels are not ours"

    Path("said.jsonl").write_text("", "utf-8")
    monkeypatch.delitem(reading.READERS, ".json")
    for statements, codes in (((), 2), (("said.jsonl",), 2)):
        capsys.readouterr()
        assert cli.main(["evaluate", "gold.jsonl", *statements, "--labels", "labels"]) == codes
        out, err = capsys.readouterr()
        assert "labels/one.json: no reader for .json" in err
        assert "kg: no document can be read, 2 left out" in err
        assert "2 labels, 0 statements" in out


def test_a_section_is_found_wherever_it_is_repeated() -> None:
    label = labels.Label("s-1", Path("one.json"), ("Take care. ",), frozenset())
    document = make_document("one.json#s-1", "# Warnings\n\nTake care.\n\n# Boxed warning\n\nTake care.\n")
    assert [span.of(document.text) for span in labels.places(label, document)] == ["Take care.", "Take care."]
    with pytest.raises(DocumentError, match=r"one\.json#s-1: lacks the section that begins at “Take care\.”; measure"):
        labels.places(label, make_document("one.json#s-1", "Take\ncare."))


ONE = gold_line(FOUND[0][0])
KEYS = "needs set_id section sha256 kind level polarity start end doubtful"
ON_LABELS = "gold.jsonl --labels labels"
BAD = (
    written.Bad(
        "a folder of something else",
        {},
        "labels",
        "labels: no gold: holds no documents/*.txt; name a folder of gold, or a file",
    ),
    written.Bad(
        "unknown kind of labels",
        {},
        f"{ON_LABELS} --kind dosage",
        "--kind: the gold marks no 'dosage'; use caution or contraindication or interaction",
    ),
    written.Bad(
        "texts for gold that has its own",
        {"gold/spans.jsonl": ""},
        "gold --labels labels",
        "gold: this gold has texts of its own; leave --labels out",
    ),
    written.Bad(
        "labels without texts",
        {},
        "gold.jsonl",
        "gold.jsonl: gold on labels needs their texts; name the folder of openFDA files: --labels",
    ),
    written.Bad("no folder of labels", {}, "gold.jsonl --labels no", "no: no such folder of labels; check --labels"),
    written.Bad(
        "a label that is no JSON",
        {"labels/a.json": "{"},
        ON_LABELS,
        "labels/a.json: is not JSON; take it out of the folder of labels",
    ),
    written.Bad("no gold", {"gold.jsonl": ""}, ON_LABELS, "gold.jsonl: holds no line of gold; name a file with gold"),
    written.Bad(
        "a key is missing",
        {"gold.jsonl": '\n{"set_id": "s-1"}'},
        ON_LABELS,
        f"gold.jsonl:2: no line of gold: 'section' is missing; {KEYS}",
    ),
    written.Bad(
        "unknown label",
        {"gold.jsonl": written.lines([ONE, ONE | {"set_id": "s-9"}])},
        ON_LABELS,
        "gold.jsonl:2: no label s-9 in labels; name the folder that holds it",
    ),
    written.Bad(
        "another version of the label",
        {"gold.jsonl": written.lines([ONE, ONE | {"sha256": "00"}])},
        ON_LABELS,
        "gold.jsonl:2: labels/one.json has no contraindications of label s-1 with this SHA-256; "
        "give --labels the version of the labels that was annotated",
    ),
    written.Bad(
        "offsets beyond the section",
        {"gold.jsonl": written.lines([ONE | {"end": 9999}])},
        ON_LABELS,
        f"gold.jsonl:1: no text at {ONE['start']} to 9999; mend the offsets",
    ),
)


@pytest.mark.parametrize("bad", BAD, ids=[bad.name for bad in BAD])
def test_bad_input_is_one_clear_line(bad: written.Bad, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written.refused(bad, folder, capsys)


# The project's own gold ----------------------------------------------------------------------------------------------

ROOT = Path(__file__).resolve().parents[1]
GOLD = sorted((ROOT / "tests" / "gold" / "labels").glob("*.jsonl"))
LABELS_AT_HAND = ROOT.parent / "shared" / "labels"


@pytest.mark.skipif(not LABELS_AT_HAND.is_dir(), reason=f"the labels are not at hand ({LABELS_AT_HAND} is absent)")
def test_our_gold_fits_the_labels_and_no_label_is_in_two_parts() -> None:
    parts = [labels.read(gold, LABELS_AT_HAND) for gold in GOLD]
    ids = [label.set_id for part in parts for label in part]
    assert len(parts) == 2
    assert len(ids) == len(set(ids)) >= 20
    wordings = [wording for part in parts for label in part for wording in label.wordings]
    assert {wording.kind for wording in wordings} == {"caution", "contraindication", "interaction"}
    assert all(wording.words and wording.polarity in ("affirmed", "denied") for wording in wordings)
    assert all(wording.level for wording in wordings if wording.kind == "caution")
