"""The way of every request: witnessed, admitted, befallen by faults, answered."""

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from inspect import isawaitable

from aiohttp import web

from dispatcher.simulator.admission import Admission, admit_client, admit_user
from dispatcher.simulator.draft import read_draft
from dispatcher.simulator.errors import refusal
from dispatcher.simulator.exchange import Call, RefusedError, Reply
from dispatcher.simulator.faults import AFTER, BEFORE, Fault, Kind, Target
from dispatcher.simulator.ledger import Arrival
from dispatcher.simulator.routes.endpoint import Endpoint, OpenEndpoint
from dispatcher.simulator.throttling import retry_after, throttled
from dispatcher.simulator.waiting import until_first
from dispatcher.simulator.world import World

LOG = logging.getLogger("dispatcher.simulator")
_PROXY_PAGE = "<html><body><h1>{}</h1></body></html>"


class Gate:
    """Stands between aiohttp and the routes. *stopping* ends every wait."""

    def __init__(self, world: World, stopping: asyncio.Event) -> None:
        self._world = world
        self._stopping = stopping

    def handler(
        self, endpoint: Endpoint | OpenEndpoint
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            return await self._serve(endpoint, request)

        return handle

    async def stray(self, request: web.Request, status: int) -> web.Response:
        """Answer a request that no address is there for."""
        arrival = self._witness(request, "")
        return self._finish(request, arrival, refusal("CMN-120", status=status))

    async def _serve(
        self, endpoint: Endpoint | OpenEndpoint, request: web.Request
    ) -> web.Response:
        arrival = self._witness(request, endpoint.group)
        try:
            admission = self._admit(endpoint, request)
        except RefusedError as refusing:
            return self._finish(request, arrival, refusing.reply)
        reply: Reply | None
        try:
            reply = await self._befallen(endpoint, admission, await self._read(request))
        except RefusedError as refusing:
            reply = refusing.reply.plus(admission.rates)
        return self._finish(request, arrival, reply)

    def _witness(self, request: web.Request, group: str) -> Arrival:
        clock, agent = self._world.clock, request.headers.get("User-Agent", "")
        arrival = Arrival(
            clock.now(), clock.monotonic(), request.method, request.path, group, agent
        )
        return self._world.ledger.arrived(arrival)

    def _admit(self, endpoint: Endpoint | OpenEndpoint, request: web.Request) -> Admission:
        authorization = request.headers.get("Authorization", "")
        if isinstance(endpoint, OpenEndpoint):
            return admit_client(self._world, endpoint, authorization)
        return admit_user(self._world, endpoint, authorization, request.match_info)

    async def _read(self, request: web.Request) -> Call:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise RefusedError(refusal("CMN-104", status=413)) from None
        return Call(
            request.method,
            request.path,
            dict(request.match_info),
            {name: request.query.getall(name) for name in request.query},
            request.headers,
            body,
            self._world.clock.now(),
            request.headers.get("User-Agent", ""),
        )

    async def _befallen(
        self, endpoint: Endpoint | OpenEndpoint, admission: Admission, call: Call
    ) -> Reply | None:
        """Answer *call* the way its faults allow; None is a connection that is cut."""
        faults = self._world.faults
        target = Target(endpoint.group, call.method, call.path, _recipients(endpoint, call))
        await self._delay(faults.draw(frozenset({Kind.LATENCY}), target))
        call = replace(call, now=self._world.clock.now())
        if before := faults.draw(BEFORE, target):
            return _instead(before, admission, target)
        answer = admission.answer(replace(call, client=admission.client))
        reply = (await answer if isawaitable(answer) else answer).plus(admission.rates)
        # Whatever was refused has left by its exception: this befalls what was accepted.
        after = faults.draw(AFTER, target)
        if after and after.kind is Kind.SLOW:
            await self._pause(after.seconds)
        return _spoiled(after, reply)

    async def _delay(self, fault: Fault | None) -> None:
        settings = self._world.settings
        seconds = settings.latency + (fault.seconds if fault else 0)
        if settings.latency_spread:
            seconds += settings.latency_spread * self._world.faults.spread()
        await self._pause(seconds)

    async def _pause(self, seconds: float) -> None:
        if seconds > 0:
            await until_first(self._world.clock.wait(seconds), self._stopping.wait())

    def _finish(
        self, request: web.Request, arrival: Arrival, reply: Reply | None
    ) -> web.Response:
        if reply is None:
            LOG.info("%s %s cut", arrival.method, arrival.group or "-")
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        arrival.status = reply.status
        # Not the path: it may hold what a careless client put there.
        LOG.info("%s %s %s", arrival.method, arrival.group or "-", reply.status)
        return _written(reply)


def _recipients(endpoint: Endpoint | OpenEndpoint, call: Call) -> tuple[str, ...]:
    if call.method == "POST" and isinstance(endpoint, Endpoint):
        with suppress(RefusedError):
            return read_draft(call).recipients
    return ()


def _instead(fault: Fault, admission: Admission, target: Target) -> Reply | None:
    if fault.kind is Kind.DROP:
        return None
    if fault.kind is Kind.THROTTLE:
        return throttled(fault, admission.rates)
    headers = {**admission.rates, **retry_after(fault.retry_after)}
    if fault.code is None:
        return _proxy_page(fault.status or 503).plus(headers)
    value = target.to[0] if target.to else ""
    return refusal(fault.code, parameter="to", value=value, status=fault.status).plus(headers)


def _spoiled(fault: Fault | None, reply: Reply) -> Reply | None:
    match fault and fault.kind:
        case Kind.CUT:
            return None
        case Kind.TIMEOUT:
            return _proxy_page(504)
        case Kind.GARBLE:
            text = json.dumps(reply.body)
            return Reply(reply.status, text[: len(text) // 2], reply.headers)
        case _:
            return reply


def _proxy_page(status: int) -> Reply:
    return Reply(status, _PROXY_PAGE.format(status), content_type="text/html")


def _written(reply: Reply) -> web.Response:
    headers = {**reply.headers, "RCRequestId": str(uuid.uuid4())}
    if reply.body is None:
        return web.Response(status=reply.status, headers=headers)
    text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
    headers["Content-Type"] = reply.content_type
    return web.Response(status=reply.status, body=text.encode(), headers=headers)
