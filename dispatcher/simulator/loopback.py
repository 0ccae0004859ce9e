"""What is this machine and nothing else."""

import ipaddress


def is_loopback(host: str | None) -> bool:
    """Tell whether *host*, an address or a name, can only be this machine."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host == "localhost"
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
