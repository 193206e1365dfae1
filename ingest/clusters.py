"""Groups of copies: an index that finds what a new text may be a copy of, and stars with the original in the middle.

A group is a star: every member is related to the head itself. So no group grows by a chain: what is like a member and
not like the head begins a group of its own. Texts stand in an order (ingest/duplicates.py: rank); from the best down,
one that is like a better head joins the head that it is most like, and any other is a head itself. The index keeps to
that as texts come, so that the groups do not depend on the order of arrival (storage/duplicates.py does the same in
the database). Parts (excerpts, and what contains a text) are linked to a group and do not belong to it.

`Index` holds the last texts in memory, for `dateline duplicates`. It does what the key table in the database does:
keys to articles, keys with too many articles ignored, at most so many candidates, the ones with most keys first.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, partial

from ingest.compare import FULL, Context, Kind, Relation, are_notices, compare
from ingest.duplicates import Standing, rank
from ingest.fingerprint import key64
from ingest.furniture import Furniture
from ingest.likeness import Judge, sureness
from ingest.near import Mask, Signature
from ingest.original import is_source, plausible

CANDIDATES = 32
POSTINGS = 64  # a key with more articles than this says nothing; heads and unlike members are counted, not each copy
ALIKE = 0.9  # a member as similar as this is found through its head and has no keys of its own
CROWD = 16  # members; in a larger group former heads give up their keys, lest a key has too many articles
KEEP = 100_000  # texts
KEEP_WORDS = 20_000_000  # 16 bytes each with their shingles: with all else, half a gigabyte
MAX_MOVED = 32  # members that look for a place anew when their head joins a better one; the others go with it
MAX_PLACED = 1_000  # texts that are placed anew because of one; those beyond are heads by themselves


@dataclass(frozen=True, slots=True)
class Link:
    """One text is related to an earlier one."""

    id: str
    of: str
    relation: Relation


@dataclass(slots=True, eq=False)
class Kept:
    """A text in the index."""

    id: str
    text: Signature
    site: str
    site_key: int
    url_key: int | None
    order: tuple[object, ...] = ()  # smaller is nearer to the original; no two texts have the same
    head: Kept | None = None  # None: it is one
    fit: tuple[float, float] = (0.0, 0.0)  # similarity to its head, and coverage
    members: list[Kept] = field(default_factory=list)
    sites: set[str] = field(default_factory=set)
    has_keys: bool = False
    waits: bool = False  # for its place, among those that lost theirs: it will look itself for heads that are better
    story: int = 0

    def __lt__(self, other: Kept) -> bool:
        return self.order < other.order

    @property
    def first(self) -> Kept:
        """The head of its group."""
        return self.head or self


class Index:
    """The last texts, in the order they came."""

    def __init__(
        self,
        keep: int = KEEP,
        keep_words: int = KEEP_WORDS,
        furniture: Furniture | None = None,
        judge: Judge = sureness,
    ) -> None:
        self._judge = judge
        self._keep, self._keep_words = keep, keep_words
        self._furniture = furniture or Furniture()
        self._texts: deque[Kept] = deque()
        self._words = 0
        self._by_key: dict[int, list[Kept]] = {}
        self._by_hash: dict[bytes, Kept] = {}
        self._by_url: dict[int, Kept] = {}
        self._arrived = 0

    def __len__(self) -> int:
        return len(self._texts)

    def groups(self) -> set[frozenset[str]]:
        """The ids of texts that are copies of each other; of a text without copies its own."""
        heads = (kept for kept in self._texts if kept.head is None)
        return {frozenset((head.id, *(member.id for member in head.members))) for head in heads}

    def add(
        self, id: str, text: Signature, site: str, url_key: int | None = None, published: datetime | None = None
    ) -> list[Link]:
        """Take a text in; the links of it to earlier ones, the best first: one to each group that it joins."""
        self._arrived += 1
        ours = is_source(site, None, text.source)
        standing = Standing(plausible(published), self._arrived, text.length, ours)
        new = Kept(id, text, site, key64(site), url_key, sites={site})
        new.order = (*rank(standing)[:-1], text.exact, self._arrived)
        links = self._settle(new)
        self._learn(new, links)
        self._keep_text(new)
        return [Link(new.id, kept.id, relation) for relation, kept in links]

    # --- finding

    def candidates(self, text: Signature, url_key: int | None = None) -> list[Kept]:
        """What a text may be a copy of: the same words or address first, then by the number of keys they share."""
        first = [self._by_hash.get(text.exact), self._by_url.get(url_key) if url_key is not None else None]
        shared: Counter[Kept] = Counter()
        for key in text.keys + text.more_keys:
            if (postings := self._by_key.get(key)) and len(postings) <= POSTINGS:
                shared.update(postings)
        ranked = [kept for kept, _ in shared.most_common(CANDIDATES)]
        return list(dict.fromkeys(kept for kept in (*first, *ranked) if kept is not None))

    def _related(self, text: Kept) -> list[tuple[Relation, Kept]]:
        """What a text is to others: of each group to the head; to a member only where it is not like the head."""
        related: list[tuple[Relation, Kept]] = []
        seen, like = {id(text)}, set[int]()
        own = cache(lambda: self._furniture.distinctive(text.text, text.site_key))
        for candidate in self.candidates(text.text, text.url_key):
            for kept in dict.fromkeys((candidate.first, candidate)):
                if kept.waits or id(kept) in seen or id(kept.head) in like:
                    continue
                seen.add(id(kept))
                relation = self._compare(text, kept, own)
                if relation is None:
                    continue
                related.append((relation, kept))
                if relation.kind in FULL:
                    like.add(id(kept))
                    if relation.kind is Kind.EXACT and kept.head is None and kept < text:
                        return [(relation, kept)]
        return related

    def _compare(self, new: Kept, kept: Kept, own: Callable[[], Mask]) -> Relation | None:
        same_site = new.site == kept.site
        same_url = new.url_key is not None and new.url_key == kept.url_key
        if new.text.exact == kept.text.exact and not same_url and are_notices(new.text, kept.text):
            return None
        theirs = partial(self._furniture.distinctive, kept.text, kept.site_key)
        return compare(new.text, kept.text, Context(same_site, same_url, own, theirs), self._judge)

    # --- groups

    def _settle(self, new: Kept) -> list[tuple[Relation, Kept]]:
        """Give a new text its place, and those their places anew that lose them by it. Returns its links."""
        waiting: list[Kept] = []
        links = self._place(new, waiting)
        for _ in range(MAX_PLACED):
            if not waiting:
                break
            text = heapq.heappop(waiting)
            text.waits = False
            self._place(text, waiting)
        for text in waiting:
            text.waits = False
        return links

    def _place(self, text: Kept, waiting: list[Kept]) -> list[tuple[Relation, Kept]]:
        """The head that a text is most like, if it is better; else the text is a head."""
        found = self._related(text)
        found.sort(key=lambda pair: (*(-share for share in _fit(pair[0])), pair[1].order))
        full = [(relation, kept) for relation, kept in found if relation.kind in FULL]
        sites = {site for _, kept in full for site in kept.first.sites}
        for relation, kept in full:
            if kept.head is None and kept < text:
                _join(text, kept, _fit(relation))
                if relation.similarity < ALIKE:
                    self._give_keys(text)
                return [(_syndicated(relation, text.site, sites), kept)]
        if text.head is not None:
            text.head.members.remove(text)
            text.head = None
        self._give_keys(text)
        taken = [pair for pair in full if _take(text, *pair, waiting)]
        for relation, kept in taken:
            if relation.similarity >= ALIKE and len(waiting) > CROWD:
                self._withdraw_keys(kept)
        return [(_syndicated(relation, text.site, sites), kept) for relation, kept in taken] or found[:1]

    # --- keeping

    def _learn(self, new: Kept, links: list[tuple[Relation, Kept]]) -> None:
        """Count what the text consists of. A copy, and a part, belong to the story of what they are linked to."""
        new.story = links[0][1].story if links else self._arrived
        self._furniture.learn(new.text, new.site_key, new.story)

    def _keep_text(self, new: Kept) -> None:
        self._texts.append(new)
        self._words += new.text.length
        self._by_hash.setdefault(new.text.exact, new)
        if new.url_key is not None:
            self._by_url[new.url_key] = new
        while len(self._texts) > self._keep or self._words > self._keep_words:
            self._forget(self._texts.popleft())

    def _give_keys(self, kept: Kept) -> None:
        if not kept.has_keys:
            kept.has_keys = True
            for key in kept.text.keys:
                postings = self._by_key.setdefault(key, [])
                if len(postings) <= POSTINGS:
                    postings.append(kept)

    def _withdraw_keys(self, kept: Kept) -> None:
        for key in kept.text.keys if kept.has_keys else ():
            postings = [other for other in self._by_key.get(key, ()) if other is not kept]
            if postings:
                self._by_key[key] = postings
            else:
                self._by_key.pop(key, None)
        kept.has_keys = False

    def _forget(self, old: Kept) -> None:
        self._words -= old.text.length
        self._withdraw_keys(old)
        if self._by_hash.get(old.text.exact) is old:
            del self._by_hash[old.text.exact]
        if old.url_key is not None and self._by_url.get(old.url_key) is old:
            del self._by_url[old.url_key]
        if heir := _leave(old):
            self._give_keys(heir)
            self._by_hash.setdefault(heir.text.exact, heir)


def _fit(relation: Relation) -> tuple[float, float]:
    return relation.similarity, relation.coverage


def _join(kept: Kept, head: Kept, fit: tuple[float, float]) -> None:
    if kept.head is not None:
        kept.head.members.remove(kept)
    kept.head, kept.fit = head, fit
    head.members.append(kept)
    head.sites.add(kept.site)


def _take(head: Kept, relation: Relation, kept: Kept, waiting: list[Kept]) -> bool:
    """A new head takes a worse head, whose members look for a place, or a member that it is more like than its head."""
    if kept.head is None:
        members = sorted(kept.members)
        for member in members[:MAX_MOVED]:
            member.head, member.waits = None, True
            heapq.heappush(waiting, member)
        kept.members, kept.sites = [], {kept.site}
        for member in members[MAX_MOVED:]:
            member.head = None
            _join(member, head, member.fit)
    elif kept < head or _fit(relation) < kept.fit or (_fit(relation) == kept.fit and kept.head < head):
        return False  # of heads that fit alike the better one
    _join(kept, head, _fit(relation))
    return True


def _syndicated(relation: Relation, site: str, others: set[str]) -> Relation:
    """The same text on several other sites is syndicated, whether or not it says so."""
    if relation.kind is Kind.NEAR and len(others) > 1 and site not in others:
        return replace(relation, kind=Kind.SYNDICATED)
    return relation


def _leave(old: Kept) -> Kept | None:
    """A text that is forgotten leaves its group; where it was the head, the best that is left takes its place."""
    if old.head is not None:
        old.head.members = [kept for kept in old.head.members if kept is not old]
        return None
    if not old.members:
        return None
    heir, *others = sorted(old.members)
    heir.head, heir.members, heir.sites = None, others, set(old.sites)
    for kept in others:
        kept.head = heir
    return heir
