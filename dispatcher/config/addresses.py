"""What an address must look like, and how one is shown without its password."""

import ipaddress
import re

MASK = "********"

HIGHEST_PORT = 65535
LONGEST_HOOK = 1024

# A bare @ / ? or # in a password would put its end into the host, for us and for asyncpg.
_POSTGRESQL = re.compile(
    r"(?P<scheme>postgres(?:ql)?)://"
    r"(?:(?P<user>[^:@/?#]*)(?P<password>:[^@/?#]*)?@)?"
    r"(?P<hosts>[^@/?#]*)"
    r"(?P<name>/[^@/?#]*)?"
    r"(?:\?(?P<options>[^@#&=]+=[^@#&]*(?:&[^@#&=]+=[^@#&]*)*))?"
)
_HOST = re.compile(r"(?:[\w.%-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?", re.ASCII)
_SERVER = re.compile(
    r"(?P<scheme>https?)://(?P<host>[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?/?",
    re.ASCII,
)
_HOOK = re.compile(r"(?P<server>https?://[^/?#@]+)(?P<path>(?:/[\w.~-]+)+/?)", re.ASCII)
_PORT = re.compile(r"(?:^|&)port=")
_PRINTABLE = re.compile(r"[!-~]+")

# Whatever else stands behind the question mark is masked: libpq knows more than one password.
_HARMLESS = {
    "application_name",
    "connect_timeout",
    "dbname",
    "host",
    "port",
    "sslmode",
    "target_session_attrs",
    "user",
}


def is_postgresql(url: str) -> bool:
    """Say whether *url* is postgresql://, with as many hosts as one likes."""
    parts = _POSTGRESQL.fullmatch(url)
    return (
        parts is not None
        and _PRINTABLE.fullmatch(url) is not None
        # No host at all is the local socket, or stands among the options.
        and all(_is_host(host) for host in parts["hosts"].split(",") if parts["hosts"])
        # asyncpg overlooks it there, and would ask at 5432.
        and not (parts["hosts"] and _PORT.search(parts["options"] or ""))
    )


def masked(url: str) -> str:
    """Return *url*, a good one, as people may see it."""
    parts = _POSTGRESQL.fullmatch(url)
    if parts is None:
        return MASK
    user, password = parts["user"] or "", f":{MASK}" if parts["password"] else ""
    login = f"{user}{password}@" if user or password else ""
    options = "&".join(map(_masked_option, (parts["options"] or "").split("&")))
    question = "?" if options else ""
    return (
        f"{parts['scheme']}://{login}{parts['hosts']}{parts['name'] or ''}{question}{options}"
    )


def is_server(url: str) -> bool:
    """Say whether *url* is https:// and nothing but a host; http:// may only stay at home."""
    parts = _SERVER.fullmatch(url)
    return (
        parts is not None
        and _is_port(parts["port"])
        and (parts["scheme"] == "https" or _is_loopback(parts["host"]))
    )


def is_hook(url: str) -> bool:
    """Say whether *url* is a server's address and a path, which nobody need decode."""
    parts = _HOOK.fullmatch(url)
    return parts is not None and len(url) <= LONGEST_HOOK and is_server(parts["server"])


def hook_path(url: str) -> str:
    """Return the path of *url*, for which is_hook() holds."""
    parts = _HOOK.fullmatch(url)
    return parts["path"] if parts else ""


def _masked_option(option: str) -> str:
    name, equals, _ = option.partition("=")
    if name in _HARMLESS:
        return option
    return f"{name}={MASK}" if equals else ""


def _is_host(host: str) -> bool:
    parts = _HOST.fullmatch(host)
    return parts is not None and _is_port(parts["port"])


def _is_port(port: str | None) -> bool:
    return port is None or 0 < int(port) <= HIGHEST_PORT


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
