"""The campaign, by the commands that a user types; each is shown before it is run."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from dispatcher.cli.demo import program
from dispatcher.cli.demo.screen import Screen

NAME = "Spring seeds"
TEXT = "Garden Shop: 20 percent off all seeds until Sunday. Reply STOP to opt out."
CONSENT = "invented people, who agree to everything"


class Commands:
    """Runs commands with *env* in *folder*, and shows them on *screen*."""

    def __init__(self, screen: Screen, env: Mapping[str, str], folder: Path) -> None:
        self._screen = screen
        self._env = env
        self._folder = folder

    async def migrate(self, role: str) -> None:
        """Make the schema, and let *role* do what the daemon does."""
        out = await self._run("migrate", "--grant-to", role)
        self._screen.said(f"{out.count('applied ')} migrations applied")

    async def create(self) -> UUID:
        """Make the draft and return its id."""
        out = await self._run("campaign", "create", "--name", NAME, "--text", TEXT)
        self._screen.said(out)
        return UUID(out.strip())

    async def recruit(self, campaign: UUID, people: str) -> None:
        """Give each of the people in the file a text."""
        out = await self._run("campaign", "import", str(campaign), people, "--consent", CONSENT)
        self._screen.said(out.partition("\n")[0])

    async def launch(self, campaign: UUID, cents: int) -> None:
        """Start the campaign; it may cost so many *cents*."""
        out = await self._run("campaign", "launch", str(campaign), "--budget", str(cents))
        self._screen.said(out)

    async def _run(self, *words: str) -> str:
        self._screen.command(f"sms-dispatcher {shlex.join(words)}")
        return await program.run(*words, env=self._env, cwd=self._folder)
