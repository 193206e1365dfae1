"""Robots rules, paces, patience, and whose fault it is."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.model import Reason
from ingest.politeness import (
    ROBOTS_MAX_BYTES,
    ROBOTS_PATIENCE,
    ROBOTS_RETRY,
    ROBOTS_TTL,
    Robots,
    crawl_delay_s,
    delay_s,
    may_fetch,
    product_token,
    read_robots,
    refusal,
)

NOW = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
US = "Dateline (+https://example.org/contact)"


def rules(text: str) -> Robots:
    return read_robots(200, text.encode(), NOW)


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/x", True),
        ("User-agent: *\nDisallow: /private", "/private/x", False),
        ("User-agent: *\nDisallow: /private", "/public", True),
        ("User-agent: *\nDisallow: /\nAllow: /news", "/news/1", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: dateline\nDisallow:", "/x", True),
        ("User-agent: DATELINE/1.0\nDisallow: /", "/x", False),
        ("User-agent: date\nDisallow: /", "/x", True),
        ("User-agent: otherbot\nDisallow: /", "/x", True),
        ("User-agent: otherbot\nUser-agent: Dateline\nDisallow: /a\nUser-agent: last\nDisallow: /b", "/a", False),
        ("User-agent: otherbot\nUser-agent: Dateline\nDisallow: /a\nUser-agent: last\nDisallow: /b", "/b", True),
        ("User-agent: *\nDisallow: /search?q=", "/search?q=cats", False),
        ("User-agent: *\nDisallow: /search?q=", "/search", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x=1", True),
        ("User-agent: *\nDisallow: /caf%C3%A9", "/café/1", False),
        ("\ufeffUser-agent: *\r\nDisallow: /x # not there", "/x", False),
        ("<html><body>Not found</body></html>", "/x", True),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
    ],
)
def test_rules_are_read_as_rfc_9309_says(text: str, path: str, allowed: bool) -> None:
    assert may_fetch(rules(text), f"https://site.example{path}", US) is allowed


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451, 301])
def test_no_file_allows_everything(status: int) -> None:
    robots = read_robots(status, b"User-agent: *\nDisallow: /", NOW)
    assert may_fetch(robots, "https://site.example/x", US)
    assert robots.due_at == NOW + ROBOTS_TTL


@pytest.mark.parametrize("status", [None, 429, 500, 503, 599])
def test_a_server_error_means_wait(status: int | None) -> None:
    robots = read_robots(status, None, NOW)
    assert refusal(robots, "https://site.example/x", US) is Reason.ROBOTS_UNREACHABLE
    assert robots.due_at == NOW + ROBOTS_RETRY


def test_a_file_that_could_not_be_read_means_wait() -> None:
    assert read_robots(200, None, NOW).must_wait


def test_rules_known_before_outlive_an_unreachable_file() -> None:
    known = rules("User-agent: *\nDisallow: /private")
    later = read_robots(503, None, NOW + timedelta(days=2), known)
    assert refusal(later, "https://site.example/private", US) is Reason.ROBOTS_DISALLOWED
    assert refusal(later, "https://site.example/x", US) is None
    assert later.unreachable_since == NOW + timedelta(days=2)
    assert later.due_at == NOW + timedelta(days=2) + ROBOTS_RETRY


def test_after_thirty_days_without_a_file_there_is_none() -> None:
    first = read_robots(500, None, NOW)
    almost = read_robots(500, None, NOW + ROBOTS_PATIENCE - timedelta(hours=1), first)
    at_last = read_robots(500, None, NOW + ROBOTS_PATIENCE, almost)
    assert almost.must_wait
    assert may_fetch(at_last, "https://site.example/x", US)


def test_a_file_that_is_back_counts_at_once() -> None:
    back = read_robots(200, b"User-agent: *\nDisallow: /", NOW, read_robots(500, None, NOW))
    assert refusal(back, "https://site.example/x", US) is Reason.ROBOTS_DISALLOWED
    assert back.unreachable_since is None


def test_only_the_first_500_kib_count_and_no_rule_is_cut() -> None:
    filler = b"# " + b"x" * 97 + b"\n"
    head = b"User-agent: *\nDisallow: /first\n" + filler * (ROBOTS_MAX_BYTES // len(filler))
    head = head[: ROBOTS_MAX_BYTES - 11].rpartition(b"\n")[0] + b"\n"
    body = head + b"#" * (ROBOTS_MAX_BYTES - 11 - len(head)) + b"\nDisallow: /second\n"
    robots = read_robots(200, body, NOW)
    assert not may_fetch(robots, "https://site.example/first", US)
    assert may_fetch(robots, "https://site.example/second", US)
    assert may_fetch(robots, "https://site.example/x", US)  # "Disallow: /" would be what is left of the last line


def test_it_can_be_stored_field_by_field() -> None:
    robots = rules("User-agent: *\nDisallow: /x")
    may_fetch(robots, "https://site.example/x", US)
    again = Robots(**{field.name: getattr(robots, field.name) for field in fields(robots)})
    assert again == robots
    assert not may_fetch(again, "https://site.example/x", US)


def test_a_hostile_file_costs_little() -> None:
    agents = "".join(f"User-agent: a{number}\n" for number in range(18_000))
    robots = rules(agents + "Disallow: /x\n" * 20_000)
    assert may_fetch(robots, "https://site.example/x", US)
    assert len(robots.rules(product_token(US))._user_agents) == 1


@given(st.binary(max_size=400), st.text(max_size=40))
def test_any_bytes_give_a_verdict(body: bytes, path: str) -> None:
    robots = read_robots(200, b"User-agent: *\n" + body, NOW)
    assert may_fetch(robots, f"https://site.example/{path}", US) in (True, False)
    delay = crawl_delay_s(robots, US)
    assert delay is None or delay >= 0


def test_an_address_that_is_none_is_left_to_the_fetcher() -> None:
    assert refusal(rules("User-agent: *\nDisallow: /"), "http://[broken", US) is None


@pytest.mark.parametrize(
    ("user_agent", "token"),
    [(US, "dateline"), ("Dateline/1.0", "dateline"), ("my-bot (x)", "my-bot"), ("", "dateline")],
)
def test_the_name_that_rules_know_us_by(user_agent: str, token: str) -> None:
    assert product_token(user_agent) == token


def test_crawl_delay_is_that_of_our_group() -> None:
    text = "User-agent: *\nCrawl-delay: 30\n\nUser-agent: dateline\nCrawl-delay: 2.5"
    assert crawl_delay_s(rules(text), US) == 2.5
    assert crawl_delay_s(rules(text), "other") == 30
    assert crawl_delay_s(rules(""), US) is None


@pytest.mark.parametrize(("robots", "expected"), [(None, 2), (0.5, 2), (10, 10), (1e300, 120)])
def test_the_longer_wish_wins_up_to_a_limit(robots: float | None, expected: float) -> None:
    assert delay_s(2, robots, 120) == expected
