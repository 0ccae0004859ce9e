"""`sms-dispatcher campaign`: make a campaign, fill it, start it, watch it, stop it."""

import argparse

from dispatcher.cli.campaign import create, importing, launch, moves, status

DESCRIPTION = """\
Makes a campaign of texts, fills it with people, starts it, shows how it goes
and stops it. None of it calls RingCentral: the texts leave by sms-dispatcher
run. create, import and launch write what the host application writes: use its
role (migrate --grant-host) or the one that owns the tables."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "campaign",
        help="make, fill, start, watch and stop a campaign",
        description=DESCRIPTION,
    )
    steps = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for step in (create, importing, launch, status, moves):
        step.add_parser(steps)
