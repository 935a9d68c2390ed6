"""A cross-encoder as the last stage: it reads question and passage together, which is slow and finds more."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.encoding.encoder import Floats
from rag.errors import EncoderError


class CrossReranker:
    """Scores pairs with a `CrossEncoder` of the sentence-transformers library, by hub name or path.

    Raises:
        EncoderError: the model cannot be loaded, or gives more than one number for a pair.
    """

    def __init__(self, name: str, *, device: str | None = None, batch_size: int = 64) -> None:
        from sentence_transformers import CrossEncoder

        self._name, self._batch_size = name, batch_size
        self._turn = threading.Lock()  # the library's tokenizers are not made for several threads at once
        try:
            self._model = CrossEncoder(name, device=device)
        except Exception as error:  # the library raises a dozen kinds for a wrong name, a missing file, no network
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            hint = "folder" if Path(name).exists() else "hub"
            raise EncoderError("model_unloadable", kind="reranker", name=name, detail=reason, hint=hint) from error
        if self._model.num_labels != 1:
            raise EncoderError("reranker_wrong_kind", name=name, count=self._model.num_labels)

    def score(self, question: str, passages: Sequence[str]) -> Floats:
        """Return ``(n,)`` scores in [0, 1], higher is better.

        Raises:
            EncoderError: the model gives something that is no number.
        """
        from torch.nn import Sigmoid

        with self._turn:
            scores = self._model.predict(
                [(question, passage) for passage in passages],
                batch_size=self._batch_size,
                show_progress_bar=False,
                activation_fn=Sigmoid(),
                convert_to_numpy=True,
            )
        result: Floats = np.asarray(scores, dtype=np.float32).reshape(len(passages))
        if not np.isfinite(result).all():
            raise EncoderError("model_not_finite", name=self._name)
        return result
