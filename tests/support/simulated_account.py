"""An account with one number of each kind, and colleagues."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dispatcher.simulator.settings import Number, Settings, User
from support.simulated import OURS

FAX, PLAIN, UNREGISTERED = "+16505550102", "+16505550103", "+16505550104"
TOLL_FREE, MMS, ABROAD = "+18005550105", "+16505550106", "+16505550107"
COLLEAGUES = "+16505550108"
NOWHERE = "+9995550100"  # no country has this code
ACCOUNT = Settings(
    lag=0,
    numbers=(
        Number(OURS),
        Number(FAX, ("SmsSender",), type="FaxOnly"),
        Number(PLAIN, ("CallerId",)),
        Number(UNREGISTERED, campaign="Pending"),
        Number(TOLL_FREE),
        Number(MMS, ("SmsSender", "MmsSender")),
        Number(ABROAD, ("SmsSender", "MmsSender", "InternationalSmsSender")),
    ),
    more_users=(
        User(256440016, "colleague-jwt", (Number(COLLEAGUES),), "102"),
        User(256440017, "queue-jwt", (Number("+16505550109"),), "103", kind="Department"),
    ),
)


def party(*numbers: str) -> list[dict[str, str]]:
    return [{"phoneNumber": number} for number in numbers]


def sender(number: str) -> dict[str, Any]:
    return {"phoneNumber": number}


def configured(changed: Mapping[str, Any] | None = None) -> Settings:
    return replace(ACCOUNT, **(changed or {}))
