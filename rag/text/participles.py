"""Romanian participles, which dictionaries list as adjectives of their own.

The everyday past tense is made with them ("s-au întâlnit", "a fost învinsă"), so what is told with a participle and
what is asked with the verb have to meet. The masculine singular is a form of the verb in simplemma's dictionary; its
other forms are forms of an adjective.
"""

from __future__ import annotations

from collections.abc import Callable


def participle_verb(word: str, look_up: Callable[[str], str | None]) -> str | None:
    """Return the verb of a Romanian participle in its first form, None for any other word.

    A participle is known by its pluperfect, which is made from it and is a form of nothing but the verb: văzut,
    văzusem: a vedea; învins, învinsesem: a învinge. A noun of the same form, known by its plural, stays a noun (curs,
    cursuri).

    Args:
        word: lower case, with its diacritics.
        look_up: the Romanian dictionary, from a form to its lemma.

    Example:
        >>> forms = {"văzusem": "vedea", "cursesem": "curge", "cursuri": "curs"}
        >>> [participle_verb(word, forms.get) for word in ("văzut", "curs", "port")]
        ['vedea', None, None]
    """
    if word.endswith("t"):
        pluperfect = word[:-1] + "sem"
    elif word.endswith("s"):
        pluperfect = word + "esem"
    else:
        return None
    verb = look_up(pluperfect)
    return verb if verb is not None and verb != pluperfect and look_up(word + "uri") != word else None
