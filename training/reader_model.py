"""The reader: the lower layers of multilingual-e5-small read question, context and passage together."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from transformers import BertModel

LAYERS = 10
"""Of 12. The two upmost serve the mean that e5 compares passages by, and a passage is read a sixth quicker without."""
FROZEN = 3
"""The lowest layers are not trained: a step is a fifth cheaper, and they keep what they know of all languages."""
SEGMENTS = 3  # question and marks, context, passage


class Reader(nn.Module):
    """Gives logits of the answer's first and last token and of the passage answering at all.

    The word embeddings are those of the source and are never trained: the encoder uses the same table.
    """

    def __init__(self, body: BertModel) -> None:
        super().__init__()
        self.body = body
        hidden = int(body.config.hidden_size)
        self.spans = nn.Linear(hidden, 2)
        self.judge = nn.Sequential(nn.Linear(3 * hidden, hidden), nn.GELU(), nn.Linear(hidden, 1))

    def forward(self, words: Tensor, mask: Tensor, segments: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return `start`, `end` `(batch, tokens)` and `answers` `(batch,)`, all logits.

        Args:
            words: `(batch, tokens, hidden)` word embeddings.
            mask: `(batch, tokens)` 1 for a token, 0 for padding.
            segments: `(batch, tokens)` 0 question and marks, 1 context, 2 passage.
        """
        states = self.body(inputs_embeds=words, attention_mask=mask, token_type_ids=segments).last_hidden_state
        start, end = self.spans(states).float().unbind(-1)
        outside = segments == 0
        first = torch.softmax(start.masked_fill(outside, -1e4), dim=1).to(states.dtype)
        last = torch.softmax(end.masked_fill(outside, -1e4), dim=1).to(states.dtype)
        pooled = [states[:, 0], torch.einsum("bt,bth->bh", first, states), torch.einsum("bt,bth->bh", last, states)]
        return start, end, self.judge(torch.cat(pooled, dim=1)).float().squeeze(-1)


def reader_from_source(folder: str | Path, *, layers: int = LAYERS, frozen: int = FROZEN) -> Reader:
    """Return an untrained reader made of the lower layers of the model in `folder` (or of that name)."""
    body = BertModel.from_pretrained(
        str(folder),
        add_pooling_layer=False,
        num_hidden_layers=layers,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    types = body.embeddings.token_type_embeddings.weight.data[:1].repeat(SEGMENTS, 1)
    body.embeddings.token_type_embeddings = _embedding(types)
    body.embeddings.word_embeddings = nn.Embedding(1, int(body.config.hidden_size))
    for part in [body.embeddings, *body.encoder.layer[:frozen]]:
        part.requires_grad_(False)
    return Reader(body)


def _embedding(weights: Tensor) -> nn.Embedding:
    made = nn.Embedding(*weights.shape)
    made.weight.data.copy_(weights)
    return made


def loss_of(
    outputs: tuple[Tensor, Tensor, Tensor], segments: Tensor, starts: Tensor, ends: Tensor, answers: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the span loss and the loss of the judgement, each a mean over the batch.

    The span loss is the marginal likelihood over the gold positions; where nothing answers, position 0 is gold.

    Args:
        outputs: of the reader.
        segments: `(batch, tokens)` as the reader got them.
        starts: `(batch, tokens)` True at gold first tokens.
        ends: `(batch, tokens)` True at gold last tokens.
        answers: `(batch,)` 1 or 0.
    """
    allowed = segments > 0
    allowed[:, 0] = True
    total = torch.zeros(())
    for logits, gold in zip(outputs[:2], (starts, ends), strict=True):
        scores = torch.log_softmax(logits.masked_fill(~allowed, -1e4), dim=1)
        total = total - torch.logsumexp(scores.masked_fill(~gold, -1e4), dim=1).mean() / 2
    return total, nn.functional.binary_cross_entropy_with_logits(outputs[2], answers)


def word_vectors(folder: Path) -> npt.NDArray[np.float32]:
    """Return the `(pieces, hidden)` word embeddings of a contextual model folder."""
    from training.contextual_blocks import dequantised, read_embeddings

    return dequantised(*read_embeddings(folder))
