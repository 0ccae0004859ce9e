"""`sms-dispatcher suppress`: numbers that get no texts, and why."""

import argparse

from dispatcher.cli.suppress import adding, importing, listing, removing

DESCRIPTION = """\
Keeps a number from being texted, for a reason and, where it makes sense, for a
time; lifts that; lists what stands. Every change is evidence
(newsletter.consent_events), with who and why. The daemon's role (migrate
--grant-to) may do all of it."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "suppress",
        help="keep numbers from being texted, or lift that",
        description=DESCRIPTION,
    )
    steps = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for step in (adding, removing, listing, importing):
        step.add_parser(steps)
