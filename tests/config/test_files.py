"""Files that cannot be read: one clear sentence each, which names no path."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.settings import RIGHT, file, without

from dispatcher import config
from dispatcher.config import ConfigError

NOBODY = 65534


def faults(path: Path | None, environ: Mapping[str, str]) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        config.load(path, environ)
    return caught.value.faults


@contextmanager
def reading(make: Callable[[Path], Path]) -> Iterator[None]:
    """Be nobody where a right is missing: root may read everything."""
    was = os.geteuid()
    if was == 0 and make is locked:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(was)


def missing(tmp_path: Path) -> Path:
    return tmp_path / "missing"


def folder(tmp_path: Path) -> Path:
    return tmp_path


def locked(tmp_path: Path) -> Path:
    path = file(tmp_path, "locked", "")
    path.chmod(0)
    return path


def latin(tmp_path: Path) -> Path:
    return file(tmp_path, "latin", 'login_name = "Zoë"'.encode("latin-1"))


def utf16(tmp_path: Path) -> Path:
    return file(tmp_path, "utf16", "lanes = 3".encode("utf-16"))


def large(tmp_path: Path) -> Path:
    return file(tmp_path, "large", "#" * 65_537)


UNREADABLE = [
    (missing, "does not exist."),
    (folder, "is a directory, not a file."),
    (locked, "may not be read by this user."),
    (latin, "is not text in UTF-8."),
    (utf16, "is not text in UTF-8."),
    (large, "is larger than 65536 bytes."),
    (lambda _: Path("nul\0"), "cannot be read."),
    (lambda _: Path("n" * 5000), "cannot be read."),
]


@pytest.mark.parametrize(("make", "said"), UNREADABLE)
def test_a_file_of_settings_that_cannot_be_read(
    tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    """What the file would have given is not called missing."""
    path = make(tmp_path)
    with reading(make):
        assert faults(path, {}) == (f"The file that --config names {said}",)


@pytest.mark.parametrize(("make", "said"), UNREADABLE)
def test_a_file_of_a_secret_that_cannot_be_read(
    tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    environ = without("RINGCENTRAL_JWT", RINGCENTRAL_JWT_FILE=str(make(tmp_path)))
    with reading(make):
        assert faults(None, environ) == (f"The file that RINGCENTRAL_JWT_FILE names {said}",)


def test_a_credential_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "ringcentral_jwt").mkdir()
    environ = without("RINGCENTRAL_JWT", CREDENTIALS_DIRECTORY=str(tmp_path))
    assert faults(None, environ) == (
        "The credential ringcentral_jwt is a directory, not a file.",
    )
    (tmp_path / "ringcentral_jwt").rmdir()
    assert "RINGCENTRAL_JWT is missing" in faults(None, environ)[0]
    file(tmp_path, "ringcentral_jwt", " \n")
    assert faults(None, environ) == (
        "RINGCENTRAL_JWT (from a file) must be one word of printable ASCII characters.",
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("lanes = 3\nSesame\n", "is not TOML: look in line 2."),
        ('lanes = "Sesame', "is not TOML: look at its end."),
        ("lanes = " + "9" * 5000, "is not TOML that can be read."),
        ("lanes = " + "[" * 5000, "is not TOML that can be read."),
        ("lanes = 3\nlanes = 4", "is not TOML: look at its end."),
    ],
)
def test_a_file_that_is_not_toml(tmp_path: Path, content: str, said: str) -> None:
    said = f"The file that --config names {said}"
    assert faults(file(tmp_path, "a.toml", content), RIGHT) == (said,)
