"""Results: typed sequences of frozen records, and the forms that others want them in (dictionaries, frames, HTML)."""
