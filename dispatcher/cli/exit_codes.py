"""What a command's exit code says."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes shared by all commands; argparse's own for wrong usage is FAILED too."""

    OK = 0
    FOUND = 1  # looked, and there is something to do
    FAILED = 2  # could not look or could not do it; nothing was changed
    UNFINISHED = 3  # stopped with requests in flight; the ledger knows them
    INTERRUPTED = 130  # Ctrl-C
