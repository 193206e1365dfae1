"""Pushes from a real hub: a process of its own that asks back, signs, pushes, and lies (tests/hub.py)."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from ingest.errors import SettingsError
from ingest.model import SubscriptionState
from ingest.push import SAFETY, is_trusted
from jobs import daemon
from jobs.app import App, open_app
from jobs.commands.feeds import as_text as show
from jobs.commands.feeds import feed_record
from jobs.commands.status import as_text as show_status
from jobs.commands.status import status_record
from jobs.config import load_config
from jobs.engines.embedded import Embedded
from jobs.present import to_json
from jobs.subscribe import Subscriber, subscribing
from jobs.web.callback import CONNECTIONS, listening
from storage import feeds, migrate, subscriptions, tables
from storage.engine import Database
from tests.clock import Clock
from tests.eventually import eventually
from tests.hub import Hub
from tests.program import Daemon, query, run_once, write_config
from tests.site import SiteThread, rss

T = TypeVar("T")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LARGEST = 5_000  # bytes of a feed


TALKING = ThreadPoolExecutor(20)  # to the hub, while the endpoint, which needs threads too, can answer it


@pytest.fixture
def site() -> Iterator[SiteThread]:
    with SiteThread(host="127.0.6.1") as opened:
        yield opened


@pytest.fixture(scope="module")
def process() -> Iterator[Hub]:
    with Hub() as opened:
        yield opened


@pytest.fixture
def hub(process: Hub) -> Hub:
    """The hub, well-behaved. It confirms before it answers, so that nothing has to be waited for."""
    process.begin_anew(first=True)
    return process


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as bound:
        return int(bound.getsockname()[1])


def settings_for(folder: Path, *topics: str) -> Path:
    port = free_port()
    websub = {"callback": f"http://127.0.0.1:{port}/push", "listen": f"127.0.0.1:{port}"}
    return write_config(folder, topics, websub=websub, extract={"workers": 1}, fetch={"max_feed_bytes": LARGEST})


def with_hub(site: SiteThread, *hubs: str, links: tuple[str, ...] = ("/article/1",), path: str = "/own-feed") -> str:
    """A feed whose Link header names these hubs. Returns its address, which is the topic."""
    header = ", ".join([f'<{url}>; rel="hub"' for url in hubs] + [f'<{site.url(path)}>; rel="self"'])
    return site.feed(links, path=path, headers={"Link": header})


class Desk:
    """The daemon's parts in this process, under a clock of ours: each step is taken when a test says so."""

    def __init__(self, app: App, engine: Embedded, subscriber: Subscriber, clock: Clock) -> None:
        self.app, self.clock = app, clock
        self._engine, self._subscriber = engine, subscriber

    async def add(self, url: str) -> None:
        await self.app.write(feeds.add, feeds.WantedFeed(url), self.clock())

    async def poll(self) -> None:
        await self._engine.run_once()

    async def ask(self) -> None:
        await self._subscriber.tick()
        await self._subscriber.finish()

    async def row(self) -> Any:
        """The one subscription."""
        return await self.app.read(lambda c: c.execute(tables.subscriptions.select()).one())

    async def feed(self) -> Any:
        (row,) = await self.app.read(feeds.load_all)
        return row

    async def is_trusted(self) -> bool:
        """Whether polls may be slower."""
        known = await self.app.read(subscriptions.load, (await self.feed()).id)
        return is_trusted(known, self.clock())

    async def wait_in_cadences(self) -> float:
        """How long until the feed's next poll, where 1 is its own cadence."""
        feed = await self.feed()
        return (feed.due_at - self.clock()) / timedelta(seconds=feed.cadence_s)

    async def entries(self) -> int:
        return len(await self.app.read(lambda c: c.execute(tables.entries.select()).all()))

    async def subscribe(self, url: str) -> None:
        await self.add(url)
        await self.poll()
        await self.ask()
        assert (await self.row()).state == SubscriptionState.ACTIVE

    async def until(self, condition: Callable[[], Coroutine[Any, Any, object]], what: str) -> None:
        """Waits, while the endpoint goes on answering."""
        loop = asyncio.get_running_loop()
        await away(eventually, lambda: asyncio.run_coroutine_threadsafe(condition(), loop).result(30), what)

    async def pushed(self, number: int) -> None:
        async def enough() -> bool:
            return bool((await self.row()).pushes >= number)

        await self.until(enough, f"{number} pushes")

    async def clear(self) -> None:
        for row in await self.app.read(feeds.load_all):
            await self.app.write(feeds.remove, row.id)


@asynccontextmanager
async def open_desk(config: Path, clock: Clock) -> AsyncIterator[Desk]:
    settings = load_config(config)
    with closing(Database(settings.database)) as database:
        migrate.upgrade(database)
    with listening(settings) as bound:
        async with open_app(settings, clock) as app:
            engine = Embedded(app)
            async with subscribing(app, bound, engine.look) as subscriber:
                assert subscriber is not None
                yield Desk(app, engine, subscriber, clock)


Story = Callable[[Desk], Coroutine[Any, Any, None]]
Teller = Callable[[Story], None]


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teller]:
    """Opens the desk once for all stories: most of what one takes is the start of its workers."""
    config = settings_for(tmp_path_factory.mktemp("desk"))
    with asyncio.Runner() as loop:
        opened = open_desk(config, Clock())
        desk = loop.run(opened.__aenter__())

        def run(tell: Story) -> None:
            try:
                loop.run(tell(desk))
            finally:
                loop.run(desk.clear())

        yield run
        loop.run(opened.__aexit__(None, None, None))


@pytest.fixture
def story(runner: Teller) -> Teller:
    """Tells a story at the desk, which knows of no feed when it begins."""
    return runner


def away(work: Callable[..., T], *arguments: Any, **options: Any) -> asyncio.Future[T]:
    return asyncio.get_running_loop().run_in_executor(TALKING, partial(work, *arguments, **options))


# --- the program --------------------------------------------------------------------------------------------------


def test_a_feed_is_pushed_to_the_running_program(
    site: SiteThread, hub: Hub, tmp_path: Path, migrated_file: Path
) -> None:
    shutil.copy(migrated_file, tmp_path / "dateline.db")
    hub.tell(first=False)  # as hubs do: it answers, and asks back when it gets to it
    topic = with_hub(site, hub.url)
    config = settings_for(tmp_path, topic)
    with Daemon(config) as program:
        (said,) = program.wait_for("subscribed")
        assert (said["url"], said["hub"]) == (topic, hub.url)
        assert hub.push(topic, rss([site.url("/article/1"), site.url("/article/2")])) == [202]
        program.wait_for("feed_pushed")
        program.wait_for("article_stored", 2)
        (form,), secrets_of = hub.seen("form"), ("hub.secret", "hub.callback")
        known = [form[name].rpartition("/")[2] for name in secrets_of]
        with closing(Database(load_config(config).database)) as database:
            record, status = database.read(feed_record, "1"), status_record(database)
        texts = [program.log, show(record), to_json(record), show_status(status), to_json(status)]
        assert not [text for text in texts if any(secret in text for secret in known)]
        assert "\nsubscription\nhub_url        http" in texts[1]
        subscribed = json.loads(texts[2])["subscription"]
        assert (subscribed["state"], subscribed["pushes"], subscribed["hub_url"]) == ("active", 1, hub.url)
        assert "\npushed     1 feed by 1 hub\n" in texts[3]
        program.signal(signal.SIGTERM)
        assert program.ends() == 0
    assert form["type"] == "application/x-www-form-urlencoded"
    (verified,) = hub.seen("verification")
    assert verified["confirmed"]
    assert verified["headers"]["Content-Type"].startswith("text/plain")
    assert verified["headers"]["X-Content-Type-Options"] == "nosniff"
    outcomes = [row["outcome"] for row in query(config, "select outcome from polls order by id")]
    assert outcomes == ["read", "pushed"]
    assert len(site.asked("/own-feed")) == 1


def test_what_was_in_hand_when_the_program_was_killed_is_not_lost(
    site: SiteThread, hub: Hub, tmp_path: Path, migrated_file: Path
) -> None:
    shutil.copy(migrated_file, tmp_path / "dateline.db")
    topic = with_hub(site, hub.url)
    config = settings_for(tmp_path, topic)
    with Daemon(config) as program:
        program.wait_for("subscribed")
        with_hub(site, hub.url, links=("/article/1", "/article/2"))
        assert hub.push(topic, rss([site.url("/article/2")])) == [202]
        program.signal(signal.SIGKILL)
        program.ends()
    run_once(config, lambda: datetime.now(UTC) + timedelta(minutes=3))
    urls = [row["url"] for row in query(config, "select url from v_articles order by url")]
    assert urls == [site.url("/article/1"), site.url("/article/2")]
    assert len(query(config, "select id from entries")) == 2


def test_a_port_that_is_taken_is_told_at_the_start(tmp_path: Path) -> None:
    settings = load_config(settings_for(tmp_path))
    listen = settings.websub.listen
    taken = socket.create_server(("127.0.0.1", int(listen.rpartition(":")[2])))
    with closing(taken), pytest.raises(SettingsError, match=f"websub.listen: {listen}: Address already in use"):
        daemon.run(settings)


def test_a_run_that_ends_by_itself_asks_no_hub(
    site: SiteThread, hub: Hub, tmp_path: Path, migrated_file: Path, clock: Clock
) -> None:
    shutil.copy(migrated_file, tmp_path / "dateline.db")
    config = settings_for(tmp_path, with_hub(site, hub.url))
    code, _ = daemon.run(load_config(config), once=True, clock=clock)
    assert code == 0
    assert query(config, "select * from subscriptions") == []
    assert hub.seen("form") == []


def test_a_hub_is_found_in_the_feed_itself(site: SiteThread, hub: Hub, story: Teller) -> None:
    own = "https://north.example/its-own-address"
    links = f'<link rel="hub" href="{hub.url}"/><link rel="self" href="{own}"/><title>North</title>'
    entry = f'<entry><id>1</id><link href="{site.url("/article/1")}"/></entry>'
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom">{links}{entry}</feed>'
    url = site.serve("/atom", feed, content_type="application/atom+xml")

    async def tell(at: Desk) -> None:
        await at.subscribe(url)
        assert (await at.row()).topic_url == own
        pushed = feed.replace("<id>1", "<id>2").replace("/article/1", "/article/2")
        assert await away(hub.push, own, pushed, "application/atom+xml") == [202]
        await at.pushed(1)
        assert await at.entries() == 2

    story(tell)


# --- leases -------------------------------------------------------------------------------------------------------


def test_a_lease_is_renewed_and_polls_take_over_when_it_ends(site: SiteThread, hub: Hub, story: Teller) -> None:
    topic = with_hub(site, hub.url)

    async def tell(at: Desk) -> None:
        clock = at.clock
        await at.subscribe(topic)
        first = await at.row()
        assert first.lease_until == clock() + 10 * DAY
        await at.ask()
        assert len(await away(hub.seen, "form")) == 1, "nothing is due"
        assert await away(hub.push, topic, rss([site.url("/article/2")])) == [202]
        await at.pushed(1)
        assert await at.wait_in_cadences() == 6

        clock.advance(days=8)
        await at.ask()
        renewed = await at.row()
        assert (renewed.token, renewed.lease_until) == (first.token, clock() + 10 * DAY)
        assert await at.is_trusted()

        await away(hub.tell, verify=False)
        clock.advance(days=9)  # the hub takes the request, and does not confirm
        await at.ask()
        assert (await at.row()).state == SubscriptionState.ACTIVE
        clock.advance(days=1, hours=1)
        await at.ask()
        ended = await at.row()
        assert (ended.state, ended.reason, ended.failures) == (SubscriptionState.FAILED, "hub_silent", 1)
        assert not await at.is_trusted()
        await at.poll()
        assert await at.wait_in_cadences() <= 1

        await away(hub.tell, verify=True)
        clock.advance(days=1)
        await at.ask()
        assert (await at.row()).state == SubscriptionState.ACTIVE

    story(tell)


def test_polls_find_what_was_not_pushed_and_speed_up(site: SiteThread, hub: Hub, story: Teller) -> None:
    topic = with_hub(site, hub.url)

    async def tell(at: Desk) -> None:
        clock = at.clock
        await at.subscribe(topic)
        await away(hub.tell, lease=60)  # granted for a minute: renewed no sooner than after five
        await away(hub.push, topic, rss([site.url("/article/1")]))
        await at.pushed(1)
        clock.advance(hours=4)
        items = "".join(f"<item><link>{site.url(f'/article/{n}')}</link></item>" for n in (1, 7))
        link = {"Link": f'<{hub.url}>; rel="hub"'}
        site.serve("/own-feed", f"<rss version='2.0'><channel>{items}</channel></rss>", headers=link)
        await at.poll()
        assert (await at.row()).topic_url == topic, "where no self is named, the topic is what is polled"
        assert (await at.row()).missed_at == clock()
        assert await at.wait_in_cadences() <= 1
        await away(hub.push, topic, rss([site.url("/article/8")]))
        await at.pushed(2)
        assert (await at.row()).pushed_at == clock()
        assert await at.entries() == 3

        clock.advance(days=8)
        await at.ask()
        assert (await at.row()).lease_until == clock() + timedelta(seconds=60)
        clock.advance(minutes=4)
        await at.ask()
        assert len(await away(hub.seen, "form")) == 2
        clock.advance(minutes=1)
        await at.ask()
        assert len(await away(hub.seen, "form")) == 3

    story(tell)


# --- hubs that lie or fail ----------------------------------------------------------------------------------------


def test_what_is_not_signed_by_the_hub_is_thrown_away(site: SiteThread, hub: Hub, story: Teller) -> None:
    topic = with_hub(site, hub.url)
    news = rss([site.url("/article/66")])

    async def tell(at: Desk) -> None:
        await at.subscribe(topic)
        due_at, refused = (await at.feed()).due_at, at.app.statistics.counts["pushes_refused"]
        for lie in ({"sign": False}, {"sign": True, "secret": "guessed"}):
            await away(hub.tell, **lie)
            assert await away(hub.push, topic, news) == [202], "whoever guesses learns nothing"
        assert at.app.statistics.counts["pushes_refused"] == refused + 2
        assert ((await at.row()).pushes, await at.entries(), (await at.feed()).due_at) == (0, 1, due_at)
        for number, method in enumerate(("sha1", "sha256", "sha384", "sha512"), 1):
            await away(hub.tell, secret=None, method=method, encode="gzip" if number % 2 else None)
            assert await away(hub.push, topic, rss([site.url(f"/article/{number}")])) == [202]
            await at.pushed(number)
        assert await at.entries() == 4

    story(tell)


def test_a_push_that_cannot_be_read_is_made_good_by_a_poll(site: SiteThread, hub: Hub, story: Teller) -> None:
    topic = with_hub(site, hub.url)

    async def tell(at: Desk) -> None:
        clock = at.clock
        await at.subscribe(topic)
        for body in ("a mere ping", "<rss version='2.0'><channel/></rss>"):
            assert await away(hub.push, topic, body) == [202]
        await at.until(_nothing_in_hand, "the end of reading")
        assert ((await at.row()).pushes, (await at.feed()).due_at) == (0, clock() + SAFETY)
        assert await away(hub.push, topic, rss([site.url("/article/1")])) == [202]
        await at.pushed(1)
        assert (await at.feed()).due_at == clock() + SAFETY, "a good one does not make the others good"
        with_hub(site, hub.url, links=("/article/1", "/article/2"))
        clock.advance(minutes=2)
        await at.poll()
        assert await at.entries() == 2

    story(tell)


async def _nothing_in_hand() -> bool:
    return not [task for task in asyncio.all_tasks() if "_digest" in repr(task)]


IS_HUB = tables.hosts.c.name == "127.0.0.1"
BAD_HUBS: tuple[tuple[dict[str, Any], str, str | None], ...] = (
    ({"deny": "not this one"}, "refused", "hub_denied"),
    ({"topic": "https://elsewhere.example/feed"}, "asked", None),
    ({"challenge": "<script>alert(1)</script> "}, "asked", None),
    ({"status": 500, "first": False}, "failed", "server_error"),
    ({"status": 404, "first": False}, "failed", "not_found"),
    ({"status": 302, "location": "/elsewhere"}, "failed", "bad_redirect"),
    ({"status": 307, "location": "http://10.0.0.1/hub"}, "failed", "forbidden_address"),
    ({"status": 429, "first": False}, "failed", "rate_limited"),  # the last: its host is then left alone
)


def test_a_hub_that_does_not_do_its_part(site: SiteThread, hub: Hub, story: Teller) -> None:
    topic = with_hub(site, hub.url)

    async def tell(at: Desk) -> None:
        for behaviour, state, reason in BAD_HUBS:
            await away(hub.begin_anew, **{"first": True} | behaviour)
            await at.add(topic)
            await at.poll()
            await at.ask()
            known = await at.row()
            assert (known.state, known.reason) == (state, reason), behaviour
            assert await at.entries() == 1
            if state == "refused":
                assert (known.detail, known.due_at) == ("not this one", None)
            else:
                assert at.clock() < known.due_at <= at.clock() + HOUR
            assert not [each for each in await away(hub.seen, "verification") if each["confirmed"]]
            await at.clear()
        (rest,) = await at.app.read(lambda c: c.scalars(select(tables.hosts.c.rest_until).where(IS_HUB)).all())
        assert rest > at.clock()
        at.clock.advance(minutes=10)

    story(tell)


def test_a_form_is_sent_on_to_another_hub_and_a_dead_hub_is_given_up(site: SiteThread, hub: Hub, story: Teller) -> None:
    with Hub() as dead:
        dead.tell(status=308, location=hub.url)
        topic = with_hub(site, dead.url, hub.url)

        async def tell(at: Desk) -> None:
            clock = at.clock
            await at.subscribe(topic)
            assert (await at.row()).hub_url == dead.url
            await away(dead.go_away)
            clock.advance(days=8)
            for _ in range(3):
                await at.ask()
                clock.now = max(clock.now, (await at.row()).due_at)
            failed = await at.row()
            assert (failed.state, failed.failures, failed.reason) == ("active", 3, "connect_failed")
            site.feed(["/article/2"], headers={"Link": f"<{dead.url}>; rel=hub, <{hub.url}>; rel=hub"})
            await at.poll()
            await at.ask()
            assert ((await at.row()).hub_url, (await at.row()).state) == (hub.url, "active")
            assert [form["hub.topic"] for form in await away(hub.seen, "form")] == [topic, topic]

        story(tell)


def test_paused_and_removed_feeds_are_not_pushed(site: SiteThread, hub: Hub, story: Teller) -> None:
    topic = with_hub(site, hub.url)

    async def tell(at: Desk) -> None:
        clock = at.clock
        await at.subscribe(topic)
        number = (await at.feed()).id
        await at.app.write(feeds.pause, number)
        assert await away(hub.push, topic, rss([site.url("/article/9")])) == [410]
        await at.app.write(feeds.resume, number, clock())
        clock.advance(days=8)
        await at.ask()  # the lease is renewed
        await at.app.write(feeds.pause, number)
        clock.advance(minutes=2)
        await at.ask()
        assert (await at.row()).reason == "paused"
        assert [form["hub.mode"] for form in await away(hub.seen, "form")] == ["subscribe", "subscribe", "unsubscribe"]
        assert (await away(hub.seen, "verification"))[-1]["confirmed"]
        assert await away(hub.push, topic, rss([site.url("/article/9")])) == [], "it has forgotten us"
        await at.app.write(feeds.resume, number, clock())
        clock.advance(minutes=2)
        await at.ask()
        assert (await at.row()).state == "active"
        await at.app.write(feeds.remove, number)
        assert await away(hub.push, topic, rss([site.url("/article/9")])) == [410]
        assert await at.entries() == 0

    story(tell)


# --- strangers ----------------------------------------------------------------------------------------------------


def test_strangers_get_nothing_and_hold_nothing(site: SiteThread, hub: Hub, story: Teller) -> None:
    topic = with_hub(site, hub.url)
    port = 0

    def raw(*pieces: bytes) -> bytes:
        with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as opened:
            for piece in pieces:
                opened.sendall(piece)
            answer = b""
            while b"\r\n\r\n" not in answer and (more := opened.recv(65_536)):
                answer += more
            return answer

    def status(method: str, path: str, body: bytes = b"", *headers: str) -> int:
        head = "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers, "", ""])
        return int(raw(head.encode() + body).split(b" ")[1])

    async def tell(at: Desk) -> None:
        await at.subscribe(topic)
        nonlocal port
        port = int(at.app.settings.websub.listen.rpartition(":")[2])
        token = (await at.row()).token
        unknown = "x" * 43
        for expected, arguments in (
            (404, ("GET", "/")),
            (404, ("GET", f"/push/{unknown}?hub.mode=subscribe&hub.challenge=c")),
            (404, ("GET", f"/push/{token}?hub.mode=subscribe&hub.topic=https://other.example/&hub.challenge=c")),
            (404, ("GET", f"/push/{token}?hub.mode=subscribe&hub.mode=denied&hub.topic={topic}")),
            (404, ("POST", "/push/../../etc/passwd", b"x")),
            (410, ("POST", f"/push/{unknown}", b"x" * 4_000)),
            (405, ("PUT", f"/push/{token}", b"x")),
            (202, ("POST", f"/push/{token}", b"x" * 5_000)),
            (413, ("POST", f"/push/{token}", b"x" * 5_001)),
            (202, ("POST", f"/{token}", b"", "X-Hub-Signature: sha256=" + "0" * 64)),
        ):
            assert await away(status, *arguments) == expected, arguments
        assert b" 400 " in await away(raw, b"nonsense\r\n\r\n")
        assert b" 400 " in await away(raw, b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000 + b"\r\n\r\n")
        continued = f"POST /{token} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n".encode()
        assert (await away(raw, continued)).startswith(b"HTTP/1.1 100 ")
        assert ((await at.row()).pushes, await at.entries()) == (0, 1)
        crowd = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b"", "one too many is closed at once"
        for _, each in (*crowd, (reader, writer)):
            each.close()
        await asyncio.gather(*(each.wait_closed() for _, each in (*crowd, (reader, writer))))
        at.app.stopping.set()
        assert await away(status, "POST", f"/{token}", b"x") == 503, "it is sent again once we are back"
        at.app.stopping.clear()

    story(tell)


def test_more_than_can_be_held_is_sent_again(site: SiteThread, hub: Hub, story: Teller) -> None:
    topic = with_hub(site, hub.url)
    document = rss([site.url("/article/5")]).decode().ljust(4_900)

    async def tell(at: Desk) -> None:
        clock = at.clock
        await at.subscribe(topic)
        statuses = await asyncio.gather(*(away(hub.push, topic, document) for _ in range(12)))
        assert set(map(tuple, statuses)) <= {(202,), (503,)}
        taken = statuses.count([202])
        assert taken >= 1
        await at.pushed(taken)
        assert await at.entries() == 2
        assert (await at.feed()).due_at > clock() + SAFETY, "the last one put the poll off"

    story(tell)
