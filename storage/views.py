"""The views that people query: an interface, the same columns on both databases.

They belong to the program, not to the history of migrations: every upgrade drops them first and creates them
anew at the end (docs/decisions/0002-views-are-code.md).
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

from sqlalchemy import Connection, text


def _list(dialect: str, name: str, rows: str, order: str) -> str:
    """A JSON list of `name` over `rows`, in order, as a scalar subquery; an empty list where there are none."""
    if dialect == "sqlite":
        return f"(select json_group_array({name}) from (select {name} {rows} order by {order}))"
    return f"(select coalesce(jsonb_agg({name} order by {order}), '[]'::jsonb) {rows})"


def _definitions(dialect: str) -> dict[str, str]:
    lite = dialect == "sqlite"
    authors = _list(
        dialect,
        "name",
        "from bylines join people on people.id = bylines.person_id where bylines.article_id = a.id",
        "bylines.position",
    )
    tags = _list(
        dialect,
        "name",
        "from article_tags join tags on tags.id = article_tags.tag_id where article_tags.article_id = a.id",
        "article_tags.position",
    )
    day = "substr(coalesce(published_at, first_seen_at), 1, 10)" if lite else (
        "to_char(coalesce(published_at, first_seen_at) at time zone 'UTC', 'YYYY-MM-DD')"
    )  # fmt: skip
    hours_later = (
        "round((julianday(coalesce(c.published_at, c.first_seen_at))"
        " - julianday(coalesce(o.published_at, o.first_seen_at))) * 24, 2)"
        if lite
        else "round((extract(epoch from coalesce(c.published_at, c.first_seen_at)"
        " - coalesce(o.published_at, o.first_seen_at)) / 3600)::numeric, 2)::float8"
    )
    return {
        "v_articles": f"""
            select a.id as article_id, a.url, a.host, a.title, a.standfirst, a.text, {authors} as authors, a.agency,
                   a.published_at, a.modified_at, a.first_seen_at, a.language, a.section, {tags} as tags,
                   (select i.url from images i where i.article_id = a.id and i.position = 0) as image_url,
                   a.word_count, a.paywalled, a.kind, a.canonical_id, a.revision_count,
                   a.text_markdown, a.withdrawn_at
            from articles a""",
        "v_feed_health": """
            select f.id as feed_id, f.url, f.title, f.host, f.state, f.reason, f.detail, f.failures, f.polled_at,
                   f.succeeded_at, f.changed_at, f.due_at, coalesce(f.interval_s, f.cadence_s) as interval_s,
                   (select count(*) from alerts a where a.feed_id = f.id and a.cleared_at is null) as alerts,
                   (select count(*) from entries e where e.feed_id = f.id) as entries,
                   (select count(*) from entries e where e.feed_id = f.id and e.state = 'waiting') as waiting,
                   (select count(*) from polls p where p.feed_id = f.id and p.gap_possible) as gaps_possible,
                   (select coalesce(sum(p.missed), 0.0) from polls p
                    where p.feed_id = f.id and p.gap_possible) as missed,
                   f.items
            from feeds f""",
        "v_syndication": f"""
            select d.original_id, o.url as original_url, o.host as original_host,
                   d.copy_id, c.url as copy_url, c.host as copy_host, c.title as copy_title,
                   d.relation, d.similarity, d.coverage, {hours_later} as hours_later
            from duplicate_links d
            join articles o on o.id = d.original_id
            join articles c on c.id = d.copy_id""",
        "v_volume": f"""
            select host, {day} as day, count(*) as articles, sum(word_count) as words,
                   count(canonical_id) as copies
            from articles group by host, {day}""",
        "v_failures": """
            select 'feed' as what, f.id, f.host, f.url, f.state, f.reason, f.detail, f.failures as attempts,
                   f.due_at as next_try_at, f.polled_at as last_try_at
            from feeds f where f.reason is not null
            union all
            select 'entry', e.id, e.host, coalesce(e.url, e.entry_id), e.state, e.reason, e.detail, e.attempts,
                   e.due_at, (select max(p.fetched_at) from pages p where p.entry_id = e.id)
            from entries e where e.reason is not null""",
    }


ABOUT = {
    "v_articles": "One row for each article, with the fields of its newest revision; `canonical_id` is set on copies.",
    "v_feed_health": "One row for each feed: whether it works, why not, when it is polled next, what it brought.",
    "v_syndication": "Who carried whose text, how much of it, and how many hours later by the stated times.",
    "v_volume": "Articles, words and copies by host and day of publication.",
    "v_failures": "Feeds and entries that could not be had so far, with the reason and the next try.",
}
NAMES = tuple(ABOUT)


def drop(connection: Connection) -> None:
    """Remove every view, so that the tables beneath can change."""
    for name in NAMES:
        connection.execute(text(f"drop view if exists {name}"))


def create(connection: Connection) -> None:
    """Create every view over the current tables."""
    for name, query in _definitions(connection.dialect.name).items():
        connection.exec_driver_sql(f"create view {name} as {query}")
        if connection.dialect.name == "postgresql":  # which does not keep the text of a view
            connection.exec_driver_sql(f"comment on view {name} is 'Dateline {_digest(query)}'")


def stale(connection: Connection) -> list[str]:
    """The views that are missing, or not as this program defines them."""
    if connection.dialect.name == "sqlite":
        known = "select name, sql from sqlite_master where type = 'view'"
        mark: Callable[[str], str] = str
    else:
        known = "select relname, obj_description(oid) from pg_class where relkind = 'v' and pg_table_is_visible(oid)"
        mark = _digest
    found = {row[0]: row[1] or "" for row in connection.exec_driver_sql(known)}
    wanted = _definitions(connection.dialect.name)
    return [name for name, query in wanted.items() if mark(query) not in found.get(name, "")]


def _digest(query: str) -> str:
    return blake2b(query.encode(), digest_size=8).hexdigest()
