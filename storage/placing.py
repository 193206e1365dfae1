"""One article finds its place among its copies, and those that lose theirs by it do so anew (storage/duplicates.py)."""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, update

from ingest.clusters import ALIKE
from ingest.compare import FULL, MIN_WORDS, NOTICE, Context, Kind, Relation, are_notices, compare
from ingest.duplicates import MINIMUM_WORDS, rank
from ingest.fingerprint import key64
from ingest.furniture import Furniture
from ingest.near import Mask, Signature, signature
from ingest.original import standing
from ingest.urls import registrable_domain
from storage import fingerprints
from storage.tables import articles, duplicate_links

WINDOW = timedelta(days=30)
SIGNATURES = 500  # kept at hand: what is copied now is copied again in a minute
MAX_PLACED = 2_000  # articles that are placed anew because of one; those beyond are originals by themselves
MANY_SITES = 3  # the same text on so many is syndicated, whether or not it says so
SAMPLE = 64  # members of a group whose sites are looked at

EXACT = Relation(Kind.EXACT, 1.0, 1.0)


@dataclass
class Memory:
    """What a process knows besides the store. Without furniture all words of a text count alike."""

    window: timedelta = WINDOW
    furniture: Furniture | None = None
    signatures: OrderedDict[tuple[int, bytes], Signature] = field(default_factory=OrderedDict)
    postings: fingerprints.Postings | None = None  # of all texts of a transaction: storage/duplicates.py: together

    def keep(self, article_id: int, text_hash: bytes, text: Signature) -> None:
        self.signatures[article_id, text_hash] = text
        if len(self.signatures) > SIGNATURES:
            self.signatures.popitem(last=False)


@dataclass(eq=False)
class _Node:
    """An article as far as its place is concerned. `head`: its canonical_id."""

    id: int
    url_key: int
    host: str
    title: str | None
    site_name: str | None
    agency: str | None
    published_at: datetime | None
    first_seen_at: datetime
    word_count: int
    text_hash: bytes
    canonical_id: int | None

    @cached_property
    def site(self) -> str:
        return _site(self.host)

    @cached_property
    def order(self) -> tuple[Any, ...]:
        """Smaller is nearer to the original; no two articles have the same."""
        said = standing(self.host, self.site_name, self.agency, self.published_at, self.first_seen_at, self.word_count)
        return (*rank(said), self.url_key)

    @property
    def is_head(self) -> bool:
        return self.canonical_id is None

    def __lt__(self, other: _Node) -> bool:
        return self.order < other.order


def site_key(host: str) -> int:
    """The number that furniture of a site is counted under."""
    return key64(_site(host))


def _site(host: str) -> str:
    return registrable_domain(host) or host


COLUMNS = tuple(articles.c[each.name] for each in fields(_Node))  # what the place of an article hangs on
_BY_ID = select(*COLUMNS).where(articles.c.id.in_(bindparam("ids", expanding=True)))
_SAME_WORDS = select(*COLUMNS).where(articles.c.text_hash == bindparam("text_hash"))
_ON_HOST = (
    select(articles.c.id)
    .where(
        articles.c.text_hash == bindparam("text_hash"),
        articles.c.host == bindparam("host"),
        articles.c.id != bindparam("article"),
    )
    .limit(1)
)
_MEMBERS = select(*COLUMNS).where(articles.c.canonical_id == bindparam("head")).order_by(articles.c.id)
_TEXTS = select(articles.c.id, articles.c.text, articles.c.title).where(
    articles.c.id.in_(bindparam("ids", expanding=True))
)
_POINT = update(articles).where(articles.c.id == bindparam("article")).values(canonical_id=bindparam("head"))
_ALL_LINKS = delete(duplicate_links).where(
    or_(
        duplicate_links.c.copy_id == bindparam("article"),
        duplicate_links.c.original_id == bindparam("article"),
    )
)
_LINK = insert(duplicate_links)
_EQUAL_MEMBERS = (
    articles.c.canonical_id == bindparam("before"),
    articles.c.text_hash == bindparam("words"),
    articles.c.id != bindparam("head"),
)
_REPOINT = update(articles).where(*_EQUAL_MEMBERS).values(canonical_id=bindparam("head"))
_REPOINT_LINKS = (
    update(duplicate_links)
    .where(
        duplicate_links.c.original_id == bindparam("before"),
        duplicate_links.c.copy_id.in_(select(articles.c.id).where(*_EQUAL_MEMBERS)),
    )
    .values(original_id=bindparam("head"))
)
_FIT = select(duplicate_links.c.similarity, duplicate_links.c.coverage).where(
    duplicate_links.c.copy_id == bindparam("copy"), duplicate_links.c.original_id == bindparam("original")
)


class Placing:
    """One article finds its place, and those that lose theirs by it, in one transaction."""

    def __init__(self, connection: Connection, memory: Memory, now: datetime) -> None:
        self._connection, self._memory, self._now = connection, memory, now
        self._nodes: dict[int, _Node] = {}
        self._full_keys: dict[int, set[int]] = {}  # of articles that were looked up
        self._own: dict[int, Mask] = {}
        self._touched: set[int] = set()  # heads of groups that changed
        self._unlinked: set[int] = set()  # articles that have no links
        self._linked: set[tuple[int, int]] = set()  # by us
        self._waiting: list[_Node] = []

    # --- the order of things

    def new(self, row: Row[Any], text: Signature | None) -> _Node:
        """An article to be placed, by its COLUMNS."""
        node = self._known(row)
        if text is not None:
            self._memory.keep(node.id, node.text_hash, text)
        if node.is_head:
            self._unlinked.add(node.id)  # unless it is there already: `dissolve`
        return node

    def dissolve(self, node: _Node) -> list[_Node]:
        """Take an article and its members out of their places. Returns the members."""
        members = self._members(node)
        for each in (*members, node):
            self._clear(each)
        return members

    def run(self, nodes: Iterable[_Node]) -> None:
        self._waiting = list(nodes)
        heapq.heapify(self._waiting)
        for _ in range(MAX_PLACED):
            if not self._waiting:
                break
            self._place(heapq.heappop(self._waiting))
        for head in self._touched:
            self._label(self._nodes[head])

    def _place(self, node: _Node) -> None:
        found = self._related(node)
        better = [
            (relation.similarity, relation.coverage, _Reversed(other), other)
            for other, relation in found
            if relation.kind in FULL and other.is_head and other < node
        ]
        if better:
            head = max(better)[-1]
            self._join(node, head, dict(found)[head])
        else:
            self._lead(node, found)

    def _lead(self, node: _Node, found: Sequence[tuple[_Node, Relation]]) -> None:
        """It is a head: those that are like it become its members, and what they leave behind looks for a place."""
        if not node.is_head:
            self._clear(node)
        for other, relation in found:
            if relation.kind not in FULL or other < node:
                continue
            if other.is_head:
                if other.text_hash == node.text_hash:
                    self._take_over_equals(node, other)
                for orphan in self._members(other):
                    self._clear(orphan)
                    if orphan is not node:
                        heapq.heappush(self._waiting, orphan)
                self._join(other, node, relation.mirrored)
            elif other.canonical_id != node.id and self._fits_better(node, other, relation):
                self._join(other, node, relation.mirrored)
        self._give_keys(node)
        for other, relation in found:
            if relation.kind not in FULL and other.is_head:
                copy, original = (node, other) if other < node else (other, node)
                self._link(copy, original, relation if copy is node else relation.mirrored)

    def _take_over_equals(self, node: _Node, head: _Node) -> None:
        """The members of an equal head that are equal too, however many, in two statements."""
        both = {"head": node.id, "before": head.id, "words": node.text_hash}
        self._connection.execute(_REPOINT_LINKS, both)
        self._connection.execute(_REPOINT, both)
        for other in self._nodes.values():
            if other.canonical_id == head.id and other.text_hash == node.text_hash and other is not node:
                other.canonical_id = node.id
        self._unlinked.discard(node.id)

    # --- finding

    def _related(self, node: _Node) -> list[tuple[_Node, Relation]]:
        """What an article is to others, of each group to the head first; to a member only where not to its head."""
        same = [other for other in self._same_words(node) if not self._are_notices(node, other)]
        heads = [other for other in same if other.is_head and other < node]
        if heads:
            return [(min(heads), EXACT)]
        candidates = [*sorted(same), *self._candidates(node)]
        self._load(other.canonical_id for other in candidates if other.canonical_id is not None)
        found: list[tuple[_Node, Relation]] = []
        seen, like = {node.id}, set[int]()
        for candidate in candidates:
            for other in self._head_and_member(candidate):
                if other.id in seen or other.canonical_id in like:
                    continue
                seen.add(other.id)
                relation = self._compare(node, other)
                if relation is None:
                    continue
                found.append((other, relation))
                if relation.kind in FULL:
                    like.add(other.id)
                    if relation.similarity >= ALIKE and other.is_head and other < node:
                        return found  # no other can be much more like it
        return found

    def _head_and_member(self, node: _Node) -> Sequence[_Node]:
        head = self._nodes.get(node.canonical_id) if node.canonical_id is not None else None
        return (node,) if head is None else (head, node)

    def _same_words(self, node: _Node) -> list[_Node]:
        if node.word_count < MINIMUM_WORDS:
            return []
        rows = self._connection.execute(_SAME_WORDS, {"text_hash": node.text_hash})
        same = [other for row in rows if (other := self._known(row)) is not node]
        return [other for other in same if other.word_count >= MINIMUM_WORDS]

    def is_republished(self, node: _Node) -> bool:
        """Whether the host of an article that was placed has the same text under another address."""
        if node.word_count < MINIMUM_WORDS:  # those that have so few words were not looked for
            same = {"article": node.id, "host": node.host, "text_hash": node.text_hash}
            return self._connection.scalar(_ON_HOST, same) is not None
        others = (other for other in self._nodes.values() if other is not node)
        return any(other.host == node.host and other.text_hash == node.text_hash for other in others)

    def _candidates(self, node: _Node) -> list[_Node]:
        text = self._signature(node)
        if text.length < MIN_WORDS:
            return []
        since = self._now - self._memory.window
        known = self._memory.postings
        found = fingerprints.look_up(self._connection, text.keys, text.more_keys, since, node.id, known)
        self._full_keys[node.id] = found.full
        return self._load(found.candidates)

    def _compare(self, node: _Node, other: _Node) -> Relation | None:
        if node.text_hash == other.text_hash and node.word_count >= MINIMUM_WORDS:
            return None if self._are_notices(node, other) else EXACT
        a, b = self._signature(node), self._signature(other)
        return compare(a, b, Context(node.site == other.site, False, self._mask(node), self._mask(other)))

    def _are_notices(self, node: _Node, other: _Node) -> bool:
        return node.word_count < NOTICE and are_notices(self._signature(node), self._signature(other))

    def _mask(self, node: _Node) -> Callable[[], Mask] | None:
        """Gives what of a text is its own, if that is asked."""
        furniture = self._memory.furniture
        if furniture is None:
            return None

        def weigh() -> Mask:
            if node.id not in self._own:
                self._own[node.id] = furniture.distinctive(self._signature(node), site_key(node.host))
            return self._own[node.id]

        return weigh

    def _signature(self, node: _Node) -> Signature:
        known = self._memory.signatures.get((node.id, node.text_hash))
        if known is None:
            row = self._connection.execute(_TEXTS, {"ids": [node.id]}).one()
            known = signature(row.text, row.title or "")
            self._memory.keep(node.id, node.text_hash, known)
        return known

    # --- nodes

    def _load(self, ids: Iterable[int | None]) -> list[_Node]:
        """Articles by their numbers, in that order; those that are gone are left out."""
        wanted = [number for number in ids if number is not None]
        missing = [number for number in wanted if number not in self._nodes]
        if missing:
            for row in self._connection.execute(_BY_ID, {"ids": missing}):
                self._known(row)
        return [self._nodes[number] for number in wanted if number in self._nodes]

    def _known(self, row: Any) -> _Node:
        return self._nodes.get(row[0]) or self._nodes.setdefault(row[0], _Node(*row))

    def _members(self, head: _Node) -> list[_Node]:
        rows = self._connection.execute(_MEMBERS, {"head": head.id})
        found = [self._known(row) for row in rows]
        return [node for node in found if node.canonical_id == head.id]

    def _fits_better(self, head: _Node, member: _Node, relation: Relation) -> bool:
        """Whether a member of another group is more like a head than like its own; of two alike the better head."""
        link = {"copy": member.id, "original": member.canonical_id}
        row = self._connection.execute(_FIT, link).one_or_none()
        own, fit = tuple(row or (0.0, 0.0)), (relation.similarity, relation.coverage)
        return fit > own or (fit == own and member.canonical_id is not None and head < self._nodes[member.canonical_id])

    # --- writing

    def _clear(self, node: _Node) -> None:
        """Without links, and nobody's copy."""
        self._connection.execute(_ALL_LINKS, {"article": node.id})
        self._unlinked.add(node.id)
        self._linked = {pair for pair in self._linked if node.id not in pair}
        if node.canonical_id is not None:
            self._touched.add(node.canonical_id)
            self._load([node.canonical_id])
            self._point(node, None)

    def _join(self, node: _Node, head: _Node, relation: Relation) -> None:
        if node.id not in self._unlinked or not node.is_head:
            self._clear(node)
        self._point(node, head.id)
        self._link(node, head, relation)
        self._touched.add(head.id)
        if relation.similarity < ALIKE:
            self._give_keys(node)

    def _point(self, node: _Node, head: int | None) -> None:
        self._connection.execute(_POINT, {"article": node.id, "head": head})
        node.canonical_id = head

    def _link(self, copy: _Node, original: _Node, relation: Relation) -> None:
        if (copy.id, original.id) in self._linked:
            return
        values = {"similarity": relation.similarity, "coverage": relation.coverage, "found_at": self._now}
        row = {"copy_id": copy.id, "original_id": original.id, "relation": str(relation.kind)}
        self._connection.execute(_LINK, row | values)
        self._unlinked -= {copy.id, original.id}
        self._linked.add((copy.id, original.id))

    def _give_keys(self, node: _Node) -> None:
        """Only what can be found by more than its head needs keys of its own."""
        full = self._full_keys.get(node.id)
        if full is None:
            return  # too short, or not looked up: it was a head before, and has them
        keys = [key for key in self._signature(node).keys if key not in full]
        fingerprints.insert(self._connection, node.id, keys)
        if self._memory.postings is not None:
            self._memory.postings.add(node.id, keys)

    def _label(self, head: _Node) -> None:
        """The same text on another site is syndicated where an agency is named, or where several sites have it."""
        links = self._connection.execute(_LABELLED, {"head": head.id}).all()
        if not links:
            return
        hosts = self._connection.scalars(_HOSTS, {"head": head.id})
        is_carried = len({head.site, *(_site(host) for host in hosts)}) >= MANY_SITES
        for row in links:
            syndicated = _site(row.host) != head.site and bool(is_carried or row.agency or head.agency)
            wanted = str(Kind.SYNDICATED if syndicated else Kind.NEAR)
            if row.relation != wanted:
                self._connection.execute(_RELABEL, {"copy": row.copy_id, "original": head.id, "wanted": wanted})

    # --- learning

    def learn(self, node: _Node) -> None:
        """Count a new text's passages. A copy, and a part, belong to the story of what they are linked to."""
        furniture = self._memory.furniture
        if furniture is None:
            return
        linked = next((original for copy, original in self._linked if copy == node.id), node.id)
        furniture.learn(self._signature(node), site_key(node.host), node.canonical_id or linked)


_LABELLED = (
    select(duplicate_links.c.copy_id, duplicate_links.c.relation, articles.c.host, articles.c.agency)
    .join(articles, articles.c.id == duplicate_links.c.copy_id)
    .where(
        duplicate_links.c.original_id == bindparam("head"),
        duplicate_links.c.relation.in_((str(Kind.NEAR), str(Kind.SYNDICATED))),
    )
)
_HOSTS = select(articles.c.host).where(articles.c.canonical_id == bindparam("head")).distinct().limit(SAMPLE)
_RELABEL = (
    update(duplicate_links)
    .where(duplicate_links.c.copy_id == bindparam("copy"), duplicate_links.c.original_id == bindparam("original"))
    .values(relation=bindparam("wanted"))
)


class _Reversed:
    """Greater is nearer to the original."""

    __slots__ = ("node",)

    def __init__(self, node: _Node) -> None:
        self.node = node

    def __lt__(self, other: _Reversed) -> bool:
        return other.node < self.node
