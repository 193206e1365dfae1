"""START HERE: the types that everything else speaks in. Frozen, with aware UTC times.

Three shapes of each thing:

    said       ParsedFeed, ParsedEntry, Page, Reading     what a publisher's bytes state
    known      Feed, Entry, Article                       what the store remembers of it
    outcome    PollOutcome, ReadOutcome                   said + known + now, decided by a function that touches nothing
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from ingest.fingerprint import digest

if TYPE_CHECKING:
    from ingest.near import Signature


class Reason(StrEnum):
    """Why something could not be had: the closed list that every failure in the tables is from."""

    # the network
    OFFLINE = "offline"  # nothing answers anywhere: our side, counts against nobody
    DNS_FAILED = "dns_failed"
    CONNECT_FAILED = "connect_failed"
    TLS_FAILED = "tls_failed"
    CONNECT_TIMEOUT = "connect_timeout"
    FIRST_BYTE_TIMEOUT = "first_byte_timeout"
    TOTAL_TIMEOUT = "total_timeout"
    CUT_SHORT = "cut_short"  # the connection closed before the announced end
    BAD_RESPONSE = "bad_response"  # not HTTP, or headers beyond every limit
    # what the server said
    NOT_FOUND = "not_found"  # 404
    GONE = "gone"  # 410
    UNAUTHORIZED = "unauthorized"  # 401, 407
    FORBIDDEN = "forbidden"  # 403
    LEGAL = "legal"  # 451
    RATE_LIMITED = "rate_limited"  # 429
    UNAVAILABLE = "unavailable"  # 503
    SERVER_ERROR = "server_error"  # any other 5xx
    CLIENT_ERROR = "client_error"  # any other 4xx
    BAD_STATUS = "bad_status"  # a status that makes no sense here
    # politeness
    ROBOTS_DISALLOWED = "robots_disallowed"
    ROBOTS_UNREACHABLE = "robots_unreachable"  # RFC 9309 section 2.3.1.4: a server error means wait
    # our limits
    TOO_MANY_REDIRECTS = "too_many_redirects"
    REDIRECT_LOOP = "redirect_loop"
    BAD_REDIRECT = "bad_redirect"  # to nowhere, to something that is not http, or from a copy to what is none
    FORBIDDEN_ADDRESS = "forbidden_address"
    TOO_LARGE = "too_large"  # compressed or not, in bytes on the wire
    BOMB = "bomb"  # small on the wire, beyond the limit when decompressed
    BAD_ENCODING = "bad_encoding"  # the Content-Encoding is unknown or broken
    WRONG_TYPE = "wrong_type"  # not text: an image, a PDF, a program
    # reading feeds
    NOT_A_FEED = "not_a_feed"
    NO_LINK = "no_link"  # an entry without an address
    BAD_LINK = "bad_link"  # an entry whose address is not http(s)
    # reading pages
    TOO_COMPLEX = "too_complex"  # nesting or attributes beyond what a parser may be given
    EMPTY_PAGE = "empty_page"
    CONSENT_WALL = "consent_wall"
    CHALLENGE = "challenge"  # a bot check in place of the page
    HOME_PAGE = "home_page"  # the address answers with the front page
    NOT_AN_ARTICLE = "not_an_article"  # a list, a form, an error page with status 200
    # the worker that reads
    READ_TIMEOUT = "read_timeout"
    READ_CRASHED = "read_crashed"  # the worker died; memory is the usual cause
    READ_FAILED = "read_failed"  # an error of ours: please report
    # a backfill
    OUTSIDE_WINDOW = "outside_window"  # its page says that it was published at another time than wanted
    OTHER_LANGUAGE = "other_language"  # than those wanted
    # a hub (WebSub)
    HUB_SILENT = "hub_silent"  # it took our request and never confirmed it
    HUB_DENIED = "hub_denied"  # it told us that it will not push this feed
    # the operator
    PAUSED = "paused"


class Kind(StrEnum):
    """What sort of page it is."""

    ARTICLE = "article"
    LIVE = "live"
    GALLERY = "gallery"
    VIDEO = "video"
    OPINION = "opinion"
    INDEX = "index"
    NOT_ARTICLE = "not_article"


# --- said ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask "changed since?" with, kept byte for byte (RFC 9110 section 8.8)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect that was followed."""

    status: int
    url: str  # where it was answered
    location: str  # where it pointed, absolute


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer, within every limit: the only thing `ingest.fetch` returns."""

    url: str  # the one asked for
    final_url: str
    status: int  # of the last hop: 200 or 304, or a redirect that was not to be followed
    headers: Mapping[str, str]  # names in lower case; repeated ones joined with ", "
    body: bytes  # content decoded
    raw_body: bytes  # as it came over the wire, for the archive
    hops: tuple[Hop, ...] = ()
    seconds: float = 0.0

    @property
    def validators(self) -> Validators:
        return Validators(self.headers.get("etag"), self.headers.get("last-modified"))


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """One item as a feed states it. Texts are plain (no markup), stripped; links absolute."""

    entry_id: str  # guid, atom:id; else link; else title and date; made unique within the document
    url: str | None  # absolute, as stated; None where there is none
    title: str | None = None
    summary: str | None = None
    content: str | None = None  # content:encoded or atom:content, as plain text
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published_at: datetime | None = None
    published_text: str | None = None  # as stated, where it could not be believed
    updated_at: datetime | None = None
    language: str | None = None
    image_url: str | None = None
    source_title: str | None = None  # the feed that it was taken from, as stated (RSS, Atom: source)
    source_url: str | None = None
    bad_link: str | None = None  # the link as stated, its first 200 characters, where it is no http(s) address

    @property
    def key(self) -> bytes:
        """16 bytes that stand for `entry_id` (which has no limit of length) in indexes."""
        return digest(self.entry_id)

    @property
    def content_hash(self) -> bytes:
        """16 bytes that change when the publisher restates the item: its address, words or dates."""
        stamp = (self.updated_at or self.published_at or "").__str__()
        return digest("\x1f".join((self.url or "", self.title or "", self.summary or "", self.content or "", stamp)))

    def restates(self, known: bytes) -> bool:
        """Whether it says something else than the statement whose content hash is `known`.

        A publisher that goes from http to https restates nothing.
        """
        if known == self.content_hash:
            return False
        scheme, mark, rest = (self.url or "").partition("://")
        other = {"http": "https", "https": "http"}.get(scheme)
        return other is None or known != replace(self, url=f"{other}{mark}{rest}").content_hash


@dataclass(frozen=True, slots=True)
class ListedSitemap:
    """A sitemap that a sitemap index lists."""

    url: str
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pacing:
    """What a feed document says of when to ask again."""

    ttl_s: int | None = None  # RSS: for so long it may be kept
    period_s: int | None = None  # sy:updatePeriod divided by sy:updateFrequency: how often it changes
    skip_hours: frozenset[int] = frozenset()  # 0 to 23, UTC: nobody need ask then
    skip_days: frozenset[int] = frozenset()  # 0 is Monday


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed document as it was stated.

    `entries` leaves out the items that the caller knew already, byte for byte (`known` of `sources.parse`): they are
    counted in `skipped`.
    """

    kind: str  # "rss20", "atom10", "rss10", "json11", "news_sitemap", "sitemap", "sitemap_index", …
    title: str | None
    site_url: str | None
    language: str | None
    entries: tuple[ParsedEntry, ...]
    skipped: int = 0
    item_hashes: bytes | None = None  # of those items, 8 bytes each; None: it cannot be read in parts
    pacing: Pacing = Pacing()
    new_url: str | None = None  # itunes:new-feed-url: where it says it has moved to
    self_url: str | None = None  # atom:link rel=self: the topic of its hub
    hub_urls: tuple[str, ...] = ()
    children: tuple[ListedSitemap, ...] = ()  # of a sitemap index
    problem: str | None = None  # what was wrong with the document although it could be read

    @property
    def seen(self) -> int:
        """Items in the document."""
        return len(self.entries) + self.skipped


@dataclass(frozen=True, slots=True)
class StatedHub:
    """Who pushes a feed, as its answer states it; no `hub_urls`: nobody."""

    hub_urls: tuple[str, ...]  # absolute, in the publisher's order
    topic_url: str  # what the hubs call the feed


@dataclass(frozen=True, slots=True)
class Page:
    """A fetched document, before it is read."""

    url: str
    body: bytes
    content_type: str | None = None  # the header, parameters included
    final_url: str | None = None
    entry: ParsedEntry | None = None  # what the feed said of it: a further witness
    boilerplate: frozenset[int] = frozenset()  # keys of blocks that recur on its host (ingest/boilerplate.py)


@dataclass(frozen=True, slots=True)
class Image:
    url: str
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True)
class RelatedLink:
    title: str
    url: str | None = None  # a page saved as text has titles only


@dataclass(frozen=True, slots=True)
class Dropped:
    """A block of the page that stands near the text and is not the article's."""

    text: str  # its beginning
    reason: str  # "boilerplate of the host", "headline again", …


@dataclass(frozen=True, slots=True)
class Reading:
    """What we read in a page. `text`: paragraphs separated by a blank line, starting with the first paragraph."""

    url: str
    canonical_url: str  # declared and believable, else the normalised final address
    kind: Kind
    reason: Reason | None = None  # set exactly where kind is index or not_article
    title: str | None = None
    standfirst: str | None = None
    authors: tuple[str, ...] = ()  # every name in the byline, agencies too
    agency: str | None = None  # the one of them that is an agency
    published_at: datetime | None = None
    modified_at: datetime | None = None
    language: str | None = None  # BCP 47, lower-case primary tag: "en"
    site_name: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: Image | None = None
    text: str = ""
    markdown: str = ""  # the same with subheadings, lists, quotations and tables marked (CommonMark, pipe tables)
    dropped: tuple[Dropped, ...] = ()
    short_blocks: tuple[str, ...] = ()  # what may turn out to recur on the host: ingest/boilerplate.py
    related: tuple[RelatedLink, ...] = ()
    paywalled: bool | None = None  # None: the page does not say
    word_count: int = 0
    extractor: str = ""  # name and version
    provenance: Mapping[str, str] = field(default_factory=dict)  # field -> where it came from
    signature: Signature | None = field(default=None, compare=False, repr=False)  # of `text`, where it is to be stored


class Fate(StrEnum):
    """What became of a block."""

    KEPT = "kept"
    STANDFIRST = "standfirst"
    BOX = "box"  # beside the text
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class BlockSeen:
    """A block of the page. `tag`, `mark`: its element, with class and id; `within`: the nearest around it with a mark.

    What was found outside the markup has neither. `sureness`: the classifier's, 0 to 1, where it was asked.
    """

    text: str
    fate: Fate
    reason: str
    sureness: float | None = None
    tag: str = ""
    mark: str = ""
    within: str = ""


@dataclass(slots=True)
class Explanation:
    """`blocks`: all of the page, in its order. `witnesses`: by field (source, value); `won`: which one has it."""

    blocks: tuple[BlockSeen, ...] = ()
    witnesses: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    won: dict[str, tuple[str, str]] = field(default_factory=dict)


# --- known --------------------------------------------------------------------------------------------------------


class FeedState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"  # by the operator, or no longer in the settings
    RESTING = "resting"  # failed for long: probed monthly
    GONE = "gone"  # answered 410: probed monthly


class EntryState(StrEnum):
    WAITING = "waiting"  # due, or due again later
    STORED = "stored"  # its article is in the store
    FAILED = "failed"  # given up, with a reason


@dataclass(frozen=True, slots=True)
class Feed:
    """A URL we poll, as the store knows it."""

    id: int
    url: str
    host: str
    state: FeedState = FeedState.ACTIVE
    reason: Reason | None = None
    title: str | None = None
    interval_s: int | None = None  # fixed by the user; None: found by us
    cadence_s: int | None = None  # the interval found by us
    validators: Validators = Validators()
    body_hash: bytes | None = None
    failures: int = 0  # in a row
    failure_weight: float = 0.0  # the same, weighed: ingest/patience.py
    kind: str | None = None
    items: int | None = None  # in the last document
    item_hashes: bytes | None = None
    rhythm: bytes | None = None  # ingest/rhythm.py
    full_at: datetime | None = None  # when a whole answer last came
    distrusted_at: datetime | None = None  # its validators lie since then, and are not sent
    parent_id: int | None = None  # the sitemap index that lists it
    succeeded_at: datetime | None = None
    created_at: datetime | None = None
    moved_to: str | None = None  # where permanent redirects point
    moved_by: str | None = None  # "redirect", or "feed" where it says so itself
    moved_seen: int = 0  # on how many different days
    moved_on: str | None = None  # the last of those days, "2026-11-23"
    polled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of a feed, or an address that a backfill found, whose page is due."""

    id: int
    feed_id: int | None  # None: a backfill found it
    url: str
    url_key: int
    host: str
    said: ParsedEntry
    attempts: int = 0
    hops: int = 0  # redirects to other hosts so far
    fetch_url: str = ""  # what to ask for: `url`, or where it led
    article_id: int | None = None  # already stored once: this is a further look
    content_hash: bytes | None = None  # of the statement that this look answers; None: of any
    backfill_id: int | None = None
    captured_at: datetime | None = None  # `fetch_url` is a copy in a web archive, made then

    @property
    def page_url(self) -> str:
        """The address of the page as its publisher has it."""
        return self.fetch_url if self.captured_at is None else self.url


class SubscriptionState(StrEnum):
    ASKED = "asked"  # of the hub, which has not confirmed it yet; or about to be
    ACTIVE = "active"  # the hub confirmed it
    REFUSED = "refused"  # the hub will not push
    FAILED = "failed"  # the hub cannot be had, is silent, or the feed is paused: `reason` says which


@dataclass(frozen=True, slots=True)
class Subscription:
    """A hub's promise to push a feed, as far as it has got. Whoever knows `token` and `secret` could push to us."""

    feed_id: int
    hub_url: str
    topic_url: str
    token: str = field(repr=False)
    secret: str = field(repr=False)
    state: SubscriptionState = SubscriptionState.ASKED
    asked_at: datetime | None = None
    verified_at: datetime | None = None
    lease_until: datetime | None = None
    pushed_at: datetime | None = None
    pushes: int = 0
    missed_at: datetime | None = None  # when a poll last found what had not been pushed
    failures: int = 0  # in a row
    reason: Reason | None = None
    detail: str | None = None
    due_at: datetime | None = None  # when the hub is to be asked again


@dataclass(frozen=True, slots=True)
class Recheck:
    """An article whose page is due to be looked at again."""

    article_id: int
    url: str  # where it answered last
    host: str
    checked_at: datetime  # the last look
    born_at: datetime  # from when on it ages
    kind: str
    changed_at: datetime | None = None  # when a look last found other words
    validators: Validators = Validators()
    body_hash: bytes | None = None
    entry_id: int | None = None  # the entry it was announced by
    said: ParsedEntry | None = None  # what that states
    missing: int = 0  # looks in a row that found nothing there
    missing_since: datetime | None = None
    hops: int = 0  # redirects to other hosts since it last answered
    looks: int = 0  # so far
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """What the store remembers of an article when its page is read again."""

    id: int
    title: str | None
    standfirst: str | None
    text: str
    text_hash: bytes
    revision_count: int
    first_seen_at: datetime | None = None
    extractor: str | None = None  # name and version of what read it


# --- outcome ------------------------------------------------------------------------------------------------------


class PollResult(StrEnum):
    READ = "read"  # a document was parsed
    NOT_MODIFIED = "not_modified"  # 304
    SAME_BODY = "same_body"  # byte for byte the last one
    SAME_ITEMS = "same_items"  # another document with the same items
    PUSHED = "pushed"  # a hub sent it
    FAILED = "failed"
    OFFLINE = "offline"  # nothing answers anywhere: counts against nobody


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """What one poll means: everything that is to be recorded of it."""

    feed: Feed
    at: datetime
    seconds: float
    result: PollResult
    due_at: datetime
    cadence_s: int
    state: FeedState = FeedState.ACTIVE
    failures: int = 0
    failure_weight: float = 0.0
    reason: Reason | None = None
    detail: str | None = None
    status: int | None = None
    wire_bytes: int = 0
    validators: Validators = Validators()
    body_hash: bytes | None = None
    title: str | None = None
    site_url: str | None = None
    language: str | None = None
    seen: int = 0
    new: tuple[ParsedEntry, ...] = ()
    changed: tuple[ParsedEntry, ...] = ()
    renamed: tuple[tuple[bytes, ParsedEntry], ...] = ()  # known entries under a new id, with the key of their old one
    recorded: int = 0  # of `renamed`, `new` and `changed` in a row: those that are in the store already
    gap_possible: bool = False
    children: tuple[ListedSitemap, ...] | None = None  # of a sitemap index, all that it lists; None: no index was read
    wanted: tuple[ListedSitemap, ...] = ()  # of those: the ones that are worth polling
    distrusted: bool = False  # its validators were found to lie
    missed: float = 0.0  # items that may have come and gone since the poll before: an estimate
    kind: str | None = None  # of the document
    items: int | None = None  # in the last document
    item_hashes: bytes | None = None
    rhythm: bytes | None = None
    move: Move | None = None
    rest_until: datetime | None = None  # the whole host asked for rest
    hub: StatedHub | None = None  # None: no document was read

    @property
    def to_record(self) -> int:
        """Entries that it has something to say of."""
        return len(self.renamed) + len(self.new) + len(self.changed)


@dataclass(frozen=True, slots=True)
class Move:
    """Where a feed is said to have moved: believed once it was said on enough different days."""

    to: str
    by: str  # "redirect", or "feed"
    seen: int
    on: str  # the last of those days, "2026-11-23"
    believed: bool


@dataclass(frozen=True, slots=True)
class Archived:
    """Where a page lies in the archive."""

    file: str  # relative to the archive directory
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """The facts of one fetch of a page."""

    at: datetime
    seconds: float
    final_url: str | None = None
    status: int | None = None
    content_type: str | None = None
    wire_bytes: int = 0
    archived: Archived | None = None
    validators: Validators = Validators()
    body_hash: bytes | None = None
    captured_at: datetime | None = None  # a copy in a web archive, made then


@dataclass(frozen=True, slots=True)
class ReadOutcome:
    """What reading one entry's page means: everything that is to be recorded of it.

    One of: `reading` (an article), `moved_to` (another host must be visited), `reason` (it could not be had, now or
    for good: `state`). A reading with a reason is the feed's own text: the page could not be had.
    """

    entry: Entry
    fetched: Fetched
    state: EntryState
    reading: Reading | None = None
    moved_to: str | None = None
    captured_at: datetime | None = None  # `moved_to` is a copy in a web archive, made then
    reason: Reason | None = None
    detail: str | None = None
    attempts: int = 0
    due_at: datetime | None = None
    rest_until: datetime | None = None


class Look(StrEnum):
    """What a further look at an article's page found."""

    NOT_MODIFIED = "not_modified"  # 304
    SAME_BODY = "same_body"  # byte for byte the last one
    READ = "read"  # another page, which was read
    MOVED = "moved"  # another host is to be asked
    MISSING = "missing"  # nothing there, which is not yet believed
    WITHDRAWN = "withdrawn"  # nothing there, for the third time
    FAILED = "failed"  # it could not be had: says nothing of the article
    OFFLINE = "offline"
    ENDED = "ended"  # there is no further look


@dataclass(frozen=True, slots=True)
class RecheckOutcome:
    """What a further look at an article's page means: everything that is to be recorded of it."""

    known: Recheck
    fetched: Fetched
    look: Look
    reading: Reading | None = None
    moved_to: str | None = None
    reason: Reason | None = None
    detail: str | None = None
    due_at: datetime | None = None  # of READ: decided beside the newest text
    missing: int = 0
    missing_since: datetime | None = None
    rest_until: datetime | None = None
