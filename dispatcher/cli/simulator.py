"""`sms-dispatcher simulator`: a stand-in for RingCentral over real HTTP."""

import argparse

from dispatcher.simulator import app

DESCRIPTION = """\
A stand-in for RingCentral's messaging API over real HTTP, for tests, demos
and benchmarks: it refuses what RingCentral refuses, keeps its limits, can be
told to fail, and keeps a ledger of every text that it accepted. It sends
nothing to anybody. docs/simulator.md tells the rest."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "simulator",
        help="run a stand-in for RingCentral",
        description=DESCRIPTION,
    )
    app.add_options(parser)
    parser.set_defaults(run=app.run)
