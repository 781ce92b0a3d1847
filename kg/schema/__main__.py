"""`python -m kg.schema` writes the page that documents the JSON of the command line anew."""

from __future__ import annotations

from pathlib import Path

from kg import schema

if __name__ == "__main__":
    (Path(__file__).resolve().parents[2] / schema.PAGE).write_text(schema.page(), encoding="utf-8")
