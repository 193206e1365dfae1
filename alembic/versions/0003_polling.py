"""polling

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# The state of a feed has a constraint, so SQLite copies that table. No search trigger hangs on it.

FEED_COLUMNS = (
    "parent_id",
    "kind",
    "failure_weight",
    "full_at",
    "distrusted_at",
    "items",
    "item_hashes",
    "rhythm",
    "words_usual",
    "words_lately",
    "articles_read",
    "moved_by",
)
COMMENTS = {
    ("feeds", "state"): "active, paused, resting (failed for long) or gone.",
    ("feeds", "source"): "Where it came from: config, command or index.",
    ("feeds", "moved_to"): "Where permanent redirects, or the feed itself, point, until that is believed.",
    ("polls", "outcome"): "read, not_modified, same_body, same_items, pushed (by a hub), failed or offline.",
}
OLD_COMMENTS = {
    ("feeds", "state"): "active, paused or gone.",
    ("feeds", "source"): "Where it came from: config or command.",
    ("feeds", "moved_to"): "Where permanent redirects point, until that is believed.",
    ("polls", "outcome"): "read, not_modified, same_body, failed or offline.",
}


def _comment(comments: dict[tuple[str, str], str]) -> None:
    """SQLite keeps no comments."""
    if op.get_bind().dialect.name == "postgresql":
        for (table, column), comment in comments.items():
            op.alter_column(table, column, comment=comment)


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, comment="Number of the alert."
        ),
        sa.Column(
            "feed_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="The feed that it is about.",
        ),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="silent, short_articles or distrusted."),
        sa.Column("detail", sa.Text(), nullable=False, comment="What was seen, in words."),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False, comment="When it was raised."),
        sa.Column(
            "cleared_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When all was well again; empty while it stands.",
        ),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_alerts_feed_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        comment="Something that looks wrong with a feed although it answers.",
    )
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["feed_id", "kind"],
        unique=True,
        sqlite_where=sa.text("cleared_at is null"),
        postgresql_where=sa.text("cleared_at is null"),
    )
    op.create_table(
        "subscriptions",
        sa.Column(
            "feed_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="The feed that is pushed.",
        ),
        sa.Column("hub_url", sa.Text(), nullable=False, comment="The hub that the feed names."),
        sa.Column(
            "topic_url", sa.Text(), nullable=False, comment="What the hub calls the feed: its own address of itself."
        ),
        sa.Column("token", sa.String(length=64), nullable=False, comment="The last part of our callback address."),
        sa.Column("secret", sa.String(length=64), nullable=False, comment="Signs what the hub sends."),
        sa.Column("state", sa.String(length=20), nullable=False, comment="asked, active, refused or failed."),
        sa.Column(
            "asked_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When we last asked for the subscription or its renewal.",
        ),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True, comment="When the hub last confirmed it."),
        sa.Column(
            "lease_until", sa.DateTime(timezone=True), nullable=True, comment="Until when the hub promises to push."
        ),
        sa.Column(
            "pushed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the hub last pushed something with a good signature.",
        ),
        sa.Column("pushes", sa.Integer(), server_default="0", nullable=False, comment="How often it did."),
        sa.Column(
            "missed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When a poll last found something that the hub had not pushed.",
        ),
        sa.Column(
            "failures", sa.Integer(), server_default="0", nullable=False, comment="Failed requests to the hub in a row."
        ),
        sa.Column(
            "reason", sa.String(length=40), nullable=True, comment="Why the last one failed, from the closed list."
        ),
        sa.Column("detail", sa.Text(), nullable=True, comment="That reason in words."),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True, comment="When to ask the hub again."),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_subscriptions_feed_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("feed_id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("token", name=op.f("uq_subscriptions_token")),
        comment="A hub's promise to push a feed to us (WebSub).",
    )
    op.create_index(op.f("ix_subscriptions_due_at"), "subscriptions", ["due_at"], unique=False)
    op.add_column(
        "entries",
        sa.Column(
            "content",
            sa.Text(),
            nullable=True,
            comment="Full text as the feed stated it, plain; kept until the entry is settled.",
        ),
    )
    op.add_column(
        "entries",
        sa.Column(
            "source_title",
            sa.Text(),
            nullable=True,
            comment="The feed that the item was taken from, as stated (RSS and Atom source).",
        ),
    )
    op.add_column(
        "entries", sa.Column("source_url", sa.Text(), nullable=True, comment="The address of that feed or site.")
    )
    op.create_index(
        "ix_entries_due_at",
        "entries",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at is not null"),
        postgresql_where=sa.text("due_at is not null"),
    )
    op.add_column(
        "polls",
        sa.Column(
            "missed",
            sa.Float(),
            server_default="0",
            nullable=False,
            comment="How many items may have come and gone since the poll before: an estimate, 0 where none can have.",
        ),
    )
    op.create_index(
        "ix_polls_gaps",
        "polls",
        ["feed_id", "started_at", "missed"],
        unique=False,
        sqlite_where=sa.text("gap_possible"),
        postgresql_where=sa.text("gap_possible"),
    )
    with op.batch_alter_table("feeds") as batch:
        batch.drop_constraint(op.f("ck_feeds_state"), type_="check")
        batch.add_column(
            sa.Column(
                "parent_id",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
                comment="The sitemap index that lists it, where one does.",
            )
        )
        batch.add_column(
            sa.Column(
                "kind",
                sa.String(length=20),
                nullable=True,
                comment="What the document was when last read, such as rss20, atom10, json11 or news_sitemap.",
            )
        )
        batch.add_column(
            sa.Column(
                "failure_weight",
                sa.Float(),
                server_default="0",
                nullable=False,
                comment="Those polls weighed: 0.25 for a temporary failure, 0.5 for a soft one, 1 for a hard one.",
            )
        )
        batch.add_column(
            sa.Column(
                "full_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment='When a whole answer last came, not only "unchanged".',
            )
        )
        batch.add_column(
            sa.Column(
                "distrusted_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="When its validators were found to lie; none are sent since.",
            )
        )
        batch.add_column(
            sa.Column("items", sa.Integer(), nullable=True, comment="Items in the document when last read.")
        )
        batch.add_column(
            sa.Column(
                "item_hashes",
                sa.LargeBinary(),
                nullable=True,
                comment="Hashes of those items, 8 bytes each, to find the changed ones by.",
            )
        )
        batch.add_column(
            sa.Column(
                "rhythm",
                sa.LargeBinary(),
                nullable=True,
                comment="When it publishes: what came in each hour of the week, UTC.",
            )
        )
        batch.add_column(
            sa.Column(
                "words_usual",
                sa.Float(),
                nullable=True,
                comment="Logarithm of the words in its articles, as usual: a slow running mean.",
            )
        )
        batch.add_column(
            sa.Column("words_lately", sa.Float(), nullable=True, comment="The same of late: a quick running mean.")
        )
        batch.add_column(
            sa.Column(
                "articles_read",
                sa.Integer(),
                server_default="0",
                nullable=False,
                comment="Articles that these means are made of.",
            )
        )
        batch.add_column(
            sa.Column(
                "moved_by",
                sa.String(length=10),
                nullable=True,
                comment="Who points there: redirect, or feed (itunes:new-feed-url).",
            )
        )
        batch.create_check_constraint("state", "state in ('active', 'paused', 'resting', 'gone')")
        batch.create_foreign_key(op.f("fk_feeds_parent_id"), "feeds", ["parent_id"], ["id"], ondelete="CASCADE")
        batch.create_index(op.f("ix_feeds_parent_id"), ["parent_id"])
        batch.create_index(
            "ix_feeds_due_at",
            ["due_at"],
            sqlite_where=sa.text("due_at is not null"),
            postgresql_where=sa.text("due_at is not null"),
        )
    _comment(COMMENTS)


def downgrade() -> None:
    op.execute("update feeds set state = 'paused', reason = 'paused', due_at = null where state = 'resting'")
    op.drop_index("ix_polls_gaps", table_name="polls")
    op.drop_column("polls", "missed")
    with op.batch_alter_table("feeds") as batch:
        batch.drop_constraint(op.f("ck_feeds_state"), type_="check")
        batch.drop_constraint(op.f("fk_feeds_parent_id"), type_="foreignkey")
        batch.drop_index(op.f("ix_feeds_parent_id"))
        batch.drop_index("ix_feeds_due_at")
        for name in FEED_COLUMNS:
            batch.drop_column(name)
        batch.create_check_constraint("state", "state in ('active', 'paused', 'gone')")
    op.drop_index("ix_entries_due_at", table_name="entries")
    for name in ("source_url", "source_title", "content"):
        op.drop_column("entries", name)
    op.drop_table("subscriptions")
    op.drop_table("alerts")
    _comment(OLD_COMMENTS)
