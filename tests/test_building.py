# ruff: noqa: S311 - what is chosen at random here guards nothing
"""A built folder: deterministic, summed, replaced at once, built again at the cost of what changed."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

import kg
from kg import building, cli, decisions, derivation, difference, extraction, files
from kg.building import folder as folders
from kg.errors import DocumentError, GraphError
from kg.graph import disk, verification
from kg.graph import manifest as manifests
from kg.records import Derived, Document, Fact, Reading

ROOT = Path(__file__).resolve().parents[1]
OWN = ROOT / "tests" / "documents" / "development"
PAGES = {
    "one.txt": "Metoprolol\n\nDo not use metoprolol in asthma.\nUse with caution in patients with gout.\n",
    "two.txt": "Warfarin\n\nWarfarin may cause nausea. Avoid alcohol. Keep the liquid in the fridge.\n",
    "three.txt": "Sertraline\n\nSertraline is used to treat panic disorder.\nIt may cause headache.\n",
}
SHORTER = "Sertraline\n\nIt may cause headache.\n"


class Watch:
    """Counts what is read and what is taken over."""

    def __init__(self) -> None:
        self.read: list[str] = []
        self.kept = 0
        self.errors: list[DocumentError] = []

    def over(self, results: Iterable[Reading | DocumentError]) -> Iterator[Reading]:
        for result in results:
            if isinstance(result, DocumentError):
                self.errors.append(result)
            else:
                self.read.append(result.document.name)
                yield result

    def unchanged(self) -> None:
        self.kept += 1


def write(place: Path, pages: dict[str, str]) -> Path:
    """Make a folder hold these pages and no others."""
    place.mkdir(exist_ok=True)
    for path in place.iterdir():
        path.unlink()
    for name, text in pages.items():
        (place / name).write_text(text, "utf-8")
    return place


def build(place: Path, target: Path, *, anew: bool = False, decisions: Path | None = None) -> Watch:
    watch = Watch()
    order = building.Order((place,), decisions=decisions, anew=anew)
    assert building.write(order, target, with_texts=True, progress=watch)
    return watch


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder but those of the store, which only saves time."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith("store/")}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("building")
    build(write(place / "pages", PAGES), place / "my.kg")
    return place / "my.kg"


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "my.kg"))


# The manifest --------------------------------------------------------------------------------------------------------


def test_the_manifest_says_what_a_reader_of_others_finds(built: Path) -> None:
    said = json.loads((built / "manifest.json").read_bytes())
    assert said["documents"] == {n: hashlib.sha256(text.encode()).hexdigest() for n, text in PAGES.items()}
    for name, sha256 in said["files"].items():
        assert hashlib.sha256((built / name).read_bytes()).hexdigest() == sha256, name
    sums = {}
    for name, graph in [
        *((f"statements/{page}.ttl", f"https://w3id.org/drug-facts/graph/{page}") for page in PAGES),
        ("documents.ttl", "https://w3id.org/drug-facts/graph/documents"),
        ("derived.ttl", "https://w3id.org/drug-facts/graph/derived"),
        ("dataset.ttl", "https://w3id.org/drug-facts/graph/dataset"),
    ]:
        if not (built / name).is_file():
            continue
        plain = rdflib.Graph().parse(built / name, format="turtle")
        lines = sorted(f"{s.n3()} {p.n3()} {o.n3()} <{graph}> .\n" for s, p, o in plain)
        sums[graph] = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert said["quads"]["graphs"] == sums
    joined = "".join(f"{sha256} {graph}\n" for graph, sha256 in sorted(sums.items()))
    assert said["quads"]["sha256"] == hashlib.sha256(joined.encode()).hexdigest()
    assert set(said["made_with"]) == {"code", "language", "rules", "shapes", "vocabulary"}


def test_the_manifest_is_the_same_wherever_and_in_whatever_order_it_is_made(tmp_path: Path) -> None:
    pages = [str(path) for path in sorted(OWN.iterdir()) if path.suffix != ".jsonl"][:4]
    found = set()
    for number, (seed, locale, zone) in enumerate((("0", "C", "UTC"), ("3", "tr_TR.UTF-8", "Asia/Kathmandu"))):
        given = pages if number else pages[::-1]
        target = tmp_path / f"{number}.kg"
        environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": zone}
        command = [sys.executable, "-m", "kg.cli", "build", *given, "--out", str(target), "--vocabulary", "none", "-q"]
        subprocess.run(command, check=True, env=environment, cwd=ROOT, capture_output=True)
        found.add(tuple(sorted(contents(target).items())))
    assert len(found) == 1


def test_a_build_in_memory_says_the_same(built: Path, tmp_path: Path) -> None:
    graph = kg.build(write(tmp_path / "pages", PAGES))
    on_disk = kg.open(built)
    assert set(graph.store) == set(on_disk.store)
    assert graph.documents == on_disk.documents


# Verification --------------------------------------------------------------------------------------------------------


def test_a_flipped_byte_anywhere_is_found_and_named(folder: Path) -> None:
    random.seed(7)
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size]
    assert len(paths) > 15
    for path in paths:
        before = path.read_bytes()
        content = bytearray(before)
        content[random.randrange(len(content))] ^= 1 << random.randrange(8)
        path.write_bytes(content)
        found = verification.verify(folder)
        assert [damage.place for damage in found.damages] == [path.relative_to(folder).as_posix()]
        path.write_bytes(before)
    assert verification.verify(folder, quads=True).ok


def test_what_is_missing_or_came_later_is_found(folder: Path) -> None:
    (folder / "texts" / "one.txt").unlink()
    (folder / "statements" / "four.txt.ttl").write_text("")
    (folder / "LICENSE").write_text("CC0")
    found = verification.verify(folder)
    assert [(d.place, d.problem) for d in found.damages] == [
        ("statements/four.txt.ttl", "was added later"),
        ("texts/one.txt", "is missing"),
    ]
    assert found.others == ("LICENSE",)


def test_a_store_that_says_something_else_is_found(folder: Path) -> None:
    store = ox.Store(str(folder / "store" / "data"))
    quad = next(
        iter(store.quads_for_pattern(None, None, None, ox.NamedNode("https://w3id.org/drug-facts/graph/one.txt")))
    )
    store.remove(quad)
    store.flush()
    del store
    manifest = manifests.read(folder)
    assert manifest is not None
    disk._stamp_store(folder, manifest, {})
    assert verification.verify(folder).ok
    problems = [damage.problem for damage in verification.verify(folder, quads=True).damages]
    assert problems == ["says something else of https://w3id.org/drug-facts/graph/one.txt than the files"]


def test_nothing_is_verified_without_a_manifest(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "manifest.json").unlink()
    assert cli.main(["verify", str(folder)]) == cli.CANNOT
    assert "has no manifest; name a folder that `kg build --out` wrote" in capsys.readouterr().err
    with pytest.raises(GraphError, match="no such folder"):
        verification.verify(tmp_path / "no.kg")


# Building again ------------------------------------------------------------------------------------------------------


def test_only_what_changed_is_read_again_and_the_bytes_are_those_of_a_clean_build(tmp_path: Path) -> None:
    random.seed(11)
    pages, target = dict(PAGES), tmp_path / "my.kg"
    build(write(tmp_path / "pages", pages), target)
    edits: tuple[tuple[dict[str, str | None], list[str]], ...] = (
        ({"one.txt": pages["one.txt"] + "It may cause hiccups.\n"}, ["one.txt"]),
        ({"four.txt": "Ibuprofen\n\nKeep the liquid in the fridge. It may cause nausea.\n"}, ["four.txt"]),
        ({"two.txt": None}, []),
        (
            {"three.txt": "Sertraline\n\nIt may cause headache.\n", "two.txt": PAGES["two.txt"]},
            ["three.txt", "two.txt"],
        ),
        ({"four.txt": None, "one.txt": PAGES["one.txt"]}, ["one.txt"]),
        ({"copy.txt": PAGES["one.txt"] * 9, "other copy.txt": PAGES["one.txt"] * 9}, ["copy.txt", "other copy.txt"]),
        ({}, []),
    )
    for change, read in edits:
        both: dict[str, str | None] = {**pages, **change}
        pages = {name: text for name, text in both.items() if text is not None}
        watch = build(write(tmp_path / "pages", pages), target)
        assert sorted(watch.read) == read
        assert watch.kept == len(pages) - len(read)
        build(tmp_path / "pages", tmp_path / "clean.kg", anew=True)
        assert contents(target) == contents(tmp_path / "clean.kg")
        assert set(disk.open_folder(target)) == set(disk.open_folder(tmp_path / "clean.kg"))
        assert verification.verify(target, quads=True).ok
        shutil.rmtree(tmp_path / "clean.kg")


DERIVED_AGAIN: tuple[tuple[str, dict[str, tuple[str, str] | None], set[str], bool], ...] = (
    ("only the text", {"one.txt": ("\n\n", "\n\n\n")}, set(), True),
    ("says more", {"one.txt": ("gout.", "gout. Avoid alcohol.")}, {"metoprolol"}, True),
    ("something else follows", {"one.txt": ("gout.", "gout. It may cause drowsiness.")}, {"metoprolol"}, False),
    ("of a class", {"class.txt": ("drowsiness", "nausea")}, {"benzodiazepine", "alprazolam"}, False),
    ("a member less", {"member.txt": None, "again.txt": None}, set(), False),
    ("of two drugs", {"one.txt": None, "two.txt": ("nausea", "drowsiness")}, {"warfarin"}, False),
    ("less of the same", {"again.txt": None}, {"alprazolam"}, True),
    ("a member is denied", {"again.txt": ("is a", "is not a")}, {"alprazolam"}, False),
)
"""An edit of pages, the subjects that are looked at again for it, and whether the same follows as before."""


@pytest.mark.parametrize(
    ("change", "subjects", "same"), [c[1:] for c in DERIVED_AGAIN], ids=[c[0] for c in DERIVED_AGAIN]
)
def test_only_what_a_change_touches_is_derived_again(
    change: dict[str, tuple[str, str] | None],
    subjects: set[str],
    same: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pages = PAGES | {"class.txt": "Benzodiazepines\n\nBenzodiazepines may cause drowsiness.\n"}
    pages |= dict.fromkeys(("member.txt", "again.txt"), "Alprazolam\n\nAlprazolam is a benzodiazepine.\n")
    target, clean = tmp_path / "my.kg", tmp_path / "clean.kg"
    build(write(tmp_path / "pages", pages), target)
    before = contents(target)
    assert b"drugs:DerivedFact" in before["derived.ttl"]
    follows, looked_at = derivation.follows, list[str]()

    def noting(facts: Sequence[Fact], setting: derivation.Setting) -> list[Derived]:
        looked_at.append(facts[0].subject.label)
        return follows(facts, setting)

    monkeypatch.setattr(derivation, "follows", noting)
    for name, edit in change.items():
        text = pages.pop(name)
        if edit is not None:
            pages[name] = text.replace(*edit)
            assert pages[name] != text
    build(write(tmp_path / "pages", pages), target)
    assert sorted(looked_at) == sorted(subjects)
    build(tmp_path / "pages", clean, anew=True)
    assert contents(target) == contents(clean)
    assert (contents(target).get("derived.ttl") == before["derived.ttl"]) is same
    assert verification.verify(target, quads=True).ok


SENTENCES = (
    "It is a benzodiazepine.",
    "It is not a benzodiazepine.",
    "It is a strong CYP3A4 inhibitor.",
    "It is metabolized by CYP3A4.",
    "It may cause drowsiness.",
    "It does not cause drowsiness.",
    "Do not use it in asthma.",
    "Benzodiazepines may cause respiratory depression.",
    "Benzodiazepines must not be used in sleep apnea.",
)


def test_after_random_edits_the_same_follows_as_from_a_clean_build(tmp_path: Path) -> None:
    chance = random.Random(5)
    target, clean = tmp_path / "my.kg", tmp_path / "clean.kg"
    pages: dict[str, str] = {}
    derived = set()
    for _ in range(6):
        for drug in chance.sample(("Alprazolam", "Lorazepam", "Warfarin", "Benzodiazepines"), 2 if pages else 4):
            pages[f"{drug}.txt"] = f"{drug}\n\n{drug} may cause hiccups. {' '.join(chance.sample(SENTENCES, 4))}\n"
        build(write(tmp_path / "pages", pages), target)
        build(tmp_path / "pages", clean, anew=True)
        assert contents(target) == contents(clean)
        derived.add(contents(target).get("derived.ttl"))
    assert len(derived) > 3


def test_words_of_a_document_stand_below_the_same_concept_in_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document is written anew where another one knows more of its words, without being read again."""
    concept = "https://w3id.org/drug-facts/concept/pain"
    extract = extraction.Extractor.extract

    def knowing(self: extraction.Extractor, document: Document, drug: str | None = None) -> list[kg.Statement]:
        said = extract(self, document, drug)
        if document.name != "four.txt":
            return said
        return [one if one.object.iri else replace(one, object=replace(one.object, broader=concept)) for one in said]

    monkeypatch.setattr(extraction.Extractor, "extract", knowing)
    target = tmp_path / "my.kg"
    build(write(tmp_path / "pages", PAGES), target)
    words = {fact.object for fact in kg.open(target).facts() if fact.object.iri is None}
    assert words and {entity.broader for entity in words} == {None}
    more = PAGES | {"four.txt": PAGES["two.txt"].replace("Warfarin", "Ibuprofen")}
    assert build(write(tmp_path / "pages", more), target).read == ["four.txt"]
    assert {fact.object.broader for fact in kg.open(target).facts() if fact.object.iri is None} == {concept}
    build(tmp_path / "pages", tmp_path / "clean.kg", anew=True)
    assert contents(target) == contents(tmp_path / "clean.kg")
    assert set(disk.open_folder(target)) == set(disk.open_folder(tmp_path / "clean.kg"))


def kept_otherwise(path: Path) -> None:
    """Let what is kept still be read, and say something else."""
    content = path.read_text("utf-8")
    assert '"gout"' in content
    path.write_text(content.replace('"gout"', '"mumps"'), "utf-8")


DAMAGES = {
    "no store": lambda folder: shutil.rmtree(folder / "store"),
    "nothing kept": lambda folder: (folder / "store" / "kept.jsonl").unlink(),
    "kept is no JSON": lambda folder: (folder / "store" / "kept.jsonl").write_text("{\n{"),
    "kept with another figure": lambda folder: kept_otherwise(folder / "store" / "kept.jsonl"),
    "a changed statement": lambda folder: (folder / "statements" / "one.txt.ttl").write_text(""),
    "a lost text": lambda folder: (folder / "texts" / "one.txt").unlink(),
    "a changed text": lambda folder: (folder / "texts" / "one.txt").write_text("Something else."),
    "a manifest that is none": lambda folder: (folder / "manifest.json").write_text("{"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_folder_is_built_whole(folder: Path, tmp_path: Path, damage: object) -> None:
    pages = write(tmp_path / "pages", PAGES)
    assert callable(damage)
    damage(folder)
    assert sorted(build(pages, folder).read) == sorted(PAGES)  # nothing is taken over
    assert verification.verify(folder, quads=True).ok
    assert contents(folder)["texts/one.txt"] == PAGES["one.txt"].encode()


def test_everything_is_read_again_with_other_rules_vocabulary_or_decisions(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = write(tmp_path / "pages", PAGES)
    corrections = tmp_path / "decisions.tsv"
    cells = dict.fromkeys(decisions.COLUMNS, "") | {"decision": "rejected", "document": "one.txt", "object": "gout"}
    corrections.write_text(
        "\t".join(decisions.COLUMNS) + "\n" + "\t".join((cells | {"reason": "a test"}).values()) + "\n"
    )
    assert build(pages, folder, decisions=corrections).read == ["one.txt"]
    assert not [fact for fact in kg.open(folder).facts() if fact.object.label == "gout"]
    assert build(pages, folder, decisions=corrections).read == []
    assert build(pages, folder).read == ["one.txt"]
    monkeypatch.setattr(
        manifests, "made_with", lambda: {**dict.fromkeys(["code", "language", "shapes"], ""), "rules": "x"}
    )
    assert sorted(build(pages, folder).read) == sorted(PAGES)


def test_what_could_not_be_read_is_tried_again(tmp_path: Path) -> None:
    pages = write(tmp_path / "pages", PAGES)
    (pages / "bad.json").write_text("{")
    assert len(build(pages, tmp_path / "my.kg").errors) == 1
    again = build(pages, tmp_path / "my.kg")
    assert (len(again.errors), again.kept) == (1, len(PAGES))
    empty = write(tmp_path / "none", {"bad.json": "{"})
    order = building.Order((empty,))
    assert building.write(order, tmp_path / "my.kg", with_texts=True, progress=Watch()) is None
    assert verification.verify(tmp_path / "my.kg").ok


# Publishing ----------------------------------------------------------------------------------------------------------

KILLED = """
import os, random, signal, sys, time
from pathlib import Path
from kg import building, extraction
from kg.cli.progress import Watch
from kg.graph import verification
pages, target = Path(sys.argv[1]), Path(sys.argv[2])
extraction.extractor()
def build(number):
    (pages / "one.txt").write_text(f"Metoprolol\\n\\nDo not use metoprolol in asthma. Number {number}.\\n" * 5)
    building.write(building.Order((pages,), anew=number % 2 == 0), target, with_texts=True, progress=Watch(quiet=True))
begin = time.monotonic(); build(0); build(1); took = (time.monotonic() - begin) / 2
random.seed(5)
killed = 0
for number in range(2, 27):
    child = os.fork()
    if not child:
        build(number)
        os._exit(0)
    time.sleep(random.random() * took)
    os.kill(child, signal.SIGKILL)
    killed += os.waitpid(child, 0)[1] == signal.SIGKILL
    assert verification.verify(target, quads=True).ok, number
build(99)
assert "Number 99" in (target / "texts" / "one.txt").read_text()
print(killed, sorted(path.name for path in target.parent.iterdir()))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="killing a build needs fork")
def test_a_build_that_is_killed_costs_nothing(tmp_path: Path) -> None:
    pages = write(tmp_path / "pages", PAGES)
    command = [sys.executable, "-c", KILLED, str(pages), str(tmp_path / "my.kg")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    killed, _, names = done.stdout.strip().partition(" ")
    assert int(killed) >= 10
    assert names == "['my.kg', 'pages']"


def test_there_is_always_a_folder_while_it_is_replaced(folder: Path, tmp_path: Path) -> None:
    if not _exchanges(tmp_path):
        pytest.skip("this system cannot exchange two names at once")
    missing, done = [], threading.Event()

    def look() -> None:
        while not done.is_set():
            missing.extend([1] if not (folder / "manifest.json").exists() else [])

    watcher = threading.Thread(target=look)
    watcher.start()
    for _ in range(200):
        with files.beside(folder) as aside:
            fresh = Path(shutil.copytree(folder, aside / "new", copy_function=os.link))
            files.exchange(folder, fresh, aside / "old")
    done.set()
    watcher.join()
    assert not missing


def _exchanges(place: Path) -> bool:
    (place / "a").mkdir()
    (place / "b").mkdir()
    return files._exchanged(place / "a", place / "b")


def test_what_a_killed_build_left_goes_and_what_a_living_one_has_stays(tmp_path: Path) -> None:
    target = tmp_path / "my.kg"
    (tmp_path / ".my.kg.x.aside").mkdir()
    (tmp_path / ".my.kg.x.lock").write_text("")
    (tmp_path / ".my.kg.y.aside").mkdir()
    with files.beside(target) as living, files.beside(target) as other:
        assert living.is_dir()
        assert other.is_dir()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".my.kg.y.aside"]


# Differences ---------------------------------------------------------------------------------------------------------

DRUGS = ("metoprolol", "warfarin", "sertraline", "ibuprofen", "clonazepam")
CONDITIONS = (
    "asthma", "gout", "glaucoma", "epilepsy", "diabetes", "migraine", "anemia", "hypertension", "depression",
    "heart failure", "schizophrenia", "psoriasis", "osteoporosis", "tuberculosis", "malaria", "obesity",
)  # fmt: skip


def sentence(condition: str, level: str) -> str:
    return f"{level} in patients with {condition}."


def test_fifty_planted_edits_are_fifty_differences(tmp_path: Path) -> None:
    before, after, planted = dict[str, str](), dict[str, str](), 0
    for drug in DRUGS:
        old, new = [drug.capitalize(), ""], [drug.capitalize(), ""]
        for number, condition in enumerate(CONDITIONS):
            careful, avoiding = sentence(condition, "Use with caution"), sentence(condition, "Avoid use")
            edits: list[tuple[list[str], list[str]]] = [
                ([careful], [careful]),
                ([careful], []),
                ([], [careful]),
                ([careful], [avoiding]),
            ]
            edit = edits[number % 4] if number < 13 else edits[0]
            planted += edit[0] != edit[1]
            old += edit[0]
            new += edit[1]
        before[f"{drug}.txt"], after[f"{drug}.txt"] = "\n".join(old) + "\n", "\n".join(new) + "\n"
    extra = {f"extra {n}.txt": f"Ketamine\n\n{sentence(CONDITIONS[n], 'Avoid use')}\n" for n in range(5)}
    after |= extra
    assert planted + len(extra) == 50
    build(write(tmp_path / "pages", before), tmp_path / "old.kg")
    build(write(tmp_path / "pages", after), tmp_path / "new.kg")
    found = difference.differences(tmp_path / "old.kg", tmp_path / "new.kg")
    lines = [(one.what, one.causes) for one in found.facts]
    assert len(lines) == 50
    assert {what: sum(line[0] == what for line in lines) for what, _ in lines} == {
        "added": 20,
        "removed": 15,
        "changed": 15,
    }
    assert {causes for _, causes in lines} == {("source",)}
    assert found.documents_added == tuple(sorted(extra))
    assert difference.differences(tmp_path / "new.kg", tmp_path / "new.kg").is_empty
    build(tmp_path / "pages", tmp_path / "again.kg", anew=True)
    assert difference.differences(tmp_path / "new.kg", tmp_path / "again.kg").is_empty
    back = difference.differences(tmp_path / "new.kg", tmp_path / "old.kg")
    assert len(back.facts) == 50


def test_a_sentence_that_moved_or_was_worded_anew_is_no_difference(folder: Path, tmp_path: Path) -> None:
    moved = {name: text.replace("\n\n", "\n\nA line that says nothing.\n\n", 1) for name, text in PAGES.items()}
    moved["three.txt"] = moved["three.txt"].replace("It may cause headache", "It can cause headache")
    build(write(tmp_path / "pages", moved), tmp_path / "new.kg")
    found = difference.differences(folder, tmp_path / "new.kg")
    assert (found.facts, found.reworded, len(found.documents_changed)) == ((), 1, 3)


def test_the_causes_are_told(folder: Path, tmp_path: Path) -> None:
    pages, new = write(tmp_path / "pages", PAGES), tmp_path / "new.kg"
    corrections = tmp_path / "decisions.tsv"
    cells = dict.fromkeys(decisions.COLUMNS, "") | {"decision": "rejected", "object": "gout", "reason": "a test"}
    corrections.write_text("\t".join(decisions.COLUMNS) + "\n" + "\t".join(cells.values()) + "\n")
    build(pages, new, decisions=corrections)
    assert [(d.what, d.fact.object.label, d.causes) for d in difference.differences(folder, new).facts] == [
        ("removed", "gout", ("decision",))
    ]
    said = manifests.read(new)
    assert said is not None
    for part, cause in (("rules", "rule"), ("code", "rule"), ("vocabulary", "vocabulary")):
        other = manifests.Manifest({}, {**said.made_with, part: "x"}, said.documents, said.quads, said.files)
        assert difference._made_differently(said, other) >= {cause}
    build(write(tmp_path / "pages", PAGES | {"one.txt": PAGES["one.txt"] + "It may cause hiccups.\n"}), new)
    whole = difference._Causes(difference._Build(folder), difference._Build(new))
    whole._with = {"rule"}  # the rules differ as well: the new sentence is the source's, a gone one that stands is not
    hiccups = next(d for d in difference.differences(folder, new).facts)
    assert whole.of(hiccups) == ("source",)
    gout = next(fact for fact in kg.open(folder).facts() if fact.object.label == "gout")
    assert whole.of(difference.Difference("removed", gout, None, ("one.txt",), ())) == ("rule",)


def test_differences_on_the_screen(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = PAGES["one.txt"].replace("Use with caution in", "Avoid use in")
    pages = PAGES | {"one.txt": changed, "three.txt": "Sertraline\n\nIt may cause headache.\n"}
    build(write(tmp_path / "pages", pages), tmp_path / "new.kg")
    assert cli.main(["diff", str(folder), str(tmp_path / "new.kg")]) == cli.PROBLEMS
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "~ metoprolol caution gout (level: caution → level: avoid) · one.txt · source",
        "- sertraline indication panic disorder (use: treatment) · three.txt · source",
    ]
    assert err.startswith(
        "Facts: 0 added, 1 removed, 1 changed, 0 worded anew. Documents: 0 added, 0 removed, 2 changed."
    )
    assert cli.main(["diff", str(folder), str(folder)]) == cli.DONE
    capsys.readouterr()
    assert cli.main(["diff", str(folder), str(tmp_path / "no.kg")]) == cli.CANNOT
    assert "no.kg: no such folder" in capsys.readouterr().err


def test_a_draft_that_takes_over_needs_an_earlier_build(tmp_path: Path) -> None:
    with folders.drafted(tmp_path / "my.kg", None, with_texts=True) as draft:
        assert not list(draft.names)
    assert not (tmp_path / "my.kg").exists()


# Disks ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB in memory; skipped where mounting one is not permitted."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount") or ""
    command = [mount, "-t", "tmpfs", "-o", "size=24m", "none", str(place)]
    done = subprocess.run(command, capture_output=True, check=False) if mount else None
    if done is None or done.returncode:
        pytest.skip("mounting a small disk is not permitted here")
    yield place
    subprocess.run(["umount", place], check=True)  # noqa: S607


def test_a_full_disk_costs_nothing(small_disk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pages, target = write(tmp_path / "pages", PAGES), small_disk / "my.kg"
    build(pages, target)
    before = contents(target)
    free = shutil.disk_usage(small_disk).free
    for left in (3_000_000, 200_000, 4_000):
        (small_disk / "filler").write_bytes(bytes(free - left))
        assert cli.main(["build", str(pages), "--out", str(target), "--anew", "--vocabulary", "none"]) == cli.CANNOT
        err = capsys.readouterr().err.splitlines()
        assert (
            err[-1]
            == f"kg: {target}: cannot be written (No space left on device); make room, or name a folder elsewhere"
        )
        assert sorted(path.name for path in small_disk.iterdir()) == ["filler", "my.kg"]
        assert contents(target) == before
        assert verification.verify(target, quads=True).ok


def test_a_disk_that_can_only_be_read_is_named(
    small_disk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages, target = write(tmp_path / "pages", PAGES), small_disk / "my.kg"
    build(pages, target)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)  # noqa: S607
    assert cli.main(["build", str(pages), "--out", str(target), "--anew", "--vocabulary", "none"]) == cli.CANNOT
    assert "cannot be written (Read-only file system); name a folder you may write" in capsys.readouterr().err
    assert kg.open(target).documents
    assert verification.verify(target).ok
