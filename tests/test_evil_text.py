"""Text made to be slow or to break things: it is read to the end, in a time that grows with its length only.

No clock is read here: where a pattern backtracks, a text of this size takes minutes, and nobody overlooks that.
"""

from __future__ import annotations

import pytest

from kg.extraction import extractor
from kg.reading import make_document

SIZE = 20_000
REPEATED = {
    "words": "aaaa bbbb ",
    "cue and object": "may cause nausea and ",
    "cue without object": "side effects of the ",
    "one word": "a",
    "digits": "1 ",
    "doses": "5 mg to 5 mg or ",
    "emphasis": "*_",
    "blanks": " ",
    "lines": "\n",
    "titles": "a: ",
    "advice": "tell your doctor if you have ",
    "stopping": "stop stopping stopped abruptly ",
    "negations": "not ",
    "bullets": "- a\n",
    "numbers": "1. Drowsiness: x\n",
    "table": "| a | b |\n",
    "capitals": "ABCDE ",
    "letters that grow when lowered": "\u0130\u0301",
    "brackets": "([{(",
    "drugs": "clonazepam, ",
}


@pytest.mark.parametrize("piece", list(REPEATED.values()), ids=list(REPEATED))
def test_reads_to_the_end(piece: str) -> None:
    text = "Zoloft may cause nausea.\n\n" + piece * (SIZE // len(piece)) + "\n\nZoloft may cause rash."
    document = make_document("evil.txt", text)
    statements = extractor().extract(document, "sertraline")
    assert {"nausea", "rash"} <= {s.evidence.object_text for s in statements}
    for statement in statements:
        assert statement.evidence.quote == text[slice(*statement.evidence.span)]
