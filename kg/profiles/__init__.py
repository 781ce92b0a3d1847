"""A drug's profile: everything that a page about one drug shows, as plain records, whoever draws the page.

Every fact about the drug stands in exactly one line of one section. What the documents do not say is an empty section,
for which `Profile.not_stated` has the words: it is neither "no" nor "safe".
"""

from kg.profiles.made import profile
from kg.profiles.plan import PLAN
from kg.profiles.records import DENIED, Entry, Group, Line, Listed, Profile, Section

__all__ = ["DENIED", "PLAN", "Entry", "Group", "Line", "Listed", "Profile", "Section", "profile"]
