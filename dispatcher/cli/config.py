"""`sms-dispatcher config`: show the configuration that is in force, without its secrets."""

import argparse
import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dispatcher.cli import address
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.config import Effective, effective, rules, shown, variable

DESCRIPTION = """\
Shows every setting, its value and where that comes from: the environment,
credentials (also a file that <NAME>_FILE names), the --config file, or the
default. Secrets are masked. Also judges the table of rules (rules_file). Asks
neither the database nor RingCentral.
Exit codes: 0 the configuration is right; 2 it is refused, with all that is
wrong, a line each."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "config",
        help="show the configuration that is in force, without its secrets",
        description=DESCRIPTION,
    )
    parser.set_defaults(run=run)
    address.add_config(parser)


def run(args: argparse.Namespace) -> ExitCode:
    found = effective(args.config)
    rules.rules(found.config)
    _print(found)
    return ExitCode.OK


def _print(found: Effective) -> None:
    table = Table("Setting", "Value", "From")
    table.columns[0].no_wrap = True
    for name, origin in found.origins.items():
        value = shown(found.config, name)
        table.add_row(Text(variable(name)), Text(value, overflow="fold"), Text(origin))
    # In a file or a pipe lines are long, so that a value can be copied out whole.
    width = None if sys.stdout.isatty() else 200
    Console(width=width).print(table)
