"""The other side of `benchmarks.speed`: medspaCy reads the same texts, in an interpreter that needs nothing of ours.

    python benchmarks/speed_medspacy.py TEXTS.jsonl TARGETS.json SENTENCIZER

`TEXTS.jsonl` has a text in each line, `TARGETS.json` a list of pairs: words, category. `SENTENCIZER` is medspaCy's own
(`medspacy_pyrush`) or spaCy's (`sentencizer`). What is to be read comes as numbers on stdin, what it took goes to
stdout.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path


def take_turns(texts: Iterator[int]) -> None:
    """Read as many texts as each line of stdin says, and say in JSON what that took; the first answer is for loading.

    `texts` gives the bytes of each text once it is read.
    """
    _answer(0, time.perf_counter(), 0.0)
    for line in sys.stdin:
        start, before, size = time.perf_counter(), time.process_time(), 0
        for _, read in zip(range(int(line)), texts, strict=False):
            size += read
        _answer(size, start, before)


def _answer(size: int, start: float, before: float) -> None:
    seconds, processor = time.perf_counter() - start, time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps({"bytes": size, "seconds": seconds, "processor": processor, "memory": peak}), flush=True)


def read_texts(texts: Path, targets: Path, sentencizer: str) -> Iterator[int]:
    """Find the targets in texts, with what ConText says of each: a blank pipeline, no model."""
    import spacy  # type: ignore[import-not-found]
    from loguru import logger  # type: ignore[import-not-found]
    from medspacy.target_matcher import TargetRule  # type: ignore[import-not-found]

    logger.remove()  # the sentencizer writes a line for each token
    nlp = spacy.blank("en")
    nlp.add_pipe(sentencizer)
    nlp.max_length = 10_000_000
    matcher = nlp.add_pipe("medspacy_target_matcher")
    matcher.add([TargetRule(words, category) for words, category in json.loads(targets.read_text("utf-8"))])
    nlp.add_pipe("medspacy_context")
    return _read(nlp, texts)


def _read(nlp: object, texts: Path) -> Iterator[int]:
    with texts.open(encoding="utf-8") as lines:
        for line in lines:
            text = json.loads(line)
            found = nlp(text)  # type: ignore[operator]
            said = [(e.start_char, e.end_char, e.label_, e._.is_negated, e._.is_hypothetical) for e in found.ents]
            json.dumps(said)
            yield len(text.encode())


if __name__ == "__main__":
    take_turns(read_texts(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
