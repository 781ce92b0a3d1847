"""Fuzz the readers: `python -m benchmarks.fuzz_readers [--seconds N] [--seed N] [--format ENDING] [--keep FOLDER]`.

Small files of our own are changed at random (bits flipped, pieces cut, repeated, swapped, spliced with other files,
special tokens put in) and read. Whatever they have become, a reader gives documents and errors: nothing else is raised,
nothing takes longer than a few seconds, every text can be stored, and every section, passage and error is well-formed.
Readers of vocabularies (`--format .obo .tsv .csv .ttl .owl`) give a source or an error, and what they give merges.

The same seed gives the same files; a failing file is kept, with the number of its round in its name.
"""

from __future__ import annotations

import argparse
import faulthandler
import gzip
import json
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from kg import reading
from kg.errors import DocumentError, VocabularyError
from kg.extraction import extractor, sections
from kg.reading import layout
from kg.records import Document
from kg.vocabulary import names, sources
from kg.vocabulary.merge import merge

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 5
"""Seconds of the processor that one file may take."""

LARGEST = 120_000
"""Bytes of a file that is made."""

LABEL = {
    "set_id": "11111111-aaaa-4bbb-8ccc-222222222222",
    "openfda": {"brand_name": ["Zyqorvel"], "substance_name": ["SERTRALINE", "WARFARIN SODIUM"], "route": ["ORAL"]},
    "indications_and_usage": [
        "1 INDICATIONS AND USAGE 1.1 Gout Zyqorvel treats gout. 1.2 Colic It treats: Colic Cramps"
    ],
    "contraindications": ["4 CONTRAINDICATIONS Do not use in those with • asthma • liver failure [see Liver (5.1)]"],
    "contraindications_table": [
        "<table><tr><th rowspan='2'>Who</th><td>a</td></tr><tr><td colspan='2'>b</td></tr></table>"
    ],
    "other_advice": "Sleep well, and long.",
}
PAGE = """<!DOCTYPE html><html><head><title>Zyqorvel</title></head><body><nav><a href="/">Home</a></nav><main>
<h1>Zyqorvel</h1><p>Zyqorvel is taken <b>once</b> a day with a glass of water.</p><h2>Side effects</h2>
<ul><li>rash<ul><li>itch</li></ul></li></ul>
<table><tr><th>Effect</th><th>Rate</th></tr><tr><td>nausea &amp; rash</td><td>3&nbsp;%</td></tr></table>
</main></body></html>
"""
OBO = """format-version: 1.4
data-version: one
ontology: hp

[Term]
id: HP:0000001
name: Blue knee
synonym: "Blue \\"kneecap\\"" EXACT [] {source="X"} ! remark
synonym: "Knee of blue" BROAD []
xref: MESH:D000001 {a="b"} ! other
is_a: HP:0000002 ! Knee

[Term]
id: HP:0000002
name: Knee trouble
is_a: HP:0000001
def: "It goes \\
on." []

[Typedef]
id: part_of
name: part of
"""
TSV = "id\tname\tothers\tabove\nX:1\tBlue knee\tknee of blue|blue kneecap\tX:2\nX:2\tKnee trouble\t\tX:1\n"
TTL = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix o: <http://www.w3.org/2002/07/owl#> .
@prefix x: <http://example.org/> .
x:a a skos:Concept ; skos:prefLabel "Blue knee"@en, "Blaues Knie"@de ; skos:altLabel "knee of blue" ; skos:broader x:b .
x:b a o:Class ; skos:prefLabel "Knee trouble"@en ; skos:broader x:a ; o:deprecated false ; o:sameAs x:a .
"""
OWL = """<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [ <!ENTITY owl "http://www.w3.org/2002/07/owl#" > ]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#"
 xmlns:owl="http://www.w3.org/2002/07/owl#"><owl:Class rdf:about="http://purl.obolibrary.org/obo/HP_0000001">
 <rdf:type rdf:resource="&owl;Class"/><rdfs:label xml:lang="en">Blue knee</rdfs:label>
 <rdfs:subClassOf rdf:resource="http://purl.obolibrary.org/obo/HP_0000001"/></owl:Class></rdf:RDF>
"""
VOCABULARIES = {".obo": OBO, ".tsv": TSV, ".csv": TSV.replace("\t", ","), ".ttl": TTL, ".owl": OWL}
"""File name ending → a vocabulary of our own."""

COLUMNS = "id=id,label=name,synonyms=others,parents=above"

TOKENS = """
<!DOCTYPE+x+[<!ENTITY+a+'b'>]> &a; &lt; &#0; &#xD800; &#99999999; <![CDATA[ ]]> <!-- --> <?xml?> </ <table> <td> <tr>
</table> <td+colspan='9999'> <td+rowspan='9999'> <list><item> </item></list> <footnote> <sup>2</sup> <br/> <br> <p> </p>
<li> <h1> <script> <svg> xmlns='' \\ud800 \\u0000 \\ " ' { } [ ] [[[[[[[[ {"a": null true 1e999 -0 NaN , : | || |---| #
## ###### - • o 5.1 5.2 (+5.1+) [see WARNINGS The In 1. a) ``` *** ___ === ® é ß \ufeff \u202e \u00ad \u200b \u0301
\U0001f600 %PDF-1.7 endobj stream endstream /Length /Kids xref trailer startxref %%EOF << >> 0+R BT Tj
"""
SPECIAL = [token.replace("+", " ").encode() for token in TOKENS.split()]
SPECIAL += [b"\x00", b"\r", b"\n\n", b"\t", b" " * 50, b"\xff", b"\xfe\xff", b"\xc3", b"\xe2\x80\xa8", b"\xc2\x85"]
SPECIAL += [b"9" * 5000, b"A" * 3000, b"x " * 2000]

ELEMENT = re.compile(rb"<([\w:]{1,30})\b[^<>]{0,300}>(?:[^<>]|<(?!\1|/\1)[^<>]{0,300}>){0,400}</\1>")

Change = Callable[[random.Random, bytes, list[bytes]], bytes]


def flip(chance: random.Random, content: bytes, _: list[bytes]) -> bytes:
    """Flip some bits."""
    changed = bytearray(content)
    for _number in range(chance.randint(1, 12)):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(chance: random.Random, content: bytes, _: list[bytes]) -> bytes:
    """Cut the end off."""
    return content[: chance.randint(0, len(content))]


def leave_out(chance: random.Random, content: bytes, _: list[bytes]) -> bytes:
    """Leave a piece out."""
    start, end = piece(chance, content)
    return content[:start] + content[end:]


def repeat(chance: random.Random, content: bytes, _: list[bytes]) -> bytes:
    """Repeat a piece, a few or very many times."""
    start, end = piece(chance, content)
    return content[:end] + content[start:end] * chance.choice((1, 2, 7, 100, 3000)) + content[end:]


def swap(chance: random.Random, content: bytes, _: list[bytes]) -> bytes:
    """Put a piece somewhere else."""
    start, end = piece(chance, content)
    rest = content[:start] + content[end:]
    place = chance.randint(0, len(rest))
    return rest[:place] + content[start:end] + rest[place:]


def splice(chance: random.Random, content: bytes, others: list[bytes]) -> bytes:
    """Put a piece of another file in."""
    other = chance.choice(others)
    start, end = piece(chance, other)
    place = chance.randint(0, len(content))
    return content[:place] + other[start:end] + content[place:]


def insert(chance: random.Random, content: bytes, _: list[bytes]) -> bytes:
    """Put special tokens in."""
    for _number in range(chance.randint(1, 6)):
        place = chance.randint(0, len(content))
        content = content[:place] + chance.choice(SPECIAL) * chance.choice((1, 1, 1, 2, 40)) + content[place:]
    return content


def encode(chance: random.Random, content: bytes, _: list[bytes]) -> bytes:
    """Write it in another encoding."""
    text = content.decode("utf-8", "replace")
    return text.encode(chance.choice(("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252")), "replace")


def rearrange(chance: random.Random, content: bytes, _: list[bytes]) -> bytes:
    """Repeat, move, empty or wrap whole elements, so that the markup stays well-formed."""
    for _number in range(chance.randint(1, 8)):
        elements = [match.span() for match in ELEMENT.finditer(content)]
        if not elements:
            return content
        start, end = chance.choice(elements)
        other = content[slice(*chance.choice(elements))]
        element = content[start:end]
        wraps = chance.choice(
            (b"list item", b"paragraph", b"table tr td", b"content", b"sup", b"section", b"footnote")
        ).split()
        times = chance.choice((1, 1, 3, 30))
        wrapped = b"".join(b"<%s>" % name for name in wraps) * times + element
        wrapped += b"".join(b"</%s>" % name for name in reversed(wraps)) * times
        content = content[:start] + chance.choice((b"", element * 2, other, element + other, wrapped)) + content[end:]
    return content


CHANGES: tuple[Change, ...] = (
    flip,
    flip,
    cut,
    leave_out,
    repeat,
    swap,
    splice,
    splice,
    insert,
    insert,
    insert,
    encode,
    rearrange,
    rearrange,
    rearrange,
)


def piece(chance: random.Random, content: bytes) -> tuple[int, int]:
    """Choose a stretch of a file, mostly a short one."""
    start = chance.randint(0, len(content))
    return start, min(len(content), start + chance.choice((1, 4, 20, 100, 1000)))


def samples() -> dict[str, list[bytes]]:
    """Small files of our own for each ending that a reader is registered for."""
    found = {
        ending: [path.read_bytes() for path in sorted(ROOT.glob(f"tests/**/*{ending}"))] for ending in reading.READERS
    }
    bulk = {"meta": {"results": {"total": 2}}, "results": [LABEL, LABEL | {"set_id": "x"}]}
    found[".json"] = [json.dumps(form, ensure_ascii=form is LABEL).encode() for form in (LABEL, [LABEL], bulk)]
    for ending in (".html", ".htm", ".xhtml"):
        found[ending] = [PAGE.encode(), PAGE.replace("<!DOCTYPE html>", '<?xml version="1.0"?>').encode()]
    found[".pdf"] = [sheet()]
    found[".text"], found[".markdown"] = found[".txt"], found[".md"]
    found |= {ending: [text.encode(), gzip.compress(text.encode(), mtime=0)] for ending, text in VOCABULARIES.items()}
    missing = [ending for ending, files in found.items() if not files]
    if missing:
        raise SystemExit(f"no sample for {' '.join(missing)}: write one")
    return found


def sheet() -> bytes:
    """A PDF of two pages with a heading, a list and a table."""
    from fpdf import FPDF

    made = FPDF()
    made.set_font("helvetica", size=11)
    for number in (1, 2):
        made.add_page()
        made.set_font(style="B", size=14)
        made.cell(text=f"{number}. Side effects", new_x="LMARGIN", new_y="NEXT")
        made.set_font(style="", size=11)
        made.multi_cell(0, text="Zyqorvel is taken once a day.\n- rash\n- itch\n" * 4, new_x="LMARGIN", new_y="NEXT")
        with made.table() as table:
            for cells in (("Effect", "Rate"), ("nausea", "3 %")):
                table.row(cells)
    return bytes(made.output())


class BrokenError(Exception):
    """What came out is not what must come out."""


def hold(rule: bool, what: object) -> None:
    """Raise when a rule does not hold."""
    if not rule:
        raise BrokenError(str(what))


def check(path: Path, known: sections.SectionTable) -> Counter[str]:
    """Read one file, and check what holds for whatever comes out."""
    counts: Counter[str] = Counter()
    if path.suffix in VOCABULARIES:
        return check_vocabulary(path)
    for found in reading.read(path):
        if isinstance(found, DocumentError):
            hold("\n" not in str(found) and path.name in found.place, found)
            str(found).encode()
            counts["errors"] += 1
            continue
        hold(isinstance(found, Document), found)
        for text in (found.text, found.title, found.name):
            text.encode()
        for section in found.sections:
            words = section.span.of(found.text)
            hold(bool(words) and words == words.strip() and "\n" not in words, section)
        place = 0
        for passage in layout.passages(found, known):
            hold(place <= passage.span.start < passage.span.end <= len(found.text), passage)
            place = passage.span.end
        counts["documents"] += 1
    return counts


def check_vocabulary(path: Path) -> Counter[str]:
    """Read one vocabulary, and merge what comes of it as compiling does."""
    columns = COLUMNS if path.suffix in (".tsv", ".csv") else ""
    try:
        source = sources.read(path, sources.Options(columns=columns, type="Condition", entities=True))
        merged = merge((), [source], names.load())
    except VocabularyError as error:
        hold("\n" not in str(error) and path.name in error.place, error)
        str(error).encode()
        return Counter(errors=1)
    for entry in source.entries:
        for text in (entry.id, entry.label, *entry.names, *entry.parents):
            text.encode()
    hold(len(merged.groups) <= len(source.entries), len(merged.groups))
    return Counter(documents=1)


def alarm(_number: int, _frame: FrameType | None) -> None:
    """Stop a reading that takes too long."""
    raise TimeoutError(f"longer than {LIMIT} s")


def fuzz(endings: list[str], seconds: float, seed: int, keep: Path) -> int:
    """Read changed files for some seconds, and return how many failed."""
    known = sections.SectionTable(extractor().tables)
    known.sections("Side effects")
    files = samples()
    others = [content for contents in files.values() for content in contents]
    signal.signal(signal.SIGPROF, alarm)
    totals: dict[str, Counter[str]] = {ending: Counter() for ending in endings}
    slowest: dict[str, tuple[float, int]] = dict.fromkeys(endings, (0.0, 0))
    failures, number = 0, 0
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        chance = random.Random(f"{seed}/{number}")  # noqa: S311 (nothing secret: the same seed, the same files)
        ending = endings[number % len(endings)]
        content = chance.choice(files[ending])
        for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
            content = chance.choice(CHANGES)(chance, content, others)[:LARGEST]
        path = keep / f"{seed}-{number}{ending}"
        path.write_bytes(content)
        faulthandler.dump_traceback_later(LIMIT * 20, exit=True)
        signal.setitimer(signal.ITIMER_PROF, LIMIT)
        start = time.monotonic()
        try:
            totals[ending] += check(path, known)
            path.unlink()
        except Exception as error:  # noqa: BLE001 (whatever it is, it is what is looked for)
            failures += 1
            print(f"{path}: {type(error).__name__}: {error}"[:500])
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            faulthandler.cancel_dump_traceback_later()
        slowest[ending] = max(slowest[ending], (time.monotonic() - start, number))
        totals[ending]["files"] += 1
        number += 1
    for ending in endings:
        count, (time_taken, round_) = totals[ending], slowest[ending]
        print(
            f"{ending:<10} {count['files']:>7} files, {count['documents']:>7} documents, {count['errors']:>7} errors, "
            f"slowest {time_taken:.2f} s (round {round_})"
        )
    print(f"seed {seed}, {number} rounds, {failures} failures")
    return failures


def main() -> int:
    """Fuzz; 1 when something failed."""
    parser = argparse.ArgumentParser(description="Fuzz the readers with changed files of our own.")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--format", action="append", choices=sorted([*reading.READERS, *VOCABULARIES]), help="a file name ending"
    )
    parser.add_argument("--keep", type=Path, help="where failing files are kept")
    options = parser.parse_args()
    keep = options.keep or Path(tempfile.mkdtemp(prefix="fuzz-readers-"))
    keep.mkdir(parents=True, exist_ok=True)
    return int(fuzz(options.format or list(reading.READERS), options.seconds, options.seed, keep) > 0)


if __name__ == "__main__":
    sys.exit(main())
