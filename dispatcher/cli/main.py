"""`sms-dispatcher`: takes the command line apart, runs the command, ends with its exit code."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dispatcher.cli.exit_codes import ExitCode
from dispatcher.core.errors import DispatcherError

COMMANDS = {
    "migrate": "migrate",
    "audit": "audit",
    "config": "config",
    "run": "run",
    "campaign": "campaign",
    "queue": "queue",
    "explain": "explain",
    "rules": "rules",
    "unknown": "unknown",
    "receipts": "receipts",
    "replies": "replies",
    "suppress": "suppress",
    "consent": "consent",
    "verify": "verify",
    "rollup": "rollup",
    "simulator": "simulator",
    "demo": "demo.command",
}
"""Each command's module. Only the one that is asked for is loaded: all take a second."""


class Parser(argparse.ArgumentParser):
    """The parser of every command: argparse makes those of the commands alike."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  # whatever argparse passes
        # A description stands as it is written: its lines are cut for eighty columns.
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **options)


def parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of the command that *argv* begins with, else of all."""
    top = Parser(
        prog="sms-dispatcher",
        description="Sends SMS campaigns through RingCentral from a PostgreSQL queue.",
    )
    top.add_argument(
        "--version", action="version", version=f"%(prog)s {version('sms-dispatcher')}"
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    wanted = COMMANDS.keys() & argv[:1] or COMMANDS
    for name in (name for name in COMMANDS if name in wanted):
        import_module(f"dispatcher.cli.{COMMANDS[name]}").add_parser(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors are one sentence on stderr."""
    _mend_output()
    argv = sys.argv[1:] if argv is None else argv
    args = parser(argv).parse_args(argv)
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except DispatcherError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        return _forget_output(ExitCode.OK)  # the reader has seen enough: `| head`
    except OSError as error:
        return _forget_output(_fail(f"The output cannot be written: {error.strerror}."))
    return code


def _mend_output() -> None:
    if sys.stdout is None:  # `>&-`: the caller wants the exit code alone
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # for good
    elif isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show an arrow


def _fail(sentence: str) -> int:
    print(f"sms-dispatcher: {sentence}", file=sys.stderr)
    return ExitCode.FAILED


def _forget_output(code: int) -> int:
    # Python flushes stdout once more at its end, and would complain once more.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code
