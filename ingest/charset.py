"""Bytes to text: a declared charset is believed only if the bytes agree with it."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

HEAD_BYTES = 4096  # where a charset or a type declares itself
SAMPLE_BYTES = 8192  # what charset detection looks at, from either end
ESCAPE = b"\x1b"  # how charsets of seven bits change their alphabet

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

CHARSET = re.compile(r"charset\s*+=\s*+[\"']?+\s*+([\w.:+-]{2,40})", re.I | re.A)
META_CHARSET = re.compile(rb"<meta\b[^>]{0,300}?charset\s*+=\s*+[\"']?+\s*+([\w.:+-]{2,40})", re.I)
XML_ENCODING = re.compile(rb"^\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w.:+-]{2,40})", re.I)
HTML_LANG = re.compile(rb"<html\b[^>]{0,500}?\blang\s*=\s*[\"']?\s*([a-zA-Z]{2,3})", re.I)

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")  # what lxml refuses to write back
CONTROL_BYTES = bytes((*range(9), 11, 12, *range(14, 32), 127))  # in every charset, no control character without one
_REFERENCE = r"&#(?:0*(?:[0-8]|1[1245-9]|2\d|3[01]|6553[45])|x0*(?:[0-8bcef]|1[\da-f]|fff[ef]))(?:;|(?![\da-z]))"
CONTROL_REFERENCE = re.compile(_REFERENCE, re.I)
CONTROL_REFERENCE_BYTES = re.compile(_REFERENCE.encode(), re.I)


def decode(body: bytes, content_type: str | None = None) -> str:
    """Text of a page, without control characters; never fails."""
    return decode_page(body, content_type)[0]


def decode_page(body: bytes, content_type: str | None = None) -> tuple[str, bytes | None]:
    """Text of a page, without control characters, and `body` itself where it is that text in UTF-8; never fails."""
    text, charset = _decode(body, content_type)
    if len(body.translate(None, CONTROL_BYTES)) < len(body) or "\ufffe" in text or "\uffff" in text:
        text, charset = CONTROL.sub("", text), None
    if charset == "utf-8" and not CONTROL_REFERENCE_BYTES.search(body):
        return text, body
    return CONTROL_REFERENCE.sub("", text), None


def _decode(body: bytes, content_type: str | None) -> tuple[str, str | None]:
    """Text and the charset that the whole body is in; None where not every byte is of it.

    By BOM, HTTP charset, meta or XML declaration, UTF-8, then detection.
    """
    for bom, codec in BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(codec, "replace"), None
    if wide := utf16_without_bom(body[:HEAD_BYTES]):
        return body.decode(wide, "replace"), None
    declared = [name for label in declared_charsets(body, content_type) if (name := decoder_for(label))]
    # Bytes beyond ASCII that are valid UTF-8 are UTF-8: in any other charset that would be an accident.
    names = declared if body.isascii() else ["utf-8", *(name for name in declared if not name.startswith("utf-16"))]
    if not names and ESCAPE not in body:
        names = ["utf-8"]
    for name in names:
        found = decode_strictly(body, name, tolerant=name in declared or not declared)
        if found is not None:
            return found
    return body.decode(detect(body), "replace"), None


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


def decode_strictly(body: bytes, name: str, *, tolerant: bool) -> tuple[str, str | None] | None:
    """Text and charset, or None where the bytes are not in it.

    `tolerant`: one bad byte in fifty beyond ASCII passes, but then no charset is named.
    """
    try:
        return body.decode(name), name
    except UnicodeError:
        if not tolerant:
            return None
    text = body.decode(name, "replace")
    foreign = len(body) - len(body.translate(None, bytes(range(128, 256))))
    return (text, None) if (text.count("\ufffd") - body.count(b"\xef\xbf\xbd")) * 50 <= foreign else None


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
