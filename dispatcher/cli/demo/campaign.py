"""The campaign, by the commands that a user types; each is shown before it is run."""

import argparse
import asyncio
import contextlib
import io
import shlex
from pathlib import Path
from uuid import UUID

from dispatcher.cli import campaign, migrate, rollup, verify
from dispatcher.cli.demo.screen import Screen
from dispatcher.cli.exit_codes import ExitCode
from dispatcher.core.errors import DispatcherError

NAME = "Spring seeds"
TEXT = "Garden Shop: 20 percent off all seeds until Sunday. Reply STOP to opt out."
CONSENT = "invented people, who agree to everything"


class CommandFailedError(DispatcherError):
    """A command of the demo's own said no."""


class Commands:
    """Runs commands in *folder*, and shows them on *screen*.

    In our own process: to start a program for each would take longer than all that they do.
    """

    def __init__(self, screen: Screen, dsn: str, folder: Path) -> None:
        self._screen = screen
        self._dsn = dsn
        self._folder = folder
        self._parser = argparse.ArgumentParser()
        commands = self._parser.add_subparsers()
        for command in (migrate, campaign, verify, rollup):
            command.add_parser(commands)

    async def migrate(self, role: str) -> None:
        """Make the schema, and let *role* do what the daemon does."""
        out = await self._run("migrate", "--grant-to", role)
        self._screen.said(f"{out.count('applied ')} migrations applied")

    async def create(self) -> UUID:
        """Make the draft and return its id."""
        out = await self._run("campaign", "create", "--name", NAME, "--text", TEXT)
        self._screen.said(out)
        return UUID(out.strip())

    async def recruit(self, made: UUID, people: str) -> None:
        """Give each of the people in the file a text."""
        out = await self._run("campaign", "import", str(made), people, "--consent", CONSENT)
        self._screen.said(out.partition("\n")[0])

    async def launch(self, made: UUID, cents: int) -> None:
        """Start the campaign; it may cost so many *cents*."""
        out = await self._run("campaign", "launch", str(made), "--budget", str(cents))
        self._screen.said(out)

    async def verify(self) -> bool:
        """Return whether queue, ledger and budgets agree, by the command that tells it."""
        return await self._agrees("verify")

    async def count(self) -> bool:
        """Count the figures by day; return whether they agree with a count of everything."""
        self._screen.said(await self._run("rollup"))
        return await self._agrees("rollup", "--verify")

    async def _agrees(self, *words: str) -> bool:
        code, out = await self._ended(*words)
        self._screen.said(out)
        return code is ExitCode.OK

    async def _run(self, *words: str) -> str:
        code, out = await self._ended(*words)
        if code:
            said = out.strip()
            raise CommandFailedError(f"sms-dispatcher {' '.join(words[:2])} failed: {said}")
        return out

    async def _ended(self, *words: str) -> tuple[ExitCode, str]:
        self._screen.command(f"sms-dispatcher {shlex.join(words)}")
        return await asyncio.to_thread(self._done, [*words, "--database-url", self._dsn])

    def _done(self, words: list[str]) -> tuple[ExitCode, str]:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.chdir(self._folder):
            args = self._parser.parse_args(words)
            code: ExitCode = args.run(args)
        return code, out.getvalue()
