"""backfills

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

# What found an entry may be no feed now, so SQLite copies that table. No search trigger hangs on it.

COMMENTS = {
    ("entries", "due_at"): "When its page is due; empty when settled, and for what a backfill found.",
    ("entries", "fetch_url"): ("Where to ask for it: where the permalink led on another host, or where it is kept."),
}
OLD_COMMENTS = {
    ("entries", "due_at"): "When its page is due; empty when settled.",
    ("entries", "fetch_url"): "Where the permalink led on another host, to be asked for there.",
}


def _comment(comments: dict[tuple[str, str], str], entries: str) -> None:
    """SQLite keeps no comments."""
    if op.get_bind().dialect.name == "postgresql":
        op.create_table_comment("entries", entries)
        for (table, column), comment in comments.items():
            op.alter_column(table, column, comment=comment)


def upgrade() -> None:
    op.create_table(
        "backfills",
        sa.Column("id", ID, nullable=False, comment="Number of the backfill."),
        sa.Column("request_key", sa.LargeBinary(length=16), nullable=False, comment="Hash of all that was asked for."),
        sa.Column(
            "source", sa.String(length=20), nullable=False, comment="sitemap, history, warc, wayback, urls or html."
        ),
        sa.Column("places", JSON, nullable=False, comment="Where to look, as given: addresses or files, a JSON list."),
        sa.Column(
            "since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="The first moment wanted; empty: from the beginning.",
        ),
        sa.Column(
            "until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="The first moment not wanted any more; empty: to the end.",
        ),
        sa.Column("hosts", JSON, nullable=False, comment="Hosts wanted, with all below them, a JSON list; empty: all."),
        sa.Column("paths", JSON, nullable=False, comment="Patterns of the paths wanted, a JSON list; empty: all."),
        sa.Column("languages", JSON, nullable=False, comment="Languages wanted, a JSON list; empty: all."),
        sa.Column("sample", sa.Integer(), nullable=True, comment="So many articles, evenly over time; empty: all."),
        sa.Column("state", sa.String(length=20), nullable=False, comment="running, done or cancelled."),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="When it was asked for."),
        sa.Column(
            "resumed_at", sa.DateTime(timezone=True), nullable=False, comment="When it was last asked for or resumed."
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True, comment="When it was done or cancelled."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfills")),
        sa.UniqueConstraint("request_key", name=op.f("uq_backfills_request_key")),
        comment="A request for the past, and how far it got.",
    )
    op.create_table(
        "backfill_parts",
        sa.Column("id", ID, nullable=False, comment="Number of the part."),
        sa.Column("backfill_id", ID, nullable=False, comment="The backfill it belongs to."),
        sa.Column("part_key", sa.LargeBinary(length=16), nullable=False, comment="Hash of its kind and place."),
        sa.Column(
            "kind", sa.String(length=20), nullable=False, comment="robots, sitemap, history, cdx, warc, html or urls."
        ),
        sa.Column("place", sa.Text(), nullable=False, comment="Its address, or its file."),
        sa.Column("host", sa.Text(), nullable=True, comment="The host to be visited for it; empty for a file."),
        sa.Column("depth", sa.Integer(), nullable=False, comment="Parts above it: 0 for what was asked for."),
        sa.Column(
            "fallbacks", JSON, nullable=False, comment="Addresses to try where this one brings nothing, a JSON list."
        ),
        sa.Column(
            "is_guess",
            sa.Boolean(),
            nullable=False,
            comment="Nobody says that it is there: where it is not, all is well.",
        ),
        sa.Column("trail", sa.Text(), nullable=False, comment="What has to be known of the documents that led to it."),
        sa.Column(
            "modified_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it last changed, as what lists it states (lastmod).",
        ),
        sa.Column("state", sa.String(length=20), nullable=False, comment="waiting, done or failed."),
        sa.Column(
            "position",
            sa.Text(),
            nullable=True,
            comment="How far it has been read: a place in the file; empty: from the beginning.",
        ),
        sa.Column("size", sa.BigInteger(), nullable=True, comment="Bytes of the file."),
        sa.Column(
            "read_bytes",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Of those: how many are behind us.",
        ),
        sa.Column("etag", sa.Text(), nullable=True, comment="The validator ETag, byte for byte."),
        sa.Column("last_modified", sa.Text(), nullable=True, comment="The validator Last-Modified, byte for byte."),
        sa.Column(
            "records", sa.BigInteger(), server_default="0", nullable=False, comment="Records or addresses read in it."
        ),
        sa.Column(
            "found",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Of those: wanted and new.",
        ),
        sa.Column(
            "left_out", JSON, nullable=False, comment="Of those: not wanted, a JSON object of reasons and how many."
        ),
        sa.Column(
            "broken", JSON, nullable=False, comment="What could not be read, a JSON list of place and what is wrong."
        ),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False, comment="Failed requests in a row."),
        sa.Column(
            "reason", sa.String(length=40), nullable=True, comment="Why it could not be had, from the closed list."
        ),
        sa.Column("detail", sa.Text(), nullable=True, comment="That reason in words."),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it is due; empty when it is done, failed, or a file.",
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True, comment="When it was last read to its end."),
        sa.ForeignKeyConstraint(
            ["backfill_id"], ["backfills.id"], name=op.f("fk_backfill_parts_backfill_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfill_parts")),
        sa.UniqueConstraint("backfill_id", "part_key", name=op.f("uq_backfill_parts_backfill_id_part_key")),
        comment="A document or file that a backfill looks in: a sitemap, a page of a feed's history, an archive.",
    )
    with op.batch_alter_table("backfill_parts") as batch:
        batch.create_index(
            "ix_backfill_parts_host_due_at",
            ["host", "due_at"],
            unique=False,
            sqlite_where=sa.text("due_at is not null"),
            postgresql_where=sa.text("due_at is not null"),
        )
        batch.create_index("ix_backfill_parts_state", ["backfill_id", "state"], unique=False)

    with op.batch_alter_table("entries") as batch:
        batch.add_column(
            sa.Column("backfill_id", ID, nullable=True, comment="The backfill that found it; then no feed did.")
        )
        batch.add_column(
            sa.Column(
                "captured_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="When the copy was made that is kept at fetch_url, in a web archive.",
            )
        )
        batch.add_column(
            sa.Column(
                "later_at",
                sa.DateTime(timezone=True),
                nullable=True,
                comment="When the page of what a backfill found is due, once nothing new is on its host.",
            )
        )
        batch.alter_column("feed_id", existing_type=ID, nullable=True)
        batch.create_index(
            "ix_entries_later_at",
            ["backfill_id", "host", "later_at"],
            unique=False,
            sqlite_where=sa.text("later_at is not null"),
            postgresql_where=sa.text("later_at is not null"),
        )
        batch.create_index(
            "uq_entries_backfill_id_entry_key",
            ["backfill_id", "entry_key"],
            unique=True,
            sqlite_where=sa.text("backfill_id is not null"),
            postgresql_where=sa.text("backfill_id is not null"),
        )
        batch.create_check_constraint("found_by", "(feed_id is null) <> (backfill_id is null)")
        batch.create_foreign_key(
            batch.f("fk_entries_backfill_id"), "backfills", ["backfill_id"], ["id"], ondelete="CASCADE"
        )

    op.add_column(
        "pages",
        sa.Column(
            "captured_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the web archive captured it that it was fetched from; empty: no archive.",
        ),
    )

    _comment(COMMENTS, "One item as a feed stated it, or one address that a backfill found.")


def downgrade() -> None:
    op.drop_column("pages", "captured_at")
    op.execute("delete from entries where backfill_id is not null")
    with op.batch_alter_table("entries") as batch:
        batch.drop_constraint(batch.f("fk_entries_backfill_id"), type_="foreignkey")
        batch.drop_constraint(batch.f("ck_entries_found_by"), type_="check")
        batch.drop_index(
            "uq_entries_backfill_id_entry_key",
            sqlite_where=sa.text("backfill_id is not null"),
            postgresql_where=sa.text("backfill_id is not null"),
        )
        batch.drop_index(
            "ix_entries_later_at",
            sqlite_where=sa.text("later_at is not null"),
            postgresql_where=sa.text("later_at is not null"),
        )
        batch.alter_column("feed_id", existing_type=ID, nullable=False)
        batch.drop_column("later_at")
        batch.drop_column("captured_at")
        batch.drop_column("backfill_id")

    with op.batch_alter_table("backfill_parts") as batch:
        batch.drop_index("ix_backfill_parts_state")
        batch.drop_index(
            "ix_backfill_parts_host_due_at",
            sqlite_where=sa.text("due_at is not null"),
            postgresql_where=sa.text("due_at is not null"),
        )

    op.drop_table("backfill_parts")
    op.drop_table("backfills")
    _comment(OLD_COMMENTS, "One item as a feed stated it.")
