"""What the audit says about a database: findings, and the texts of those that count rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is: only warnings and errors make the audit's exit code 1."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. *code* is stable; *remedy* is a command where there is one."""

    code: str
    severity: Severity
    object: str
    problem: str
    remedy: str


@dataclass(frozen=True)
class Check:
    """How rows that a query of the same name counted are put into words.

    *problem* may use {n} and {examples}.
    """

    severity: Severity
    problem: str
    remedy: str


@dataclass(frozen=True)
class Count:
    """What a check's query found: *n* rows of *object*, a few ids as *examples*."""

    object: str
    n: int
    examples: Sequence[str]


CHECKS: dict[str, Check] = {
    "campaign_without_budget": Check(
        Severity.WARNING,
        "{n} live SMS campaigns have no budget, for example {examples}: nothing bounds what "
        "they cost.",
        "INSERT INTO newsletter.campaign_budgets (campaign_id, budget_cents) VALUES (...)",
    ),
    "campaign_unlimited": Check(
        Severity.INFO,
        "{n} live SMS campaigns have a budget of 0, which is no limit, for example {examples}.",
        "UPDATE newsletter.campaign_budgets SET budget_cents = ... if that was not meant",
    ),
    "campaign_not_sms": Check(
        Severity.INFO,
        "{n} campaigns are to be sent by e-mail, push or WhatsApp, for example {examples}: "
        "the dispatcher sends SMS only.",
        "Let another program send them, or change their channel",
    ),
    "consent_contradiction": Check(
        Severity.WARNING,
        "{n} subscribers are subscribed and unsubscribed at once, for example {examples}: "
        "they get no text.",
        "UPDATE newsletter.subscribers SET sms_subscribed = false, or clear "
        "sms_unsubscribed_at where a later consent is proved",
    ),
    "consent_disagreement": Check(
        Severity.WARNING,
        "{n} numbers belong to people of whom one consents and another does not, for example "
        "those of {examples}: consent belongs to the number, so they get no promotion.",
        "Ask, then bring both to the same consent",
    ),
    "consent_of_bookings": Check(
        Severity.WARNING,
        "{n} rows have a consent without its time, or a time without the consent, for example "
        "{examples}.",
        "Find the proof of consent, or withdraw it",
    ),
    "text_without_number": Check(
        Severity.WARNING,
        "{n} waiting texts have a number that cannot be dialled, for example {examples}: they "
        "will be cancelled.",
        "UPDATE newsletter.sms_send_queue SET phone_number = ... where it is known",
    ),
    "person_without_number": Check(
        Severity.WARNING,
        "{n} subscribers have a phone that cannot be dialled, for example {examples}.",
        "UPDATE newsletter.subscribers SET phone = ... where it is known, else NULL",
    ),
    "text_pending_twice": Check(
        Severity.WARNING,
        "{n} texts wait more than once for one number, for example {examples}: within a "
        "campaign each is sent once, without a campaign every time.",
        "Delete the doubles; those of a campaign may also be left to be cancelled",
    ),
    "delivery_event_without_campaign": Check(
        Severity.WARNING,
        "{n} delivery events belong to no campaign, for example {examples}.",
        "UPDATE newsletter.sms_delivery_events SET campaign_id = ... where it is known",
    ),
    "text_stuck_in_sending": Check(
        Severity.WARNING,
        "{n} texts stand in sending and nobody holds them, for example {examples}: whether "
        "they went out is not known.",
        "Look them up in RingCentral, then set them to sent or failed",
    ),
    "alembic_heads": Check(
        Severity.WARNING,
        "The host's migrations have {n} heads: {examples}.",
        "alembic merge heads",
    ),
    "businesses_doubled": Check(
        Severity.WARNING,
        "The table businesses exists {n} times: {examples}.",
        "Keep the one that the host application uses",
    ),
    "table_unreadable": Check(
        Severity.INFO,
        "This role may not read the table, so its rows were not looked at.",
        "Run the audit as a role that may",
    ),
    "foreign_key_unvalidated": Check(
        Severity.WARNING,
        "The foreign key {examples} was never validated: rows may contradict it.",
        "Mend the rows, then ALTER TABLE {object} VALIDATE CONSTRAINT {examples}",
    ),
    "foreign_key_to_set_aside": Check(
        Severity.WARNING,
        "The foreign key {examples} points to a table that was set aside.",
        "ALTER TABLE {object} DROP CONSTRAINT {examples}, and point it into newsletter",
    ),
}


def counted(code: str, count: Count) -> Finding:
    """Put what the query *code* counted into words."""
    check = CHECKS[code]
    facts = {"n": f"{count.n:,}", "examples": ", ".join(count.examples), "object": count.object}
    return Finding(
        code,
        check.severity,
        count.object,
        check.problem.format(**facts),
        check.remedy.format(**facts),
    )
