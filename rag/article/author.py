"""Who wrote it and when it was published, as the line under a headline says it."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from itertools import pairwise

from rag.text.dates.date_words import weekday_names
from rag.text.dates.moments import Moment, find_moments, without_dates
from rag.text.lexicon import lexicons
from rag.text.normalisation import fold

# Words for publishing and for updating that stand before a date, folded.
_PUBLISHED_WORDS = """
publicat|publicat la|publicat in|data publicarii|date|data|postat|objavljeno|objava|datum|datum objave|published
published on|publication date|posted|posted on|first published|veroffentlicht|veroffentlicht am|erschienen
erschienen am|publie|publie le|mis en ligne|mis en ligne le|date de publication|pubblicato|pubblicato il
data di pubblicazione|publicado|publicado el|publicada|publicado em|fecha|fecha de publicacion|objavljeno u
beitrag vom|artikel vom|meldung vom|article du|articolo del|noticia del|clanek z dne
gepubliceerd|gepubliceerd op|opublikowano|data publikacji|publikovano|vydano
"""
_UPDATED_WORDS = """
actualizat|actualizat la|actualizare|modificat|modificat la|ultima actualizare|posodobljeno|zadnja posodobitev
spremenjeno|updated|last updated|update|modified|last modified|updated on|aktualisiert|aktualisiert am
zuletzt aktualisiert|mis a jour|mis a jour le|modifie|modifie le|actualise|aggiornato|aggiornato il
ultimo aggiornamento|modificato|actualizado|actualizado el|ultima actualizacion|azurirano|zadnja izmjena
izmijenjeno|atualizado|bijgewerkt|zaktualizowano|aktualizovano|dopolnjeno|zadnje dopolnjeno|last modified on
nazadnje posodobljeno|posodobljena|actualizata|ultima modificare|bearbeitet|geandert|aggiornata|ultima modifica
modificado|modificada|actualizada|azurirana|zadnja izmjena|zadnje azuriranje|izmijenjeno|dopunjeno|amended
data actualizarii|zadnji poseg|actualizado a|modifica|modifica alle|datum izmjene|datum posodobitve
geandert am|ultima revision
"""
# Days of the week, and the small words between such a word and the date ("Publié le", "Veröffentlicht am").
_DAYS = """
luni marți miercuri joi vineri sâmbătă duminică ponedeljek torek sreda četrtek petek sobota nedelja monday tuesday
wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi
mercredi jeudi vendredi samedi dimanche lunedì martedì mercoledì giovedì venerdì sabato domenica lunes martes
miércoles jueves viernes sábado domingo ponedjeljak utorak srijeda četvrtak petak subota nedjelja mon tue wed thu
fri sat sun mo di mi do fr sa so am le il el den on la azi astăzi danes today heute aujourd'hui oggi hoy danas
ieri včeraj yesterday gestern hier ayer jučer aujourd hui stand
"""
_CLOCK_WORDS = frozenset(
    ("uhr", "ora", "orele", "ore", "ob", "at", "um", "kl", "u", "a", "las", "alle", "h", "cet", "gmt", "utc", "et")
)
_PUBLISHED, _UPDATED = (frozenset(t.strip().replace("\n", "|").split("|")) for t in (_PUBLISHED_WORDS, _UPDATED_WORDS))
_SMALL = frozenset(fold(day) for day in _DAYS.split())
_BY = re.compile(
    r"^[\s•|–—-]*(?:(?:(?:live(?: updates)?|reporting|words|text|texte|(?:article )?rédigé|realizat|scris|geschrieben"
    r"|scritto|escrito|(?:(?:an?|une?|una|un'|ein)\s?)?(?:interview|interviu|intervju|entretien|intervista|entrevista|reportage"
    r"|reportaj|reportaje|articol|article|articolo)) )?(?:de|by|von|par|di|por|od):?\s+"
    r"|(?:autor|autorul|autoarea|autorica|avtor|avtorica|author|written by|text|tekst|besedilo|piše|pišeta|pripravil"
    r"|pripravila|redactor|redakteur|auteur|autore|autora|a cura di|napisao|napisala|scris de|articol de|un articol de"
    r"|reporter|interview|interviu|intervju|entretien|intervista|entrevista|story by|words by)\s*:?\s+)(?P<name>.+)$",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"^(?:[^\W\d_a-zà-ÿ]\.\s?){2,3}$")
_SECOND = re.compile(r"\s+(?:and|și|in|und|et|e|y|i)\s+([^,|•·–—]+?)\s*(?:$|[,|•·–—])")
_LINKED = re.compile(
    r"\[(?P<name>[^\[\]]{3,60})\]\([^()\s]*/(?:authors?|autor\w*|avtor\w*|auteurs?|autori|people|by)/[^()\s]*\)"
)
_MARKS = ",|•·–—-:/(>›»→"  # what parts a date from the rest of its line
_CLOCK_WORD = re.compile(r"^\s*(?:uhr|h|cet|cest|eet|gmt|utc)\b\.?", re.IGNORECASE)
_PARTICLES = frozenset(
    ("de", "da", "di", "del", "della", "van", "von", "der", "den", "du", "dos", "y", "ben", "al", "zu")
)
_ARTICLES = frozenset(("la", "le"))  # behind a particle: "de la"
_ROLE = re.compile(
    r"\b(?:correspondent|reporter|editor|writer|columnist|redactor|jurnalist|editorialist|novinar|urednik|dopisnik|redakteur"
    r"|korrespondent|journaliste|corrispondente|redattore|redattrice|corresponsal|periodista|dopisnica|novinark|urednic)",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"\s*[,|•·–—/(]\s*|\s+-\s+|\s{3,}|\s+(?:și|in|and|und|et|e|y|i)\s+", re.IGNORECASE)


def says_published(text: str) -> bool:
    """Say whether a text ends (before a date) in a word for publishing."""
    return _ends_in(text, _phrases("published"))


def says_updated(text: str) -> bool:
    """Say whether a text begins or ends in a word for updating."""
    bare = fold(text).strip(" :,|•·–—-(")
    return _ends_in(text, _phrases("updated")) or bare.startswith(_updated())


def says_more(text: str) -> bool:
    """Say whether what is left of a line without its dates holds more than the words that stand beside a date."""
    return any(word not in _beside_dates() for word in re.findall(r"[^\W_]+", fold(text)))


def is_name(text: str) -> bool:
    """Say whether a text has the shape of a person's name: two to four capitalised words, particles aside.

    Example:
        >>> is_name("Olga Borșcevschi"), is_name("Live TV"), is_name("Știri externe"), is_name("Ursula von der Leyen")
        (True, False, False, True)
    """
    words = text.split()
    if not 2 <= len(words) <= 5:
        return False
    if any(word in _ARTICLES and before not in _PARTICLES for before, word in pairwise(words)):
        return False  # "Protest la Cluj"
    proper = [word for word in words if word.lower() not in _PARTICLES | _ARTICLES]
    return 2 <= len(proper) <= 4 and all(_is_proper(word) for word in proper) and words[0] in proper


def byline_author(line: str) -> str | None:
    """Return the name after "by", "de", "Avtor:" and the like, or None.

    Example:
        >>> byline_author("Avtorica: Maja Novak, STA"), byline_author("De la București la Cluj")
        ('Maja Novak', None)
    """
    match = _BY.match(line)
    if match is None:
        return None
    told = match.group("name").strip(" ,;|•·–—-")
    if ":" in line and _INITIALS.match(told):  # "Avtor: J. Ž."
        return told
    name = _SEPARATORS.split(told.strip("."))[0].strip()
    return name if is_name(name) else None


def byline_authors(line: str) -> list[str]:
    """Return the authors that a byline names, two at most.

    Example:
        >>> byline_authors("By Ana Novak and Jan Kos")
        ['Ana Novak', 'Jan Kos']
    """
    author = byline_author(line)
    if author is None:
        return []
    other = _SECOND.match(line.partition(author)[2])
    return [author, *([other.group(1)] if other and is_name(other.group(1)) else [])]


def linked_author(line: str) -> str | None:
    """Return the name that a line in Markdown links to the page of an author, or None."""
    match = _LINKED.search(line)
    return match.group("name").strip() if match and is_name(match.group("name").strip()) else None


def is_role(line: str) -> bool:
    """Say whether a short line tells what its author does: "Rural affairs correspondent"."""
    return len(line.split()) <= 6 and bool(_ROLE.search(line))


def byline_date(line: str, language: str | None) -> Moment | None:
    """Return the publication date that a line of the head gives: set apart by marks, not said within a phrase."""
    published = None
    end = 0
    for moment in find_moments(line, language):
        before, after = line[end : moment.start].rstrip(), _CLOCK_WORD.sub("", line[moment.end :]).lstrip()
        end = moment.end
        if says_updated(before):
            continue
        if says_published(before):
            return moment
        apart = (
            (
                not says_more(before)
                or before[-1] in _MARKS
                or is_name(before)
                # "Novo mesto 29. 11. 2026 20.55": a place, where a headline would hardly give the hour
                or (isinstance(moment.value, datetime) and all(word[:1].isupper() for word in before.split()[:4]))
            )
            and (not after or after[0] in _MARKS + ")." or says_updated(after) or not says_more(after))
        )
        others = len(re.findall(r"\w+", without_dates(line)))
        if published is None and apart and others <= 8:
            published = moment
    return published


def prefix_end(line: str, language: str | None) -> int:
    """Return where a date in front of a line's own text ends ("date 2026-01-08 Headline ..."), or 0.

    Only a date that a word for publishing introduces, or one in numbers alone, is no part of the sentence that
    follows.
    """
    moments = find_moments(line, language)
    if not moments:
        return 0
    moment = moments[0]
    before = line[: moment.start]
    numeric = not re.search(r"[^\W\d_]{3,}", line[moment.start : moment.end])
    labelled = says_published(before) and len(before.split()) <= 3
    after = re.match(r"[\s|•·:–—-]+(?=\S)", line[moment.end :])
    if after is None or not (labelled or (numeric and not before.strip(" [("))):
        return 0
    if says_updated(line[moment.end :]) or not re.search(r"\w+\W+\w+", line[moment.end :]):
        return 0
    return moment.end + after.end()


@cache
def _phrases(key: str) -> frozenset[str]:
    """Return the phrases for publishing or for updating, of all languages."""
    known = _PUBLISHED if key == "published" else _UPDATED
    return known.union(*(getattr(words.publishing, key) for words in lexicons()))


@cache
def _updated() -> tuple[str, ...]:
    return tuple(_phrases("updated"))


@cache
def _days() -> frozenset[str]:
    return _SMALL | {part for name in weekday_names() for part in re.findall(r"[^\W_]+", name)}


@cache
def _beside_dates() -> frozenset[str]:
    """Return the words that stand beside a date without saying more, of all languages."""
    phrases = _phrases("published") | _phrases("updated")
    return _days() | {word for phrase in phrases for word in phrase.split()} | _CLOCK_WORDS


def _is_proper(word: str) -> bool:
    bare = word.strip(".'’-")
    letters = re.sub(r"[-'’.]", "", bare)
    if not letters.isalpha() or not letters[0].isupper() or fold(bare) in _days():
        return False
    return not letters.isupper() or len(letters) > 3 or (len(letters) == 1 and word.endswith("."))


def _ends_in(text: str, words: frozenset[str]) -> bool:
    bare = " ".join(fold(text).split()).strip(" :,|•·–—-(")
    while bare.rpartition(" ")[2] in _days() and bare not in words:
        bare = bare.rpartition(" ")[0].strip(" :,|•·–—-(")
    return any(bare == word or bare.endswith((" " + word, "|" + word)) for word in words)
