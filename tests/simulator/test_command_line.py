"""The simulator as a process of its own, and its options."""

import asyncio
import json
import signal
from argparse import ArgumentParser
from dataclasses import replace

import aiohttp
import pytest
from support.command import PROGRAM
from support.simulated import JWT_GRANT

from dispatcher.cli.main import main
from dispatcher.simulator.app import add_options
from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.notification_faults import Mishap, NotificationFault
from dispatcher.simulator.options import settings_of
from dispatcher.simulator.settings import Number, Settings


def parsed(*options: str) -> Settings:
    parser = ArgumentParser()
    add_options(parser)
    return settings_of(parser.parse_args(options))


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
async def test_it_says_where_it_listens_and_ends_when_told(name: str) -> None:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        PROGRAM, "simulator", "--port", "0", "--scale", "0.01", stdout=pipe, stderr=pipe
    )
    assert process.stdout
    async with asyncio.timeout(20):
        ready = json.loads(await process.stdout.readline())
        assert ready["url"].startswith("http://127.0.0.1:")
        assert ready["control"] == f"{ready['url']}/control"
        async with aiohttp.ClientSession() as http:
            auth = aiohttp.encode_basic_auth("simulated-client", "simulated-secret")
            form = {"grant_type": JWT_GRANT, "assertion": "simulated-jwt"}
            url = f"{ready['url']}/restapi/oauth/token"
            async with http.post(url, data=form, headers={"Authorization": auth}) as answer:
                assert (await answer.json())["expires_in"] == 36
            async with http.get(f"{ready['control']}/counts") as answer:
                assert (await answer.json())["requests"] == 1
            process.send_signal(signal.Signals[name])
            out, err = await process.communicate()
    assert (process.returncode, out, err) == (0, b"", b"")


def test_it_refuses_to_listen_to_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulator", "--host", "192.0.2.7"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "--allow-remote" in shown.err


def test_nothing_needs_to_be_said() -> None:
    assert parsed() == Settings()


def test_every_option_reaches_its_setting() -> None:
    settings = parsed(
        *("--host", "::1", "--port", "8080", "--allow-remote", "--scale", "0.5", "--seed", "3"),
        *("--client-id", "a", "--client-secret", "b", "--jwt", "c", "--refresh-tokens"),
        *("--limit", "medium=10", "--limit", "auth=1", "--window", "30", "--penalty", "31"),
        *("--limit-code", "MSG-305", "--no-retry-after", "--long-text-code", "CMN-101"),
        *("--access-ttl", "600", "--refresh-ttl", "700", "--sent-after", "2"),
        *("--final-after", "3", "--no-receipts", "--lag", "5", "--latency", "0.1"),
        *("--sync-token-ttl", "7", "--subscription-ttl", "8", "--webhook-timeout", "9"),
        *("--blacklist-after", "4", "--notification-fault", '{"kind": "drop"}'),
        *("--latency-spread", "0.2", "--international", "--no-mms", "--no-toll-free"),
        *("--number", "+16505550100", "--number", "+16505550101=SmsSender,MmsSender"),
        *("--refuse", "^.1$=MSG-243", "--deliver", "0199$=SMS-RC-413"),
        *("--fault", '{"kind": "cut", "times": 1}'),
    )
    assert settings == Settings(
        host="::1",
        port=8080,
        allow_remote=True,
        scale=0.5,
        seed=3,
        client_id="a",
        client_secret="b",  # noqa: S106 - a value like another
        jwt="c",
        refresh_tokens=True,
        limits={"medium": 10, "auth": 1},
        window=30,
        penalty=31,
        limit_code="MSG-305",
        limit_retry_after=False,
        long_text_code="CMN-101",
        access_ttl=600,
        refresh_ttl=700,
        sent_after=2,
        final_after=3,
        receipts=False,
        lag=5,
        latency=0.1,
        latency_spread=0.2,
        sync_token_ttl=7,
        subscription_ttl=8,
        webhook_timeout=9,
        blacklist_after=4,
        notification_faults=(NotificationFault(Mishap.DROP),),
        international=True,
        mms=False,
        toll_free=False,
        numbers=(Number("+16505550100"), Number("+16505550101", ("SmsSender", "MmsSender"))),
        faults=(
            Fault(Kind.REFUSE, to="^.1$", code="MSG-243"),
            Fault(Kind.DELIVERY, to="0199$", code="SMS-RC-413"),
            Fault(Kind.CUT, times=1),
        ),
    )


@pytest.mark.parametrize(
    "options",
    [
        ("--scale", "0"),
        ("--scale", "nan"),
        ("--lag", "-1"),
        ("--lag", "nan"),
        ("--limit", "mediun=1"),
        ("--limit", "medium=0"),
        ("--limit", "medium"),
        ("--refuse", ".=XYZ-999"),
        ("--refuse", "(=MSG-243"),
        ("--fault", "{"),
        ("--fault", "[]"),
        ("--notification-fault", "{"),
        ("--notification-fault", "[]"),
        ("--blacklist-after", "0"),
        ("--webhook-timeout", "-1"),
        ("--number", "6505550100"),
        ("--port", "-1"),
        ("--limit-code", "XYZ-999"),
    ],
)
def test_options_that_make_no_sense(
    options: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parsed(*options)
    assert options[0] in capsys.readouterr().err


def test_every_duration_is_scaled() -> None:
    one = Settings(latency=2, latency_spread=2)
    half = replace(one, scale=0.5).scaled()
    unscaled = {"scale", "port", "seed", "account_id", "sessions", "max_text", "bulk_limit"}
    unscaled |= {"max_subscriptions", "blacklist_after"}
    for name, value in vars(one).items():
        if type(value) in (int, float) and name not in unscaled:
            assert getattr(half, name) == value / 2, name
