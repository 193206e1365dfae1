"""XML bytes to text that begins with its first element: decoded once, with everything dangerous in front cut off.

A document type may define entities that grow without end or name files. Nothing of it reaches a parser from here.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from html.entities import html5

from ingest.errors import ParseError
from ingest.model import Reason

MAX_PROLOG = 65_536  # characters before the first element: the longest honest one seen is under 2,000

BOMS = (
    (codecs.BOM_UTF32_BE, "utf-32-be"),  # before UTF-16, whose mark begins the little one
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF8, "utf-8"),
    ("<?".encode("utf-16-be"), "utf-16-be"),  # no mark, but XML (XML 1.0 appendix F)
    ("<?".encode("utf-16-le"), "utf-16-le"),
)
# What publishers mean by a label (WHATWG Encoding), and codecs that are none for documents: slow, or not text.
MEANT = {"gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252", "ascii": "utf-8", "euc_kr": "cp949"}
UNFIT = frozenset(("idna", "punycode", "unicode_escape", "raw-unicode-escape", "utf-7", "undefined"))
CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([\w.:-]{1,40})")
FEED = re.compile(r"<(?:[A-Za-z][\w.-]{0,40}:)?(rss|feed|rdf|channel)(?=[\s/>])", re.IGNORECASE)
FEED_WITHIN = 16_384  # characters; broken publishing systems put warnings in front
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
SPACE = re.compile(r"[\s\ufeff]*")
DOCTYPE_END = re.compile(r"[\[>]")
SUBSET_END = re.compile(r"\]\s{0,99}>")
# An entity that contains others (it may grow) or that is somewhere else (it may be a file). Parameter entities such as
# the HTML names of old RDF feeds are harmless once they are cut off.
DANGEROUS_ENTITY = re.compile(
    r"<!ENTITY\s{1,99}(?!%)[^\s>]{1,99}\s{1,99}(?:SYSTEM|PUBLIC|\"[^\">]{0,999}&(?!#)|'[^'>]{0,999}&(?!#))",
    re.IGNORECASE,
)
REFERENCE = re.compile(
    r"&(?!(?:lt|gt|amp|quot|apos);)(?:#([0-9]{1,8}|[xX][0-9a-fA-F]{1,7})|([A-Za-z][A-Za-z0-9]{1,31}));"
)
SURROGATES = re.compile(r"[\ud800-\udbff][\udc00-\udfff]")


def decode(body: bytes, content_type: str | None) -> str:
    """Text of an XML document: byte order mark, then HTTP charset, then its own declaration, then UTF-8 (RFC 7303).

    A stated encoding that does not fit is passed over; UTF-8 with a few broken bytes stays UTF-8.
    """
    for mark, shown in BOMS:
        if body.startswith(mark):
            return body.decode(shown, "replace").removeprefix("\ufeff")
    for label in (_stated_by_http(content_type), _declared(body), "utf-8"):
        if label and (encoding := _codec(label)):
            try:
                return body.decode(encoding)
            except (ValueError, LookupError):  # LookupError: "hex" and others that are no encodings of text
                continue
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return text if broken * 10 <= len(body) - len(text) + 20 else body.decode("cp1252", "replace")


def as_utf8(body: bytes, content_type: str | None) -> Iterator[bytes]:
    """The document as UTF-8, if that is what it says it is; then as `decode` has it. The first may be broken."""
    labels = (_stated_by_http(content_type), _declared(body), "utf-8")
    believed = next(encoding for label in labels if label and (encoding := _codec(label)))
    has_mark = any(body.startswith(mark) and shown != "utf-8" for mark, shown in BOMS)
    if believed == "utf-8" and not has_mark:
        yield body
    yield decode(body, content_type).encode("utf-8", "replace")


def _stated_by_http(content_type: str | None) -> str | None:
    found = CHARSET.search(content_type[:500]) if content_type else None
    return found[1] if found else None


def _declared(body: bytes) -> str | None:
    found = DECLARED.search(body[:1024])
    return found[1].decode("ascii", "replace") if found else None


def _codec(label: str) -> str | None:
    """The codec for a label; None for unknown ones and for UTF-16 and 32, which show in the first bytes."""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    return None if name in UNFIT or name.startswith(("utf-16", "utf-32")) else MEANT.get(name, name)


def root_at(text: str) -> int:
    """Where the first element begins, behind declarations, comments and the document type.

    Raises ParseError for entities that could grow or read files, and for a prolog without an end.
    """
    at = 0
    while at < MAX_PROLOG:
        at = _matched_end(SPACE, text, at)
        if text.startswith("<?", at):
            at = _behind("?>", text, at)
        elif text.startswith("<!--", at):
            at = _behind("-->", text, at + 4)
        elif text[at : at + 9].lower() == "<!doctype":
            at = _behind_doctype(text, at)
        else:
            return at
    raise ParseError(Reason.NOT_A_FEED, "no element in the first 65,536 characters")


def from_feed(text: str) -> str:
    """The text from the first element on, or from that of a feed not far behind; raises ParseError like `root_at`."""
    start = root_at(text)
    if root := FEED.search(text, start, start + FEED_WITHIN):
        start = root.start()
    lines = "\n" * text.count("\n", 0, start)  # so that errors name the line of the original
    return lines + mended(text[start:])


def _matched_end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _behind(mark: str, text: str, at: int) -> int:
    end = text.find(mark, at, at + MAX_PROLOG)
    return end + len(mark) if end >= 0 else MAX_PROLOG


def _behind_doctype(text: str, at: int) -> int:
    found = DOCTYPE_END.search(text, at, at + MAX_PROLOG)
    if found and found[0] == "[":
        start = found.end()
        found = SUBSET_END.search(text, start, start + MAX_PROLOG)
        if DANGEROUS_ENTITY.search(text, start, found.end() if found else start + MAX_PROLOG):
            raise ParseError(Reason.NOT_A_FEED, "a document type with entities that grow or read files")
    return found.end() if found else MAX_PROLOG


def mended(text: str) -> str:
    """Without what XML forbids but feeds contain: control characters, half characters, HTML's names for characters."""
    if "&" in text:
        text = SURROGATES.sub(_joined, REFERENCE.sub(_character, text))
    return ILLEGAL.sub("", text)


def _character(found: re.Match[str]) -> str:
    number, name = found[1], found[2]
    if name:
        text = html5.get(f"{name};", found[0])
        return found[0] if text in "<>&\"'" else text  # "&LT;" would become a tag
    code = int(number[1:], 16) if number[0] in "xX" else int(number)
    if code in (0x22, 0x26, 0x27, 0x3C, 0x3E):
        return found[0]
    return chr(code) if code in (9, 10, 13) or 32 <= code <= 0x10FFFF else ""


def _joined(found: re.Match[str]) -> str:
    """Two halves of one character, as Java writes them: &#xD83D;&#xDE00;"""
    return found[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")
