"""first tables

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="Number of the article."
        ),
        sa.Column("url", sa.Text(), nullable=False, comment="The canonical URL."),
        sa.Column(
            "url_key", sa.BigInteger(), nullable=False, comment="Hash of the canonical URL; its spellings share it."
        ),
        sa.Column("host", sa.Text(), nullable=False, comment="The host of the canonical URL."),
        sa.Column("title", sa.Text(), nullable=True, comment="The headline."),
        sa.Column("standfirst", sa.Text(), nullable=True, comment="The summary line under the headline."),
        sa.Column("text", sa.Text(), nullable=False, comment="The body, paragraphs separated by a blank line."),
        sa.Column("text_hash", sa.LargeBinary(length=16), nullable=False, comment="Hash of the body's words in order."),
        sa.Column("agency", sa.Text(), nullable=True, comment="The agency named in the byline."),
        sa.Column(
            "published_at", sa.DateTime(timezone=True), nullable=True, comment="The publisher's time of publication."
        ),
        sa.Column(
            "modified_at", sa.DateTime(timezone=True), nullable=True, comment="The publisher's time of the last change."
        ),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When we first knew of it."),
        sa.Column(
            "fetched_at", sa.DateTime(timezone=True), nullable=False, comment="When the newest revision was fetched."
        ),
        sa.Column("language", sa.String(length=35), nullable=True, comment="Language of the body, BCP 47."),
        sa.Column("site_name", sa.Text(), nullable=True, comment="The site's name as the page states it."),
        sa.Column("section", sa.Text(), nullable=True, comment="The section as the page states it."),
        sa.Column("word_count", sa.Integer(), nullable=False, comment="Words in the body."),
        sa.Column(
            "paywalled",
            sa.Boolean(),
            nullable=True,
            comment="Whether the page says that it is not free; empty when it does not say.",
        ),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="article, live, gallery, video or opinion."),
        sa.Column("extractor", sa.String(length=80), nullable=False, comment="Name and version of what read the page."),
        sa.Column(
            "provenance",
            sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"),
            nullable=False,
            comment="Where each field came from, a JSON object.",
        ),
        sa.Column(
            "revision_count", sa.Integer(), nullable=False, comment="How many materially different texts it has had."
        ),
        sa.Column(
            "canonical_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="The article that this one is a copy of; empty for an original.",
        ),
        sa.ForeignKeyConstraint(
            ["canonical_id"], ["articles.id"], name=op.f("fk_articles_canonical_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("url_key", name=op.f("uq_articles_url_key")),
        comment="One article, by its canonical URL, with the fields of its newest revision.",
    )
    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_articles_canonical_id"), ["canonical_id"], unique=False)
        batch_op.create_index("ix_articles_first_seen_at", ["first_seen_at"], unique=False)
        batch_op.create_index("ix_articles_host_published_at", ["host", "published_at"], unique=False)
        batch_op.create_index("ix_articles_published_at", ["published_at"], unique=False)
        batch_op.create_index("ix_articles_text_hash", ["text_hash"], unique=False)

    op.create_table(
        "feeds",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="Number of the feed."
        ),
        sa.Column("url", sa.Text(), nullable=False, comment="The address we poll."),
        sa.Column(
            "url_key",
            sa.BigInteger(),
            nullable=False,
            comment="Hash of the address; spellings of one address share it.",
        ),
        sa.Column("host", sa.Text(), nullable=False, comment="The host of that address."),
        sa.Column("title", sa.Text(), nullable=True, comment="The feed's own title."),
        sa.Column("site_url", sa.Text(), nullable=True, comment="The site that the feed says it belongs to."),
        sa.Column("language", sa.Text(), nullable=True, comment="The language that the feed states."),
        sa.Column(
            "tags",
            sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"),
            nullable=False,
            comment="The operator's tags, a JSON list.",
        ),
        sa.Column("source", sa.String(length=20), nullable=False, comment="Where it came from: config or command."),
        sa.Column(
            "interval_s",
            sa.Integer(),
            nullable=True,
            comment="Seconds between polls as fixed by the operator; empty: found by us.",
        ),
        sa.Column("cadence_s", sa.Integer(), nullable=True, comment="Seconds between polls as found by us."),
        sa.Column("state", sa.String(length=20), nullable=False, comment="active, paused or gone."),
        sa.Column(
            "reason",
            sa.String(length=40),
            nullable=True,
            comment="Why the last poll failed or the feed is not active, from the closed list.",
        ),
        sa.Column("detail", sa.Text(), nullable=True, comment="That reason in words."),
        sa.Column("failures", sa.Integer(), nullable=False, comment="Failed polls in a row."),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the next poll is due; empty while paused.",
        ),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True, comment="When it was last polled."),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True, comment="When a poll last succeeded."),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), nullable=True, comment="When a poll last brought something new."
        ),
        sa.Column("etag", sa.Text(), nullable=True, comment="The validator ETag, byte for byte."),
        sa.Column("last_modified", sa.Text(), nullable=True, comment="The validator Last-Modified, byte for byte."),
        sa.Column("body_hash", sa.LargeBinary(length=16), nullable=True, comment="Hash of the last body."),
        sa.Column(
            "moved_to", sa.Text(), nullable=True, comment="Where permanent redirects point, until that is believed."
        ),
        sa.Column("moved_seen", sa.Integer(), nullable=False, comment="On how many different days they pointed there."),
        sa.Column("moved_on", sa.String(length=10), nullable=True, comment="The last of those days."),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="When we learned of the feed."),
        sa.CheckConstraint("state in ('active', 'paused', 'gone')", name=op.f("ck_feeds_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("url_key", name=op.f("uq_feeds_url_key")),
        comment="A URL we poll that lists articles.",
    )
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.create_index("ix_feeds_host_due_at", ["host", "due_at"], unique=False)

    op.create_table(
        "hosts",
        sa.Column("name", sa.Text(), nullable=False, comment="The network name, lower case, without port."),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the next visit is due; empty when nothing is.",
        ),
        sa.Column("turn_owner", sa.String(length=100), nullable=True, comment="The process that is visiting now."),
        sa.Column(
            "turn_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When that turn ends by itself, should the process die.",
        ),
        sa.Column(
            "visited_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When we last asked this host for anything.",
        ),
        sa.Column(
            "rest_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="The host asked for rest (Retry-After) until then.",
        ),
        sa.Column(
            "rest_reason", sa.String(length=40), nullable=True, comment="Why it rests: a reason of the closed list."
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_hosts")),
        comment="A network name that politeness is owed to.",
    )
    with op.batch_alter_table("hosts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hosts_due_at"), ["due_at"], unique=False)

    op.create_table(
        "people",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Number of the person or agency.",
        ),
        sa.Column("name", sa.String(length=200), nullable=False, comment="The name as bylines spell it."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("name", name=op.f("uq_people_name")),
        comment="A name found in bylines.",
    )
    op.create_table(
        "robots",
        sa.Column("origin", sa.Text(), nullable=False, comment="Scheme, host and port that these rules hold for."),
        sa.Column("host", sa.Text(), nullable=False, comment="The host of that origin."),
        sa.Column(
            "status", sa.Integer(), nullable=True, comment="HTTP status of the last look; empty when nothing answered."
        ),
        sa.Column(
            "rules",
            sa.Text(),
            nullable=True,
            comment="The rules, at most 500 KiB of them; empty while they are not known.",
        ),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False, comment="When we last asked for them."),
        sa.Column(
            "unreachable_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Since when the server has failed to say.",
        ),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_robots")),
        comment="robots.txt of an origin (RFC 9309), cached for a day.",
    )
    op.create_table(
        "tags",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="Number of the tag."
        ),
        sa.Column("name", sa.String(length=200), nullable=False, comment="The tag as publishers spell it."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("name", name=op.f("uq_tags_name")),
        comment="A keyword that publishers give.",
    )
    op.create_table(
        "article_tags",
        sa.Column(
            "article_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="The article it belongs to.",
        ),
        sa.Column("position", sa.Integer(), nullable=False, comment="Place in the list, from 0."),
        sa.Column("tag_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The tag."),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_article_tags_article_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_article_tags_tag_id")),
        sa.PrimaryKeyConstraint("article_id", "position", name=op.f("pk_article_tags")),
        comment="The keywords of an article.",
    )
    with op.batch_alter_table("article_tags", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_article_tags_tag_id"), ["tag_id"], unique=False)

    op.create_table(
        "article_urls",
        sa.Column(
            "url_key",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Hash of an address of the article.",
        ),
        sa.Column(
            "article_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="The article it belongs to.",
        ),
        sa.Column("url", sa.Text(), nullable=False, comment="That address."),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_article_urls_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("url_key", name=op.f("pk_article_urls")),
        comment="Every address an article is known by: permalinks, redirects, the canonical URL.",
    )
    with op.batch_alter_table("article_urls", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_article_urls_article_id"), ["article_id"], unique=False)

    op.create_table(
        "bylines",
        sa.Column(
            "article_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="The article it belongs to.",
        ),
        sa.Column("position", sa.Integer(), nullable=False, comment="Place in the byline, from 0."),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="Who."),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_bylines_article_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_bylines_person_id")),
        sa.PrimaryKeyConstraint("article_id", "position", name=op.f("pk_bylines")),
        comment="Who wrote an article, in the byline's order.",
    )
    with op.batch_alter_table("bylines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bylines_person_id"), ["person_id"], unique=False)

    op.create_table(
        "duplicate_links",
        sa.Column("copy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The copy."),
        sa.Column(
            "original_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="What it is a copy of.",
        ),
        sa.Column(
            "relation",
            sa.String(length=20),
            nullable=False,
            comment="exact (the other relations come with near-duplicates).",
        ),
        sa.Column("similarity", sa.Float(), nullable=False, comment="How alike the texts are, 0 to 1."),
        sa.Column(
            "coverage", sa.Float(), nullable=False, comment="How much of the shorter text stands in the other, 0 to 1."
        ),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False, comment="When it was found."),
        sa.CheckConstraint("copy_id <> original_id", name=op.f("ck_duplicate_links_not_itself")),
        sa.ForeignKeyConstraint(
            ["copy_id"], ["articles.id"], name=op.f("fk_duplicate_links_copy_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["original_id"], ["articles.id"], name=op.f("fk_duplicate_links_original_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("copy_id", "original_id", name=op.f("pk_duplicate_links")),
        comment="A copy and its original.",
    )
    with op.batch_alter_table("duplicate_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duplicate_links_original_id"), ["original_id"], unique=False)

    op.create_table(
        "entries",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="Number of the entry."
        ),
        sa.Column(
            "feed_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="The feed that stated it.",
        ),
        sa.Column("entry_key", sa.LargeBinary(length=16), nullable=False, comment="Hash of the entry id."),
        sa.Column(
            "entry_id", sa.Text(), nullable=False, comment="Its identity within the feed: guid, atom:id, else link."
        ),
        sa.Column("url", sa.Text(), nullable=True, comment="The permalink, absolute; empty where it has none."),
        sa.Column(
            "url_key", sa.BigInteger(), nullable=True, comment="Hash of the address; spellings of one address share it."
        ),
        sa.Column("host", sa.Text(), nullable=True, comment="The host to be visited for it."),
        sa.Column(
            "fetch_url",
            sa.Text(),
            nullable=True,
            comment="Where the permalink led on another host, to be asked for there.",
        ),
        sa.Column("title", sa.Text(), nullable=True, comment="Title as the feed stated it."),
        sa.Column("summary", sa.Text(), nullable=True, comment="Summary as the feed stated it, plain text."),
        sa.Column(
            "authors",
            sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"),
            nullable=False,
            comment="Authors as the feed stated them, a JSON list.",
        ),
        sa.Column(
            "categories",
            sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"),
            nullable=False,
            comment="Categories as the feed stated them, a JSON list.",
        ),
        sa.Column("language", sa.Text(), nullable=True, comment="Language as the feed stated it."),
        sa.Column("image_url", sa.Text(), nullable=True, comment="Image as the feed stated it."),
        sa.Column(
            "published_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Stated publication time, else when we first saw it.",
        ),
        sa.Column(
            "published_text",
            sa.Text(),
            nullable=True,
            comment="The stated time as text, where it could not be believed.",
        ),
        sa.Column(
            "published_stated", sa.Boolean(), nullable=False, comment="False: published_at is our first-seen time."
        ),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True, comment="Stated time of the last change."),
        sa.Column(
            "content_hash",
            sa.LargeBinary(length=16),
            nullable=False,
            comment="Changes when the publisher restates the item.",
        ),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When a poll first brought it."),
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When a poll last brought it as new or changed.",
        ),
        sa.Column("state", sa.String(length=20), nullable=False, comment="waiting, stored or failed."),
        sa.Column(
            "reason",
            sa.String(length=40),
            nullable=True,
            comment="Why it could not be had so far, from the closed list.",
        ),
        sa.Column("detail", sa.Text(), nullable=True, comment="That reason in words."),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="Fetches tried since it was last stated."),
        sa.Column("hops", sa.Integer(), nullable=False, comment="Redirects to other hosts that were followed."),
        sa.Column(
            "due_at", sa.DateTime(timezone=True), nullable=True, comment="When its page is due; empty when settled."
        ),
        sa.Column(
            "article_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="The article it announced, once stored.",
        ),
        sa.CheckConstraint("state in ('waiting', 'stored', 'failed')", name=op.f("ck_entries_state")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_entries_article_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_entries_feed_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("feed_id", "entry_key", name=op.f("uq_entries_feed_id_entry_key")),
        comment="One item as a feed stated it.",
    )
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entries_article_id"), ["article_id"], unique=False)
        batch_op.create_index("ix_entries_host_due_at", ["host", "due_at"], unique=False)
        batch_op.create_index("ix_entries_url_key", ["url_key"], unique=False)

    op.create_table(
        "feed_moves",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="Number of the move."
        ),
        sa.Column(
            "feed_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="The feed that moved.",
        ),
        sa.Column("from_url", sa.Text(), nullable=False, comment="Its address before."),
        sa.Column("from_key", sa.BigInteger(), nullable=False, comment="Hash of that address; its spellings share it."),
        sa.Column("to_url", sa.Text(), nullable=False, comment="Its address since."),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False, comment="When we followed."),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_feed_moves_feed_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_moves")),
        comment="The addresses a feed has had.",
    )
    with op.batch_alter_table("feed_moves", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feed_moves_feed_id"), ["feed_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feed_moves_from_key"), ["from_key"], unique=False)

    op.create_table(
        "images",
        sa.Column(
            "article_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="The article it belongs to.",
        ),
        sa.Column("position", sa.Integer(), nullable=False, comment="0 for the lead image."),
        sa.Column("url", sa.Text(), nullable=False, comment="The image's address; it is not fetched."),
        sa.Column("caption", sa.Text(), nullable=True, comment="Its caption."),
        sa.Column("credit", sa.Text(), nullable=True, comment="Whose picture it is."),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_images_article_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article_id", "position", name=op.f("pk_images")),
        comment="The images of an article.",
    )
    op.create_table(
        "polls",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="Number of the poll."
        ),
        sa.Column(
            "feed_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="The feed polled."
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, comment="When it began."),
        sa.Column("seconds", sa.Float(), nullable=False, comment="How long it took."),
        sa.Column(
            "outcome", sa.String(length=20), nullable=False, comment="read, not_modified, same_body, failed or offline."
        ),
        sa.Column("reason", sa.String(length=40), nullable=True, comment="Why it failed, from the closed list."),
        sa.Column("detail", sa.Text(), nullable=True, comment="That reason in words."),
        sa.Column("status", sa.Integer(), nullable=True, comment="HTTP status, where one came."),
        sa.Column("bytes", sa.BigInteger(), nullable=False, comment="Bytes of body over the wire."),
        sa.Column("entries_seen", sa.Integer(), nullable=False, comment="Items in the document."),
        sa.Column("entries_new", sa.Integer(), nullable=False, comment="Items we had not seen before."),
        sa.Column("entries_changed", sa.Integer(), nullable=False, comment="Known items that were restated."),
        sa.Column(
            "gap_possible",
            sa.Boolean(),
            nullable=False,
            comment="Nothing in it was known although the feed had been read before.",
        ),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_polls_feed_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls")),
        comment="One poll of a feed.",
    )
    with op.batch_alter_table("polls", schema=None) as batch_op:
        batch_op.create_index("ix_polls_feed_id_started_at", ["feed_id", "started_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_polls_started_at"), ["started_at"], unique=False)

    op.create_table(
        "related_links",
        sa.Column(
            "article_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="The article it belongs to.",
        ),
        sa.Column("position", sa.Integer(), nullable=False, comment="Place in the list, from 0."),
        sa.Column("title", sa.Text(), nullable=False, comment="Its title on the page."),
        sa.Column("url", sa.Text(), nullable=True, comment="Its address, where the page gives one."),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_related_links_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "position", name=op.f("pk_related_links")),
        comment="What a page offers to read next.",
    )
    op.create_table(
        "pages",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="Number of the fetch."
        ),
        sa.Column(
            "entry_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="The entry it was fetched for.",
        ),
        sa.Column("url", sa.Text(), nullable=False, comment="The address asked for."),
        sa.Column("final_url", sa.Text(), nullable=True, comment="The address that answered, after redirects."),
        sa.Column("host", sa.Text(), nullable=False, comment="The host that was visited."),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False, comment="When it was fetched."),
        sa.Column("seconds", sa.Float(), nullable=False, comment="How long fetching took."),
        sa.Column("status", sa.Integer(), nullable=True, comment="HTTP status, where one came."),
        sa.Column("content_type", sa.Text(), nullable=True, comment="The Content-Type header."),
        sa.Column("bytes", sa.BigInteger(), nullable=False, comment="Bytes of body over the wire."),
        sa.Column("outcome", sa.String(length=20), nullable=False, comment="article, redirected or failed."),
        sa.Column(
            "reason", sa.String(length=40), nullable=True, comment="Why no article came of it, from the closed list."
        ),
        sa.Column("detail", sa.Text(), nullable=True, comment="That reason in words."),
        sa.Column(
            "archive_file",
            sa.Text(),
            nullable=True,
            comment="The WARC file that holds the answer, relative to the archive directory.",
        ),
        sa.Column(
            "archive_offset", sa.BigInteger(), nullable=True, comment="Where its record starts in that file, in bytes."
        ),
        sa.Column(
            "archive_length", sa.BigInteger(), nullable=True, comment="How long the compressed record is, in bytes."
        ),
        sa.Column(
            "article_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="The article that was read in it.",
        ),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_pages_article_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_pages_entry_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        comment="One fetch of an article's address.",
    )
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pages_article_id"), ["article_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pages_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pages_fetched_at"), ["fetched_at"], unique=False)

    op.create_table(
        "revisions",
        sa.Column(
            "article_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="The article it belongs to.",
        ),
        sa.Column("number", sa.Integer(), nullable=False, comment="1 for the first text we read, then counting up."),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, comment="When we fetched it."),
        sa.Column("title", sa.Text(), nullable=True, comment="The headline then."),
        sa.Column("standfirst", sa.Text(), nullable=True, comment="The standfirst then."),
        sa.Column("text_hash", sa.LargeBinary(length=16), nullable=False, comment="Hash of the body's words in order."),
        sa.Column("word_count", sa.Integer(), nullable=False, comment="Words in the body then."),
        sa.Column("words_added", sa.Integer(), nullable=False, comment="Words that the text before it did not have."),
        sa.Column("words_removed", sa.Integer(), nullable=False, comment="Words of the text before it that are gone."),
        sa.Column(
            "delta",
            sa.LargeBinary(),
            nullable=True,
            comment="The body, deflated with the next revision's body as dictionary; empty for the newest, whose body stands in articles.text.",
        ),
        sa.Column("extractor", sa.String(length=80), nullable=False, comment="Name and version of what read the page."),
        sa.Column(
            "page_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="The fetch it was read from.",
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_revisions_article_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name=op.f("fk_revisions_page_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("article_id", "number", name=op.f("pk_revisions")),
        comment="A materially different text of an article.",
    )
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revisions_page_id"), ["page_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_revisions_page_id"))

    op.drop_table("revisions")
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pages_fetched_at"))
        batch_op.drop_index(batch_op.f("ix_pages_entry_id"))
        batch_op.drop_index(batch_op.f("ix_pages_article_id"))

    op.drop_table("pages")
    op.drop_table("related_links")
    with op.batch_alter_table("polls", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_polls_started_at"))
        batch_op.drop_index("ix_polls_feed_id_started_at")

    op.drop_table("polls")
    op.drop_table("images")
    with op.batch_alter_table("feed_moves", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feed_moves_from_key"))
        batch_op.drop_index(batch_op.f("ix_feed_moves_feed_id"))

    op.drop_table("feed_moves")
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.drop_index("ix_entries_url_key")
        batch_op.drop_index("ix_entries_host_due_at")
        batch_op.drop_index(batch_op.f("ix_entries_article_id"))

    op.drop_table("entries")
    with op.batch_alter_table("duplicate_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duplicate_links_original_id"))

    op.drop_table("duplicate_links")
    with op.batch_alter_table("bylines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bylines_person_id"))

    op.drop_table("bylines")
    with op.batch_alter_table("article_urls", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_article_urls_article_id"))

    op.drop_table("article_urls")
    with op.batch_alter_table("article_tags", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_article_tags_tag_id"))

    op.drop_table("article_tags")
    op.drop_table("tags")
    op.drop_table("robots")
    op.drop_table("people")
    with op.batch_alter_table("hosts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hosts_due_at"))

    op.drop_table("hosts")
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.drop_index("ix_feeds_host_due_at")

    op.drop_table("feeds")
    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.drop_index("ix_articles_text_hash")
        batch_op.drop_index("ix_articles_published_at")
        batch_op.drop_index("ix_articles_host_published_at")
        batch_op.drop_index("ix_articles_first_seen_at")
        batch_op.drop_index(batch_op.f("ix_articles_canonical_id"))

    op.drop_table("articles")
