"""The bundled encoder: a passage is the mean of its tokens' vectors. numpy only, no torch."""

from __future__ import annotations

from collections.abc import Sequence

from rag.encoding.encoder import EncoderIdentity, Floats, unit, with_title
from rag.encoding.table import TokenTable, bundled_table


class StaticEncoder:
    """Encodes with a `TokenTable`; there is no token limit, so nothing can be cut."""

    def __init__(self, table: TokenTable | None = None) -> None:
        self.table = table or bundled_table()
        self._identity = EncoderIdentity(
            model=self.table.name,
            fingerprint=self.table.fingerprint,
            dimension=self.table.dimension,
            max_tokens=0,
        )

    @property
    def identity(self) -> EncoderIdentity:
        """Say what model this is."""
        return self._identity

    def count_tokens(self, text: str) -> int:
        """Count a text in the table's tokens."""
        return len(self.table.tokenize([text]).ids)

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Encode questions to ``(n, dim)`` unit rows; a text without a known token is a row of zeros."""
        tokens = self.table.tokenize(texts)
        return unit(self.table.means(tokens.ids, tokens.bounds))

    def encode_passages(self, texts: Sequence[str], *, titles: Sequence[str] = (), progress: bool = False) -> Floats:
        """Encode passages to ``(n, dim)`` unit rows, each with its title as context."""
        if titles:
            texts = [with_title(text, title) for text, title in zip(texts, titles, strict=True)]
        return self.encode_queries(texts)
