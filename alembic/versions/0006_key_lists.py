"""key lists

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLE = "The index in which copies are found; it holds the articles of the last weeks (duplicates.window)."
KEY = "Hash of one of its passages; on PostgreSQL the last 20 bits, and all articles with such a key are in one row."
ARTICLE = "The article; on PostgreSQL a list, each with 24 more bits of the hash (times 2^39)."
OLD_KEY = "Hashes of some of its passages: all of them on PostgreSQL, one a row on SQLite."
OLD_ARTICLE = "The article."


def upgrade() -> None:
    # storage/fingerprints.py says why the two databases keep the keys differently.
    op.drop_index("ix_fingerprints_key", table_name="fingerprints")
    if op.get_bind().dialect.name == "sqlite":
        return
    op.rename_table("fingerprints", "fingerprints_before")
    op.execute("alter table fingerprints_before drop constraint pk_fingerprints")
    op.create_table(
        "fingerprints",
        sa.Column("key", sa.Integer(), autoincrement=False, nullable=False, comment=KEY),
        sa.Column("article_id", ARRAY(sa.BigInteger()), autoincrement=False, nullable=False, comment=ARTICLE),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_fingerprints")),
        comment=TABLE,
        postgresql_with={"fillfactor": 70},
    )
    op.execute(
        "insert into fingerprints select (k & 1048575)::integer,"
        " array_agg(distinct (k >> 20 & 16777215) << 39 | article_id)"
        " from fingerprints_before, unnest(key) k group by 1 order by 1"
    )
    op.drop_table("fingerprints_before")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # The lists have a part of each key only: `dateline db fingerprints` makes the keys anew.
        op.drop_table("fingerprints")
        op.create_table(
            "fingerprints",
            sa.Column("key", ARRAY(sa.BigInteger()), autoincrement=False, nullable=False, comment=OLD_KEY),
            sa.Column("article_id", sa.BigInteger(), autoincrement=False, nullable=False, comment=OLD_ARTICLE),
            sa.PrimaryKeyConstraint("article_id", name=op.f("pk_fingerprints")),
            comment=TABLE,
        )
    op.create_index(
        "ix_fingerprints_key",
        "fingerprints",
        ["key"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
        sqlite_where=sa.text("key is null"),
    )
