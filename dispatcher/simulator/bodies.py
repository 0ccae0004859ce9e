"""Bodies of requests as JSON."""

import json
from typing import Any

from dispatcher.simulator.errors import refused


def json_object(body: bytes) -> dict[str, Any]:
    """Return the object that *body* holds; RefusedError if there is none."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        raise refused("CMN-103") from None
    if not isinstance(read, dict):
        raise refused("CMN-104")
    return read
