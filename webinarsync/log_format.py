"""How a line of the log looks: a secret that is part of an address is left out of it."""

import logging
import re

# Where GoTo posts its events, and where somebody sees how their registration stands.
_SECRET_IN_ADDRESS = re.compile(r"(/goto/webhook/|/r/[^/\s]+/)[\w-]{20,}")


class Discreet(logging.Formatter):
    """Writes `…` for the secret part of an address, in tracebacks too."""

    def format(self, record: logging.LogRecord) -> str:
        return _SECRET_IN_ADDRESS.sub(r"\1…", super().format(record))
