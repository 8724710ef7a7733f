"""``python -m simulators.hubspot``: the same options as the management command."""

from __future__ import annotations

import argparse
import sys

from .options import Options, add_options
from .server import run


def main(arguments: list[str] | None = None) -> int:
    """Run until stopped and return the exit code: 1 if the address is not available."""
    parser = argparse.ArgumentParser(prog="hubspot_simulator", description="A local HubSpot.")
    add_options(parser)
    options = Options.from_parsed(vars(parser.parse_args(arguments)))
    try:
        run(options)
    except OSError as error:
        where = f"{options.host}:{options.port}"
        print(f"hubspot_simulator: {where}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
