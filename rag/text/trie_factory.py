"""The mapped tries in the form that simplemma's own strategies take."""

from __future__ import annotations

from collections.abc import Mapping

from simplemma.strategies.dictionaries.dictionary_factory import DictionaryFactory

from rag.text.tries import open_dictionary


class TrieFactory(DictionaryFactory):
    """Gives simplemma the tries that are mapped already."""

    __slots__ = ()

    def get_dictionary(self, lang: str) -> Mapping[str, str]:
        """Return the dictionary of a language.

        Raises:
            ValueError: simplemma has none.
        """
        dictionary = open_dictionary(lang)
        if dictionary is None:
            raise ValueError(f"simplemma has no dictionary for {lang!r}")
        return dictionary
