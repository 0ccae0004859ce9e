"""What may come instead of an answer, whatever was asked: nothing, or the wish that we wait."""

from dispatcher.core.rate import DEFAULT_RETRY_SECONDS, limit_group, retry_after
from dispatcher.edge.ringcentral.failures import Failure
from dispatcher.edge.ringcentral.sdk import Reply
from dispatcher.ports import LimitedError, LoginUnreachableError

_THROTTLED = 429


def given(reply: Reply | Failure, purpose: str) -> Reply:
    """Return an answer of any status but 429, which raises LimitedError.

    LoginUnreachableError says that none came, and for which *purpose* it was wanted.
    """
    if not isinstance(reply, Reply):
        raise LoginUnreachableError(f"RingCentral could not be reached {purpose}.")
    if reply.status == _THROTTLED:
        seconds = retry_after(reply.headers) or DEFAULT_RETRY_SECONDS
        raise LimitedError(limit_group(reply.headers), seconds)
    return reply
