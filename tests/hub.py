"""A WebSub hub as a process of its own, on loopback: takes forms, asks back, signs and pushes, and lies if told to.

with Hub() as hub:                       hub.url is what a feed names
    hub.tell(lease=60)                   what it does from now on: see BEHAVIOUR
    hub.push(topic, body)                to every confirmed subscriber: the statuses they answered
    hub.seen("form")                     what came and went: forms, verifications, pushes
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import json
import secrets
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

ROOT = Path(__file__).parents[1]

BEHAVIOUR: dict[str, Any] = {
    "status": 202,  # of the answer to a form
    "location": None,  # where it sends a form on, with that status
    "lease": None,  # seconds it grants; None: what was asked for
    "verify": True,  # False: takes the form and never asks back
    "first": False,  # asks back before it answers the form
    "deny": None,  # a reason: denies instead of asking back
    "topic": None,  # the topic it asks back about, if not the one it was given
    "challenge": None,  # the challenge it uses, if not a random one
    "method": "sha256",  # how it signs
    "secret": None,  # what it signs with, if not the secret it was given
    "sign": True,
    "encode": None,  # gzip: compresses what it pushes
}


async def _serve() -> None:
    from aiohttp import ClientSession, web

    from jobs.logs import configure

    configure()
    hub = _Hub(ClientSession())
    server = web.Server(hub.answer)
    acceptor = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    print(acceptor.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until the test goes away


class _Hub:
    def __init__(self, session: Any) -> None:
        self.session = session
        self.behaviour = dict(BEHAVIOUR)
        self.subscribers: dict[str, dict[str, str]] = {}  # by callback
        self.seen: list[dict[str, Any]] = []
        self.tasks: set[asyncio.Task[None]] = set()

    async def answer(self, request: Any) -> Any:
        from aiohttp import web

        if request.path == "/hub":
            return await self.take(dict(await request.post()), request.headers)
        told = await request.json()
        if request.path == "/tell":
            self.behaviour |= told
            return web.json_response(None)
        if request.path == "/begin":
            self.behaviour, self.subscribers, self.seen = BEHAVIOUR | told, {}, []
            return web.json_response(None)
        if request.path == "/seen":
            return web.json_response(self.seen)
        return web.json_response(await self.push(**told))

    async def take(self, form: dict[str, str], headers: Any) -> Any:
        from aiohttp import web

        does = self.behaviour
        self.seen.append({"what": "form", "type": headers.get("Content-Type"), **form})
        if does["location"]:
            return web.Response(status=does["status"], headers={"Location": does["location"]})
        if does["first"]:
            await self.verify(form)
        elif does["status"] == 202:
            task = asyncio.create_task(self.verify(form))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        return web.Response(status=does["status"], text="as you say")

    async def verify(self, form: dict[str, str]) -> None:
        does, callback = self.behaviour, form["hub.callback"]
        query = {"hub.mode": form["hub.mode"], "hub.topic": does["topic"] or form["hub.topic"]}
        if does["deny"] is not None:
            query |= {"hub.mode": "denied", "hub.reason": does["deny"]}
        elif does["verify"]:
            query["hub.challenge"] = does["challenge"] or secrets.token_hex(16)
            query["hub.lease_seconds"] = str(does["lease"] or form.get("hub.lease_seconds", ""))
        else:
            return
        async with self.session.get(f"{callback}?{urlencode(query)}") as answer:
            text = await answer.text()
            confirmed = answer.status == 200 and text == query.get("hub.challenge")
            if confirmed and form["hub.mode"] == "subscribe":
                self.subscribers[callback] = form
            elif confirmed:
                self.subscribers.pop(callback, None)
            kept = {"status": answer.status, "text": text, "headers": dict(answer.headers), "confirmed": confirmed}
            self.seen.append({"what": "verification", "mode": query["hub.mode"], **kept})

    async def push(self, topic: str, body: str, kind: str, callback: str | None = None) -> list[int]:
        """`callback`: push there, whoever subscribed."""
        does, statuses = self.behaviour, []
        for address, form in list(self.subscribers.items()):
            if form["hub.topic"] != topic:
                continue
            raw = body.encode()
            headers = {"Content-Type": kind, "Link": f'<{topic}>; rel="self"'}
            if does["encode"] == "gzip":
                import gzip

                raw, headers["Content-Encoding"] = gzip.compress(raw), "gzip"
            if does["sign"]:
                secret = does["secret"] or form["hub.secret"]
                signature = hmac.new(secret.encode(), raw, getattr(hashlib, does["method"])).hexdigest()
                headers["X-Hub-Signature"] = f"{does['method']}={signature}"
            async with self.session.post(callback or address, data=raw, headers=headers) as answer:
                statuses.append(answer.status)
                self.seen.append({"what": "push", "status": answer.status, "text": await answer.text()})
                if answer.status == 410:
                    self.subscribers.pop(address, None)
        return statuses


class Hub:
    """See the module. It ends with the block, or when it is told to go away."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hub"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())
        self.url = f"http://127.0.0.1:{self._port}/hub"
        return self

    def __exit__(self, *_: object) -> None:
        self.go_away()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def go_away(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()

    def tell(self, **behaviour: Any) -> None:
        assert set(behaviour) <= set(BEHAVIOUR)
        self._ask("/tell", behaviour)

    def begin_anew(self, **behaviour: Any) -> None:
        """Forget every subscriber and all that was seen, and be well-behaved but for `behaviour`."""
        self._ask("/begin", behaviour)

    def push(self, topic: str, body: bytes | str, kind: str = "application/rss+xml", **options: Any) -> list[int]:
        text = body.decode() if isinstance(body, bytes) else body
        statuses = self._ask("/push", {"topic": topic, "body": text, "kind": kind, **options})
        assert isinstance(statuses, list)
        return statuses

    def seen(self, what: str) -> list[dict[str, Any]]:
        return [each for each in self._ask("/seen", None) if each["what"] == what]

    def _ask(self, path: str, value: Any) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("POST", path, json.dumps(value), {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


if __name__ == "__main__":
    asyncio.run(_serve())
