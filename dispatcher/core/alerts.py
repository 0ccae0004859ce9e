"""What a person should look at: each kind, and what there is to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dispatcher.core.privacy import Sentence

WHAT_TO_DO: Final[Mapping[str, Sentence]] = {
    "budget_exceeded": Sentence(
        "The next text does not fit the budget: raise it, or leave the rest unsent."
    ),
    "budget_overspent": Sentence(
        "RingCentral billed more than was reserved: check the price of a segment, then raise "
        "the budget."
    ),
    "login_refused": Sentence(
        "RingCentral refuses the login: check client id, secret, JWT and the app's permissions."
    ),
    "login_stopped": Sentence(
        "RingCentral is out of reach or refuses us: it is tried again and again, and sending "
        "goes on by itself."
    ),
    "message_held": Sentence(
        "Nobody knows whether some texts went out: see sms-dispatcher unknown and decide."
    ),
    "message_poison": Sentence(
        "Three processes died while they held this message, and it is set aside: look into the "
        "log for why."
    ),
    "consents_unreadable": Sentence(
        "RingCentral does not show its list of opt-outs: give the app the permission SMS, or "
        "whoever opted out elsewhere is known to us only once a text is refused."
    ),
    "consents_untold": Sentence(
        "RingCentral's list has not been told of opt-outs for an hour: see consents.refused "
        "in the log for why. With us they are in force."
    ),
    "reply_unclear": Sentence(
        "Somebody wrote what may be an opt-out: read it with sms-dispatcher replies --unclear "
        "and decide."
    ),
    "record_unreadable": Sentence(
        "RingCentral does not show its record of messages: give the app the permission "
        "ReadMessages, or unknown texts stay unknown."
    ),
    "spam_filtered": Sentence(
        "Carriers take the campaign for spam, and it is paused: look at its texts and at whom "
        "they go to before you resume it."
    ),
    "no_sender": Sentence(
        "No number of the login may send texts now: enable one for SMS in RingCentral."
    ),
    "rollup_stale": Sentence(
        "The campaigns' figures by day are more than an hour behind: see that a dispatcher "
        "runs and leads, or run sms-dispatcher rollup."
    ),
    "sender_stopped": Sentence(
        "RingCentral refused this number: check its registration and its limits."
    ),
    "webhook_down": Sentence(
        "RingCentral does not call us, so news comes late: see subscription.refused in the "
        "log, and whether the public address leads to us."
    ),
    "webhook_silent": Sentence(
        "Texts go out, and RingCentral's calls do not arrive: see whether the public address "
        "leads to us, and webhook_requests_total for refused ones."
    ),
}


@dataclass(frozen=True, order=True)
class Alert:
    """A state that holds; *object* is what it is about: a campaign, login, number or day."""

    kind: str
    object: str
