"""markdown and boilerplate

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Not in batches: both databases add and drop such columns in place, and no table is copied.


def upgrade() -> None:
    op.create_table(
        "boilerplate",
        sa.Column("host", sa.Text(), nullable=False, comment="The host of the articles, without www. or m. in front."),
        sa.Column(
            "block_key",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="Hash of the block's words, whatever their case and punctuation.",
        ),
        sa.Column("text", sa.Text(), nullable=False, comment="The block's beginning, as it was first read."),
        sa.Column("pages", sa.Integer(), nullable=False, comment="On how many articles of the host it has stood."),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When it was first read."),
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it was last read in a new article.",
        ),
        sa.PrimaryKeyConstraint("host", "block_key", name=op.f("pk_boilerplate")),
        comment="A short block of text and on how many articles of a host it stands: on several it is the site's.",
    )
    op.create_index(
        "ix_boilerplate_recurring",
        "boilerplate",
        ["host", "pages", "block_key"],
        unique=False,
        sqlite_where=sa.text("pages > 1"),
        postgresql_where=sa.text("pages > 1"),
    )
    op.add_column(
        "articles",
        sa.Column(
            "text_markdown",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="The body with subheadings, lists, quotations and tables marked; empty for what was read before there was one.",
        ),
    )
    op.add_column(
        "articles",
        sa.Column(
            "dropped",
            sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"),
            nullable=True,
            comment="What stands near the body and was left out: a JSON list of the beginning of each block (text) and why (reason), at most 40.",
        ),
    )
    op.add_column(
        "articles",
        sa.Column(
            "read_key",
            sa.BigInteger(),
            nullable=True,
            comment="Hash of what the page was read with: the extractor, and the boilerplate of its host known then.",
        ),
    )


def downgrade() -> None:
    for column in ("read_key", "dropped", "text_markdown"):
        op.drop_column("articles", column)
    op.drop_index("ix_boilerplate_recurring", table_name="boilerplate")
    op.drop_table("boilerplate")
