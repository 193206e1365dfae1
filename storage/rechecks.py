"""Rechecks: which articles are looked at again, and when. One row for each article that is young enough."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from ingest.model import Fetched, Look, Recheck, RecheckOutcome, Validators
from ingest.recheck import Policy, born_at, next_allowed
from ingest.urls import host_of
from storage import entries, hosts
from storage.tables import Utc, articles, rechecks
from storage.tables import hosts as host_rows
from storage.upsert import insert_into


def load_due(connection: Connection, host: str, now: datetime) -> Recheck | None:
    """The article of a host whose further look has been due for longest; None where none is, or the budget is spent."""
    row = connection.execute(_DUE, {"host": host, "now": now}).one_or_none()
    if row is None:
        return None
    said = None if row.entry_id is None else entries.load_said(connection, [row.entry_id]).get(row.entry_id)
    return Recheck(
        article_id=row.article_id,
        url=row.url,
        host=row.host,
        checked_at=row.checked_at,
        born_at=born_at(row.published_at, row.first_seen_at),
        kind=row.kind,
        changed_at=row.changed_at,
        validators=Validators(row.etag, row.last_modified),
        body_hash=row.body_hash,
        entry_id=row.entry_id,
        said=said,
        missing=row.missing,
        missing_since=row.missing_since,
        hops=row.hops,
        looks=row.looks,
        is_withdrawn=row.withdrawn_at is not None,
    )


_NOW = bindparam("now", type_=Utc)
_DUE = (
    select(rechecks, articles.c.kind, articles.c.published_at, articles.c.first_seen_at, articles.c.withdrawn_at)
    .join(articles, articles.c.id == rechecks.c.article_id)
    .outerjoin(host_rows, host_rows.c.name == rechecks.c.host)
    .where(
        rechecks.c.host == bindparam("host"),
        rechecks.c.due_at <= _NOW,
        or_(host_rows.c.recheck_at.is_(None), host_rows.c.recheck_at <= _NOW),
    )
    .order_by(rechecks.c.due_at, rechecks.c.article_id)
    .limit(1)
)


def begin(
    connection: Connection,
    article_id: int,
    entry_id: int | None,
    fetched: Fetched,
    due_at: datetime | None,
    changed_at: datetime | None,
    visited: str,
) -> None:
    """An article was read in the page `fetched`: it is due again at `due_at`, or not at all.

    `visited`: the host whose turn it is, which sees for itself when it is due again.
    """
    if due_at is None or fetched.final_url is None:
        end(connection, article_id)
        return
    host = host_of(fetched.final_url)
    row = {
        "article_id": article_id,
        "entry_id": entry_id,
        "due_at": due_at,
        "changed_at": changed_at,
        "looks": 0,
        **_answered(fetched, host),
    }
    connection.execute(_BEGIN[connection.dialect.name], row)
    if host != visited:
        hosts.make_due(connection, [host], due_at)


def _answered(fetched: Fetched, host: str) -> dict[str, Any]:
    """What a page that answered says of the next look at it."""
    return {
        "url": fetched.final_url,
        "host": host,
        "checked_at": fetched.at,
        "etag": fetched.validators.etag,
        "last_modified": fetched.validators.last_modified,
        "body_hash": fetched.body_hash,
        "missing": 0,
        "missing_since": None,
        "hops": 0,
        "reason": None,
    }


def _begin(dialect: str) -> Any:
    statement = insert_into(dialect, rechecks)
    stated = statement.excluded
    replaced: dict[str, Any] = {
        c.name: stated[c.name] for c in rechecks.c if c.name not in ("article_id", "looks", "changed_at")
    }
    replaced["looks"] = rechecks.c.looks + 1  # who looked meanwhile has been overtaken
    replaced["changed_at"] = func.coalesce(stated.changed_at, rechecks.c.changed_at)
    return statement.on_conflict_do_update(
        index_elements=["article_id"], set_=replaced, where=stated.checked_at > rechecks.c.checked_at
    )


_BEGIN = {dialect: _begin(dialect) for dialect in ("sqlite", "postgresql")}


def is_current(connection: Connection, known: Recheck) -> bool:
    """Whether nobody has looked since `known` was loaded: an outcome is recorded once."""
    return connection.scalar(_LOOKS, {"article": known.article_id}) == known.looks


_IT = rechecks.c.article_id == bindparam("article")
_LOOKS = select(rechecks.c.looks).where(_IT)


def go_on(connection: Connection, outcome: RecheckOutcome, due_at: datetime, changed_at: datetime | None) -> None:
    """It was looked at, and is again at `due_at`. `changed_at`: this look, where it found other words."""
    known, fetched = outcome.known, outcome.fetched
    values: dict[str, Any] = {"checked_at": fetched.at, "due_at": due_at, "looks": known.looks + 1}
    host = known.host
    if outcome.moved_to is not None:
        host = host_of(outcome.moved_to)
        # Its validators were given by another host.
        values |= {"url": outcome.moved_to, "host": host, "hops": known.hops + 1, "etag": None, "last_modified": None}
    elif outcome.reason is not None:
        values |= {"missing": outcome.missing, "missing_since": outcome.missing_since, "reason": outcome.reason}
    elif fetched.final_url is not None:
        host = host_of(fetched.final_url)
        values |= _answered(fetched, host)
        if outcome.look is Look.NOT_MODIFIED:  # it has no body, and need not repeat what has not changed
            values |= {"body_hash": known.body_hash} | _still(known.validators, fetched.validators)
    if changed_at is not None:
        values["changed_at"] = changed_at
    connection.execute(update(rechecks).where(rechecks.c.article_id == known.article_id).values(**values))
    if host != known.host:
        hosts.make_due(connection, [host], due_at)


def _still(known: Validators, stated: Validators) -> dict[str, Any]:
    """RFC 9111 section 3.2: what a 304 states takes the place of what is known, and the rest stays."""
    return {
        "etag": stated.etag or known.etag,
        "last_modified": stated.last_modified or known.last_modified,
    }


def put_off(connection: Connection, known: Recheck, due_at: datetime) -> None:
    """It was not looked at, for a reason of ours."""
    connection.execute(update(rechecks).where(rechecks.c.article_id == known.article_id).values(due_at=due_at))


def end(connection: Connection, article_id: int) -> None:
    """There is no further look."""
    connection.execute(_END, {"article": article_id})


_END = delete(rechecks).where(_IT)


def spend(connection: Connection, host: str, policy: Policy, at: datetime) -> None:
    """Count a look against the budget of its host."""
    allowed = connection.scalar(select(host_rows.c.recheck_at).where(host_rows.c.name == host))
    values = {"recheck_at": next_allowed(policy, allowed, at)}
    connection.execute(update(host_rows).where(host_rows.c.name == host).values(**values))
