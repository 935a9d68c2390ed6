"""The names of the months, as they stand in the dates of European newspapers."""

from __future__ import annotations

from rag.text.normalisation import fold

# One line a language, January to December; "|" separates forms: nominative, genitive (Slavic dates use it)
# and locative ("v januarju"), abbreviations.
_NAMES = {
    "ro": "ianuarie|ian, februarie|feb|febr, martie|mar, aprilie|apr, mai, iunie|iun, iulie|iul, august|aug, "
    "septembrie|sep|sept, octombrie|oct, noiembrie|noi|nov, decembrie|dec",
    "sl": "januar|januarja|januarju|jan, februar|februarja|februarju|feb, marec|marca|marcu|mar, "
    "april|aprila|aprilu|apr, maj|maja|maju, junij|junija|juniju|jun, julij|julija|juliju|jul, "
    "avgust|avgusta|avgustu|avg, september|septembra|septembru|sep, oktober|oktobra|oktobru|okt, "
    "november|novembra|novembru|nov, december|decembra|decembru|dec",
    "en": "january|jan, february|feb, march|mar, april|apr, may, june|jun, july|jul, august|aug, september|sep|sept, "
    "october|oct, november|nov, december|dec",
    "de": "januar|jänner|jan, februar|feber|feb, märz|mär|mrz, april|apr, mai, juni|jun, juli|jul, august|aug, "
    "september|sep|sept, oktober|okt, november|nov, dezember|dez",
    "fr": "janvier|janv|jan, février|févr|fév, mars, avril|avr, mai, juin, juillet|juil, août, septembre|sept|sep, "
    "octobre|oct, novembre|nov, décembre|déc",
    "it": "gennaio|gen|genn, febbraio|feb|febbr, marzo|mar, aprile|apr, maggio|mag|magg, giugno|giu, luglio|lug, "
    "agosto|ago, settembre|set|sett, ottobre|ott, novembre|nov, dicembre|dic",
    "es": "enero|ene, febrero|feb, marzo|mar, abril|abr, mayo|may, junio|jun, julio|jul, agosto|ago, "
    "septiembre|setiembre|sep|sept, octubre|oct, noviembre|nov, diciembre|dic",
    "hr": "siječanj|siječnja|siječnju|sij, veljača|veljače|veljači|velj, ožujak|ožujka|ožujku|ožu, "
    "travanj|travnja|travnju|tra, svibanj|svibnja|svibnju|svi, lipanj|lipnja|lipnju|lip, "
    "srpanj|srpnja|srpnju|srp, kolovoz|kolovoza|kolovozu|kol, rujan|rujna|rujnu|ruj, "
    "listopad|listopada|listopadu|lis, studeni|studenoga|studenog|studenom|stu, "
    "prosinac|prosinca|prosincu|pro",
    "pt": "janeiro|jan, fevereiro|fev, março|mar, abril|abr, maio|mai, junho|jun, julho|jul, agosto|ago, setembro|set, "
    "outubro|out, novembro|nov, dezembro|dez",
    "nl": "januari|jan, februari|feb, maart|mrt, april|apr, mei, juni|jun, juli|jul, augustus|aug, september|sep, "
    "oktober|okt, november|nov, december|dec",
    "pl": "stycznia|sty, lutego|lut, marca|mar, kwietnia|kwi, maja, czerwca|cze, lipca|lip, sierpnia|sie, "
    "września|wrz, października|paź, listopada|lis, grudnia|gru",
    "cs": "ledna, února, března, dubna, května, června, července, srpna, září, října, listopadu, prosince",
    "sr": "јануар|јануара, фебруар|фебруара, март|марта, април|априла, мај|маја, јун|јуна, јул|јула, август|августа, "
    "септембар|септембра, октобар|октобра, новембар|новембра, децембар|децембра",
}


def month_number(name: str, language: str | None = None) -> int | None:
    """Return 1 to 12 for the name of a month in any case, with or without diacritics, or None.

    A name that means different months in different languages ("listopada": October in Croatian, November in Polish;
    "lip", "srp" likewise) is read in `language`; without it, in the first language of the table that has it.

    Example:
        >>> month_number("Ian"), month_number("Mar"), month_number("listopada", "pl")
        (1, 3, 11)
    """
    folded = fold(name)
    own = _NUMBERS.get(language or "", {}).get(folded)
    return own if own is not None else _ANY.get(folded)


def month_of(name: str, language: str | None) -> tuple[int, bool] | None:
    """Return a month's number and whether the name is a whole one, for names of a language; None for other words.

    Without a language, or where it has no such name, whole names of any language count, abbreviations do not.

    Example:
        >>> month_of("jan", "en"), month_of("januarja", "en"), month_of("ago", "en"), month_of("ago", "it")
        ((1, False), (1, True), None, (8, False))
    """
    folded = fold(name)
    own = _NUMBERS.get(language or "", {}).get(folded)
    whole = folded in _WHOLE
    if own is not None:
        return own, whole
    number = _ANY.get(folded)
    return (number, True) if whole and number is not None else None


def month_names(language: str | None = None) -> frozenset[str]:
    """Return the names of months known here, folded: of a language, or all of them."""
    return frozenset(_ANY if language is None else _NUMBERS[language])


_NUMBERS = {
    language: {
        fold(form): number for number, forms in enumerate(names.split(", "), 1) for form in forms.strip().split("|")
    }
    for language, names in _NAMES.items()
}
_ANY: dict[str, int] = {}
for _table in _NUMBERS.values():
    for _name, _number in _table.items():
        _ANY.setdefault(_name, _number)
_WHOLE = frozenset(
    fold(form)
    for names in _NAMES.values()
    for forms in names.split(", ")
    for place, form in enumerate(forms.strip().split("|"))
    if place == 0 or len(form) >= 5 or form in ("maja", "maju")  # the rest are abbreviations
)
