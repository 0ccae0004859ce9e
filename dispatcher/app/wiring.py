"""What the configuration means for the loops and for RingCentral's edge."""

from datetime import timedelta

from dispatcher.config import Config, rules
from dispatcher.core.backoff import Backoff
from dispatcher.core.inbound import Replies
from dispatcher.edge.ringcentral.account import Account
from dispatcher.loops.engine import Settings
from dispatcher.loops.subscription import Hook
from dispatcher.store.closing import SpamRule

TEXTS_GROUP = "medium"


def account_of(config: Config) -> Account:
    """Return who logs in where."""
    return Account(
        config.ringcentral_server_url,
        config.ringcentral_client_id,
        config.ringcentral_client_secret.get_secret_value(),
        config.ringcentral_jwt.get_secret_value(),
        lanes=config.lanes,
        connect=config.connect_timeout_seconds,
        read=config.read_timeout_seconds,
        longest=config.connect_timeout_seconds + config.read_timeout_seconds,
    )


def settings_of(config: Config) -> Settings:
    """Return what the loops need."""
    return Settings(
        login=config.login_name,
        group=TEXTS_GROUP,
        per_minute=config.rate_per_minute,
        burst=config.rate_burst,
        lanes=config.lanes,
        batch=config.batch_size,
        poll=config.poll_seconds,
        heartbeat=config.heartbeat_seconds,
        lease=timedelta(seconds=config.lease_seconds),
        send_by=timedelta(seconds=config.send_by_seconds),
        settle_after=config.settle_after_ms / 1000,
        price=config.segment_price,
        day_budget=config.daily_budget_cents,
        zone=config.daily_budget_zone,
        number_per_minute=config.per_number_per_minute,
        number_per_day=config.per_number_per_day,
        max_attempts=config.max_attempts,
        backoff=Backoff(
            timedelta(seconds=config.backoff_base_seconds),
            timedelta(seconds=config.backoff_cap_seconds),
        ),
        rules=rules.rules(config),
        campaign_quiet=timedelta(minutes=config.campaign_done_after_minutes),
        light_per_minute=config.light_per_minute,
        dead_after=timedelta(seconds=config.dead_after_seconds),
        lead=timedelta(seconds=config.lead_seconds),
        waits=rules.waits(config),
        if_absent=rules.if_absent(config),
        replies=Replies(config.confirm_opt_out, config.opt_out_text, config.help_text),
        sync=config.sync_seconds,
        unconfirmed=timedelta(hours=config.unconfirmed_hours),
        receipts_kept=timedelta(days=config.receipts_kept_days),
        unfit_for=timedelta(days=config.dead_number_days),
        spam=SpamRule(config.spam_share_percent, config.spam_least_texts),
        metrics_seconds=config.metrics_seconds,
        metrics_zone=config.metrics_zone,
    )


def hook_of(config: Config) -> Hook:
    """Return where RingCentral is to call us."""
    return Hook(
        config.webhook_url,
        config.webhook_token.get_secret_value(),
        timedelta(minutes=config.webhook_silence_minutes),
    )
