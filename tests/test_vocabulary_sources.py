"""Vocabulary files of every format are read into the same entries; broken and hostile ones are refused in one line."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import KgError, VocabularyError
from kg.vocabulary import sources
from kg.vocabulary.sources import Options, Source, content
from kg.vocabulary.sources.entry import Entry

OBO = "http://purl.obolibrary.org/obo/"
LOCAL = "https://w3id.org/drug-facts/local/"

HPO = r"""format-version: 1.2
data-version: releases/2030-01-01

[Term]
id: HP:0000001
name: All

[Term]
id: HP:0000118
name: Something abnormal
is_a: HP:0000001 ! All

[Term]
id: HP:0000900
name: Green elbow {source="us"}
alt_id: HP:0000901
synonym: "Elbow of \"green\" hue" EXACT layperson []
synonym: "Odd joint" BROAD []
synonym: "Greenish elbow" RELATED [X:1 "why, indeed"]
xref: UMLS:C0000900 \\
 {note="x"} ! a comment
is_a: HP:0000118 {by="us"} ! Something abnormal

[Term]
id: HP:0000902
name: Handed down
is_a: HP:0000001

[Term]
id: HP:0000903
name: Blue elbow
is_obsolete: true

[Typedef]
id: part_of
name: part of
"""
SKOS = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix : <https://example.org/> .
:a a skos:Concept ; skos:prefLabel "alpha fever"@en, "Alphafieber"@de ; skos:altLabel "fever, alpha"@en-GB ;
   skos:exactMatch <http://purl.obolibrary.org/obo/MONDO_0000900> .
:b a skos:Concept ; skos:prefLabel "odd fever" ; skos:narrower :a .
:c skos:prefLabel "no concept" . [] a skos:Concept ; skos:prefLabel "nameless" .
"""
OWL = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#"
  xmlns:owl="http://www.w3.org/2002/07/owl#" xmlns:oio="http://www.geneontology.org/formats/oboInOwl#">
<owl:Ontology rdf:about="https://example.org/odd"><owl:versionInfo>7</owl:versionInfo></owl:Ontology>
<owl:Class rdf:about="http://purl.obolibrary.org/obo/DOID_900"><rdfs:label>alpha fever</rdfs:label>
  <oio:hasExactSynonym>fever of alpha</oio:hasExactSynonym><oio:hasBroadSynonym>odd heat</oio:hasBroadSynonym>
  <oio:hasDbXref>MESH:D999900</oio:hasDbXref>
  <rdfs:subClassOf rdf:resource="http://purl.obolibrary.org/obo/DOID_901"/>
  <rdfs:subClassOf><owl:Restriction/></rdfs:subClassOf></owl:Class>
<owl:Class rdf:about="http://purl.obolibrary.org/obo/DOID_901"><rdfs:label>odd fever</rdfs:label></owl:Class>
<owl:Class rdf:about="http://purl.obolibrary.org/obo/DOID_902"><rdfs:label>old fever</rdfs:label>
  <owl:deprecated>true</owl:deprecated></owl:Class>
</rdf:RDF>
"""
JSONLD = """[{"@id": "https://example.org/a", "@type": "http://www.w3.org/2004/02/skos/core#Concept",
  "http://www.w3.org/2004/02/skos/core#prefLabel": [{"@value": "alpha fever", "@language": "en"}]}]"""
NTRIPLES = """<https://example.org/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/2002/07/owl#Class> .
<https://example.org/a> <http://www.w3.org/2000/01/rdf-schema#label> "alpha fever" .
"""  # noqa: E501 - a triple is a line


def source(folder: Path, name: str, text: str | bytes, options: Options | None = None) -> Source:
    """Read a file with this content."""
    path = folder / name
    data = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") and not data.startswith(b"\x1f\x8b") else data)
    return sources.read(path, options)


def by_label(found: Source) -> dict[str, Entry]:
    """The entries by label."""
    return {entry.label: entry for entry in found.entries}


@pytest.mark.parametrize("name", ["odd.obo", "odd.obo.gz"])
def test_obo(name: str, tmp_path: Path) -> None:
    found = source(tmp_path, name, HPO)
    assert (found.name, found.vocabulary, found.version) == (name, "HPO", "releases/2030-01-01")
    entries = by_label(found)
    assert entries["Green elbow"] == Entry(
        id=f"{OBO}HP_0000900",
        label="Green elbow",
        names=('Elbow of "green" hue', "Greenish elbow"),
        type="Condition",
        parents=(f"{OBO}HP_0000118",),
        same=(f"{OBO}HP_0000901", "umls:C0000900"),
        broad=("Odd joint",),
    )
    types = {label: entry.type for label, entry in entries.items()}
    assert types == {"All": "", "Something abnormal": "Condition", "Green elbow": "Condition", "Handed down": ""}


def test_obo_of_a_family_that_nobody_listed(tmp_path: Path) -> None:
    found = source(tmp_path, "odd.obo", "[Term]\nid: ODD:1\nname: alpha fever\n", Options(type="condition"))
    assert [(e.id, e.type) for e in found.entries] == [(f"{OBO}ODD_1", "Condition")]


def test_skos(tmp_path: Path) -> None:
    found = source(tmp_path, "odd.ttl", SKOS, Options(type="Condition"))
    alpha, odd = found.entries
    assert (alpha.id, alpha.label, alpha.names) == (
        "https://example.org/a",
        "alpha fever",
        ("alpha fever", "fever, alpha"),
    )
    assert (alpha.parents, alpha.same) == (("https://example.org/b",), (f"{OBO}MONDO_0000900",))
    assert (odd.label, odd.type) == ("odd fever", "Condition")


@pytest.mark.parametrize("name", ["odd.owl", "odd.rdf.gz", "odd.xml"])
def test_owl(name: str, tmp_path: Path) -> None:
    found = source(tmp_path, name, OWL)
    assert (found.vocabulary, found.version, len(found.entries)) == ("DOID", "7", 2)
    alpha = by_label(found)["alpha fever"]
    assert alpha.names == ("alpha fever", "fever of alpha")
    assert (alpha.broad, alpha.parents, alpha.type) == (("odd heat",), (f"{OBO}DOID_901",), "Condition")
    assert alpha.same == ("http://id.nlm.nih.gov/mesh/D999900",)


@pytest.mark.parametrize(("name", "text"), [("odd.jsonld", JSONLD), ("odd.nt", NTRIPLES), ("odd.owl", SKOS)])
def test_other_syntaxes_of_rdf(name: str, text: str, tmp_path: Path) -> None:
    assert "alpha fever" in by_label(source(tmp_path, name, text, Options(type="Condition")))


@dataclass(frozen=True)
class Known:
    """A well-known table, in small: what its rows give (label → identifier, type, and what else is worth a look)."""

    name: str
    text: str
    expected: Mapping[str, tuple[str, str]]
    more: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


TABLES = (
    Known(
        "MONDO",
        "id\tname\tsynonyms\txrefs\tparents\n"
        "MONDO:0000900\talpha fever\tfever of alpha|alphitis\tDOID:900|MESH:D999900\tMONDO:0000901\n"
        "MONDO:0000901\todd fever\t\t\t\nMONDO:0021125\thow it is\t\t\t\nMONDO:0021136\tseldom\t\t\tMONDO:0021125\n",
        {
            "alpha fever": (f"{OBO}MONDO_0000900", "Condition"),
            "odd fever": (f"{OBO}MONDO_0000901", "Condition"),
            "how it is": (f"{OBO}MONDO_0021125", ""),
            "seldom": (f"{OBO}MONDO_0021136", ""),
        },
        {"alpha fever": {"names": ("fever of alpha", "alphitis"), "parents": (f"{OBO}MONDO_0000901",)}},
    ),
    Known(
        "DOID",
        "id\tname\tsynonyms\txrefs\tparents\nDOID:900\talpha fever\t\t\t\n",
        {"alpha fever": (f"{OBO}DOID_900", "Condition")},
    ),
    Known(
        "MeSH",
        "mesh_id\tname\tsynonyms\ttree_numbers\n"
        "D900\tFever, Alpha\t\tC23.900.100|G01.2\nD901\tOdd Fevers\t\tC23.900\nD902\tAlphazines\t\tD03.900\n"
        "D903\tAlphazine\t\tD03.900.100\nD904\tAlpha Agents\t\tD27.505.900\nD905\tAlphase\t\tD08.811.900\n"
        "D906\tHabits\t\tF01.145.900\n",
        {
            "Fever, Alpha": ("http://id.nlm.nih.gov/mesh/D900", "Condition"),
            "Odd Fevers": ("http://id.nlm.nih.gov/mesh/D901", "Condition"),
            "Alphazines": ("http://id.nlm.nih.gov/mesh/D902", "DrugClass"),
            "Alphazine": ("http://id.nlm.nih.gov/mesh/D903", "Substance"),
            "Alpha Agents": ("http://id.nlm.nih.gov/mesh/D904", "DrugClass"),
            "Alphase": ("http://id.nlm.nih.gov/mesh/D905", "Target"),
            "Habits": ("http://id.nlm.nih.gov/mesh/D906", ""),
        },
        {"Fever, Alpha": {"parents": ("http://id.nlm.nih.gov/mesh/D901",)}},
    ),
    Known(
        "DrugBank",
        "Column1;Column2;Column3;Column4;Column5;Column6;Column7\n"
        "DrugBank ID;Accession Numbers;Common name;CAS;UNII;Synonyms;Standard InChI Key\n"
        "DB99900;A | B;Alphamab;;ABCDEFGHIJ;Alphamabum | alpha-mab;\n",
        {"Alphamab": ("https://go.drugbank.com/drugs/DB99900", "Drug")},
        {
            "Alphamab": {
                "names": ("Alphamabum", "alpha-mab"),
                "same": ("https://precision.fda.gov/uniisearch/srs/unii/ABCDEFGHIJ",),
            }
        },
    ),
    Known(
        "DrugCentral classes",
        "class_id\tclass_name\tclass_source\tclass_type\turl\nCHEBI:900\talpha solvent\tCHEBI\tApplication\t\n"
        "N900\tDecreased Alpha\tFDA\tPhysiologic Effect\t\nD904\tAlpha Agents\tMeSH\tPharmacological Action\t\n",
        {
            "alpha solvent": (f"{OBO}CHEBI_900", ""),
            "Decreased Alpha": ("http://purl.bioontology.org/ontology/NDFRT/N900", "PharmacologicAction"),
            "Alpha Agents": ("http://id.nlm.nih.gov/mesh/D904", "DrugClass"),
        },
    ),
    Known(
        "DrugCentral",
        "drugbank_id\tdrugbank_name\tclass_id\tclass_name\nDB99900\tAlphamab\tD904\tAlpha Agents\n"
        "DB99900\tAlphamab\tN900\tAlpha Blocker\n",
        {
            "Alpha Agents": ("http://id.nlm.nih.gov/mesh/D904", "DrugClass"),
            "Alpha Blocker": ("http://purl.bioontology.org/ontology/NDFRT/N900", "DrugClass"),
            "Alphamab": ("https://go.drugbank.com/drugs/DB99900", "Drug"),
        },
        {
            "Alphamab": {
                "parents": ("http://id.nlm.nih.gov/mesh/D904", "http://purl.bioontology.org/ontology/NDFRT/N900")
            }
        },
    ),
    Known(
        "DrugCentral targets",
        "GeneID\tdrugbank_id\tdrugbank_name\tpubmed_ids\tsources\tactions\turls\n18\tDB99900\tAlphamab\t\tX\tinhibitor\t\n",
        {"Alphamab": ("https://go.drugbank.com/drugs/DB99900", "Drug")},
    ),
    Known(
        "ChEBI",
        "chebi_id\tname\trole_id\trole_name\nCHEBI:1\talphazine\tCHEBI:2\talpha blocker\n"
        "CHEBI:1\talphazine\tCHEBI:3\tmouse metabolite\n",
        {"alpha blocker": (f"{OBO}CHEBI_2", "DrugClass"), "alphazine": (f"{OBO}CHEBI_1", "Substance")},
        {"alphazine": {"only_if_known": True}},
    ),
    Known(
        "Drugs@FDA",
        "drug_name\tactive_ingredient\tform_route\tstrength\nALPHA PM\tALPHAZINE SODIUM\tTABLET;ORAL\t1MG\n"
        "ALPHAMIX\tALPHAZINE; BETAZINE\tTABLET;ORAL\t1MG;2MG\n",
        {
            "alphazine sodium": (f"{LOCAL}drug/alphazine-sodium", "Drug"),
            "Alpha Pm": (f"{LOCAL}brand/alpha-pm", "Brand"),
            "Alphamix": (f"{LOCAL}brand/alphamix", "Brand"),
        },
        {"Alpha Pm": {"drug": f"{LOCAL}drug/alphazine-sodium"}, "Alphamix": {"drug": ""}},
    ),
    Known(
        "UNII",
        "name\tunii\tdisplay_name\nALPHABRAND\tABCDEFGHIJ\tALPHAZINE SODIUM\n",
        {
            "alphazine sodium": ("https://precision.fda.gov/uniisearch/srs/unii/ABCDEFGHIJ", "Drug"),
            "Alphabrand": (f"{LOCAL}brand/alphabrand", "Brand"),
        },
        {
            "alphazine sodium": {"only_if_known": True},
            "Alphabrand": {"drug": "https://precision.fda.gov/uniisearch/srs/unii/ABCDEFGHIJ"},
        },
    ),
)


@pytest.mark.parametrize("known", TABLES, ids=[known.name for known in TABLES])
def test_well_known_tables_need_no_options(known: Known, tmp_path: Path) -> None:
    found = source(tmp_path, "whatever it is called.tsv.gz", known.text)
    assert found.vocabulary == known.name
    entries = by_label(found)
    assert {label: (entry.id, entry.type) for label, entry in entries.items()} == dict(known.expected)
    for label, more in known.more.items():
        assert {name: getattr(entries[label], name) for name in more} == dict(more)


def test_tables_of_ones_own(tmp_path: Path) -> None:
    text = "name\tsort\nalpha fever\tDISEASE\nalphazine\tdrug\nthing\tx\n"
    found = source(tmp_path, "a.tsv", text, Options("label=name,type=sort", types="disease=Condition,drug=Drug"))
    types = {label: entry.type for label, entry in by_label(found).items()}
    assert types == {"alpha fever": "Condition", "alphazine": "Drug", "thing": ""}
    assert by_label(found)["alphazine"].id == f"{LOCAL}drug/alphazine"

    options = Options("id=a,label=b,synonyms=c", "Condition", prefix="mesh", separator=",")
    (entry,) = source(tmp_path, "a.txt", "a;b;c\n1;alpha fever;x, y\n", options).entries
    assert (entry.id, entry.names) == ("http://id.nlm.nih.gov/mesh/1", ("x", "y"))

    text = '\ufeffcode,name,other names\r\nA1,"fever, ""alpha""",alphitis|odd\r\n'
    options = Options("id=code,label=name,synonyms=other names", "condition")
    (entry,) = source(tmp_path, "mine.csv", text, options).entries
    assert (entry.id, entry.label, entry.names) == (f"{LOCAL}mine-csv/A1", 'fever, "alpha"', ("alphitis", "odd"))


XML = '<?xml version="1.0"?><!DOCTYPE rdf:RDF [{}]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
DECLARED = "declares a document type or entities; remove <!DOCTYPE and write IRIs in full"
OURS = NTRIPLES.replace("https://example.org/a", "https://w3id.org/drug-facts/ontology/Drug")
GERMAN = SKOS.replace("@en", "@de").replace('"odd fever"', '"Fieber"@de')
BY_ID = Options("id=i,label=n", "Drug")
ERRORS: tuple[tuple[str, str, bytes, Options, str], ...] = (
    (
        "our own",
        "a.nt",
        OURS.encode(),
        Options(type="Drug"),
        "a.nt: 'https://w3id.org/drug-facts/ontology/Drug' is a ",
    ),
    ("no identifier", "a.tsv", b"i\tn\nhttp://a b\tx\n", BY_ID, "a.tsv: 'http://a b' is no identifier; use IRIs, or"),
    ("a type alone", "a.tsv", b"x\n1\n", Options(type="Drug"), "--type: says nothing without the columns; add "),
    ("another language", "a.ttl", GERMAN.encode(), Options(), "a.ttl: holds no concept with an English label; na"),
    ("empty", "a.tsv", b" \n", Options(), "a.tsv: the file is empty; name a file with a vocabulary"),
    ("unknown ending", "a.xlsx", b"PK", Options(), "a.xlsx: not a known format of vocabularies; use .obo .tsv .csv"),
    ("paths", "a.jsonl.gz", b"{}", Options(), "a.jsonl.gz: not a known format of vocabularies; records of paths"),
    ("not UTF-8", "a.obo", b"[Term]\nid: A:1\nname: \xff\n", Options(), "a.obo:3: is not UTF-8; save it as UTF-8"),
    ("no OBO", "a.obo", b"[Term]\nhello\n", Options(), "a.obo:2: is no line of an OBO file; fetch the file again"),
    (
        "cut short",
        "a.obo",
        b"[Term]\nid: A:1\n",
        Options(),
        "a.obo: the term 'A:1' lacks its name; fetch the file again",
    ),
    ("no term", "a.obo", b"format-version: 1.2\n", Options(), "a.obo: holds no term; name an OBO file with [Term]"),
    ("untyped", "a.obo", b"[Term]\nid: A:1\nname: b\n", Options(), "a.obo: nobody knows what its concepts are; say it"),
    (
        "unknown header",
        "a.tsv",
        b"x\ty\n1\t2\n",
        Options(),
        "a.tsv:1: no known vocabulary has the header 'x y'; say wh",
    ),
    (
        "no such column",
        "a.tsv",
        b"x\ty\n1\t2\n",
        Options("label=z", "Drug"),
        "a.tsv:1: has no column 'z'; its columns are x, y",
    ),
    (
        "too many cells",
        "a.tsv",
        b"x\ty\n1\t2\t3\n",
        Options("label=x", "Drug"),
        "a.tsv:2: has 3 cells under 2 columns; check",
    ),
    ("no row", "a.csv", b'x,y\n1,"2"3\n', Options("label=x", "Drug"), "a.csv:2: is no row of a table ("),
    ("no concept", "a.tsv", b"x\ty\n\t2\n", Options("label=x", "Drug"), "a.tsv: holds no concept; check the columns"),
    (
        "no label",
        "a.tsv",
        b"x\n1\n",
        Options("id=x", "Drug"),
        '--columns: says nothing of the label; add "label=COLUMN"',
    ),
    (
        "no such field",
        "a.tsv",
        b"x\n1\n",
        Options("nmae=x", "Drug"),
        "--columns: nothing is called 'nmae'; use id label",
    ),
    ("no map", "a.tsv", b"x\n1\n", Options("label", "Drug"), "--columns: 'label' maps nothing; write NAME=COLUMN"),
    ("no type", "a.tsv", b"x\n1\n", Options("label=x"), "--type: no type is given; name one of Activity Brand"),
    (
        "no such type",
        "a.tsv",
        b"x\n1\n",
        Options("label=x", "Ailment"),
        "--type: no type 'Ailment'; use Activity Brand",
    ),
    ("malformed", "a.ttl", b"\n<a> <b", Options(), "a.ttl:2: not Turtle ("),
    ("no RDF", "a.owl", b"Prefix(:=<x>)", Options(), "a.owl: is OWL in a syntax that is no RDF; save it as RDF/XML"),
    (
        "nothing in it",
        "a.ttl",
        b"<x:a> <x:b> <x:c> .",
        Options(),
        "a.ttl: holds no concept with an English label; na",
    ),
    ("a fetched context", "a.jsonld", b'{"@context": "https://example.org/c"}', Options(), "a.jsonld: names a context"),
    ("entities", "a.owl", XML.format('<!ENTITY a "b">').encode(), Options(), f"a.owl: {DECLARED}"),
    ("hidden", "a.rdf", XML.format("").replace("<!DOCTYPE", "<!DocType").encode(), Options(), f"a.rdf: {DECLARED}"),
    (
        "external",
        "a.owl",
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        Options(entities=True),
        f"a.owl: {DECLARED}",
    ),
    (
        "an external entity",
        "a.owl",
        XML.format('<!ENTITY a SYSTEM "file:///etc/passwd">').encode(),
        Options(entities=True),
        "a.owl: declares an entity that is no plain text; write IRIs in full",
    ),
    (
        "entities of entities",
        "a.owl",
        XML.format('<!ENTITY a "lol"><!ENTITY b "&a;&a;">').encode(),
        Options(entities=True),
        "a.owl: declares an entity that is no plain text; write IRIs in full",
    ),
    (
        "a parameter entity",
        "a.owl",
        XML.format('<!ENTITY % a "b">').encode(),
        Options(entities=True),
        "a.owl: declares an entity that is no plain text; write IRIs in full",
    ),
    (
        "quadratic",
        "a.owl",
        XML.format(f'<!ENTITY a "{"x" * 9000}">').replace("/>", ">" + "&a;" * 9000 + "</rdf:RDF>").encode(),
        Options(entities=True),
        "a.owl: entities add more than 1 MB; write IRIs in full",
    ),
    (
        "packed twice",
        "a.tsv.gz",
        gzip.compress(gzip.compress(b"x", mtime=0), mtime=0),
        Options(),
        "a.tsv.gz: is packed twice; unpack it once",
    ),
    (
        "cut gzip",
        "a.tsv.gz",
        gzip.compress(b"x" * 9999, mtime=0)[:-9],
        Options(),
        "a.tsv.gz: ends in the middle of its gzip data",
    ),
    ("broken gzip", "a.tsv.gz", b"\x1f\x8b" + b"x" * 99, Options(), "a.tsv.gz: is no sound gzip file ("),
)


@pytest.mark.parametrize(("name", "data", "options", "line"), [e[1:] for e in ERRORS], ids=[e[0] for e in ERRORS])
def test_what_cannot_be_read_is_one_clear_line(
    name: str, data: bytes, options: Options, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KgError) as error:
        source(Path(), name, data, options)
    assert str(error.value).startswith(line)
    assert "\n" not in str(error.value)


def test_entities_of_the_file_itself_are_put_in_where_they_are_allowed(tmp_path: Path) -> None:
    entities = '<!DOCTYPE rdf:RDF [<!-- ours -->\n<!ENTITY obo "http://purl.obolibrary.org/obo/">]>\n'
    text = OWL.replace("<rdf:RDF", entities + "<rdf:RDF", 1).replace(
        '"http://purl.obolibrary.org/obo/DOID', '"&obo;DOID'
    )
    found = source(tmp_path, "odd.owl", text.replace("alpha fever", "alpha &amp; fever"), Options(entities=True))
    assert by_label(found)["alpha & fever"].id == f"{OBO}DOID_900"


def test_a_decompression_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, wbits=31)
    packed = io.BytesIO()
    for _ in range(200):
        packed.write(packer.compress(bytes(1_000_000)))
    packed.write(packer.flush())
    assert len(packed.getvalue()) < 300_000
    tracemalloc.start()
    with pytest.raises(
        VocabularyError, match=r"a\.tsv\.gz: unpacks to more than 100 times its size; unpack it yourself"
    ):
        source(tmp_path, "a.tsv.gz", packed.getvalue())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000_000


def test_a_gzip_file_of_several_members_is_one_file(tmp_path: Path) -> None:
    data = gzip.compress(b"x\ty\n") + gzip.compress(b"alpha fever\t1\n") + b"\0\0\0"
    found = source(tmp_path, "a.tsv.gz", data, Options("label=x", "Condition"))
    assert [entry.label for entry in found.entries] == ["alpha fever"]


@given(text=st.sampled_from((HPO, OWL, SKOS, JSONLD, *(known.text for known in TABLES))), data=st.data())
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_damaged_is_read_or_refused(text: str, data: st.DataObject, tmp_path: Path) -> None:
    content = bytearray(text.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    name = data.draw(st.sampled_from(("a.obo", "a.owl", "a.ttl", "a.jsonld", "a.tsv", "a.csv", "a.xml.gz")))
    try:
        found = source(tmp_path, name, bytes(content), Options(entities=data.draw(st.booleans())))
    except KgError as error:
        assert "\n" not in str(error)
    else:
        assert all(entry.id and entry.label for entry in found.entries)


def test_the_largest_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MAXIMUM_BYTES", 10_000_000)
    with pytest.raises(VocabularyError, match="larger than 10 MB; name a smaller selection"):
        source(tmp_path, "a.tsv", b"x" * 10_000_001)
