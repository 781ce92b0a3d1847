"""What each tool must be given; what is not named here is refused."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kg.network.explanation import MAXIMUM_HOPS
from kg.questions.guard import MAXIMUM_BYTES
from kg.vocabulary import schema

MOST_LINES = 100
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_DRUG = "a drug, brand or class of drugs, in any spelling, or its IRI"
_THING = "a drug, class, condition, effect, group of people, activity or substance, by name or IRI"


class Arguments(BaseModel):
    """What a tool is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Paged(Arguments):
    """What a tool is given that answers with lines."""

    limit: int = Field(default=20, ge=1, le=MOST_LINES, description="how many entries to show at most")
    offset: int = Field(default=0, ge=0, le=1_000_000, description="how many entries to pass over, to see what was cut")


class FindEntity(Paged):
    """What `find_entity` is given."""

    name: Name = Field(description="a name or a part of one; misspelt ones are found too")


class Cautions(Paged):
    """What `cautions` is given."""

    drug: Name = Field(description=_DRUG)
    about: Name | None = Field(
        default=None,
        description="one condition, person, activity, food or drug instead of everything; a severity may stand "
        "before it",
    )
    min_level: str | None = Field(
        default=None, max_length=50, description=f"the least level of care, one of {', '.join(schema.load().levels)}"
    )
    population: Name | None = Field(default=None, description="only what is said of these people")


class FactsBetween(Paged):
    """What `facts_between` is given."""

    a: Name = Field(description=_THING)
    b: Name = Field(description="another one")
    max_hops: int = Field(default=3, ge=1, le=MAXIMUM_HOPS, description="the longest path; 1 for direct facts only")


class EvidenceOf(Paged):
    """What `evidence` is given."""

    fact: Name = Field(description="the IRI of a fact, as other tools give it")


class ListQuestions(Paged):
    """What `list_questions` is given."""

    limit: int = Field(default=MOST_LINES, ge=1, le=MOST_LINES, description="how many questions to show at most")
    containing: Annotated[str, StringConstraints(max_length=100)] = Field(
        default="", description="only questions with these words in name, title or reason"
    )


class RunQuestion(Paged):
    """What `run_question` is given."""

    question: Name = Field(description="the name of a question, as `list_questions` gives it")
    parameters: dict[str, Name] = Field(
        default={}, max_length=10, description="each parameter of the question by its name"
    )


class Select(Paged):
    """What `select` is given."""

    sparql: Annotated[str, StringConstraints(min_length=1, max_length=MAXIMUM_BYTES)] = Field(
        description="a SELECT or ASK query; the prefixes drugs:, concept:, fact:, graph:, skos:, oa: are declared. A "
        "column of facts gives each row its evidence, as in "
        "SELECT ?fact ?object { ?fact drugs:subject ?drug ; drugs:object ?object } LIMIT 20"
    )
