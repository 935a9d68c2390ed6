"""Notices: what a page says to its visitor rather than about the world (cookies, subscriptions, copyright, comments).

An article may speak of cookies and newsletters too, so no word makes a notice. A notice *speaks to the visitor*: a
clause of it begins with the turn of phrase ("Subscribe to our ..."), or names this very site, or it is about the page
itself. Words that are quoted say nothing, and of a long paragraph only the first words and the last count.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rag.text.normalisation import fold

_LONGEST = 90  # words; privacy notices of cookie banners reach that
_SHORT = 25  # words up to which each clause counts, not the first alone
_LABEL = 12  # words of a copyright line or a label, in which a turn of phrase may stand anywhere

# Turns of phrase with which a clause that speaks to the visitor begins, folded when read.
_ADDRESSES = """
folosim cookie|utilizăm cookie|folosim module cookie|acceptă toate|abonează-te|abonați-vă|aboneaza-te|înscrie-te la
dacă ți-a plăcut articolul|urmărește cele mai noi|urmărește-ne|urmăriți-ne|preluarea fără|comentariile sunt moderate
trebuie să fii autentificat|descarcă aplicația|articolul continuă după|continuă să citești|continuă lectura
susține-ne|susține jurnalismul|redirecționează|pentru a vedea acest conținut|ai observat o greșeală
ați observat o greșeală|primește știrile
uporabljamo piškotke|sprejmi vse|naročite se|naroči se|prijavite se na|prijavi se na e-novice|prijavi se na
spremljajte nas|za komentiranje|morate biti prijavljeni|prenesite aplikacijo|nadaljujte z branjem|za ogled celotnega
za ogled te vsebine|za branje celotnega|pridružite se nam|ste v članku našli napako|ste že naročnik|že naročnik
celoten članek|članek je na voljo|prijavi neprimeren|naročnino lahko|podprite nas
we use cookies|accept all|cookie settings|cookie preferences|subscribe to our|subscribe to the|subscribe now
subscribe for|sign up for|sign up to|get our newsletter|get all the|follow us on|follow us at|download our app
download the app|you must be logged in|log in to comment|comments are moderated|comments are closed|privacy notice:
article continues below|story continues below|continue reading|support our journalism|already a subscriber|click here to
we ask for your permission|this discussion is now closed|to view this content|this article includes content provided by
this content is provided by|for more information see our|have you spotted|to continue reading
when you purchase through|to read the full|to keep reading
wir verwenden cookies|wir nutzen cookies|alle akzeptieren|abonnieren sie|newsletter abonnieren|melden sie sich für
jetzt anmelden|jetzt abonnieren|folgen sie uns|laden sie unsere app|um kommentieren zu können
bitte melden sie sich an|weiterlesen mit|nach der anzeige|unser newsletter|mit der bestellung akzeptieren
ich bin bereits abonnent|sie haben bereits ein|um diesen inhalt|an dieser stelle finden sie|jetzt weiterlesen
nous utilisons des cookies|tout accepter|abonnez-vous|inscrivez-vous|recevez notre newsletter|recevez chaque
recevez gratuitement|suivez-nous|téléchargez l'application|connectez-vous pour|déjà abonné|il vous reste|je m'abonne
vous pouvez lire|soutenez une presse|soutenez-nous|pour afficher ce contenu|la suite est réservée|article réservé
la suite de cet article|ce message s'affichera|pour lire la suite|la suite après la publicité|le lecteur audio n'est pas
utilizziamo i cookie|utilizziamo cookie|accetta tutti|iscriviti|abbonati a|abbonati per|abbonati ora|seguici su
scarica l'app|per commentare|per continuare a leggere|sei già abbonato|per visualizzare questo contenuto
i commenti sono moderati|ricevi ogni|ho letto e accetto|contenuto riservato agli
utilizamos cookies|usamos cookies|aceptar todas|aceptar todo|suscríbete|suscríbase|recibe en tu correo|recibe cada
síguenos en|síganos en|descarga la app|descarga nuestra|para comentar|inicia sesión|tienes una suscripción
para seguir leyendo|ya eres suscriptor|apúntate a|recibe el boletín|para ver este contenido
si está interesado en licenciar|rellena tu nombre|contenido exclusivo para|regístrate
koristimo kolačiće|prihvati sve|pretplatite se|pretplati se|prijavite se na newsletter|prijavi se na newsletter
prijavite se na naš|pratite nas|preuzmite aplikaciju|za komentiranje|morate biti prijavljeni|nastavite čitati
izneseni stavovi|tekstovi objavljeni na|komentare na članak mogu|sadržaj se nastavlja|znate nešto više
želite li biti obaviješteni|prijavom prihvaćam|uključite obavijesti|za prikaz ovog sadržaja
članak je dostupan samo|ovaj članak dostupan je
"""

# Imperatives with "us": whom they are addressed to is clear from any sentence that begins so.
_TO_US = """
trimite-ne|trimiteți-ne|scrie-ne|scrieți-ne|sună-ne|sunați-ne|spune-ne|pišite nam|pošljite nam|javite nam|sporočite nam
contact us|write to us|send us|email us|tell us what|get in touch with us|schreiben sie uns|schicken sie uns
senden sie uns|écrivez-nous|envoyez-nous|contactez-nous|scrivici|scriveteci|inviaci|mandaci|contattaci|escríbenos
envíanos|contáctanos|cuéntanos|pošaljite nam|javite nam se|podržite nas
"""

# What pages say under their comments and columns.
_DISCLAIMERS = """
textul reprezintă opinia|opiniile exprimate|besedilo izraža stališče|prispevek izraža|mnenje avtorja ne odraža
the views expressed|views expressed in|der beitrag gibt|die meinung des autors|les opinions exprimées|cette tribune ne
le opinioni espresse|las opiniones expresadas|stavovi izneseni u|this essay appears in|this article appears in
this article first appeared|this story originally appeared
"""

# Statements of right and of access: a clause begins or ends with one, or the line is little else.
_STATEMENTS = """
toate drepturile rezervate|conținutul acestui site|politica de confidențialitate|politica de cookie|termeni și condiții
doar pentru abonați|exclusiv pentru abonați
vse pravice pridržane|politika zasebnosti|politiko zasebnosti|politiko piškotkov|na voljo le naročnikom
samo za naročnike
all rights reserved|privacy policy|terms of service|may not be reproduced|in your inbox|to your inbox
for subscribers only|subscribers only
alle rechte vorbehalten|datenschutzerklärung|nur für abonnenten|datenschutzbestimmungen
tous droits réservés|politique de confidentialité|réservé aux abonnés|réservé à nos abonnés|réservée aux abonnés
pour commenter
tutti i diritti riservati|riproduzione riservata|informativa sulla privacy|riservato agli abbonati
todos los derechos reservados|política de privacidad|política de cookies|solo para suscriptores
sva prava pridržana|politika privatnosti|politiku privatnosti|politici privatnosti|samo za pretplatnike
"""

# Cookies: a notice where this very site, or "we", has them.
_COOKIES = re.compile(r"\b(?:cookie|cookies|piskot\w*|kolacic\w*)\b")
_THIS_SITE = re.compile(
    r"\b(?:acest(?:ui)? site|noi si partenerii|this (?:web ?)?site|we and our|diese (?:web)?(?:site|seite)"
    r"|wir und unsere|unsere website|ce site|notre site|nous et nos|questo sito|noi e i nostri|este sitio"
    r"|esta web|nosotros y nuestros"
    r"|(?:ova|nasa) (?:web[- ]?)?stranica|mi i nasi partneri|ta (?:spletna )?stran|nasa spletna stran|to spletno mesto"
    r"|mi in nasi partnerji|spletno mesto uporablja|spletna stran uporablja)\b"
)
_QUOTED = re.compile(r"„[^”“\"]*[”“\"]|“[^”]*”|«[^»]*»|»[^«]*«|\"[^\"]*\"|‘[^’]*’(?!\w)")
# A disclaimer has three parts in whatever words: an opinion, whose it is, and the editors, whose it is not.
_OPINION = re.compile(
    r"\b(?:opini\w*|parer\w*|stalisc\w*|mnenj\w*|stav\w*|misljenj\w*|views?|meinung\w*|ansicht\w*|avis|propos)\b"
)
_WHOSE = re.compile(r"\b(?:autor\w*|avtor\w*|authors?|writers?|verfass\w*|auteure?s?|autric[ei]|signataires?)\b")
_EDITORS = re.compile(
    r"\b(?:redacti\w*|redakcij\w*|urednist\w*|redaktion\w*|redaction|redazione|redaccion|editors|editorial"
    r"|this publication|newspaper)\b"
)
_DISCLAIMER = 35  # words
# "The text continues below the advertisement."
_CONTINUES = re.compile(
    r"\b(?:se nastavlja|nadalj\w*|continu\w*|geht weiter|weiter|weiterlesen|suite|segue|sigue|prosegue|nastavak)\b"
)
_ADVERT = re.compile(
    r"\b(?:oglas\w*|reclam\w*|publicit\w*|anzeige|werbung|advert\w*|pubblicita|anuncio|promotion|promocij\w*)\b"
)
# The page names itself, and what is asked for it.
_THIS_TEXT = re.compile(
    r"\b(?:acest (?:articol|material|text)|articolul asta|(?:ta|celoten|ves) (?:clanek|prispevek)"
    r"|this (?:article|story|content)"
    r"|diese[rnms]? (?:artikel|beitrag|text|inhalt)|ce(?:t|tte)? (?:article|contenu)|quest[oa] (?:articolo|contenuto)"
    r"|este (?:articulo|contenido)|esta noticia|ovaj (?:clanak|tekst|sadrzaj))\b"
)
# What was corrected in the text, or where else it appeared.
_VERSION = re.compile(
    r"\b(?:version of this (?:article|story)|(?:version|fassung) diese[rs] (?:artikels|beitrags|textes)"
    r"|version (?:\w+ )?de cet article"
    r"|versione (?:\w+ )?di questo articolo|version (?:\w+ )?de (?:este articulo|esta noticia)"
    r"|versiune \w+ a acestui articol"
    r"|razlicica tega (?:clanka|prispevka)|verzij[ai] ovog (?:clanka|teksta))\b"
)
# What may not be done with the things of this very site, or whose they are.
_FORBIDDEN = re.compile(
    r"\b(?:interzis\w*|forbidden|prohibited|verboten|untersagt|interdit\w*|vietat\w*|prohibid\w*|prepovedan\w*"
    r"|zabranjen\w*)\b"
)
# "Save my name and email in this browser for the next time I comment."
_REMEMBERED = (
    re.compile(r"\b(?:e-?mail\w*|e-post\w*|adres\w*|correo|courriel)\b"),
    re.compile(r"\b(?:browser\w*|navigat\w*|navegador\w*|brskalnik\w*|preglednik\w*)\b"),
    re.compile(r"\b(?:comm?ent\w*|komm?ent\w*)\b"),
)
# A text that says of itself that a machine made it.
_MACHINE = re.compile(
    r"\b(?:ai|ki|ia|ui|kunstlich\w* intelligenz|artificial intelligence|intelligence artificielle"
    r"|intelligenza artificiale|inteligencia artificial|inteligent\w* artificial\w*"
    r"|umetn\w* inteligenc\w*|umjetn\w* inteligencij\w*)\b"
)
_ACCESS = re.compile(
    r"\b(?:abonat\w*|naroc\w*|subscri\w*|abonn\w*|abbonat\w*|suscri\w*|pretplat\w*|premium|free articles|registered)\b"
)
_LIKED = re.compile(
    r"\b(?:ti-a placut|v-a placut|ce parere ai|vam je|did you (?:like|enjoy)|was this|hat ihnen|avez-vous aime"
    r"|war (?:das|dies\w+(?: \w+)?) (?:\w+ )?hilfreich"
    r"|vous a plu|ti e piaciut\w|que te ha parecido|te ha gustado|svida li vam|svidio li vam)\b"
)
_SENTENCES = re.compile(r"(?<=[.!?…])\s+")
_CLAUSES = re.compile(r"[.!?…:;–—|•()»«]+\s*|,\s|(?<=\s)-\s")


def is_notice(line: str) -> bool:
    """Say whether a line speaks to the visitor of the page, or states the rights in it.

    Example:
        >>> is_notice("Abonează-te la newsletterul nostru!"), is_notice("„Abonează-te la newsletter”, scria pe ecran.")
        (True, False)
    """
    bare, words = _unquoted(line)
    if not words or words > _LONGEST:
        return False
    if "©" in line and words <= _SHORT:
        return True
    clauses = [clause for clause in (part.strip() for part in _CLAUSES.split(bare)) if clause]
    first = [part.strip() for part in _CLAUSES.split(_SENTENCES.split(bare, maxsplit=1)[0])]
    if any(clause.startswith(_addresses()) for clause in (first if words <= _SHORT else clauses[:1])):
        return True
    if words <= _SHORT and any(part.startswith(_to_us()) for part in _SENTENCES.split(bare)):
        return True
    if (_COOKIES.search(bare) and _THIS_SITE.search(bare)) or _speaks_of_itself(bare, words):
        return True
    ends = clauses if words <= _SHORT else [*clauses[:1], *clauses[-1:]]
    return any(clause.startswith(_statements()) or clause.endswith(_statements()) for clause in ends) or (
        words <= _LABEL and any(phrase in bare for phrase in _statements())
    )


def every_phrase() -> list[str]:
    """Return the turns of phrase known here, folded."""
    return sorted({*_addresses(), *_statements(), *_to_us()})


def _speaks_of_itself(bare: str, words: int) -> bool:
    """Say whether a line is about the page: whose opinion it is, where it goes on, who may read it, who liked it."""
    if words <= _LABEL and _CONTINUES.search(bare) and _ADVERT.search(bare):
        return True
    if words <= _DISCLAIMER and _VERSION.search(bare):
        return True
    if words <= _LABEL and _THIS_TEXT.match(bare) and not bare.endswith("."):  # "This article is more than a year old"
        return True
    if words <= _LABEL and _LIKED.search(bare) and ("?" in bare or _THIS_TEXT.search(bare)):
        return True
    if words <= _SHORT and _THIS_TEXT.match(bare) and _MACHINE.search(bare):
        return True
    if words <= _DISCLAIMER and _THIS_SITE.search(bare) and _FORBIDDEN.search(bare):
        return True
    if words <= _DISCLAIMER and all(pattern.search(bare) for pattern in _REMEMBERED):
        return True
    opinion = _OPINION.search(bare)
    if opinion and words <= _DISCLAIMER and _WHOSE.search(bare) and _EDITORS.search(bare):
        return len(bare[: opinion.start()].split()) <= 3  # "Besedilo izraža ...", "The views ..."
    first = _SENTENCES.split(bare, maxsplit=1)[0]
    return words <= _SHORT and bool(_THIS_TEXT.match(first)) and bool(_ACCESS.search(first))


@lru_cache(maxsize=1024)
def _unquoted(line: str) -> tuple[str, int]:
    """Return a line folded and without what is quoted in it, and its number of words."""
    bare = fold(_QUOTED.sub(" ", line)) if len(line) <= 1200 else ""
    return " ".join(bare.split()), len(bare.split())


@lru_cache(maxsize=1)
def _addresses() -> tuple[str, ...]:
    return _phrases(_ADDRESSES) + _phrases(_DISCLAIMERS)


@lru_cache(maxsize=1)
def _to_us() -> tuple[str, ...]:
    return _phrases(_TO_US)


@lru_cache(maxsize=1)
def _statements() -> tuple[str, ...]:
    return _phrases(_STATEMENTS)


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(fold(phrase).strip() for line in text.strip().splitlines() for phrase in line.split("|"))
