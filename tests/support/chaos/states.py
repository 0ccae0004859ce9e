"""In which state of its work a process is struck, and by which moment each is met."""

from support.chaos.moments import CONNECTING, around, within

STATES: dict[str, list[str]] = {
    "starting": [
        *around("processes.register", "login.make_bucket", "login.know_senders"),
        *within("phone-number"),
    ],
    "logging in": [*around("logins.take_turn", "logins.keep"), *within("token")],
    "claiming": ["claims.claim:before"],
    "claimed": ["claims.claim:after"],
    "opening": ["opening.open_attempts:before"],
    "opened": ["opening.open_attempts:after", "sms:ready"],
    "connecting": within("sms", CONNECTING),
    "half sent": ["sms:half_sent"],
    "sent": ["sms:sent"],
    "half answered": ["sms:half_read"],
    "answered": ["sms:read", "settling.settle:before"],
    "settled": ["settling.settle:after"],
    "leading": around("leases.lead"),
    "reaping": around("reaping.reap"),
    "reconciling": [
        *around("reconciling.write", "reconciling.end_held"),
        *within("message-store"),
    ],
    "reading on": [*around("syncs.move"), *within("message-sync")],
    "told what became": around("applying.apply_new"),
    "opting out": around("alone.apply_alone"),
    "keeping house": around("processes.beat", "processes.turn_campaigns"),
}

FROZEN = {
    "claimed": ["claims.claim:after"],
    "opening": ["opening.open_attempts:before"],
    "opened": ["opening.open_attempts:after", "sms:ready"],
    "sent": ["sms:sent"],
    "answered": ["sms:read", "settling.settle:before"],
    "leading": ["leases.lead:after"],
    "reaping": ["reaping.reap:before"],
    "reconciling": ["message-store:read", "reconciling.write:before"],
    "reading on": ["message-sync:read", "syncs.move:before"],
    "opting out": ["alone.apply_alone:before"],
}
"""Not half sent: a request is written at once, and only a test's lies in two parts."""

FREEZES = ("claimed", "opened", *FROZEN)
"""Most often where the sleeper holds what others may take, and would go on when it wakes."""

ANYWHERE = "anywhere"
"""Killed from outside, in whatever it was about."""

ONCE = {"starting", "logging in"}
"""What a process seldom comes into a second time."""
