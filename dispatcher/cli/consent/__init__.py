"""`sms-dispatcher consent`: who agreed to texts, what proves it, and what came of it."""

import argparse

from dispatcher.cli.consent import importing, show

DESCRIPTION = """\
Shows what is known of one person's consent and of each text they got, and takes
consents with their proof from a file. Every change of consent is recorded in
newsletter.consent_events, which nobody changes or deletes."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "consent",
        help="show one person's consent and texts, or take consents with proof",
        description=DESCRIPTION,
    )
    more = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (show, importing):
        command.add_parser(more)
