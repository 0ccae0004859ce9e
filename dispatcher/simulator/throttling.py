"""What a reply says of the rate, and the 429s."""

import math
from collections.abc import Mapping

from dispatcher.simulator.errors import refusal
from dispatcher.simulator.exchange import Reply
from dispatcher.simulator.faults import Fault
from dispatcher.simulator.limits import Verdict
from dispatcher.simulator.settings import Settings

# Limits beside the user's own: they answer without any word on the rate.
_SILENT_CODES = ("CMN-310", "MSG-305")


def rate_headers(group: str, verdict: Verdict, window: float) -> dict[str, str]:
    """Return the four headers. Seconds are whole and rounded up, so nobody comes too early."""
    return {
        "X-Rate-Limit-Group": group,
        "X-Rate-Limit-Limit": str(verdict.allowed),
        "X-Rate-Limit-Remaining": str(verdict.remaining),
        "X-Rate-Limit-Window": str(math.ceil(window)),
    }


def over_limit(settings: Settings, group: str, verdict: Verdict) -> Reply:
    """Return the 429 of a window that is full."""
    code = settings.limit_code
    headers = {} if code in _SILENT_CODES else rate_headers(group, verdict, settings.window)
    if settings.limit_retry_after and verdict.retry_after is not None:
        headers |= retry_after(verdict.retry_after)
    return refusal(code, status=429).plus(headers)


def throttled(fault: Fault, rates: Mapping[str, str]) -> Reply:
    """Return the 429 that *fault* asks for, as if the window of *rates* were full."""
    code = fault.code or "CMN-301"
    shown = code not in _SILENT_CODES if fault.rate_headers is None else fault.rate_headers
    full = {**rates, "X-Rate-Limit-Remaining": "0"} if shown and rates else {}
    return refusal(code, status=429).plus({**full, **retry_after(fault.retry_after)})


def retry_after(seconds: float | None) -> dict[str, str]:
    return {} if seconds is None else {"Retry-After": str(math.ceil(seconds))}
