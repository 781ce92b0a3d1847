"""Comparing documents, drugs and builds: what all say, what some say, where they differ, in Python and as a command."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from kg.agreement import compare
from kg.cli import main
from kg.errors import UnknownNameError
from tests.made import Said
from tests.test_agreement import graph_of, said

PAGES = {
    "a.md": [
        "caution | pregnancy | level=avoid",
        "caution | asthma | level=caution",
        "adverse_effect | dizziness | frequency=common",
        "adverse_effect | drowsiness",
        "interaction | alcohol | level=avoid",
        "indication | insomnia",
    ],
    "b.md": [
        "contraindication | pregnancy",
        "caution | asthma | level=caution",
        "adverse_effect | dizziness",
        "!adverse_effect | drowsiness",
        "interaction | alcohol | level=avoid",
        "dosage | insomnia | dose=2 mg",
    ],
    "c.md": ["caution | asthma | level=caution", "interaction | alcohol | level=avoid"],
}
EXPECTED = {
    ("care", "pregnancy"): ("differs", ("level",)),
    ("adverse_effect", "drowsiness"): ("differs", ("polarity",)),
    ("adverse_effect", "dizziness"): ("in part", ()),
    ("care", "asthma"): ("same", ()),
    ("interaction", "alcohol"): ("same", ()),
    ("indication", "insomnia"): ("only", ()),
    ("dosage", "insomnia"): ("only", ()),
}
BUILDS = {
    "old": "# Klonopin\n\nClonazepam may cause dizziness. Avoid clonazepam in severe liver disease.\n",
    "new": "# Klonopin\n\nClonazepam may cause dizziness. Clonazepam may cause drowsiness.\n",
}


def pages(*names: str) -> dict[str, list[Said]]:
    """Write some of the pages."""
    return {name: [said(text) for text in PAGES[name]] for name in names}


def test_two_documents() -> None:
    got = graph_of(pages("a.md", "b.md")).compare("a.md", "b.md")
    assert {(i.kind, i.object.label): (i.state, i.differences) for i in got.found} == EXPECTED
    assert [i.state for i in got.found] == sorted((i.state for i in got.found), key=compare.STATES.index)
    assert [len(got.of(state)) for state in compare.STATES] == [2, 1, 2, 0, 2]
    (pregnancy,) = [i for i in got.of("differs") if i.kind == "care"]
    assert [one.value if one else None for one in pregnancy.sides] == ["avoid", "contraindicated"]
    assert all(f.evidence[0].quote for i in got.found for one in i.sides if one for f in one.facts)
    assert got.summary.startswith("a.md and b.md: they differ on 2, agree in part on 1, say the same of 2, only one")
    assert got.summary.endswith("what one does not mention is not stated there.")


def test_comparing_is_symmetric() -> None:
    graph = graph_of(pages("a.md", "b.md"))
    one, other = graph.compare("a.md", "b.md"), graph.compare("b.md", "a.md")
    turned = {(i.kind, i.object): (i.state, i.differences, i.sides[::-1]) for i in other.found}
    assert {(i.kind, i.object): (i.state, i.differences, i.sides) for i in one.found} == turned


def test_three_documents() -> None:
    got = graph_of(pages("a.md", "b.md", "c.md")).compare("a.md", "b.md", "c.md")
    states = {(i.kind, i.object.label): i.state for i in got.found}
    assert states["care", "asthma"] == states["interaction", "alcohol"] == "same"
    assert states["care", "pregnancy"] == "differs"
    assert states["adverse_effect", "dizziness"] == "some"


def test_drugs_are_compared_whatever_they_are_called(tmp_path: Path) -> None:
    text = "# Page\n\nClonazepam may cause dizziness. Diazepam may cause dizziness. Diazepam may cause drowsiness.\n"
    (tmp_path / "page.md").write_text(text)
    import kg

    got = kg.build(tmp_path).compare("Klonopin", "diazepam")
    assert (got.what, got.names) == ("drugs", ("clonazepam", "diazepam"))
    states = {i.object.label: i.state for i in got.found if i.kind == "adverse_effect"}
    assert states == {"dizziness": "same", "drowsiness": "only"}
    assert all(i.subject is None for i in got.found)


def test_what_is_cut_says_so() -> None:
    got = graph_of(pages("a.md", "b.md")).compare("a.md", "b.md", limit=3)
    assert (len(got.found), got.total, got.truncated) == (3, 7, True)
    assert "3 of 7 are shown" in got.summary
    columns, rows, facts = got.rows()
    assert columns == ("state", "kind", "drug", "object", "a.md", "b.md", "differences")
    assert [len(row) for row in rows] == [len(columns)] * 3
    assert len(facts) == 3


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("a.md",), "1 cannot be compared; name two to 5"),
        (("a.md", "a.md"), "a.md: is the same as a.md"),
        (("Klonopin", "clonazepam"), "clonazepam: is the same as Klonopin"),
        (("a.md", "nothing.md"), "a.md: no drug of that name is known"),
        (tuple("abcdef"), "6 cannot be compared"),
    ],
)
def test_what_cannot_be_compared(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        graph_of(pages("a.md", "b.md")).compare(*names)


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two folders of facts from two versions of a page."""
    folder = tmp_path_factory.mktemp("builds")
    for name, text in BUILDS.items():
        (folder / f"{name}-pages").mkdir()
        (folder / f"{name}-pages" / "page.md").write_text(text)
        assert main(["build", str(folder / f"{name}-pages"), "--out", str(folder / name), "--quiet"]) == 0
    return {name: folder / name for name in BUILDS}


def test_builds_are_compared_by_their_paths(builds: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["compare", str(builds["old"]), str(builds["new"]), "--format", "json"]) == 0
    got = json.loads(capsys.readouterr().out)
    states = {(row["kind"], row["object"]): row["state"] for row in got["rows"]}
    assert states["adverse_effect", "dizziness"] == "same"
    assert states["care", "liver disease"] == states["adverse_effect", "drowsiness"] == "only"
    assert all(row["evidence"] for row in got["rows"])
    assert not got["truncated"]


@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize(
    "command", [["contradictions", "Klonopin"], ["contradictions"], ["contradictions", "--about", "liver disease"]]
)
def test_contradictions_are_printed(command: list[str], form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--format", form]) == 0
    out = capsys.readouterr().out
    if form == "json":
        said_ = json.loads(out)
        assert {"format", "command", "summary", "truncated", "rows", "notice"} == set(said_)
        assert {row["type"] for row in said_["rows"]} <= {"polarity", "level", "numbers", "scope"}
    elif form == "csv":
        assert {"type", "value", "places"} <= set(next(csv.reader(io.StringIO(out))))
    else:
        assert "independent documents" in out
        assert "not medical advice" in out


def test_commands_say_what_they_cannot_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contradictions", "Klonopin", "--type", "levels"]) == 2
    assert main(["compare", "Klonopin"]) == 2
    assert main(["compare", "Klonopin", "Klonopim"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1].strip() for line in lines] == ["levels", "Klonopin", "Klonopim"]
