"""Backfills as people and scripts are shown them: how far they got, what could not be had, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

from ingest.backfill.estimate import in_words
from ingest.backfill.request import BackfillState, PartState, Source
from ingest.model import Reason
from jobs.present import cell, table
from storage.backfill_progress import Progress
from storage.backfills import Backfill

if TYPE_CHECKING:
    from jobs.commands.backfill import Report

# Its page had to be fetched to know that it was not asked for: no failure, and nothing to try again.
FETCHED_IN_VAIN = (Reason.OUTSIDE_WINDOW, Reason.OTHER_LANGUAGE)
COLUMNS = ("id", "source", "places", "since", "until", "state", "found", "stored", "waiting", "failed", "created_at")
MAX_SHOWN = 20  # documents
MIDNIGHT = time()
# What to try where a source brought nothing.
INSTEAD = {
    Source.SITEMAP: "no sitemap lists a page: `dateline backfill history SITE` looks behind its feed,"
    " `dateline backfill wayback SITE` in the Wayback Machine",
    Source.HISTORY: "the feed has no items: `dateline feeds discover SITE` shows which feeds a site has",
    Source.WARC: "there is no page in these files: WARC files begin with WARC/1, packed or not",
    Source.WAYBACK: "the archive has no copy of that: try the name without www., or a wider window",
    Source.URLS: "there is no address in the list: one a line, or a column named url",
    Source.HTML: "there is no page in it whose address is known: a list of addresses for `dateline backfill urls`"
    " fetches them anew",
}


# --- for scripts ----------------------------------------------------------------------------------------------------


def record(found: Backfill, progress: Progress) -> dict[str, Any]:
    """A backfill for scripts. `not_wanted`: fetched, and then seen to be of another time or language."""
    wanted = found.wanted
    not_wanted = {reason: count for reason, count in progress.reasons.items() if reason in FETCHED_IN_VAIN}
    reasons = {reason: count for reason, count in progress.reasons.items() if reason not in not_wanted}
    return {
        "id": found.id,
        "source": found.source,
        "places": list(found.places),
        "since": wanted.since,
        "until": wanted.until,
        "hosts": list(wanted.hosts),
        "paths": list(wanted.paths),
        "languages": list(wanted.languages),
        "limit": found.sample,
        "state": found.state,
        "created_at": found.created_at,
        "ended_at": found.ended_at,
        "found": progress.found,
        "stored": progress.stored,
        "copies": progress.copies,
        "waiting": progress.waiting,
        "failed": sum(reasons.values()),
        "reasons": reasons,
        "not_wanted": not_wanted,
        "left_out": dict(progress.left_out),
        "broken": progress.broken,
        "documents": progress.parts,
        "documents_done": progress.parts_done,
        "documents_failed": progress.parts_failed,
    }


# --- for people -----------------------------------------------------------------------------------------------------


def as_text(said: Mapping[str, Any]) -> str:
    """The summary: of what was found, what became of it; of where it was looked for, how much was read."""
    lines = [
        ("found", said["found"]),
        ("  stored", said["stored"]),
        ("    copies of others", said["copies"]),
        *((f"  failed: {_words(reason)}", count) for reason, count in said["reasons"].items()),
        *((f"  not wanted: {_words(reason)}", count) for reason, count in said["not_wanted"].items()),
        ("  waiting", said["waiting"]),
        *((f"left out: {_words(why)}", count) for why, count in said["left_out"].items()),
        ("documents", said["documents"]),
        ("  read", said["documents_done"]),
        ("  failed", said["documents_failed"]),
        ("  broken places", said["broken"]),
    ]
    return _counts(lines, {"found", "  stored", "documents", "  read"})


def as_estimate(said: Mapping[str, Any]) -> str:
    """What a rehearsal found."""
    lines = [
        ("found", said["found"]),
        *((f"  on {host}", count) for host, count in said["hosts"].items() if host),
        ("to fetch", said["to_fetch"]),
        *((f"left out: {_words(why)}", count) for why, count in said["left_out"].items()),
        ("documents", said["documents"]),
        ("  failed", said["documents_failed"]),
    ]
    text = _counts(lines, {"found", "to fetch", "documents"})
    if said["seconds_at_least"] is not None and said["to_fetch"]:
        text += f"\n{'it takes':38}  {in_words(said['seconds_at_least'], is_least=True):>14}"
    return f"{text}\nnothing was stored"


def _counts(lines: Iterable[tuple[str, int]], always: set[str]) -> str:
    """Aligned; what is none is told only of what everybody asks for."""
    return "\n".join(f"{cell_of(name):38}  {count:>14,}" for name, count in lines if count or name in always)


def cell_of(name: str) -> str:
    """A name with its indentation, and nothing in it that could command a terminal."""
    return " " * (len(name) - len(name.lstrip())) + cell(name)


def _words(reason: str) -> str:
    return reason.replace("_", " ")


def as_whole_text(said: Mapping[str, Any]) -> str:
    """One backfill with what it was asked for, and the documents it looked in."""
    said = _in_days(said)
    asked = {name: said[name] for name in ("id", "source", "places", "since", "until", "hosts", "paths", "languages")}
    asked |= {name: said[name] for name in ("limit", "state", "created_at", "ended_at")}
    head = "\n".join(f"{name:12}{cell(_listed(value))}" for name, value in asked.items() if value not in (None, []))
    parts = said["parts"]
    shown = [_part_row(part) for part in parts[:MAX_SHOWN]]
    names = [name for name in shown[0] if any(row[name] for row in shown)] if shown else []
    more = len(parts) - len(shown)
    tail = f"and {more:,} more documents: --json lists them" if more > 0 else ""
    return "\n\n".join(each for each in (head, as_text(said), table(shown, names) if shown else "", tail) if each)


def _part_row(part: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": part["kind"],
        "state": part["state"],
        "records": part["records"],
        "found": part["found"],
        "broken": len(part["broken"]) or None,
        "place": part["place"],
        "why": _why(part),
    }


def _why(part: Mapping[str, Any]) -> str:
    said = ": ".join(cell(each)[:120] for each in (part["reason"], part["detail"]) if each)
    if part["state"] == PartState.WAITING and part["due_at"] and part["reason"]:
        return f"{said}; again at {part['due_at']:%Y-%m-%d %H:%M} UTC"
    if not said and part["broken"]:
        first = part["broken"][0]
        return cell(f"{first['place']}: {first['detail']}")[:160]
    return said


def rows_for_people(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the list; places by their names, whole days as days."""
    return [{name: _listed(value) for name, value in _in_days(row).items()} for row in rows]


def _in_days(said: Mapping[str, Any]) -> dict[str, Any]:
    """With the window as it was asked for: its last day instead of the moment after that."""
    since, until = said["since"], said["until"]
    return {
        **said,
        "since": f"{since:%Y-%m-%d}" if since and since.time() == MIDNIGHT else since,
        "until": f"{until - timedelta(days=1):%Y-%m-%d}" if until and until.time() == MIDNIGHT else until,
    }


def _listed(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


# --- what to do next ------------------------------------------------------------------------------------------------


def begun(number: int, *, is_new: bool) -> str:
    """The first thing to say."""
    if is_new:
        return f"this is backfill {number}; Ctrl-C stops it, the same command goes on"
    return f"this is backfill {number}, which was asked for before: going on, and looking for what came since"


def remarks(report: Report) -> list[str]:
    """What to tell beside the summary: what could not be had, and what to do about what is left."""
    lines = _troubles(report.troubles, report.progress.parts_failed, f"dateline backfill show {report.backfill.id}")
    if report.brought_nothing:
        lines.append(INSTEAD[report.backfill.source])
    return lines + _what_next(report)


def _what_next(report: Report) -> list[str]:
    number, ending = report.backfill.id, report.ending
    if report.backfill.state is BackfillState.CANCELLED:
        return [f"backfill {number} was cancelled: `dateline backfill resume {number}` takes it up again"]
    if report.is_done:
        return []
    if report.is_interrupted:
        ways = f"without one `dateline backfill resume {number}` does, and `dateline backfill cancel {number}` ends it"
        return [f"interrupted; what is stored stays. A daemon goes on with it; {ways}"]
    if ending.next_at is None:
        return [f"not done: `dateline backfill resume {number}` goes on"]
    again = f"{_left(report.progress)} tried again from {ending.next_at:%Y-%m-%d %H:%M} UTC on"
    return [f"{again}: by the daemon, or by `dateline backfill resume {number}`"]


def _left(progress: Progress) -> str:
    """ "3 addresses and 1 document are"."""
    counts = ((progress.waiting, "address", "addresses"), (progress.parts_waiting, "document", "documents"))
    named = [f"{count:,} {one if count == 1 else many}" for count, one, many in counts if count]
    return f"{' and '.join(named)} {'is' if progress.waiting + progress.parts_waiting == 1 else 'are'}"


def remarks_on(estimate: Mapping[str, Any]) -> list[str]:
    """What to tell beside an estimate."""
    lines = _troubles(estimate["troubles"], estimate["documents_failed"], "without --dry-run, `dateline backfill show`")
    if estimate["interrupted"]:
        lines.append("interrupted: there may be more")
    return lines


def _troubles(parts: Sequence[Mapping[str, Any]], failed: int, where: str) -> list[str]:
    lines = [f"{'not read' if part['reason'] else 'broken'}: {cell(part['place'])} ({_why(part)})" for part in parts]
    unnamed = failed - sum(part["state"] == PartState.FAILED for part in parts)
    return [*lines, f"{unnamed:,} more could not be read: {where} lists them"] if unnamed > 0 else lines
