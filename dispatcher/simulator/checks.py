"""What RingCentral refuses at once, as a table: the first row that is broken is the answer."""

import re
from collections.abc import Callable
from typing import NamedTuple

from dispatcher.simulator import phones
from dispatcher.simulator.draft import Draft
from dispatcher.simulator.errors import refusal
from dispatcher.simulator.exchange import Reply
from dispatcher.simulator.segments import utf16_units
from dispatcher.simulator.settings import Number, Settings, User

MAX_RECIPIENTS = 10
MAX_ATTACHMENTS = 10
MAX_ATTACHED_BYTES = 1_500_000


class Case(NamedTuple):
    """A draft and who wants to send it."""

    draft: Draft
    user: User
    settings: Settings

    @property
    def sender(self) -> Number | None:
        return next((one for one in self.user.numbers if one.phone == self.draft.sender), None)

    @property
    def strangers(self) -> bool:
        others = (user for user in self.settings.users if user != self.user)
        return any(one.phone == self.draft.sender for user in others for one in user.numbers)

    @property
    def international(self) -> bool:
        return any(phones.is_international(to) for to in self.draft.recipients)

    @property
    def toll_free(self) -> bool:
        return phones.is_toll_free(self.draft.sender or "")

    @property
    def duplicate(self) -> str:
        to = self.draft.recipients
        return next((number for number in to if to.count(number) > 1), "")

    @property
    def extensions(self) -> set[str]:
        return {user.extension_number for user in self.settings.users}

    def may(self, feature: str) -> bool:
        return self.sender is not None and feature in self.sender.features


class Check(NamedTuple):
    """One row. *value* is what the message quotes."""

    code: str
    broken: Callable[[Case], bool]
    parameter: str | None = None
    value: Callable[[Case], object] = lambda _: ""


def _long(case: Case) -> bool:
    return utf16_units(case.draft.text or "") > case.settings.max_text


def _to_extension(case: Case) -> bool:
    draft, own = case.draft, case.extensions
    return (
        draft.from_extension
        or draft.to_extension
        or draft.sender in own
        or any(to in own for to in draft.recipients)
    )


def _bad_country(case: Case) -> bool:
    code = case.draft.country.get("isoCode", "US")
    return not isinstance(code, str) or re.fullmatch(r"[A-Z]{2}", code) is None


def _sender(case: Case) -> object:
    return case.draft.sender or ""


CHECKS = (
    Check("MSG-314", lambda case: case.user.kind != "User"),
    Check("CMN-101", lambda case: not case.draft.text and not case.draft.attachments, "text"),
    Check("", _long, "text"),
    Check("MSG-246", _to_extension),
    Check("CMN-101", lambda case: case.draft.sender is None, "from"),
    Check("CMN-101", lambda case: not case.draft.to, "to"),
    Check("CMN-101", lambda case: None in case.draft.to, "to.phoneNumber"),
    Check("MSG-247", lambda case: any(map(phones.is_short, case.draft.recipients))),
    Check(
        "CMN-101",
        lambda case: not all(map(phones.is_e164, case.draft.recipients)),
        "to.phoneNumber",
    ),
    Check(
        "MSG-381",
        lambda case: len(case.draft.to) > MAX_RECIPIENTS,
        None,
        lambda _: MAX_RECIPIENTS,
    ),
    Check("CMN-406", lambda case: bool(case.duplicate), "to", lambda case: case.duplicate),
    Check("MSG-365", lambda case: {"id", "isoCode"} <= case.draft.country.keys()),
    Check("CMN-101", _bad_country, "country.isoCode"),
    Check("MSG-304", lambda case: case.sender is None and case.strangers),
    Check("MSG-245", lambda case: case.sender is None, "from", _sender),
    Check("MSG-241", lambda case: case.sender is not None and case.sender.type == "FaxOnly"),
    Check("MSG-397", lambda case: case.toll_free and not case.settings.toll_free),
    Check("MSG-367", lambda case: not case.may("SmsSender")),
    Check(
        "MSG-242", lambda case: case.sender is not None and case.sender.campaign != "Confirmed"
    ),
    Check("MSG-379", lambda case: len(case.draft.attachments) > MAX_ATTACHMENTS),
    Check("MSG-376", lambda case: sum(case.draft.attachments) > MAX_ATTACHED_BYTES),
    Check("BIL-103", lambda case: case.draft.is_mms and not case.settings.mms),
    Check("MSG-380", lambda case: case.draft.is_mms and not case.may("MmsSender")),
    Check("MSG-403", lambda case: case.international and case.toll_free),
    Check("MSG-240", lambda case: case.international and not case.settings.international),
    Check("MSG-383", lambda case: case.international and case.draft.is_mms),
    Check(
        "MSG-240", lambda case: case.international and not case.may("InternationalSmsSender")
    ),
)


def first_refusal(case: Case) -> Reply | None:
    """Return what RingCentral answers to *case* instead of accepting it."""
    for check in CHECKS:
        if check.broken(case):
            code = check.code or case.settings.long_text_code
            return refusal(code, parameter=check.parameter, value=check.value(case))
    return None
