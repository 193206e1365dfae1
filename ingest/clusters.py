"""Groups of copies: an index that finds what a new text may be a copy of, and stars with the original in the middle.

A group is a star: every member is related to the head itself. So no group grows by a chain: what is like a member and
not like the head begins a group of its own. Parts (excerpts, and what contains a text) are linked to a group and do
not belong to it.

`Index` holds the last texts in memory, for `dateline duplicates`. It does what the key table in the database does:
keys to articles, keys with too many articles ignored, at most so many candidates, the ones with most keys first.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TypeVar

from ingest.compare import FULL, Context, Kind, Relation, compare
from ingest.credits import agency_of_site
from ingest.duplicates import MINIMUM_WORDS, Standing, rank
from ingest.fingerprint import key64
from ingest.furniture import Furniture
from ingest.near import Mask, Signature

CANDIDATES = 32
POSTINGS = 64  # a key with more articles than this says nothing; heads and unlike members are counted, not each copy
ALIKE = 0.9  # a member as similar as this is found through its head and has no keys of its own
SAME = 0.95  # what is as similar to a member as this, the head supports as it supports the member
KEEP = 100_000  # texts
KEEP_WORDS = 20_000_000  # 16 bytes each with their shingles: with all else, half a gigabyte
STUB = 40  # words: notices that stand for an article ("for subscribers only") are as long at most
MAX_GROUP = 256  # members that are compared anew when a group gets another head

Node = TypeVar("Node", bound=Hashable)


def stars(nodes: Sequence[Node], related: Callable[[Node, Node], float | None]) -> dict[Node, Node]:
    """The head of each node. The nodes come best first: whatever is related to no head before it is a head.

    `related` says how similar two nodes are, or None; every node joins the head that it is most similar to. The
    answer depends on nothing but the nodes, their order of rank, and how they are related.
    """
    head_of: dict[Node, Node] = {}
    heads: list[Node] = []
    for node in nodes:
        near = [(similar, -place) for place, head in enumerate(heads) if (similar := related(node, head)) is not None]
        if near:
            head_of[node] = heads[-max(near)[1]]
        else:
            heads.append(node)
            head_of[node] = node
    return head_of


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
    standing: Standing
    head: Kept | None = None  # None: it is one
    members: list[Kept] = field(default_factory=list)
    sites: set[str] = field(default_factory=set)
    through: bool = False  # in its group for the sake of a member that it equals but for a few words
    has_keys: bool = False
    story: int = 0

    @property
    def first(self) -> Kept:
        """The head of its group."""
        return self.head or self


class Index:
    """The last texts, in the order they came."""

    def __init__(self, keep: int = KEEP, keep_words: int = KEEP_WORDS, furniture: Furniture | None = None) -> None:
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

    def add(
        self, id: str, text: Signature, site: str, url_key: int | None = None, published: datetime | None = None
    ) -> list[Link]:
        """Take a text in; the links of it to earlier ones, the best first. Few: a member has one, to its group."""
        self._arrived += 1
        own = agency_of_site(site)
        is_source = own is not None and text.source in (None, own)
        standing = Standing(_plausible(published), self._arrived, text.length, is_source)
        new = Kept(id, text, site, key64(site), url_key, standing, sites={site})
        found = self._related(new)
        link = self._place(new, found)
        self._learn(new, link)
        self._keep_text(new, link)
        return [link[0]] if link else []

    # --- finding

    def candidates(self, text: Signature, url_key: int | None = None) -> list[Kept]:
        """What a text may be a copy of: the same words or address first, then by the number of keys they share."""
        first = [self._by_hash.get(text.exact), self._by_url.get(url_key) if url_key is not None else None]
        shared: Counter[int] = Counter()
        found: dict[int, Kept] = {}
        for key in text.keys + text.more_keys:
            postings = self._by_key.get(key, ())
            if len(postings) <= POSTINGS:
                for kept in postings:
                    shared[id(kept)] += 1
                    found[id(kept)] = kept
        ranked = [found[number] for number, _ in shared.most_common(CANDIDATES)]
        return list({id(kept): kept for kept in (*first, *ranked) if kept is not None}.values())

    def _related(self, new: Kept) -> list[tuple[Relation, Kept]]:
        """The heads that a text is related to; and texts that it is a part of or contains, where no head is."""
        related: list[tuple[Relation, Kept]] = []
        seen: set[int] = set()
        own = cache(lambda: self._furniture.distinctive(new.text, new.site_key))
        for candidate in self.candidates(new.text, new.url_key):
            for kept in (candidate.first, candidate):
                if id(kept) in seen:
                    continue
                seen.add(id(kept))
                relation = self._compare(new, kept, own)
                if relation is None:
                    continue
                if kept.head is not None and relation.kind in FULL and (kept.through or relation.similarity < SAME):
                    continue  # like a member and not like its head: that would be a chain
                related.append((relation, kept))
                if relation.kind is Kind.EXACT:
                    return related
                break
        return related

    def _compare(self, new: Kept, kept: Kept, own: Callable[[], Mask] | None) -> Relation | None:
        same_site = new.site == kept.site
        same_url = new.url_key is not None and new.url_key == kept.url_key
        if new.text.exact == kept.text.exact and not same_url and _are_stubs(new.text, kept.text):
            return None
        weigh = self._furniture.distinctive
        ours = own or (lambda: weigh(new.text, new.site_key))
        theirs = lambda: weigh(kept.text, kept.site_key)  # noqa: E731
        return compare(new.text, kept.text, Context(same_site, same_url, ours, theirs))

    # --- groups

    def _place(self, new: Kept, related: list[tuple[Relation, Kept]]) -> tuple[Link, Kept] | None:
        if not related:
            return None
        full = [(relation, kept) for relation, kept in related if relation.kind in FULL]
        relation, kept = max(full or related, key=lambda pair: (pair[0].similarity, pair[0].coverage))
        if full:
            relation = self._syndicated(new, kept, relation)
            if kept.head is not None:
                _join(new, kept.head)
                new.through = relation.kind is not Kind.EXACT
            elif rank(new.standing) < rank(kept.standing):
                self._lead(new, kept)
            else:
                _join(new, kept)
        return Link(new.id, kept.id, relation), kept

    def _syndicated(self, new: Kept, head: Kept, relation: Relation) -> Relation:
        """The same text on several other sites is syndicated, whether or not it says so."""
        if relation.kind is Kind.NEAR and len(head.sites - {new.site}) > 1 and new.site not in head.sites:
            return Relation(Kind.SYNDICATED, relation.similarity, relation.coverage)
        return relation

    def _lead(self, new: Kept, old: Kept) -> None:
        """A better head for a group; members that it does not support begin groups of their own."""
        rest = [old, *old.members[:MAX_GROUP]]
        for kept in rest:
            kept.head, kept.members, kept.sites = None, [], {kept.site}
        left = []
        for kept in rest:
            relation = self._compare(new, kept, None)
            if kept is old or (relation and relation.kind in FULL):
                _join(kept, new)
            else:
                left.append(kept)
        left.sort(key=lambda kept: rank(kept.standing))
        for kept, head in stars(left, self._similar).items():
            if kept is not head:
                _join(kept, head)
            self._give_keys(head)

    def _similar(self, a: Kept, b: Kept) -> float | None:
        relation = self._compare(a, b, None)
        return relation.similarity if relation and relation.kind in FULL else None

    # --- keeping

    def _learn(self, new: Kept, link: tuple[Link, Kept] | None) -> None:
        """Count what the text consists of. A copy, and a part, belong to the story of what they are linked to."""
        new.story = link[1].story if link else self._arrived
        self._furniture.learn(new.text, new.site_key, new.story)

    def _keep_text(self, new: Kept, link: tuple[Link, Kept] | None) -> None:
        self._texts.append(new)
        self._words += new.text.length
        self._by_hash.setdefault(new.text.exact, new)
        if new.url_key is not None:
            self._by_url[new.url_key] = new
        if link is None or new.head is None or link[0].relation.similarity < ALIKE:
            self._give_keys(new)
        while len(self._texts) > self._keep or self._words > self._keep_words:
            self._forget(self._texts.popleft())

    def _give_keys(self, kept: Kept) -> None:
        if not kept.has_keys:
            kept.has_keys = True
            for key in kept.text.keys:
                postings = self._by_key.setdefault(key, [])
                if len(postings) <= POSTINGS:
                    postings.append(kept)

    def _forget(self, old: Kept) -> None:
        self._words -= old.text.length
        for key in old.text.keys if old.has_keys else ():
            postings = [kept for kept in self._by_key.get(key, ()) if kept is not old]
            if postings:
                self._by_key[key] = postings
            else:
                self._by_key.pop(key, None)
        if self._by_hash.get(old.text.exact) is old:
            del self._by_hash[old.text.exact]
        if old.url_key is not None and self._by_url.get(old.url_key) is old:
            del self._by_url[old.url_key]
        if heir := _leave(old):
            self._give_keys(heir)
            self._by_hash.setdefault(heir.text.exact, heir)


def _plausible(stated: datetime | None) -> datetime | None:
    """Midnight sharp is a date without a time, and tells no order."""
    return None if stated is None or (stated.hour, stated.minute, stated.second) == (0, 0, 0) else stated


def _join(kept: Kept, head: Kept) -> None:
    kept.head = head
    head.members.append(kept)
    head.sites.add(kept.site)


def _leave(old: Kept) -> Kept | None:
    """A text that is forgotten leaves its group; where it was the head, the best that is left takes its place."""
    if old.head is not None:
        old.head.members = [kept for kept in old.head.members if kept is not old]
        return None
    if not old.members:
        return None
    heir, *others = sorted(old.members, key=lambda kept: rank(kept.standing))
    heir.head, heir.members, heir.sites = None, others, set(old.sites)
    for kept in others:
        kept.head = heir
    return heir


def _are_stubs(a: Signature, b: Signature) -> bool:
    """Whether two equal short texts stand for different articles: the titles differ and the text speaks of neither."""
    if a.title & b.title or a.length >= STUB:
        return False
    if not a.title or not b.title:
        return a.length < MINIMUM_WORDS
    words = set((a.words >> 32).tolist())
    return a.length < MINIMUM_WORDS or not (words & a.title or words & b.title)
