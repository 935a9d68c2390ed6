"""The vocabulary of publishing: of how many kinds are the words with which an outlet speaks of itself in a line?

One such word proves nothing, as articles are about newsletters too. But a line in which the visitor, a channel, a thing
that can be read, something to do, and a price or a rhythm come together is the outlet's own, in whatever phrase. So the
kinds are counted, not the words; what is quoted counts for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from rag.text.normalisation import fold

_LONGEST = 600  # characters
_ITS_THINGS = {"channel", "matter", "terms"}  # the other kinds are of any conversation
_BRIEF, _SHORT, _LONG = 8, 25, 40  # words
_QUOTED = re.compile(r"„[^”“\"]*[”“\"]|“[^”]*”|«[^»]*»|»[^«]*«|\"[^\"]*\"|‘[^’]*’(?!\w)")

# Folded; a stem ends in a hyphen. Romanian, Slovene, English, German, French, Italian, Spanish, Croatian, each kind.
_KINDS = {
    "visitor": """
        iti ti- te tine tau ta voi va vă v-ati dvs dumneavoastra poti puteti vrei vreti vedeti vezi vas vam
        vasa vase vasi vašo tvoj- lahko zelite morate imate ste you your yours you're you've ihr ihre ihren
        ihrem ihrer ihnen sie du dir dich dein- vous votre vos tu ton tes tuo tua tuoi vuoi puoi vostr- vi
        sei tus usted ustedes vuestr- quieres puedes mozete zelis jeste""",
    "outlet": """
        noi noastr- nostru nostri ne- nam nas nasa nase nasi nasem nasega nasih uredništvo we us our ours
        let's wir uns unser- nous notre nos nostr- ci nosotros nuestr- redact- redakcij- uredni- redaktion-
        redaction redazion- editor editors editorial newsroom columnist-""",
    "channel": """
        newsletter- newslettr- e-novic- buletin- bilten- boletin- bulletin- podcast- whatsapp telegram viber
        messenger facebook instagram tiktok twitter x.com youtube bluesky app apps aplicati- aplikacij-
        application- applicazion- aplicacion- e-mail- email- e-mailul mail mails e-posta e-posti e-naslov-
        inbox posteingang postfach postfach- boite casella correo courriel adres- browser- cookie- piskotk-
        kolacic- rss notificar- obvestil- obavijest- notification- notific- geraet- gerat- appareil-
        dispozitiv- dispositiv- naprav- uredaj- device- canal- kanal- channel- site site-ul sito sitio
        website- web stran- spletn- stranic- navigat- cont contul account konto compte cuenta racun- profil-""",
    "matter": """
        redakt- redaktion- redaction redazion- redact- articol- clan- članek prispevk- besedil- vsebin- continut-
        novic- article- story stories news content text- artikel- beitrag- beitrage nachricht- neues inhalt-
        actualit- info infos contenu- notizi- contenut- noticia- articulo- contenid- vijest- stiri stire
        stirile materialul clanak clanka clank- tekst- sadrzaj- edition- editi- edizion- edicion- izdanj-
        izdaj- rezumat- povzet- sazet- summary zusammenfassung comment- koment- komment- message- mesaj-
        sporocil- greske gresk- napak- error- fehler- erreur- eror- errori cititor- bralc- bralk- reader-
        leser- lecteur- lettor- lector- citatelj- abonat- abonament- narocnin- narocnik- narocnic-
        subscriber- subscription- abonnent- abonnement- abonn- abbonament- abbonat- suscripci- suscriptor-
        pretplat- premium donat- donaci- donazion- dons spend- prispev-""",
    "action": """
        upisi- click clic clique- cliquez clicc- klik- klick- aici tukaj here hier ici qui aqui ovdje
        abonea- abona- aboneaza- inscri- inscrie- inregistr- conect- descarc- contribui- sustin- doneaz-
        trimite- scrie- semnal- narocite naroci prijav- registr- prenesi- prenesite pisite posljite podpri-
        preber- oddaj- subscrib- sign log register- registering download- support- donat- contribut- submit-
        join follow send contact- unsubscrib- anmeld- abonnier- bestell- registrier- herunterlad- folgen
        schreiben schicken unterstutz- einwillig- zustimm- inscriv- abonnez s'abonn- connect- telecharg-
        souten- accept- consent- suivez envoy- lire lisez lecture iscriv- abbon- acced- scaric- sostien-
        segui- scriv- inviat- leggi leggere suscrib- apunt- descarg- inicia sigue- escrib- envia- leer
        leyendo lee pretplat- preuzm- prati- pratite posalj- podrz- citati citajte read reading citi citest-
        citesti bere- branj- lesen weiterles- share distribui- partag- condivid- compart- podijel- del-""",
    "rhythm": """
        gratuit- gratis brezplac- free kostenlos- besplatn- zilnic- dnevn- vsak vsako daily taglich-
        quotidien- svak- svakog lunar- saptaman- teden- tedensk- weekly monthly monat- wochentlich- mensuel-
        hebdo- mensil- settiman- mensual- semanal- tjedn- mjesec- mesec- fiecare every jeden jede jeweils
        chaque ogni cada svaki dimineat- jutro morning morgen matin mattin- manana euro eur € lei""",
    "terms": """
        termeni terms pogoj- bedingung- conditions condizioni condiciones condizion- uvjet- politic- policy
        confidential- zasebnost- privacy datenschutz- confidentialit- privatnost- riservat- drepturi rights
        pravic- rechte droits diritti derechos prava date personali osebn- personenbezogen- donnees dati
        datos osobn- copyright moderat- responsible odgovorn-""",
}  # fmt: skip


def is_own(line: str, words: int) -> bool:
    """Say whether a line is the outlet's own wherever it stands: so many kinds come together in so few words.

    Of the marked pages' lines with as many, none is the article's (`tests/pages`).
    """
    found = kinds_of(line)
    if words >= _BRIEF and not found & {"visitor", "outlet"}:
        return False  # it may speak of others
    return len(found) >= (3 if words < _BRIEF else 4 if words < _SHORT else 5 if words < _LONG else 8)


def speaks_for_outlet(line: str, words: int) -> bool:
    """Say whether a line is the outlet's own and speaks of "us" and to "you"."""
    return is_own(line, words) and kinds_of(line) >= {"visitor", "outlet"}


def may_be_own(line: str, words: int, kinds: int) -> bool:
    """Say whether a line has so many kinds, and is short enough, to be the outlet's where nothing speaks against it."""
    found = kinds_of(line)
    return words < _SHORT and len(found) >= kinds and bool(found & _ITS_THINGS)


def kinds_of(line: str) -> frozenset[str]:
    """Return the kinds of words of publishing in a line.

    Example:
        >>> sorted(kinds_of("Every morning the best stories, free in your inbox."))
        ['channel', 'matter', 'rhythm', 'visitor']
    """
    return _kinds(line) if len(line) <= _LONGEST else frozenset()


@lru_cache(maxsize=2048)
def _kinds(line: str) -> frozenset[str]:
    words = re.findall(r"[\w€][\w.'’-]*", fold(_QUOTED.sub(" ", line)))
    parts = [part for word in words for part in {word, *word.split("-")}]  # "voyez-vous"
    found: set[str] = set()
    for word in parts:
        bare = word.strip(".'’-")
        found |= _whole().get(bare, frozenset())
        for end in range(3, len(bare) + 1):
            found |= _stems().get(bare[:end], frozenset())
    return frozenset(found)


@lru_cache(maxsize=1)
def _whole() -> dict[str, frozenset[str]]:
    return _table(lambda word: not word.endswith("-"))


@lru_cache(maxsize=1)
def _stems() -> dict[str, frozenset[str]]:
    return _table(lambda word: word.endswith("-"))


def _table(wanted: Callable[[str], bool]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for kind, words in _KINDS.items():
        for word in filter(wanted, fold(words).split()):
            found.setdefault(word.rstrip("-"), set()).add(kind)
    return {word: frozenset(kinds) for word, kinds in found.items()}
