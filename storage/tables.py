"""Every table, index and constraint, as data. `docs/schema.md` is written from the comments here.

Column and view names are an interface for people's queries: renaming one is a breaking change.
Long texts from strangers are never indexed themselves (PostgreSQL limits an index row to 2,704 bytes):
a 64-bit or 128-bit hash beside them is.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from ingest.model import EntryState, FeedState


class Utc(TypeDecorator[datetime]):
    """A moment: aware UTC in Python, `timestamptz` on PostgreSQL, ISO text without zone on SQLite. Whole seconds."""

    impl = DateTime(timezone=True).with_variant(sqlite.DATETIME(truncate_microseconds=True), "sqlite")  # type: ignore[no-untyped-call]
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone never enters the store")
        value = value.astimezone(UTC).replace(microsecond=0)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def storable(text: str) -> str:
    """What both databases can hold: no NUL (PostgreSQL refuses it), no lone surrogates (UTF-8 has none)."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


class Words(TypeDecorator[str]):
    """Text that may come from strangers, made storable on its way in."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


def _storable_json(value: Any) -> Any:
    match value:
        case str():
            return storable(value)
        case dict():
            return {storable(str(k)): _storable_json(v) for k, v in value.items()}
        case list() | tuple():
            return [_storable_json(v) for v in value]
    return value


class Json(TypeDecorator[Any]):
    """A small document: `jsonb` on PostgreSQL, JSON text on SQLite."""

    impl = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else _storable_json(value)


def bound(connection: Connection, column: Column[Any], value: Any) -> Any:
    """A value as the driver takes it, for statements that are given to the driver as they are."""
    process = column.type.bind_processor(connection.dialect)
    return value if process is None else process(value)


def as_stored(column: Column[Any], value: Any) -> Any:
    """A value as the store will give it back, to be compared with one that it gave."""
    match column.type:
        case Utc() if value is not None:
            return value.astimezone(UTC).replace(microsecond=0)
        case Words() if value is not None:
            return storable(value)
        case Json():
            return _storable_json(value)
    return value


# SQLite numbers rows by itself only where the key is spelled INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _one_of(column: str, values: type[FeedState] | type[EntryState]) -> CheckConstraint:
    return CheckConstraint(f"{column} in ({', '.join(repr(v.value) for v in values)})", name=column)


def _where(name: str, condition: str, *columns: str, unique: bool = False) -> Index:
    """An index of those rows alone that fulfil a condition."""
    return Index(name, *columns, unique=unique, sqlite_where=text(condition), postgresql_where=text(condition))


def _is_due(name: str) -> Index:
    """An index of what is due: most rows never are again, and it stays small."""
    return _where(name, "due_at is not null", "due_at")


def _article_id(**options: Any) -> Column[int]:
    return Column(
        "article_id",
        Id,
        ForeignKey("articles.id", ondelete="CASCADE"),
        nullable=False,
        comment="The article it belongs to.",
        **options,
    )


hosts = Table(
    "hosts",
    metadata,
    Column("name", Words, primary_key=True, comment="The network name, lower case, without port."),
    Column("due_at", Utc, index=True, comment="When the next visit is due; empty when nothing is."),
    Column("turn_owner", String(100), comment="The process that is visiting now."),
    Column("turn_until", Utc, comment="When that turn ends by itself, should the process die."),
    Column("visited_at", Utc, comment="When we last asked this host for anything."),
    Column("rest_until", Utc, comment="The host asked for rest (Retry-After) until then."),
    Column("rest_reason", String(40), comment="Why it rests: a reason of the closed list."),
    Column("recheck_at", Utc, comment="Its articles are not looked at again before then: the budget."),
    comment="A network name that politeness is owed to.",
)

robots = Table(
    "robots",
    metadata,
    Column("origin", Words, primary_key=True, comment="Scheme, host and port that these rules hold for."),
    Column("host", Words, nullable=False, comment="The host of that origin."),
    Column("status", Integer, comment="HTTP status of the last look; empty when nothing answered."),
    Column("rules", Words, comment="The rules, at most 500 KiB of them; empty while they are not known."),
    Column("fetched_at", Utc, nullable=False, comment="When we last asked for them."),
    Column("unreachable_since", Utc, comment="Since when the server has failed to say."),
    comment="robots.txt of an origin (RFC 9309), cached for a day.",
)

feeds = Table(
    "feeds",
    metadata,
    Column("id", Id, primary_key=True, comment="Number of the feed."),
    Column("url", Words, nullable=False, comment="The address we poll."),
    Column("url_key", BigInteger, nullable=False, comment="Hash of the address; spellings of one address share it."),
    Column("host", Words, nullable=False, comment="The host of that address."),
    Column("title", Words, comment="The feed's own title."),
    Column("site_url", Words, comment="The site that the feed says it belongs to."),
    Column("language", Words, comment="The language that the feed states."),
    Column("tags", Json, nullable=False, comment="The operator's tags, a JSON list."),
    Column("source", String(20), nullable=False, comment="Where it came from: config, command or index."),
    Column(
        "parent_id",
        Id,
        ForeignKey("feeds.id", ondelete="CASCADE"),
        index=True,
        comment="The sitemap index that lists it, where one does.",
    ),
    Column(
        "kind",
        String(20),
        comment="What the document was when last read, such as rss20, atom10, json11 or news_sitemap.",
    ),
    Column("interval_s", Integer, comment="Seconds between polls as fixed by the operator; empty: found by us."),
    Column("cadence_s", Integer, comment="Seconds between polls as found by us."),
    Column("state", String(20), nullable=False, comment="active, paused, resting (failed for long) or gone."),
    Column("reason", String(40), comment="Why the last poll failed or the feed is not active, from the closed list."),
    Column("detail", Words, comment="That reason in words."),
    Column("failures", Integer, nullable=False, comment="Failed polls in a row."),
    Column(
        "failure_weight",
        Float,
        nullable=False,
        server_default="0",
        comment="Those polls weighed: 0.25 for a temporary failure, 0.5 for a soft one, 1 for a hard one.",
    ),
    Column("due_at", Utc, comment="When the next poll is due; empty while paused."),
    Column("polled_at", Utc, comment="When it was last polled."),
    Column("succeeded_at", Utc, comment="When a poll last succeeded."),
    Column("changed_at", Utc, comment="When a poll last brought something new."),
    Column("etag", Words, comment="The validator ETag, byte for byte."),
    Column("last_modified", Words, comment="The validator Last-Modified, byte for byte."),
    Column("body_hash", LargeBinary(16), comment="Hash of the last body."),
    Column("full_at", Utc, comment='When a whole answer last came, not only "unchanged".'),
    Column("distrusted_at", Utc, comment="When its validators were found to lie; none are sent since."),
    Column("items", Integer, comment="Items in the document when last read."),
    Column("item_hashes", LargeBinary, comment="Hashes of those items, 8 bytes each, to find the changed ones by."),
    Column("rhythm", LargeBinary, comment="When it publishes: what came in each hour of the week, UTC."),
    Column("words_usual", Float, comment="Logarithm of the words in its articles, as usual: a slow running mean."),
    Column("words_lately", Float, comment="The same of late: a quick running mean."),
    Column(
        "articles_read", Integer, nullable=False, server_default="0", comment="Articles that these means are made of."
    ),
    Column("moved_to", Words, comment="Where permanent redirects, or the feed itself, point, until that is believed."),
    Column("moved_by", String(10), comment="Who points there: redirect, or feed (itunes:new-feed-url)."),
    Column("moved_seen", Integer, nullable=False, comment="On how many different days they pointed there."),
    Column("moved_on", String(10), comment="The last of those days."),
    Column("created_at", Utc, nullable=False, comment="When we learned of the feed."),
    _one_of("state", FeedState),
    UniqueConstraint("url_key"),
    Index("ix_feeds_host_due_at", "host", "due_at"),
    _is_due("ix_feeds_due_at"),
    comment="A URL we poll that lists articles.",
)

feed_moves = Table(
    "feed_moves",
    metadata,
    Column("id", Id, primary_key=True, comment="Number of the move."),
    Column(
        "feed_id",
        Id,
        ForeignKey("feeds.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
        comment="The feed that moved.",
    ),
    Column("from_url", Words, nullable=False, comment="Its address before."),
    Column("from_key", BigInteger, nullable=False, index=True, comment="Hash of that address; its spellings share it."),
    Column("to_url", Words, nullable=False, comment="Its address since."),
    Column("moved_at", Utc, nullable=False, comment="When we followed."),
    comment="The addresses a feed has had.",
)

polls = Table(
    "polls",
    metadata,
    Column("id", Id, primary_key=True, comment="Number of the poll."),
    Column("feed_id", Id, ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False, comment="The feed polled."),
    Column("started_at", Utc, nullable=False, index=True, comment="When it began."),
    Column("seconds", Float, nullable=False, comment="How long it took."),
    Column(
        "outcome",
        String(20),
        nullable=False,
        comment="read, not_modified, same_body, same_items, pushed (by a hub), failed or offline.",
    ),
    Column("reason", String(40), comment="Why it failed, from the closed list."),
    Column("detail", Words, comment="That reason in words."),
    Column("status", Integer, comment="HTTP status, where one came."),
    Column("bytes", BigInteger, nullable=False, comment="Bytes of body over the wire."),
    Column("entries_seen", Integer, nullable=False, comment="Items in the document."),
    Column("entries_new", Integer, nullable=False, comment="Items we had not seen before."),
    Column("entries_changed", Integer, nullable=False, comment="Known items that were restated."),
    Column(
        "gap_possible",
        Boolean,
        nullable=False,
        comment="Nothing in it was known although the feed had been read before.",
    ),
    Column(
        "missed",
        Float,
        nullable=False,
        server_default="0",
        comment="How many items may have come and gone since the poll before: an estimate, 0 where none can have.",
    ),
    Index("ix_polls_feed_id_started_at", "feed_id", "started_at"),
    # Few polls are of this kind, and sums over them are asked for.
    Index(
        "ix_polls_gaps",
        "feed_id",
        "started_at",
        "missed",
        sqlite_where=text("gap_possible"),
        postgresql_where=text("gap_possible"),
    ),
    comment="One poll of a feed.",
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Id, primary_key=True, comment="Number of the alert."),
    Column(
        "feed_id", Id, ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False, comment="The feed that it is about."
    ),
    Column("kind", String(20), nullable=False, comment="silent, short_articles or distrusted."),
    Column("detail", Words, nullable=False, comment="What was seen, in words."),
    Column("raised_at", Utc, nullable=False, comment="When it was raised."),
    Column("cleared_at", Utc, comment="When all was well again; empty while it stands."),
    Index(
        "uq_alerts_open",
        "feed_id",
        "kind",
        unique=True,
        sqlite_where=text("cleared_at is null"),
        postgresql_where=text("cleared_at is null"),
    ),
    comment="Something that looks wrong with a feed although it answers.",
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column(
        "feed_id",
        Id,
        ForeignKey("feeds.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="The feed that is pushed.",
    ),
    Column("hub_url", Words, nullable=False, comment="The hub that the feed names."),
    Column("topic_url", Words, nullable=False, comment="What the hub calls the feed: its own address of itself."),
    Column("token", String(64), nullable=False, unique=True, comment="The last part of our callback address."),
    Column("secret", String(64), nullable=False, comment="Signs what the hub sends."),
    Column("state", String(20), nullable=False, comment="asked, active, refused or failed."),
    Column("asked_at", Utc, comment="When we last asked for the subscription or its renewal."),
    Column("verified_at", Utc, comment="When the hub last confirmed it."),
    Column("lease_until", Utc, comment="Until when the hub promises to push."),
    Column("pushed_at", Utc, comment="When the hub last pushed something with a good signature."),
    Column("pushes", Integer, nullable=False, server_default="0", comment="How often it did."),
    Column("missed_at", Utc, comment="When a poll last found something that the hub had not pushed."),
    Column("failures", Integer, nullable=False, server_default="0", comment="Failed requests to the hub in a row."),
    Column("reason", String(40), comment="Why the last one failed, from the closed list."),
    Column("detail", Words, comment="That reason in words."),
    Column("due_at", Utc, index=True, comment="When to ask the hub again."),
    comment="A hub's promise to push a feed to us (WebSub).",
)

entries = Table(
    "entries",
    metadata,
    Column("id", Id, primary_key=True, comment="Number of the entry."),
    Column("feed_id", Id, ForeignKey("feeds.id", ondelete="CASCADE"), comment="The feed that stated it."),
    Column(
        "backfill_id",
        Id,
        ForeignKey("backfills.id", ondelete="CASCADE"),
        comment="The backfill that found it; then no feed did.",
    ),
    Column("entry_key", LargeBinary(16), nullable=False, comment="Hash of the entry id."),
    Column("entry_id", Words, nullable=False, comment="Its identity within the feed: guid, atom:id, else link."),
    Column("url", Words, comment="The permalink, absolute; empty where it has none."),
    Column("url_key", BigInteger, comment="Hash of the address; spellings of one address share it."),
    Column("host", Words, comment="The host to be visited for it."),
    Column(
        "fetch_url", Words, comment="Where to ask for it: where the permalink led on another host, or where it is kept."
    ),
    Column("captured_at", Utc, comment="When the copy was made that is kept at fetch_url, in a web archive."),
    Column("title", Words, comment="Title as the feed stated it."),
    Column("summary", Words, comment="Summary as the feed stated it, plain text."),
    Column("content", Words, comment="Full text as the feed stated it, plain; kept until the entry is settled."),
    Column("authors", Json, nullable=False, comment="Authors as the feed stated them, a JSON list."),
    Column("categories", Json, nullable=False, comment="Categories as the feed stated them, a JSON list."),
    Column("language", Words, comment="Language as the feed stated it."),
    Column("image_url", Words, comment="Image as the feed stated it."),
    Column("source_title", Words, comment="The feed that the item was taken from, as stated (RSS and Atom source)."),
    Column("source_url", Words, comment="The address of that feed or site."),
    Column("published_at", Utc, nullable=False, comment="Stated publication time, else when we first saw it."),
    Column("published_text", Words, comment="The stated time as text, where it could not be believed."),
    Column("published_stated", Boolean, nullable=False, comment="False: published_at is our first-seen time."),
    Column("updated_at", Utc, comment="Stated time of the last change."),
    Column("content_hash", LargeBinary(16), nullable=False, comment="Changes when the publisher restates the item."),
    Column("first_seen_at", Utc, nullable=False, comment="When a poll first brought it."),
    Column("last_seen_at", Utc, nullable=False, comment="When a poll last brought it as new or changed."),
    Column("state", String(20), nullable=False, comment="waiting, stored or failed."),
    Column("reason", String(40), comment="Why it could not be had so far, from the closed list."),
    Column("detail", Words, comment="That reason in words."),
    Column("attempts", Integer, nullable=False, comment="Fetches tried since it was last stated."),
    Column("hops", Integer, nullable=False, comment="Redirects to other hosts that were followed."),
    Column("due_at", Utc, comment="When its page is due; empty when settled, and for what a backfill found."),
    Column("later_at", Utc, comment="When the page of what a backfill found is due, once nothing new is on its host."),
    Column(
        "article_id",
        Id,
        ForeignKey("articles.id", ondelete="SET NULL"),
        index=True,
        comment="The article it announced, once stored.",
    ),
    _one_of("state", EntryState),
    CheckConstraint("(feed_id is null) <> (backfill_id is null)", name="found_by"),
    UniqueConstraint("feed_id", "entry_key"),
    _where("uq_entries_backfill_id_entry_key", "backfill_id is not null", "backfill_id", "entry_key", unique=True),
    _where("ix_entries_later_at", "later_at is not null", "backfill_id", "host", "later_at"),
    Index("ix_entries_host_due_at", "host", "due_at"),
    Index("ix_entries_url_key", "url_key"),
    _is_due("ix_entries_due_at"),
    comment="One item as a feed stated it, or one address that a backfill found.",
)

backfills = Table(
    "backfills",
    metadata,
    Column("id", Id, primary_key=True, comment="Number of the backfill."),
    Column("request_key", LargeBinary(16), nullable=False, unique=True, comment="Hash of all that was asked for."),
    Column("source", String(20), nullable=False, comment="sitemap, history, warc, wayback, urls or html."),
    Column("places", Json, nullable=False, comment="Where to look, as given: addresses or files, a JSON list."),
    Column("since", Utc, comment="The first moment wanted; empty: from the beginning."),
    Column("until", Utc, comment="The first moment not wanted any more; empty: to the end."),
    Column("hosts", Json, nullable=False, comment="Hosts wanted, with all below them, a JSON list; empty: all."),
    Column("paths", Json, nullable=False, comment="Patterns of the paths wanted, a JSON list; empty: all."),
    Column("languages", Json, nullable=False, comment="Languages wanted, a JSON list; empty: all."),
    Column("sample", Integer, comment="So many articles, evenly over time; empty: all."),
    Column("state", String(20), nullable=False, comment="running, done or cancelled."),
    Column("created_at", Utc, nullable=False, comment="When it was asked for."),
    Column("resumed_at", Utc, nullable=False, comment="When it was last asked for or resumed."),
    Column("ended_at", Utc, comment="When it was done or cancelled."),
    comment="A request for the past, and how far it got.",
)

backfill_parts = Table(
    "backfill_parts",
    metadata,
    Column("id", Id, primary_key=True, comment="Number of the part."),
    Column(
        "backfill_id",
        Id,
        ForeignKey("backfills.id", ondelete="CASCADE"),
        nullable=False,
        comment="The backfill it belongs to.",
    ),
    Column("part_key", LargeBinary(16), nullable=False, comment="Hash of its kind and place."),
    Column("kind", String(20), nullable=False, comment="robots, sitemap, history, cdx, warc, html or urls."),
    Column("place", Words, nullable=False, comment="Its address, or its file."),
    Column("host", Words, comment="The host to be visited for it; empty for a file."),
    Column("depth", Integer, nullable=False, comment="Parts above it: 0 for what was asked for."),
    Column("fallbacks", Json, nullable=False, comment="Addresses to try where this one brings nothing, a JSON list."),
    Column("is_guess", Boolean, nullable=False, comment="Nobody says that it is there: where it is not, all is well."),
    Column("trail", Words, nullable=False, comment="What has to be known of the documents that led to it."),
    Column("modified_at", Utc, comment="When it last changed, as what lists it states (lastmod)."),
    Column("state", String(20), nullable=False, comment="waiting, done or failed."),
    Column("position", Words, comment="How far it has been read: a place in the file; empty: from the beginning."),
    Column("size", BigInteger, comment="Bytes of the file."),
    Column("read_bytes", BigInteger, nullable=False, server_default="0", comment="Of those: how many are behind us."),
    Column("etag", Words, comment="The validator ETag, byte for byte."),
    Column("last_modified", Words, comment="The validator Last-Modified, byte for byte."),
    Column("records", BigInteger, nullable=False, server_default="0", comment="Records or addresses read in it."),
    Column("found", BigInteger, nullable=False, server_default="0", comment="Of those: wanted and new."),
    Column("left_out", Json, nullable=False, comment="Of those: not wanted, a JSON object of reasons and how many."),
    Column("broken", Json, nullable=False, comment="What could not be read, a JSON list of place and what is wrong."),
    Column("attempts", Integer, nullable=False, server_default="0", comment="Failed requests in a row."),
    Column("reason", String(40), comment="Why it could not be had, from the closed list."),
    Column("detail", Words, comment="That reason in words."),
    Column("due_at", Utc, comment="When it is due; empty when it is done, failed, or a file."),
    Column("done_at", Utc, comment="When it was last read to its end."),
    UniqueConstraint("backfill_id", "part_key"),
    Index("ix_backfill_parts_state", "backfill_id", "state"),
    _where("ix_backfill_parts_host_due_at", "due_at is not null", "host", "due_at"),
    comment="A document or file that a backfill looks in: a sitemap, a page of a feed's history, an archive.",
)

pages = Table(
    "pages",
    metadata,
    Column("id", Id, primary_key=True, comment="Number of the fetch."),
    Column(
        "entry_id",
        Id,
        ForeignKey("entries.id", ondelete="SET NULL"),
        index=True,
        comment="The entry it was fetched for.",
    ),
    Column("url", Words, nullable=False, comment="The address asked for."),
    Column("final_url", Words, comment="The address that answered, after redirects."),
    Column("host", Words, nullable=False, comment="The host that was visited."),
    Column("fetched_at", Utc, nullable=False, index=True, comment="When it was fetched."),
    Column("captured_at", Utc, comment="When the web archive captured it that it was fetched from; empty: no archive."),
    Column("seconds", Float, nullable=False, comment="How long fetching took."),
    Column("status", Integer, comment="HTTP status, where one came."),
    Column("content_type", Words, comment="The Content-Type header."),
    Column("bytes", BigInteger, nullable=False, comment="Bytes of body over the wire."),
    Column("outcome", String(20), nullable=False, comment="article, redirected or failed."),
    Column("reason", String(40), comment="Why no article came of it, from the closed list."),
    Column("detail", Words, comment="That reason in words."),
    Column("archive_file", Words, comment="The WARC file that holds the answer, relative to the archive directory."),
    Column("archive_offset", BigInteger, comment="Where its record starts in that file, in bytes."),
    Column("archive_length", BigInteger, comment="How long the compressed record is, in bytes."),
    Column(
        "article_id",
        Id,
        ForeignKey("articles.id", ondelete="SET NULL"),
        index=True,
        comment="The article that was read in it.",
    ),
    comment="One fetch of an article's address.",
)

articles = Table(
    "articles",
    metadata,
    Column("id", Id, primary_key=True, comment="Number of the article."),
    Column("url", Words, nullable=False, comment="The canonical URL."),
    Column("url_key", BigInteger, nullable=False, comment="Hash of the canonical URL; its spellings share it."),
    Column("host", Words, nullable=False, comment="The host of the canonical URL."),
    Column("title", Words, comment="The headline."),
    Column("standfirst", Words, comment="The summary line under the headline."),
    Column("text", Words, nullable=False, comment="The body, paragraphs separated by a blank line."),
    Column(
        "text_markdown",
        Words,
        nullable=False,
        server_default="",
        comment="The body with subheadings, lists, quotations and tables marked; "
        "empty for what was read before there was one.",
    ),
    Column(
        "dropped",
        Json,
        comment="What stands near the body and was left out: a JSON list of the beginning of each block (text) "
        "and why (reason), at most 40.",
    ),
    Column("text_hash", LargeBinary(16), nullable=False, comment="Hash of the body's words in order."),
    Column("agency", Words, comment="The agency named in the byline."),
    Column("published_at", Utc, comment="The publisher's time of publication."),
    Column("modified_at", Utc, comment="The publisher's time of the last change."),
    Column("first_seen_at", Utc, nullable=False, comment="When we first knew of it."),
    Column("fetched_at", Utc, nullable=False, comment="When the newest revision was fetched."),
    Column("language", String(35), comment="Language of the body, BCP 47."),
    Column("site_name", Words, comment="The site's name as the page states it."),
    Column("section", Words, comment="The section as the page states it."),
    Column("word_count", Integer, nullable=False, comment="Words in the body."),
    Column("paywalled", Boolean, comment="Whether the page says that it is not free; empty when it does not say."),
    Column("kind", String(20), nullable=False, comment="article, live, gallery, video or opinion."),
    Column("extractor", String(80), nullable=False, comment="Name and version of what read the page."),
    Column(
        "read_key",
        BigInteger,
        comment="Hash of what the page was read with: the extractor, and the boilerplate of its host known then.",
    ),
    Column("provenance", Json, nullable=False, comment="Where each field came from, a JSON object."),
    Column("revision_count", Integer, nullable=False, comment="How many materially different texts it has had."),
    Column(
        "canonical_id",
        Id,
        ForeignKey("articles.id", ondelete="SET NULL"),
        index=True,
        comment="The article that this one is a copy of; empty for an original.",
    ),
    Column(
        "withdrawn_at",
        Utc,
        comment="When its page was first found gone, once that was believed; empty while it is there.",
    ),
    Column("withdrawn_reason", String(40), comment="What was found there instead: not_found, gone or home_page."),
    UniqueConstraint("url_key"),
    Index("ix_articles_text_hash", "text_hash"),
    Index("ix_articles_published_at", "published_at"),
    Index("ix_articles_first_seen_at", "first_seen_at"),
    Index("ix_articles_host_published_at", "host", "published_at"),
    comment="One article, by its canonical URL, with the fields of its newest revision.",
)

article_urls = Table(
    "article_urls",
    metadata,
    Column("url_key", BigInteger, primary_key=True, autoincrement=False, comment="Hash of an address of the article."),
    _article_id(index=True),
    Column("url", Words, nullable=False, comment="That address."),
    comment="Every address an article is known by: permalinks, redirects, the canonical URL.",
)

revisions = Table(
    "revisions",
    metadata,
    _article_id(primary_key=True),
    Column("number", Integer, primary_key=True, comment="1 for the first text we read, then counting up."),
    Column("seen_at", Utc, nullable=False, comment="When we fetched it."),
    Column("title", Words, comment="The headline then."),
    Column("standfirst", Words, comment="The standfirst then."),
    Column("text_hash", LargeBinary(16), nullable=False, comment="Hash of the body's words in order."),
    Column("word_count", Integer, nullable=False, comment="Words in the body then."),
    Column("words_added", Integer, nullable=False, comment="Words that the text before it did not have."),
    Column("words_removed", Integer, nullable=False, comment="Words of the text before it that are gone."),
    Column(
        "delta",
        LargeBinary,
        comment="The body: what it shares with another revision's body (base), and the rest deflated; now and then "
        "whole. Empty for the current one, whose body stands in articles.text.",
    ),
    Column(
        "base",
        Integer,
        comment="The revision whose body the delta is made against; empty: the next one, or none for a whole body.",
    ),
    Column("extractor", String(80), nullable=False, comment="Name and version of what read the page."),
    Column(
        "page_id", Id, ForeignKey("pages.id", ondelete="SET NULL"), index=True, comment="The fetch it was read from."
    ),
    Column(
        "sightings",
        Integer,
        nullable=False,
        server_default="1",
        comment="How often it appeared: once, and once more each time the page went back to it.",
    ),
    Column("last_seen_at", Utc, comment="When the page last went back to it; empty where it never did."),
    Column(
        "correction", Words, comment="The publisher's own note that something was corrected, where it came with one."
    ),
    comment="A materially different text of an article.",
)

rechecks = Table(
    "rechecks",
    metadata,
    _article_id(primary_key=True, autoincrement=False),
    Column("url", Words, nullable=False, comment="Where its page answered last."),
    Column("host", Words, nullable=False, comment="The host to be visited for it."),
    Column("due_at", Utc, nullable=False, comment="When its page is looked at again."),
    Column("checked_at", Utc, nullable=False, comment="When it was last looked at."),
    Column("changed_at", Utc, comment="When a look last found other words; empty where none has."),
    Column("looks", Integer, nullable=False, comment="How often it was looked at again."),
    Column("etag", Words, comment="The validator ETag of its page, byte for byte."),
    Column("last_modified", Words, comment="The validator Last-Modified of its page, byte for byte."),
    Column("body_hash", LargeBinary(16), comment="Hash of the last page."),
    Column(
        "entry_id",
        Id,
        ForeignKey("entries.id", ondelete="SET NULL"),
        index=True,
        comment="The entry that announced it.",
    ),
    Column("missing", Integer, nullable=False, comment="Looks in a row that found nothing there."),
    Column("missing_since", Utc, comment="When the first of them was."),
    Column("hops", Integer, nullable=False, comment="Redirects to other hosts that were followed since it answered."),
    Column("reason", String(40), comment="Why the last look brought nothing, from the closed list."),
    Index("ix_rechecks_host_due_at", "host", "due_at"),
    comment="An article that is young enough for its page to be looked at again; gone with the last look.",
)

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True, comment="Number of the person or agency."),
    Column("name", String(200), nullable=False, unique=True, comment="The name as bylines spell it."),
    comment="A name found in bylines.",
)

bylines = Table(
    "bylines",
    metadata,
    _article_id(primary_key=True),
    Column("position", Integer, primary_key=True, comment="Place in the byline, from 0."),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True, comment="Who."),
    comment="Who wrote an article, in the byline's order.",
)

tags = Table(
    "tags",
    metadata,
    Column("id", Id, primary_key=True, comment="Number of the tag."),
    Column("name", String(200), nullable=False, unique=True, comment="The tag as publishers spell it."),
    comment="A keyword that publishers give.",
)

article_tags = Table(
    "article_tags",
    metadata,
    _article_id(primary_key=True),
    Column("position", Integer, primary_key=True, comment="Place in the list, from 0."),
    Column("tag_id", Id, ForeignKey("tags.id"), nullable=False, index=True, comment="The tag."),
    comment="The keywords of an article.",
)

images = Table(
    "images",
    metadata,
    _article_id(primary_key=True),
    Column("position", Integer, primary_key=True, comment="0 for the lead image."),
    Column("url", Words, nullable=False, comment="The image's address; it is not fetched."),
    Column("caption", Words, comment="Its caption."),
    Column("credit", Words, comment="Whose picture it is."),
    comment="The images of an article.",
)

related_links = Table(
    "related_links",
    metadata,
    _article_id(primary_key=True),
    Column("position", Integer, primary_key=True, comment="Place in the list, from 0."),
    Column("title", Words, nullable=False, comment="Its title on the page."),
    Column("url", Words, comment="Its address, where the page gives one."),
    comment="What a page offers to read next.",
)

duplicate_links = Table(
    "duplicate_links",
    metadata,
    Column("copy_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, comment="The copy."),
    Column(
        "original_id",
        Id,
        ForeignKey("articles.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
        comment="What it is a copy of.",
    ),
    Column(
        "relation",
        String(20),
        nullable=False,
        comment="exact, near (nearly the same), syndicated, excerpt (a part of it) or contains (it and more).",
    ),
    Column("similarity", Float, nullable=False, comment="How alike the texts are, 0 to 1."),
    Column("coverage", Float, nullable=False, comment="How much of the shorter text stands in the other, 0 to 1."),
    Column("found_at", Utc, nullable=False, comment="When it was found."),
    CheckConstraint("copy_id <> original_id", name="not_itself"),
    comment="A copy and its original.",
)

# One table that the two databases fill differently (storage/fingerprints.py hides it).
# No foreign key: SQLite would read the whole table for each article that is removed, as nothing is indexed by article.
# A key without an article does no harm, and goes with the window.
fingerprints = Table(
    "fingerprints",
    metadata,
    Column(
        "key",
        BigInteger().with_variant(Integer, "postgresql"),
        autoincrement=False,
        nullable=False,
        comment="Hash of one of its passages; on PostgreSQL the last 20 bits, and all articles with such a key are in "
        "one row.",
    ),
    Column(
        "article_id",
        Id.with_variant(ARRAY(BigInteger), "postgresql"),
        autoincrement=False,
        nullable=False,
        comment="The article; on PostgreSQL a list, each with 24 more bits of the hash (times 2^39).",
    ),
    PrimaryKeyConstraint("key", "article_id"),  # on PostgreSQL: key
    comment="The index in which copies are found; it holds the articles of the last weeks (duplicates.window).",
    sqlite_with_rowid=False,
    postgresql_with={"fillfactor": 70},  # room for a longer version of a row beside it
)

boilerplate = Table(
    "boilerplate",
    metadata,
    Column("host", Words, primary_key=True, comment="The host of the articles, without www. or m. in front."),
    Column(
        "block_key",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="Hash of the block's words, whatever their case and punctuation.",
    ),
    Column("text", Words, nullable=False, comment="The block's beginning, as it was first read."),
    Column("pages", Integer, nullable=False, comment="On how many articles of the host it has stood."),
    Column("first_seen_at", Utc, nullable=False, comment="When it was first read."),
    Column("last_seen_at", Utc, nullable=False, comment="When it was last read in a new article."),
    # Most blocks stand on one article only: the index of those that recur stays small.
    Index(
        "ix_boilerplate_recurring",
        "host",
        "pages",
        "block_key",
        sqlite_where=text("pages > 1"),
        postgresql_where=text("pages > 1"),
    ),
    comment="A short block of text and on how many articles of a host it stands: on several it is the site's.",
)
