"""The page of the documentation that lists what can be asked in words, made from the forms.

python -m kg.questions.page > docs/asking.md
"""

from __future__ import annotations

import itertools
import sys

from kg.questions import answerers, forms, speech

_HEAD = """# Asking in words

<!-- Made by `python -m kg.questions.page` from queries/forms.toml and queries/words.toml: change those. -->

`kg ask "…"` understands the questions below, in these and many other wordings; `kg ask` alone lists them. There is no
language model: a question is understood where a form accounts for its words; where none does, as the form that is
by far the likeliest by its words, by what these say (`queries/senses.txt`) and by the types of its names
(`queries/telling.tsv` weighs them); and refused otherwise. Of two forms that ask much the same, the one that says more
is taken (`queries/canonical.toml`). Every answer begins with how the question was understood: read that line first.
DRUG is a drug, a brand or a class, THING a condition, an effect, an activity, a food or a group of people, PEOPLE such
a group, CLASS a class of drugs, TARGET what drugs act on.

**Answers are information about what documents say, not medical advice.**

- Several drugs and things: "DRUG, DRUG and DRUG", "THING or THING"; what is to be left out: "without causing THING",
  "but not THING", "that does not cause THING". Of things joined by "and" all must be stated, by "or" one.
- What is told of a person beside the question ("my mum is 82 and has gout, may she take …?") belongs to it: conditions,
  ages and drugs that are taken.
- A misspelt drug is taken for another only where it is one slip away from it and all others are two or more farther;
  the answer says so. Otherwise the question is refused with what may be meant.
- "Not", "no" and "without" are never passed over: a question that would be answered by its opposite is refused.
- Exit codes: 0 where something is stated, denied, or stated of something related; 1 where nothing is stated, which is
  neither "no" nor "safe"; 2 where the question is not understood, or a name in it is unknown.
"""


def page() -> str:
    """Return the page."""
    parts = [_HEAD]
    table = sorted(forms.load().forms, key=lambda form: _groups().index(form.group))
    for group, listed in itertools.groupby(table, key=lambda form: form.group):
        parts.append(f"## {group}\n\n| question | for instance | answered by |\n| --- | --- | --- |")
        parts += [f"| {form.plain} | {'<br>'.join(form.examples)} | {_behind(form)} |" for form in listed]
        parts.append("")
    parts.append("## What is refused\n")
    parts.append("Besides all that no form accounts for, what\n")
    parts += [f"- {refused.why} ({refused.remedy})" for refused in speech.load().refusals]
    return "\n".join(parts) + "\n"


def _groups() -> list[str]:
    return list(dict.fromkeys(form.group for form in forms.load().forms))


def _behind(form: forms.Form) -> str:
    function = answerers.FUNCTIONS.get(form.name)
    fixed = "".join(f", {key} {value}" for key, value in form.fixed.items())
    if function is None or form.question == "alternatives":
        question = f"[{form.question}](../queries/questions/{form.question}.rq){fixed}"
        return question if function is None else f"{question}; with a THING, the network of facts"
    return f"`{form.name}`{fixed}"


if __name__ == "__main__":
    sys.stdout.write(page())
