"""Addresses: made absolute, made readable, made comparable, and who they belong to.

Three forms of an address:

    absolute      what a document says, resolved: may be fetched, says nothing about equality
    normalise     the same page, spelled cleanly: may be fetched, shown and stored
    identity      one spelling for all spellings of one article: for comparing only, never fetched (`url_key` hashes it)
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from ingest.fingerprint import key64

if TYPE_CHECKING:
    from tld.utils import MozillaTLDSourceParser

MAX_CHARACTERS = 4096

# Query arguments that say how a reader came, never which article: compared in lower case.
# Not here, because somewhere they carry identity: id, p, page, story, ref, source, src, from, mod, feature, share.
TRACKING_PREFIXES = ("utm_", "at_", "ns_", "wt_", "wt.", "hsa_", "mtm_", "gaa_", "guce_", "__twitter_")
CLICK_IDS = (  # of advertising networks and mailers
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid igshid igsh li_fat_id rdt_cid "
    "mc_cid mc_eid mkt_tok _hsenc _hsmi vero_id vero_conv oly_enc_id oly_anon_id dm_i ef_id s_kwcid dicbo tblci "
    "spmailingid spuserid spjobid spreportid _ga _gl _openstat guccounter"
)
CAMPAIGNS = (  # by publisher or statistics package
    "cmp cmpid s_cid ncid icid ocid cvid ito itid xtor xtref xtcr mbid bxid cndid esrc smid smtyp wpisrc wpmm ftag "
    "pk_campaign pk_kwd pk_source pk_medium pk_content piwik_campaign piwik_kwd traffic_source sr_share "
    "fb_action_ids fb_action_types fb_ref fb_source soc_src soc_trk ref_src ref_url trk feedtype feedname"
)
ADDED_BY_AMP = "usqp amp_gsa amp_js_v amp_ct amp_r amp_kit"
TRACKING_NAMES = frozenset(f"{CLICK_IDS} {CAMPAIGNS} {ADDED_BY_AMP}".split())
AMP_ARGUMENTS = frozenset(("amp", "amp=", "amp=1", "amp=true", "outputtype=amp", "output=amp"))

DEFAULT_PORTS = {"http": 80, "https": 443}
DEVICE_PREFIXES = ("m.", "mobile.", "amp.")
RESERVED_SUFFIXES = frozenset(("example", "test", "invalid", "localhost"))  # RFC 2606
CONTROLS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")  # and halves of characters
HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\Z")
ESCAPE = re.compile(r"%([0-9a-fA-F]{2})?")
UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986 section 2.3
LEGAL = "/?%:@!$&'()*+,;=~"  # beside letters, digits and "-._", in any part behind the host
AMP_CACHE = re.compile(r"(?:[^.]+\.)*(?:cdn\.ampproject\.org|bing-amp\.com)\Z")
AMP_CACHE_PATH = re.compile(r"/+(?:c|v|wp/c|wp)/+(s/+)?(.+)")
AMP_VIEWER = re.compile(r"(?:[^.]+\.)*google\.(?:com?\.)?[a-z]{2,3}\Z")
AMP_VIEWER_PATH = re.compile(r"/+amp/+(s/+)?(.+)")
HOME_SEGMENT = re.compile(
    r"(?:[a-z]{2}(?:[-_][a-z]{2})?|home|homepage|(?:index|home|default)\.(?:html?|php|aspx?|jsp))\Z", re.IGNORECASE
)


def absolute(base: str, href: str) -> str | None:
    """`href` as found in the document at `base`, resolved (RFC 3986 section 5): http(s) with a host, in ASCII.

    None for every other scheme, no host, a broken one, or more than 4,096 characters. `base` may be "".
    """
    href = _trimmed(href)
    if not href or len(href) > MAX_CHARACTERS:
        return None
    try:
        parts = urlsplit(urljoin(_trimmed(base), href))
        netloc = _netloc(parts, with_user=True)
    except ValueError:  # a port that is none, brackets that do not match, letters that turn into slashes
        return None
    if parts.scheme not in DEFAULT_PORTS or not netloc:
        return None
    url = urlunsplit((parts.scheme, netloc, *(_ascii(part) for part in (parts.path, parts.query, parts.fragment))))
    return url if len(url) <= MAX_CHARACTERS else None


def normalise(url: str) -> str:
    """The clean spelling of an address, which can still be fetched: what is not an http(s) address comes back stripped.

    Lower-case host, no default port, no user, no fragment, no dot segments, no tracking arguments, one spelling of
    escapes; AMP caches unwrapped. Scheme, www., paths and the order of arguments stay.
    """
    parts = _normalised(url)
    return url.strip() if parts is None else urlunsplit(parts)


def _normalised(url: str) -> SplitResult | None:
    while (parts := _clean(url)) is not None:
        inner = _uncached(parts)
        if inner is None:
            return parts
        url = inner
    return None


def identity(url: str) -> str:
    """One spelling for all spellings of an article's address; for comparing only. Never raises."""
    parts = _normalised(url)
    if parts is None:
        return url.strip()
    host = _plain_host(parts.hostname or "")
    port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    arguments = (part for part in parts.query.split("&") if part and part.lower() not in AMP_ARGUMENTS)
    query = "&".join(sorted(arguments, key=lambda part: part.partition("=")[0]))  # equal names keep their order
    return urlunsplit(("https", _bracketed(host) + port, _plain_path(parts.path), query, parts.fragment))


@lru_cache(1_000)
def url_key(url: str) -> int:
    """A signed 64-bit integer, equal for all spellings of one article's address."""
    return key64(identity(url))


def host_of(url: str) -> str:
    """The lower-case ASCII name (or IP address) that politeness is owed to, without port; "" where there is none."""
    parts = _clean(url)
    return (parts.hostname or "") if parts else ""


def origin_of(url: str) -> str:
    """Scheme and host, and the port where it is not the default: "https://example.com"; "" where there is no host."""
    parts = _clean(url)
    return f"{parts.scheme}://{parts.netloc}" if parts else ""


@lru_cache(maxsize=8192)
def registrable_domain(host: str) -> str:
    """The part of a host name that somebody registered: "bbc.co.uk" for "news.bbc.co.uk" (publicsuffix.org).

    Hosts of users count as registered (`someone.github.io`). IP addresses, public suffixes themselves and names
    under unknown suffixes are their own domains. Never asks the network.
    """
    host = host.strip().lower().rstrip(".")
    labels = host.split(".")
    if _is_ip(host) or len(labels) == 1:
        return host
    if labels[-1] in RESERVED_SUFFIXES:
        return ".".join(labels[-2:])
    return _registered(host) or host


def is_home_page(url: str) -> bool:
    """Whether the address names a front page: "/", "/en/", "/index.html", "/home". "/?p=1" is an article."""
    parts = _clean(url)
    if parts is None or parts.query or parts.fragment:
        return False
    segments = [segment for segment in parts.path.split("/") if segment]
    return len(segments) <= 2 and all(HOME_SEGMENT.match(segment) for segment in segments)


def choose_canonical(final_url: str, declared: str | None) -> str:
    """The address that an article is filed under: the declared one where it can be believed, else the final one.

    Believed: http(s), the same registrable domain, and not a front page for a page that is none. Normalised.
    """
    final = normalise(final_url)
    stated = absolute(final_url, declared) if declared else None
    if stated is None or registrable_domain(host_of(stated)) != registrable_domain(host_of(final)):
        return final
    if is_home_page(stated) and not is_home_page(final):
        return final
    return normalise(stated)


# --- cleaning -----------------------------------------------------------------------------------------------------


def _trimmed(text: str) -> str:
    """Without white space around and control characters within; backslashes as browsers read them (WHATWG URL)."""
    text = CONTROLS.sub("", text.strip()).strip()
    place = re.search(r"[?#]", text)
    end = place.start() if place else len(text)
    return text[:end].replace("\\", "/") + text[end:]


def _ascii(part: str) -> str:
    """Everything but legal characters escaped; escapes that are there stay."""
    return quote(part, safe=LEGAL, errors="replace")


def _escape(found: re.Match[str]) -> str:
    if found[1] is None:
        return "%25"  # a stray per cent sign
    code = int(found[1], 16)
    return chr(code) if code in UNRESERVED else f"%{found[1].upper()}"


def _clean(url: str) -> SplitResult | None:
    """The parts of the clean spelling; None where it is no http(s) address."""
    found = absolute("", url)
    if found is None:
        return None
    parts = urlsplit(found)
    path = _without_dots(ESCAPE.sub(_escape, parts.path))
    query = "&".join(part for part in ESCAPE.sub(_escape, parts.query).split("&") if not _is_tracking(part))
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""  # pages that route in the browser
    return SplitResult(parts.scheme, _netloc(parts), path, query, ESCAPE.sub(_escape, fragment))


def _is_tracking(argument: str) -> bool:
    name = argument.partition("=")[0].lower().removeprefix("amp;")  # "&amp;utm_source=": escaped twice
    return not argument or name in TRACKING_NAMES or name.startswith(TRACKING_PREFIXES)


def _without_dots(path: str) -> str:
    """RFC 3986 section 5.2.4; the root where nothing is left."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _netloc(parts: SplitResult, *, with_user: bool = False) -> str:
    """Host in ASCII, port where it is not the default. "" without a host, ValueError for an impossible one."""
    host = _ascii_host(parts.hostname or "")
    if not host:
        return ""
    port = "" if parts.port in (None, DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    user = parts.netloc.rpartition("@")[0] if with_user else ""
    return (quote(user, safe=":%!$&'()*+,;=~") + "@" if user else "") + _bracketed(host) + port


def _ascii_host(host: str) -> str:
    """Lower-case, IDNA (the library's of 2003: it reads "ß" as "ss"). IP addresses stay as they are."""
    if ":" in host:
        if "%" in host:
            raise ValueError(host)
        return str(ip_address(host))
    if len(host) > 253:
        raise ValueError(host)
    name = host.rstrip(".") if host.isascii() else host.encode("idna").decode("ascii").rstrip(".")
    name = name.lower()
    if name and not HOST.match(name):
        raise ValueError(host)
    return name


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


# --- AMP and devices ----------------------------------------------------------------------------------------------


def _uncached(parts: SplitResult) -> str | None:
    """The publisher's address inside an AMP cache's or viewer's."""
    host = parts.hostname or ""
    pattern = AMP_CACHE_PATH if AMP_CACHE.match(host) else AMP_VIEWER_PATH if AMP_VIEWER.match(host) else None
    found = pattern.match(parts.path) if pattern else None
    if not found or "." not in found[2].partition("/")[0]:
        return None
    scheme = "https" if found[1] else "http"
    inner = f"{scheme}://{found[2]}" + (f"?{parts.query}" if parts.query else "")
    return inner if absolute("", inner) else None


def _plain_host(host: str) -> str:
    """Without www., m., mobile., amp. in front, unless that is the registered name itself ("m.co.uk")."""
    while True:
        if host.startswith("www.") and "." in host[4:]:
            host = host[4:]
            continue
        prefix = next((prefix for prefix in DEVICE_PREFIXES if host.startswith(prefix)), None)
        if prefix is None or registrable_domain(host) == host or _is_ip(host):
            return host
        host = host.removeprefix(prefix)


def _plain_path(path: str) -> str:
    """Without doubled slashes, AMP's marks, the name of an index file and the slash at the end."""
    segments = [segment for segment in path.split("/") if segment]
    while (shorter := _without_marks(segments)) != segments:
        segments = shorter
    return "/" + "/".join(segments)


def _without_marks(segments: list[str]) -> list[str]:
    """/amp/story, /story/amp, /story.amp, /story.amp.html, /story/index.html to /story; a lone "amp" is a name."""
    if len(segments) > 1 and segments[-1].lower() in ("amp", "index.html", "index.htm"):
        return segments[:-1]
    if len(segments) > 1 and segments[0].lower() == "amp":
        return segments[1:]
    stem, mark, ending = segments[-1].rpartition(".amp") if segments else ("", "", "")
    if stem.strip(".") and mark and ending in ("", ".html", ".htm"):
        return [*segments[:-1], stem + ending]
    return segments


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _registered(host: str) -> str | None:
    from tld import get_fld

    parts = SplitResult("https", host, "", "", "")
    return get_fld(parts, fail_silently=True, parser_class=_suffixes())


@cache
def _suffixes() -> type[MozillaTLDSourceParser]:
    """The list of public suffixes that comes with `tld`: 100 ms to import and load, so it waits for the first name."""
    from tld.utils import MozillaTLDSourceParser

    class PackagedSuffixes(MozillaTLDSourceParser):
        uid = "packaged"

        @classmethod
        def update_tld_names(cls, fail_silently: bool = False) -> bool:
            return False  # the library would download a list where its own file is missing

    return PackagedSuffixes
