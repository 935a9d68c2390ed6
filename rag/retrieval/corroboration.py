"""Which articles carry what was found, and how many texts that is: wire copy in four outlets is one text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from rag.records import Agreement, Citation, Filters
from rag.store.view import View
from rag.text.shingles import Shingles, count_shared

_HOLDS = 0.6
"""Share of a sentence's shingles that a carrier must hold: one changed word in ten leaves more, another wording
less."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Carrier:
    """An article that carries the passage of a hit, at `citation`. Those with the same `text` are one text."""

    citation: Citation
    language: str | None
    text: int
    shingles: Shingles

    def holds(self, sentence: Shingles) -> bool:
        """Say whether the article has a sentence; one without shingles is too short to tell, and goes with the rest."""
        return not len(sentence) or count_shared(sentence, self.shingles) >= _HOLDS * len(sentence)


def find_carriers(view: View, groups: Sequence[NDArray[np.int64]], filters: Filters) -> list[list[Carrier]]:
    """Return for each group of passages the articles that carry its first one and match, its own first.

    Those of the group's other passages are among them; the rest were not found by the question.
    """
    copies = [view.copies(int(group[0]), group[1:].tolist(), filters) for group in groups]
    cited = iter(view.citations([copy.passage for own in copies for copy in own]))
    return [
        [
            Carrier(citation=citation, language=language, text=copy.text, shingles=copy.shingles)
            for copy, (citation, language) in zip(own, islice(cited, len(own)), strict=True)
        ]
        for own in copies
    ]


def find_repeated(view: View, ids: NDArray[np.int64], place: int) -> set[int]:
    """Return the places in `ids` of the passages that repeat the one at `place`, by what the index knows of copies."""
    passages = {passage for copy in view.copies(int(ids[place])) for passage in copy.overlapping}
    return {n for n, id_ in enumerate(ids.tolist()) if id_ in passages}


def count_agreement(carriers: Iterable[Carrier]) -> Agreement:
    """Count articles, the outlets and languages that are known, and independent texts."""
    carriers = list(carriers)
    return Agreement(
        articles=len({carrier.citation.document_id for carrier in carriers}),
        outlets=len({carrier.citation.outlet for carrier in carriers} - {None}),
        texts=len({carrier.text for carrier in carriers}),
        languages=len({carrier.language for carrier in carriers} - {None}),
    )
