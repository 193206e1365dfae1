"""What stands in place of an article; and what only talks about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.model import Kind, Reason
from ingest.walls import Seen, challenge_reason, page_reason

SENTENCE = "The county took samples in October and published what it had found on Monday, to nobody’s surprise. "
ARTICLE = Seen(
    url="https://www.northpost.example/news/2026/wells",
    start="<!doctype html><html><head><title>Wells too salty</title></head><body>",
    title="Wells too salty",
    text=SENTENCE * 20,
    words=340,
    links=40,
    kind=Kind.ARTICLE,
    is_article=True,
    has_date=True,
)
BARE = replace(ARTICLE, is_article=False, has_date=False, links=3)


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (403, {"cf-mitigated": "challenge"}, ""),
        (200, {"cf-mitigated": "challenge"}, ""),
        (503, {"server": "cloudflare"}, "<title>Just a moment...</title><script>window._cf_chl_opt={}"),
        (403, {"server": "DataDome"}, ""),
        (403, {}, "<script>var dd={'rt':'c'}</script><script src='https://ct.captcha-delivery.com/c.js'>"),
        (403, {}, '<div id="px-captcha"></div>'),
        (403, {}, "Access Denied ... Reference https://errors.edgesuite.net/18.1"),
        (405, {"x-amzn-waf-action": "captcha"}, ""),
        (429, {"x-vercel-mitigated": "challenge"}, ""),
        (403, {}, b"\xff<iframe src='/_Incapsula_Resource?x'>"),
    ],
)
def test_refusals_that_are_bot_checks(status: int, headers: dict[str, str], body: bytes | str) -> None:
    assert challenge_reason(status, headers, body) is Reason.CHALLENGE


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (403, {"server": "nginx"}, "<h1>403 Forbidden</h1>"),
        (503, {"server": "cloudflare"}, "<h1>We are mending the server</h1>"),
        (404, {}, '<div id="px-captcha"></div>'),
        (200, {"server": "cloudflare"}, "<p>An article. <div class=g-recaptcha></div>"),
        (403, {}, b""),
    ],
)
def test_refusals_that_are_only_that(status: int, headers: dict[str, str], body: bytes | str) -> None:
    assert challenge_reason(status, headers, body) is None


@pytest.mark.parametrize(
    ("title", "text", "url", "reason"),
    [
        ("Just a moment...", "Enable JavaScript and cookies to continue", BARE.url, Reason.CHALLENGE),
        ("Attention Required! | Cloudflare", "Sorry, you have been blocked", BARE.url, Reason.CHALLENGE),
        ("Access to this page has been denied", "Press & Hold to confirm you are a human", BARE.url, Reason.CHALLENGE),
        ("northpost.example", "Please enable JS and disable any ad blocker", BARE.url, Reason.CHALLENGE),
        ("Before you continue", "We use cookies. Accept all. Reject all.", BARE.url, Reason.CONSENT_WALL),
        ("DPG Media Privacy Gate", "Akkoord. Wij en onze partners gebruiken cookies", BARE.url, Reason.CONSENT_WALL),
        ("Ihre Zustimmung", "Wir und unsere Partner. Alle akzeptieren", BARE.url, Reason.CONSENT_WALL),
        ("Le Quotidien", "Nous utilisons des cookies. Tout accepter. Nos partenaires", BARE.url, Reason.CONSENT_WALL),
        ("Yahoo", "Choose", "https://consent.yahoo.example/v2/collectConsent?sessionId=1", Reason.CONSENT_WALL),
        ("Page not found", "Try the search, or go back to where you came from.", BARE.url, Reason.NOT_AN_ARTICLE),
        ("404", "Nothing here, however hard you look for it on this site.", BARE.url, Reason.NOT_AN_ARTICLE),
        ("Seite nicht gefunden", "Die Seite gibt es nicht oder nicht mehr bei uns.", BARE.url, Reason.NOT_AN_ARTICLE),
        ("Log in to North Post", "Your e-mail address, then your password.", BARE.url, Reason.NOT_AN_ARTICLE),
        ("North Post", "", BARE.url, Reason.EMPTY_PAGE),
        ("North Post", SENTENCE * 10, "https://www.northpost.example/en/", Reason.HOME_PAGE),
    ],
)
def test_pages_that_stand_in_place_of_an_article(title: str, text: str, url: str, reason: Reason) -> None:
    assert page_reason(replace(BARE, title=title, text=text, words=len(text.split()), url=url)) is reason


@pytest.mark.parametrize(
    "seen",
    [
        ARTICLE,
        BARE,
        replace(BARE, title="Just a moment: how Cloudflare checks your browser"),
        replace(BARE, title="Why cookie consent fails", text=SENTENCE * 15 + "Accept all. Reject all. Manage options."),
        replace(ARTICLE, start=ARTICLE.start + "<script src='/cdn-cgi/challenge-platform/h/b/x.js'></script>"),
        replace(ARTICLE, text=SENTENCE, words=17, start=ARTICLE.start + "<div class='g-recaptcha'></div>"),
        replace(ARTICLE, title="404 dead after quake, officials say", text=SENTENCE * 3, words=51),
        replace(ARTICLE, text=SENTENCE + "Sign in. Subscribe. We use cookies. Accept all.", words=26),
        replace(ARTICLE, text="", words=0, kind=Kind.GALLERY),
        replace(ARTICLE, text="", words=0, kind=Kind.VIDEO),
    ],
)
def test_articles_are_let_through(seen: Seen) -> None:
    assert page_reason(seen) is None


def test_headlines_without_running_text_are_a_list() -> None:
    lines = "\n\n".join(f"Headline number {i} of the day" for i in range(30))
    front = replace(BARE, title="Local news", text=lines, words=210, links=30)
    assert page_reason(front) is Reason.NOT_AN_ARTICLE
    assert page_reason(replace(front, is_article=True)) is None


@pytest.mark.parametrize("start", ["<?xml version='1.0'?>\n<rss version='2.0'>", "<feed xmlns='a'>", "<urlset>"])
def test_feeds_and_sitemaps_are_no_articles(start: str) -> None:
    assert page_reason(replace(BARE, start=start)) is Reason.NOT_AN_ARTICLE


def test_judging_is_cheap_on_hostile_text() -> None:
    seen = replace(BARE, start="<input " * 3_000 + "<!--" * 3_000, title="sorry " * 100, text="we " * 1_000, words=100)
    assert page_reason(seen) is None
