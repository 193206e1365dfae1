"""One due part of a backfill on a host: a sitemap, a page of a feed's history, an answer of the Wayback index."""

from __future__ import annotations

from ingest.backfill.documents import decide_failed, decide_read, decide_unchanged
from ingest.backfill.request import Looked, Part, PartState
from ingest.backfill.step import Step
from ingest.backfill.wayback import captured_at
from ingest.errors import FetchError, ParseError
from ingest.model import Validators
from ingest.poll import rest_until
from jobs.logs import log
from jobs.turn import Turn
from storage import backfill_results, hosts

ACCEPT = "application/xml, text/xml, application/atom+xml, application/json, text/plain;q=0.8, */*;q=0.5"
PORTION = 1_000  # addresses recorded in one transaction: nobody waits for the writer for long


async def look_in_part(turn: Turn, part: Part) -> None:
    """Ask for a document, read it, and record what it brought."""
    app = turn.app
    now = await turn.pace()
    # Only what was read to its end may be said to be unchanged.
    asked = part.validators if part.done_at is not None else Validators()
    try:
        response = await turn.get(part.place, now=now, limits=app.sitemap_limits, validators=asked, accept=ACCEPT)
        app.network.heard(response.final_url)
        if response.status == 304:
            looked = decide_unchanged(part)
        else:
            step = await app.extractor.read_document(part, response.body, response.headers, response.final_url, now)
            new = await _record_found(turn, part, step)
            looked = decide_read(part, step, response.validators, new)
    except (FetchError, ParseError) as error:
        turn.give_back(error)
        works = await turn.network_works(error, now) if isinstance(error, FetchError) else True
        looked = decide_failed(part, error, now, network_works=works)
        until = rest_until(error, now) if works else None
        if until is not None:
            await app.write(hosts.rest, turn.host, until, str(error.reason))
            turn.resting = True
    await app.write(backfill_results.record_look, part, looked, app.clock())
    _tell(part, looked)


async def _record_found(turn: Turn, part: Part, step: Step) -> int:
    """In portions; should we die between two of them, the part is still due, and what is recorded stays as it is.

    Returns how many addresses are new.
    """
    new = 0
    for start in range(0, len(step.entries), PORTION):
        portion = step.entries[start : start + PORTION]
        copies = {
            each.url: (copy, at)
            for each in portion
            if each.url and (copy := step.captured.get(each.url)) and (at := captured_at(copy))
        }
        new += await turn.app.write(backfill_results.record_found, part, portion, copies, turn.app.clock())
    turn.app.statistics.count("addresses_found", new)
    return new


def _tell(part: Part, looked: Looked) -> None:
    if looked.state is PartState.FAILED or looked.due_at is not None:
        again = looked.due_at.isoformat(timespec="seconds") if looked.due_at else None
        log.warning("part_failed", url=part.place, reason=str(looked.reason), detail=looked.detail, again_at=again)
    else:
        log.info("part_read", url=part.place, records=looked.records, leads_to=len(looked.following))
