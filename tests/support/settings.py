"""A right configuration, with secrets that a test can search for."""

from pathlib import Path

SECRETS = {
    "RINGCENTRAL_CLIENT_SECRET": "Sk3wered-Platypus",
    "RINGCENTRAL_JWT": "eyJhbGci.Quokka7Zebra.x9Ocelot",
}
TOKEN = "Wh1spering-Narwhal-of-the-Hollow-Reef"  # noqa: S105  # neither
PASSWORD = "Tr0ub4dor-Axolotl"  # noqa: S105  # what must not be echoed
DATABASE = f"postgresql://dispatcher:{PASSWORD}@db.example:5432/shop"

# What nobody may ever read, whatever went wrong.
HIDDEN = (*SECRETS.values(), PASSWORD, TOKEN, *SECRETS["RINGCENTRAL_JWT"].split("."))

RIGHT = {"DATABASE_URL": DATABASE, "RINGCENTRAL_CLIENT_ID": "client", **SECRETS}


def without(*names: str, **more: str) -> dict[str, str]:
    """Return the right environment without *names*, with *more*."""
    return {name: value for name, value in RIGHT.items() if name not in names} | more


def file(folder: Path, name: str, content: str | bytes) -> Path:
    """Write *content* into a file of *folder* and return its path."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
