"""What holds for every test: the package's own vocabulary, and an interruption that arrives."""

from __future__ import annotations

import os
import signal

# Whatever lexicon its reader keeps at home.
os.environ["KG_VOCABULARY"] = "none"

# A job that a shell started in the background ignores Ctrl-C, and so would every command that a test starts and
# interrupts: it would wait for ever. A handler of our own is not inherited, so these commands begin with the default.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):  # which `nohup` sets aside
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
