"""revisions

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

DELTA = (
    "The body: what it shares with another revision's body (base), and the rest deflated; now and then whole. "
    "Empty for the current one, whose body stands in articles.text."
)
OLD_DELTA = (
    "The body, deflated with the next revision's body as dictionary; empty for the newest, "
    "whose body stands in articles.text."
)


def _comment_delta(comment: str) -> None:
    """SQLite keeps no comments."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("revisions", "delta", comment=comment)


def upgrade() -> None:
    op.create_table(
        "rechecks",
        sa.Column(
            "article_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="The article it belongs to.",
        ),
        sa.Column("url", sa.Text(), nullable=False, comment="Where its page answered last."),
        sa.Column("host", sa.Text(), nullable=False, comment="The host to be visited for it."),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, comment="When its page is looked at again."),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False, comment="When it was last looked at."),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When a look last found other words; empty where none has.",
        ),
        sa.Column("looks", sa.Integer(), nullable=False, comment="How often it was looked at again."),
        sa.Column("etag", sa.Text(), nullable=True, comment="The validator ETag of its page, byte for byte."),
        sa.Column(
            "last_modified", sa.Text(), nullable=True, comment="The validator Last-Modified of its page, byte for byte."
        ),
        sa.Column("body_hash", sa.LargeBinary(length=16), nullable=True, comment="Hash of the last page."),
        sa.Column(
            "entry_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
            comment="The entry that announced it.",
        ),
        sa.Column("missing", sa.Integer(), nullable=False, comment="Looks in a row that found nothing there."),
        sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True, comment="When the first of them was."),
        sa.Column(
            "hops",
            sa.Integer(),
            nullable=False,
            comment="Redirects to other hosts that were followed since it answered.",
        ),
        sa.Column(
            "reason",
            sa.String(length=40),
            nullable=True,
            comment="Why the last look brought nothing, from the closed list.",
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_rechecks_article_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_rechecks_entry_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_rechecks")),
        comment="An article that is young enough for its page to be looked at again; gone with the last look.",
    )
    op.create_index("ix_rechecks_host_due_at", "rechecks", ["host", "due_at"], unique=False)
    op.create_index(op.f("ix_rechecks_entry_id"), "rechecks", ["entry_id"], unique=False)
    op.add_column(
        "hosts",
        sa.Column(
            "recheck_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Its articles are not looked at again before then: the budget.",
        ),
    )
    op.add_column(
        "articles",
        sa.Column(
            "withdrawn_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When its page was first found gone, once that was believed; empty while it is there.",
        ),
    )
    op.add_column(
        "articles",
        sa.Column(
            "withdrawn_reason",
            sa.String(length=40),
            nullable=True,
            comment="What was found there instead: not_found, gone or home_page.",
        ),
    )
    op.add_column(
        "revisions",
        sa.Column(
            "base",
            sa.Integer(),
            nullable=True,
            comment="The revision whose body the delta is made against; empty: the next one, or none for a whole body.",
        ),
    )
    op.add_column(
        "revisions",
        sa.Column(
            "sightings",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="How often it appeared: once, and once more each time the page went back to it.",
        ),
    )
    op.add_column(
        "revisions",
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the page last went back to it; empty where it never did.",
        ),
    )
    op.add_column(
        "revisions",
        sa.Column(
            "correction",
            sa.Text(),
            nullable=True,
            comment="The publisher's own note that something was corrected, where it came with one.",
        ),
    )
    _comment_delta(DELTA)


def downgrade() -> None:
    for name in ("correction", "last_seen_at", "sightings", "base"):
        op.drop_column("revisions", name)
    for name in ("withdrawn_reason", "withdrawn_at"):
        op.drop_column("articles", name)
    op.drop_column("hosts", "recheck_at")
    op.drop_table("rechecks")
    _comment_delta(OLD_DELTA)
