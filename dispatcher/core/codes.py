"""RingCentral's codes as data: what each means for us, and our own sentence for it.

Its own texts are never shown: they quote numbers, are translated, and change.
"""

from enum import StrEnum
from typing import NamedTuple


class Fault(StrEnum):
    """Whose fault a refusal is.

    RECIPIENT and TEXT fail the row. SENDER and LOGIN stop the sender or the login: the next row
    would be refused as well, so this one goes back. BUG is a request that we should not have
    made, or a code that we do not know: it fails the row, which would be refused again, but a
    run of them is about us and not about the rows (see `doubtful`).
    """

    RECIPIENT = "recipient"
    TEXT = "text"
    SENDER = "sender"
    LOGIN = "login"
    BUG = "bug"


class Passing(StrEnum):
    """What a code means that is nobody's fault."""

    THROTTLED = "throttled"
    FOR_NOW = "for_now"  # surely not sent, and worth another try
    UNCLEAR = "unclear"  # may have been sent all the same


class Fate(StrEnum):
    """What a delivery code says of a text that had been accepted."""

    NUMBER = "number"  # this number can't be texted
    ABSENT = "absent"  # the phone was off or away
    OPTED_OUT = "opted_out"
    SPAM = "spam"
    TEXT = "text"
    SENDER = "sender"
    LIMIT = "limit"  # of the day or month: nothing goes before the next
    BROKEN = "broken"  # something on the way failed: may be tried later
    UNKNOWN = "unknown"  # may have been delivered: never to be sent again


class Code(NamedTuple):
    """An answer to a request. *status* is what it usually comes with."""

    status: int
    code: str
    means: Fault | Passing
    sentence: str


class DeliveryCode(NamedTuple):
    """The `deliveryErrorCode` of a record."""

    code: str
    means: Fate
    sentence: str


_BAD_TOKEN = "RingCentral does not know our access token any more."  # noqa: S105
_BAD_APP = "RingCentral does not know this client id and secret; check both."
_BAD_JWT = "RingCentral refuses the JWT; check that it is whole, valid and made for this app."
_NO_GRANT = "The RingCentral app does not allow the JWT login; switch it on in its settings."
_TOO_FAST = "RingCentral's request rate was exceeded."
_DOWN = "RingCentral failed while it handled the request; the text may have been sent."
_MALFORMED = "RingCentral could not read our request; report this as a bug."
_NO_SMS = "The sending number may not send SMS; check its features and its registration."
_NO_MMS = "RingCentral took the text for an MMS, which the sending number may not send."
_FOREIGN = "The sending number does not belong to the user that we log in as."
_NO_RIGHT = "The user that we log in as lacks a permission; see the app and the user's role."

REFUSALS = (
    Code(400, "CMN-101", Fault.RECIPIENT, "RingCentral refuses a value of the request."),
    Code(404, "CMN-102", Fault.LOGIN, "RingCentral does not find the account or user."),
    Code(400, "CMN-103", Fault.BUG, _MALFORMED),
    Code(400, "CMN-104", Fault.BUG, _MALFORMED),
    Code(400, "CMN-106", Fault.BUG, _MALFORMED),
    Code(403, "CMN-109", Fault.LOGIN, "A feature is not available for the account."),
    Code(400, "CMN-110", Fault.BUG, _MALFORMED),
    Code(404, "CMN-120", Fault.LOGIN, "Nothing is there; check RINGCENTRAL_SERVER_URL."),
    Code(500, "CMN-201", Passing.UNCLEAR, _DOWN),
    Code(501, "CMN-202", Passing.UNCLEAR, _DOWN),
    Code(500, "CMN-203", Passing.UNCLEAR, _DOWN),
    Code(429, "CMN-301", Passing.THROTTLED, _TOO_FAST),
    Code(429, "CMN-302", Passing.THROTTLED, _TOO_FAST),
    Code(429, "CMN-303", Passing.THROTTLED, _TOO_FAST),
    Code(429, "CMN-304", Passing.THROTTLED, "RingCentral was handling the same request."),
    Code(429, "CMN-310", Passing.THROTTLED, "RingCentral's rate for our address was exceeded."),
    Code(403, "CMN-401", Fault.LOGIN, "The RingCentral app lacks the permission SMS."),
    Code(403, "CMN-402", Fault.LOGIN, _NO_RIGHT),
    Code(403, "CMN-403", Fault.LOGIN, _NO_RIGHT),
    Code(403, "CMN-404", Fault.LOGIN, _NO_RIGHT),
    Code(401, "CMN-405", Fault.LOGIN, "RingCentral wants a login to an extension."),
    Code(400, "CMN-406", Fault.BUG, _MALFORMED),
    Code(400, "CMN-407", Fault.BUG, _MALFORMED),
    Code(403, "CMN-408", Fault.LOGIN, "The user lacks the permission OutboundSMS."),
    Code(403, "CMN-419", Fault.LOGIN, _NO_RIGHT),
    Code(401, "AGW-402", Fault.LOGIN, _BAD_TOKEN),
    Code(403, "BIL-103", Fault.SENDER, _NO_MMS),
    Code(403, "MSG-240", Fault.RECIPIENT, "The account may not text abroad."),
    Code(403, "MSG-241", Fault.SENDER, "The sending number is a fax number."),
    Code(403, "MSG-242", Fault.SENDER, _NO_SMS),
    Code(400, "MSG-243", Fault.RECIPIENT, "RingCentral blocks this number."),
    Code(400, "MSG-245", Fault.SENDER, _FOREIGN),
    Code(400, "MSG-246", Fault.RECIPIENT, "The number is an extension, not a phone number."),
    Code(400, "MSG-247", Fault.RECIPIENT, "The number is a short code, which takes no texts."),
    Code(503, "MSG-290", Passing.FOR_NOW, "RingCentral could not send just now."),
    Code(403, "MSG-304", Fault.SENDER, _FOREIGN),
    Code(429, "MSG-305", Passing.THROTTLED, "RingCentral's rate for texts was exceeded."),
    Code(403, "MSG-314", Fault.LOGIN, "This type of extension can't send; log in as a user."),
    Code(400, "MSG-338", Fault.TEXT, "The text is longer than RingCentral allows."),
    Code(400, "MSG-365", Fault.BUG, _MALFORMED),
    Code(403, "MSG-367", Fault.SENDER, _NO_SMS),
    Code(400, "MSG-376", Fault.TEXT, "The text has an attachment that is too large."),
    Code(400, "MSG-379", Fault.TEXT, "The text has too many attachments."),
    Code(403, "MSG-380", Fault.SENDER, _NO_MMS),
    Code(400, "MSG-381", Fault.BUG, _MALFORMED),
    Code(403, "MSG-383", Fault.SENDER, _NO_MMS),
    Code(403, "MSG-384", Fault.SENDER, "RingCentral's limit for the account is used up."),
    Code(403, "MSG-388", Fault.RECIPIENT, "RingCentral sends nothing to this destination."),
    Code(403, "MSG-397", Fault.SENDER, "The account may not text from a toll-free number."),
    Code(403, "MSG-403", Fault.RECIPIENT, "A toll-free number may not text abroad."),
    Code(400, "OAU-123", Fault.LOGIN, _BAD_APP),
    Code(401, "OAU-128", Fault.LOGIN, _BAD_TOKEN),
    Code(401, "OAU-129", Fault.LOGIN, _BAD_TOKEN),
    Code(400, "OAU-140", Fault.LOGIN, _BAD_JWT),
    Code(400, "OAU-141", Fault.LOGIN, _BAD_JWT),
    Code(400, "OAU-142", Fault.LOGIN, _BAD_JWT),
    Code(401, "OAU-146", Fault.LOGIN, _BAD_APP),
    Code(400, "OAU-147", Fault.LOGIN, _BAD_JWT),
    Code(401, "OAU-149", Fault.LOGIN, _BAD_TOKEN),
    Code(401, "OAU-151", Fault.LOGIN, _BAD_TOKEN),
    Code(400, "OAU-153", Fault.LOGIN, _BAD_APP),
    Code(400, "OAU-210", Fault.LOGIN, _BAD_JWT),
    Code(401, "OAU-213", Fault.LOGIN, _BAD_TOKEN),
    Code(400, "OAU-250", Fault.LOGIN, _NO_GRANT),
    Code(400, "OAU-251", Fault.LOGIN, _NO_GRANT),
)

PARAMETERS = {
    "from": Fault.SENDER,
    "to": Fault.RECIPIENT,
    "text": Fault.TEXT,
    "country": Fault.BUG,
}
"""Whose fault CMN-101 is, by the parameter that it names: it is said of any of them."""

_TOO_LONG = "The text was too long for the carrier."
_DEAD = "The number does not exist or can't take texts."
_FILTERED = "The text was taken for spam; look at what the campaign says before more goes out."
_OPTED_OUT = "This person has opted out."
_UNREGISTERED = "The sending number is not set up for texts."
_DAILY = "A limit of the day or month is used up."
_TROUBLE = "Something failed on the way to the phone."

DELIVERIES = (
    DeliveryCode("SMS-RC-403", Fate.LIMIT, _DAILY),
    DeliveryCode("SMS-RC-410", Fate.NUMBER, "The number can't take texts, as a landline."),
    DeliveryCode("SMS-RC-413", Fate.OPTED_OUT, _OPTED_OUT),
    DeliveryCode("SMS-RC-430", Fate.SPAM, _FILTERED),
    DeliveryCode("SMS-RC-500", Fate.BROKEN, _TROUBLE),
    DeliveryCode("SMS-RC-501", Fate.BROKEN, "RingCentral failed; ask its support."),
    DeliveryCode("SMS-RC-503", Fate.SENDER, _UNREGISTERED),
    DeliveryCode("SMS-RC-504", Fate.SENDER, _UNREGISTERED),
    DeliveryCode("SMS-UP-410", Fate.NUMBER, _DEAD),
    DeliveryCode("SMS-UP-413", Fate.OPTED_OUT, _OPTED_OUT),
    DeliveryCode("SMS-UP-414", Fate.SENDER, _UNREGISTERED),
    DeliveryCode("SMS-UP-430", Fate.SPAM, _FILTERED),
    DeliveryCode("SMS-UP-431", Fate.SENDER, "The sending number is listed as a spammer's."),
    DeliveryCode("SMS-UP-432", Fate.TEXT, _TOO_LONG),
    DeliveryCode("SMS-UP-433", Fate.TEXT, "The text could not be delivered as it is written."),
    DeliveryCode("SMS-UP-500", Fate.BROKEN, _TROUBLE),
    DeliveryCode("SMS-CAR-104", Fate.UNKNOWN, "The carrier has not said what became of it."),
    DeliveryCode("SMS-CAR-199", Fate.UNKNOWN, "The carrier does not know what became of it."),
    DeliveryCode("SMS-CAR-400", Fate.NUMBER, "The carrier does not take such texts."),
    DeliveryCode("SMS-CAR-410", Fate.BROKEN, "The text expired before the carrier took it."),
    DeliveryCode("SMS-CAR-411", Fate.NUMBER, _DEAD),
    DeliveryCode("SMS-CAR-412", Fate.ABSENT, "The phone was off or out of reach."),
    DeliveryCode("SMS-CAR-413", Fate.OPTED_OUT, _OPTED_OUT),
    DeliveryCode("SMS-CAR-414", Fate.SENDER, _UNREGISTERED),
    DeliveryCode("SMS-CAR-430", Fate.SPAM, _FILTERED),
    DeliveryCode("SMS-CAR-431", Fate.BROKEN, "The carrier refused it without a reason."),
    DeliveryCode("SMS-CAR-432", Fate.TEXT, _TOO_LONG),
    DeliveryCode("SMS-CAR-433", Fate.TEXT, "The text could not be delivered as it is written."),
    DeliveryCode("SMS-CAR-434", Fate.TEXT, "The carrier refused the attachment as too large."),
    DeliveryCode("SMS-CAR-435", Fate.TEXT, "The carrier refused a shortened link in the text."),
    DeliveryCode("SMS-CAR-450", Fate.LIMIT, "The brand's limit at T-Mobile is used up."),
    DeliveryCode("SMS-CAR-451", Fate.LIMIT, "The campaign's limit at AT&T is used up."),
    DeliveryCode("SMS-CAR-452", Fate.LIMIT, _DAILY),
    DeliveryCode("SMS-CAR-460", Fate.SENDER, "The carrier refuses short codes as a sender."),
    DeliveryCode("SMS-CAR-461", Fate.SENDER, "The toll-free sending number is not verified."),
    DeliveryCode("SMS-CAR-500", Fate.BROKEN, _TROUBLE),
)

_CHECK_URL = "check webhook_url, its proxy and its certificate."

SUBSCRIPTIONS = (
    ("SUB-505", "The app has thirty subscriptions already: delete those that nobody uses."),
    ("SUB-507", "RingCentral does not know the subscription any more."),
    ("SUB-508", "RingCentral refuses what we ask to be told of; report this as a bug."),
    ("SUB-516", "RingCentral refuses our wish to be reminded; report this as a bug."),
    ("SUB-520", f"What answers at the public address is not the dispatcher; {_CHECK_URL}"),
    ("SUB-521", f"RingCentral can't reach the public address; {_CHECK_URL}"),
    ("SUB-522", f"What answers at the public address refuses to; {_CHECK_URL}"),
    ("SUB-523", "RingCentral wants an https address; set webhook_url to one."),
    ("SUB-524", f"RingCentral does not trust the certificate of the address; {_CHECK_URL}"),
    ("SUB-525", f"RingCentral can't read what answers at the address; {_CHECK_URL}"),
)
"""What is said of a subscription: no text has to do with it."""

NO_CODE = "HTTP-"
"""What stands before the status of a refusal that carries no code of RingCentral's."""

KNOWN = {row.code: row for row in REFUSALS}
FATES = {row.code: row.means for row in DELIVERIES}
_SENTENCES = {row.code: row.sentence for row in (*REFUSALS, *DELIVERIES)} | dict(SUBSCRIPTIONS)


def sentence(code: str) -> str:
    """Return what an operator reads about *code*, whatever RingCentral wrote beside it."""
    if code in _SENTENCES:
        return _SENTENCES[code]
    if code.startswith(NO_CODE):
        status = code.removeprefix(NO_CODE)
        return (
            f"{status} without a code of RingCentral's; check the server's URL and any proxy."
        )
    return f"RingCentral refused it with a code that is not in our table ({code})."
