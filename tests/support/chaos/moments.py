"""The moments at which a process is killed, and where they stand among all that it waits for."""

from support.chaos.awaits import Why


def around(*commits: str) -> list[str]:
    return [f"{name}:{side}" for name in commits for side in ("before", "after")]


CONNECTING = ("connecting", "connected")
PLACES = ("ready", "half_sent", "sent", "half_read", "read")


def within(request: str, places: tuple[str, ...] = PLACES) -> list[str]:
    return [f"{request}:{place}" for place in places]


START = [
    *around("processes.register", "processes.beat", "processes.turn_campaigns", "leases.lead"),
    *around("logins.make", "logins.take_turn", "logins.keep"),
    *within("token", CONNECTING + PLACES),
    *within("phone-number"),  # on the connection that is open
    *around("login.make_bucket", "login.know_senders", "login.forget_senders", "alerts.clear"),
]
TEXTS = [
    *around("claims.claim", "opening.open_attempts"),
    *within("sms", CONNECTING + PLACES),
    *around("settling.settle", "login.learn_rate"),
]
LEAD = [
    *around("reaping.reap", "reconciling.write", "reconciling.end_held"),
    *around("rollups.roll", "rollups.rezone"),
    *within("message-store"),
]
SUBSCRIBED = [*around("login.stand_in_line", "webhooks.note"), *within("subscription")]
CALLED = around("webhooks.hear")
RENEWED, REMOVED = within("renew"), within("unsubscribe")
NEWS = [
    *around(
        "syncs.open_gap",
        "syncs.turn_page",
        "syncs.move",
        "applying.apply_new",
        "applying.apply_early",
    ),
    *within("message-sync"),
]
OPT_OUT = around("alone.apply_alone")
CONSENTS = [*around("consent_reads.adopt", "consent_reads.note"), *within("search")]
CLOSING = around(
    "closing.end_unconfirmed", "closing.give_up", "closing.forget", "closing.pause_filtered"
)
THROTTLED = around("login.throttle")
BAD_SENDER = around("login.stop_sender")
DOUBTFUL = around("login.stop")
LOGIN_STOPPED = around("login.take_probe", "login.resume", "alerts.raise")
LOGIN_REFUSED = around("logins.rest")
UNHEARD = {
    "unheard.hand_back": "claims.claim:after",
    "unheard.give_up": "opening.open_attempts:after",
}
"""What is undone, and the commit whose answer was lost."""

STOP = around("leases.resign", "processes.leave")
STOP_WITH_CLAIMS = around("claims.hand_back")

ALL = [
    *START, *TEXTS, *LEAD, *NEWS, *OPT_OUT, *CONSENTS, *CLOSING, *SUBSCRIBED, *CALLED, *RENEWED, *REMOVED, *THROTTLED, *BAD_SENDER, *DOUBTFUL, *LOGIN_STOPPED, *LOGIN_REFUSED, *STOP, *STOP_WITH_CLAIMS,
    *around(*UNHEARD),
]  # fmt: skip

TRANSACTIONS: dict[str, list[str]] = {
    "unheard.give_up": [],  # what it writes is settled
    "unheard.hand_back": ["unheard.claims"],
    "settling.settle": [
        "attempts.accepted",
        "attempts.campaign_begun",
        "attempts.close",
        "attempts.decide",
        "attempts.delivery_accepted",
        "attempts.delivery_refused",
        "attempts.event_sent",
        "attempts.failed",
        "attempts.late",
        "attempts.lock_budgets",
        "attempts.lock_parents",
        "attempts.lock_people",
        "attempts.lock_rows",
        "attempts.put_back",
        "attempts.settle_budgets",
        "attempts.settle_day",
        "attempts.unknown",
    ],
    "opening.open_attempts": [
        "attempts.budgets",
        "attempts.count_tier",
        "attempts.tier_day",
        "attempts.day",
        "attempts.exceed",
        "attempts.exceed_day",
        "attempts.make_day",
        "attempts.mark_opened",
        "attempts.open",
        "attempts.reserve",
        "attempts.reserve_day",
        "attempts.share_budgets",
        "claims.hold",
        "verdicts.cancel",
        "verdicts.defer",
    ],
    "claims.claim": [
        "claims.bucket",
        "claims.candidates",
        "claims.senders",
        "claims.spend",
        "claims.spend_senders",
        "claims.take",
    ],
    "reaping.reap": [
        "leases.leads",
        "reaping.doubt",
        "reaping.give_back",
        "reaping.hold_strange",
        "reaping.opened",
        "reaping.poison",
        "reaping.unopened",
    ],
    "reconciling.write": [
        "reconciling.cloud",
        "reconciling.foreign",
        "reconciling.hold",
        "reconciling.looked",
        "reconciling.resent",
    ],
    "webhooks.hear": ["webhooks.heard", "webhooks.hint", "webhooks.known"],
    "webhooks.note": ["webhooks.listen_for_silence", "webhooks.note"],
    "rollups.roll": [
        "rollups.clear",
        "rollups.count",
        "rollups.lock",
        "rollups.take",
        "rollups.try_lock",
    ],
    "rollups.rezone": ["rollups.rezone"],
    "reconciling.end_held": [
        "reconciling.presume_strange",
        "reconciling.stale",
    ],
    "syncs.open_gap": ["syncs.open_gap"],
    "syncs.turn_page": ["syncs.turn_page"],
    "syncs.move": ["receipts.keep", "receipts.tell", "syncs.move"],
    "applying.apply_new": [
        "applying.applied",
        "applying.bill",
        "applying.bill_budgets",
        "applying.bill_day",
        "applying.event_ended",
        "applying.park",
        "applying.remember",
        "applying.rest",
        "applying.sent_last",
        "applying.turn_bounced",
        "applying.write_states",
    ],
    "applying.apply_early": ["applying.found"],  # and it writes the same
    "alone.apply_alone": [
        "consent.cancel_live",
        "consent.event_unsubscribed",
        "consent.lift",
        "consent.note_late",
        "consent.remember",
        "consent.restore",
        "consent.suppress",
        "consent.unsubscribe",
        "inbound.answer",
        "inbound.helped_lately",
        "inbound.opted_out",
        "inbound.count",
        "inbound.handled",
        "inbound.keep",
        "inbound.link",
        "inbound.new_opt_out",
        "inbound.read_back",
        "inbound.tell",
    ],
    "consent_reads.adopt": [],  # what it writes is an opt-out
    "consent_reads.note": ["consent_reads.read"],
    "closing.end_unconfirmed": ["closing.end_unconfirmed"],
    "closing.give_up": ["closing.give_up"],
    "closing.forget": ["closing.forget"],
    "closing.pause_filtered": ["closing.pause"],
}
"""What is written with one commit, by statements."""

LONE = [
    "alerts.clear",
    "alerts.raise",
    "claims.hand_back",
    "leases.lead",
    "leases.resign",
    "login.forget_senders",
    "login.know_senders",
    "login.learn_rate",
    "login.make_bucket",
    "login.resume",
    "login.stand_in_line",
    "login.stop",
    "login.stop_sender",
    "login.take_probe",
    "login.throttle",
    "logins.make",
    "logins.take_turn",
    "processes.beat",
    "processes.leave",
    "processes.register",
    "processes.turn_campaigns",
    "logins.keep",
    "logins.rest",
]
"""Statements that are a commit of their own."""

COMMITS = {*TRANSACTIONS, *LONE}

OTHERS = {
    Why.READS: [
        "alerts.holding",
        "applying.free_people",
        "applying.impatient",
        "applying.lock_attempts",
        "applying.matches",
        "applying.new",
        "applying.one",
        "applying.people",
        "applying.spelled",
        "applying.states",
        "applying.waits",
        "closing.filtered",
        "consent.answered",
        "consent.lock_campaign_of",
        "consent.lock_live",
        "consent.lock_number",
        "consent.lock_persons",
        "consent.share_numbers",
        "consent.stands",
        "consent_reads.due",
        "consent_reads.news",
        "consent_reads.senders",
        "durability.look",
        "claims.lanes",
        "facts.facts",
        "login.is_stopped",
        "logins.look",
        "migrations.applied",
        "migrations.is_recorded",
        "pool.release_frozen",
        "reconciling.due",
        "reconciling.in_flight",
        "reconciling.ours",
        "snapshot.snapshot",
        "syncs.oldest_open",
        "syncs.standing",
        "unheard.attempts",
        "verdicts.tier_full",
        "store/opening.py _look_again: conn.fetchval()",
    ],
    Why.COMMAND: ["login.take_token"],
    Why.SIGHT: [
        "app/daemon.py _connect: self._patiently()",
        "app/daemon.py _connect: self._patiently() (2)",
        "app/daemon.py _connect: self._patiently() (3)",
        "app/daemon.py _start: self._patiently()",
        "app/daemon.py _start: self._patiently() (2)",
        "app/daemon.py _work: engine.database.run(processes.leave)",
        "app/patience.py __call__: self._retrying()",
        "loops/hearing.py _store: engine.database.run(webhooks.hear)",
        "loops/subscription.py _ask: ask()",
        "loops/subscription.py _note: self._engine.database.run(webhooks.note)",
        "loops/subscription.py round: self._engine.database.run(webhooks.known)",
        "loops/claimer.py _next_lanes: engine.database.run(claims.lanes)",
        "loops/claimer.py _round: engine.database.run(claims.claim)",
        "loops/consents.py _compare: engine.database.run(consent_reads.news)",
        "loops/consents.py _compare: engine.database.run(consent_reads.note)",
        "loops/consents.py _list: self._engine.database.run(consent_reads.senders)",
        "loops/consents.py round: engine.database.run(consent_reads.due)",
        "store/consent_reads.py adopt: conn.transaction()",
        "store/consent_reads.py note: conn.transaction()",
        "loops/housekeeper.py _round: engine.database.run(processes.beat)",
        "loops/housekeeper.py _round: engine.database.run(processes.turn_campaigns)",
        "loops/leader.py _resign: engine.database.run(leases.resign)",
        "loops/leader.py _hold: engine.database.run(leases.lead)",
        "loops/login_watch.py _alert: engine.database.run(change)",
        "loops/login_watch.py _learn: self._engine.database.run(login.learn_rate)",
        "loops/login_watch.py _numbers: engine.database.run(login.know_senders)",
        "loops/login_watch.py _numbers: engine.database.run(login.make_bucket)",
        "loops/login_watch.py _numbers: engine.database.run(login.make_bucket) (2)",
        "loops/login_watch.py _stop: engine.database.run(login.stop)",
        "loops/login_watch.py _stop_sender: engine.database.run(login.stop_sender)",
        "loops/login_watch.py _throttle: engine.database.run(login.throttle)",
        "loops/login_watch.py probe: engine.database.run(login.resume)",
        "loops/login_watch.py probe: engine.database.run(login.take_probe)",
        "loops/closing.py round: engine.database.run(closing.end_unconfirmed)",
        "loops/closing.py round: engine.database.run(closing.forget)",
        "loops/closing.py round: engine.database.run(closing.give_up)",
        "loops/light.py turn: engine.database.run(login.is_stopped)",
        "loops/light.py turn: engine.database.run(login.stand_in_line)",
        "loops/light.py asked: engine.database.run(alerts.clear_all)",
        "loops/light.py asked: engine.database.run(alerts.raise_all)",
        "loops/light.py throttled: engine.database.run(login.throttle)",
        "loops/lookout.py _round: engine.database.run(alerts.follow)",
        "loops/lookout.py _round: engine.database.run(snapshot.take)",
        "loops/reaper.py round: engine.database.run(reaping.reap)",
        "loops/receipts.py _finish: engine.database.run(alone.apply_alone)",
        "loops/receipts.py _round: database.run(applying.apply_early)",
        "loops/receipts.py _round: database.run(applying.apply_new)",
        "loops/receipts.py _round: database.run(applying.waits)",
        "loops/reconciler.py _conclude: engine.database.run(reconciling.known)",
        "loops/reconciler.py _conclude: engine.database.run(reconciling.write)",
        "loops/reconciler.py round: engine.database.run(reconciling.due)",
        "loops/reconciler.py round: engine.database.run(reconciling.end_held)",
        "loops/rollup.py _keep_zone: engine.database.run(rollups.rezone)",
        "loops/rollup.py round: engine.database.run(rollups.roll)",
        "loops/claimer.py _round: engine.database.run(unheard.hand_back)",
        "loops/sender.py _hand_back: self._engine.database.run(claims.hand_back)",
        "loops/sender.py _open: engine.database.run(opening.open_attempts)",
        "loops/settler.py _until_done: self._engine.database.run(settling.settle)",
        "loops/spam.py round: engine.database.run(closing.pause_filtered)",
        "loops/light.py asked: ask()",
        "loops/sync.py _begin_anew: engine.database.run(syncs.open_gap)",
        "loops/sync.py _read_gap: engine.database.run(syncs.turn_page)",
        "loops/sync.py _read_on: engine.database.run(syncs.move)",
        "loops/sync.py _standing: self._engine.database.run(syncs.standing)",
        "store/alone.py _apply: conn.transaction()",
        "store/alone.py _silence: conn.transaction()",
        "store/applying.py apply_early: conn.transaction()",
        "store/applying.py apply_new: conn.transaction()",
        "store/closing.py _each: conn.fetch()",
        "store/closing.py _each: conn.transaction()",
        "store/closing.py pause_filtered: conn.transaction()",
        "store/receipts.py keep: conn.transaction()",
        "store/syncs.py move: conn.transaction()",
        "store/syncs.py open_gap: conn.transaction()",
        "store/syncs.py turn_page: conn.transaction()",
        "store/claims.py claim: conn.transaction()",
        "store/unheard.py hand_back: conn.transaction()",
        "store/webhooks.py note: conn.transaction()",
        "store/listening.py _hear_ourselves: database.run(_say)",
        "store/logins.py _run: self._database.run(work)",
        "store/logins.py _value: conn.fetchval()",
        "store/migrations.py migrate: conn.transaction()",
        "store/migrations.py todo: conn.transaction()",
        "store/pool.py durable: conn.execute()",
        "store/pool.py durable: conn.transaction()",
        "store/pool.py run: work()",
        "store/reaping.py reap: conn.transaction()",
        "store/reconciling.py end_held: conn.transaction()",
        "store/reconciling.py write: conn.transaction()",
        "store/rollups.py rezone: conn.transaction()",
        "store/rollups.py roll: conn.transaction()",
    ],
    Why.TIME: [
        "app/daemon.py _pause: self._clock.wait()",
        "edge/ringcentral/login.py _fetch: self._clock.wait()",
        "loops/engine.py outage: self.clock.wait()",
        "loops/engine.py rest: self.clock.wait()",
        "loops/housekeeper.py run: engine.clock.wait()",
        "loops/leader.py _hold: engine.clock.wait()",
        "loops/leader.py _serve: engine.clock.wait()",
        "loops/leader.py _wake_all: stop.wait()",
        "loops/listener.py run: engine.clock.wait()",
        "loops/listener.py run: engine.clock.wait() (2)",
        "loops/listener.py run: engine.clock.wait() (3)",
        "loops/login_watch.py begin: engine.clock.wait()",
        "loops/lookout.py run: engine.clock.wait()",
        "loops/light.py turn: engine.clock.wait()",
        "loops/receipts.py run: engine.clock.wait()",
        "loops/settler.py _gather: asyncio.timeout()",
        "store/listening.py _hear_ourselves: asyncio.timeout()",
        "store/listening.py alive: asyncio.timeout()",
        "store/pool.py _connection: asyncio.timeout_at()",
        "store/pool.py close: asyncio.timeout()",
    ],
    Why.MEMORY: [
        "app/daemon.py _run_loops: asyncio.wait()",
        "app/daemon.py _run_loops: asyncio.wait() (2)",
        "app/daemon.py _run_loops: asyncio.wait() (3)",
        "app/daemon.py _run_loops: self._stop.wait()",
        "app/together.py together: asyncio.TaskGroup()",
        "app/webhooks.py _until: stop.wait()",
        "loops/hearing.py run: self._came.wait()",
        "loops/hearing.py take: self._engine.clock.wait()",
        "edge/ringcentral/login.py _fetched: asyncio.shield()",
        "edge/ringcentral/threads.py run: asyncio.wait()",
        "edge/ringcentral/threads.py run: future",
        "loops/sender.py _next: self._line.get()",
        "loops/sender.py _next: self._pace.acquire()",
        "loops/leader.py run: asyncio.TaskGroup()",
        "loops/sender.py run: asyncio.TaskGroup()",
        "loops/settler.py _gather: self._answers.get()",
        "loops/settler.py _gather: self._answers.get() (2)",
    ],
    Why.START: [
        "app/daemon.py run: AsyncExitStack()",
        "app/daemon.py run: stack.enter_async_context()",
        "store/listening.py _hear_ourselves: conn.add_listener()",
        "store/listening.py _hear_ourselves: conn.execute()",
        "store/listening.py _hear_ourselves: heard.wait()",
        "store/listening.py _say: conn.execute()",
        "store/listening.py alive: conn.execute()",
        "store/listening.py listen: hosts.connect()",
        "store/hosts.py _connect: asyncpg.connect()",
        "store/hosts.py connect: asyncio.wait()",
        "store/listening.py listen: conn.add_listener()",
        "store/migrations.py _execute: conn.execute()",
        "store/migrations.py todo: conn.execute()",
        "store/pool.py _acquire: pool.acquire()",
        "store/pool.py _drop_idle: self._pool.acquire()",
        "store/pool.py _connection: self._pool.release()",
        "store/pool.py _set_up: conn.execute()",
        "store/pool.py open: asyncpg.create_pool()",
    ],
    Why.END: [
        "edge/ringcentral/gateway.py close: self._login.close()",
        "edge/ringcentral/gateway.py close: self._threads.close()",
        "edge/ringcentral/login.py close: asyncio.wait()",
        "edge/ringcentral/threads.py close: asyncio.to_thread()",
        "store/pool.py close: self._pool.close()",
    ],
}

REQUESTS = "edge/ringcentral/gateway.py _ask: self._threads.run(request.name)"
ADOPT = "loops/consents.py _compare: engine.database.run(consent_reads.adopt)"
GIVE_UP = "loops/sender.py _give_up: engine.database.run(unheard.give_up)"
LOGIN = "edge/ringcentral/login.py _log_in: self._threads.run('token')"

WAITS: dict[str, str | Why | tuple[str, ...]] = {
    **{
        statement: name for name, statements in TRANSACTIONS.items() for statement in statements
    },
    **{name: name for name in LONE},
    **{wait: why for why, waits in OTHERS.items() for wait in waits},
    REQUESTS: (
        "sms",
        "phone-number",
        "message-store",
        "message-sync",
        "search",
        "subscription",
        "renew",
        "unsubscribe",
    ),
    LOGIN: "token",
    GIVE_UP: "unheard.give_up",
    ADOPT: "consent_reads.adopt",
}
"""Every wait of the daemon: the failpoints that stand around it, or why it needs none."""
