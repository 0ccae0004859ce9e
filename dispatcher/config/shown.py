"""Values as people may see them."""

from pydantic import SecretStr

from dispatcher.config import addresses
from dispatcher.config.settings import Config


def shown(config: Config, name: str) -> str:
    """Return the setting *name* as one would set it, a secret masked."""
    if name == "database_url":
        return addresses.masked(config.database_url.get_secret_value())
    return text(getattr(config, name))


def text(value: object) -> str:
    """Return *value* as one would set it."""
    match value:
        case SecretStr():
            return addresses.MASK if value else ""
        case bool():
            return str(value).lower()
        case tuple():
            return ",".join(value)
        case float():
            return f"{value:g}"
        case _:
            return str(value)
