"""Graded care: what warrants caution with a drug, in which level of one ordered scale, who says so, and what follows.

Every answer keeps four origins apart, the strongest first: what a document states of the drug itself (`stated`), what
it states of a class that the drug belongs to (`class`), what it states of something wider than what was asked about
(`vocabulary`), and what follows from facts by a rule (`derived`). Levels never collapse into one another; what is
denied, what is stated safe and what no document mentions are three different things.
"""

from kg.care.answers import care, cautions
from kg.care.fit import fit
from kg.care.needing import drugs_needing_care
from kg.care.records import CautionAnswer, Cell, DrugInNeed, FitRow, FitTable, Item, NeedingAnswer, Saying

__all__ = [
    "CautionAnswer",
    "Cell",
    "DrugInNeed",
    "FitRow",
    "FitTable",
    "Item",
    "NeedingAnswer",
    "Saying",
    "care",
    "cautions",
    "drugs_needing_care",
    "fit",
]
