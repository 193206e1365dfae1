"""Every way the world answers, against a real site on loopback: the outcome, its reason, and what it cost."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from hypothesis import given
from hypothesis import strategies as st

from ingest.content_coding import Decoder
from ingest.errors import FetchError, Gone, ParseError, Refused, Transient, Unacceptable
from ingest.failures import _BY_EXCEPTION, status_error, translate
from ingest.fetch import Fetcher, Limits, _may_resend, may_be_text
from ingest.guard import ForbiddenAddress
from ingest.model import Hop, Reason, Response, Validators
from tests.site import BOMBS, ENCODERS, ODD_DATE, ODD_ETAG, PRIVATE, ROUTES, Site, SiteThread, article

NOW = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
US = "Dateline (+https://example.org/contact)"
QUICK = Limits(connect_s=2, first_byte_s=2, total_s=10, max_bytes=2_000_000)
LOOPBACK = ("127.0.0.0/8",)


def play(step: Callable[[Fetcher, Site], Coroutine[Any, Any, Any]], allow: tuple[str, ...] = LOOPBACK) -> Any:
    """Runs `step` with a fetcher and a site of its own, both closed at the end."""

    async def run() -> Any:
        async with both(allow) as (fetcher, site):
            return await step(fetcher, site)

    return asyncio.run(run())


@asynccontextmanager
async def both(allow: tuple[str, ...] = LOOPBACK) -> AsyncIterator[tuple[Fetcher, Site]]:
    async with Site() as site, Fetcher(user_agent=US, allow_private=allow) as fetcher:
        yield fetcher, site


def get(path: str, limits: Limits = QUICK, **options: Any) -> Response:
    answer = play(lambda fetcher, site: fetcher.get(site.url(path), now=NOW, limits=limits, **options))
    assert isinstance(answer, Response)
    return answer


def failure(path: str, limits: Limits = QUICK, **options: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        get(path, limits, **options)
    return caught.value


# --- what works ---------------------------------------------------------------------------------------------------


def test_a_page_comes_whole() -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        answer = await fetcher.get(site.url("/ok"), now=NOW, limits=QUICK, accept="text/html")
        assert (answer.status, answer.url, answer.final_url) == (200, site.url("/ok"), site.url("/ok"))
        assert answer.body == answer.raw_body == article("Fine")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.hops == ()
        assert answer.seconds > 0
        asked = site.requests[0].headers
        assert asked["user-agent"] == US
        assert asked["accept"] == "text/html"
        assert asked["accept-encoding"] == "gzip, deflate, br, zstd"
        assert "cookie" not in asked

    play(step)


@pytest.mark.parametrize("kind", sorted(ENCODERS))
def test_every_encoding_is_undone(kind: str) -> None:
    answer = get(f"/encoded?as={kind}")
    assert answer.body == article("Packed")
    assert answer.raw_body == ENCODERS[kind](article("Packed")) or kind.startswith("gzip")  # gzip holds the time
    assert answer.raw_body != answer.body


def test_plain_text_under_the_name_of_gzip_is_read() -> None:
    assert get("/mislabelled").body == article("Not packed")


@pytest.mark.parametrize(
    ("path", "start"),
    [
        ("/slow?s=0.05", article("Late but here")),
        ("/close-delimited", article("Old manners")),
        ("/lies-about-length", article("Longer than it says")[:100]),
        ("/cookies", article("Crumbs")),
        ("/big-header?kb=100", article("Heady")),
        ("/binary", bytes(range(256))),
        ("/empty", b""),
        ("/consent", b"<html>"),
        ("/wrong-charset", b"<!DOCTYPE html>"),
        ("/not-xml", b"<!DOCTYPE html>"),
        ("/truncated-xml", b"<?xml"),
        ("/feed-wrong-charset", b"<?xml"),
        ("/entity-bomb", b"<?xml"),
        ("/external-entity", b"<?xml"),
        ("/odd-links", b"<?xml"),
        ("/feed", b"<?xml"),
        ("/attributes", b"<html>"),
        ("/", b"<html>"),
        ("/article/7", b"<!DOCTYPE html>"),
        ("/status/204?body=x", b""),
    ],
)
def test_what_is_bad_inside_comes_as_it_is(path: str, start: bytes) -> None:
    assert get(path).body.startswith(start)


def test_deep_and_big_pages_come_where_the_limit_allows_them() -> None:
    roomy = Limits(max_bytes=25_000_000)
    assert get("/deep", roomy).body.count(b"<div>") == 200_000
    assert len(get("/big?mb=20", roomy).body) > 19_000_000


def test_headers_are_bounded() -> None:
    kept = get("/big-header?kb=100").headers
    assert len(kept["x-big-0"]) == 8_192
    assert len(get("/cookies").headers["set-cookie"]) == 8_192


def test_connections_are_used_again() -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        for path in ("/ok", "/encoded?as=br", "/redirect?to=/ok", "/conditional"):
            await fetcher.get(site.url(path), now=NOW, limits=QUICK)
        with pytest.raises(Gone):
            await fetcher.get(site.url("/nothing"), now=NOW, limits=QUICK)
        await fetcher.get(site.url("/ok"), now=NOW, limits=QUICK)
        assert {request.connection for request in site.requests} == {1}
        assert len(site.requests) == 7

    play(step)


def test_a_host_gets_one_connection_at_a_time() -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        await asyncio.gather(*(fetcher.get(site.url("/slow?s=0.01"), now=NOW, limits=QUICK) for _ in range(5)))
        assert [request.open_connections for request in site.requests] == [1] * 5

    play(step)


# --- conditional --------------------------------------------------------------------------------------------------


def test_validators_return_byte_for_byte() -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        first = await fetcher.get(site.url("/conditional"), now=NOW, limits=QUICK)
        assert first.validators.last_modified == ODD_DATE
        for validators in (first.validators, Validators(etag=first.validators.etag), Validators(None, ODD_DATE)):
            again = await fetcher.get(site.url("/conditional"), now=NOW, limits=QUICK, validators=validators)
            assert (again.status, again.body, again.raw_body) == (304, b"", b"")
        sent = [request.headers.get("if-none-match") for request in site.requests]
        assert sent == [None, ODD_ETAG, ODD_ETAG, None]

    play(step)


def test_an_etag_that_could_not_be_sent_back_is_dropped() -> None:
    assert get("/conditional-latin1").validators == Validators()


def test_validators_follow_a_redirect_on_the_host_but_not_to_another() -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        async with Site(host="127.0.0.2") as other:
            validators = Validators(etag='"mine"')
            site.serve("/new", "x", headers={"ETag": '"mine"'})
            other.serve("/new", "theirs", headers={"ETag": '"mine"'})
            same = await fetcher.get(site.url("/redirect?to=/new"), now=NOW, limits=QUICK, validators=validators)
            assert same.status == 304
            away = site.url(f"/redirect?to={other.url('/new')}")
            moved = await fetcher.get(away, now=NOW, limits=QUICK, validators=validators)
            assert (moved.status, moved.body) == (200, b"theirs")

    play(step)


def test_a_304_may_carry_a_body_that_it_must_not() -> None:
    assert get("/status/304?body=x", validators=Validators(etag="x")).status == 304


def test_a_304_nobody_asked_for_makes_no_sense() -> None:
    assert failure("/status/304").reason is Reason.BAD_STATUS


# --- redirects ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_told(status: int) -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        path = f"/redirect?status={status}&to=/ok"
        answer = await fetcher.get(site.url(path + "#top"), now=NOW, limits=QUICK)
        assert answer.body == article("Fine")
        assert answer.final_url == site.url("/ok")
        assert answer.hops == (Hop(status, site.url(path + "#top"), site.url("/ok")),)

    play(step)


def test_a_redirect_may_be_declined() -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        seen: list[str] = []

        def follow(target: str) -> bool:
            seen.append(target)
            return "away" not in target

        site.serve("/first", "", status=301, headers={"Location": "/second"})
        site.serve("/second", "", status=308, headers={"Location": "http://away.example/x?y=1"})
        answer = await fetcher.get(site.url("/first"), now=NOW, limits=QUICK, follow=follow)
        assert (answer.status, answer.body, answer.final_url) == (308, b"", site.url("/second"))
        assert answer.hops[-1] == Hop(308, site.url("/second"), "http://away.example/x?y=1")
        assert seen == [site.url("/second"), "http://away.example/x?y=1"]
        assert len(site.requests) == 2

    play(step)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/loop", Reason.REDIRECT_LOOP),
        ("/redirect?to=/redirect?to=/loop", Reason.REDIRECT_LOOP),
        ("/chain?n=9", Reason.TOO_MANY_REDIRECTS),
        ("/redirect-nowhere", Reason.BAD_REDIRECT),
        ("/redirect?to=file:///etc/passwd", Reason.BAD_REDIRECT),
        ("/redirect?to=javascript:alert(1)", Reason.BAD_REDIRECT),
        ("/redirect?to=ftp://ftp.example/x", Reason.BAD_REDIRECT),
        ("/redirect?to=http://[::1/", Reason.BAD_REDIRECT),
        ("/redirect?to=http://a.example:99999/", Reason.BAD_REDIRECT),
        *((f"/redirect?to={address}", Reason.FORBIDDEN_ADDRESS) for address in PRIVATE),
    ],
)
def test_redirects_that_lead_nowhere_good(path: str, reason: Reason) -> None:
    error = failure(path)
    assert isinstance(error, Unacceptable)
    assert error.reason is reason


def test_a_redirect_to_an_endless_address() -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        site.serve("/long", "", status=302, headers={"Location": "/" + "a" * 9_000})
        with pytest.raises(Unacceptable) as caught:
            await fetcher.get(site.url("/long"), now=NOW, limits=QUICK)
        assert caught.value.reason is Reason.BAD_REDIRECT

    play(step)


def test_a_chain_within_the_limit_is_followed() -> None:
    assert len(get("/chain?n=8").hops) == 8


def test_a_location_in_raw_bytes_is_percent_encoded() -> None:
    assert get("/redirect-latin1").final_url.endswith("/article/caf%E9")


def test_the_body_of_a_redirect_does_not_matter() -> None:
    assert get("/redirect-endless").body == article("Fine")


def test_addresses_go_out_as_they_were_stated() -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        for path in ("/a%7Eb?x=%2B;y&z=[1]", "/é ü?q=ö"):
            with pytest.raises(Gone):
                await fetcher.get(site.url(path), now=NOW, limits=QUICK)
        assert [request.path for request in site.requests] == ["/a%7Eb?x=%2B;y&z=[1]", "/%C3%A9%20%C3%BC?q=%C3%B6"]

    play(step)


# --- addresses ----------------------------------------------------------------------------------------------------


def test_nothing_on_this_machine_is_reached_unless_listed() -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        addresses = [f"http://{name}:{site.port}/ok" for name in ("127.0.0.1", "localhost", "127.1", "2130706433")]
        addresses += [f"http://{name}:{site.port}/ok" for name in ("[::1]", "[::ffff:127.0.0.1]", "0x7f.1", "0")]
        for address in addresses:
            with pytest.raises(FetchError) as caught:
                await fetcher.get(address, now=NOW, limits=QUICK)
            assert caught.value.reason in (Reason.FORBIDDEN_ADDRESS, Reason.DNS_FAILED, Reason.BAD_LINK)
        for address in (addresses[0], addresses[1]):
            with pytest.raises(Unacceptable) as refused:
                await fetcher.get(address, now=NOW, limits=QUICK)
            assert refused.value.reason is Reason.FORBIDDEN_ADDRESS
        assert site.requests == []

    play(step, allow=())


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "[::1]", "169.254.169.254"])
def test_behind_a_proxy_literal_addresses_are_refused_here(host: str) -> None:
    async def run() -> None:
        async with Site() as proxy, Fetcher(user_agent=US, proxy=proxy.base) as fetcher:
            with pytest.raises(Unacceptable) as caught:
                await fetcher.get(f"http://{host}:{proxy.port}/ok", now=NOW, limits=QUICK)
            assert caught.value.reason is Reason.FORBIDDEN_ADDRESS
            assert proxy.requests == []

    asyncio.run(run())


def test_a_proxy_is_asked_for_names() -> None:
    async def run() -> None:
        async with Site() as proxy, Fetcher(user_agent=US, proxy=proxy.base) as fetcher:
            proxy.serve("http://news.example/ok", "by proxy")
            answer = await fetcher.get("http://news.example/ok", now=NOW, limits=QUICK)
            assert answer.body == b"by proxy"

    asyncio.run(run())


@pytest.mark.parametrize(
    "url",
    ["", "x", "ftp://a.example/", "http://", "http:///x", "javascript:alert(1)", "http://[::1", "//a.example/", "\0"],
)
def test_what_is_no_address_is_a_bad_link(url: str) -> None:
    with pytest.raises(Unacceptable) as caught:
        play(lambda fetcher, site: fetcher.get(url, now=NOW, limits=QUICK))
    assert caught.value.reason is Reason.BAD_LINK


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".example", "a..b.invalid", "%41.invalid"])
def test_a_name_nobody_knows(host: str) -> None:
    with pytest.raises(FetchError) as caught:
        play(lambda fetcher, site: fetcher.get(f"http://{host}/", now=NOW, limits=QUICK))
    assert caught.value.reason is Reason.DNS_FAILED


# --- limits -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind", "reason"),
    [
        ("/cut", Transient, Reason.CUT_SHORT),
        ("/cut-chunked", Transient, Reason.CUT_SHORT),
        ("/cut-before", Transient, Reason.CUT_SHORT),
        ("/garbage", Transient, Reason.BAD_RESPONSE),
        ("/big-header?kb=5000", Transient, Reason.BAD_RESPONSE),
        ("/cookies?n=5000", Transient, Reason.BAD_RESPONSE),
        ("/big?mb=20", Unacceptable, Reason.TOO_LARGE),
        ("/endless", Unacceptable, Reason.TOO_LARGE),
        ("/broken?as=gzip", Unacceptable, Reason.BAD_ENCODING),
        ("/broken?as=deflate", Unacceptable, Reason.BAD_ENCODING),
        ("/broken?as=br", Unacceptable, Reason.BAD_ENCODING),
        ("/broken?as=zstd", Unacceptable, Reason.BAD_ENCODING),
        ("/broken-end?as=gzip", Unacceptable, Reason.BAD_ENCODING),
        ("/broken-end?as=deflate", Unacceptable, Reason.BAD_ENCODING),
        ("/broken-end?as=br", Unacceptable, Reason.BAD_ENCODING),
        ("/broken-end?as=zstd", Unacceptable, Reason.BAD_ENCODING),
        ("/unknown-encoding", Unacceptable, Reason.BAD_ENCODING),
        ("/unknown-encoding?as=gzip, gzip, gzip", Unacceptable, Reason.BAD_ENCODING),
        *((f"/bomb?as={kind}", Unacceptable, Reason.BOMB) for kind in sorted(BOMBS)),
    ],
)
def test_what_breaks_a_limit(path: str, kind: type[FetchError], reason: Reason) -> None:
    error = failure(path)
    assert (type(error), error.reason) == (kind, reason)


@pytest.mark.parametrize(
    ("path", "limits", "reason"),
    [
        ("/hang", Limits(first_byte_s=0.1), Reason.FIRST_BYTE_TIMEOUT),
        ("/slow?s=5", Limits(first_byte_s=0.1), Reason.FIRST_BYTE_TIMEOUT),
        ("/hang-in-body", Limits(first_byte_s=0.1), Reason.FIRST_BYTE_TIMEOUT),
        ("/hang", Limits(total_s=0.1), Reason.TOTAL_TIMEOUT),
        ("/drip?s=0.02", Limits(first_byte_s=1, total_s=0.3), Reason.TOTAL_TIMEOUT),
        ("/drip-header?s=0.02", Limits(first_byte_s=1, total_s=0.3), Reason.TOTAL_TIMEOUT),
        ("/redirect?to=/redirect?to=/hang", Limits(total_s=0.2), Reason.TOTAL_TIMEOUT),
    ],
)
def test_timeouts_are_told_apart(path: str, limits: Limits, reason: Reason) -> None:
    error = failure(path, limits)
    assert isinstance(error, Transient)
    assert error.reason is reason


def test_an_error_names_the_address_asked_last() -> None:
    assert failure("/redirect?to=/status/500").url.endswith("/status/500")
    assert failure("/redirect?to=/hang", Limits(total_s=0.2)).url.endswith("/hang")


def test_a_connection_nobody_takes_times_out() -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        with socket.socket() as full, socket.socket() as first, socket.socket() as second:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            for filler in (first, second):  # the queue holds one more than it says
                filler.setblocking(False)
                filler.connect_ex(full.getsockname())
            with pytest.raises(Transient) as caught:
                await fetcher.get(f"http://127.0.0.1:{full.getsockname()[1]}/", now=NOW, limits=Limits(connect_s=0.1))
            assert caught.value.reason is Reason.CONNECT_TIMEOUT

    play(step)


def test_a_connection_refused() -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            with pytest.raises(Transient) as caught:
                await fetcher.get(f"http://127.0.0.1:{closed.getsockname()[1]}/", now=NOW, limits=QUICK)
            assert caught.value.reason is Reason.CONNECT_FAILED

    play(step)


def test_tls_where_there_is_none() -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        site.serve("/", "plain")
        with pytest.raises(Transient) as caught:
            await fetcher.get(f"https://127.0.0.1:{site.port}/", now=NOW, limits=QUICK)
        assert caught.value.reason is Reason.TLS_FAILED

    play(step)


@pytest.mark.parametrize("path", ["/endless", "/error-endless", "/redirect-endless", "/picture", "/big?mb=100"])
def test_we_hang_up_soon(path: str) -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        with suppress(FetchError):
            await fetcher.get(site.url(path), now=NOW, limits=QUICK, types=may_be_text)
        async with asyncio.timeout(5):
            while site.requests[0].finished_at is None:
                await asyncio.sleep(0.01)
        assert site.requests[0].sent < 15_000_000  # our limit and what the buffers of both sockets hold

    play(step)


def test_a_bomb_costs_no_more_than_the_limit() -> None:
    for kind in BOMBS:
        pieces, _ = BOMBS[kind]()
        decoder = Decoder(kind.replace("-", ","), 1_000_000)
        with pytest.raises(ParseError) as caught:
            decoder.feed(b"".join(islice(pieces, 3)))
        assert caught.value.reason is Reason.BOMB
        assert sum(map(len, decoder._out)) <= 1_000_000


def test_the_limit_on_decoded_bytes_may_be_its_own() -> None:
    tight = Limits(max_bytes=1_000, max_decoded_bytes=300)
    assert failure("/encoded?as=gzip", tight).reason is Reason.BOMB
    assert failure("/encoded?as=gzip", Limits(max_bytes=100, max_decoded_bytes=10_000)).reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    ("media_type", "text"),
    [("text/html", True), ("", True), ("application/octet-stream", True), ("application/xml", True)]
    + [(name, False) for name in ("image/jpeg", "video/mp4", "audio/mpeg", "application/pdf", "application/zip")],
)
def test_pictures_are_not_read(media_type: str, text: bool) -> None:
    assert may_be_text(media_type) is text


def test_the_wrong_type_is_refused_unread() -> None:
    error = failure("/picture?type=Video/MP4;x=1", types=may_be_text)
    assert (type(error), error.reason, error.status) == (Unacceptable, Reason.WRONG_TYPE, 200)


# --- statuses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (400, Refused, Reason.CLIENT_ERROR),
        (401, Refused, Reason.UNAUTHORIZED),
        (402, Refused, Reason.CLIENT_ERROR),
        (403, Refused, Reason.FORBIDDEN),
        (404, Gone, Reason.NOT_FOUND),
        (407, Refused, Reason.UNAUTHORIZED),
        (408, Transient, Reason.CLIENT_ERROR),
        (410, Gone, Reason.GONE),
        (418, Refused, Reason.CLIENT_ERROR),
        (425, Transient, Reason.CLIENT_ERROR),
        (429, Transient, Reason.RATE_LIMITED),
        (451, Refused, Reason.LEGAL),
        (500, Transient, Reason.SERVER_ERROR),
        (503, Transient, Reason.UNAVAILABLE),
        (599, Transient, Reason.SERVER_ERROR),
        (300, Transient, Reason.BAD_STATUS),
        (305, Transient, Reason.BAD_STATUS),
        (777, Transient, Reason.BAD_STATUS),
    ],
)
def test_every_status_has_its_reason(status: int, kind: type[FetchError], reason: Reason) -> None:
    error = failure(f"/status/{status}")
    assert (type(error), error.reason, error.status) == (kind, reason, status)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_in_both_forms(status: int) -> None:
    inputs = {
        "": None,
        "?retry_after=120": 120,
        "?retry_after=Tue, 03 Nov 2026 12:10:00 GMT": 600,
        "?retry_after=Tue, 03 Nov 2026 12:10:00 GMT&date=Tue, 03 Nov 2026 12:09:00 GMT": 60,
        "?retry_after=never": None,
    }
    for query, seconds in inputs.items():
        error = failure(f"/status/{status}{query}")
        assert isinstance(error, Transient)
        assert error.retry_after == seconds


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_bot_check_is_told_from_a_refusal(status: int) -> None:
    error = failure(f"/challenge?status={status}")
    assert (type(error), error.reason, error.status) == (Refused, Reason.CHALLENGE, status)


def test_long_heads_are_refused_on_a_used_connection_too() -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        await fetcher.get(site.url("/ok"), now=NOW, limits=QUICK)
        with pytest.raises(Transient) as caught:
            await fetcher.get(site.url("/big-headers?n=900&kb=100"), now=NOW, limits=QUICK)
        assert caught.value.reason is Reason.BAD_RESPONSE
        assert [request.connection for request in site.requests] == [1, 1]
        assert site.requests[1].sent < 15_000_000

    play(step)


def test_an_error_page_without_end_is_still_that_error() -> None:
    assert failure("/error-endless").reason is Reason.NOT_FOUND


# --- completeness -------------------------------------------------------------------------------------------------


def subclasses(kind: type[BaseException]) -> set[type[BaseException]]:
    return {kind}.union(*(subclasses(child) for child in kind.__subclasses__()))


def test_every_exception_of_the_http_library_has_a_translation() -> None:
    known = subclasses(aiohttp.ClientError) - {aiohttp.ClientError}
    strangers = {kind for kind in known if kind.__module__.startswith("aiohttp")} - {
        kind for kind in known if any(base in _BY_EXCEPTION for base in kind.__mro__)
    }
    assert strangers == set()
    assert known & set(_BY_EXCEPTION) == set(_BY_EXCEPTION) & subclasses(aiohttp.ClientError)


def test_the_nearest_class_decides() -> None:
    key = ConnectionKey("a.example", 443, True, True, None, None, None)
    cases: dict[BaseException, Reason] = {
        aiohttp.ClientConnectorDNSError(key, OSError(1, "x")): Reason.DNS_FAILED,
        aiohttp.ClientConnectorSSLError(key, OSError(1, "x")): Reason.TLS_FAILED,
        aiohttp.ClientProxyConnectionError(key, OSError(1, "x")): Reason.CONNECT_FAILED,
        aiohttp.ClientConnectorError(key, ForbiddenAddress()): Reason.FORBIDDEN_ADDRESS,
        aiohttp.SocketTimeoutError("x"): Reason.FIRST_BYTE_TIMEOUT,
        aiohttp.ConnectionTimeoutError("x"): Reason.CONNECT_TIMEOUT,
        aiohttp.ClientConnectionResetError("x"): Reason.CONNECT_FAILED,
        aiohttp.ServerDisconnectedError(): Reason.CUT_SHORT,
        ConnectionResetError("x"): Reason.CONNECT_FAILED,
        aiohttp.InvalidURL("x"): Reason.BAD_LINK,
    }
    assert {error: translate("http://a.example/", error).reason for error in cases} == cases


@given(st.integers(100, 999), st.dictionaries(st.sampled_from(["retry-after", "date", "server"]), st.text()))
def test_any_status_gives_an_error_of_ours(status: int, headers: dict[str, str]) -> None:
    assert isinstance(status_error("http://a.example/", status, headers, b"", NOW), FetchError)


@given(st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br", "br, gzip", "zstd,zstd"]), st.binary(max_size=300))
def test_any_bytes_decode_or_give_an_error_of_ours(coding: str, data: bytes) -> None:
    decoder, reason = Decoder(coding, 10_000), None
    try:
        for start in range(0, len(data), 7):
            decoder.feed(data[start : start + 7])
        decoder.finish()
    except ParseError as error:
        reason = error.reason
    assert reason in (None, Reason.BOMB, Reason.BAD_ENCODING)


@given(st.binary(max_size=2_000), st.integers(1, 50), st.sampled_from(sorted(ENCODERS)))
def test_decoding_does_not_depend_on_how_the_bytes_arrive(data: bytes, step: int, kind: str) -> None:
    coding = {"raw-deflate": "deflate", "gzip-members": "gzip", "gzip-br": "gzip, br"}.get(kind, kind)
    packed = ENCODERS[kind](data)
    decoder = Decoder(coding, 10_000)
    for start in range(0, len(packed), step):
        decoder.feed(packed[start : start + step])
    assert decoder.finish() == data


# --- forms --------------------------------------------------------------------------------------------------------

FORM = {"hub.mode": "subscribe", "hub.topic": "https://a.example/?x=1&y=ü"}
SENT = b"hub.mode=subscribe&hub.topic=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D%C3%BC"


@pytest.mark.parametrize("path", ["/ok", "/redirect?to=/ok&status=307", "/redirect?to=/ok&status=308"])
def test_a_form_is_sent_and_sent_on_by_the_same_method(path: str) -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        answer = await fetcher.post(site.url(path), FORM, now=NOW, limits=QUICK)
        assert (answer.status, answer.final_url) == (200, site.url("/ok"))
        assert [request.method for request in site.requests] == ["POST"] * len(site.requests)
        last = site.requests[-1]
        assert (last.headers["content-type"], last.body) == ("application/x-www-form-urlencoded", SENT)
        assert (await fetcher.get(site.url("/ok"), now=NOW, limits=QUICK)).status == 200
        assert (site.requests[-1].method, site.requests[-1].body) == ("GET", b"")

    play(step)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/redirect?to=/ok&status=301", Reason.BAD_REDIRECT),
        ("/redirect?to=/ok&status=302", Reason.BAD_REDIRECT),
        ("/redirect?to=/ok&status=303", Reason.BAD_REDIRECT),
        ("/redirect?to=http://10.0.0.1/&status=307", Reason.FORBIDDEN_ADDRESS),
        ("/status/404", Reason.NOT_FOUND),
        ("/status/503", Reason.UNAVAILABLE),
        ("/drip?s=0.01", Reason.TOO_LARGE),
    ],
)
def test_a_form_keeps_the_limits_and_goes_nowhere_else(path: str, reason: Reason) -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        with pytest.raises(FetchError) as caught:
            await fetcher.post(site.url(path), FORM, now=NOW, limits=replace(QUICK, max_bytes=100))
        assert caught.value.reason is reason
        assert [request.body for request in site.requests] == [SENT]

    play(step)


def test_a_form_does_not_leave_https_for_http() -> None:
    assert _may_resend("https://hub.example/", 307, "https://other.example/")
    assert _may_resend("http://hub.example/", 308, "https://hub.example/")
    assert not _may_resend("https://hub.example/", 307, "http://hub.example/")


# --- the rest -----------------------------------------------------------------------------------------------------


def test_cancelling_closes_the_connection() -> None:
    async def step(fetcher: Fetcher, site: Site) -> None:
        task = asyncio.create_task(fetcher.get(site.url("/drip?s=0.01"), now=NOW, limits=QUICK))
        while not site.requests or not site.requests[0].sent:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(5):
            while site.requests[0].finished_at is None:
                await asyncio.sleep(0.01)

    play(step)


def test_the_site_serves_what_it_is_told_and_from_a_thread_too() -> None:
    async def fetch(url: str) -> Response:
        async with Fetcher(user_agent=US, allow_private=LOOPBACK) as fetcher:
            return await fetcher.get(url, now=NOW, limits=QUICK)

    with SiteThread(host="127.0.0.5", robots="User-agent: *\nDisallow: /x") as site:
        assert site.base.startswith("http://127.0.0.5:")
        page = site.article("/mine", "My headline", "One.", "Two.")
        feed = site.feed(["/mine", "https://other.example/a"])
        assert b"<p>One.</p><p>Two.</p>" in asyncio.run(fetch(page)).body
        assert page.encode() in asyncio.run(fetch(feed)).body
        assert asyncio.run(fetch(site.url("/robots.txt"))).body.endswith(b"Disallow: /x")
        site.serve("/mine", gzip.compress(b"changed"), headers={"Content-Encoding": "gzip"})
        assert asyncio.run(fetch(page)).body == b"changed"
        site.forget("/mine")
        with pytest.raises(Gone):
            asyncio.run(fetch(page))
        assert len(site.asked("/mine")) == 3


def test_every_route_says_what_it_does() -> None:
    assert [path for path, handler in ROUTES.items() if not handler.__doc__] == []
