"""The words by which page furniture announces itself, in the languages of the first corpora.

Each entry is written as it stands on pages and compared folded. They support the shape rules of `article`, which
work without them: an unknown language loses only the single-line blocks.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rag.text.normalisation import fold

_LONGEST = 200  # characters; a longer line is no label, and looking into it costs time

# A block of links to other stories starts with one of these, alone on a line or followed by a colon and the link.
_RELATED = """
Citește și|Citiți și|Citește mai mult|Citește mai departe|Vezi și|Vedeți și|Pe aceeași temă|Articole similare
Articole recomandate|Articole conexe|Recomandări
Recomandarea autorului|Recomandarea video|Recomandarea editorilor|Recomandate|Recomandat|Recomandarea redacției
Te-ar putea interesa|Ți-ar putea plăcea
Cele mai noi|Cele mai citite|Cele mai recente|Ultimele știri|Ultima oră|Alte știri|Alte articole|Știri recomandate
Știri similare|Pe același subiect|Din aceeași categorie|Mai multe din
Preberite tudi|Preberi tudi|Preberite še|Preberi še|Berite tudi|Beri tudi|Sorodni članki|Sorodne novice
Sorodne vsebine|Povezane novice|Povezani članki|Povezane vsebine|Najbolj brano|Najbolj brane
Najnovejše|Najnovejše novice|Zadnje novice|Več iz rubrike|Več novic|Priporočamo|Priporočeno|Poglejte tudi
Poglej tudi|Morda vas zanima|Ne spreglejte|Izpostavljeno|Aktualno|Preberite več
Read also|Also read|Read more|Read next|See also|Related|Related articles|Related stories|Related topics
More on this story|More on this|More from|More stories|Most read|Most popular|Latest news|Latest
Top stories|Trending|Trending now|Recommended|Recommended stories|You may also like|You might also like|Don't miss
Editor's picks|Editors’ picks|Up next|Popular now|In other news|Around the web|From the web|Sponsored content
Lesen Sie auch|Lesen Sie mehr|Lesen Sie hier|Mehr zum Thema|Mehr dazu|Mehr zu|Auch interessant
Das könnte Sie auch interessieren|Das könnte Sie interessieren|Meistgelesen|Neueste Nachrichten|Verwandte Artikel
Weitere Artikel|Weitere Themen|Ähnliche Artikel|Empfehlungen der Redaktion|Empfohlen|Aktuelle Meldungen|Siehe auch
Zum Thema
Lire aussi|À lire aussi|À lire également|Lire la suite|Voir aussi|Sur le même sujet|Sur le même thème
Articles liés|Articles similaires|Les plus lus|Les plus lues|À la une|Dernières nouvelles|Dernières actualités
Dernières infos|Nos recommandations|Recommandé pour vous|Vous aimerez aussi|À regarder|Pour aller plus loin
Dans la même rubrique|En ce moment
Leggi anche|Leggi di più|Leggi tutto|Vedi anche|Articoli correlati|Notizie correlate|Potrebbe interessarti
Potrebbero interessarti|Ti potrebbe interessare|I più letti|Le più lette|Ultime notizie|Ultim'ora
Sullo stesso argomento|Guarda il video|Altri articoli|Consigliati|Da non perdere|In evidenza
Lea también|Leer también|Lee también|Lee más|Leer más|Te puede interesar|Le puede interesar|Ver también
Vea también|Noticias relacionadas|Artículos relacionados|Lo más leído|Lo más visto|Últimas noticias|Más noticias
Más información|También te puede interesar|Más sobre este tema|Recomendados|Te recomendamos
Pročitajte i|Pročitajte još|Pročitaj i|Pročitaj još|Pročitajte više|Pročitajte također|Čitajte i|Čitaj još
Vezane vijesti|Povezane vijesti|Povezani članci|Vezani članci|Slične vijesti|Najčitanije|Najnovije
Najnovije vijesti|Zadnje vijesti|Možda će vas zanimati|Moglo bi vas zanimati|Izdvojeno|Preporučujemo|Preporučeno
Još vijesti|Pogledajte i|Više o temi|Ne propustite
Leia também|Leia mais|Veja também|Notícias relacionadas|Mais lidas|Mais lidos|Últimas notícias|Lees ook|Lees meer
Zie ook|Meest gelezen|Czytaj także|Czytaj też|Zobacz także|Zobacz też|Polecamy|Najczęściej czytane|Čtěte také
Čtěte i|Související články|Nejčtenější|Prečítajte si aj|Súvisiace články|Olvassa el ezt is|Ezt is olvassa el
Der Autor|Die Autorin|Zum Autor|Zur Autorin|Über den Autor|Über die Autorin|Despre autor|O avtorju|O avtorici
About the author|Sobre el autor|Sobre la autora|Sobre la firma|À propos de l'auteur|Chi è l'autore|O autoru|O autorici
Kapcsolódó cikkek|Legolvasottabb|Прочетете още|Още по темата|Читайте также|Читайте також|Διαβάστε επίσης|Læs også
Läs också|Les også|Lue myös|Articol similar|Sorodna novica|Related article|Verwandter Artikel|Article lié
Articolo correlato|Noticia relacionada|Vezani članak|Más en|Read this|Continue reading|Explore more on these topics
"""

# Bars, buttons and labels: the line is furniture when it is one of these, or begins with it and is short.
_BARS = """
Distribuie|Distribuiți|Distribuie articolul|Distribuie pe|Trimite acest link pe|Trimite pe|Share|Share this
Share this article|Share on|Comentarii|Adaugă un comentariu|Scrie un comentariu|Lasă un comentariu|Comentează
Urmărește-ne|Urmăriți-ne|Urmărește pe|Data publicării|Data actualizării|Live TV|Taguri|Etichete|Tags|Cuvinte cheie
Sari la conținut|Meniu|Caută|Autentificare|Contul meu|Publicitate|Copiază linkul|Tipărește|Ascultă articolul
Timp de citire|Minute de citit|Reclamă
Deli|Delite|Delite z drugimi|Deli članek|Delite članek|Komentarji|Dodaj komentar|Komentiraj|Pošlji|Natisni
Ključne besede|Oznake|Oglas|Oglasno sporočilo|Promocijsko besedilo|Prijava|Registracija|Meni|Iskanje
Preskoči na vsebino|Poslušajte članek|Čas branja|Velikost pisave|Sledite nam|Kopiraj povezavo|Domov
Comments|View image in fullscreen
Leave a comment|Add a comment|Post a comment|Join the conversation|Advertisement|Advertisment|Print
Print this page|Email|Copy link|Follow us|Follow us on|Sign in|Log in|Menu|Search|Skip to content
Skip to main content|Listen to this article|Topics|Tagged|Filed under|Back to top|Save|Gift this article
Reading time|Report a correction|Report an error|View comments|Show comments|Subscribe|Contact us|Privacy policy
Terms of use|Terms and conditions|Cookie policy|About us|Newsletter|Newsletters
Teilen|Artikel teilen|Merken|Drucken|Kommentare|Kommentar schreiben|Kommentieren|Anzeige|Werbung|Schlagwörter
Themen|Stichwörter|Folgen Sie uns|Anmelden|Menü|Suche|Zum Inhalt springen|Zur Startseite|Artikel anhören|Lesezeit
Impressum|Datenschutz|AGB|Startseite|Nach oben
Partager|Partager l'article|Partager sur|Commentaires|Commenter|Laisser un commentaire|Réagir|Imprimer
Envoyer par e-mail|Publicité|Mots-clés|Thèmes|Suivez-nous|Se connecter|S'abonner|Connexion|Recherche
Aller au contenu|Écouter l'article|Temps de lecture|Copier le lien|Mentions légales|Ajouter à vos favoris
Offrir l'article
Condividi|Condividi su|Condividi l'articolo|Commenti|Lascia un commento|Commenta|Stampa|Pubblicità|Seguici
Seguici su|Accedi|Abbonati|Cerca|Vai al contenuto|Ascolta l'articolo|Tempo di lettura|Copia link|Parole chiave
Argomenti|Note legali
Compartir|Compartir en|Comparte|Comparte esta noticia|Comentarios|Deja un comentario|Comentar|Imprimir|Publicidad
Síguenos|Síganos|Iniciar sesión|Suscríbete|Buscar|Ir al contenido|Escuchar artículo|Tiempo de lectura
Copiar enlace|Etiquetas|Archivado en|Temas|Aviso legal|Enviar por correo
Podijeli|Podijelite|Podijeli članak|Komentari|Ostavi komentar|Ostavite komentar|Ispiši|Oglašavanje|Ključne riječi
Teme|Pratite nas|Prijavi se|Izbornik|Pretraži|Traži|Preskoči na sadržaj|Slušaj članak|Vrijeme čitanja
Uvjeti korištenja|Impresum|Kopiraj link|Pošalji prijatelju
Partilhar|Compartilhar|Delen|Reacties|Udostępnij|Komentarze|Sdílet|Diskuse|Zdieľať|Megosztás|Hozzászólások
Facebook|Twitter|X|WhatsApp|LinkedIn|Telegram|Messenger|Viber|Pinterest|Instagram|E-mail|YouTube|TikTok|Threads
Bluesky|Reddit|Google News|Home|RSS
Galerie foto|Fotogalerija|Galerija|Photo gallery|Gallery|Bildergalerie|Fotostrecke|Alle Bilder ansehen|Diaporama
Fotogallery|Galleria fotografica|Galería|Galería de fotos|Galerija fotografija
Ajouter à vos sélections|Neueste zuerst|Älteste zuerst|Newest|Oldest|Newest first|Oldest first|Les plus récents
Les plus anciens|Najnovejši|Najstarejši|In aggiornamento|Más recientes|Listen to this story|Pressekontakt
Contact de presă|Contact presse|Contatti stampa|Press contact|Media contact|Voir plus|Show more|Mehr anzeigen
Îmi place|Nu-mi place|Všeč mi je|Like|Dislike|Gefällt mir|J'aime|Je n'aime pas|Mi piace|Me gusta|No me gusta
Sviđa mi se|Ne sviđa mi se|Răspunde|Odgovori|Reply|Antworten|Répondre|Signaler|Rispondi|Responder
Prijavi neprimeren komentar|Pogledaj galeriju|Pogledajte galeriju|Poglej galerijo|Vezi galeria|Vezi galeria foto
View gallery|Zur Bildergalerie|Voir le diaporama|Guarda la gallery|Ver galería
"""

_COMMENTS = """
comentarii komentarji comments kommentare commentaires commenti comentarios komentari reacties komentarze diskuse
diskusia hozzaszolasok mnenja opinii reactions leserkommentare
"""
_NUMBERED = "comentariu komentarjev komentarja komentar comment kommentar commentaire commento comentario komentara"
_OF_READERS = """
de la le les des vos i tutti dei lettori lecteurs der leser readers from our los las lectores cititorilor cititori
bralcev citatelja all vase vasi ver vezi show view voir afficher alle anzeigen mostra vedi prikazi poglej poglejte sve
tous toutes todos toate
"""

# A form: where the visitor is to write an address, and the button beside it.
_FORMS = """
E-naslov|Prijavi me|Tu correo|Apuntarme|Votre adresse mail|Your email|Subscribe|La tua mail|Adresa de e-mail
Mă abonez|Abonează-te|Abonare|Adresa ta de e-mail|Donează|Naročite se|Naroči se|Vpišite e-naslov|Vaš e-naslov
Sign up|Enter your email|Enter your email address|Your email address|Email address|Allow and continue|Subscribe now
Jetzt bestellen|E-Mail-Adresse|Ihre E-Mail-Adresse|Jetzt anmelden|Anmelden|S'inscrire|Je m'inscris|Votre adresse e-mail
Votre e-mail|Iscriviti|La tua email|Il tuo indirizzo email|Quiero recibirlo|Apúntate|Tu correo electrónico
Naroči|Recíbela|Recibir|Suscribirme|Regístrate|Upišite e-mail adresu|Prijava|Prijavi se|Vaša e-mail adresa|Pretplati se
Prijavite se
"""

# Headings of the article's own boxes: what follows in the block is its list, not links to other stories.
_SUMMARIES = """
Pe scurt|Esențial|Esențialul|Cele mai importante informații|Ce știm până acum|Context|Cifre|Cronologie|Fișă
Na kratko|Bistveno|Ključni poudarki|Najpomembnejše|Časovnica|Osebna izkaznica|Kaj vemo|Izid|Lestvica|Statistika
Summary|Key points|At a glance|In brief|In short|Timeline|Fact box|What we know|What we know so far|By the numbers
Ce qu'il faut retenir|Ce que l'on sait|Kar moramo vedeti|Ce trebuie să știi
The key points|Scores|Results|Table|Das Wichtigste|Das Wichtigste in Kürze|Auf einen Blick|Zur Person|Fakten|Kurz gesagt
Zahlen und Fakten|Chronologie|Ergebnis|Tabelle|L'essentiel|En bref|Repères|Chiffres clés|Les faits|En résumé
Les résultats|Classement|In sintesi|In breve|La scheda|I punti chiave|I punti|Il tabellino|I numeri|Cosa sappiamo
Classifica|Risultati|Las claves|Lo más importante|En breve|Ficha|Cronología|Los datos|Resumen|Clasificación
Ficha técnica|Ukratko|Najvažnije|Ključne točke|Osobna iskaznica|Što znamo|Vremenska crta|Rezultati|Poredak|Ljestvica
"""

# "Subscribe now", "Donează acum": a button says when.
_NOW = (" now", " acum", " zdaj", " jetzt", " maintenant", " ora", " adesso", " ahora", " sada", " odmah", " takoj")

_INTERESTED = 7  # words
_INTEREST = re.compile(
    r"\b(?:interes\w*|zanima\w*|interess\w*|placea|vsec|like|enjoy|gefallen|plaire|piacere|gustar|svidjeti)\b"
)
_YOU = ("ti", "te", "va", "vas", "vam", "you", "sie", "dich", "ihnen", "vous", "le", "vi")

_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")  # in Markdown
_COUNT = re.compile(r"^\d[\d.,]*\s+|[\s:]*[(\[]?\d*[)\]]?$")  # of likes, of comments

_READING_TIME = re.compile(
    r"\b\d+\s?(?:min\w*|['’′])(?:\s|\.|$)|\d+\s+minut\w*", re.IGNORECASE
)  # beside a word for reading
_READING = re.compile(r"\b(?:citi|lectur|branj|read|les[ed]|lettura|lire|citanj)\w*", re.IGNORECASE)

CREDIT = re.compile(
    r"(?:(?<=[.!?)\]”\"»“,;|/–-])|(?<=\s)|^)[(\[]?\s?"
    r"(?:(?:sursa|vir|source|quelle|fuente|fonte|izvor)\s+)?"
    r"(?:foto|photo|photos|fotografii|fotografija|fotografije|fotografie|fotó|picture|image|images|imagine|slika|bild"
    r"|bilder|cr[ée]dits?|crédit photo|photo credit|foto credit|fotocredit|photo by|picture by|illustration|ilustrație"
    r"|ilustracija|arhiv|posnetek|snimka|imagen|immagine)"
    r"\s?(?:[:©/]|\.\.\.|credit\s?:)\s?[^.!?\n]{1,120}\.?\s*$",
    re.IGNORECASE,
)
"""A picture's credit at the end of a line: "Foto: Profimedia", "(Photo: Reuters)"."""


def opens_related(line: str) -> bool:
    """Say whether a line announces links to other stories, which follow it."""
    if len(line) > _LONGEST:
        return False
    folded = _bare(line)
    return bool(folded) and (folded in _starting(folded, _related()) or _interests(folded))


def _interests(folded: str) -> bool:
    """Say whether a line says in whatever words that something may interest its visitor."""
    words = folded.split()
    return len(words) <= _INTERESTED and bool(_INTEREST.search(folded)) and any(word in _YOU for word in words)


def is_related_link(line: str) -> bool:
    """Say whether a line is one such phrase and the link itself: after a colon or, two words at least, without."""
    if len(line) > _LONGEST:
        return False
    folded = _bare(line)
    if any(
        folded.startswith((phrase + ":", phrase + " |", phrase + " >"))
        or (" " in phrase and folded.startswith(phrase + " "))
        for phrase in _starting(folded, _related())
    ):
        return True
    label, colon, link = folded.partition(": ")
    words = label.split()  # after the name of a paid part of the outlet, or VIDEO
    return bool(colon and link) and any(
        (rest := " ".join(words[skipped:])) in _starting(rest, _related()) for skipped in (1, 2)
    )


def is_bar(line: str) -> bool:
    """Say whether a line is a button, a label or a bar of them."""
    if len(line) > _LONGEST:
        return False
    folded = _bare(line)
    parts = [part for part in re.split(r"\s*[|•·/,]\s*|\s{2,}|\t", folded) if part]
    if parts and all(_COUNT.sub("", part) in _bars() for part in parts):
        return True
    words = folded.split()
    if len(words) <= 6 and _READING_TIME.search(folded) and _READING.search(folded):
        return True
    if 1 < len(words) <= 12 and all(word in _bars() for word in words):
        return True
    return len(words) <= 6 and any(
        folded.startswith((phrase + " ", phrase + ":") if " " in phrase else phrase + ":")
        for phrase in _starting(folded, _bars())
        if len(phrase) > 4
    )


def is_comments(line: str) -> bool:
    """Say whether a line heads the readers' comments: the word alone, with their number or with whose they are."""
    if len(line) > _LONGEST:
        return False
    bare = fold(line)
    words = [word for word in re.findall(r"[^\W\d_]+", bare) if word not in _OF_READERS.split()]
    if len(words) != 1:
        return False
    if words == ["reactions"]:
        return len(_bare(line).split()) > 1  # alone it is as well a sub-heading of the article
    numbered = any(map(str.isdigit, bare)) and words[0] in _NUMBERED.split()
    return numbered or words[0] in _COMMENTS.split()


def is_form(line: str) -> bool:
    """Say whether a line is a field for an address, or the button beside it."""
    bare = _bare(line)
    for now in _NOW:
        bare = bare.removesuffix(now)
    return bare in _starting(bare, _forms())


def opens_summary(line: str) -> bool:
    """Say whether a line heads a box of the article's own: key points, a fact box, a table of results."""
    bare = _bare(line)
    return bare in _starting(bare, _summaries())


def every_phrase() -> list[str]:
    """Return the labels known here, as they are written."""
    lists = (_RELATED, _BARS, _FORMS, _SUMMARIES)
    return sorted({phrase for text in lists for line in text.strip().splitlines() for phrase in line.split("|")})


@lru_cache(maxsize=1024)  # each line is asked about several times
def _bare(line: str) -> str:
    """Fold a line and strip the marks around it (bullets, arrows, a closing colon)."""
    shown = _LINK.sub(r"\1", line) if "](" in line else line
    return re.sub(r"\s+", " ", fold(shown)).strip(" \t:;.!…»«›‹>→▶►•·*_#–—-|[]()\"'„”“")


def _starting(folded: str, phrases: dict[str, frozenset[str]]) -> frozenset[str]:
    return phrases.get(folded[:4], frozenset())


def _phrases(text: str) -> list[str]:
    return [fold(phrase).strip() for line in text.strip().splitlines() for phrase in line.split("|")]


@lru_cache(maxsize=1)
def _forms() -> dict[str, frozenset[str]]:
    return _by_start(_phrases(_FORMS))


@lru_cache(maxsize=1)
def _summaries() -> dict[str, frozenset[str]]:
    return _by_start(_phrases(_SUMMARIES))


@lru_cache(maxsize=1)
def _related() -> dict[str, frozenset[str]]:
    return _by_start(_phrases(_RELATED))


class _Bars(dict[str, frozenset[str]]):
    """Phrases by their first four letters; ``in`` asks for the whole phrase."""

    def __contains__(self, phrase: object) -> bool:
        return isinstance(phrase, str) and phrase in self.get(phrase[:4], ())


@lru_cache(maxsize=1)
def _bars() -> _Bars:
    return _Bars(_by_start(_phrases(_BARS)))


def _by_start(phrases: list[str]) -> dict[str, frozenset[str]]:
    starts: dict[str, set[str]] = {}
    for phrase in phrases:
        starts.setdefault(phrase[:4], set()).add(phrase)
    return {start: frozenset(found) for start, found in starts.items()}
