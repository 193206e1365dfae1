"""Newsletters and other mail saved as text: what the headers state, and the text below them."""

from __future__ import annotations

import binascii
import quopri
import re
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.header import decode_header, make_header

from ingest.dates import parse_date

# What mail programs call the headers, in the languages in which they are printed.
SUBJECT = (
    "subject|betreff|objet|asunto|oggetto|assunto|onderwerp|temat|тема|"
    "ämne|emne|aihe|konu|θέμα|件名|主题|主旨|제목|الموضوع|נושא"
)
SENDER = "from|von|de|da|van|od|от|від|från|fra|lähettäjä|kimden|gönderen|από|差出人|发件人|寄件者|보낸 사람|من|מאת"
DATE = (
    "date|datum|fecha|data|дата|dato|"
    "päivämäärä|tarih|ημερομηνία|日付|日期|날짜|التاريخ|תאריך|"
    "sent|gesendet|envoyé|enviado|inviato|verzonden|wysłano|отправлено|送信日時|发送时间|보낸 날짜"
)
OTHERS = (
    "to|cc|bcc|reply-to|sender|an|kopie|antwort an|à|para|a|aan|do|кому|till|til|kime|προς|宛先|收件人|받는 사람|"
    "إلى|אל|"
    "message-id|mime-version|content-[a-z-]{2,30}|received|return-path|delivered-to|list-[a-z-]{2,20}|precedence|"
    "references|in-reply-to|dkim-signature|authentication-results|arc-[a-z-]{2,30}|user-agent|x-[a-z0-9-]{1,40}|"
    "importance|priority|feedback-id|errors-to"
)
HEADER = re.compile(
    rf"[*_\s>]*(?:(?P<subject>{SUBJECT})|(?P<sender>{SENDER})|(?P<date>{DATE})|"
    rf"(?:{OTHERS}))[*_]*\s?[:：][*_]*(?:\s+(?P<value>.*)|$)",
    re.I,
)
FORWARDED = re.compile(
    r"[\s>]*(?:-{3,}\s?\w[\w\s]{5,60}\s?-{3,}|begin forwarded message:|"
    r"anfang der weitergeleiteten .{5,30}:)\s*",
    re.I,
)
REPLY_MARK = re.compile(
    r"^(?:(?:re|fwd?|aw|wg|tr|rv|i|enc|vs|sv|odp|ha|antw|ynt|ilt|回复|转发|답장)\s?[:：]\s*|\[[^\[\]]{1,30}\]\s+)+",
    re.I,
)
SIGNATURE = re.compile(r"-- ?")
QUOTED_PRINTABLE = re.compile(r"content-transfer-encoding:\s*quoted-printable", re.I)
ADDRESS = re.compile(r"\s*[<(\[]?[^\s<>()\[\]]+@[^\s<>()\[\]]+[>)\]]?|\s*\[mailto:.*")
REACH = 12  # lines without a header before the first one
MAX_HEADERS = 120
MAX_SIGNATURE = 12  # lines


@dataclass(frozen=True, slots=True)
class Mail:
    """What the headers state, and the lines below."""

    lines: list[str]
    subject: str | None = None
    sender: str | None = None
    sent: datetime | None = None


def open_mail(lines: list[str]) -> Mail | None:
    """A text as mail; None where it is none. Of a forwarded one, the inner headers count."""
    mail: Mail | None = None
    for _ in range(3):
        rest = mail.lines if mail else lines
        start = next((n for n, line in enumerate(rest[: REACH * 2]) if HEADER.match(line)), None)
        if start is None or not is_opening(rest[:start]):
            break
        stated, end = headers(rest, start)
        if len(stated) < 2 or not {"subject", "date", "sender"} & stated.keys():
            break
        raw = "\n".join(rest[start:end])
        body = unfold(rest[end:]) if QUOTED_PRINTABLE.search(raw) else rest[end:]
        mail = Mail(unsigned(body), *fields(stated, mail))
    return mail


def is_opening(lines: list[str]) -> bool:
    """Whether nothing stands above the headers but a line that says "forwarded"."""
    said = [line for line in lines if line.strip()]
    return all(FORWARDED.fullmatch(line) for line in said[-1:]) and len(said) <= REACH


def headers(lines: list[str], start: int) -> tuple[dict[str, str], int]:
    """(value by kind of header, where they end)."""
    stated: dict[str, str] = {}
    kind = ""
    for number in range(start, min(len(lines), start + MAX_HEADERS)):
        line = lines[number]
        if found := HEADER.match(line):
            kind = next((name for name in ("subject", "sender", "date") if found[name]), found[0][:20].casefold())
            stated.setdefault(kind, (found["value"] or "").strip())
        elif line.strip() and line[:1].isspace() and kind:
            stated[kind] += " " + line.strip()  # RFC 5322, section 2.2.3: folded
        else:
            return stated, number
    return stated, min(len(lines), start + MAX_HEADERS)


def fields(stated: dict[str, str], outer: Mail | None) -> tuple[str | None, str | None, datetime | None]:
    subject = REPLY_MARK.sub("", decoded(stated.get("subject", ""))).strip()
    sender = ADDRESS.sub("", decoded(stated.get("sender", ""))[:300]).strip(" \"'*")
    sent = parse_date(stated["date"].strip("* ")) if stated.get("date") else None
    return (
        subject or (outer.subject if outer else None),
        sender or (outer.sender if outer else None),
        sent or (outer.sent if outer else None),
    )


def decoded(text: str) -> str:
    """RFC 2047: "=?utf-8?Q?...?=" as what it says."""
    if "=?" not in text:
        return text
    try:
        return str(make_header(decode_header(text[:2_000])))
    except (MessageError, LookupError, ValueError, binascii.Error):
        return text


def unfold(lines: list[str]) -> list[str]:
    """Quoted-printable undone (RFC 2045, section 6.7)."""
    body = quopri.decodestring("\n".join(lines).encode("utf-8", "replace"))
    return body.decode("utf-8", "replace").split("\n")


def unsigned(lines: list[str]) -> list[str]:
    """Without a signature at the end."""
    for number in range(len(lines) - 1, max(0, len(lines) - MAX_SIGNATURE), -1):
        if SIGNATURE.fullmatch(lines[number]):
            return lines[:number]
    return lines
