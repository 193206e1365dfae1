"""All that is due on one host, in turn, within its budget: the one place that knows the order.

    take the turn → while there is time: poll the feed, or read the entry, that has been due for longest;
                    where there is none, what backfills want; then look again at an article → give it back

One visit to a host at a time, over all processes: that is politeness. What is left at the end stays due.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from ingest.backfill.request import Part
from ingest.model import Entry, Feed
from jobs.app import App
from jobs.backfill.look import look_in_part
from jobs.poll_feed import poll_feed
from jobs.read_article import read_article
from jobs.recheck_article import recheck_article
from jobs.turn import Stopping, Turn
from storage import due, hosts

# Several short visits a minute rather than a long one: a host with thousands of feeds goes to the end of the line
# between two of them, and holds no place that others wait for.
BUDGET_S = 15.0
# A turn ends by itself this long after it was taken: past the budget and the longest request that began within it.
TURN = timedelta(seconds=BUDGET_S + 240)


async def visit(app: App, host: str, budget_s: float = BUDGET_S, only: int | None = None) -> None:
    """Visit `host`, if it is nobody else's turn. `only`: for that backfill, and nothing else."""
    now = app.clock()
    state = await app.write(hosts.take_turn, host, app.owner, now, now + TURN)
    if state is None:
        return
    turn = Turn(app, state, budget_s)
    try:
        with suppress(Stopping):
            await _do_what_is_due(turn, only)
    finally:
        await app.write(hosts.end_turn, host, app.owner, turn.visited_at)


async def _do_what_is_due(turn: Turn, only: int | None) -> None:
    while not turn.is_over:
        work = await turn.app.read(due.load_next, turn.host, turn.app.clock(), only)
        if work is None:
            return
        if isinstance(work, Feed):
            await poll_feed(turn, work)
        elif isinstance(work, Entry):
            await read_article(turn, work)
        elif isinstance(work, Part):
            await look_in_part(turn, work)
        else:
            await recheck_article(turn, work)
