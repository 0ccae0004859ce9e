"""What a request that brought no answer has come to.

The SDK puts every failure of the network into one exception whose text holds the token; the
real one is behind it. Neither leaves this room: what is wrong with the network becomes a value,
what is wrong with a program becomes `SdkFailedError`.
"""

import traceback

import requests
from urllib3.exceptions import HTTPError

from dispatcher.core.outcome import Ambiguous, NotBegun, Unreached
from dispatcher.edge.ringcentral.journey import Journey, TooLateError

Failure = Unreached | NotBegun | Ambiguous

_OF_THE_NETWORK = (requests.RequestException, HTTPError, OSError, TooLateError)


class SdkFailedError(Exception):
    """A bug in the SDK or in our use of it, before anything was sent. To be let through."""

    def __init__(self, error: BaseException) -> None:
        last = traceback.extract_tb(error.__traceback__)[-1:]
        where = "".join(f" in {frame.name}, line {frame.lineno}" for frame in last)
        super().__init__(f"The RingCentral SDK raised {type(error).__name__}{where}.")


def failure(error: BaseException, journey: Journey) -> Failure | SdkFailedError:
    """Return what *error* means; an SdkFailedError is for the caller to raise, alone."""
    outcome = journey.failed()
    network = any(isinstance(each, _OF_THE_NETWORK) for each in behind(error))
    if network or journey.begun:
        return outcome
    return SdkFailedError(behind(error)[-1])


def behind(error: BaseException) -> list[BaseException]:
    """Return *error* and what was being handled when it was raised, back to the first."""
    chain: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in chain:
        chain.append(at)
        at = at.__cause__ or at.__context__
    return chain
