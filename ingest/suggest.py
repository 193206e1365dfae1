"""Feeds that were found and really parse: in which order, and which to add. Pure.

The smallest set of feeds that has all of a site's news is what one wants (mediacloud/backend issue 394): the main feed
alone where it has everything, sections beside it where they have what it lacks, and the news sitemap to tell whether
anything was missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import log2

from ingest.appraise import INDEX, NEWS_SITEMAP, SITEMAP, SITEMAP_KINDS, STALE, Freshness, Scope, Source, Text
from ingest.discover import Way
from ingest.urls import identity

SAME_SHARE = 0.9  # of the longer one's entries: two feeds of the same thing; the rest came between two requests
SAME_FIRST = 5  # so many newest ones in the same order: the same thing in two lengths
LACKING, LACKING_SHARE = 3, 0.5  # what another feed must have that the chosen ones lack
MAX_SUGGESTED = 20
FORMATS = ("atom10", "rss20", "json11", "json10", "atom03")  # Atom has ids, and says when an entry changed


@dataclass(frozen=True, slots=True)
class Ranked:
    """A source in its place. Exactly one of `suggestion` (why to add it) and `note` (why not) is set."""

    source: Source
    reasons: tuple[str, ...]  # what put it there, the weightiest first
    suggestion: str | None = None
    note: str | None = None
    same: tuple[str, ...] = ()  # other addresses of the same thing


# --- all of them ----------------------------------------------------------------------------------------------------


def rank(sources: Sequence[Source]) -> tuple[Ranked, ...]:
    """The best first, each thing once, with what to add. The same for the same sources in the same order."""
    folded = _folded(sources)
    ordered = sorted(folded, key=lambda each: _order(each[0]))
    ranked = [Ranked(source, _reasons(source), same=same) for source, same in ordered]
    return tuple(_suggested(ranked))


def _order(source: Source) -> tuple[object, ...]:
    """What is compared first weighs most; where all is equal, what was found first stays first."""
    return (
        source.way is not Way.GIVEN,
        source.is_comments,
        source.is_elsewhere,
        list(Freshness).index(source.freshness),
        _class(source),
        list(Scope).index(source.scope),
        -_magnitude(source.per_day),
        not is_declared(source),
        list(Text).index(source.text),
    )


def _class(source: Source) -> int:
    """Feeds, then news sitemaps, then sitemaps of all pages, then indexes."""
    return SITEMAP_KINDS.index(source.kind) + 1 if source.kind in SITEMAP_KINDS else 0


def _magnitude(per_day: float | None) -> int:
    """Twice as many items a day is more; a tenth more is chance."""
    return round(log2(per_day)) if per_day else -10


def is_declared(source: Source) -> bool:
    """Whether the site itself says that it is a feed."""
    return source.way in (Way.LINK_TAG, Way.LINK_HEADER)


def _reasons(source: Source) -> tuple[str, ...]:
    said = [
        "given" if source.way is Way.GIVEN else "",
        "comments" if source.is_comments else "",
        "of another site" if source.is_elsewhere else "",
        str(source.freshness),
        {Scope.PAGE: "of this page", Scope.SITE: "whole site", Scope.SECTION: "section"}[source.scope],
        "declared by the site" if is_declared(source) else "",
        {Text.FULL: "full text", Text.SUMMARY: "summaries", Text.TITLES: "titles only"}[source.text],
    ]
    return tuple(word for word in said if word)


# --- the same thing under several addresses -------------------------------------------------------------------------


def _folded(sources: Sequence[Source]) -> list[tuple[Source, tuple[str, ...]]]:
    """Each thing once, in its best form, with the other addresses it has."""
    groups: list[list[Source]] = []
    for source in sources:
        group = next((each for each in groups if any(is_same(source, known) for known in each)), None)
        if group is None:
            groups.append([source])
        else:
            group.append(source)
    found = []
    for group in groups:
        best = min(group, key=_preference)
        others = dict.fromkeys(source.url for source in group if source.url != best.url)
        way = min((source.way for source in group), key=list(Way).index)
        found.append((replace(best, way=way), tuple(others)))
    return found


def is_same(one: Source, other: Source) -> bool:
    """Whether two sources say the same: one address, or the same entries. A sitemap is never the same as a feed."""
    if identity(one.url) == identity(other.url):
        return True
    if _class(one) != _class(other) or one.is_comments != other.is_comments:
        return False
    mine, others = [key for key, _ in one.entries], [key for key, _ in other.entries]
    if not mine and not others:
        return bool(one.self_url) and one.self_url == other.self_url
    shorter = min(len(mine), len(others))
    begins_alike = shorter >= SAME_FIRST and mine[:shorter] == others[:shorter]
    shared = len({*mine} & {*others})
    return shared >= SAME_SHARE * max(len(mine), len(others)) or begins_alike


def _preference(source: Source) -> tuple[object, ...]:
    """Of several forms of one thing: the given one, more text, more items, dates, a better format, https, short."""
    format_rank = FORMATS.index(source.kind) if source.kind in FORMATS else len(FORMATS)
    return (
        source.way is not Way.GIVEN,
        list(Text).index(source.text),
        -source.items,
        source.newest_at is None,
        format_rank,
        not source.url.startswith("https:"),
        not is_declared(source),
        len(source.url),
        source.url,
    )


# --- what to add ----------------------------------------------------------------------------------------------------


def _suggested(ranked: Sequence[Ranked]) -> Iterable[Ranked]:
    """Each with a suggestion or a note."""
    chosen: list[Source] = []
    for place in ranked:
        source = place.source
        note = _unfit(source)
        suggestion = None if note else _use_of(source, chosen)
        if suggestion and len(chosen) < MAX_SUGGESTED:
            chosen.append(source)
            yield replace(place, suggestion=suggestion)
        else:
            yield replace(place, note=note or _spare(source, chosen))


def _unfit(source: Source) -> str | None:
    """Why a source is not to be added, whatever else there is."""
    if source.way is Way.GIVEN:
        return None
    if source.is_comments:
        return "readers' comments"
    if source.is_elsewhere:
        return "of another site"
    if source.kind == INDEX:
        return "a list of sitemaps"
    if source.kind == SITEMAP:
        return "all pages of the site, not only news"
    if source.freshness is Freshness.STALE:
        return f"no news for {STALE.days} days"
    return "no items now" if source.freshness is Freshness.EMPTY else None


def _use_of(source: Source, chosen: Sequence[Source]) -> str | None:
    """What adding it brings beside the chosen ones; None: nothing."""
    if source.way is Way.GIVEN:
        return "the address given"
    if chosen and chosen[0].way is Way.GIVEN:
        return None
    feeds = [each for each in chosen if _class(each) == 0]
    if source.kind == NEWS_SITEMAP:
        if any(each.kind == NEWS_SITEMAP for each in chosen):
            return None
        if not feeds:
            return "the news sitemap: there is no feed"
        missing = len(_lacking(source, feeds))
        return f"completeness: has {missing} that the feeds lack" if missing else None
    if not feeds:
        return {Scope.PAGE: "the feed of this page", Scope.SITE: "the main feed", Scope.SECTION: "a section"}[
            source.scope
        ]
    if feeds[0].scope is Scope.PAGE and source.scope is not Scope.PAGE:
        return None  # a part was asked for, not the whole
    missing = len(_lacking(source, feeds))
    enough = missing >= LACKING and missing >= LACKING_SHARE * len(source.entries)
    return f"has {missing} that the others lack" if enough else None


def _lacking(source: Source, chosen: Sequence[Source]) -> list[int]:
    """Entries that the chosen feeds do not have, of the time that the main one reaches back to."""
    had = {key for each in chosen for key, _ in each.entries}
    since = chosen[0].oldest_at
    return [key for key, at in source.entries if key not in had and not (at and since and at < since)]


def _spare(source: Source, chosen: Sequence[Source]) -> str:
    if chosen and chosen[0].way is Way.GIVEN:
        return "beside the address given"
    if chosen and chosen[0].scope is Scope.PAGE and source.scope is not Scope.PAGE:
        return "another part of the site" if source.scope is Scope.SECTION else "the whole site"
    return "nothing that the others lack"
