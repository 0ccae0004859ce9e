"""A private PostgreSQL server in a temporary folder, for the demo and the tests.

It changes nothing that it did not make: no account is created, no permission widened.
"""

import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from dispatcher.core.errors import DispatcherError
from dispatcher.edge.clock import wait_until
from dispatcher.edge.postgres_binaries import (
    Account,
    Binaries,
    give,
    unprivileged,
    within_reach,
)
from dispatcher.edge.warden import Warden

_PATIENCE_SECONDS = 30.0

# Runs beside the server and outlives us, however we die: when its input ends it stops the
# server that it was last told of and removes the folder. The kernel's own signal at a
# parent's death is Linux's alone, hangs on the thread that forked, and leaves the folder.
_WARDEN = """
server=
while read -r line; do server=$line; done
if [ -n "$server" ] && kill -QUIT "$server"; then
    tries=0
    while [ -e "$1/data/postmaster.pid" ] && [ "$tries" -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
fi
rm -rf "$1"
"""


class ServerFailedError(DispatcherError):
    """A program of PostgreSQL gave up; the message ends with what it wrote."""

    def __init__(self, program: str, wrote: str) -> None:
        super().__init__(f"{program} failed:\n{wrote.strip()}")
        self.program = program


class PrivateServer:
    """A running server for this machine alone: on 127.0.0.1 and a socket in *folder*."""

    def __init__(
        self,
        command: list[str],
        folder: Path,
        account: Account,
        warden: Warden,
    ) -> None:
        self.folder = folder
        self.port = _free_port()
        self._command = [*command, "-c", f"port={self.port}"]
        self._account = account
        self._warden = warden
        self._launch()

    @property
    def pid(self) -> int:
        return self._process.pid

    def dsn(self, database: str = "postgres", user: str = "postgres") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def restart(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop and start on the same port; SIGQUIT makes it recover as after a power cut."""
        self.stop(how)
        self._launch()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: politely first, and by force if it does not listen."""
        for each in (how, signal.SIGQUIT, signal.SIGKILL):
            self._process.send_signal(each)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE_SECONDS)
                break
        self._warden.tell("")

    def promote(self) -> None:
        """Make a standby a server of its own; returns once it takes writes."""
        programs = Path(self._command[0]).parent
        options = ["promote", "-D", str(self.folder / "data")]
        _call(programs / "pg_ctl", options, self._account, self.folder)

    def _launch(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                user=self._account.user,
                group=self._account.group,
                extra_groups=self._account.groups,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; we then stop the server
            )
        self._warden.tell(str(self.pid))
        try:
            self._await_readiness()
        except BaseException:
            self.stop(signal.SIGQUIT)
            raise

    def _await_readiness(self) -> None:
        wait_until(lambda: self._ready() or self._process.poll() is not None, _PATIENCE_SECONDS)
        if not self._ready():
            wrote = (self.folder / "log").read_text("utf-8", errors="replace")
            raise ServerFailedError("postgres", wrote)

    def _ready(self) -> bool:
        """Read the status that the server keeps in the eighth line of its lock file."""
        with suppress(FileNotFoundError):
            lines = (self.folder / "data" / "postmaster.pid").read_text("utf-8").splitlines()
            return lines[:1] == [str(self.pid)] and lines[7:8] == ["ready   "]
        return False


@contextmanager
def start(
    binaries: Binaries,
    settings: Mapping[str, str] | None = None,
    *,
    within: Path | None = None,
    standby_of: PrivateServer | None = None,
) -> Iterator[PrivateServer]:
    """Run a new server with the superuser `postgres`; afterwards nothing of it is left.

    Its folder is made in *within*, else where temporary files go. As a standby it calls itself
    `standby`: what the other's `synchronous_standby_names` waits for.
    """
    account = unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="sms-dispatcher-", dir=within))
    # Leaving the block ends the warden's input, and waits until it has removed the folder.
    with Warden(_WARDEN, str(folder)) as warden:
        give(folder, account)
        binaries = within_reach(binaries, account, folder)
        _fill(binaries, account, folder, standby_of)
        server = PrivateServer(
            _command(binaries, folder, settings or {}), folder, account, warden
        )
        try:
            yield server
        finally:
            server.stop()


def _fill(
    binaries: Binaries, account: Account, folder: Path, primary: PrivateServer | None
) -> None:
    program, options = "initdb", "--username=postgres --auth=trust --encoding=UTF8 --no-locale"
    if primary:
        origin = f"{primary.dsn()}?application_name=standby"
        program = "pg_basebackup"
        options = f"--write-recovery-conf --checkpoint=fast --dbname={origin}"
    words = ["-D", str(folder / "data"), "--no-sync", *options.split()]
    _call(binaries.folder / program, words, account, folder)


def _call(program: Path, options: Sequence[str], account: Account, folder: Path) -> None:
    result = subprocess.run(
        [program, *options],
        user=account.user,
        group=account.group,
        extra_groups=account.groups,
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
    )
    if result.returncode != 0:
        raise ServerFailedError(program.name, result.stderr)


def _command(binaries: Binaries, folder: Path, settings: Mapping[str, str]) -> list[str]:
    ours = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(folder)}
    pairs = [f"{name}={value}" for name, value in {**settings, **ours}.items()]
    options = [word for pair in pairs for word in ("-c", pair)]
    return [str(binaries.folder / "postgres"), "-D", str(folder / "data"), *options]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
