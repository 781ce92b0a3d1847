"""Agreement: which documents are copies, what they say against each other, and how far a fact can be believed."""
