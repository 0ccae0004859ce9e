"""The bodies of RingCentral's refusals."""

from dispatcher.simulator.catalogue import KNOWN, Known
from dispatcher.simulator.exchange import RefusedError, Reply


def refusal(
    code: str, *, parameter: str | None = None, value: object = "", status: int | None = None
) -> Reply:
    """Return the reply that carries *code*; one that is not known needs a *status*."""
    known = KNOWN.get(code) or Known(status or 400, "The request cannot be processed")
    message = known.message.format(parameter=parameter, value=value)
    entry = {"errorCode": code, "message": message}
    named = {} if parameter is None else {"parameterName": parameter}
    body = {
        "errorCode": known.top or code,
        "message": message,
        "errors": [entry | named],
        **named,
    }
    return Reply(status or known.status, body)


def refused(code: str, *, parameter: str | None = None, value: object = "") -> RefusedError:
    return RefusedError(refusal(code, parameter=parameter, value=value))


def oauth_refused(error: str, code: str, description: str, status: int = 400) -> RefusedError:
    """Return what the token endpoint answers: OAuth's shape and RingCentral's in one body."""
    body = {
        "error": error,
        "error_description": description,
        "errors": [{"errorCode": code, "message": description}],
    }
    return RefusedError(Reply(status, body))
