"""The words around dates in questions and articles: openers, connectors, relative expressions. All of them folded."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_RELATIVE = {
    # how far back, and the unit; "|" separates expressions, languages only where a word means something else elsewhere
    ("day", 0): "today|azi|astazi|danes|heute|aujourd'hui|oggi|hoy|danas",
    ("day", 1): "yesterday|ieri|vceraj|gestern|fr:hier|ayer|jucer",
    ("day", 2): "day before yesterday|alaltaieri|predvcerajsnjim|vorgestern|avant-hier|avant hier|anteayer|prekjucer",
    ("day", -1): "tomorrow|maine|jutri|fr:demain|domani|sutra",
    ("week", 0): "this week|saptamana aceasta|saptamana asta|ta teden|diese woche|dieser woche|cette semaine|"
    "questa settimana|esta semana|ovaj tjedan|ovog tjedna",
    ("week", 1): "last week|past week|saptamana trecuta|saptamanii trecute|prejsnji teden|pretekli teden|minuli teden|"
    "letzte woche|letzter woche|vergangene woche|vergangener woche|semaine derniere|settimana scorsa|"
    "scorsa settimana|semana pasada|prosli tjedan|proslog tjedna|prosloga tjedna",
    ("month", 0): "this month|luna aceasta|luna asta|ta mesec|diesen monat|diesem monat|ce mois|questo mese|este mes|"
    "ovaj mjesec|ovog mjeseca",
    ("month", 1): "last month|past month|luna trecuta|lunii trecute|prejsnji mesec|pretekli mesec|minuli mesec|"
    "letzten monat|letzter monat|vergangenen monat|mois dernier|mese scorso|scorso mese|mes pasado|"
    "prosli mjesec|proslog mjeseca|prosloga mjeseca",
    ("year", 0): "this year|anul acesta|anul asta|letos|dieses jahr|diesem jahr|cette annee|quest'anno|este ano|"
    "ove godine",
    ("year", 1): "last year|past year|anul trecut|anului trecut|lani|lansko leto|letztes jahr|letzten jahres|"
    "vergangenes jahr|annee derniere|an dernier|anno scorso|scorso anno|ano pasado|prosle godine",
}

RELATIVE: dict[tuple[str, ...], tuple[str, int, str | None]] = {
    tuple(part for part in expression.partition(":")[2].replace("-", " ").replace("'", " ").split())
    if expression[2:3] == ":"
    else tuple(expression.replace("-", " ").replace("'", " ").split()): (
        unit,
        back,
        expression[:2] if expression[2:3] == ":" else None,
    )
    for (unit, back), expressions in _RELATIVE.items()
    for expression in expressions.split("|")
}
"""Words of an expression -> unit (day, week, month, year), how many of them back, and its only language, if any."""

LONGEST_RELATIVE = max(map(len, RELATIVE))

BEFORE_MONTH = _words(
    "in since until till by during of early late mid last next this from between before after throughout "
    "din luna lunii inainte dupa pana intre sfarsitul inceputul mijlocul "
    "v od do konec zacetek sredi meseca mesecu mesec med "
    "im seit ende anfang mitte vom monat bis zwischen "
    "en de depuis fin debut mi mois entre "
    "a di da dal fine inizio meta mese tra fra lo scorso "
    "desde hasta mes finales principios "
    "u krajem pocetkom sredinom mjesec mjeseca izmedu"
)
"""Words after which a name that also means something else ("May", "mai", "mars") is a month."""

BEFORE_DAY = _words(
    "on since until till by from between before after pe la din de intre pana dupa dne od do v med am vom zum bis "
    "le du au il dal al del el desde hasta dana na"
)
"""Words after which a number and an abbreviated or ambiguous name ("pe 2 mai", "on 5 Mar") are a date."""

BEFORE_YEAR = _words(
    "in since during from en im jahr jahre jahres leta letu leto anul anului din nel del dal dell annee ano anno "
    "godine godini od desde seit depuis year"
)
"""Words after which a number of four digits alone is a year."""

OPENERS = _words("between from intre din de od med von zwischen vom entre du des dal dalla tra fra desde")
"""Words that open a range whose ends are joined by "and", or by a word of `JOINERS`."""

CONJUNCTIONS = _words("and si in und et e ed y i ter")
JOINERS = _words("to until till through pana la do bis au al hasta") | frozenset("-–—")

BETWEEN = _words("de del of di leta lui anul anului godine do")
"""Words that may stand between day, month and year."""

AMBIGUOUS = _words("may march mai maj maja mars mart marta marca august avgust avgusta studeni julija")
"""Folded names of months that are other words or people's names too."""

LOWER_ONLY = _words("maja julija marta avgusta avgust")
"""Of these, the ones that are months in small letters: with a capital they are names of people."""
