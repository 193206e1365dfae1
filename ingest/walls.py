"""What stands in place of an article: consent walls, bot challenges, log-ins, error pages, front pages, lists.

Words decide only on pages with little text: an article about cookies or captchas is an article. Imports nothing heavy,
because the fetcher asks `challenge_reason` of every refusal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.model import Kind, Reason
from ingest.urls import host_of, is_home_page

WALL_WORDS = 200  # a page with more words of its own than this is no wall
EMPTY_WORDS = 8
LIST_LINKS = 10  # as long as headlines
SCAN = 20_000  # characters of the page that are looked at

# Headers that say "this is a check, not the page", whatever the status.
CHALLENGE_HEADERS = (
    ("cf-mitigated", "challenge"),
    ("x-vercel-mitigated", "challenge"),
    ("x-amzn-waf-action", ""),
    ("x-sucuri-block", ""),
    ("x-px-block", ""),
)
REFUSALS = frozenset((202, 401, 403, 405, 406, 409, 418, 429, 503, 520))

# Traces of the checks themselves; a page that is served normally may carry the scripts of some, so words count too.
CHALLENGE_MARKS = re.compile(
    r"cdn-cgi/challenge-platform/h/|_cf_chl_opt|cf-chl-|cf_chl_|cf-browser-verification|id=[\"']challenge-(?:form|"
    r"running|error)|"
    r"captcha-delivery\.com|var dd=\{|px-captcha|_pxappid|_incapsula_resource|incapsula incident id|"
    r"errors\.edgesuite\.net|akam/13/|bm-verify=|sec-if-cpt-container|sucuri_cloudproxy_js|anubis_challenge|"
    r"within\.website|"
    r"awswafintegration|gokuprops|kpsdk|ddos-guard|distil_r_captcha|h-captcha|g-recaptcha|cf-turnstile|qrator",
    re.I,
)
CHALLENGE_WORDS = re.compile(
    r"just a moment|checking (?:your browser|if the site connection is secure)|attention required|verif(?:y|"
    r"ying) (?:that )?you are (?:a )?human|"
    r"are you (?:a |not a )?(?:human|robot)|i['’]m not a robot|enable javascript and cookies|please (?:enable|"
    r"turn on) (?:javascript|js|cookies)|"
    r"unusual (?:traffic|activity)|access (?:to this page has been )?denied|you (?:have been|are being) (?:blocked|"
    r"rate limited)|pardon our interruption|"
    r"ddos protection by|security (?:check|verification)|bot (?:check|verification)|request unsuccessful|"
    r"human verification|prove you['’]re not a robot|"
    r"complete the (?:captcha|security check)|solve the captcha|press (?:&|and) hold|bitte (?:aktivieren|warten) sie|"
    r"sind sie ein (?:mensch|roboter)|"
    r"vérifi(?:cation|ez) que vous (?:êtes|n['’]êtes)|accès temporairement restreint|verifica que eres humano|"
    r"making sure you['’]re not a bot|performing security verification",
    re.I,
)
CONSENT_HOST = re.compile(r"^(?:consent|cmp|myprivacy|privacy|guce|gdpr|cookies?|zustimmung)\.", re.I)
CONSENT_PATH = re.compile(
    r"/(?:collectconsent|consent(?:wall)?|privacy-?(?:gate|wall|prompt)|cookie-?(?:wall|consent)|cookiewall|gdpr|"
    r"zustimmung)(?:[/?#]|$)",
    re.I,
)
CONSENT_TITLE = re.compile(
    r"\b(?:consent|zustimmung|einwilligung|consentement|consentimiento|consenso|toestemming|samtykke|samtycke)\b|"
    r"cookie(?:s|wall|-einstellungen| (?:settings|preferences|consent))?\b|"
    r"before you continue|your privacy|datenschutz|privacy (?:gate|choices|settings|wall)|privatsphäre|vie privée|"
    r"privacidad|"
    r"werbung und tracking|pur-?abo|nutzung mit werbung",
    re.I,
)
CONSENT_WORDS = re.compile(
    r"accept (?:all|cookies)|agree (?:and|&) (?:continue|close)|i agree|reject all|manage (?:options|choices|"
    r"preferences|settings|cookies)|"
    r"we (?:and our \w+ ?(?:partners|vendors)?|value your|use cookies)|our (?:\d+ )?partners|use of cookies|"
    r"legitimate interest|personal(?:ised|ized) (?:ads|content)|"
    r"alle(?:s)? akzeptieren|akzeptieren und weiter|zustimmen|einwilligung|wir (?:und unsere|verwenden|nutzen|"
    r"benötigen)|cookies? und|mit werbung (?:und|weiterlesen|lesen)|"
    r"datenschutzerklärung|tracking|tout accepter|accepter (?:et|les|tout)|continuer sans accepter|nos partenaires|"
    r"nous (?:et nos|utilisons)|"
    r"aceptar (?:y|todo|las|cookies)|nuestros (?:\d+ )?socios|rechazar|accetta|rifiuta|partner(?:s)? (?:store|"
    r"process|use)|akkoord|alles accepteren|onze partners|"
    r"godta|godkänn|acceptér|cookie policy|privacy policy|store and/or access information",
    re.I,
)
LOGIN_TITLE = re.compile(
    r"^\W*(?:log ?in|sign ?in|anmelden|anmeldung|einloggen|connexion|se connecter|iniciar sesión|accedi|inloggen|"
    r"logga in|logg inn|log ind|register|create (?:an )?account|subscribe)\b",
    re.I,
)
MISSING = re.compile(
    r"^\W*(?:(?:error\W*)?(?:404|410|500|502|503)\b|error$|page (?:not found|unavailable|does not exist)|not found|"
    r"(?:this|the) page (?:could not|can['’]t|cannot|isn['’]t|is not|does not|doesn['’]t|no longer)|"
    r"(?:sorry|oops)\b.{0,60}(?:page|find|found|exist|wrong)|we (?:can['’]t|cannot|couldn['’]t) find|"
    r"(?:die )?seite (?:wurde )?nicht gefunden|diese seite (?:existiert|gibt es) nicht|inhalt nicht (?:gefunden|"
    r"verfügbar)|"
    r"page (?:introuvable|non trouvée)|cette page n['’]existe|página no encontrada|no se (?:ha )?encontr|"
    r"pagina non trovata|pagina niet gevonden|sidan (?:hittades inte|kunde inte)|siden (?:finnes ikke|blev ikke)|"
    r"página não encontrada|nie znaleziono|страница не найдена|ページが見つかりません|something went wrong|"
    r"an error (?:has )?occurred|internal server error|bad gateway|service unavailable|"
    r"(?:site )?under (?:construction|maintenance)|index of /)",
    re.I,
)
OTHER_DOCUMENT = re.compile(
    r"\s*(?:<\?xml[^>]{0,300}>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:rss|feed|rdf:RDF|urlset|sitemapindex|opml)\b", re.S
)
PASSWORD = re.compile(r"<input\b[^<>]{0,300}\btype\s*=\s*[\"']?password", re.I)


@dataclass(frozen=True, slots=True)
class Seen:
    """What `page_reason` judges by."""

    url: str  # the one that answered
    start: str  # the first part of the source
    title: str
    text: str  # what was extracted
    words: int
    links: int  # anchors as long as a headline
    kind: Kind
    is_article: bool  # the page says so: JSON-LD type, og:type
    has_date: bool


def challenge_reason(status: int, headers: Mapping[str, str], body_start: bytes | str) -> Reason | None:
    """CHALLENGE where a refusal is a bot check rather than a plain "no". `headers`: names in lower case."""
    for name, value in CHALLENGE_HEADERS:
        if value in headers.get(name, "\x00").lower() and name in headers:
            return Reason.CHALLENGE
    if status not in REFUSALS:
        return None
    if "datadome" in headers.get("server", "").lower() or "x-datadome" in headers:
        return Reason.CHALLENGE
    start = body_start[:SCAN].decode("utf-8", "replace") if isinstance(body_start, bytes) else body_start[:SCAN]
    return Reason.CHALLENGE if CHALLENGE_MARKS.search(start) else None


def page_reason(seen: Seen) -> Reason | None:
    """Why a page that came with status 200 is no article; None where it is one."""
    if OTHER_DOCUMENT.match(seen.start[:2_000]):
        return Reason.NOT_AN_ARTICLE
    if is_home_page(seen.url):
        return Reason.HOME_PAGE
    if seen.words <= WALL_WORDS and (reason := wall(seen)) is not None:
        return reason
    if is_list(seen):
        return Reason.NOT_AN_ARTICLE
    is_media = bool(seen.title) and seen.kind in (Kind.VIDEO, Kind.GALLERY, Kind.LIVE)
    return Reason.EMPTY_PAGE if seen.words < EMPTY_WORDS and not is_media else None


def wall(seen: Seen) -> Reason | None:
    """The judgement on a page with little text."""
    text = f"{seen.title}\n{seen.text[:3_000]}"
    if is_challenge(seen, text):
        return Reason.CHALLENGE
    if seen.is_article and seen.has_date:
        return None
    if is_consent(seen, text):
        return Reason.CONSENT_WALL
    if MISSING.search(seen.title) or (seen.words < 80 and MISSING.search(seen.text)):
        return Reason.NOT_AN_ARTICLE
    if LOGIN_TITLE.search(seen.title) and (seen.words < 60 or PASSWORD.search(seen.start[:SCAN])):
        return Reason.NOT_AN_ARTICLE
    return None


def is_challenge(seen: Seen, text: str) -> bool:
    """A bot check: its title, or its words and traces together, or a small page that is nothing but its script."""
    source = seen.start[:SCAN]
    if CHALLENGE_WORDS.search(seen.title) and seen.words < 80 and not seen.has_date:
        return True
    if seen.is_article:
        return False
    if CHALLENGE_WORDS.search(text) and seen.words < 60:
        return True
    if not CHALLENGE_MARKS.search(source):
        return False
    return CHALLENGE_WORDS.search(source) is not None or (seen.words < EMPTY_WORDS and len(source) < 8_000)


def is_consent(seen: Seen, text: str) -> bool:
    """A page that asks for cookies: by its address, by its title and words, or by its words alone."""
    words = {match[0].casefold() for match in CONSENT_WORDS.finditer(text)}
    path = seen.url.split("?", 1)[0]
    if CONSENT_HOST.match(host_of(seen.url)) or CONSENT_PATH.search(path):
        return True
    return bool(CONSENT_TITLE.search(seen.title) and words) or (len(words) >= 3 and not seen.has_date)


def is_list(seen: Seen) -> bool:
    """Headlines under headlines and no running text, on a page that does not call itself an article."""
    if seen.is_article or seen.kind is not Kind.ARTICLE:
        return False
    lines = [len(line) for line in seen.text.splitlines() if line]
    headlines_only = not lines or (max(lines) <= 240 and sum(lines) < 90 * len(lines))
    return seen.links >= LIST_LINKS and not seen.has_date and headlines_only
