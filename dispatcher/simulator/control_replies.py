"""How /control reads and answers."""

import json
from dataclasses import asdict
from typing import Any

from aiohttp import web


def entry(thing: Any) -> dict[str, Any]:  # noqa: ANN401 - a Text or an Arrival
    return {**asdict(thing), "at": thing.at.isoformat()}


async def body_of(request: web.Request) -> object:
    try:
        return await request.json()
    except ValueError:
        return None


async def many_of(request: web.Request) -> list[object]:
    """Return what a request brings: one thing or a list of them."""
    given = await body_of(request)
    return given if isinstance(given, list) else [given]


def answer(body: object, status: int = 200) -> web.Response:
    return web.Response(status=status, text=json.dumps(body), content_type="application/json")


def wrong(reason: object) -> web.Response:
    return answer({"error": str(reason)}, status=400)


def done() -> web.Response:
    return web.Response(status=204)


def found(found: bool) -> web.Response:  # noqa: FBT001 - the answer to one question
    return web.Response(status=204 if found else 404)
