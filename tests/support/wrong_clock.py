"""Runs the program as on a machine whose wall clock is wrong by as many hours as its first argument says."""

import sys
import time

from dispatcher.cli.main import main

SECONDS_AN_HOUR = 3600

if __name__ == "__main__":
    off = float(sys.argv.pop(1)) * SECONDS_AN_HOUR
    right = time.time  # noqa: TID251  # this is about that very clock
    time.time = lambda: right() + off  # noqa: TID251
    sys.exit(main())
