"""simplemma's dictionaries as tries in memory-mapped files, in which a serving process looks lemmas up.

A dictionary of Python objects takes 20 to 100 MB a language; of a mapped trie only the pages that are read are in
memory. The file of a language is made once for each user and version of the dictionary, in the user's cache folder. A
lemma is stored as the number of letters to remove from the word's end and the letters to add, which many words share.
"""

from __future__ import annotations

import logging
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from marisa_trie import TINY_CACHE, BytesTrie
from platformdirs import user_cache_path

from rag.text.lexicon import lexicon

_CODE = re.compile("[a-z]{2,8}")
_log = logging.getLogger(__name__)


class TrieDictionary(Mapping[str, str]):
    """From word to lemma."""

    def __init__(self, trie: BytesTrie) -> None:
        self._trie = trie

    def look_up(self, word: str) -> str | None:
        """Return the lemma of a word, None where the dictionary does not have it."""
        found: list[bytes] | None = self._trie.get(word)
        if not found:
            return None
        change = found[0]
        return word[: len(word) - change[0]] + change[1:].decode()

    def __getitem__(self, word: str) -> str:
        lemma = self.look_up(word)
        if lemma is None:
            raise KeyError(word)
        return lemma

    def __iter__(self) -> Iterator[str]:
        yield from self._trie.iterkeys()

    def __len__(self) -> int:
        return len(self._trie)


@cache
def open_dictionary(code: str) -> TrieDictionary | None:
    """Map the dictionary of simplemma's language `code`, None where it has none; the file is made if need be."""
    source = _source(code) if _CODE.fullmatch(code) else None  # a document may say anything of its language
    if source is None:
        return None
    path = user_cache_path("izvor") / "lemmas" / f"{code}-{source.stat().st_size}.trie"
    try:
        return TrieDictionary(BytesTrie().mmap(str(path)))
    except (OSError, RuntimeError, ValueError):  # not there yet, or damaged
        _log.info("making %s, the look-up file of a dictionary", path)
    from simplemma.strategies.dictionaries.dictionary_factory import DEFAULT_DICTIONARY_FACTORY

    words = DEFAULT_DICTIONARY_FACTORY.get_dictionary(code)
    trie = BytesTrie(((word, _change(word, lemma)) for word, lemma in words.items()), cache_size=TINY_CACHE)
    try:
        _write(trie, path)
        return TrieDictionary(BytesTrie().mmap(str(path)))
    except (OSError, RuntimeError, ValueError) as error:
        _log.warning("the dictionary %r stays in memory: %s cannot be written (%s)", code, path, error)
        return TrieDictionary(trie)


def _source(code: str) -> Path | None:
    """Return simplemma's own file of a language, without importing simplemma."""
    package = find_spec("simplemma")
    for place in (package.submodule_search_locations or ()) if package else ():
        path = Path(place, "strategies", "dictionaries", "data", f"{code}.plzma")
        if path.is_file():
            return path
    return None


def _change(word: str, lemma: str) -> bytes:
    same = next((n for n, (a, b) in enumerate(zip(word, lemma, strict=False)) if a != b), min(len(word), len(lemma)))
    return bytes((len(word) - same,)) + lemma[same:].encode()


def _write(trie: BytesTrie, path: Path) -> None:
    """Write in one step: another process may be doing the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.stem}-")
    os.close(handle)
    beside = Path(name)
    try:
        trie.save(name)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


class TrieFactory:
    """Give simplemma the tries that are mapped already, by the methods of its `DictionaryFactory`."""

    def get_dictionary(self, lang: str) -> Mapping[str, str]:
        """Return the dictionary of a language.

        Raises:
            ValueError: simplemma has none.
        """
        dictionary = open_dictionary(lang)
        if dictionary is None:
            raise ValueError(f"simplemma has no dictionary for {lang!r}")
        return dictionary


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


_SHORTEST = 4  # letters that must be left, so that Kijev and Kiel stay apart


def name_stem(name: str, language: str | None) -> str:
    """Return a lower-case name without its case ending; the name where it has none or too little would be left.

    Example:
        >>> [name_stem(name, "sl") for name in ("zelenski", "zelenskega", "witkoff", "witkoffa", "kushnerjem")]
        ['zelensk', 'zelensk', 'witkoff', 'witkoff', 'kushner']
    """
    endings = _name_endings(language)
    stem = endings.sub("", name, count=1) if endings is not None else name
    return stem if len(stem) >= _SHORTEST else name


@cache
def _name_endings(language: str | None) -> re.Pattern[str] | None:
    endings = lexicon(language).terms.name_endings
    parts = [f"(?<={before}){ending}" if before else ending for before, ending in endings]
    return re.compile(f"(?:{'|'.join(parts)})$") if parts else None
