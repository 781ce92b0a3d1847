"""Every test reads with the package's own vocabulary, whatever lexicon its reader keeps at home."""

from __future__ import annotations

import os

os.environ["KG_VOCABULARY"] = "none"
