"""Body and headers to text and one parsed tree: decoded once, parsed once.

Nothing here trusts the sender. A declared charset is believed only if the bytes agree with it, a declared type only
if the first bytes look like it, and a parser is given only what it can digest in linear time.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Any

from charset_normalizer import from_bytes
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from ingest.errors import ParseError
from ingest.model import Reason

HEAD_BYTES = 4096  # where a charset or a type declares itself
SAMPLE_BYTES = 8192  # what charset detection looks at, from either end
MAX_TAGS = 150_000  # the largest real page measured has 20,000
LONG_TAG = 200  # characters: shorter tags cannot hold enough attributes to hurt
MAX_ATTRIBUTE_COST = (
    20_000_000  # sum of squares: the parser compares every attribute with every other (2,000 cost 8 ms)
)

MAGIC = (
    b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"RIFF",
    b"Rar!", b"7z\xbc\xaf", b"\x7fELF", b"MZ\x90", b"OggS", b"ID3", b"fLaC", b"BZh", b"\xfd7zXZ", b"(\xb5/\xfd",
    b"wOFF", b"wOF2", b"\x00\x01\x00\x00", b"\x00\x00\x01\x00", b"\xd0\xcf\x11\xe0", b"SQLite format 3", b"%!PS",
)  # fmt: skip
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip

# What Python calls a charset -> what to decode it with (the superset that browsers use, WHATWG Encoding, section 4.2).
# A codec that is not listed is never looked at: some of Python's are quadratic or are not about text at all.
DECODERS = {
    **{name: name for name in (
        "utf-8", "utf-16", "utf-16-le", "utf-16-be", "koi8-r", "koi8-u", "mac-roman", "iso2022_jp", "euc_jp", "cp874",
        "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-10",
        "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254",
        "cp1255", "cp1256", "cp1257", "cp1258", "cp866", "gb18030", "cp932", "cp949", "big5hkscs",
    )},
    "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
    "utf-8-sig": "utf-8",
}  # fmt: skip
# What browsers fall back to (HTML standard, 13.2.3.2, last step), where it is not cp1252.
CHARSET_OF_LANGUAGE = {
    **dict.fromkeys(("cs", "hr", "hu", "pl", "ro", "sk", "sl"), "cp1250"),
    "tr": "cp1254", "el": "cp1253", "he": "cp1255",
    **dict.fromkeys(("be", "bg", "kk", "mk", "ru", "sr", "uk"), "cp1251"), "ar": "cp1256", "fa": "cp1256",
    **dict.fromkeys(("et", "lt", "lv"), "cp1257"), "vi": "cp1258",
    **dict.fromkeys(("da", "de", "en", "es", "fi", "fr", "is", "it", "nl", "no", "nb", "pt", "sv"), "cp1252"),
}  # fmt: skip
NOT_LATIN = frozenset(("cp1251", "cp1253", "cp1255", "cp1256", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8"))
LABELS = {"x-sjis": "cp932", "windows-31j": "cp932", "ks_c_5601-1987": "cp949", "x-gbk": "gb18030", "utf8mb4": "utf-8"}

CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]{2,40})", re.I | re.A)
META_CHARSET = re.compile(rb"<meta\b[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:+-]{2,40})", re.I)
XML_ENCODING = re.compile(rb"^\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w.:+-]{2,40})", re.I)
HTML_LANG = re.compile(rb"<html\b[^>]{0,500}?\blang\s*=\s*[\"']?\s*([a-zA-Z]{2,3})", re.I)
HTML_START = re.compile(r"\s*(?:<!--[^>]{0,1000}>\s*)?<(?:!doctype\s+html|html|head|body)\b", re.I)
HTML_TAG = re.compile(
    r"<(?:!doctype|html|head|body|meta|title|article|section|main|div|p|h1|span|table)\b[^<>]*>", re.I
)
TAG = re.compile(  # possessive, and every alternative matches once it has begun: linear on any input
    r"""<(?:(?P<tag>(?!script\b|style\b)[a-z][^=>]*+(?:=\s*+(?:"[^"]*+"|'[^']*+')?+[^=>]*+)*+)>?+
        |(?P<raw>script|style)\b[^>]*+>?+(?:[^<]++|<(?!/(?P=raw)))*+
        |!--(?!-?>)(?:[^-]++|-(?!-!?>))*+)""",
    re.I | re.X,
)
QUOTED = re.compile(r"""=\s*+(?:"[^"]*+"|'[^']*+')""")
BETWEEN_ATTRIBUTES = re.compile(r"[\s/]+|=")
WORDS = re.compile(r"\w+")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")  # what lxml refuses to write back
CONTROL_BYTES = bytes((*range(9), 11, 12, *range(14, 32), 127))  # in every charset, no control character without one
ODD_BYTES = bytes(byte for byte in range(32) if byte not in (0, 9, 10, 12, 13, 27))
CONTROL_REFERENCE = re.compile(
    r"&#(?:0*(?:[0-8]|1[1245-9]|2\d|3[01]|6553[45])|x0*(?:[0-8bcef]|1[\da-f]|fff[ef]))(?:;|(?![\da-z]))", re.I
)
EMPTY_ROOT = re.compile(r"(<html\b[^<>]{0,1000}?)\s*/>", re.I)


@dataclass(frozen=True, slots=True)
class Document:
    """A page as text and, where it is markup, as a tree. The tree may be changed by whoever reads it last."""

    url: str
    text: str  # decoded, without control characters
    tree: Any | None = None  # an lxml.html root element; None: plain text

    @property
    def start(self) -> str:
        """The first part, for judgements that need no tree."""
        return self.text[:20_000]


def open_document(body: bytes, content_type: str | None, url: str) -> Document:
    """Decode and parse. ParseError: EMPTY_PAGE, WRONG_TYPE (not text), TOO_COMPLEX (not for a parser)."""
    if not body.strip(b"\x00\t\n\r\f \xef\xbb\xbf\xff\xfe"):
        raise ParseError(Reason.EMPTY_PAGE)
    refuse_binary(body)
    text = decode(body, content_type)
    if not text.strip():
        raise ParseError(Reason.EMPTY_PAGE)
    if not is_markup(text, content_type):
        return Document(url, text)
    refuse_complex(text)
    return Document(url, text, parse_html(text))


# --- bytes to text --------------------------------------------------------------------------------------------------


def refuse_binary(body: bytes) -> None:
    """ParseError(WRONG_TYPE) for files that are not text, whatever they were called."""
    if body.startswith(MAGIC) or body[4:8] == b"ftyp":
        raise ParseError(Reason.WRONG_TYPE, f"starts with {body[:8]!r}")
    head = body[:HEAD_BYTES]
    if utf16_without_bom(head) or head.startswith(tuple(bom for bom, _ in BOMS)):
        return
    odd = len(head) - len(head.translate(None, ODD_BYTES))
    if odd * 20 > len(head) or head.count(0) * 4 > len(head):
        raise ParseError(Reason.WRONG_TYPE, "control bytes")


def decode(body: bytes, content_type: str | None = None) -> str:
    """Text of a page; never fails. BOM, HTTP charset, meta or XML declaration, UTF-8, then detection."""
    text = _decode(body, content_type)
    if len(body.translate(None, CONTROL_BYTES)) < len(body) or "\ufffe" in text or "\uffff" in text:
        text = CONTROL.sub("", text)
    return CONTROL_REFERENCE.sub("", text)


def _decode(body: bytes, content_type: str | None) -> str:
    for bom, codec in BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(codec, "replace")
    if wide := utf16_without_bom(body[:HEAD_BYTES]):
        return body.decode(wide, "replace")
    declared = [name for label in declared_charsets(body, content_type) if (name := decoder_for(label))]
    # Bytes beyond ASCII that are valid UTF-8 are UTF-8: in any other charset that would be an accident.
    names = declared if body.isascii() else ["utf-8", *(name for name in declared if not name.startswith("utf-16"))]
    for name in names:
        if (text := decode_strictly(body, name, tolerant=name in declared or not declared)) is not None:
            return text
    return body.decode(detect(body), "replace")


def declared_charsets(body: bytes, content_type: str | None) -> list[str]:
    """What the header and the document say they are encoded in, in order of authority (HTML standard 13.2.3.2)."""
    head = body[:HEAD_BYTES]
    header = CHARSET.search(content_type or "")
    inside = (pattern.search(head) for pattern in (XML_ENCODING, META_CHARSET))
    return ([header[1]] if header else []) + [match[1].decode("ascii", "replace") for match in inside if match]


def decoder_for(label: str) -> str | None:
    """Python's codec for a declared label, or None where it is not one we use."""
    label = label.strip().lower()
    if label in LABELS:
        return LABELS[label]
    try:
        return DECODERS.get(codecs.lookup(label).name)
    except (LookupError, ValueError):
        return None


def decode_strictly(body: bytes, name: str, *, tolerant: bool) -> str | None:
    """Text, or None where the bytes are not in that charset; `tolerant`: one bad byte in fifty beyond ASCII passes."""
    try:
        return body.decode(name)
    except UnicodeError:
        if not tolerant:
            return None
    text = body.decode(name, "replace")
    foreign = len(body) - len(body.translate(None, bytes(range(128, 256))))
    return text if (text.count("\ufffd") - body.count(b"\xef\xbf\xbd")) * 50 <= foreign else None


def utf16_without_bom(head: bytes) -> str | None:
    """The byte order of UTF-16 text by where its zero bytes are: markup is mostly ASCII."""
    half = len(head) // 2
    if half < 4:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > half * 0.4 and even < half * 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.4 and odd < half * 0.05 else None


def detect(body: bytes) -> str:
    """A guess from the bytes beyond ASCII.

    Western and central European charsets look alike to statistics: between those the page's language decides.
    """
    sample = body if len(body) <= 2 * SAMPLE_BYTES else body[:SAMPLE_BYTES] + body[-SAMPLE_BYTES:]
    best = from_bytes(sample).best()
    name = decoder_for(best.encoding) if best is not None else None
    if name and not name.startswith(("utf", "iso8859", "cp125", "mac")):
        return name
    language = HTML_LANG.search(body[:HEAD_BYTES])
    by_language = CHARSET_OF_LANGUAGE.get(language[1].decode().lower()) if language else None
    return by_language or (name if name in NOT_LATIN else "cp1252")


# --- text to tree ---------------------------------------------------------------------------------------------------


def is_markup(text: str, content_type: str | None) -> bool:
    """HTML or plain text: what the header says, unless the text shows otherwise."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind == "text/plain":
        return HTML_START.match(text) is not None
    if kind in {"text/html", "application/xhtml+xml"}:
        return True
    return HTML_START.match(text) is not None or HTML_TAG.search(text, 0, HEAD_BYTES) is not None


def refuse_complex(text: str) -> None:
    """ParseError(TOO_COMPLEX) before a parser sees it; linear in the length of the text."""
    if text.count("<") > MAX_TAGS and sum(1 for _ in TAG.finditer(text)) > MAX_TAGS:
        raise ParseError(Reason.TOO_COMPLEX, f"more than {MAX_TAGS} tags")
    long_matches = [match for match in TAG.finditer(text) if match.end() - match.start() > LONG_TAG]
    long_tags = [tag for match in long_matches if (tag := match["tag"])]
    # Two cheap limits to the count first: few pages need it.
    if all(sum(count(tag) ** 2 for tag in long_tags) > MAX_ATTRIBUTE_COST for count in (len, at_most, attributes)):
        raise ParseError(Reason.TOO_COMPLEX, "too many attributes on one tag")


def at_most(tag: str) -> int:
    """A cheap limit to what `attributes` can say."""
    return len(tag.split()) + tag.count("/") + tag.count("=")


def attributes(tag: str) -> int:
    """What separates the attributes of a tag, values in quotes set aside: at least as many as there are attributes."""
    return len(BETWEEN_ATTRIBUTES.findall(QUOTED.sub("=", tag)))


def parse_html(text: str) -> Any:
    """The one parsing of a page: an lxml.html root element.

    huge_tree lets nesting go to 2,048 levels instead of 256; what lies deeper is lost silently by libxml2.
    """
    if root := EMPTY_ROOT.search(text, 0, HEAD_BYTES):
        text = f"{text[: root.start()]}{root[1]}>{text[root.end() :]}"
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True)
    # lxml.html asks a Python function for the class of every element it touches; one class for all is a third cheaper.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        return document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:  # "Document is empty" is an etree.ParserError
        raise ParseError(Reason.EMPTY_PAGE, str(error)[:200]) from error


def visible(element: Any, limit: int = 2_000) -> str:
    """The text of an element in one line."""
    text = "".join(element.itertext()) if len(element) else element.text or ""
    return " ".join(text.split())[:limit]


def comparable(text: str | None) -> str:
    """Words only, for telling whether two texts say the same."""
    return " ".join(WORDS.findall((text or "").casefold()))
