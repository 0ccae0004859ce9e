"""The end of a life: the work is finished, time passes, and every fate is known."""

from datetime import timedelta

from dispatcher.store.reaping import LOST_AFTER
from support.life import laws
from support.life.actors import Actors
from support.life.laws import OPEN, Picture
from support.life.process import WAITS, Process
from support.life.provider import Luck
from support.life.world import CAMPAIGNS

ROUND = timedelta(seconds=120)


def end(actors: Actors) -> None:
    """Let one process die, the others finish, and find out all that can be found out."""
    while actors.provider.under_way:
        actors.arrive(0)
    leader, *others = actors.processes
    actors.start(leader)
    for each in others:
        _finish(actors, each)
    actors.pass_time(LOST_AFTER)
    for _ in range(4):  # reap, look, look again, and nothing
        _round(actors, leader)
    found = actors.world.wait(laws.picture(actors.world.watcher))
    _round(actors, leader)
    last = actors.world.wait(laws.picture(actors.world.watcher))
    assert last == found, "it is never at rest"
    laws.news(last, actors.provider, actors.answers)
    _every_text_is_known(actors, last)
    _only_held_money_is_reserved(actors, last)
    actors.pass_time(WAITS.presume)
    _round(actors, leader)
    _round(actors, leader)
    _everything_ends(actors, leader)


def _finish(actors: Actors, process: Process) -> None:
    process.frozen = False
    while process.unsent():
        actors.send(process, 0, Luck.ACCEPTED, slow=False)
    for act in (actors.settle, actors.hand_back):
        if step := act(process, 0):
            actors.world.play(step)


def _round(actors: Actors, leader: Process) -> None:
    actors.pass_time(ROUND)
    for act in (actors.lead, actors.reap, actors.look, actors.write, actors.end_held):
        if step := act(leader, 0):
            actors.world.play(step)


def _every_text_is_known(actors: Actors, last: Picture) -> None:
    shared = laws.campaigns(last)
    for text in actors.provider.taken:
        attempt = last.attempts[text.attempt.id]
        if attempt["decision"] not in {None, "found"} or len(shared[text.key]) > 1:
            continue  # somebody was quicker than the record, or it does not tell two apart
        same = {t.id for t in actors.provider.taken if t.key == text.key}
        assert attempt["outcome"] == "accepted", f"not found: {attempt}"
        assert attempt["provider_id"] in same, f"another's id: {attempt}"
        row = last.rows.get(attempt["message_id"])
        if row and row["id"] not in actors.app.failed | actors.app.meddled:
            assert (row["status"], row["provider_id"]) == ("sent", attempt["provider_id"]), row


def _only_held_money_is_reserved(actors: Actors, last: Picture) -> None:
    for attempt in last.attempts.values():
        if attempt["outcome"] in OPEN:
            assert attempt["looks"] == 2, f"nobody looks for it: {attempt}"
            row = last.rows.get(attempt["message_id"])
            if row and row["id"] not in actors.app.failed | actors.app.meddled:
                assert row["held"], f"not held: {row}"


def _everything_ends(actors: Actors, leader: Process) -> None:
    """When every time is over, so is every text, and nothing is reserved."""
    for each in CAMPAIGNS:
        actors.world.play(actors.app.turn(each, "SENDING"))
    for _ in range(len(actors.app.queued)):  # a claim looks at a few rows of an empty purse
        actors.world.play(actors.claim(leader, 3))
    last = actors.world.wait(laws.picture(actors.world.watcher))
    live = [r for r in last.rows.values() if r["status"] not in {"sent", "failed"}]
    assert not live, f"it never ends: {live}"
    assert all(b["reserved"] == 0 for b in last.budgets.values()), "still reserved"
