"""Words that furniture is made of, by what it wants, in the languages we know of: one sign among many for the classifier.

No word decides by itself. Forms are listed as they stand in prompts, credits and footers, compared without case.
"""

from __future__ import annotations

from collections.abc import Iterable

MAX_WORDS = 60  # of a block are looked at
MAX_COUNT = 5

WORDS = {
    "prompt": ["newsletter", "newsletters", "subscribe", "subscribed", "subscriber", "subscribers", "subscription", "subscriptions", "signup", "login", "log", "register", "registered", "registration", "cookies", "follow", "download", "app", "apps", "inbox", "email", "mail", "click", "sponsored", "advertisement", "abonnement", "abonnements", "abonnieren", "abonniert", "abonnez", "abo", "anmelden", "anmeldung", "registrieren", "folgen", "folge", "inscrivez", "inscription", "suscríbete", "suscribirse", "suscripción", "suscriptores", "assine", "assinante", "assinantes", "siga", "síguenos", "seguir", "abbonati", "abbonamento", "iscriviti", "facebook", "twitter", "instagram", "whatsapp", "telegram", "tiktok", "youtube", "linkedin", "flipboard", "podcast", "podcasts", "donate", "donation", "donations", "spenden", "spende", "support", "unterstützen", "mitglied", "member", "members", "membership", "join", "share", "teilen", "compartir", "partager", "condividi", "delen", "dela", "del", "udostępnij", "поделиться", "подписаться", "подписывайтесь", "подпишитесь", "абонамент", "abonnieren", "nyhetsbrev", "nieuwsbrief", "abonneer", "aanmelden", "prenumerera", "zapisz", "subskrybuj", "abone", "takip", "tıklayın", "google", "push", "notifications", "benachrichtigungen", "unlock", "unlimited", "premium", "trial", "offer"],
    "pointer": ["read", "more", "related", "also", "see", "watch", "recommended", "trending", "popular", "mehr", "lesen", "lesetipp", "thema", "themen", "lire", "aussi", "voir", "lea", "también", "ver", "más", "leia", "veja", "mais", "leggi", "anche", "lees", "ook", "läs", "också", "les", "også", "læs", "czytaj", "też", "zobacz", "читайте", "также", "смотрите", "topics", "topic", "tags", "tag", "explore", "video", "videos", "gallery", "galerie", "weiterlesen", "dossier", "playlist", "live", "updates", "previous", "next", "zurück", "weiter", "continue"],
    "legal": ["copyright", "©", "rights", "reserved", "reserve", "alle", "rechte", "vorbehalten", "reproduced", "reproduction", "disclaimer", "affiliate", "commission", "provision", "provisionen", "terms", "privacy", "trademark", "imprint", "impressum", "datenschutz", "agb", "derechos", "reservados", "reproducción", "direitos", "droits", "réservés", "diritti", "riservati", "republish", "republished", "licensed", "license", "permission", "material", "materials", "agree", "policy", "conditions", "prohibited", "guidelines"],
    "credit": ["photo", "photograph", "photos", "picture", "image", "images", "foto", "fotos", "bild", "bilder", "fotografía", "crédito", "créditos", "credit", "credits", "courtesy", "getty", "reuters", "afp", "ap", "epa", "shutterstock", "imago", "dpa", "screenshot", "quelle", "source", "fuente", "via", "archiv", "file", "illustration", "pic", "ansa", "efe", "istock", "adobe", "unsplash", "wikimedia"],
    "person": ["is", "covers", "joined", "reporter", "editor", "journalist", "writer", "author", "correspondent", "contributor", "contributed", "reporting", "editing", "writing", "redakteur", "redakteurin", "redaktion", "autor", "autorin", "journaliste", "studied", "worked", "writes", "her", "his", "freelance", "born", "schreibt", "studierte", "geboren", "columnist", "bureau", "chief", "graduate", "based", "twitter", "contact", "reach", "reached", "periodista", "redactor", "rédacteur", "giornalista", "dziennikarz", "университет", "корреспондент", "about", "former", "award", "winning", "experience"],
    "reaction": ["comment", "comments", "kommentar", "kommentare", "commentaires", "comentarios", "comentários", "reply", "replies", "login", "conversation", "discussion", "report", "feedback", "corrections", "correction", "suggest", "errors", "typo", "fehler", "gefunden", "rate", "rating", "vote", "votes", "likes", "views", "shares", "debatte", "diskussion", "leserbrief", "letters"],
    "time": ["ago", "min", "mins", "minute", "minutes", "hour", "hours", "read", "updated", "published", "posted", "last", "modified", "stand", "aktualisiert", "veröffentlicht", "uhr", "minuten", "lesezeit", "publié", "mis", "jour", "actualizado", "publicado", "atualizado", "aggiornato", "pubblicato", "bijgewerkt", "gepubliceerd", "uppdaterad", "publicerad", "oppdatert", "opublikowano", "обновлено", "опубликовано", "vor", "stunden", "heures", "hace", "horas", "atrás", "am", "pm", "gmt", "est", "edt", "utc", "ist", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
}  # fmt: skip
GROUPS = tuple(WORDS)
_GROUPS_OF: dict[str, list[int]] = {}
for _number, _words in enumerate(WORDS.values()):
    for _word in _words:
        _GROUPS_OF.setdefault(_word, []).append(_number)


def words_of(words: Iterable[str]) -> list[int]:
    """How many of the words (lower case) are of each group, up to MAX_COUNT."""
    counts = [0] * len(GROUPS)
    for word in list(words)[:MAX_WORDS]:
        for group in _GROUPS_OF.get(word, ()):
            counts[group] += 1
    return [min(count, MAX_COUNT) for count in counts]
