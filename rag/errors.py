"""Everything that can go wrong, as one tree.

```
RagError
├── SettingsError        a flag, an environment variable or an argument has no usable value
├── CorpusError          the folder of articles cannot be read at all
│   └── ReadError        one file cannot be read; the rest of the corpus goes on
├── EncoderError         a model cannot be loaded or does not do what it says
├── IndexUnusable        the index as a whole cannot be used
│   ├── IndexNotFound    there is no index at that place
│   ├── IndexMismatch    index and encoder (or program version) do not belong together
│   ├── IndexDamaged     the database fails its own checks
│   └── IndexLocked      another process is writing
├── QueryError           a question, a `k` or a filter that cannot be searched for
├── CitationError        a citation no longer matches the text it points to
├── LanguageModelError   a language model did not answer, or not as it should
└── DatasetError         an evaluation dataset is not in the expected form
```

An error has a `code` and `facts`; its message says what happened, with both values where two disagree, and what to do
next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rag.translations import LANGUAGES, Fact, clean, render


class RagError(Exception):
    """Base of every error that this package raises on purpose.

    Args:
        code: what happened: a stable name, with a sentence in each language in `rag/translations`.
        facts: the values of the sentence: names, sizes, limits.

    >>> error = ReadError("file_empty", name="a.txt")
    >>> str(error)
    "'a.txt' is empty (0 bytes). Remove it, or fetch it again"
    >>> error.message("ro")
    'Fișierul „a.txt” este gol (0 octeți). Eliminați-l sau descărcați-l din nou'
    """

    def __init__(self, code: str, /, **facts: Fact) -> None:
        super().__init__(code)
        self.code = code
        self.facts: Mapping[str, Fact] = clean(facts)

    def message(self, language: str = LANGUAGES[0]) -> str:
        """Return the sentence in a language, on one line."""
        return render(self.code, self.facts, language)

    def to_dict(self, language: str = LANGUAGES[0]) -> dict[str, Any]:
        """Return code, facts and message, as JSON has them."""
        return {"code": self.code, "facts": dict(self.facts), "message": self.message(language)}

    def __str__(self) -> str:
        return self.message()


class SettingsError(RagError):
    """A flag, an environment variable or an argument has no usable value."""


class CorpusError(RagError):
    """The folder of articles cannot be read at all."""


class ReadError(CorpusError):
    """One file cannot be read; the rest of the corpus goes on."""


class EncoderError(RagError):
    """A model cannot be loaded or does not do what it says."""


class IndexUnusable(RagError):
    """The index as a whole cannot be used."""


class IndexNotFound(IndexUnusable):
    """There is no index at that place."""


class IndexMismatch(IndexUnusable):
    """Index and encoder, or index and program version, do not belong together."""


class IndexDamaged(IndexUnusable):
    """The database fails its own checks."""


class IndexLocked(IndexUnusable):
    """Another process is writing to the index."""


class QueryError(RagError):
    """A question, a `k` or a filter that cannot be searched for."""


class CitationError(RagError):
    """A citation no longer matches the text it points to."""


class LanguageModelError(RagError):
    """A language model did not answer, or not as it should."""


class DatasetError(RagError):
    """An evaluation dataset is not in the expected form."""
