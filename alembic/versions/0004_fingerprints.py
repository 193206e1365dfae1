"""fingerprints

Going back drops every link but the exact ones, which the older version does not know: it would read them as equal
texts. Going up again makes none of what is stored; `dateline db fingerprints` makes the keys, and what comes in
afterwards is linked.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RELATION = "exact, near (nearly the same), syndicated, excerpt (a part of it) or contains (it and more)."
OLD_RELATION = "exact (the other relations come with near-duplicates)."


def _comment(relation: str) -> None:
    """SQLite keeps no comments."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("duplicate_links", "relation", comment=relation)


def upgrade() -> None:
    # storage/tables.py says why the two databases keep the keys differently.
    server = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "fingerprints",
        sa.Column(
            "key",
            sa.BigInteger().with_variant(ARRAY(sa.BigInteger()), "postgresql"),
            autoincrement=False,
            nullable=False,
            comment="Hashes of some of its passages: all of them on PostgreSQL, one a row on SQLite.",
        ),
        sa.Column(
            "article_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="The article.",
        ),
        sa.PrimaryKeyConstraint(*(["article_id"] if server else ["key", "article_id"]), name=op.f("pk_fingerprints")),
        comment="The index in which copies are found; it holds the articles of the last weeks (duplicates.window).",
        sqlite_with_rowid=False,
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
    _comment(RELATION)


def downgrade() -> None:
    op.execute("delete from duplicate_links where relation <> 'exact'")
    op.execute(
        "update articles set canonical_id = null where canonical_id is not null"
        " and not exists (select 1 from duplicate_links d where d.copy_id = articles.id)"
    )
    op.drop_table("fingerprints")
    _comment(OLD_RELATION)
