"""The two losses: contrast of mean vectors, and contrast of late-interaction scores (MaxSim)."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse
import torch
import torch.nn.functional as F

from training.kernels import best_matches, scatter_matches
from training.sampling import Batch
from training.table import Floats
from training.tokens import Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a batch over its unique tokens: `rows` of the table, and per text positions into `rows`."""

    rows: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    positions: Ints
    starts: Ints


def side(tokens: Ints, starts: Ints) -> Side:
    """Number the tokens of one side by their place among its unique ones."""
    rows, positions = np.unique(tokens, return_inverse=True)
    return Side(rows=rows.astype(np.int64), positions=positions.astype(np.int32), starts=starts)


class _BestMatches(torch.autograd.Function):
    @staticmethod
    def forward(ctx, similarity: torch.Tensor, positions: Ints, starts: Ints) -> torch.Tensor:  # type: ignore[no-untyped-def]
        best, where = best_matches(similarity.detach().numpy(), positions, starts)
        ctx.where, ctx.rows = where, len(similarity)
        return torch.from_numpy(best)

    @staticmethod
    def backward(ctx, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:  # type: ignore[no-untyped-def]
        return (
            torch.from_numpy(scatter_matches(gradient.contiguous().numpy(), ctx.where, ctx.rows)),
            None,
            None,
        )


class _Sums(torch.autograd.Function):
    # A sparse product: torch's own embedding_bag spends ten times as long in its backward pass here.
    @staticmethod
    def forward(ctx, vectors: torch.Tensor, positions: Ints, starts: Ints) -> torch.Tensor:  # type: ignore[no-untyped-def]
        shape = (len(starts) - 1, len(vectors))
        ctx.members = scipy.sparse.csr_matrix((np.ones(len(positions), np.float32), positions, starts), shape=shape)
        return torch.from_numpy(ctx.members @ vectors.detach().numpy())

    @staticmethod
    def backward(ctx, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:  # type: ignore[no-untyped-def]
        return torch.from_numpy(ctx.members.T @ gradient.contiguous().numpy()), None, None


def pooled(vectors: torch.Tensor, texts: Side) -> torch.Tensor:
    """Return the unit-length mean vector of each text, `(texts, dimension)`."""
    sums: torch.Tensor = _Sums.apply(vectors, texts.positions, texts.starts)  # type: ignore[no-untyped-call]
    return F.normalize(sums, dim=1)


def interaction_scores(
    query_vectors: torch.Tensor,
    passage_vectors: torch.Tensor,
    queries: Side,
    passages: Side,
    weights: torch.Tensor | None = None,
) -> torch.Tensor:
    """Return every query's MaxSim with every passage, `(queries, passages)`.

    Each query token takes the cosine of its best token in the passage; a query's score is the mean of these, weighted
    by the length of the query token's vector (Khattab and Zaharia, 2020, with a static table and learned weights), or
    by `weights`, one for each query token.
    """
    weights = torch.linalg.vector_norm(query_vectors, dim=1) if weights is None else weights
    # bfloat16 is four times as quick here, and its three digits are enough to pick the best and to rank.
    similarity = F.normalize(passage_vectors, dim=1).bfloat16() @ F.normalize(query_vectors, dim=1).bfloat16().T
    best = _BestMatches.apply(similarity.float(), passages.positions, passages.starts)  # type: ignore[no-untyped-call]
    texts = len(queries.starts) - 1
    owner = np.repeat(np.arange(texts), np.diff(queries.starts))
    counts = np.bincount(owner * len(queries.rows) + queries.positions, minlength=texts * len(queries.rows))
    share = torch.from_numpy(counts.reshape(texts, -1).astype(np.float32)) * weights
    scores: torch.Tensor = (share / share.sum(1, keepdim=True)) @ best.T
    return scores


def contrast(scores: torch.Tensor, *, scale: float) -> torch.Tensor:
    """Return InfoNCE, both ways: row `i` belongs to column `i` (van den Oord et al., 2018).

    Columns beyond the rows belong to none.
    """
    target = torch.arange(len(scores))
    square = scores[:, : len(scores)]
    return (F.cross_entropy(scale * scores, target) + F.cross_entropy(scale * square.T, target)) / 2


def batch_gradients(
    table: Floats,
    batch: Batch,
    *,
    mean_weight: float,
    interaction_weight: float,
    scale: float,
    interaction_scale: float,
) -> tuple["np.ndarray[tuple[int], np.dtype[np.int64]]", Floats, float, float]:
    """Return the touched rows of the table, their gradient, and the two losses (mean, late interaction)."""
    queries = side(batch.query_tokens, batch.query_starts)
    passages = side(batch.passage_tokens, batch.passage_starts)
    rows = np.union1d(queries.rows, passages.rows)
    query_vectors = torch.from_numpy(table[queries.rows]).requires_grad_()
    passage_vectors = torch.from_numpy(table[passages.rows]).requires_grad_()
    loss = torch.zeros(())
    mean_loss = interaction_loss = 0.0
    if mean_weight:
        part = contrast(pooled(query_vectors, queries) @ pooled(passage_vectors, passages).T, scale=scale)
        loss, mean_loss = loss + mean_weight * part, float(part.detach())
    if interaction_weight:
        part = contrast(interaction_scores(query_vectors, passage_vectors, queries, passages), scale=interaction_scale)
        loss, interaction_loss = loss + interaction_weight * part, float(part.detach())
    loss.backward()  # type: ignore[no-untyped-call]
    gradient = np.zeros((len(rows), table.shape[1]), np.float32)
    for texts, vectors in ((queries, query_vectors), (passages, passage_vectors)):
        if vectors.grad is not None:
            gradient[np.searchsorted(rows, texts.rows)] += vectors.grad.numpy()
    return rows, gradient, mean_loss, interaction_loss


def weighed_gradients(
    table: Floats,
    logs: Floats,
    batch: Batch,
    *,
    mean_weight: float,
    interaction_weight: float,
    scale: float,
    interaction_scale: float,
) -> tuple["np.ndarray[tuple[int], np.dtype[np.int64]]", Floats, Floats]:
    """Return the touched rows, their gradient, and that of the logarithms `(rows, 1)` of their weights.

    As `batch_gradients`, but a token counts in late interaction by its own weight and not by its vector's length.
    """
    queries = side(batch.query_tokens, batch.query_starts)
    passages = side(batch.passage_tokens, batch.passage_starts)
    rows = np.union1d(queries.rows, passages.rows)
    query_vectors = torch.from_numpy(table[queries.rows]).requires_grad_()
    passage_vectors = torch.from_numpy(table[passages.rows]).requires_grad_()
    own = torch.from_numpy(logs[queries.rows, 0]).requires_grad_()
    mean = contrast(pooled(query_vectors, queries) @ pooled(passage_vectors, passages).T, scale=scale)
    late = interaction_scores(query_vectors, passage_vectors, queries, passages, own.exp())
    loss = mean_weight * mean + interaction_weight * contrast(late, scale=interaction_scale)
    loss.backward()  # type: ignore[no-untyped-call]
    gradient, of_logs = np.zeros((len(rows), table.shape[1]), np.float32), np.zeros((len(rows), 1), np.float32)
    for texts, vectors in ((queries, query_vectors), (passages, passage_vectors)):
        if vectors.grad is not None:
            gradient[np.searchsorted(rows, texts.rows)] += vectors.grad.numpy()
    if own.grad is not None:
        of_logs[np.searchsorted(rows, queries.rows), 0] = own.grad.numpy()
    return rows, gradient, of_logs
