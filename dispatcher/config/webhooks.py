"""Where RingCentral may call us, and what shows that it is RingCentral."""

import re
from functools import partial
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from dispatcher.config import addresses
from dispatcher.config.kinds import Group, Host, Kind, Number, Whole, matching

_TOKEN = re.compile(r"(?:[!-~]{32,256})?")


def _hook(url: str) -> str:
    if url and not addresses.is_hook(url):
        raise ValueError
    return url


HookUrl = Annotated[
    str,
    AfterValidator(_hook),
    Kind(
        "an https address with a path of letters, digits and - . _ ~ / "
        "(http only for this machine itself)"
    ),
]
Token = Annotated[
    SecretStr,
    AfterValidator(partial(matching, _TOKEN)),
    Kind("one word of at least 32 and at most 256 printable ASCII characters", by_file=True),
]


class Webhooks(Group):
    """Webhooks.

    Off unless `webhook_url` is set: news then comes by reading RingCentral's record alone. All
    processes of a login have the same address and token. How to put a proxy with TLS in front
    stands in [operations.md](operations.md#webhooks).
    """

    webhook_url: HookUrl = Field(
        "", description="The public address at which RingCentral calls us; empty: none."
    )
    webhook_token: Token = Field(
        SecretStr(""), description="What RingCentral shows each time; needed with an address."
    )
    webhook_host: Host = Field(
        "127.0.0.1", description="Where we listen for that; a proxy with TLS stands before it."
    )
    webhook_port: Whole = Field(
        9465, ge=0, le=65_535, description="The port for that; 0: any free one."
    )
    webhook_silence_minutes: Number = Field(
        30,
        ge=0.01,
        le=10_080,
        description="How long no call may come while texts go out, until an alert says so.",
    )

    @field_validator("webhook_token")
    @classmethod
    def _needed(cls, token: SecretStr, so_far: ValidationInfo) -> SecretStr:
        if so_far.data.get("webhook_url") and not token.get_secret_value():
            raise ValueError
        return token
